"""Calls that no reply came to, in a run: left out, counted, shown with their reason, and asked again by one act."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from support.evenness import evenness

from lab.core.asks import Candidate, Evaluate, Score
from lab.core.flaws import Flaw
from lab.core.review import on_common_rows
from lab.errors import MisuseError
from lab.models.client import Client
from lab.models.connections import Connections
from lab.models.endpoint import Endpoint
from lab.models.roles import Models
from lab.session import Session
from lab.session.acts import act
from lab.store import Measure, best_of
from lab.views.page import page

TASK = evenness(20, 10)


class Filtered:
    """A server whose filter refuses some inputs, as long as it does."""

    def __init__(self) -> None:
        self.refused = {"7", "25"}
        self.asked: list[str] = []
        self.app = Starlette(routes=[Route("/v1/chat/completions", self._answer, methods=["POST"])])

    async def _answer(self, request: Request) -> Response:
        asked = json.loads(await request.body())["messages"][-1]["content"]
        self.asked.append(asked)
        if asked in self.refused:
            return JSONResponse({"error": {"message": "policy <b>x</b>", "code": "content_filter"}}, 400)
        text = "no" if not asked.isdigit() else "yes"
        return JSONResponse({"choices": [{"message": {"content": text}, "finish_reason": "stop"}]})

    def session(self, path: Path) -> Session:
        def open_client(endpoint: Endpoint, **how: Any) -> Client:
            return Client(endpoint, app=self.app, **how)

        return Session(path / "lab.sqlite", connections=Connections(open_client=open_client))


@pytest.fixture
def server() -> Filtered:
    return Filtered()


async def test_what_is_not_answered_is_left_out_shown_with_its_reason_and_asked_again_by_one_act(
    server: Filtered, tmp_path: Path
) -> None:
    session = server.session(tmp_path)
    branch = session.begin(TASK, models=Models.single("m@http://localhost/v1"))
    await session.advance(branch)
    state = session.state(branch)
    assert state.baseline is not None
    assert (state.baseline.n_rows, state.baseline.score) == (9, 5 / 9)
    assert [one.call.body["messages"][-1]["content"] for one in state.missing][:1] == ["25"]
    shown = page(state)
    assert "on 9 of 10 examples" in shown.header
    assert "not answered (400): the endpoint&#x27;s content filter refused" in shown.board
    assert "policy &lt;b&gt;" in shown.board
    assert 'data-act="retry"' in shown.board

    n = len(server.asked)
    await act(session, branch, {"act": "retry"})
    await session.jobs.ended(branch)
    assert set(server.asked[n:]) <= server.refused, "nothing else is asked again"
    assert len(session.state(branch).missing) == len(state.missing)
    server.refused.clear()
    assert await session.retry_unanswered(branch) == 0
    after = session.state(branch)
    assert after.baseline is not None
    assert (after.baseline.n_rows, after.baseline.score) == (10, 0.5)
    assert "not answered" not in page(after).board
    with pytest.raises(MisuseError, match="Every call of this run was answered"):
        await session.retry_unanswered(branch)


async def test_a_waiting_proposal_that_lacks_a_reply_is_made_again_from_what_is_known(
    server: Filtered, tmp_path: Path
) -> None:
    session = server.session(tmp_path)
    branch = session.begin(TASK, models=Models.single("m@http://localhost/v1"), stops=("Minibatch",))
    proposal = await session.advance(branch)
    (score,) = (item for item in session.book.proposal(proposal or "").items if isinstance(item, Score))
    assert [flaw.code for flaw in score.flaws if flaw] == ["not_answered"]
    server.refused.clear()
    await session.retry_unanswered(branch)
    state = session.state(branch)
    assert state.proposal is not None
    (whole,) = (item for item in state.proposal.items if isinstance(item, Score))
    assert (whole.text, whole.flaws, None in whole.hits) == (score.text, (), False)
    assert isinstance(state.proposal.ask, Evaluate)


async def test_another_run_asks_anew_for_what_one_run_never_got(server: Filtered, tmp_path: Path) -> None:
    session = server.session(tmp_path)
    for _ in range(2):
        branch = session.begin(TASK, models=Models.single("m@http://localhost/v1"))
        await session.advance(branch)
        server.refused.clear()
    state = session.state(branch)
    assert state.missing == ()
    assert server.asked.count("8") == 1


def score(text: str, *hits: float | None) -> Score:
    flaws = tuple(Flaw("not_answered", texts=("tries", "")) if hit is None else None for hit in hits)
    return Score(text, tuple("abcd"[: len(hits)]), hits=hits, got=("",) * len(hits), flaws=flaws)


def test_prompts_are_compared_on_the_examples_that_were_answered_under_each() -> None:
    told = on_common_rows(
        (score("P", 1, 1, 0, None), score("Q", 1, None, 1, 1), score("R", None, None, None, None))
    )
    assert [one.hits for one in told if isinstance(one, Score)] == [
        (1, None, 0, None),
        (1, None, 1, None),
        (None, None, None, None),
    ]
    whole = (score("P", 1, 0), score("Q", 0, 1))
    assert on_common_rows(whole) == whole
    assert on_common_rows((Candidate("P"),)) == (Candidate("P"),)


def test_the_best_of_prompts_is_best_on_the_rows_that_both_have() -> None:
    easy = Measure("easy", 1.0, 2, (1.0, 1.0, None, None))
    whole = Measure("whole", 0.75, 4, (1.0, 1.0, 1.0, 0.0))
    better = Measure("better", 0.8, 4, (1.0, 1.0, 1.0, 0.2))
    assert best_of((whole, easy)) == whole
    assert best_of((easy, whole)) == easy, "of equals the earlier"
    assert best_of((whole, easy, better)) == better
    assert best_of(()) is None
