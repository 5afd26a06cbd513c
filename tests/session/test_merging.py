"""Taking over from other lines: what the optimizer is told is a person's edit, and blame stays right across it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.drawn import inert

from lab.core.diff import Hunk, hunks, with_hunks
from lab.core.lineage import Origin, blame
from lab.core.review import Mark
from lab.errors import MisuseError
from lab.session import Session
from lab.session.acts import act, act_now
from lab.session.lineage import Lineage
from lab.tasks.bundled import load
from lab.views.page import page

MINE = "The prompt does not say that sarcasm means the opposite of what it says."


async def two_lines(path: Path) -> tuple[Session, str, str, str]:
    """A run with a line of two rounds, and one that waits at the critiques of its first; and a critique of a person."""
    session = Session(path / "lab.sqlite")
    task = load("sentiment")
    branch = session.begin(replace(task, train=task.train[:30], dev=task.dev[:12], test=()))
    waiting = await session.advance(branch, stops=("Criticise",))
    at = session.branch(branch).node
    session.accept(branch, waiting or "", ((0, Mark(0, text=MINE)),))
    await session.autopilot(branch, 2)
    other = session.fork(branch, at, "beside")
    return session, branch, other, session.state(branch).names.critique(MINE)


@pytest.mark.long
async def test_a_critique_of_another_line_is_told_as_one_that_a_person_typed(tmp_path: Path) -> None:
    session, _, other, name = await two_lines(tmp_path)
    typed = session.fork(other, session.branch(other).node, "typed")
    assert MINE in session.state(other).other_critiques
    assert name in inert(page(session.state(other)).board).words
    await act(session, other, {"act": "pick", "name": name})
    session.cherry_pick(other, name)  # a second time, nothing more
    waits = session.branch(typed).pending or ""
    session.mark(typed, waits, -1, Mark(None, text=MINE, like=0))
    nodes = [session.accept(one, waits) for one in (other, typed)]
    assert nodes[0] == nodes[1], "the optimizer cannot tell who wrote it, or where"
    state = session.state(other)
    origin = Lineage(state, session.book).critique_called(name)
    assert origin is not None
    assert (origin.text, origin.by) == (MINE, "person")


@pytest.mark.long
async def test_what_does_not_fit_the_step_that_waits_is_refused_in_a_sentence(tmp_path: Path) -> None:
    session, branch, other, name = await two_lines(tmp_path)
    with pytest.raises(MisuseError, match="is a critique, and no step waits here that it fits"):
        session.cherry_pick(branch, name)
    with pytest.raises(MisuseError, match="P0 is a prompt"):
        session.cherry_pick(other, "P0")
    with pytest.raises(MisuseError, match="no critique or prompt"):
        session.cherry_pick(other, "C999")


@pytest.mark.long
async def test_a_prompt_of_another_line_joins_the_candidates(tmp_path: Path) -> None:
    session, branch, other, _ = await two_lines(tmp_path)
    state = session.state(branch)
    best = state.names.prompt(state.result)
    session.accept(other, session.branch(other).pending or "")
    await session.advance(other, stops=("Edit",))
    session.cherry_pick(other, best)
    assert [mark.text for _, mark in session.state(other).draft] in ([state.result], [None])
    session.accept(other, session.branch(other).pending or "")
    assert session.state(other).names.prompt(state.result) == best


@pytest.mark.long
async def test_some_of_the_changes_of_a_candidate_are_taken_and_keep_their_authors(tmp_path: Path) -> None:
    session, _, other, _ = await two_lines(tmp_path)
    session.accept(other, session.branch(other).pending or "")
    await session.advance(other, stops=("Edit",))
    state = session.state(other)
    items = state.proposal.items if state.proposal else ()
    place = next(i for i, one in enumerate(items) if not one.flaw)
    act_now(session, other, {"act": "hunks", "proposal": state.branch.pending, "place": place, "hunks": []})
    parent = getattr(items[place], "parent", "")
    assert session.state(other).draft == ((place, Mark(place, text=parent)),)
    with pytest.raises(MisuseError, match="no candidate"):
        session.take_hunks(other, state.branch.pending or "", 999, ())
    with pytest.raises(MisuseError, match="whole numbers"):
        act_now(session, other, {"act": "hunks", "proposal": state.branch.pending, "place": 0, "hunks": ["x"]})


def test_words_that_a_person_puts_back_are_those_of_who_wrote_them_first() -> None:
    start, edit = "Say the mood of it. Be brief.", "Name one label. Be very brief."
    taken = with_hunks(start, edit, {1})
    assert taken not in (start, edit)
    known = {
        start: Origin(start, "start"),
        edit: Origin(edit, "model", start, "n", "p"),
        taken: Origin(taken, "person", edit, "n", "p", other=start),
    }
    found = blame(known[taken], known.get)
    assert "".join(one.text for one in found) == taken
    assert {one.origin.by for one in found} == {"start", "model"}, "a person only chose among the words of others"


@pytest.mark.long
async def test_a_merged_prompt_has_a_name_two_parents_and_a_score(tmp_path: Path) -> None:
    session, branch, other, _ = await two_lines(tmp_path)
    state = session.state(branch)
    first, second = sorted(state.measured, key=len)[-2:]
    n = sum(isinstance(one, Hunk) for one in hunks(first, second))
    assert n > 1
    names = state.names.prompt(first), state.names.prompt(second)
    prompt = session.merged(branch, *names, {0})
    await session.measure(branch, prompt)
    after = session.state(branch)
    assert after.measured[prompt].n_rows == 12
    name = after.names.prompt(prompt)
    assert name not in ("", "P0", *names)
    origin = Lineage(after, session.book).called(name)
    assert origin is not None
    assert (origin.by, origin.parents) == ("person", (first, second))
    stretches = Lineage(after, session.book).blamed(prompt)
    assert "".join(one.text for one in stretches) == prompt
    assert {one.prompt for one in stretches if one.text.strip(" .,")} <= {
        *(one.prompt for one in Lineage(after, session.book).blamed(first)),
        *(one.prompt for one in Lineage(after, session.book).blamed(second)),
    }
    assert "Merge the best prompt" in page(session.state(other)).drawer
    with pytest.raises(MisuseError, match="one of the two prompts itself"):
        session.merged(branch, *names, ())
    assert session.book.verify()[1] == ()
