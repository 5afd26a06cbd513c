"""Blame: every character of every prompt has one origin, whatever was edited, moved, added or switched."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.core.asks import Candidate, Critique, ErrorSample, Generate, Item, Pick
from lab.core.lineage import Origin, Settled, blame, origins
from lab.core.review import Mark, Proposal, Verdict

START = "Classify the review. Answer with one word."
EDITED = "Classify the review as positive or negative. Answer with one word."


def step(id: str, *items: Item, verdict: Verdict | None = None, ask: object = None) -> Settled:
    """A step of which these items came."""
    return Settled(id, f"before {id}", Proposal(ask or Generate(()), 0, items), verdict)  # type: ignore[arg-type]


def texts(prompt: str, known: dict[str, Origin]) -> list[tuple[str, str, str]]:
    return [(one.text, one.origin.by, one.origin.proposal) for one in blame(known[prompt], known.get)]


def test_what_an_edit_keeps_is_the_start_prompts_and_the_rest_is_the_models() -> None:
    known = origins(START, [step("p1", Candidate(EDITED, ("No label is named.",), None, START, "edit"))])
    assert texts(EDITED, known) == [
        ("Classify the review", "start", ""),
        (" as positive or negative", "model", "p1"),
        (". Answer with one word.", "start", ""),
    ]
    assert known[EDITED].critique == "No label is named."


def test_what_a_person_changes_in_a_models_edit_is_theirs_alone() -> None:
    final = EDITED.replace("one word", "one lower-case word")
    edit = Candidate(EDITED, ("No label is named.",), None, START, "edit")
    known = origins(START, [step("p1", edit, verdict=Verdict("edit", (Mark(0, text=final),)))])
    assert (" lower-case", "person", "p1") in texts(final, known)
    assert (" as positive or negative", "model", "p1") in texts(final, known)
    assert known[final].parent == EDITED


def test_a_prompt_that_a_person_adds_is_compared_with_what_the_others_are_made_of() -> None:
    added = START + " Mind irony."
    edit = Candidate(EDITED, ("x",), None, START, "edit")
    known = origins(START, [step("p1", edit, verdict=Verdict("edit", (Mark(None, text=added, like=0),)))])
    assert texts(added, known) == [(START, "start", ""), (" Mind irony.", "person", "p1")]


def test_what_is_only_offered_to_be_chosen_keeps_its_first_step() -> None:
    edit = Candidate(EDITED, ("x",), None, START, "edit")
    again = step("p2", edit, ask=Pick((edit,), (0,)))
    assert origins(START, [step("p1", edit), again])[EDITED].proposal == "p1"
    assert EDITED not in origins(START, [again])


def test_a_prompt_written_from_nothing_is_its_models() -> None:
    known = origins(START, [step("p1", Candidate("Name the mood.", origin="induced"))])
    assert texts("Name the mood.", known) == [("Name the mood.", "model", "p1")]


def test_a_critique_leads_to_the_errors_that_it_was_written_about() -> None:
    errors = (ErrorSample("fine", example="e7"), ErrorSample("bad", example="e2"))
    known = origins(START, [step("p1", Critique("No label is named.", errors=errors))])
    assert known["No label is named."].examples == ("e7", "e2")


_WORDS = st.sampled_from(("Say the label. ", "Mind irony. ", "Be brief", ", then stop.", " Ja ", "\n", "é", "x"))
_TEXTS = st.lists(st.lists(_WORDS, max_size=8).map("".join), min_size=1, max_size=8)


@pytest.mark.long
@given(_TEXTS, st.data())
def test_every_character_of_every_prompt_has_one_origin(prompts: list[str], data: st.DataObject) -> None:
    """Parents are drawn from all texts, so that lines also close to circles and lead to unknown texts."""
    start, *rest = prompts
    steps = [
        step(
            f"p{i}",
            Candidate(text, (), None, data.draw(st.sampled_from((*prompts, "", "gone"))), "edit"),
            verdict=Verdict("edit", (Mark(0, text=data.draw(st.sampled_from(prompts))),)),
        )
        for i, text in enumerate(rest)
    ]
    known = origins(start, steps)
    for text in known:
        found = blame(known[text], known.get)
        assert "".join(one.text for one in found) == text
        assert all(one.text for one in found)
        assert all(one.origin is not other.origin for one, other in pairwise(found))
