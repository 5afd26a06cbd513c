"""Blame and diff of real runs: every optimizer, with edits, forks and a switch; and what is said of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.scripted import KINDS

from lab.core.lineage import Origin, origins, settled
from lab.core.review import Mark, Verdict
from lab.core.task import Task
from lab.errors import MisuseError
from lab.optimizers import Optimizer
from lab.session import Session
from lab.session.diff import node_diff, place_called
from lab.session.lineage import Blamed, Lineage
from lab.session.state import State
from lab.store import Book
from lab.tasks.bundled import load
from lab.views.lineage import blame_lines, diff_lines

CRITIQUE = "The prompt does not say that sarcasm means the opposite of what it says."


def small() -> Task:
    task = load("sentiment")
    return replace(task, train=task.train[:30], dev=task.dev[:10], test=())


def blamed(state: State, book: Book, prompt: str) -> tuple[Blamed, ...]:
    return Lineage(state, book).blamed(prompt)


def known_origins(state: State, book: Book) -> dict[str, Origin]:
    """How all prompts and critiques of a run came to be, by looking at every step; the other way to the same."""
    nodes = list(state.nodes.values())
    return origins(
        state.context.task.start,
        settled(nodes, {one.proposal: book.proposal(one.proposal) for one in nodes if one.proposal}),
    )


async def edited(session: Session) -> str:
    """Two rounds of ProTeGi, in which the first critique is a person's."""
    branch = session.begin(small())
    waiting = await session.advance(branch, stops=("Criticise",))
    session.accept(branch, waiting or "", ((0, Mark(0, text=CRITIQUE)),))
    await session.autopilot(branch, 2)
    return branch


@pytest.fixture
async def session(tmp_path: Path) -> Session:
    return Session(tmp_path / "lab.sqlite")


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS, ids=lambda one: one.name)
async def test_every_prompt_of_a_run_is_covered_by_stretches_that_say_who_wrote_them(
    session: Session, kind: Optimizer
) -> None:
    branch = session.begin(small(), optimizer_name=kind.name)
    await session.autopilot(branch, 2)
    state = session.state(branch)
    prompts = [text for text, one in known_origins(state, session.book).items() if one.kind == "prompt"]
    assert set(state.node.prompts) <= set(prompts)
    for prompt in prompts:
        found = blamed(state, session.book, prompt)
        assert Lineage(state, session.book).prompt(prompt) == known_origins(state, session.book)[prompt]
        assert "".join(one.text for one in found) == prompt
        assert all(one.prompt and (one.by == "start") == (one.step == "") for one in found)
        assert all(one.by != "person" for one in found)


@pytest.mark.long
async def test_a_persons_critique_is_named_as_theirs_where_its_edit_is_blamed(session: Session) -> None:
    branch = await edited(session)
    state = session.state(branch)
    known = known_origins(state, session.book)
    children = [text for text, one in known.items() if one.critique == CRITIQUE]
    assert children
    found = [one for one in blamed(state, session.book, children[0]) if one.by == "model"]
    assert {(one.critique, one.critique_by) for one in found} == {(CRITIQUE, "person")}
    assert found[0].critique_name.startswith("C")
    assert set(found[0].examples) <= {one.id for one in state.context.task.train}
    assert "edited by a person" in "\n".join(blame_lines(blamed(state, session.book, children[0])))


@pytest.mark.long
async def test_a_paraphrase_answers_what_it_rewords(session: Session) -> None:
    branch = await edited(session)
    state = session.state(branch)
    known = known_origins(state, session.book)
    rewords = [one for one in known.values() if one.rewords and known[one.parent or ""].critique]
    assert rewords
    found = [
        one
        for one in blamed(state, session.book, rewords[0].text)
        if one.prompt == state.names.prompt(rewords[0].text)
    ]
    assert {one.critique for one in found} == {known[rewords[0].parent or ""].critique}


@pytest.mark.long
async def test_blame_goes_on_through_a_switch_of_the_optimizer(session: Session) -> None:
    branch = await edited(session)
    before = session.state(branch).node.prompts[0]
    session.switch(branch, "opro")
    await session.autopilot(branch, 1)
    state = session.state(branch)
    assert "".join(one.text for one in blamed(state, session.book, before)) == before
    assert "".join(one.text for one in blamed(state, session.book, state.result)) == state.result


async def test_a_prompt_of_another_run_is_refused(session: Session) -> None:
    branch = session.begin(small())
    with pytest.raises(MisuseError, match="no such prompt"):
        blamed(session.state(branch), session.book, "nobody wrote this")
    with pytest.raises(MisuseError, match="P99"):
        place_called(session.state(branch), session.book, "P99")


@pytest.mark.long
async def test_a_diff_says_what_flipped_and_what_a_person_did_on_the_way(session: Session) -> None:
    branch = await edited(session)
    state, book = session.state(branch), session.book
    before, after = place_called(state, book, state.path[0]), place_called(state, book, state.branch.node)
    got = {one: session.got(branch, one) for one in (before.prompt, after.prompt)}
    found = node_diff(state, book, before, after, got)
    assert found.paired is not None
    fixed = [one for one in found.flips if one.after > one.before]
    assert (len(fixed), len(found.flips) - len(fixed)) == (found.paired.improved, found.paired.regressed)
    assert all(one.got_before != one.got_after for one in found.flips)
    assert [one.after for one in found.edits] == [CRITIQUE]
    told = "\n".join(diff_lines(found))
    assert CRITIQUE in told
    assert f"Fixed: {len(fixed)}" in told


@pytest.mark.long
async def test_a_diff_of_a_place_with_itself_is_empty(session: Session) -> None:
    branch = await edited(session)
    state, book = session.state(branch), session.book
    here = place_called(state, book, state.branch.node)
    found = node_diff(state, book, here, here, {})
    assert (found.settings, found.flips, found.edits) == ((), (), ())


async def test_a_rejection_and_changed_settings_stand_in_the_diff(session: Session) -> None:
    branch = session.begin(small())
    first = await session.propose(branch)
    session.decide(branch, first, Verdict("reject", why="too easy"))
    session.change_settings(branch, beam=2)
    state, book = session.state(branch), session.book
    found = node_diff(
        state, book, place_called(state, book, state.path[0]), place_called(state, book, state.branch.node), {}
    )
    assert [name for name, *_ in found.settings] == ["beam"]
    assert [one.why for one in found.edits] == ["too easy"]
    assert "rejected (too easy)" in "\n".join(diff_lines(found))
