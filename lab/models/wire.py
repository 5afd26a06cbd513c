"""How a chat completion reads, and how a failure reads to a person. Pure; what a server says is data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from lab.errors import ModelError
from lab.models.calls import CUT_OFF, Answer, rough_tokens
from lab.models.endpoint import Endpoint
from lab.text import whole

if TYPE_CHECKING:
    import openai

__all__ = ["failure", "not_a_chat_model", "read_answer"]

EMPTY = "empty reply"
LONGEST_QUOTE = 300
MOST_TOKENS = 10**9  # a server that reports more has not counted


def read_answer(body: Any, request: Mapping[str, Any], latency_s: float) -> Answer | None:
    """Reads a chat completion, leniently; None when it is not one."""
    choices = _mapping(body).get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], Mapping):
        return None
    message = _mapping(choices[0].get("message"))
    text = _text(message.get("content"))
    usage = _mapping(_mapping(body).get("usage"))
    counted = [usage.get(field) for field in ("prompt_tokens", "completion_tokens")]
    estimated = not all(type(count) is int and 0 <= count < MOST_TOKENS for count in counted)
    if estimated:
        sent = sum(rough_tokens(_text(one.get("content"))) for one in request["messages"])
        counted = [sent, rough_tokens(text)]
    return Answer(
        text=text,
        flaw=_flaw(text, _text(message.get("refusal")), choices[0].get("finish_reason")),
        n_input_tokens=int(counted[0] or 0),
        n_output_tokens=int(counted[1] or 0),
        tokens_estimated=estimated,
        latency_s=latency_s,
        model=_text(_mapping(body).get("model")) or _text(request.get("model")),
    )


def failure(
    error: openai.OpenAIError,
    *,
    endpoint: Endpoint,
    model: str,
    key: str,
    timeout_s: float,
    n_tries: int,
) -> ModelError:
    """Says what went wrong, where, and what to do; the key is cut out of what a server said."""
    import openai

    url = endpoint.base_url
    if isinstance(error, openai.APIStatusError):
        quote = _quote(error.body or error.response.text, key)
        said = f" The server said: {quote}" if quote else ""
        return ModelError(_refusal(error.status_code, url, model, n_tries) + said)
    # The aiohttp transport reports a refused connection as a timeout; its cause tells them apart.
    if any(isinstance(cause, TimeoutError) for cause in _causes(error)):
        return ModelError(
            f"{url} gave no answer within {timeout_s:g} s, tried {n_tries} times. "
            "Ask again later, or choose a faster model."
        )
    if isinstance(error, openai.APIConnectionError):
        return ModelError(
            f"Nothing answers at {url} (no connection, or it broke), tried {n_tries} times. "
            "Check the address, the network, and that the server is running."
        )
    return ModelError(f"The call to {url} failed: {_quote(str(error), key)}. Check the endpoint's settings.")


def not_a_chat_model(endpoint: Endpoint, body: Any, key: str) -> ModelError:
    """Says that a server answered something else than a chat completion."""
    quote = _quote(body, key)
    return ModelError(
        f"{endpoint.base_url} answered, but not as a chat model does. Check that the address is that of an "
        f"OpenAI-compatible server; most end in /v1.{f' The server said: {quote}' if quote else ''}"
    )


def _refusal(status: int, url: str, model: str, n_tries: int) -> str:
    if status in (401, 403):
        return (
            f"{url} refused the key ({status}). Set OPENAI_API_KEY to one that is valid there, and OPENAI_BASE_URL "
            "to this address: the key is sent to no other."
        )
    if status == 404:
        return (
            f"There is no model {model!r} at {url} (404). "
            "Check the model's name, and that the address is whole; most end in /v1."
        )
    if status == 429:
        return (
            f"{url} takes no more calls for now (429), tried {n_tries} times. Wait, or check the account's quota."
        )
    if status >= 500:
        return f"{url} failed on its side ({status}), tried {n_tries} times. Look at it, then ask again."
    return f"{url} did not accept the request ({status}). Check that {model!r} takes such a request."


def _flaw(text: str, refusal: str, finish: Any) -> str | None:
    if refusal.strip():
        return f"refused: {_clean(refusal)}"
    if finish == "content_filter":
        return "refused: stopped by the server's content filter"
    if finish == "length":
        return CUT_OFF
    return None if text.strip() else EMPTY


def _text(content: Any) -> str:
    """Reads a content that is a string, nothing, or a list of parts."""
    if isinstance(content, list):
        return "".join(_text(_mapping(part).get("text")) for part in content)
    return whole(content) if isinstance(content, str) else ""


def _quote(body: Any, key: str) -> str:
    """Finds the message in an error body of any shape; the key goes before the cut, lest half of it stay."""
    found = body
    for field in ("error", "message", "detail"):
        found = _mapping(found).get(field) or found
    text = found if isinstance(found, str) else str(found or "")
    return _clean(text.replace(key, "[key]") if key else text)


def _clean(text: str) -> str:
    plain = " ".join(re.sub(r"[^\x20-\x7e\xa0-\uffff\U00010000-\U0010ffff]", " ", text).split())
    return plain if len(plain) <= LONGEST_QUOTE else f"{plain[:LONGEST_QUOTE]}…"


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
