"""What the scores are made of is told, and a first measurement in which hardly a reply could be read stops the run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from support.serving import serving

import lab
from lab import Session
from lab.cli.main import main
from lab.core.task import Example
from lab.errors import UnreadError
from lab.models.endpoint import Endpoint
from lab.models.roles import ModelConfig
from lab.store import Models
from lab.tasks import bundled
from lab.tasks.outcomes import Outcomes
from lab.views.outcomes import line
from lab.views.page import page

TASK = replace(bundled.load("sentiment"), reading="label")
TRUE = {one.input: one.answer for one in (*TASK.train, *TASK.dev)}
RIGHT_FORMS = ("{}", "**{}**", "Label: {}.\n\nThe tone says so.", "<think>Perhaps not.</think>{}")


@contextmanager
def answering(answer: Callable[[str, int], str]) -> Iterator[str]:
    """Serve a target that answers an input by `answer`; every meta-prompt gets the same rewrite."""
    asked: list[str] = []

    async def complete(request: Request) -> JSONResponse:
        said = [message["content"] for message in (await request.json())["messages"]]
        asked.append(said[-1])
        text = answer(said[-1], len(asked)) if said[-1] in TRUE else "<START>Say positive or negative.<END>"
        message = {"role": "assistant", "content": text}
        return JSONResponse({"choices": [{"index": 0, "finish_reason": "stop", "message": message}]})

    with serving(Starlette(routes=[Route("/v1/chat/completions", complete, methods=["POST"])])) as url:
        yield f"mock@{url}"


def begun(path: Path, model: str) -> tuple[Session, str]:
    session = Session(path)
    config = ModelConfig(Endpoint.of(model))
    return session, session.begin(TASK, models=Models(optimizer=config, target=config))


async def test_scores_are_unfolded_into_what_became_of_the_replies(tmp_path: Path) -> None:
    def answer(text: str, n: int) -> str:
        return "I cannot say." if n % 5 == 0 else RIGHT_FORMS[n % 4].format(TRUE[text])

    with answering(answer) as model:
        session, branch = begun(tmp_path / "lab.sqlite", model)
        await session.advance(branch, stops=("Minibatch",))
        state = session.state(branch)
    found = state.outcomes[TASK.start]
    assert found.n == len(TASK.dev)
    assert found.count("right") > 0 < found.count("right_in_another_form")
    assert (found.commonest, found.n_commonest) == ("I cannot say.", found.count("unread"))
    assert state.baseline is not None
    assert state.baseline.score == pytest.approx(found.count("right", "right_in_another_form") / found.n)
    assert "no label (commonest: “I cannot say.”)" in page(state).header
    session.book.close()


async def test_a_first_measurement_that_could_not_be_read_stops_and_going_on_is_allowed(tmp_path: Path) -> None:
    with answering(lambda text, n: "Good film, I guess!") as model:
        session, branch = begun(tmp_path / "lab.sqlite", model)
        with pytest.raises(UnreadError, match="0 could be read as one of the labels") as stopped:
            await session.advance(branch)
        assert "“Good film, I guess!”" in str(stopped.value)
        assert session.state(branch).proposal is None
        await session.advance(branch, stops=("Minibatch",))
        assert session.state(branch).proposal is not None
        session.book.close()
        other, again = begun(tmp_path / "other.sqlite", model)
        await other.advance(again, stops=("Minibatch",), go_on=True)
        assert other.state(again).proposal is not None
        other.book.close()


def test_the_command_line_says_what_the_scores_are_made_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "reviews.jsonl"
    rows = [{"text": one.input, "label": one.answer} for one in (*TASK.train, *TASK.dev)]
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    with answering(lambda text, n: RIGHT_FORMS[n % 4].format(TRUE[text])) as model:
        status = main(
            ["run", "--task", str(file), "--model", model, "--preset", "thrifty", "--rounds", "1", "--json"]
        )
    told = capsys.readouterr()
    result = json.loads(told.out)
    assert status == 0
    assert result["reading"] == "label"
    assert result["baseline_replies"]["right_in_another_form"] > 0
    assert "right in another form" in told.err


async def test_the_whole_reply_of_an_error_is_shown_beside_what_was_read(tmp_path: Path) -> None:
    other = {"positive": "negative", "negative": "positive"}
    with answering(lambda text, n: f"**{other[TRUE[text]]}** (<b>warm</b> words)") as model:
        session, branch = begun(tmp_path / "lab.sqlite", model)
        await session.advance(branch, stops=("Groups",))
        state = session.state(branch)
        drawn = page(state).board
    assert state.raw_replies
    assert all(raw.startswith("**") for raw in state.raw_replies.values())
    assert "The whole reply" in drawn
    assert "<b>warm" not in drawn
    session.book.close()


def test_in_python_a_score_tells_what_its_replies_came_to(tmp_path: Path) -> None:
    run = lab.begin("sentiment", "protegi", preset="thrifty", book=tmp_path / "lab.sqlite", name="outcomes")
    run.next()
    found = run.baseline.outcomes
    assert found is not None
    assert found.n == len(TASK.dev)
    assert run.baseline.score == found.count("right") / found.n
    assert run.best.outcomes == found


def test_outcomes_are_worded_by_what_the_answers_are() -> None:
    found = Outcomes((("right", 2), ("another_answer", 1), ("unread", 3)), "Yes", 2)
    assert line(found, TASK) == "2 right · 1 another label · 3 no label (commonest: “Yes”)"
    numbers = bundled.load("word-problems")
    assert line(found, numbers) == "2 right · 1 another number · 3 no number (commonest: “Yes”)"
    assert found.share_read == 0.5


def test_a_task_of_free_text_is_always_read() -> None:
    from lab.tasks.outcomes import Reply, outcomes

    task = replace(TASK, labels=(), metric="exact", reading="whole")
    found = outcomes(task, [Example.of("q", "Paris")], [Reply("Rome")])
    assert found.counts == (("another_answer", 1),)
