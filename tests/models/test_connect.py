"""Connecting from a script: what `connect` makes, what a session takes of it, and what is said of a model."""

from __future__ import annotations

import copy
import pickle
from dataclasses import asdict, replace
from typing import get_args

import pytest
from support.keyed_server import keyed_server

from lab.errors import MisuseError
from lab.models.capabilities import UNKNOWN, Capabilities, Note, NoteCode
from lab.models.connect import connect, use
from lab.models.endpoint import OPENAI_URL, PRACTICE_URL, Endpoint
from lab.models.findings import lines, sentence
from lab.models.roles import Ceiling, Limits, Sampling
from lab.session import Session
from lab.tasks import bundled

KEY = "sk-planted-47110815"
TASK = bundled.load("sentiment")


@pytest.fixture
def session(tmp_path) -> Session:
    return Session(tmp_path / "book.sqlite")


def test_a_model_and_an_address_are_what_the_page_writes_in_one_word() -> None:
    apart = connect("llama3.2", "http://localhost:11434/v1/")
    together = connect("llama3.2@http://localhost:11434/v1")
    assert apart.config == together.config
    assert apart.config.endpoint == Endpoint("llama3.2", "http://localhost:11434/v1")
    assert connect("practice").config.endpoint.base_url == PRACTICE_URL
    assert connect("gpt@home", "http://localhost:1/v1").config.endpoint.model == "gpt@home"


def test_without_an_address_the_environment_says_where_and_with_which_key(monkeypatch) -> None:
    with pytest.raises(
        MisuseError, match=r"needs a key: enter one in the page, pass connect\(\.\.\., key=\.\.\.\)"
    ):
        connect("gpt")
    assert connect("gpt", key=KEY).config.endpoint.base_url == OPENAI_URL
    monkeypatch.setenv("OPENAI_BASE_URL", "http://10.0.0.1/v1")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    found = connect("gpt")
    assert found.config.endpoint.base_url == "http://10.0.0.1/v1"
    assert found.connections.keys.of(found.config.endpoint) == KEY


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"temperature": 3}, "temperature"),
        ({"max_tokens": 0}, "tokens of a reply"),
        ({"concurrency": 0}, "concurrency"),
        ({"timeout_s": -1}, "timeout s"),
        ({"tries": 0}, "tries"),
        ({"key": "“quoted”"}, "no key has"),
        ({"base_url": "nowhere"}, "address|MODEL@URL"),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_sentence(given, said) -> None:
    with pytest.raises(MisuseError, match=said):
        connect("m", **{"base_url": "http://localhost:1/v1", **given})


def test_a_key_is_in_no_copy_and_no_writing_of_a_connection() -> None:
    model = connect("m", "http://example.test/v1", key=KEY)
    assert model.connections.keys.of(model.config.endpoint) == KEY
    for text in (repr(model), str(model), str(asdict(model.config)), *model.found):
        assert KEY not in text
    assert KEY.encode() not in pickle.dumps(copy.deepcopy(model.connections.keys))
    assert KEY.encode() not in pickle.dumps((model, copy.deepcopy(model), asdict(model)))


def test_a_session_takes_models_with_their_keys_sampling_limits_and_ceiling(session) -> None:
    big = connect("big", "http://example.test/v1", key=KEY, temperature=0.7, max_tokens=900, concurrency=8)
    small = connect("small", "http://localhost:9/v1", requests_per_minute=30)
    models = use(session, big, small, ceiling=Ceiling(calls=100))
    branch = session.begin(TASK, models=models)
    kept = session.branch(branch).models
    assert kept == models
    assert (kept["optimizer"].spec, kept["target"].spec) == (
        "big@http://example.test/v1",
        "small@http://localhost:9/v1",
    )
    assert kept["optimizer"].sampling == Sampling(0.7, 900)
    assert kept["optimizer"].limits == Limits(concurrency=8)
    assert kept["target"].limits == Limits(requests_per_minute=30)
    assert kept.ceiling == Ceiling(calls=100)
    assert session.connections.keys.of(kept["optimizer"].endpoint) == KEY
    assert session.connections.keys.of(kept["target"].endpoint) == ""


def test_one_model_has_both_roles_unless_another_is_named(session) -> None:
    model = connect("m", "http://localhost:9/v1", temperature=0.2)
    models = use(session, model)
    assert models["optimizer"] == models["target"]
    assert models["target"].sampling == Sampling(0.2)
    assert use(session, "practice", model)["optimizer"].spec == "practice"
    with pytest.raises(MisuseError, match="lacks http"):
        use(session, "m@localhost:1")


def test_a_key_that_a_session_holds_is_not_lost_to_a_model_without_one(session) -> None:
    session.connections.keys.hold("http://localhost:9/v1", KEY)
    use(session, connect("m", "http://localhost:9/v1"))
    assert session.connections.keys.of(Endpoint("m", "http://localhost:9/v1")) == KEY


async def test_a_check_finds_out_what_the_practice_model_can_do(session) -> None:
    model = connect("practice")
    assert model.found == ("practice (simulated) has not been checked yet.",)
    found = await model.check()
    assert found.checked
    assert found.likelihood == "echo"
    assert model.capabilities == found
    assert any("log-likelihood" in line and "echoed" in line for line in model.found)
    use(session, model)
    assert session.connections.capabilities(model.config.endpoint) == found


async def test_the_key_goes_to_the_server_that_it_is_for_and_to_no_other(session) -> None:
    with keyed_server(KEY) as mine, keyed_server("another") as other:
        model = connect("m", mine.base_url, key=KEY)
        stranger = connect("m", other.base_url)
        use(session, model, stranger)

        async def ask() -> str:
            one = session.connections.client(model.config.endpoint)
            two = session.connections.client(stranger.config.endpoint, Limits(tries=1))
            request = {"model": "m", "messages": [{"role": "user", "content": "x"}]}
            answer = await one.answer(request)
            with pytest.raises(Exception, match="key"):
                await two.answer(request)
            return answer.text

        assert "positive" in (await ask())
        assert set(mine.came) == {KEY}
        assert KEY not in other.came


@pytest.mark.parametrize(
    "found",
    [
        UNKNOWN,
        Capabilities(checked=True, token_limit="", temperature=False, n=False, stop=False, seed=False),
        *(Capabilities(checked=True, likelihood=way) for way in ("echo", "grammar", "choice", "alternatives")),
        *(
            Capabilities(checked=True, log_probabilities=shape, infill=True, context_length=8192)
            for shape in ("chat", "legacy", "chat in completions")
        ),
    ],
)
def test_all_that_can_be_found_is_said_in_words(found) -> None:
    said = {line.word: line.told for line in lines(found)}
    assert len(said) == 11
    assert all(said.values())
    assert "None" not in str(said)
    other = lines(replace(found, n=not found.n, infill=not found.infill))
    assert {line.word for line in other if line.told != said[line.word]} == {"n", "suffix"}


def test_every_note_has_a_sentence_and_an_older_book_s_own_is_told_as_it_stands() -> None:
    said = {code: sentence(Note(code, text="As it was stored.")) for code in get_args(NoteCode)}
    assert all(one.endswith(".") and "{" not in one for one in said.values())
    assert said["stored"] == "As it was stored."
    assert sentence(Note("no_completions", 404)) == "Completions are not answered (404)."
    assert sentence(Note("no_completions")) == "Completions are not answered."
