"""A target that can answer with a label only: by each way that an endpoint may have, and never in silence."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.serving import serving
from support.toy_server import Toy, connected

from lab import Session
from lab.cli.main import main
from lab.core.asks import Evaluate
from lab.core.task import Example, Task
from lab.errors import MisuseError
from lab.models import forcing
from lab.models.calls import Answer, MemoryCache
from lab.models.capabilities import Force
from lab.models.endpoint import Endpoint
from lab.models.logprobs import Token
from lab.models.perform import Performer
from lab.models.roles import Limits, ModelConfig, Models, Sampling
from lab.practice import asgi_app as practice
from lab.tasks import bundled
from lab.views.page import page

LABELS = ("negative", "positive")
DEV = tuple(Example.of(f"Film {i}.", LABELS[i % 2]) for i in range(4))
TASK = Task("films", "Is it positive?", DEV, DEV, labels=LABELS, reading="strict")
NOWHERE = "http://127.0.0.1:9/v1"
ASK = Evaluate(("Is it positive?",), tuple(one.id for one in DEV), "dev")


def target(forced: bool = True, **how: object) -> Models:
    config = ModelConfig(Endpoint("toy", NOWHERE), Sampling(forced=forced, **how), Limits(tries=1))  # type: ignore[arg-type]
    return Models(target=config)


def asked(toy: Toy) -> list[dict[str, Any]]:
    """Return the requests that asked for an answer, apart from those that found out what the endpoint can do."""
    chats = [body for body in toy.bodies if "messages" in body]
    return [body for body in chats if body["messages"][-1]["content"].startswith("Film")]


@pytest.mark.parametrize(
    ("habits", "field"),
    [
        ((), "structured_outputs"),
        (("choice ignored",), "grammar"),
        (("choice ignored", "grammar ignored", "schema"), "response_format"),
    ],
)
async def test_a_target_is_made_to_answer_with_a_label_by_the_way_that_proved_right(
    habits: tuple[str, ...], field: str
) -> None:
    toy = Toy(*habits)
    performer = Performer(TASK, target(), MemoryCache(), connections=connected(toy.app))
    (score,) = await performer(ASK, "0")
    assert score.got == ("negative",) * 4
    assert score.hits == (1.0, 0.0, 1.0, 0.0)
    sent = asked(toy)
    assert len(sent) == 4
    assert all(field in body and body["max_tokens"] < 40 for body in sent)


async def test_an_endpoint_that_did_not_prove_it_is_refused_before_a_call_is_made() -> None:
    toy = Toy("choice ignored", "grammar ignored", "chat logprobs null")
    performer = Performer(TASK, target(), MemoryCache(), connections=connected(toy.app))
    with pytest.raises(MisuseError, match="has not shown"):
        await performer(ASK, "0")
    assert not asked(toy)


async def test_without_being_asked_for_nothing_is_forced() -> None:
    toy = Toy()
    performer = Performer(TASK, target(forced=False), MemoryCache(), connections=connected(toy.app))
    await performer(ASK, "0")
    assert all(not body.keys() & {"structured_outputs", "guided_choice", "grammar"} for body in toy.bodies)


async def test_a_reply_ends_at_a_stop_and_has_so_many_tokens() -> None:
    toy = Toy()
    performer = Performer(
        TASK, target(forced=False, stop=("sea",), max_tokens=9), MemoryCache(), connections=connected(toy.app)
    )
    (score,) = await performer(ASK, "0")
    assert all("sea" not in got for got in score.got)
    assert {(tuple(body["stop"]), body["max_tokens"]) for body in toy.bodies} == {(("sea",), 9)}


@pytest.mark.parametrize("force", ["choice", "grammar", "schema", "alternatives"])
def test_a_label_of_any_text_is_read_back(force: Force) -> None:
    labels = ('say "no"', "yes\\", "ja, 好")
    first = [Token("x", -3.0, (("ja", -0.1), ("sa", -2.0), ("the", 0.0)))]
    replies = {"schema": json.dumps({"label": labels[2]}), "alternatives": "the weather"}
    answer = Answer(replies.get(force, labels[2]), tokens=tuple(first))
    assert forcing.label(force, labels, answer) == labels[2]
    assert forcing.fields(force, labels)
    assert forcing.longest(force, labels) >= 1


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"label": 3}', '{"other": "x"}'])
def test_what_gives_no_label_is_kept_as_it_came(text: str) -> None:
    assert forcing.label("schema", LABELS, Answer(text)) == text
    assert forcing.label("alternatives", LABELS, Answer(text)) == text


def test_how_a_target_is_asked_names_its_scores_and_survives_the_book() -> None:
    plain, forced = target(forced=False), target(stop=("\n",))
    assert plain.answering == "toy@http://127.0.0.1:9/v1"
    assert forced.answering != plain.answering
    assert Models.of_json(forced.json) == forced
    with pytest.raises(MisuseError):
        Sampling(stop=("",))


async def test_forced_labels_are_said_beside_the_scores(tmp_path: Path) -> None:
    session = Session(tmp_path / "lab.sqlite")
    config = ModelConfig(Endpoint.of("practice"), Sampling(forced=True))
    task = replace(bundled.load("sentiment"), start="Describe the tone of the review at length.")
    branch = session.begin(task, models=Models(target=config))
    await session.advance(branch, stops=("Minibatch",))
    state = session.state(branch)
    assert state.outcomes[task.start].share_read == 1.0
    assert "answers forced to be a label" in page(state).header
    assert "Answers forced to be a label." in page(state).board
    session.book.close()


@pytest.mark.long
def test_the_command_line_forces_a_choice_over_http(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(practice()) as url:
        status = main([
            "run", "--task", "sentiment", "--model", f"practice@{url}", "--preset", "thrifty", "--rounds", "1",
            "--force-choice", "--json", "--prompt", "Is the review positive or negative?",
        ])  # fmt: skip
    told = capsys.readouterr()
    result = json.loads(told.out)
    assert status == 0
    assert result["forced_choice"] is True
    assert sum(result["baseline_replies"].get(one, 0) for one in ("right", "another_answer")) == result["n_dev"]
    assert "forced to be a label" in told.err
