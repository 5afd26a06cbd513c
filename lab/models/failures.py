"""What a failed try means: whether it may pass, and how it reads to a person. Pure; what a server says is data."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Literal

from lab.core.flaws import Flaw
from lab.errors import ModelError
from lab.i18n import Message, gettext_lazy, ngettext_lazy
from lab.models.refused import fields_named, most_tokens_named
from lab.models.wire import clean, mapping

if TYPE_CHECKING:
    import httpx2

__all__ = ["FailedCall", "Failure", "of_body", "of_choice", "of_error", "of_response", "sentence"]

LONGEST_WAIT_S = 60.0  # what a server may ask for; one that wants more is asked again, and counted as a try
_NONSENSE_S = 31 * 86_400.0
LONGEST_PAUSE_S = 600.0  # who asks for a longer one is not waited for: a person is told

_NO_CREDIT = "insufficient_quota"  # a 429 that waiting does not heal
_TOO_LONG = ("context_length_exceeded", "exceed_context_size_error")
# The same in words, as other makers say it; at the end they speak of the reply's limit as well.
_SAYS_TOO_LONG = re.compile(
    r"(?:prompt|input|request|messages?|conversation)[^.]{0,40}\b(?:is|are) too (?:long|large)"
    r"|(?:maximum|max) context|context (?:length|window|size)|exceed\w*[^.]{0,60}\b(?:tokens? allowed|context)"
    r"|token count[^.]{0,60}exceed|too many (?:input |total )?tokens\b|reduce the length of"
    r"|`inputs` tokens|input (?:length|tokens)[^.]{0,40}exceed",
    re.IGNORECASE,
)
_SAYS_NO_CREDIT = re.compile(
    r"credit balance|insufficient (?:credits?|balance|funds)|(?:out of|enough) (?:credits?|balance)\\b|hard limit",
    re.IGNORECASE,
)
_SAYS_CROWDED = re.compile(r"too many requests|\brate.?limit", re.IGNORECASE)
_SAYS_WAIT = re.compile(
    r"(?:try again|retry|retrydelay|wait)\b[^.\d]{0,40}?(?P<time>(?:\d{1,6}(?:\.\d{1,9})?\s?"
    r"(?:ms|milliseconds?|h(?:ours?|rs?)?|d(?:ays?)?|m(?:in(?:ute)?s?)?|s(?:ec(?:ond)?s?)?)\b\s?){1,3}"
    r"|(?:\d{1,4}[hm]){1,2}\d{1,4}(?:\.\d{1,9})?s)",
    re.IGNORECASE,
)
_A_TIME = re.compile(r"(?P<n>\d+(?:\.\d+)?)\s?(?P<unit>ms|mil|[dhms])", re.IGNORECASE)
_SECONDS = {"ms": 0.001, "mil": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_FILTERED = ("content_filter", "content_policy_violation", "data_inspection_failed", "ResponsibleAIPolicyViolation")
_UNSUPPORTED = ("unsupported_parameter", "unsupported_value", "unknown_parameter")
_EXTRA = ("extra_forbidden", "value_error.extra")  # pydantic's words, in what FastAPI calls `detail`
_HIDDEN = re.compile(r"<(?:(?P<name>script|style)\b|!--)", re.IGNORECASE)
LONGEST_PAGE = 100_000  # characters of an error that are looked at
_OF_ENDPOINT = (401, 402, 404, 405, 407, 410)  # refusals that another request would meet too


@dataclass(frozen=True)
class Failure:
    """Why a try came to nothing.

    `reading`: a reply that is none; `odd`: one that could not even be read; `unfinished`: one that the server
    began and did not end; `errored`: one that says inside that it failed. `said` is the
    server's, cleaned; `codes` its `code` and `type`; `fields` what it does not take; `pause_s` what it asks for.
    """

    kind: Literal["status", "time", "connection", "reading", "odd", "unfinished", "errored", "other"]
    said: str = ""
    status: int = 0
    codes: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    pause_s: float = 0.0
    says: Literal["", "too_long", "crowded"] = ""  # by its words, whatever the status
    most_tokens: int = 0  # of a reply, where more were asked for

    @property
    def wait_s(self) -> float:
        """What is waited before another try, of what the server asks for."""
        return min(self.pause_s, LONGEST_WAIT_S)

    @property
    def is_paused(self) -> bool:
        """Whether the server asks for a pause for which nobody waits."""
        return self.kind == "status" and self.pause_s > LONGEST_PAUSE_S

    @property
    def may_pass(self) -> bool:
        """Whether the same request may be answered if it is sent again."""
        if self.kind == "status":
            passing = self.status in (408, 409, 429) or self.status >= 500 or self.says == "crowded"
            return passing and _NO_CREDIT not in self.codes and not self.is_paused
        return self.kind != "other"

    @property
    def is_of_call(self) -> bool:
        """Whether it was this request that was refused, so that another one may well be answered."""
        lasting = self.kind == "status" and 400 <= self.status < 500 and not self.may_pass
        of_all = self.status in _OF_ENDPOINT or _NO_CREDIT in self.codes or self.is_paused
        return lasting and not of_all

    @property
    def is_filtered(self) -> bool:
        """Whether a content filter took offence at the request."""
        return any(code in _FILTERED for code in self.codes)

    @property
    def is_too_long(self) -> bool:
        """Whether the request is longer than the model takes."""
        return self.status == 413 or self.says == "too_long" or any(code in _TOO_LONG for code in self.codes)

    @property
    def is_crowded(self) -> bool:
        """Whether the server says that it is asked too much."""
        return self.may_pass and (self.status in (429, 503) or self.says == "crowded")


class FailedCall(ModelError):
    """A call that was tried as often as made sense.

    `is_own` where another one may well be answered; `failed_at` is when each try failed, by the clock of its pace.
    """

    def __init__(self, message: str, failure: Failure, *, is_own: bool, failed_at: tuple[float, ...] = ()) -> None:
        super().__init__(message, status=failure.status)
        self.failure = failure
        self.is_own = is_own
        self.failed_at = failed_at

    @property
    def flaw(self) -> Flaw:
        """What is said of the answer that never came."""
        failure = self.failure
        why = (
            "filtered" if failure.is_filtered
            else "too_long" if failure.is_too_long
            else "refused" if failure.is_of_call
            else "failing" if self.is_own
            else "time" if failure.kind == "time"
            else "tries"
        )  # fmt: skip
        return Flaw("not_answered", failure.status, texts=(why, failure.said))


def of_error(error: Exception, key: str) -> Failure:
    """Read what came instead of a response: raised by the SDK, by the transport, or let through by one of them."""
    import httpx2

    from lab.models.transport import UnreadError

    # The aiohttp transport reports a refused connection as a timeout; its cause tells them apart.
    if any(isinstance(cause, TimeoutError) for cause in _causes(error)):
        return Failure("time")
    if isinstance(error, httpx2.RequestError):
        return Failure("connection")
    import openai

    if isinstance(error, openai.APIConnectionError):
        return Failure("connection")
    if isinstance(error, openai.OpenAIError):
        return Failure("other", _quote(str(error), key))
    if isinstance(error, UnreadError):
        return Failure("odd", error.args[0])
    return Failure("odd", _quote(str(error), key))


def of_response(response: httpx2.Response, key: str, now: Callable[[], float]) -> Failure:
    """Read a response that refuses; `now` gives the time of day, in seconds since 1970."""
    status = response.status_code
    try:
        body = response.json()
    except (ValueError, RecursionError):
        body = None
    moved_to = response.headers.get("location", "") if 300 <= status < 400 else ""
    failure = _status(status, _unwrapped(body), moved_to or body or response.text, key)
    return replace(failure, pause_s=_asked_s(response.headers, now) or failure.pause_s)


def of_body(body: Any, key: str) -> Failure:
    """Read a reply that is not the JSON asked for; some servers send an error as if all were well."""
    told = mapping(mapping(body).get("error"))
    status = str(told.get("code", ""))
    if re.fullmatch(r"[45]\d\d", status):
        return _status(int(status), told, body, key)
    says_failed = told or (isinstance(body, Mapping) and isinstance(body.get("error"), str) and body["error"])
    return Failure("errored" if says_failed else "reading", _quote(body, key))


def of_choice(choice: Mapping[str, Any], key: str) -> Failure | None:
    """Read a choice that says of itself that it failed; None for any other."""
    error = choice.get("error")
    if not error and choice.get("finish_reason") != "error":
        return None
    return Failure("errored", _quote({"error": error}, key) if error else "")


def _status(status: int, body: Mapping[str, Any], said: Any, key: str) -> Failure:
    codes = (body.get(name) for name in ("code", "type"))
    inner = mapping(body.get("innererror")).get("code")
    quoted = _quote(said, key)
    has_no_credit = status in (400, 402, 403, 429) and _SAYS_NO_CREDIT.search(quoted)
    fields = _fields(body, said) if status in (400, 422) else ()
    return Failure(
        "status",
        said=quoted,
        status=status,
        codes=tuple(str(code) for code in (*codes, inner, _NO_CREDIT if has_no_credit else "") if code),
        fields=fields,
        most_tokens=most_tokens_named(_message(said)) if status in (400, 422) else 0,
        pause_s=_said_s(said, quoted) if status in (400, 403, 429, 503) else 0.0,
        says=_says(status, fields, quoted),
    )


def _says(status: int, fields: tuple[str, ...], said: str) -> Literal["", "too_long", "crowded"]:
    """Return what an error says in words alone; one that names a field is about that."""
    if status in (400, 403) and _SAYS_CROWDED.search(said):
        return "crowded"
    if status in (400, 422, 500) and not fields and _SAYS_TOO_LONG.search(said):
        return "too_long"
    return ""


def _said_s(said: Any, quoted: str) -> float:
    """Read the pause that an error asks for in words: "try again in 1m26.4s", `"retryDelay": "7s"`."""
    details = mapping(mapping(said[0] if isinstance(said, list) and said else said).get("error")).get("details")
    delays = [mapping(one).get("retryDelay") for one in details] if isinstance(details, list) else []
    delay = next((f"retry {one}" for one in delays if isinstance(one, str)), quoted)
    found = _SAYS_WAIT.search(delay)
    times = _A_TIME.finditer(found["time"]) if found else ()
    return sum(float(one["n"]) * _SECONDS[one["unit"].lower()] for one in times)


def sentence(failure: Failure, *, url: str, model: str, timeout_s: float, n_tries: int) -> str:
    """Describe what went wrong, where, and what to do."""
    tried = ngettext_lazy("tried once", "tried {n} times", n_tries)
    if failure.kind == "time":
        return gettext_lazy(
            "{url} gave no answer within {timeout_s:g} s, {tried}. "
            "Ask again later, choose a faster model, or allow more time.",
            url=url, timeout_s=timeout_s, tried=tried,
        )  # fmt: skip
    if failure.kind == "connection":
        return gettext_lazy(
            "Nothing answers at {url} (no connection, or it broke), {tried}. "
            "Check the address, the network, and that the server is running.",
            url=url, tried=tried,
        )  # fmt: skip
    if failure.kind == "odd":
        return gettext_lazy(
            "{url} sent an answer that cannot be read, {tried}: {said}. Look at the server.",
            url=url, tried=tried, said=failure.said,
        )  # fmt: skip
    if failure.kind == "other":
        return gettext_lazy(
            "The call to {url} failed: {said}. Check the endpoint's settings.", url=url, said=failure.said
        )
    found = _answered(failure, url, model, tried)
    if not failure.said:
        return found
    return gettext_lazy("{sentence} The server said: {said}", sentence=found, said=failure.said)


def _answered(failure: Failure, url: str, model: str, tried: Message) -> str:
    """Describe a failure that a server speaks of itself."""
    if failure.kind == "reading":
        return gettext_lazy(
            "{url} answered, but not as a chat model does, {tried}. Check that the address is that of an "
            "OpenAI-compatible server; most end in /v1.",
            url=url, tried=tried,
        )  # fmt: skip
    if failure.kind == "errored":
        return gettext_lazy(
            "{url} reports that its reply failed, {tried}. Look at the server, then ask again.",
            url=url,
            tried=tried,
        )
    return _refusal(failure, url, model, tried)


def _refusal(failure: Failure, url: str, model: str, tried: Message) -> str:
    status = failure.status
    if failure.is_paused:
        return gettext_lazy(
            "{url} takes no more calls for {pause} ({status}). Go on then, which makes the "
            "missing calls only, or choose another endpoint.",
            url=url, pause=_long(failure.pause_s), status=status,
        )  # fmt: skip
    if status == 402 or _NO_CREDIT in failure.codes:
        return gettext_lazy(
            "The account at {url} has no credit left ({status}). "
            "Waiting does not help: add credit there, or choose another endpoint.",
            url=url, status=status,
        )  # fmt: skip
    if status in (401, 403):
        return gettext_lazy(
            "{url} refused the key ({status}). Enter one that is valid there in the page, give it to "
            "connect(key=...), or set OPENAI_API_KEY to it and OPENAI_BASE_URL to this address. A key is sent to "
            "no other.",
            url=url, status=status,
        )  # fmt: skip
    if 300 <= status < 400:
        return gettext_lazy(
            "{url} redirects to another address ({status}), and neither prompts nor a key are sent there unasked. "
            "Give the address that answers itself.",
            url=url, status=status,
        )  # fmt: skip
    if status == 404:
        return gettext_lazy(
            "There is no model {model!r} at {url} (404). "
            "Check the model's name, and that the address is whole; most end in /v1.",
            model=model, url=url,
        )  # fmt: skip
    if status == 429 or failure.says == "crowded":
        return gettext_lazy(
            "{url} takes no more calls for now ({status}), {tried}. "
            "Wait, or lower the concurrency or calls per minute.",
            url=url, status=status, tried=tried,
        )  # fmt: skip
    if failure.may_pass:
        return gettext_lazy(
            "{url} failed on its side ({status}), {tried}. Look at it, then ask again.",
            url=url, status=status, tried=tried,
        )  # fmt: skip
    return _refusal_of_call(failure, url, model)


def _long(pause_s: float) -> Message:
    if pause_s >= 2 * 86_400:
        return ngettext_lazy("about {n} day", "about {n} days", round(pause_s / 86_400))
    if pause_s >= 2 * 3600:
        return ngettext_lazy("about {n} hour", "about {n} hours", round(pause_s / 3600))
    return ngettext_lazy("about {n} minute", "about {n} minutes", round(pause_s / 60))


def _refusal_of_call(failure: Failure, url: str, model: str) -> str:
    status = failure.status
    if failure.is_filtered:
        return gettext_lazy("The content filter of {url} refused the request ({status}).", url=url, status=status)
    if failure.is_too_long:
        return gettext_lazy(
            "This request is too long for {model!r} at {url} ({status}). Shorten the prompt or the input.",
            model=model, url=url, status=status,
        )  # fmt: skip
    return gettext_lazy(
        "{url} did not accept the request ({status}). Check that {model!r} takes such a request.",
        url=url, status=status, model=model,
    )  # fmt: skip


def _fields(body: Mapping[str, Any], said: Any) -> tuple[str, ...]:
    """Find the fields that were refused, as OpenAI says it, as FastAPI does, or else by the words of the error."""
    if body.get("code") in _UNSUPPORTED and body.get("param"):
        return (str(body["param"]),)
    details = body.get("detail")
    extra = (
        [mapping(one) for one in details if mapping(one).get("type") in _EXTRA] if isinstance(details, list) else []
    )
    places = [one["loc"] for one in extra if isinstance(one.get("loc"), list) and one["loc"]]
    if places:
        return tuple(str(where[-1]) for where in places)
    return () if body.get("code") in (*_TOO_LONG, *_FILTERED) else fields_named(_message(said))


def _asked_s(headers: Mapping[str, str], now: Callable[[], float]) -> float:
    """Read Retry-After (seconds or a date) and OpenAI's finer retry-after-ms; 0 where there is none."""
    wait_s = _number(headers.get("retry-after-ms")) / 1000 or _number(headers.get("retry-after"))
    if not wait_s:
        try:
            wait_s = parsedate_to_datetime(headers.get("retry-after", "")).timestamp() - now()
        except (ValueError, TypeError, OverflowError):
            wait_s = 0.0
    return wait_s if 0 < wait_s < _NONSENSE_S else 0.0


def _number(text: str | None) -> float:
    try:
        number = float(text or 0)
    except ValueError:
        return 0.0
    return 0.0 if math.isnan(number) else max(number, 0.0)


def _quote(body: Any, key: str) -> str:
    """Find the message in an error body of any shape; the key goes before the cut, lest half of it stay."""
    text = _message(body)
    return clean(text.replace(key, "[key]") if key else text)


def _message(body: Any) -> str:
    found = body[0] if isinstance(body, list) and len(body) == 1 else body
    for name in ("error", "detail", "message"):
        found = mapping(found).get(name) or found
    if isinstance(found, list):
        found = "; ".join(map(_detail, found))
    text = found if isinstance(found, str) else str(found or "")
    return _plain(text) if text.lstrip().startswith("<") else text[:LONGEST_PAGE]


def _unwrapped(body: Any) -> Mapping[str, Any]:
    """Return the object that holds `code`, `type` and `param`: most servers put it into an `error`."""
    found = mapping(body[0] if isinstance(body, list) and body else body)
    return mapping(found.get("error")) or found


def _detail(one: Any) -> str:
    """Write one of FastAPI's complaints: where, and what."""
    where, what = mapping(one).get("loc"), mapping(one).get("msg")
    if not what:
        return str(one)
    return f"{'.'.join(map(str, where))}: {what}" if isinstance(where, list) else str(what)


def _plain(page: str) -> str:
    """Return the text of an HTML page, without what a browser would not show."""
    page, shown, at = page[:LONGEST_PAGE], [], 0
    while hidden := _HIDDEN.search(page, at):
        shown.append(page[at : hidden.start()])
        name = hidden["name"]
        end = re.compile(rf"</{name}" if name else "-->", re.IGNORECASE).search(page, hidden.end())
        if end is None:  # a browser shows nothing of the rest either
            at = len(page)
            break
        at = end.end()
    shown.append(page[at:])
    # No tag reaches over the beginning of another: each character is looked at once.
    return html.unescape(re.sub(r"<[^<>]*>|>", " ", " ".join(shown)))


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__
