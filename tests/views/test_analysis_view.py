"""Where a prompt errs, in the page: what is drawn, what it offers, and that text stays text."""

from __future__ import annotations

import asyncio
import json
import re
from html import unescape
from pathlib import Path

import pytest

from lab.bench.analysis import answered
from lab.core.task import Example
from lab.errors import MisuseError
from lab.session import Session
from lab.session.acts import act_now
from lab.tasks import bundled
from lab.tasks.analysis import Answered
from lab.views.analysis import analysis, body, error_groups
from lab.views.page import page


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(tmp_path / "book.sqlite")


def begun(session: Session, stops: tuple[str, ...] = ()) -> str:
    from lab.optimizers import optimizer

    return session.begin(
        bundled.load("sentiment"),
        optimizer_name="protegi",
        settings=optimizer("protegi").configure("quick"),
        stops=stops,
    )


def groups(drawn: str, act: str) -> list[list[str]]:
    found = re.findall(rf'data-act="{act}" data-examples="([^"]*)"', drawn)
    return [json.loads(unescape(one)) for one in found]


def test_the_page_says_where_the_best_prompt_errs_and_a_group_can_be_protected(session: Session) -> None:
    branch = begun(session)
    assert analysis(session.state(branch), "") == ""
    asyncio.run(session.autopilot(branch, 1))
    state = session.state(branch)
    drawn = page(state).drawer
    assert "Where the best prompt errs" in drawn
    assert "All prompts on all examples" in drawn
    assert 'class="lab-table lab-matrix"' in drawn, "a matrix stays one where there is little room"
    group = groups(drawn, "protectgroup")[0]
    act_now(session, branch, {"act": "protectgroup", "examples": json.dumps(group)})
    held = session.book.node(session.branch(branch).node).constraints.protected
    assert list(held) == group
    session.book.close()


def test_errors_that_wait_can_be_chosen_by_what_they_have_in_common(session: Session) -> None:
    branch = begun(session, stops=("Groups",))
    asyncio.run(session.advance(branch))
    state = session.state(branch)
    drawn = error_groups(state, "")
    offered = groups(drawn, "chooseerrors")
    assert offered
    assert "Choose errors that have something in common" in page(state).board
    act_now(session, branch, {"act": "chooseerrors", "examples": json.dumps(offered[0]), "at": state.branch.node})
    verdict = session.drafted(branch)
    items = session.state(branch).proposal
    assert items is not None
    kept = {items.items[mark.index].example for mark in verdict.marks if mark.keep and mark.index is not None}  # type: ignore[attr-defined]
    assert kept == set(offered[0])
    session.book.close()


@pytest.mark.parametrize("examples", ["no list", "{}", "[1]", "[" * 2000, None])
def test_a_group_that_is_not_one_changes_nothing(session: Session, examples: object) -> None:
    branch = begun(session)
    before = session.branch(branch).node
    with pytest.raises(MisuseError):
        act_now(session, branch, {"act": "protectgroup", "examples": examples})
    assert session.branch(branch).node == before
    session.book.close()


def test_text_of_examples_and_answers_stays_text() -> None:
    found = answered(40, 3)
    evil = tuple(Example.of(f"<img src=x> {i}", one.answer) for i, one in enumerate(found.examples))
    hits = ((0.0,) * 40,) * 3
    got = (("<script>alert(1)</script>",) * 40,) * 3
    task = bundled.load("word-problems")
    drawn = body(Answered(task, evil, ("<b>p</b>",) * 3, hits, got), "")
    assert "<img" not in drawn
    assert "<script" not in drawn
    assert "<b>p</b>" not in drawn


def test_the_drawing_of_many_examples_stays_small() -> None:
    assert len(body(answered(1000)).encode()) < 60_000
