"""What a person sees of constraints, and the controls for them: the same HTML in both faces."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.browser import Seen, person
from support.drawn import HOSTILE, drawn_board, inert, state_of, task, whole
from support.page import begin, board, evidence, open_card, opened, press, settled, title

from lab import Session
from lab.core.asks import Candidate, Critique, Generate, Pick, Request, TrajectoryRow
from lab.core.constraints import Constraints, Regression
from lab.core.flaws import Flaw
from lab.core.review import Mark, Proposal
from lab.errors import MisuseError
from lab.optimizers import opro, optimizer, protegi
from lab.session.acts import act
from lab.session.state import State
from lab.tasks.bundled import load
from lab.views.page import page

EXAMPLE = task().train[0]
BEAM = protegi.NextBeam(0, (Candidate("start"),), (Candidate("a", score=0.5, n_rows=8), Candidate("b")), (0, 1))


def held(state: State, constraints: Constraints) -> State:
    node = replace(state.node, constraints=constraints)
    return replace(state, nodes={state.branch.node: node})


def choice(constraints: Constraints, breaks: tuple[Regression, ...] = (), flaw: Flaw | None = None) -> str:
    items = (Candidate("a", score=0.5, n_rows=8), Candidate("b", flaw=flaw))
    proposal = Proposal(Pick(items, (0,)), 0, items, regressions=breaks)
    return page(held(state_of(BEAM, proposal=proposal), constraints)).board


@settings(max_examples=25, deadline=None)
@given(text=st.sampled_from(HOSTILE) | st.text())
def test_hostile_text_in_a_constraint_is_inert(text: str) -> None:
    wanted = Constraints((text,), (text + "2",), (text,), 7, (EXAMPLE.id, text), True)
    items = (Candidate("a"), Candidate("b", passage_added=True))
    proposal = Proposal(Pick(items, (0,)), 0, items, regressions=(Regression(0, EXAMPLE.id, text),))
    inert(whole(page(held(state_of(BEAM, proposal=proposal), wanted))))
    inert(whole(page(held(state_of(BEAM), wanted))))


def test_what_holds_stands_on_top_each_with_a_way_to_lift_it_and_nothing_where_nothing_does() -> None:
    drawn = choice(Constraints(("a", "z"), ("b",), ("keep this",), 40, (EXAMPLE.id,), True))
    assert len(re.findall(r'data-act="lift"', drawn)) == 7
    for told in ("pinned: a", "pinned: z", "hidden: b", "frozen: keep this", "at most 40 words", EXAMPLE.input):
        assert told in drawn
    assert 'data-what="pinned" data-number="1"' in drawn
    assert "In effect here" not in choice(Constraints())


def test_a_prompt_of_a_choice_can_be_pinned_or_hidden_and_the_reverse() -> None:
    def acts(constraints: Constraints) -> list[str]:
        return re.findall(r'data-act="(pin|unpin|hide|show)" data-place="(\d)"', choice(constraints))  # type: ignore[return-value]

    assert acts(Constraints()) == [("pin", "0"), ("hide", "0"), ("pin", "1"), ("hide", "1")]
    assert acts(Constraints(pinned=("a",), hidden=("b",))) == [("unpin", "0"), ("show", "1")]


def test_a_trajectory_row_can_be_pinned_and_hidden_and_a_critique_cannot() -> None:
    rows = (TrajectoryRow("p", score=0.5), TrajectoryRow("q", score=0.4))
    drawn = drawn_board(opro.Trajectory(0, rows, ("0", "0"), ("e1",)), rows, (0,))
    assert drawn.count('data-act="pin"') == drawn.count('data-act="hide"') == 2
    words = drawn_board(protegi.Criticise(0, (Candidate("p"),)), (Critique("c"),))
    assert 'data-act="pin"' not in words
    new = drawn_board(protegi.Edit(0, (Candidate("p"),)), (Candidate("e", parent="p", origin="edit"),))
    assert ('data-act="pin"' in new, 'data-act="hide"' in new) == (True, False)


def test_a_broken_example_is_shown_with_what_was_answered_and_a_veto_says_so_once() -> None:
    bad = (Regression(1, EXAMPLE.id, "perhaps"),)
    for flaw, said in ((None, "that must not break:"), (Flaw("breaks_example"), "so it cannot be kept as it is:")):
        drawn = choice(Constraints(protected=(EXAMPLE.id,)), bad, flaw)
        assert said in drawn
        assert f"{EXAMPLE.input}: expected <b>{EXAMPLE.answer}</b>, answered <b>perhaps</b>" in drawn
        assert "Cannot be used as it is" not in drawn


def test_what_was_lost_can_be_put_back_with_one_click() -> None:
    phase = protegi.Edit(0, (Candidate("p"),))
    items = (Candidate("short", parent="p", origin="edit", flaw=Flaw("lost_passage", texts=("keep {x}",))),)
    proposal = Proposal(Generate((Request("words"),)), 0, items)
    drawn = page(held(state_of(phase, proposal=proposal), Constraints(frozen=("keep {x}",)))).board
    assert 'data-act="mark" data-place="0" data-keep="true" data-text="short\nkeep {x}"' in drawn


def test_an_added_passage_is_said_on_the_card() -> None:
    item = Candidate("p", origin="induced", passage_added=True)
    assert "a frozen passage was added" in drawn_board(protegi.Edit(0, (Candidate("p"),)), (item,))


def test_what_is_fixed_can_be_neither_rejected_nor_drawn_again_and_what_can_differ_can() -> None:
    state = state_of(BEAM)
    ask = BEAM.ask(state.context)
    fixed = page(state_of(BEAM, proposal=Proposal(ask, 0, ask.options))).board
    assert 'data-act="reject"' not in fixed
    assert 'data-act="again"' not in fixed
    texts = drawn_board(protegi.Criticise(0, (Candidate("p"),)), (Critique("c"),))
    assert 'data-act="reject"' in texts
    assert 'data-act="again"' in texts


def test_the_next_request_is_shown_as_it_will_be_sent_with_what_is_frozen() -> None:
    phase = protegi.Edit(0, (Candidate("start"),), (Critique("c"),))
    drawn = page(held(state_of(phase), Constraints(frozen=("keep this",), protected=(EXAMPLE.id,))))
    assert "&lt;KEEP&gt;\nkeep this\n&lt;/KEEP&gt;" in drawn.drawer
    assert "Each prompt is then tried on 1 protected example." in drawn.board


async def test_scores_that_wait_list_the_examples_that_were_asked_to_flag_or_protect(tmp_path: Path) -> None:
    session = Session(tmp_path / "lab.sqlite")
    small = optimizer("protegi").configure(minibatch=4, rounds=1)
    branch = session.begin(load("sentiment"), settings=small, stops=["Minibatch"])
    await session.advance(branch)
    drawn = page(session.state(branch)).board
    assert drawn.count('data-act="protect"') == drawn.count('data-act="flag"') == 4
    state = session.state(branch)
    assert state.proposal is not None
    await act(session, branch, {"act": "protect", "example": state.proposal.items[0].about[0]})
    await session.jobs.ended(branch)
    drawn = page(session.state(branch)).board
    assert (drawn.count('data-act="protect"'), drawn.count('data-act="unprotect"')) == (3, 1)


def test_a_change_of_what_holds_is_a_change_of_yours_in_the_tree(tmp_path: Path) -> None:
    session = Session(tmp_path / "lab.sqlite")
    branch = session.begin(load("sentiment"))
    assert "✎" not in page(session.state(branch)).tree.split("lab-legend")[0]
    session.constrain(branch, longest_words=40)
    drawn = page(session.state(branch)).tree.split("lab-legend")[0]
    assert "✎" in drawn
    assert "changed what applies from there on" in drawn


async def test_pauses_are_set_from_the_page_and_those_of_another_optimizer_stay(tmp_path: Path) -> None:
    session = Session(tmp_path / "lab.sqlite")
    branch = session.begin(load("sentiment"), optimizer_name="pe2", stops=["Beam", "Reason"])
    session.switch(branch, "opro")
    drawn = page(session.state(branch)).drawer
    ticks = dict(re.findall(r'data-each="(\w+)"[^>]*?( checked)?>', drawn))
    assert ticks == {
        "Baseline": "", "Trajectory": " checked", "Exemplars": " checked", "Propose": " checked", "Measure": ""
    }  # fmt: skip
    await act(session, branch, {"act": "pause", "stops": ["Measure"]})
    assert session.branch(branch).stops == ("Measure", "Beam", "Reason")
    with pytest.raises(MisuseError, match="no phase"):
        session.pause_at(branch, ["Beam"])
    await act(session, branch, {"act": "rename", "name": "my line"})
    assert "branch: my line" in page(session.state(branch)).header


def test_a_prompt_that_a_person_is_changing_has_no_pin_yet() -> None:
    items = (Candidate("a", score=0.5, n_rows=8),)
    state = state_of(BEAM, proposal=Proposal(Pick(items, (0,)), 0, items))
    changed = replace(state, draft=((0, Mark(0, text="mine")), (-1, Mark(text="added", like=0))))
    assert 'data-act="pin"' in page(state).board
    assert 'data-act="pin"' not in page(changed).board


@pytest.mark.browser
@pytest.mark.long
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.filterwarnings("ignore:.*:UserWarning")
def test_a_person_protects_freezes_pins_pauses_and_lifts_in_the_page(address: str, browser, seen: Seen) -> None:  # type: ignore[no-untyped-def]
    with person(browser, seen) as context:
        page = opened(context, address)

        def does(act: str, n: int = 0) -> None:
            before = board(page)
            page.locator(f"[data-act={act}]").nth(n).click()
            settled(page, before)

        begin(page)
        press(page, "next")
        does("protect")
        evidence(page, "Rules")
        page.locator("[data-arg=frozen]").fill("Is this review positive or negative?")
        page.locator("[data-arg=longest_words]").fill("60")
        does("constrain")
        assert page.locator(".lab-holding li").count() == 3
        page.locator("input[data-arg=name]").fill("my line")
        page.get_by_role("button", name="Rename").click()
        page.get_by_text("branch: my line").wait_for()
        page.locator("[data-each=Criticise]").uncheck()
        page.get_by_role("button", name="Pause at these").click()
        page.locator("[data-each=Criticise]:not([checked])").wait_for()
        press(page, "accept")
        assert title(page) == "Review edits", "it did not pause at the critiques"
        open_card(page, 1)
        page.locator("article textarea").nth(1).fill("Mine. Is this review positive or negative?")
        open_card(page, 0)
        does("pin")
        assert page.locator("article textarea").nth(1).input_value().startswith("Mine."), "typed words are not lost"
        assert page.locator(".lab-holding li").first.inner_text().startswith("pinned:")
        does("lift")
        assert page.locator(".lab-holding li").count() == 3
