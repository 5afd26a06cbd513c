"""The client: adapts to what an endpoint takes, tries again, keeps pace, and says what happened.

The real SDK against a real server on a loopback port, written here to behave as servers do.
"""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
import traceback
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from email.utils import formatdate
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from support.flaws import in_words

from lab.core.flaws import Flaw
from lab.errors import MisuseError, ModelError
from lab.models.calls import Answer
from lab.models.capabilities import Capabilities
from lab.models.client import NO_END, Client
from lab.models.connections import Connections
from lab.models.endpoint import Endpoint
from lab.models.failures import LONGEST_WAIT_S, Failure, of_body, sentence
from lab.models.pace import WINDOW_S, Pace, Turn
from lab.models.refused import fields_named
from lab.models.roles import Limits
from lab.models.wire import Dialect, read_answer

TOOL = "no text: the model called a tool that was not offered to it"
EATEN = "cut off at the token limit, before a first word: a model that reasons needs more tokens"
UNFINISHED = Flaw("unfinished")
KEY = "sk-planted-0123456789"
ASKED: dict[str, Any] = {"model": "solver", "messages": [{"role": "user", "content": "4"}]}
PATIENT = Limits(tries=4)


@pytest.fixture(autouse=True)
def _no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


class Fast:
    """Time that passes when someone waits: written down, and never waited for."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waits: list[float] = []

    def clock(self) -> float:
        return self.now

    async def sleep(self, wait_s: float) -> None:
        self.waits.append(wait_s)
        self.now += wait_s
        await asyncio.sleep(0)

    def pace(self, limits: Limits = PATIENT) -> Pace:
        return Pace(limits, clock=self.clock, sleep=self.sleep)


def completion(text: str = "yes", **changes: Any) -> JSONResponse:
    body = {
        "model": "as-served",
        "system_fingerprint": "fp-1",
        "choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 7, "completion_tokens": 3},
    }
    return JSONResponse({**body, **changes})


def choice(**fields: Any) -> JSONResponse:
    message = {"role": "assistant", "content": fields.pop("content", None), **fields.pop("message", {})}
    return completion(choices=[{"message": message, "finish_reason": "stop", **fields}])


def unsupported(name: str, code: str = "unsupported_parameter") -> JSONResponse:
    said = f"Unsupported parameter: '{name}' is not supported with this model."
    error = {"message": said, "type": "invalid_request_error", "param": name, "code": code}
    return JSONResponse({"error": error}, 400)


Respond = Callable[[dict[str, Any]], Response | Awaitable[Response]]


class Served:
    """A server that writes down what it was sent, and answers as it is told."""

    def __init__(self, respond: Respond | Sequence[Callable[[], Response]]) -> None:
        self.bodies: list[bytes] = []
        self.paths: list[str] = []
        self.keys: set[str] = set()
        self._respond = respond
        self.app = Starlette(routes=[Route("/v1/{path:path}", self._answer, methods=["POST"])])

    @property
    def sent(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body in self.bodies]

    async def _answer(self, request: HttpRequest) -> Response:
        self.bodies.append(await request.body())
        self.paths.append(request.url.path)
        self.keys.add(request.headers["authorization"])
        if not callable(self._respond):  # one after the other, the last for ever
            return self._respond[min(len(self.bodies), len(self._respond)) - 1]()
        got = self._respond(self.sent[-1])
        return got if isinstance(got, Response) else await got

    @contextmanager
    def listening(self) -> Iterator[str]:
        """Serves over a loopback port and gives the base URL."""
        port, places = listener()
        place = f"s{len(places)}"
        places[place] = self.app
        yield f"http://127.0.0.1:{port}/{place}/v1"


@cache
def listener() -> tuple[int, dict[str, ASGIApp]]:
    """Starts the one listening server of these tests: apps may be added, each under the first part of its path."""
    places: dict[str, ASGIApp] = {}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        _, place, path = scope["path"].split("/", 2)
        await places[place]({**scope, "path": f"/{path}"}, receive, send)

    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="off"))
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.002)
    return server.servers[0].sockets[0].getsockname()[1], places


async def ask(
    served: Served, *requests: dict[str, Any], fast: Fast | None = None, limits: Limits = PATIENT, **how: Any
) -> list[Answer]:
    """Asks one request after another, in one loop, without waiting between tries."""

    async def run(url: str) -> list[Answer]:
        client = Client(Endpoint("solver", url), limits=limits, pace=(fast or Fast()).pace(limits), **how)
        return [await client.answer(request) for request in requests or (ASKED,)]

    with served.listening() as url:
        return await run(url)


# Replies


@pytest.mark.parametrize(
    ("response", "text", "flaw"),
    [
        (lambda: choice(content="so fa", finish_reason="length"), "so fa", "cut off at the token limit"),
        (lambda: choice(content=None), "", "empty reply"),
        (lambda: choice(message={"refusal": "No,\nthanks."}), "", "refused: No, thanks."),
        (
            lambda: choice(content="", finish_reason="content_filter"),
            "",
            "refused: stopped by the server's content filter",
        ),
        (lambda: choice(content="so fa", finish_reason=None), "so fa", "truncated: the server did not end it"),
        (lambda: choice(content="", finish_reason="length"), "", EATEN),
        (lambda: choice(message={"reasoning": "Hm, 4."}, finish_reason="length"), "", EATEN),
        (
            lambda: choice(message={"reasoning_content": "Hm, 4."}),
            "",
            "only thought aloud, and said nothing after it",
        ),
        (lambda: choice(content=None, message={"tool_calls": [{"id": "a"}]}), "", TOOL),
        (lambda: choice(content="", finish_reason="SAFETY"), "", "refused: stopped by the server's content filter"),
        (lambda: choice(content="so fa", finish_reason="MAX_TOKENS"), "so fa", "cut off at the token limit"),
        (lambda: choice(content={"type": "text", "text": "yes"}), "yes", None),
        (lambda: choice(content="yes", message={"reasoning": "Hm, 4."}), "yes", None),
        (lambda: choice(content=[{"type": "text", "text": "in "}, {"text": "parts"}]), "in parts", None),
        (lambda: choice(content=[{"type": "thinking", "text": "Hm."}, {"text": "yes"}]), "yes", None),
        (lambda: completion(choices=[{"message": {"content": "no word of its end"}}]), "no word of its end", None),
    ],
)
async def test_a_reply_says_in_words_why_it_is_not_whole(
    response: Callable[[], Response], text: str, flaw: str | None
) -> None:
    (answer,) = await ask(Served([response]), limits=Limits(tries=2))
    assert (answer.text, answer.flaw and in_words(answer.flaw)) == (text, flaw)


async def test_a_prompt_goes_to_completions_and_its_text_may_be_null() -> None:
    replies = [
        lambda: completion(choices=[{"text": " four", "finish_reason": "stop"}], usage=None),
        lambda: completion(choices=[{"text": None, "finish_reason": "stop"}]),
    ]
    served = Served(replies)
    whole, null = await ask(served, *[{"model": "m", "prompt": "2 + 2 =", "suffix": "."}] * 2)
    assert served.paths == ["/v1/completions"] * 2
    assert (whole.text, whole.flaw, whole.n_input_tokens, whole.n_output_tokens) == (" four", None, 3, 2)
    assert (null.text, null.flaw) == ("", Flaw("empty_reply"))


async def test_tokens_are_the_servers_count_where_it_counts_and_a_marked_guess_elsewhere() -> None:
    counted, guessed = await ask(
        Served([completion, lambda: completion("x" * 9, usage=None, model=None, system_fingerprint=None)]),
        ASKED,
        ASKED,
    )
    assert (counted.n_input_tokens, counted.n_output_tokens, counted.tokens_estimated) == (7, 3, False)
    assert (counted.model, counted.fingerprint) == ("as-served", "fp-1")
    assert (guessed.n_input_tokens, guessed.n_output_tokens, guessed.tokens_estimated) == (1, 3, True)
    assert (guessed.model, guessed.fingerprint) == ("solver", "")


async def test_log_probabilities_come_with_the_answer() -> None:
    given = {"content": [{"token": "yes", "logprob": -0.5, "top_logprobs": [{"token": "no", "logprob": -1.5}]}]}
    (answer,) = await ask(Served([lambda: choice(content="yes", logprobs=given)]))
    assert [(token.text, token.logprob, token.others) for token in answer.tokens] == [
        ("yes", -0.5, (("no", -1.5),))
    ]


@pytest.mark.parametrize("finish", ["stop", "length", None])
async def test_a_reply_is_cut_at_the_stop_whether_the_server_did_or_not(finish: str | None) -> None:
    limits = Limits(tries=1)
    (answer,) = await ask(
        Served([lambda: choice(content="(A) since\nQ: next", finish_reason=finish)]),
        {**ASKED, "stop": ["!!", "\nQ:"]},
        limits=limits,
    )
    assert (answer.text, answer.flaw) == ("(A) since", None)


async def test_half_a_character_in_a_reply_is_replaced() -> None:
    halves = '{"choices": [{"message": {"content": "do \\ud83d it"}, "finish_reason": "stop"}]}'
    (answer,) = await ask(Served([lambda: Response(halves, media_type="application/json")]))
    assert answer.text == "do \ufffd it"


async def test_half_a_character_in_a_request_is_refused_before_it_is_sent() -> None:
    served = Served([completion])
    with pytest.raises(MisuseError, match="half a character"):
        await ask(served, {"model": "m", "messages": [{"role": "user", "content": "broken \ud83d"}]})
    assert served.bodies == []


FIELDS = st.sampled_from(
    ["choices", "message", "content", "text", "refusal", "usage", "prompt_tokens", "completion_tokens", "model",
     "finish_reason", "logprobs", "error", "detail", "loc", "msg", "type", "code", "param", "system_fingerprint"]
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS | st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


@given(JSON, st.lists(st.fixed_dictionaries({}, optional={"message": JSON, "text": JSON, "logprobs": JSON})))
def test_whatever_a_server_says_is_read_or_said_to_be_no_reply(body: Any, choices: list[Any]) -> None:
    for said in (body, {"choices": choices, "usage": body}):
        found = read_answer(said, {**ASKED, "stop": "x"}, key=KEY)
        assert found is None or isinstance(found.json, str)
        assert sentence(of_body(said, KEY), url="u", model="m", timeout_s=1, n_tries=1).startswith(
            ("u answered", "u reports")
        )


# Adapting


async def test_a_refused_token_limit_is_renamed_once_and_never_again() -> None:
    served = Served(lambda body: unsupported("max_tokens") if "max_tokens" in body else completion())
    request = {**ASKED, "max_tokens": 9}
    fast = Fast()
    answers = await ask(served, request, request, ASKED, fast=fast)
    assert [[name for name in body if "max" in name] for body in served.sent] == [
        ["max_tokens"], ["max_completion_tokens"], ["max_completion_tokens"], [],
    ]  # fmt: skip
    assert served.sent[1] == {**ASKED, "max_completion_tokens": 9}
    said = ("max_tokens was refused; sent as max_completion_tokens",)
    assert [answer.notes for answer in answers] == [said, said, ()]
    assert fast.waits == []


async def test_a_token_limit_refused_by_both_names_is_an_error_and_no_unbounded_reply() -> None:
    def refuse(body: dict[str, Any]) -> Response:
        return unsupported("max_tokens" if "max_tokens" in body else "max_completion_tokens")

    served = Served(refuse)
    with pytest.raises(ModelError, match=r"did not accept the request \(400\).*max_completion_tokens"):
        await ask(served, {**ASKED, "max_tokens": 9})
    assert len(served.bodies) == 2


async def test_refused_fields_are_left_out_one_by_one_and_the_answer_says_so() -> None:
    def refuse(body: dict[str, Any]) -> Response:
        if "temperature" in body:
            return unsupported("temperature", "unsupported_value")
        extra = {"type": "extra_forbidden", "loc": ["body", "seed"], "msg": "Extra inputs are not permitted"}
        return JSONResponse({"detail": [extra]}, 422) if "seed" in body else completion()

    served = Served(refuse)
    first, second = await ask(served, *[{**ASKED, "temperature": 0.0, "seed": 3}] * 2, limits=Limits(tries=1))
    assert served.sent[2:] == [ASKED, ASKED]
    assert (
        first.notes
        == second.notes
        == (
            "temperature was refused: the endpoint uses its own",
            "seed was refused: equal requests may be answered otherwise each time",
        )
    )


async def test_calls_refused_together_learn_together() -> None:
    served = Served(lambda body: unsupported("temperature") if "temperature" in body else completion())

    async def run(url: str) -> tuple[str, ...]:
        client = Client(Endpoint("solver", url))
        answers = await asyncio.gather(*(client.answer({**ASKED, "temperature": 0.5}) for _ in range(20)))
        assert {answer.text for answer in answers} == {"yes"}
        return client.adaptations

    with served.listening() as url:
        assert (await run(url)) == ("temperature was refused: the endpoint uses its own",)
    assert len(served.bodies) <= 40


async def test_what_one_model_refuses_is_sent_to_the_next() -> None:
    served = Served(lambda body: unsupported("seed") if body["model"] == "old" and "seed" in body else completion())
    await ask(served, {**ASKED, "model": "old", "seed": 1}, {**ASKED, "model": "new", "seed": 1})
    assert [(body["model"], "seed" in body) for body in served.sent] == [
        ("old", True),
        ("old", False),
        ("new", True),
    ]


@pytest.mark.parametrize(
    ("field", "error"),
    [
        # Gemini, Mistral, Anthropic, Cohere, xAI, vLLM, Ollama and OpenAI, as they word it
        ("seed", [{"error": {"code": 400, "message": 'Invalid JSON payload received. Unknown name "seed": Cannot find '
                                                     "field.", "status": "INVALID_ARGUMENT"}}]),
        ("seed", {"message": "seed: Extra inputs are not permitted"}),
        ("seed", {"error": {"message": "Unrecognized request argument supplied: seed", "type": "invalid_request_error",
                            "param": None, "code": None}}),
        ("stop", {"error": "Argument not supported on this model: stop"}),
        ("temperature", {"error": {"message": "`temperature` is deprecated for this model."}}),
        ("temperature", {"error": {"message": "Unsupported value: temperature does not support 0.2 with this model. "
                                              "Only the default (1) value is supported."}}),
        ("max_tokens", {"error": {"message": "Unsupported parameter: max_tokens is not supported with this model. Use "
                                             "max_completion_tokens instead."}}),
        ("logprobs", {"error": {"message": "json: cannot unmarshal bool into Go struct field .logprobs of type int"}}),
        ("top_logprobs", {"detail": "top_logprobs is not supported"}),
        ("n", {"error": {"message": "'n' was unexpected"}}),
    ],
)  # fmt: skip
async def test_a_field_that_is_refused_in_words_alone_is_left_out_once_and_for_all(field: str, error: Any) -> None:
    def refuse(body: dict[str, Any]) -> Response:
        return JSONResponse(error, 400) if field in body else completion()

    served = Served(refuse)
    request = {**ASKED, "temperature": 0.2, "seed": 0, "stop": ["\n"], "max_tokens": 9, "n": 1,
               "logprobs": True, "top_logprobs": 1}  # fmt: skip
    first, second = await ask(served, request, {**request, "seed": 1}, limits=Limits(tries=1))
    assert [field in body for body in served.sent] == [True, False, False]
    assert [answer.text for answer in (first, second)] == ["yes", "yes"]
    assert any(note.startswith(field) for note in first.notes)


@pytest.mark.parametrize(
    "said",
    [
        "This model's maximum context length is 4096 tokens, however you requested 5000: 4744 in the messages, 256 in "
        "the completion. Please reduce the length of the messages or max_tokens.",
        "Stop asking for that: it is not allowed here.",
        "The seed of doubt is not supported by our policy.",
        "Model 'mock' is not supported.",
        "",
    ],
)
async def test_words_that_name_no_field_teach_nothing(said: str) -> None:
    served = Served([lambda: JSONResponse({"error": {"message": said}}, 400)])
    with pytest.raises(ModelError):
        await ask(served, {**ASKED, "seed": 1, "stop": ["\n"], "max_tokens": 256})
    assert len(served.bodies) == 1


def test_fields_are_looked_for_in_long_errors_in_no_time() -> None:
    for text in (
        "stream " * 10**5,
        "unknown field " * 10**5,
        "only " * 10**5 + "x" * 10**6,
        "not support" + "'seed" * 10**5,
    ):
        start = time.process_time()
        fields_named(text)
        assert time.process_time() - start < 0.5


async def test_clients_of_one_model_learn_from_each_other() -> None:
    served = Served(lambda body: unsupported("seed") if "seed" in body else completion())
    with served.listening() as url:
        connections = Connections()
        for n in (2, 3):
            await connections.client(Endpoint("solver", url), Limits(concurrency=n)).answer({**ASKED, "seed": n})
    assert ["seed" in body for body in served.sent] == [True, False, False]


@pytest.mark.parametrize("field", ["messages", "grammar"])
async def test_what_a_request_asks_is_never_left_out(field: str) -> None:
    served = Served([lambda: unsupported(field)])
    with pytest.raises(ModelError, match=f"'{field}' is not supported"):
        await ask(served, {**ASKED, "logprobs": True, "grammar": "root ::= x"})
    assert len(served.bodies) == 1


@pytest.mark.parametrize(("known", "sent"), [("max_completion_tokens", {"max_completion_tokens": 9}), ("", {})])
async def test_the_token_limit_goes_by_the_name_that_is_known_to_work(known: Any, sent: dict[str, int]) -> None:
    served = Served([completion])
    found = Capabilities(checked=True, token_limit=known)
    request = {**ASKED, "max_tokens": 9}
    answers = await ask(served, request, {**request, "model": "another"}, capabilities=found)
    assert served.sent == [{**ASKED, **sent}, {**request, "model": "another"}]
    assert [answer.notes for answer in answers] == [(), ()]


@pytest.mark.parametrize("known", ["max_completion_tokens", ""])
async def test_what_bounds_a_chat_or_does_not_leaves_the_limit_of_a_completion_alone(known: Any) -> None:
    served = Served([lambda: completion(choices=[{"text": " four", "finish_reason": "stop"}])])
    request = {"model": "solver", "prompt": "2 + 2 =", "echo": True, "max_tokens": 1}
    await ask(served, request, capabilities=Capabilities(checked=True, token_limit=known))
    assert served.sent == [request]


@given(st.dictionaries(FIELDS | st.sampled_from(["max_tokens", "seed", "stop"]), st.integers()), st.data())
def test_a_dialect_stops_learning_and_keeps_the_question(request: dict[str, int], data: Any) -> None:
    dialect: Dialect | None = Dialect()
    for _ in range(2 * len(request) + 2):
        assert dialect is not None
        spoken = dialect.spoken(request)
        assert {name for name in request if name in ("messages", "model")} <= set(spoken)
        if (
            not spoken
            or (dialect := dialect.without([data.draw(st.sampled_from(sorted(spoken)))], request)) is None
        ):
            return
    pytest.fail("it never ends")


# Trying again


def busy(status: int = 503, said: str = "busy", **headers: str) -> Callable[[], Response]:
    return lambda: JSONResponse({"error": {"message": said}}, status, headers=headers)


@pytest.mark.parametrize(
    "first",
    [busy(408), busy(409), busy(429), busy(500), busy(503), busy(529), lambda: PlainTextResponse("{broken"),
     lambda: JSONResponse({"error": "overloaded"}), lambda: choice(content="so", finish_reason=None)],
)  # fmt: skip
async def test_what_may_pass_is_asked_again_in_the_same_bytes(first: Callable[[], Response]) -> None:
    served = Served([first, first if first().status_code != 500 else completion, completion])
    (answer,) = await ask(served, {**ASKED, "messages": [{"role": "user", "content": "é 4"}], "seed": 3})
    assert answer.text == "yes"
    assert len(served.bodies) >= 2
    assert len(set(served.bodies)) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
async def test_what_cannot_pass_is_asked_once(status: int) -> None:
    served = Served([busy(status)])
    with pytest.raises(ModelError, match=str(status)):
        await ask(served)
    assert len(served.bodies) == 1


async def test_tries_are_bounded_and_said() -> None:
    served = Served([busy(503)])
    with pytest.raises(ModelError, match=r"failed on its side \(503\), tried 3 times"):
        await ask(served, limits=Limits(tries=3))
    assert len(served.bodies) == 3


@pytest.mark.parametrize(
    "failed",
    [
        lambda: choice(content="half an ans", finish_reason="error"),
        lambda: completion(choices=[{"message": {"content": ""}, "finish_reason": "stop",
                                     "error": {"code": 502, "message": "upstream"}}]),
        lambda: JSONResponse({"error": {"code": 503, "message": "no capacity"}}),
    ],
)  # fmt: skip
async def test_an_error_inside_a_reply_is_tried_again_and_never_kept(failed: Callable[[], Response]) -> None:
    served = Served([failed, failed, completion])
    assert [answer.text for answer in await ask(served)] == ["yes"]
    with pytest.raises(ModelError, match="tried 2 times"):
        await ask(Served([failed]), limits=Limits(tries=2))


async def test_a_reply_that_is_never_finished_is_kept_and_marked() -> None:
    served = Served([lambda: choice(content="so fa", finish_reason=None)])
    (answer,) = await ask(served, limits=Limits(tries=2))
    assert (answer.text, answer.flaw, len(served.bodies)) == ("so fa", UNFINISHED, 2)


async def test_the_tokens_of_a_reply_that_broke_off_are_counted_with_those_of_the_one_that_is_kept() -> None:
    usage = {"prompt_tokens": 30, "completion_tokens": 7}
    ends = (None, "stop")
    served = Served([
        lambda end=end: completion(choices=[{"message": {"content": "yes"}, "finish_reason": end}], usage=usage)
        for end in ends
    ])  # fmt: skip
    (answer,) = await ask(served)
    assert (answer.flaw, answer.n_input_tokens, answer.n_output_tokens) == (None, 60, 14)
    assert answer.notes == ("replies that broke off before: 1; their tokens are counted in",)


def no_end(text: str = "yes") -> JSONResponse:
    return choice(content=text, finish_reason=None)


async def test_a_server_that_ends_no_reply_is_believed_after_a_few_and_each_answer_says_so() -> None:
    served = Served([no_end])
    answers = await ask(served, *[ASKED] * 4)
    assert [(answer.text, answer.flaw, answer.notes[0]) for answer in answers] == [("yes", None, NO_END)] * 4
    assert len(served.bodies) == 3 + 3


async def test_a_server_that_has_ended_a_reply_is_not_believed_when_it_ends_others_no_more() -> None:
    served = Served([completion, no_end])
    answers = await ask(served, *[ASKED] * 4, limits=Limits(tries=2))
    assert [answer.flaw for answer in answers] == [None, *[UNFINISHED] * 3]
    late = Served([*[no_end] * 3, completion, no_end])
    answers = await ask(late, *[ASKED] * 3, limits=Limits(tries=3))
    assert [answer.flaw for answer in answers] == [None, None, UNFINISHED]


async def test_a_request_that_breaks_the_server_the_same_way_twice_is_not_sent_a_third_time() -> None:
    served = Served([busy(500, "1 validation error: messages")])
    with pytest.raises(ModelError, match=r"\(500\), tried 2 times.*1 validation error"):
        await ask(served, limits=Limits(tries=9))
    assert len(served.bodies) == 2


async def test_a_server_that_fails_whoever_asks_is_asked_again() -> None:
    one, other, again = (
        [busy(500), completion],
        [busy(500), busy(500), completion],
        [busy(500), busy(500), completion],
    )
    served = Served([*one, *other, *again])
    assert len(await ask(served, ASKED, {**ASKED, "seed": 1}, ASKED, limits=Limits(tries=9))) == 3
    assert len(served.bodies) == 8


@pytest.mark.parametrize(
    ("most", "ends"), [(5, "yes"), (10**6, "takes no more calls for now (429), tried 8 times")]
)
async def test_a_refusal_for_crowding_is_no_try_while_others_are_answered_but_not_for_ever(
    most: int, ends: str
) -> None:
    n_refused = 0

    def respond(body: dict[str, Any]) -> Response:
        nonlocal n_refused
        if "seed" not in body or n_refused >= most:
            return completion()
        n_refused += 1
        return busy(429)()

    async def run(url: str) -> Any:
        client = Client(Endpoint("m", url), limits=Limits(tries=2), pace=Fast().pace())
        unlucky = asyncio.create_task(client.answer({**ASKED, "seed": 1}))
        while not unlucky.done():
            await client.answer(ASKED)
        return (await asyncio.gather(unlucky, return_exceptions=True))[0]

    with Served(respond).listening() as url:
        got = await run(url)
    assert ends in (got.text if isinstance(got, Answer) else str(got))


@pytest.mark.parametrize("where", ["code", "type"])
async def test_an_account_without_credit_is_not_asked_again(where: str) -> None:
    served = Served([lambda: JSONResponse({"error": {"message": "quota", where: "insufficient_quota"}}, 429)])
    with pytest.raises(ModelError, match=r"no credit left \(429\).*Waiting does not help.*quota"):
        await ask(served)
    assert len(served.bodies) == 1


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "7", "retry-after-ms": "1500"}, 1.5),
        ({"retry-after": "300"}, LONGEST_WAIT_S),
        ({"retry-after": formatdate(time.time() + 300, usegmt=True)}, LONGEST_WAIT_S),
    ],
)
@pytest.mark.parametrize("status", [429, 500])
async def test_a_server_that_says_how_long_to_wait_is_heard(
    headers: dict[str, str], wait_s: float, status: int
) -> None:
    fast = Fast()
    await ask(Served([busy(status, **headers), completion]), fast=fast)
    assert fast.waits == [wait_s]


@pytest.mark.parametrize(
    ("headers", "long"),
    [
        ({"retry-after": "86400"}, "about 24 hours"),
        ({"retry-after": "5400"}, "about 90 minutes"),
        ({"retry-after": formatdate(time.time() + 10**6, usegmt=True)}, "about 12 days"),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
async def test_for_a_server_that_wants_a_pause_of_hours_nobody_waits(
    headers: dict[str, str], long: str, status: int
) -> None:
    served, fast = Served([busy(status, **headers)]), Fast()
    with pytest.raises(ModelError, match=rf"no more calls for {long} \({status}\)\. Go on then"):
        await ask(served, fast=fast)
    assert (len(served.bodies), fast.waits) == (1, [])


@pytest.mark.parametrize(
    ("said", "wait_s"),
    [
        ("Rate limit reached for m. Please try again in 420ms. Visit docs.", 0.42),
        ("Please try again in 1m26.4s. Need more tokens?", LONGEST_WAIT_S),
        ("Please try again in 7.66s.", 7.66),
        ("Too many requests, please retry after 2 seconds", 2.0),
        ("Please wait 3 seconds before making another request", 3.0),
    ],
)
@pytest.mark.parametrize("status", [400, 429])
async def test_a_pause_that_is_asked_for_in_words_is_heard(said: str, wait_s: float, status: int) -> None:
    fast = Fast()
    said = f"{said} This is a rate limit."
    await ask(Served([lambda: JSONResponse({"error": {"message": said}}, status), completion]), fast=fast)
    assert fast.waits == [pytest.approx(wait_s)]


async def test_googles_delay_is_heard() -> None:
    fast, info = Fast(), {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "4s"}
    body = [{"error": {"code": 429, "message": "You exceeded your current quota.", "details": [info]}}]
    await ask(Served([lambda: JSONResponse(body, 429), completion]), fast=fast)
    assert fast.waits == [pytest.approx(4.0)]


@pytest.mark.parametrize(
    "said",
    [
        "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
        "prompt is too long: 210000 tokens > 200000 maximum",
        "The input token count (1100000) exceeds the maximum number of tokens allowed (1048576).",
        "Please reduce the length of the messages or completion.",
        "the input length exceeds the context length",
        "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096.",
        "Requested tokens (2300) exceed context window of 2048",
    ],
)
async def test_a_text_that_is_too_long_is_known_by_each_makers_words(said: str) -> None:
    with pytest.raises(ModelError, match=r"This request is too long for .* Shorten the prompt or the input"):
        await ask(Served([lambda: JSONResponse({"error": {"message": said}}, 400)]))


async def test_an_error_that_comes_as_if_all_were_well_is_told_as_one() -> None:
    with pytest.raises(ModelError, match=r"reports that its reply failed.*Your plan does not include this model"):
        await ask(Served([lambda: JSONResponse({"error": {"message": "Your plan does not include this model."}})]))


async def test_a_key_that_was_taken_before_is_tried_again() -> None:
    refused = lambda: JSONResponse({"error": {"message": "Invalid API key"}}, 401)  # noqa: E731
    served = Served([completion, refused, completion])
    with served.listening() as url:
        client = Client(Endpoint("m", url), pace=Fast().pace())
        assert [(await client.answer(ASKED)).text for _ in range(2)] == ["yes", "yes"]


def refusing(said: str, when: Callable[[dict[str, Any]], bool]) -> Callable[[dict[str, Any]], JSONResponse]:
    return lambda body: JSONResponse({"error": {"message": said}}, 400) if when(body) else completion()


@pytest.mark.parametrize(
    ("said", "when", "sent", "told"),
    [
        ("invalid temperature: only 1 is allowed for this model", lambda body: "temperature" in body,
         {}, "temperature was refused: the endpoint uses its own"),
        ("Input validation error: `temperature` must be strictly positive", lambda body: body["temperature"] == 0,
         {"temperature": 0.01}, "temperature was refused; sent as 0.01"),
        ("Malformed input request: #: extraneous key [seed] is not permitted, please reformat", lambda body: "seed" in body,
         {"temperature": 0.0}, "seed was refused: equal requests may be answered otherwise each time"),
        ("max_tokens is too large: 256. This model supports at most 100 completion tokens.",
         lambda body: body["max_tokens"] > 100, {"max_tokens": 100}, "a reply may have 100 tokens at most"),
        ("System role not supported", lambda body: body["messages"][0]["role"] == "system",
         {"messages": [{"role": "user", "content": "Say it.\n\n2+2"}]}, "system was refused; sent as the user's words"),
    ],
)  # fmt: skip
async def test_what_is_refused_in_any_makers_words_is_learnt_once_and_told(
    said: str, when: Callable[[dict[str, Any]], bool], sent: dict[str, Any], told: str
) -> None:
    served = Served(refusing(said, when))
    messages = [{"role": "system", "content": "Say it."}, {"role": "user", "content": "2+2"}]
    request = {"model": "m", "messages": messages, "max_tokens": 256, "seed": 1, "temperature": 0.0}
    with served.listening() as url:
        client = Client(Endpoint("m", url))
        answered = [await client.answer(request) for _ in range(2)]
        assert client.adaptations == (told,)
    assert [answer.notes for answer in answered] == [(told,)] * 2
    assert len(served.sent) == 3
    assert sent.items() <= served.sent[-1].items()


@pytest.mark.parametrize("status", [400, 403])
async def test_an_account_without_credit_is_known_by_words(status: int) -> None:
    said = "Your credit balance is too low to access the API."
    with pytest.raises(ModelError, match="has no credit left"):
        await ask(Served([lambda: JSONResponse({"error": {"message": said}}, status)]))


async def test_a_byte_that_is_no_utf8_costs_its_character_alone() -> None:
    body = json.dumps({"choices": [{"message": {"content": "caf_, yes"}, "finish_reason": "stop"}]}).encode()
    response = lambda: Response(body.replace(b"_", b"\xe9"), media_type="application/json")  # noqa: E731
    (answer,) = await ask(Served([response]))
    assert answer.text == "caf\ufffd, yes"


@pytest.mark.parametrize("said", ["", "0", "-5", "nan", "soon", "Wed, 21 Oct 2015 07:28:00 GMT", "9" * 400])
async def test_waits_grow_where_the_server_says_nothing_of_use(said: str) -> None:
    waits = []
    for _ in range(2):
        fast = Fast()
        served = Served([busy(502, **{"retry-after": said})] * 6 + [completion])
        with served.listening() as url:
            client = Client(Endpoint("m", url), limits=Limits(tries=9), pace=fast.pace())
            await client.answer(ASKED)
        waits.append(fast.waits)
    for n, wait_s in enumerate(waits[0]):
        longest_s = min(8.0, 0.5 * 2**n)
        assert longest_s / 2 <= wait_s < longest_s


async def test_a_connection_that_broke_is_tried_again_even_where_one_try_is_set() -> None:
    class Drop(Response):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"99")]})
            await send({"type": "http.response.body", "body": b"{", "more_body": True})
            raise ConnectionAbortedError

    served = Served([Drop, completion])
    assert (await ask(served, limits=Limits(tries=1)))[0].text == "yes"
    assert len(served.bodies) == 2


# What is said


@pytest.mark.parametrize(
    ("response", "says"),
    [
        # llama-server
        (lambda: JSONResponse({"error": {"code": 400, "message": "too long",
                                         "type": "exceed_context_size_error"}}, 400),
         r"This request is too long .*\(400\).*too long"),
        # llama_cpp.server
        (lambda: JSONResponse({"error": {"message": "max", "type": "x", "param": "messages",
                                         "code": "context_length_exceeded"}}, 400),
         "This request is too long.*said: max"),
        (lambda: JSONResponse({"detail": "Invalid API key"}, 401),
         r"refused the key \(401\).*said: Invalid API key"),
        # transformers serve
        (lambda: JSONResponse({"detail": "Server is pinned to tiny"}, 400),
         "did not accept.*said: Server is pinned"),
        (lambda: JSONResponse({"detail": [{"loc": ["body", "x"], "msg": "Field required"}]}, 422),
         "did not accept the request.*said: body.x: Field required"),
        (lambda: PlainTextResponse("Internal Server Error", 500),
         "failed on its side.*said: Internal Server Error"),
        # LiteLLM
        (lambda: JSONResponse({"error": {"message": "No connected db.", "code": "400"}}, 400),
         "did not accept.*said: No connected db"),
        # others
        (lambda: JSONResponse({"error": {"message": "nope", "type": "not_found_error"}}, 404),
         "There is no model 'solver' at .*said: nope"),
        (lambda: JSONResponse({"error": "slow down"}, 429), "takes no more calls.*said: slow down"),
        (lambda: JSONResponse({"object": "error", "message": "old vLLM"}, 400), "said: old vLLM"),
        (lambda: JSONResponse([{"error": {"message": "in a list", "code": 400}}], 400), "said: in a list"),
        (lambda: JSONResponse({"error": {"message": "pay"}}, 402), "no credit left.*said: pay"),
        (lambda: HTMLResponse("<style>b{}</style><h1>502 Bad&nbsp;Gateway</h1><hr>nginx", 502),
         "failed on its side.*said: 502 Bad Gateway nginx$"),
        (lambda: Response(status_code=500), r"\(500\), tried once\. Look at it, then ask again\.$"),
        (lambda: HTMLResponse("<html>hello</html>"), "not as a chat model does.*said: hello$"),
        (lambda: JSONResponse({"error": {"message": "overloaded"}}), "reports that its reply failed.*said: overloaded"),
        (lambda: JSONResponse([1]), "not as a chat model does"),
        (lambda: JSONResponse({"choices": []}), "not as a chat model does"),
        (lambda: Response(b"[" * 100_000, media_type="application/json"), "not as a chat model does"),
        (lambda: Response(b'{"choices": "\xff"}', media_type="application/json"), "not as a chat model does"),
    ],
)  # fmt: skip
async def test_a_failure_says_what_where_and_what_the_server_said(
    response: Callable[[], Response], says: str
) -> None:
    with pytest.raises(ModelError, match=says):
        await ask(Served([response]), limits=Limits(tries=1))


async def test_where_nothing_listens_the_error_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/v1"
    with pytest.raises(ModelError, match=f"Nothing answers at {url}.*tried 2 times.*Check the address"):
        await Client(Endpoint("m", url), limits=Limits(tries=1)).answer(ASKED)


@pytest.mark.parametrize("drips", [False, True])
async def test_a_server_that_is_too_slow_is_told_from_one_that_is_not_there(drips: bool) -> None:
    class Slow(Response):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            if drips:
                await send({"type": "http.response.start", "status": 200, "headers": []})
            for _ in range(12):
                await asyncio.sleep(0.05)
                if drips:
                    await send({"type": "http.response.body", "body": b" ", "more_body": True})

    with Served([Slow]).listening() as url:
        client = Client(Endpoint("m", url), limits=Limits(timeout_s=0.2, tries=1))
        with pytest.raises(ModelError, match=f"{url} gave no answer within 0.2 s, tried once"):
            await client.answer(ASKED)


# The key


async def test_the_key_is_sent_but_is_in_no_error_no_repr_and_no_traceback() -> None:
    long = "x" * 290 + KEY
    served = Served([lambda: JSONResponse({"error": {"message": f"wrong key {KEY} {long}"}}, 401)])
    with pytest.raises(ModelError) as caught:
        await ask(served, key=KEY)
    assert served.keys == {f"Bearer {KEY}"}
    assert "wrong key [key]" in str(caught.value)
    frames = traceback.TracebackException.from_exception(caught.value, capture_locals=True).stack
    ours = [f"{frame.locals}" for frame in frames if str(Path("lab", "models")) in frame.filename]
    assert ours
    assert KEY[:6] not in f"{ours} {caught.value!r} {caught.value.__cause__} {caught.value.__context__}"


async def test_a_reply_that_echoes_the_key_comes_without_it() -> None:
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in KEY)
    echoed = {"tokens": [KEY[:9], KEY[9:]], "token_logprobs": [-1.0, -2.0]}
    replies: list[Callable[[], Response]] = [
        lambda: completion(f"it is {KEY}", model=KEY, system_fingerprint=f"fp {KEY}"),
        lambda: Response(f'{{"choices": [{{"text": "{escaped}"}}], "{KEY}": 1}}', media_type="application/json"),
        lambda: choice(content="x", logprobs=echoed),
        lambda: choice(message={"refusal": f"I know {KEY}"}),
    ]
    answers = await ask(Served(replies), *[ASKED] * 4, key=KEY)
    assert answers[0].text == "it is [key]"
    assert in_words(answers[3].flaw) == "refused: I know [key]"
    for answer in answers:
        assert KEY not in answer.json
        assert KEY not in "".join(token.text for token in answer.tokens)


async def test_a_key_of_odd_characters_is_cut_out_too() -> None:
    odd = 'sk-\\quoted"/key'
    (answer,) = await ask(Served([lambda: completion(f"it is {odd}")]), key=odd)
    assert answer.text == "it is [key]"


async def test_a_word_too_short_to_be_a_key_stays_in_replies() -> None:
    (answer,) = await ask(Served([lambda: completion("a test of them")]), key="test")
    assert answer.text == "a test of them"


async def test_the_key_goes_to_no_address_but_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", "https://mine.example/v1")
    served = Served([completion])
    await ask(served)
    assert served.keys == {"Bearer none"}


# The raw reply


async def test_a_request_can_be_posted_as_it_is_and_its_reply_read_as_json() -> None:
    served = Served(
        [
            busy(429),
            lambda: completion(choices=[{"text": "a"}, {"text": "b"}]),
            lambda: JSONResponse({"tokens": []}),
        ]
    )

    async def run(url: str) -> list[Any]:
        client = Client(Endpoint("m", url), pace=Fast().pace())
        return [await client.post({"prompt": "x", "n": 2}), await client.post({"content": "x"}, "/tokenize")]

    with served.listening() as url:
        two, tokens = await run(url)
    assert [one["text"] for one in two["choices"]] == ["a", "b"]
    assert tokens == {"tokens": []}
    assert served.paths == ["/v1/completions", "/v1/completions", "/v1/tokenize"]


# Pace


def started(pace: Pace, n: int, n_tokens: int = 0) -> list[Turn]:
    async def run() -> list[Turn]:
        return [await pace.start(n_tokens) for _ in range(n)]

    return asyncio.run(run())


def ended(pace: Pace, turns: Sequence[Turn], *, refused: int) -> int:
    """Ends calls that are under way, the first of them refused, and gives the calls at once from then on."""
    for i, turn in enumerate(turns):
        (pace.slow_down if i < refused else pace.went_well)(turn)
    for turn in turns:
        pace.end(turn)
    return pace.at_once


def test_calls_at_once_halve_once_for_a_crowd_and_grow_by_an_eighth_a_window() -> None:
    pace = Pace(Limits(concurrency=64))
    assert ended(pace, started(pace, 64), refused=64) == 32
    grown = [ended(pace, started(pace, pace.at_once), refused=0) for _ in range(6)]
    assert grown == [36, 40, 45, 50, 56, 63]


def test_calls_at_once_stay_where_no_more_than_a_third_are_refused() -> None:
    pace = Pace(Limits(concurrency=64))
    assert ended(pace, started(pace, 64), refused=21) == 64
    assert ended(pace, started(pace, 64), refused=22) == 32


def test_of_a_few_calls_chance_does_not_decide() -> None:
    pace = Pace(Limits(concurrency=4))
    for n_refused, at_once in ((4, 4), (1, 4), (1, 2), (2, 2), (2, 2), (2, 1)):
        turns = started(pace, pace.at_once)
        assert ended(pace, turns, refused=n_refused) == at_once


@given(st.lists(st.booleans(), max_size=200), st.integers(1, 100))
def test_a_server_that_refuses_at_random_is_asked_by_one_at_least_and_by_no_more_than_allowed(
    fates: list[bool], most: int
) -> None:
    pace = Pace(Limits(concurrency=most))
    for fate in fates:
        assert 1 <= ended(pace, started(pace, 1), refused=fate) <= most


def test_calls_at_once_never_pass_the_limit_and_never_end() -> None:
    pace = Pace(Limits(concurrency=2))
    for _ in range(5):
        (turn,) = started(pace, 1)
        pace.went_well(turn)
        pace.end(turn)
    assert pace.at_once == 2
    for _ in range(20):
        ended(pace, started(pace, pace.at_once), refused=pace.at_once)
    assert pace.at_once == 1


async def test_no_more_calls_fly_than_are_allowed_and_they_begin_in_order() -> None:
    async def run() -> tuple[int, list[int]]:
        pace, flying, most, order = Pace(Limits(concurrency=3)), 0, 0, list[int]()

        async def call(number: int) -> None:
            nonlocal flying, most
            turn = await pace.start()
            order.append(number)
            flying += 1
            most = max(most, flying)
            await asyncio.sleep(0.001)
            flying -= 1
            pace.end(turn)

        await asyncio.gather(*(call(number) for number in range(20)))
        return most, order

    assert (await run()) == (3, list(range(20)))


async def test_a_pause_holds_for_all_and_is_waited_once() -> None:
    fast = Fast()

    pace = fast.pace()
    turn = await pace.start()
    pace.slow_down(turn, 30.0)
    pace.slow_down(turn, 1.0)
    pace.end(turn)
    for turn in await asyncio.gather(*(quickly(pace) for _ in range(5))):
        assert turn.at == 1030.0
    assert fast.waits == [30.0]


async def quickly(pace: Pace) -> Turn:
    turn = await pace.start()
    pace.end(turn)
    return turn


def test_no_more_calls_begin_in_a_minute_than_are_allowed() -> None:
    fast = Fast()
    began = [turn.at for turn in started(fast.pace(Limits(requests_per_minute=3)), 8)]
    assert all(later - first >= WINDOW_S for first, later in zip(began, began[3:], strict=False))
    assert began[2] == 1000.0


def test_tokens_of_a_minute_are_reserved_and_set_right_by_what_was_used() -> None:
    fast = Fast()
    pace = fast.pace(Limits(tokens_per_minute=100))
    first, second = started(pace, 2, n_tokens=50)
    pace.went_well(first, 10)
    (third,) = started(pace, 1, n_tokens=40)
    assert third.at == 1000.0
    (fourth,) = started(pace, 1, n_tokens=40)
    assert fourth.at >= 1000.0 + WINDOW_S
    pace.went_well(second, 10**6)  # of another minute
    assert started(pace, 1, n_tokens=10)[0].at == fourth.at


def test_a_call_larger_than_a_minutes_tokens_goes_alone() -> None:
    fast = Fast()
    one, other = started(fast.pace(Limits(tokens_per_minute=100)), 2, n_tokens=500)
    assert (one.at, other.at) == (1000.0, 1000.0 + WINDOW_S)


async def test_tokens_given_back_let_the_next_call_begin_before_the_minute_is_over() -> None:
    pace = Pace(Limits(tokens_per_minute=100))
    first = await pace.start(90)
    waiting = asyncio.create_task(pace.start(50))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    pace.went_well(first, 20)
    pace.end(first)
    async with asyncio.timeout(5):
        await waiting


def test_a_pace_outlives_its_loop_and_the_calls_that_were_lost_with_it() -> None:
    pace = Pace(Limits(concurrency=1))

    async def lose() -> None:
        await pace.start()

    for _ in range(3):
        asyncio.run(lose())
    assert started(pace, 1)[0].lane.n_flying == 1


async def test_a_crowded_server_slows_all_clients_of_a_pace() -> None:
    fast = Fast()
    limits = Limits(concurrency=24)
    pace = fast.pace(limits)

    async def run(url: str) -> None:
        one, other = (Client(Endpoint(name, url), limits=limits, pace=pace) for name in "ab")
        await asyncio.gather(*(client.answer(ASKED) for client in (one, other) for _ in range(12)))

    with Served([busy(429, **{"retry-after": "20"})] * 12 + [completion]).listening() as url:
        await run(url)
    assert pace.at_once < 24
    assert set(fast.waits) == {20.0}


# Stopping


@pytest.mark.parametrize("where", ["pace", "pause", "retry", "network"])
async def test_a_cancelled_call_ends_at_once_wherever_it_waits(where: str) -> None:
    async def hangs(body: dict[str, Any]) -> Response:
        await asyncio.sleep(3)
        return completion()

    served = Served({"retry": [busy(502)], "pause": [busy(429, **{"retry-after": "60"})]}.get(where, hangs))

    async def run(url: str) -> int:
        client = Client(Endpoint("m", url), limits=Limits(concurrency=1))
        task = asyncio.create_task(client.answer(ASKED))
        while not served.bodies:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        waiting = asyncio.create_task(client.answer(ASKED)) if where == "pace" else task
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        waiting.cancel()
        n_ticks = 0
        while not waiting.done():
            await asyncio.sleep(0)
            n_ticks += 1
        assert waiting.cancelled()
        task.cancel()
        await asyncio.wait([task])
        if where != "pause":  # a pause outlasts the call that met it; all else leaves room for the next
            async with asyncio.timeout(5):
                await client.pace.start()
        return n_ticks

    with served.listening() as url:
        assert (await run(url)) <= 3
    assert len(served.bodies) == 1


def test_a_failure_that_may_pass_is_told_from_one_that_cannot() -> None:
    assert Failure("status", status=429).may_pass
    assert not Failure("status", status=429, codes=("insufficient_quota",)).may_pass
    assert not Failure("status", status=400).may_pass
    assert not Failure("other").may_pass
