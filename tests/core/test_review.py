"""Proposals and verdicts: what a person may do, and what is refused without changing anything."""

from __future__ import annotations

from typing import Any

import pytest
from support.scripted import TASK, at_once, perform, run_of

from lab.core.asks import Candidate, Critique, ErrorSample, Evaluate, Generate, Reply
from lab.core.review import ACCEPT, Mark, Proposal, Verdict, decide, kept, plain, propose
from lab.errors import BudgetError, MisuseError
from lab.optimizers import OPTIMIZERS
from lab.optimizers.protegi import Criticise, Edit, Groups, Minibatch, NextBeam

KIND = OPTIMIZERS["protegi"]
RUN = run_of(KIND)
ERRORS = tuple(ErrorSample(e.input, (), None, e.id, e.answer, "maybe", 0, i) for i, e in enumerate(TASK.train[:3]))
PHASE = Criticise(0, (Candidate(TASK.start),), tuple((error,) for error in ERRORS))


def proposal(*texts: str) -> Proposal:
    replies = tuple((Reply(text),) for text in texts)
    return Proposal(PHASE.ask(RUN), 0, PHASE.read(RUN, replies), replies)


THREE = proposal("<START>one<END>", "<START>two<END>", "I cannot help with that.")


def told(verdict: Verdict) -> list[str]:
    return [item.text for item in kept(RUN, PHASE, THREE, plain(THREE, verdict))]


def test_accepting_keeps_what_has_no_flaw() -> None:
    assert told(ACCEPT) == ["one", "two"]


def test_an_edit_of_nothing_is_an_acceptance() -> None:
    idle = Verdict("edit", (Mark(0), Mark(1, text="two"), Mark(2, keep=False)))
    assert plain(THREE, idle) == ACCEPT
    assert decide(RUN, PHASE, THREE, idle) == decide(RUN, PHASE, THREE, ACCEPT)


def test_the_order_in_which_marks_were_made_does_not_matter() -> None:
    there = Verdict("edit", (Mark(1, keep=False), Mark(0, text="uno")))
    back = Verdict("edit", (Mark(0, text="uno"), Mark(1, keep=False, text="typed, then dropped")))
    assert plain(THREE, there) == plain(THREE, back)


def test_a_reason_alone_is_kept_in_the_history() -> None:
    said = Verdict("edit", (Mark(2, keep=False, why="it says nothing"),))
    assert plain(THREE, said) == said
    assert told(said) == told(ACCEPT)


@pytest.mark.parametrize("verdict", [Verdict("reject", (Mark(0),)), Verdict("accept", (Mark(0, keep=False),))])
def test_a_verdict_that_contradicts_itself_is_refused(verdict: Verdict) -> None:
    with pytest.raises(MisuseError):
        decide(RUN, PHASE, THREE, verdict)


def test_a_dropped_critique_is_not_told_and_its_reason_is_kept() -> None:
    verdict = Verdict("edit", (Mark(0, keep=False, why="the errors contradict it"),))
    assert told(verdict) == ["two"]
    assert decide(RUN, PHASE, THREE, verdict).verdict.marks[0].why == "the errors contradict it"


def test_an_unreadable_reply_can_be_mended_by_a_person() -> None:
    assert told(Verdict("edit", (Mark(2, text="no labels named"),))) == ["one", "two", "no labels named"]


def test_an_unreadable_reply_cannot_be_kept_as_it_is() -> None:
    with pytest.raises(MisuseError, match="cannot be kept as it is"):
        told(Verdict("edit", (Mark(2, keep=True),)))


def test_an_added_critique_shares_the_evidence_of_the_one_it_is_like() -> None:
    verdict = plain(THREE, Verdict("edit", (Mark(text="mine", like=1),)))
    added = kept(RUN, PHASE, THREE, verdict)[-1]
    assert isinstance(added, Critique)
    assert (added.text, added.errors, added.flaw) == ("mine", (ERRORS[1],), None)


@pytest.mark.parametrize("mark", [Mark(7), Mark(-1), Mark(None, text="x"), Mark(None, text="x", like=9)])
def test_a_mark_on_an_item_that_is_not_there_is_refused(mark: Mark) -> None:
    with pytest.raises(MisuseError, match="has no item"):
        decide(RUN, PHASE, THREE, Verdict("edit", (mark,)))


@pytest.mark.parametrize("mark", [Mark(0, text="  "), Mark(None, text="", like=0)])
def test_an_empty_text_is_refused(mark: Mark) -> None:
    with pytest.raises(MisuseError, match="empty"):
        decide(RUN, PHASE, THREE, Verdict("edit", (mark,)))


def test_a_candidate_edited_into_a_duplicate_is_refused_with_the_reason() -> None:
    phase = Edit(0, PHASE.beam, (Critique("c", errors=ERRORS[:1]),) * 2)
    replies = ((Reply("<START>new one<END>"),), (Reply("<START>new two<END>"),))
    made = Proposal(phase.ask(RUN), 0, phase.read(RUN, replies), replies)
    with pytest.raises(MisuseError, match="duplicate"):
        decide(RUN, phase, made, Verdict("edit", (Mark(1, text="new one"),)))
    with pytest.raises(MisuseError, match="duplicate"):
        decide(RUN, phase, made, Verdict("edit", (Mark(1, text=TASK.start),)))


def test_an_edited_critique_is_what_the_next_meta_prompt_says() -> None:
    after = decide(RUN, PHASE, THREE, Verdict("edit", (Mark(0, text="It never says {input} ${x} “no”."),)))
    ask = after.phase.ask(RUN)
    assert isinstance(ask, Generate)
    assert "It never says {input} ${x} “no”." in ask.requests[0].meta_prompt
    assert not any("\none\n" in request.meta_prompt for request in ask.requests)


def test_scores_cannot_be_edited() -> None:
    phase = Minibatch(0, PHASE.beam)
    made = at_once(propose(RUN, phase, perform))
    assert isinstance(made.ask, Evaluate)
    with pytest.raises(MisuseError, match="measured"):
        decide(RUN, phase, made, Verdict("edit", (Mark(0, keep=False),)))


def test_an_error_left_out_by_the_draw_can_be_ticked() -> None:
    errors = tuple(ErrorSample(e.input, (), None, e.id, e.answer, "maybe") for e in TASK.train[:12])
    phase = Groups(0, PHASE.beam, errors)
    made = at_once(propose(RUN, phase, perform))
    spare = next(i for i, item in enumerate(made.items) if not made.default(i))
    after: Any = decide(RUN, phase, made, Verdict("edit", (Mark(spare),))).phase
    assert made.items[spare].text in {error.text for group in after.groups for error in group}


def test_a_person_may_keep_another_candidate_in_the_beam() -> None:
    phase = NextBeam(
        0, PHASE.beam, tuple(Candidate(f"c{i}", score=i / 10, n_rows=8) for i in range(4)), (3, 2, 1, 0)
    )
    made = at_once(propose(RUN, phase, perform))
    after = decide(RUN, phase, made, Verdict("edit", (Mark(0, keep=False), Mark(3)))).phase
    assert after.prompts == ("c2", "c0")


# What cannot be read is asked for once more, and what is doubtful can be kept all the same


def answered(*rounds: tuple[str, ...], broke: bool = False) -> tuple[Proposal, list[tuple[Any, str]]]:
    """Proposes critiques of one error group from these replies, the second round of them when asked again."""
    phase, asked = Criticise(0, PHASE.beam, PHASE.groups[:1]), list[tuple[Any, str]]()

    async def told(ask: Any, draw: str) -> Any:
        asked.append((ask, draw))
        if broke and len(asked) > 1:
            raise BudgetError("calls", 1)
        return (tuple(Reply(text) for text in rounds[len(asked) - 1]),)

    return at_once(propose(RUN, phase, told)), asked


def test_a_reply_that_cannot_be_read_is_asked_for_once_more_and_stays() -> None:
    proposal, asked = answered(("I cannot help with that.",), ("<START>too vague<END>",))
    assert [(item.text, item.flaw is None, item.reply) for item in proposal.items] == [
        ("I cannot help with that.", False, 0), ("too vague", True, 1),
    ]  # fmt: skip
    assert [draw for _, draw in asked] == ["0.0", "0.0.again"]
    assert [len(texts) for texts in proposal.replies] == [2]


def test_a_reply_is_asked_for_no_third_time() -> None:
    proposal, asked = answered(("",), ("",))
    assert len(asked) == len(proposal.items) == 2


def test_a_ceiling_leaves_an_unreadable_reply_as_it_is() -> None:
    proposal, _ = answered(("I cannot help with that.",), broke=True)
    assert [item.flaw and item.flaw.code for item in proposal.items] == ["declined"]


def test_a_readable_reply_is_asked_for_once() -> None:
    assert len(answered(("<START>too vague<END>",))[1]) == 1


EDITING = Edit(0, (Candidate(TASK.start),), (Critique("too vague", prompt=0),))


def edits(text: str) -> Proposal:
    replies = ((Reply(text),),)
    return Proposal(EDITING.ask(RUN), 0, EDITING.read(RUN, replies), replies)


def test_a_second_version_is_left_out_by_itself_and_kept_with_one_tick() -> None:
    two = edits("<START>Say no or yes.<END>\n<START>Answer yes or no.<END>")
    assert [item.text for item in kept(RUN, EDITING, two, ACCEPT)] == ["Answer yes or no."]
    ticked = kept(RUN, EDITING, two, plain(two, Verdict("edit", (Mark(0, keep=True),))))
    assert [(item.text, item.flaw) for item in ticked] == [("Say no or yes.", None), ("Answer yes or no.", None)]


@pytest.mark.parametrize("text", ["say yes  or no", "Say yes or no!"])
def test_a_near_equal_prompt_is_a_duplicate_that_a_person_may_keep(text: str) -> None:
    near = edits(f"<START>{text}<END>")
    assert [item.flaw and item.flaw.code for item in near.items] == ["near_duplicate"]
    assert [item.text for item in kept(RUN, EDITING, near, Verdict("edit", (Mark(0, keep=True),)))] == [text]


def test_a_slot_that_nothing_is_put_into_is_a_flaw_and_no_child_loses_it() -> None:
    (item,) = edits("<START>Say {label} or no.<END>").items
    assert item.flaw
    assert (item.flaw.code, item.flaw.texts) == ("unknown_placeholders", ("{label}",))
