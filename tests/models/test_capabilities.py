"""What an endpoint can do, as found by asking it; and what connections share and keep to themselves."""

from __future__ import annotations

import asyncio
import copy
import json
import pickle
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from support.serving import serving
from support.toy_server import ALL, NOWHERE, Toy, connected

from lab.errors import ModelError
from lab.models.capabilities import UNKNOWN, Capabilities, Note
from lab.models.client import Client
from lab.models.connections import Connections
from lab.models.endpoint import Endpoint
from lab.models.keys import Keys
from lab.models.roles import Limits, ModelConfig
from lab.practice import asgi_app as practice

KEY = "sk-planted-0123456789"
ONE_TRY = Limits(tries=1, timeout_s=5)


@pytest.fixture(autouse=True)
def _no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


async def found(app: Any, model: str = "toy") -> Capabilities:
    return await connected(app).check(ModelConfig(Endpoint(model, NOWHERE), limits=ONE_TRY))


# What is found


async def test_of_the_practice_model_everything_is_found_in_process_and_over_http() -> None:
    endpoint = Endpoint.of("practice")
    assert (await Connections().check(ModelConfig(endpoint))) == ALL
    with serving(practice()) as url:
        assert (await Connections().check(ModelConfig(Endpoint("practice", url)))) == ALL


async def test_a_server_that_can_do_everything_is_believed_and_asked_little() -> None:
    toy = Toy()
    assert (await found(toy.app)) == ALL
    assert len(toy.bodies) <= 15
    lengths = [body.get("max_tokens", body.get("max_completion_tokens", 99)) for body in toy.bodies]
    assert max(lengths) <= 16


SHIFTED, UNSTEADY, LABELS = Note("echo_unproven"), Note("unsteady"), Note("unlikely_labels")


@pytest.mark.parametrize(
    ("habits", "changed"),
    [
        (["n ignored"], {"n": False}),
        (["n refused"], {"n": False}),
        (["stop ignored"], {"stop": False}),
        (["stop left in"], {"stop": False}),
        (["seed ignored"], {"seed": False}),
        (["fails at n"], {"n": None}),
        (["fails at stop"], {"stop": None}),
        (
            ["fails at temperature"],
            {"temperature": None, "likelihood": "grammar", "infill": False, "notes": (Note("no_completions", 500),)},
        ),
        (["unsteady"], {"infill": True, "notes": (UNSTEADY,)}),
        (["unsteady", "seed ignored"], {"seed": False, "infill": False, "notes": (UNSTEADY,)}),
        (["max_tokens ignored"], {"token_limit": "max_completion_tokens"}),
        (["max_tokens refused"], {"token_limit": "max_completion_tokens"}),
        (["max_tokens ignored", "max_completion_tokens ignored"], {"token_limit": ""}),
        (["max_tokens refused", "max_completion_tokens ignored"], {"token_limit": ""}),
        (["temperature refused"], {"temperature": False}),
        (["suffix ignored"], {"infill": False}),
        (["suffix appended"], {"infill": False}),
        (["strict"], {"forcing": "alternatives"}),
        (["echo ignored"], {"likelihood": "grammar"}),
        (["echo without logprobs"], {"likelihood": "grammar"}),
        (["echo shifted"], {"likelihood": "grammar", "notes": (SHIFTED,)}),
        (["echo ignored", "names the end"], {"likelihood": "grammar"}),
        (["echo ignored", "grammar ignored"], {"likelihood": "choice"}),
        (["echo ignored", "grammar ignored", "older choice"], {"likelihood": "choice"}),
        (
            ["echo ignored", "grammar ignored", "choice ignored"],
            {"likelihood": "alternatives", "forcing": "alternatives", "notes": (LABELS,)},
        ),
        (["choice ignored"], {"forcing": "grammar"}),
        (["choice ignored", "grammar ignored", "schema"], {"forcing": "schema"}),
        (["choice ignored", "grammar ignored", "chat logprobs null"], {"forcing": None, "log_probabilities": "legacy"}),
        (["echo ignored", "logprobs after the grammar"], {"likelihood": "alternatives", "notes": (LABELS,)}),
        (
            ["echo ignored", "strict"],
            {"likelihood": "alternatives", "forcing": "alternatives", "notes": (LABELS,)},
        ),
        (["chat logprobs null"], {"log_probabilities": "legacy"}),
        (["chat logprobs null", "echo ignored"], {"log_probabilities": "legacy", "likelihood": None}),
        (["chat logprobs null", "chat shape in completions"], {"log_probabilities": "chat in completions"}),
        (["always certain"], {"likelihood": None, "notes": (SHIFTED,)}),
        (["logprobs null"], {"log_probabilities": "", "likelihood": None}),
        (["no completions"], {"likelihood": "grammar", "infill": False, "notes": (Note("no_completions", 404),)}),
        (["completions broken"], {"likelihood": "grammar", "infill": False, "notes": (Note("no_completions", 500),)}),
    ],
    ids=lambda value: ", ".join(value) if isinstance(value, list) else "",
)  # fmt: skip
async def test_each_bad_habit_of_a_server_is_found(habits: list[str], changed: dict[str, Any]) -> None:
    assert (await found(Toy(*habits).app)) == replace(ALL, **changed)


@pytest.mark.parametrize("model", ["gpt-5", "o3-mini", "llama3.2", "practice"])
async def test_nothing_is_decided_by_the_name_of_a_model(model: str) -> None:
    assert (await found(Toy("max_tokens refused").app, model)) == (await found(Toy("max_tokens refused").app))


LISTED = (
    ([{"id": "toy", "meta": {"n_ctx": 4096}}], 4096),
    ([{"id": "a", "max_model_len": 1}, {"id": "toy", "max_model_len": 8192}], 8192),
    ([{"id": "another name of it", "context_length": 2048}], 2048),
    ([{"id": "a", "context_length": 1}, {"id": "b", "context_length": 2}], None),
    ([{"id": "toy", "meta": {"n_ctx_train": 4096}}], None),
    ([{"id": "toy", "max_model_len": "4096"}], None),
    ([{"id": "toy", "max_model_len": True}], None),
    ([], None),
    ("toy", None),
)


async def test_the_context_length_is_read_where_a_server_tells_it_and_never_guessed() -> None:
    keys: set[str | None] = set()
    told: list[Any] = []

    async def models(request: Request) -> Response:
        keys.add(request.headers.get("authorization"))
        return JSONResponse({"data": told[-1]})

    with serving(Starlette(routes=[Route("/v1/models", models), *Toy().app.routes])) as url:
        connections = Connections()
        connections.keys.hold(url, KEY)
        for listed, length in LISTED:
            told.append(listed)
            check = connections.check(ModelConfig(Endpoint("toy", url), limits=ONE_TRY))
            assert (await check) == replace(ALL, context_length=length), listed
    assert keys == {f"Bearer {KEY}"}


# Where nothing is found


async def test_where_nothing_answers_one_sentence_says_so() -> None:
    with pytest.raises(ModelError, match=r"^Nothing answers at http://127.0.0.1:9/v1"):
        await Connections().check(ModelConfig(Endpoint("toy", NOWHERE), limits=ONE_TRY))


@pytest.mark.parametrize(
    ("response", "sentence"),
    [
        (JSONResponse({"detail": "Invalid API key"}, 401), "refused the key"),
        (JSONResponse({"error": {"message": "no such model"}}, 404), "There is no model 'toy'"),
        (PlainTextResponse("Internal Server Error", 500), "failed on its side"),
        (PlainTextResponse("<h1>Welcome to nginx!</h1>"), "not as a chat model does"),
        (JSONResponse({"choices": []}), "not as a chat model does"),
    ],
)
async def test_a_server_that_answers_no_chat_is_an_error_and_nothing_is_learnt(
    response: Response, sentence: str
) -> None:
    async def answer(request: Request) -> Response:
        return response

    connections = connected(Starlette(routes=[Route("/{path:path}", answer, methods=["POST"])]))
    endpoint = Endpoint("toy", NOWHERE)
    with pytest.raises(ModelError, match=sentence):
        await connections.check(ModelConfig(endpoint, limits=ONE_TRY))
    assert connections.capabilities(endpoint) is UNKNOWN


async def test_an_endpoint_that_is_too_busy_for_a_question_is_not_said_to_be_unable() -> None:
    connections = connected(Toy("completions busy").app)
    with pytest.raises(ModelError, match="takes no more calls for now"):
        await connections.check(ModelConfig(Endpoint("toy", NOWHERE), limits=ONE_TRY))
    assert connections.capabilities(Endpoint("toy", NOWHERE)) is UNKNOWN


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=8),
    lambda tree: st.lists(tree, max_size=3) | st.dictionaries(st.text(max_size=4), tree, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(["message", "text", "content", "logprobs", "tokens", "token_logprobs", "finish_reason"])
CHOICE = st.dictionaries(FIELDS, JSON | st.dictionaries(FIELDS, JSON, max_size=3), max_size=4)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.fixed_dictionaries({"choices": st.lists(CHOICE | JSON, max_size=3)}) | JSON, min_size=1, max_size=4)
)
async def test_whatever_json_a_server_answers_with_there_is_a_record_or_an_error_of_ours(
    answers: list[Any],
) -> None:
    n = iter(range(10_000))

    async def answer(request: Request) -> Response:
        return Response(json.dumps(answers[next(n) % len(answers)]))  # Infinity and half characters included

    app = Starlette(routes=[Route("/{path:path}", answer, methods=["POST"])])
    with suppress(ModelError):
        told = await found(app)
        assert told.checked
        assert told.likelihood is None  # no odd server proves its log-probabilities right


# What is kept, and shared


async def test_a_finding_is_kept_in_the_book_and_asked_for_anew_when_a_person_checks_again(tmp_path: Path) -> None:
    from lab.store import Book

    toy = Toy("max_tokens refused", "echo shifted")
    endpoint = Endpoint("toy", NOWHERE)
    book = Book(tmp_path / "book.sqlite")
    first = Connections(known=book, open_client=lambda e, **how: Client(e, app=toy.app, **how))
    told = await first.check(ModelConfig(endpoint, limits=ONE_TRY))
    toy.habits.clear()
    second = Connections(known=book, open_client=lambda e, **how: Client(e, app=toy.app, **how))
    assert second.capabilities(endpoint) == told
    assert second.capabilities(replace(endpoint, model="another")) is UNKNOWN
    assert (await second.check(ModelConfig(endpoint, limits=ONE_TRY))) == ALL
    assert Connections(known=book).capabilities(endpoint) == ALL
    book.close()


def test_clients_of_one_address_with_one_key_share_a_pace() -> None:
    connections = Connections()
    here, there = Endpoint("a", NOWHERE), Endpoint("a", "http://127.0.0.1:10/v1")
    pace = connections.client(here, Limits()).pace
    assert connections.client(Endpoint("b", NOWHERE), Limits(timeout_s=1)).pace is pace
    assert connections.client(there, Limits()).pace is not pace
    assert connections.client(here, Limits(requests_per_minute=9)).pace is not pace
    connections.keys.hold(NOWHERE, KEY)
    assert connections.client(here, Limits()).pace is not pace
    assert Connections().client(here, Limits()).pace is not pace


async def test_a_minute_is_counted_together_by_roles_that_differ_in_their_calls_at_once() -> None:
    connections = Connections()
    one, other = (
        connections.client(Endpoint(model, NOWHERE), Limits(concurrency=n, requests_per_minute=3)).pace
        for model, n in (("a", 8), ("b", 64))
    )
    assert one is not other

    async def begin() -> bool:
        for pace in (one, other, one):
            pace.end(await pace.start())
        fourth = asyncio.create_task(other.start())
        done, _ = await asyncio.wait([fourth], timeout=0.05)
        fourth.cancel()
        return bool(done)

    assert not (await begin())


async def test_a_check_closes_no_client_that_others_use_and_changes_none() -> None:
    toy, closed = Toy("max_tokens refused"), list[Client]()

    class Watched(Client):
        async def aclose(self) -> None:
            closed.append(self)
            await super().aclose()

    connections = Connections(open_client=lambda endpoint, **how: Watched(endpoint, app=toy.app, **how))
    shared = connections.client(Endpoint("toy", NOWHERE), ONE_TRY)
    known = shared.capabilities
    await connections.check(ModelConfig(shared.endpoint, limits=ONE_TRY))
    assert len(closed) == 1
    assert shared not in closed
    assert (shared.capabilities, shared.adaptations) == (known, ())


def test_calls_under_way_are_known_in_the_event_loop_that_sent_them_alone() -> None:
    connections = Connections()

    async def here(key: str) -> list[str]:
        connections.sent[key] = asyncio.get_running_loop().create_future()
        return list(connections.sent)

    assert asyncio.run(here("a")) == ["a"]
    assert asyncio.run(here("b")) == ["b"]


def test_a_key_is_in_no_copy_and_cut_out_of_any_text(monkeypatch: pytest.MonkeyPatch) -> None:
    connections = Connections()
    connections.keys.hold(NOWHERE, KEY)
    connections.keys.hold("http://127.0.0.1:10/v1", f"{KEY}-and-more")
    connections.keys.hold("http://127.0.0.1:11/v1", "ollama")
    connections.pace(Endpoint("a", NOWHERE), Limits())
    monkeypatch.setenv("OPENAI_API_KEY", "sk-environment")
    keys = connections.keys
    assert KEY.encode() not in pickle.dumps(keys)
    assert copy.deepcopy(keys).of(Endpoint("a", NOWHERE)) == ""
    client = connections.client(Endpoint("a", NOWHERE), Limits())
    for holder in (connections, client, [client], copy.deepcopy(connections), copy.copy(client)):
        assert KEY.encode() not in pickle.dumps(holder)
    assert KEY not in str(vars(copy.copy(client)))
    assert keys.of(Endpoint("a", NOWHERE)) == KEY
    for shown in (repr(keys), repr(connections), repr(vars(connections)), str(asdict(UNKNOWN))):
        assert KEY not in shown
    said = f"ollama said {KEY}-and-more, {KEY} and sk-environment"
    assert keys.hide(said) == "ollama said [key], [key] and [key]"
    assert Keys().hide("nothing held") == "nothing held"
