"""The freedoms of a person that last: for each optimizer that has it, and in a session with the practice model."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.flaws import CUT, in_words
from support.own import OWN, for_a_while
from support.scripted import KINDS, SMALL, TASK, at_once, digest, perform, run_of, walk

from lab import Session
from lab.core.asks import (
    Candidate,
    Context,
    Critique,
    Demonstration,
    Done,
    ErrorSample,
    Evaluate,
    Generate,
    Phase,
    Pick,
    Reply,
    Score,
    TrajectoryRow,
)
from lab.core.codec import canonical, decode, encode
from lab.core.constraints import (
    FREE,
    PROMPTS,
    Constraints,
    Regression,
    changed,
    chosen,
    flaw,
    handed,
    lost,
    regressions,
    worded,
)
from lab.core.flaws import Flaw
from lab.core.history import Node, proposal_content
from lab.core.review import ACCEPT, Mark, Proposal, Verdict, carried, decide, propose
from lab.errors import MisuseError
from lab.optimizers import Optimizer, optimizer
from lab.optimizers import load as load_own
from lab.optimizers.meta_prompts import fill
from lab.practice.metaprompt import role_of
from lab.session.acts import act
from lab.session.estimate import rehearse
from lab.session.state import State
from lab.tasks.bundled import load
from lab.views.page import page

FOUR = [kind for kind in KINDS if kind.name in ("ape", "opro", "pe2", "protegi")]
by_optimizer = pytest.mark.parametrize("kind", FOUR, ids=lambda kind: kind.name)
PASSAGE = "Answer with {input} in mind."
PICKING = {"ape": "Survivors", "opro": "Trajectory", "pe2": "Beam", "protegi": "NextBeam"}


def steps(
    kind: Optimizer, constraints: Constraints = FREE, context: Context | None = None, answer: Any = perform
) -> list[tuple[Phase, Proposal]]:
    """Walks an optimizer to its end with everything accepted."""

    async def go() -> list[tuple[Phase, Proposal]]:
        here = context or run_of(kind)
        phase, made = kind.start(here), []
        while not isinstance(phase.ask(here), Done):
            proposal = await propose(here, phase, answer, constraints=constraints)
            made.append((phase, proposal))
            phase = decide(here, phase, proposal, ACCEPT, constraints).phase
        return made

    return asyncio.run(go())


def picks(made: list[tuple[Phase, Proposal]]) -> list[tuple[Phase, Proposal]]:
    """The choices among prompts."""
    return [(p, one) for p, one in made if isinstance(one.ask, Pick) and isinstance(one.items[0], PROMPTS)]


def kept_of(proposal: Proposal) -> list[str]:
    return [item.text for i, item in enumerate(proposal.items) if proposal.default(i)]


# What each optimizer lets a person do with one proposal


def shown(
    kind: Optimizer, what: type[Any], ask: type[Any] = Pick, **settings: Any
) -> tuple[Context, Phase, Proposal]:
    """The first proposal of an optimizer with two or more items of a type."""
    context = run_of(kind, **settings)
    for phase, proposal in steps(kind, context=context):
        items = [item for item in proposal.items if isinstance(item, what) and item.flaw is None]
        if isinstance(proposal.ask, ask) and len(items) > 1:
            return context, phase, proposal
    raise AssertionError(f"{kind.name} never shows {what.__name__}")


SAMPLES = {"ape": Demonstration, "opro": Demonstration, "pe2": ErrorSample, "protegi": ErrorSample}


@by_optimizer
@pytest.mark.parametrize("out", [True, False], ids=["leaving-one-out", "taking-one-in"])
def test_demonstrations_and_error_samples_are_chosen_and_excluded_by_hand(kind: Optimizer, out: bool) -> None:
    few = {"groups": 1} if kind.name == "protegi" else {}  # so that some errors are left over
    context, phase, proposal = shown(kind, SAMPLES[kind.name], **few)
    n = len(proposal.items)
    index = next(i for i in range(n) if proposal.default(i) == out)
    after = decide(context, phase, proposal, Verdict("edit", (Mark(index, keep=not out),))).phase
    accepted = decide(context, phase, proposal, ACCEPT).phase
    ids = _examples(after), _examples(accepted)
    id = proposal.items[index].example  # type: ignore[attr-defined]
    assert ids[0].count(id) == ids[1].count(id) + (-1 if out else 1)


def _examples(value: Any) -> list[str]:
    if isinstance(value, (ErrorSample, Demonstration)):
        return [value.example]
    if isinstance(value, tuple):
        return [id for one in value for id in _examples(one)]
    names = ("groups", "batches", "exemplars", "demonstrations") if hasattr(value, "ask") else ()
    return [id for name in names for id in _examples(getattr(value, name, ()))]


@pytest.mark.parametrize("kind", [kind for kind in FOUR if kind.name in ("protegi", "pe2")], ids=lambda k: k.name)
@pytest.mark.parametrize("what", ["edit", "drop", "add"])
def test_critiques_and_reasonings_are_edited_dropped_and_added(kind: Optimizer, what: str) -> None:
    context, phase, proposal = shown(kind, Critique, Generate)
    mark = {"edit": Mark(0, text="Mine."), "drop": Mark(0, keep=False), "add": Mark(text="Mine.", like=0)}[what]
    after: Any = decide(context, phase, proposal, Verdict("edit", (mark,))).phase
    texts = [one.text for one in after.critiques]
    was = [item.text for item in proposal.items if item.flaw is None]
    assert texts == {"edit": ["Mine.", *was[1:]], "drop": was[1:], "add": [*was, "Mine."]}[what]


@by_optimizer
@pytest.mark.parametrize("what", ["edit", "drop", "add"])
def test_candidates_are_edited_dropped_and_added(kind: Optimizer, what: str) -> None:
    context, phase, proposal = shown(kind, Candidate, Generate)
    mark = {"edit": Mark(0, text="Mine, {x}."), "drop": Mark(0, keep=False), "add": Mark(text="Mine, {x}.", like=0)}
    after = decide(context, phase, proposal, Verdict("edit", (mark[what],))).phase
    told = canonical(encode(after))
    assert ("Mine, {x}." in told) == (what != "drop")
    assert (proposal.items[0].text in told) == (what == "add")


@by_optimizer
def test_one_meta_prompt_is_edited_before_it_is_sent_and_gets_no_paragraph(kind: Optimizer) -> None:
    context, phase, proposal = shown(kind, Candidate, Generate)
    frozen = Constraints(frozen=(PASSAGE,))
    mine = at_once(propose(context, phase, perform, words={0: "Mine alone. <START>"}, constraints=frozen))
    assert isinstance(mine.ask, Generate)
    assert isinstance(proposal.ask, Generate)
    assert mine.ask.requests[0].meta_prompt == "Mine alone. <START>"
    assert mine.reworded == (0,)
    for request, plain in zip(mine.ask.requests[1:], proposal.ask.requests[1:], strict=True):
        assert PASSAGE in request.meta_prompt
        assert request.meta_prompt.endswith(plain.meta_prompt)


# Pinned and hidden


@by_optimizer
def test_a_pinned_prompt_stays_chosen_wherever_it_is_an_option_and_the_number_stays(kind: Optimizer) -> None:
    free = picks(steps(kind))
    left = [(p, one) for p, one in free if type(p).__name__ == PICKING[kind.name]]
    pinned = next(
        (item.text for _, one in left for i, item in enumerate(one.items) if not one.default(i)), TASK.start
    )
    held = picks(steps(kind, Constraints(pinned=(pinned,))))
    met = 0
    for phase, proposal in held:
        if pinned in [item.text for item in proposal.items]:
            met += 1
            assert pinned in kept_of(proposal), type(phase).__name__
            assert isinstance(proposal.ask, Pick)
            assert len(kept_of(proposal)) == max(1, len(proposal.ask.chosen))
    assert met


@by_optimizer
def test_a_hidden_prompt_is_never_chosen_and_another_takes_its_place(kind: Optimizer) -> None:
    free = picks(steps(kind))
    phase, proposal = next((p, one) for p, one in free if type(p).__name__ == PICKING[kind.name])
    hidden = kept_of(proposal)[0]
    held = picks(steps(kind, Constraints(hidden=(hidden,))))
    assert all(hidden not in kept_of(one) for _, one in held)
    first = at_once(propose(run_of(kind), phase, perform, constraints=Constraints(hidden=(hidden,))))
    assert isinstance(first.ask, Pick)
    others = sum(item.text != hidden for item in first.items)
    assert len(kept_of(first)) == min(len(first.ask.chosen), others)


@by_optimizer
def test_what_a_person_keeps_or_leaves_out_of_a_choice_expressly_goes_before_pins(kind: Optimizer) -> None:
    context, phase, plain = shown(kind, Candidate if kind.name != "opro" else TrajectoryRow)
    pinned = Constraints(pinned=(kept_of(plain)[0],))
    proposal = at_once(propose(context, phase, perform, constraints=pinned))
    index = next(i for i, item in enumerate(proposal.items) if item.text in pinned.pinned)
    after = decide(context, phase, proposal, Verdict("edit", (Mark(index, keep=False),)), pinned)
    assert after.verdict.marks[0].keep is False
    assert after.phase != decide(context, phase, proposal, ACCEPT, pinned).phase or len(kept_of(proposal)) == 1


def test_a_pinned_prompt_that_the_phase_holds_and_no_longer_offers_is_offered_again() -> None:
    kind = optimizer("opro")
    context = run_of(kind, shown=2)
    rows = tuple(TrajectoryRow(f"prompt {i}", score=i / 100, step=0) for i in range(90))
    phase = kind.phases[1](0, rows, ("0",) * 90, (TASK.train[0].id,))
    plain = at_once(propose(context, phase, perform))
    assert "prompt 0" not in [item.text for item in plain.items]
    held = at_once(propose(context, phase, perform, constraints=Constraints(pinned=("prompt 0", "prompt 1"))))
    assert sorted(kept_of(held)) == ["prompt 0", "prompt 1"]
    three = at_once(propose(context, phase, perform, constraints=Constraints(pinned=("prompt 0",))))
    assert sorted(kept_of(three)) == ["prompt 0", "prompt 89"], "the lowest that is not pinned makes room"


def options(*scores: float | None) -> tuple[Candidate, ...]:
    return tuple(Candidate(f"c{i}", score=score, n_rows=8) for i, score in enumerate(scores))


@pytest.mark.parametrize(
    ("scores", "own", "constraints", "expected"),
    [
        ((0.9, 0.8, 0.7, 0.6), (0, 1), Constraints(pinned=("c3",)), (0, 3)),
        ((0.9, 0.8, 0.7, 0.6), (0, 1), Constraints(hidden=("c0",)), (1, 2)),
        ((0.9, 0.8, None, 0.6), (0, 1), Constraints(hidden=("c0",)), (1, 3)),
        ((0.9, 0.8, None), (0, 1), Constraints(hidden=("c0",)), (1,)),
        ((0.9, 0.8, None), (0, 1), Constraints(pinned=("c2",)), (0, 2)),
        ((0.9, 0.8, 0.7), (0,), Constraints(pinned=("c1", "c2")), (1, 2)),
        ((None, None, None), (0, 2), Constraints(hidden=("c0",)), (1, 2)),
        ((0.9, 0.8, 0.7), (0, 1), Constraints(pinned=("c0", "c1")), None),
        ((0.9, 0.8), (0, 1), Constraints(hidden=("c0", "c1")), ()),
        ((0.9, 0.8), (0, 1), FREE, None),
    ],
)
def test_a_choice_keeps_its_number_and_the_best(
    scores: tuple[float | None, ...],
    own: tuple[int, ...],
    constraints: Constraints,
    expected: tuple[int, ...] | None,
) -> None:
    items = options(*scores)
    assert chosen(Pick(items, own), items, constraints) == expected


def test_of_equal_texts_one_is_pinned_and_other_items_are_left_to_the_optimizer() -> None:
    twice = (*options(0.9, 0.8), Candidate("c1", score=0.8))
    assert chosen(Pick(twice, (0,)), twice, Constraints(pinned=("c1",))) == (1,)
    samples = (ErrorSample("a"), ErrorSample("b"))
    assert chosen(Pick(samples, (0,)), samples, Constraints(hidden=("a",))) is None
    assert chosen(Pick((), ()), (), Constraints(hidden=("a",))) is None


# Frozen passages and the length


@by_optimizer
def test_what_is_frozen_is_asked_for_and_what_lost_it_is_a_flaw_or_gets_it_added(kind: Optimizer) -> None:
    made = steps(kind, Constraints(frozen=(PASSAGE,)))
    written = [(p, one) for p, one in made if getattr(p, "writes_prompts", False)]
    assert written
    for _, proposal in written:
        assert isinstance(proposal.ask, Generate)
        assert all(f"<KEEP>\n{PASSAGE}\n</KEEP>" in one.meta_prompt for one in proposal.ask.requests)
        for item in proposal.items:
            assert isinstance(item, Candidate)
            assert item.flaw or not lost(item.text, (PASSAGE,))
            assert item.passage_added <= item.text.endswith(PASSAGE)
    assert any(item.passage_added for _, one in written for item in one.items)
    others = [one for p, one in made if isinstance(one.ask, Generate) and not getattr(p, "writes_prompts", False)]
    assert all("<KEEP>" not in one.ask.requests[0].meta_prompt for one in others)  # type: ignore[union-attr]


def test_a_rewrite_of_a_prompt_that_held_the_passage_has_lost_it_and_a_person_can_put_it_back() -> None:
    kind = optimizer("protegi")
    task = replace(TASK, start=f"Say yes or no. {PASSAGE}")
    frozen = Constraints(frozen=(PASSAGE,))
    context = run_of(kind, task=task)
    phase, proposal = next((p, one) for p, one in steps(kind, frozen, context) if type(p).__name__ == "Edit")
    assert {in_words(item.flaw) for item in proposal.items} == {"lost the placeholder {input}"}
    lost_it = Verdict("edit", (Mark(0, text="Use {input} otherwise."),))
    with pytest.raises(MisuseError, match="lost the frozen passage"):
        decide(context, phase, proposal, lost_it, frozen)
    back = Verdict("edit", (Mark(0, text="Better. Answer with\n{input}  in mind."),))
    assert decide(context, phase, proposal, back, frozen).phase != phase


@by_optimizer
def test_a_new_prompt_that_is_too_long_has_a_flaw_and_so_has_what_a_person_writes(kind: Optimizer) -> None:
    short = Constraints(longest_words=1)
    for phase, proposal in steps(kind, short):
        if isinstance(proposal.ask, Generate) and isinstance(proposal.items[0], Candidate):
            assert "Write it in at most 1 words." in proposal.ask.requests[0].meta_prompt
            assert all(item.flaw for item in proposal.items)
            typed = Verdict("edit", (Mark(text="four words of mine", like=0),))
            with pytest.raises(MisuseError, match="4 words, the limit is 1"):
                decide(run_of(kind), phase, proposal, typed, short)
            return
    raise AssertionError("no prompt was written")


def test_an_old_prompt_is_not_held_to_what_was_frozen_later() -> None:
    kind = optimizer("protegi")
    made = steps(kind, Constraints(frozen=("never there",), longest_words=5))
    assert all(item.flaw is None for _, one in picks(made) for item in one.items)


def test_spaces_and_line_breaks_do_not_matter_to_what_is_frozen() -> None:
    assert flaw("a  b\nc", Constraints(frozen=("a b c",))) is None
    assert in_words(flaw("a b, c", Constraints(frozen=("a b c",)))) == "lost the frozen passage “a b c”"
    assert in_words(flaw("a b c", Constraints(longest_words=2))) == "3 words, the limit is 2"
    assert flaw("a b c", Constraints(longest_words=3)) is None


def test_the_paragraph_leaves_the_practice_model_its_task() -> None:
    pair = "Input: text a\nOutput: yes\n\nInput: text b\nOutput: no"
    errors = "Example 1\nInput: text a\nExpected answer: yes\nGiven answer: no"
    rest = {"labels": "yes, no", "start": "Say yes.", "task": "a task", "limit": "", "tutorial": "", "history": ""}
    told = {"prompt": "Say yes.", "errors": errors, "critique": "Too vague.", "n": 1, "demos": pair, "limits": "",
            "template": "x", "reasoning": "It leaves out no.", "where": "before the input", "buckets": 100,
            "trajectory": "<TEXT>Say yes.</TEXT>\nScore: 50", "exemplars": "<INS>\nInput: a\nOutput: b",
            "keep": "", "judged": "", "stays": "", "induced": "", "whole": "", "these": "These are its instructions:",
            "versions": "one improved version of the instructions", "each": "it", "length": "50 words",
            "aim": "Write one instruction that will score higher than every one of them.", **rest}  # fmt: skip
    asker: Any = type("Asker", (), {"writes_prompts": True})()
    both = Constraints(frozen=("Keep {input} here.", "Reply in\nupper case"), longest_words=40)
    for name in ("ape_forward", "ape_reverse", "ape_custom", "ape_resample", "opro_both", "opro_instructions_only",
                 "pe2_induce", "pe2_rewrite", "protegi_edit", "protegi_paraphrase"):  # fmt: skip
        plain = Generate((worded_request(fill(name, **told)),))
        said = worded(asker, plain, both)
        assert isinstance(said, Generate)
        assert role_of(said.requests[0].meta_prompt) == role_of(plain.requests[0].meta_prompt) is not None, name


def worded_request(text: str) -> Any:
    from lab.core.asks import Request

    return Request(text)


# Examples that must not break


@by_optimizer
def test_a_prompt_that_breaks_an_example_is_marked_and_without_veto_still_accepted(kind: Optimizer) -> None:
    ids = (TASK.train[0].id, TASK.dev[0].id)
    made = steps(kind, Constraints(protected=ids))
    marked = [(one, bad) for _, one in made for bad in one.regressions]
    assert marked
    for proposal, bad in marked:
        text = proposal.items[bad.item].text
        assert int(digest(text, bad.example), 16) % 10 >= 6, "the stand-in answers this wrongly"
        assert bad.got == "maybe"
        assert proposal.items[bad.item].flaw is None
    plain = [type(p) for p, _ in steps(kind)]
    assert [type(p) for p, _ in made] == plain, "a mark changes nothing"


@by_optimizer
def test_with_veto_no_prompt_that_breaks_an_example_is_kept_and_keeping_it_expressly_is_refused(
    kind: Optimizer,
) -> None:
    held = Constraints(protected=(TASK.train[0].id,), veto=True)
    refused = 0
    for phase, proposal in steps(kind, held):
        bad = {one.item for one in proposal.regressions}
        assert not any(proposal.default(i) for i in bad)
        assert all(proposal.items[i].flaw == Flaw("breaks_example") for i in bad)
        for i in sorted(bad)[:1]:
            with pytest.raises(MisuseError, match="breaks an example that must not break"):
                decide(run_of(kind), phase, proposal, Verdict("edit", (Mark(i),)), held)
            refused += 1
    assert refused


def test_prompts_are_tried_on_protected_examples_of_their_split_alone_and_flagged_ones_are_not_asked() -> None:
    kind = optimizer("protegi")
    asked: list[Evaluate] = []

    async def noting(ask: Any, sample: str) -> Any:
        if isinstance(ask, Evaluate):
            asked.append(ask)
        return await perform(ask, sample)

    train, dev = TASK.train[0].id, TASK.dev[0].id
    steps(kind, Constraints(protected=(train, dev, "e-flagged")), run_of(kind), noting)
    tried = [(ask.split, ask.examples) for ask in asked if ask.examples in ((train,), (dev,))]
    assert {("train", (train,)), ("dev", (dev,))} == set(tried)
    assert not any("e-flagged" in ask.examples for ask in asked)


def test_an_answer_that_is_right_in_part_breaks_and_one_that_was_not_measured_does_not() -> None:
    scores = (Score("p", ("a", "b", "c"), hits=(0.5, None, 1.0), got=("half", "", "whole")),)
    items = (Candidate("q"), Candidate("p"), Candidate("p", flaw=Flaw("empty")))
    assert regressions(items, scores) == (Regression(1, "a", "half"),)


# Changing them


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"colour": "red"}, "no constraint “colour”"),
        ({"longest_words": -1}, "most words"),
        ({"longest_words": "many"}, "most words"),
        ({"longest_words": float("inf")}, "most words"),
        ({"longest_words": 2, "frozen": ("one two three",)}, "alone have 3 words"),
        ({"frozen": ("x" * 20_001,)}, "Freeze less"),
        ({"protected": ("e-unknown",)}, "no such example"),
    ],
)
def test_a_constraint_that_nothing_can_keep_to_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(MisuseError, match=said):
        changed(FREE, TASK, **given)


def test_what_is_pinned_is_no_longer_hidden_and_the_reverse() -> None:
    hidden = changed(FREE, TASK, hidden=("a", "b", "a", " "))
    assert hidden.hidden == ("a", "b")
    pinned = changed(hidden, TASK, pinned=("a",))
    assert (pinned.pinned, pinned.hidden) == (("a",), ("b",))
    assert changed(pinned, TASK, hidden=("a",)).pinned == ()
    assert changed(FREE, TASK, frozen=("  x ", "x", "")).frozen == ("x",)
    assert changed(FREE, TASK, pinned="one prompt").pinned == ("one prompt",)


def test_a_protected_example_that_was_flagged_since_does_not_stop_other_changes() -> None:
    first, second = TASK.train[:2]
    held = changed(FREE, TASK, protected=(first.id,))
    left = replace(TASK, train=TASK.train[1:])
    assert changed(held, left, pinned=("mine",)).protected == (first.id,)
    assert changed(held, left, protected=(first.id, second.id)).protected == (first.id, second.id)
    assert changed(held, left, protected=()).protected == ()
    with pytest.raises(MisuseError, match="no such example"):
        changed(FREE, left, protected=(first.id,))


def test_without_constraints_nodes_and_proposals_have_no_word_of_them_and_with_them_they_come_back() -> None:
    kind = optimizer("pe2")
    context = run_of(kind)
    phase = kind.start(context)
    assert Node("r", phase).id == Node("r", phase, constraints=Constraints()).id
    assert "constraints" not in Node("r", phase).content
    node = Node("r", phase, constraints=Constraints(("p",), ("h",), ("f {x}",), 9, ("e",), True))
    assert Node.of(json.loads(canonical(node.content))) == node
    plain = Proposal(phase.ask(context), 0, ())
    assert not {"chosen", "breaks"} & set(proposal_content("n", plain)["proposal"])
    full = replace(plain, chosen=(), regressions=(Regression(0, "e", "got"),))
    assert decode(json.loads(canonical(proposal_content("n", full)["proposal"]))) == full
    assert decode(json.loads(canonical(proposal_content("n", plain)["proposal"]))) == plain


# In a session


def begun(tmp_path: Path, kind: Optimizer, **given: Any) -> tuple[Session, str]:
    session = Session(tmp_path / "lab.sqlite")
    task = load("sentiment")
    task = replace(task, train=task.train[:24], dev=task.dev[:8])
    wanted = kind.configure(**{**SMALL[kind.name], "rounds": 1})
    return session, session.begin(task, optimizer_name=kind.name, settings=wanted, **given)


async def by_hand(session: Session, branch: str) -> None:
    while (
        id := await session.advance(branch, stops=[p.__name__ for p in _kind(session, branch).phases])
    ) is not None:
        session.decide(branch, id, ACCEPT)


def _kind(session: Session, branch: str) -> Optimizer:
    return session.state(branch).optimizer


@by_optimizer
async def test_with_constraints_autopilot_and_accepting_by_hand_make_equal_histories_and_none_is_none(
    kind: Optimizer, tmp_path: Path
) -> None:
    session, branch = begun(tmp_path, kind)
    plain = session.fork(branch, session.branch(branch).node)
    assert session.constrain(branch, pinned=(), veto=False) == session.branch(branch).node, "nothing changed"
    example = session.state(branch).context.task.train[0].id
    rules: dict[str, Any] = {"frozen": ("Reply with one word.",), "longest_words": 80, "veto": True}
    other = session.fork(branch, session.constrain(branch, protected=(example,), **rules))
    await session.autopilot(branch, 1)
    await by_hand(session, other)
    assert session.branch(branch).node == session.branch(other).node
    await by_hand(session, plain)
    free = session.state(plain)
    assert all("constraints" not in free.nodes[id].content for id in free.path)
    assert session.book.verify()[1] == ()


async def test_a_branch_is_resumed_in_another_process_with_its_constraints(tmp_path: Path) -> None:
    session, branch = begun(tmp_path, optimizer("opro"))
    await session.advance(branch, stops=["Trajectory"])
    text = session.state(branch).context.task.start
    other = session.fork(branch, session.constrain(branch, pinned=(text,), frozen=("Reply with one word.",)))
    program = (
        "import asyncio, sys; from lab import Session\n"
        "s = Session(sys.argv[1]); b = sys.argv[2]; c = s.state(b).constraints\n"
        "asyncio.run(s.advance(b, stops=['Propose'])); p = s.state(b).proposal\n"
        "print(s.state(b).node.constraints == c, c.pinned == (s.state(b).context.task.start,))\n"
        "print('<KEEP>' in p.ask.requests[0].meta_prompt, s.branch(b).pending)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, str(session.book.path), branch], capture_output=True, text=True, check=True
    )
    said = ran.stdout.split()
    assert said[:3] == ["True", "True", "True"]
    await session.advance(other, stops=["Propose"])
    assert session.branch(other).pending == said[3], "the same proposal in both processes"


async def test_changing_a_constraint_keeps_the_draw_and_what_a_person_had_marked_and_undo_takes_it_back(
    tmp_path: Path,
) -> None:
    session, branch = begun(tmp_path, optimizer("protegi"))
    await session.advance(branch, stops=["Edit"])
    session.again(branch, session.branch(branch).pending or "")
    pending = await session.propose(branch)
    session.mark(branch, pending, 0, Mark(0, text="Say it in my words."))
    session.mark(branch, pending, -1, Mark(text="Added by me.", like=0))
    before = session.state(branch)
    assert before.proposal is not None
    await act(session, branch, {"act": "pin", "proposal": pending, "place": 1, "at": before.branch.node})
    await session.jobs.ended(branch)
    after = session.state(branch)
    assert after.constraints.pinned == (before.proposal.items[1].text,)
    assert after.proposal is not None
    assert after.proposal.items == before.proposal.items
    assert after.draft == before.draft
    assert sum(spend.calls for _, spend in after.spends) == sum(spend.calls for _, spend in before.spends)
    session.undo(branch)
    assert session.branch(branch).pending == pending
    assert session.state(branch).constraints == FREE


async def test_a_flag_keeps_what_a_person_had_marked_where_the_same_is_asked_or_offered(tmp_path: Path) -> None:
    session, branch = begun(tmp_path, optimizer("ape"))
    await session.advance(branch, stops=["Survivors"])
    before = session.state(branch)
    assert before.proposal is not None
    shown = {one.example for one in before.nodes[before.path[0]].phase.ask(before.context).options}  # type: ignore
    other = next(one.id for one in before.context.task.dev if one.id not in shown)
    pending = before.branch.pending or ""
    session.mark(branch, pending, 0, Mark(0, keep=False))
    session.mark(branch, pending, -1, Mark(text="Added by me.", like=1))
    session.flag(branch, other)
    await session.advance(branch, stops=["Survivors"])
    after = session.state(branch)
    assert after.proposal is not None
    assert after.flagged
    assert after.proposal.items == before.proposal.items
    assert dict(after.draft)[0].keep is False
    assert dict(after.draft)[-1].text == "Added by me."


async def test_a_flag_moves_marks_with_their_items_and_drops_those_of_items_that_left(tmp_path: Path) -> None:
    session, branch = begun(tmp_path, optimizer("pe2"), seed=1)
    await session.advance(branch, stops=["Demonstrations", "Failures"])
    before = session.state(branch).proposal
    assert before is not None
    gone: Any = before.items[-1]
    for place, item in enumerate(before.items):
        session.mark(branch, session.branch(branch).pending or "", place, Mark(place, text=f"mine: {item.text}"))
    session.flag(branch, gone.example)
    await session.advance(branch, stops=["Demonstrations", "Failures"])
    after = session.state(branch)
    assert after.proposal is not None
    assert after.draft
    for place, mark in after.draft:
        assert mark.index == place
        assert mark.text == f"mine: {after.proposal.items[place].text}"
    kept = [item for item in after.proposal.items if item in before.items]
    assert [after.proposal.items[place] for place, _ in after.draft] == kept
    assert gone not in kept


async def drafted(tmp_path: Path, name: str, stop: str, mark: Mark, **changes: Any) -> tuple[State, State]:
    """The states before and after a change of constraints, with item 0 or an added one marked before."""
    session, branch = begun(tmp_path, optimizer(name))
    await session.advance(branch, stops=[stop])
    before = session.state(branch)
    session.mark(branch, before.branch.pending or "", 0 if mark.like is None else -1, mark)
    assert before.proposal is not None
    first = before.proposal.items[0].text
    session.constrain(branch, **{k: (first,) if v is None else v for k, v in changes.items()})
    await session.propose(branch)
    return before, session.state(branch)


@pytest.mark.parametrize(
    ("stop", "mark", "changes", "stays"),
    [
        ("Edit", Mark(0, text="Mine."), {"frozen": ("Be brief.",)}, False),
        ("Edit", Mark(0, text="Mine."), {"veto": True}, True),
        ("Edit", Mark(0, text="Mine."), {"pinned": None}, True),
        ("Edit", Mark(text="Mine.", like=0), {"hidden": None}, True),
        ("NextBeam", Mark(0, keep=False), {"pinned": None}, False),
        ("NextBeam", Mark(0, keep=False), {"pinned": ("another",)}, True),
        ("NextBeam", Mark(0, keep=False), {"longest_words": 9}, True),
    ],
)
async def test_a_mark_goes_along_where_its_item_does_unless_the_change_settles_what_it_said(
    tmp_path: Path, stop: str, mark: Mark, changes: dict[str, Any], stays: bool
) -> None:
    before, after = await drafted(tmp_path, "protegi", stop, mark, **changes)
    place = 0 if mark.like is None else -1
    assert after.draft == (((place, mark),) if stays else ())
    assert before.branch.node != after.branch.node


async def test_a_mark_outlives_the_veto_of_its_item(tmp_path: Path) -> None:
    session, branch = begun(tmp_path, optimizer("protegi"))
    await session.advance(branch, stops=["NextBeam"])
    ids = tuple(one.id for one in session.state(branch).context.task.train)
    session.constrain(branch, protected=ids, veto=True)
    pending = await session.propose(branch)
    vetoed = [
        i for i, item in enumerate(session.book.proposal(pending).items) if item.flaw == Flaw("breaks_example")
    ]
    assert vetoed
    mark = Mark(vetoed[-1], text="Mine: say yes or no.")
    session.mark(branch, pending, vetoed[-1], mark)
    session.constrain(branch, veto=False)
    await session.propose(branch)
    assert session.state(branch).draft == ((vetoed[-1], mark),)


async def test_marks_taken_along_are_let_go_where_something_else_is_asked(tmp_path: Path) -> None:
    session, branch = begun(tmp_path, optimizer("protegi"))
    await session.advance(branch, stops=["Edit"])
    session.mark(branch, session.branch(branch).pending or "", 0, Mark(0, text="Mine."))
    session.constrain(branch, pinned=("another",))
    session.reword(branch, 0, "Say it: <START>")
    await session.propose(branch)
    assert session.state(branch).draft == ()


def test_marks_find_equal_things_at_their_places_first() -> None:
    mark, added = Mark(1, text="x"), Mark(text="y", like=2)
    assert list(carried([(1, mark), (-1, added)], "aab", "aab")) == [(1, mark), (-1, added)]
    assert list(carried([(1, mark), (-1, added)], "aab", "ba")) == [(1, mark), (-1, replace(added, like=0))]
    assert list(carried([(1, mark), (-1, added)], "aab", "cc")) == []


def test_what_is_handed_over_has_the_pinned_and_not_the_hidden_unless_nothing_else_is_left() -> None:
    kind = optimizer("protegi")
    phase = kind.start(run_of(kind), ("a", "b"))
    assert handed(phase, FREE) == ("a", "b")
    assert handed(phase, Constraints(pinned=("c",), hidden=("a",))) == ("b", "c")
    assert handed(phase, Constraints(hidden=("a", "b"))) == ("a", "b")


async def test_a_request_worded_by_a_person_stays_so_when_a_constraint_changes(tmp_path: Path) -> None:
    session, branch = begun(tmp_path, optimizer("protegi"))
    await session.advance(branch, stops=["Edit"])
    session.reword(branch, 0, "Mine: <START>")
    await session.propose(branch)
    await act(session, branch, {"act": "constrain", "frozen": "One.\n\nTwo.", "longest_words": "", "veto": False})
    await session.jobs.ended(branch)
    state = session.state(branch)
    assert state.constraints.frozen == ("One.", "Two.")
    assert state.proposal is not None
    assert isinstance(state.proposal.ask, Generate)
    assert state.proposal.ask.requests[0].meta_prompt == "Mine: <START>"
    assert state.proposal.reworded == (0,)


async def test_settings_a_flag_and_another_optimizer_keep_the_constraints_and_hidden_prompts_are_not_handed_over(
    tmp_path: Path,
) -> None:
    session, branch = begun(tmp_path, optimizer("protegi"))
    await session.autopilot(branch, 1)
    held = session.state(branch).node.phase.prompts
    session.constrain(branch, hidden=held[:1], pinned=("Mine.",))
    wanted = session.state(branch).constraints
    session.change_settings(branch, rounds=2)
    assert session.state(branch).constraints == wanted
    session.flag(branch, session.state(branch).context.task.train[0].id)
    assert session.state(branch).constraints == wanted
    session.switch(branch, "pe2")
    state = session.state(branch)
    assert state.constraints == wanted
    assert "Mine." in state.node.phase.prompts
    assert held[0] not in state.node.phase.prompts


async def test_every_act_of_a_constraint_does_what_it_says_and_is_refused_when_the_page_is_out_of_date(
    tmp_path: Path,
) -> None:
    session, branch = begun(tmp_path, optimizer("protegi"))
    id = session.state(branch).context.task.train[0].id
    rules = {"frozen": ["Reply with one word."], "longest_words": " 40 ", "veto": True}
    for event, expected in (
        ({"act": "pin", "prompt": "a"}, Constraints(pinned=("a",))),
        ({"act": "hide", "prompt": "a"}, Constraints(hidden=("a",))),
        ({"act": "show", "prompt": "a"}, FREE),
        ({"act": "pin", "prompt": "b"}, Constraints(pinned=("b",))),
        ({"act": "unpin", "prompt": "b"}, FREE),
        ({"act": "protect", "example": id}, Constraints(protected=(id,))),
        ({"act": "unprotect", "example": id}, FREE),
        ({"act": "constrain", **rules}, Constraints((), (), ("Reply with one word.",), 40, (), True)),
        ({"act": "lift", "what": "veto"}, Constraints((), (), ("Reply with one word.",), 40)),
        ({"act": "lift", "what": "longest_words"}, Constraints(frozen=("Reply with one word.",))),
        ({"act": "lift", "what": "frozen", "number": "0"}, FREE),
    ):
        at = session.branch(branch).node
        with pytest.raises(MisuseError, match="moved on"):
            await act(session, branch, {**event, "at": "n-elsewhere"})
        await act(session, branch, {**event, "at": at})
        assert session.state(branch).constraints == expected
        assert not session.jobs.running(branch), "nothing waited, so nothing is asked"
    before = session.branch(branch).node
    unfit: tuple[dict[str, Any], ...] = (
        {"act": "lift", "what": "colour"},
        {"act": "pin", "proposal": "p", "place": 0},
        {"act": "pin"},
        {"act": "constrain", "frozen": "", "longest_words": "x", "veto": False},
    )
    for wrong in unfit:
        with pytest.raises(MisuseError):
            await act(session, branch, wrong)
    assert session.branch(branch).node == before


async def test_the_placeholders_of_the_prompts_held_can_be_frozen(tmp_path: Path) -> None:
    session = Session(tmp_path / "lab.sqlite")
    task = replace(load("sentiment"), start="Text: {input}\nIn {language}:")
    branch = session.begin(task, settings=optimizer("protegi").configure(**SMALL["protegi"]))
    event = {"act": "constrain", "frozen": "", "longest_words": "", "veto": False, "placeholders": True}
    await act(session, branch, event)
    assert session.state(branch).constraints.frozen == ("{input}", "{language}")


async def test_a_protected_example_is_tried_once_in_a_session_and_its_answers_are_known_after(
    tmp_path: Path,
) -> None:
    session, branch = begun(tmp_path, optimizer("protegi"), seed=1)
    await session.advance(branch, stops=["Groups"])
    state = session.state(branch)
    assert state.proposal is not None
    wrong: Any = state.proposal.items[0]
    session.constrain(branch, protected=(wrong.example,), veto=True)
    await session.advance(branch, stops=["NextBeam"])
    proposal = session.state(branch).proposal
    assert proposal is not None
    start = next(i for i, item in enumerate(proposal.items) if item.text == state.context.task.start)
    assert Regression(start, wrong.example, wrong.got) in proposal.regressions
    assert not proposal.default(start)
    session.decide(branch, session.branch(branch).pending or "")
    assert state.context.task.start not in session.state(branch).node.phase.prompts


async def test_the_best_prompt_so_far_is_never_one_that_a_person_hid(tmp_path: Path) -> None:
    session, branch = begun(tmp_path, optimizer("opro"))
    await session.autopilot(branch, 1)
    await session.advance(branch)
    first = session.state(branch).best
    assert first is not None
    session.constrain(branch, hidden=(first.prompt,))
    second = session.state(branch).best
    assert second is not None
    assert second.prompt != first.prompt


async def test_an_estimate_is_of_what_is_asked_for_with_passages_and_words_of_a_person(tmp_path: Path) -> None:
    session, first = begun(tmp_path, optimizer("protegi"))
    _, second = begun(tmp_path, optimizer("protegi"))
    for branch, known in ((first, False), (second, True)):
        await session.advance(branch, stops=["Edit"])
        session.constrain(branch, frozen=("Be brief.",))
        session.reword(branch, 0, "Mine: <START>")
        told = session.state(branch).estimate
        assert told is not None
        assert told.n_calls > 1
        assert told.n_cached == (told.n_calls if known else 0)
        await session.propose(branch)


def test_a_step_of_very_many_calls_is_not_looked_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session, branch = begun(tmp_path, optimizer("opro"))
    told = session.state(branch).estimate
    assert told is not None
    for most, known in ((told.n_calls, True), (told.n_calls - 1, False)):
        monkeypatch.setattr("lab.session.reader.MOST_ESTIMATED", most)
        assert (session.state(branch).estimate is not None) is known


async def test_an_optimizer_of_ones_own_has_constraints_flags_estimates_and_other_models_too(
    tmp_path: Path,
) -> None:
    async def go(kind: Optimizer) -> None:
        session = Session(tmp_path / "lab.sqlite")
        task = replace(load("sentiment"), train=load("sentiment").train[:24], dev=load("sentiment").dev[:8])
        settings = kind.configure(rounds=2, rows=12)
        branch = session.begin(task, optimizer_name=kind.name, settings=settings)
        await session.advance(branch, stops=["Propose"])
        start = task.start
        session.constrain(branch, pinned=(start,), frozen=("Be brief.",), protected=(task.dev[0].id,))
        await session.advance(branch, stops=["Keep"])
        state = session.state(branch)
        assert state.proposal is not None
        assert kept_of(state.proposal) == [start]
        assert all("Be brief." in item.text for item in state.proposal.items if item.text != start)
        shown = state.proposal.items[0].text
        session.flag(branch, task.train[0].id)
        session.constrain(branch, pinned=(), hidden=(shown,))
        await session.advance(branch, stops=["Keep"])
        after = session.state(branch)
        assert after.proposal is not None
        assert shown not in kept_of(after.proposal)
        assert kept_of(after.proposal)
        models = after.branch.models.using("target", "practice-hasty")
        await session.score_on(branch, after.node.phase.prompts, models)
        other = session.move_to(branch, after.branch.node, models)
        assert session.state(other).elsewhere["practice"]
        assert rehearse(kind, after.context).optimizer_calls == 8
        assert session.state(other).estimate is not None
        await session.advance(other, stops=())
        assert session.state(other).done
        assert session.book.verify()[1] == ()

    with for_a_while():
        load_own(OWN)
        await go(optimizer("climb"))


WALKS: dict[str, Any] = {
    "accept": lambda r, s: {"proposal": s.branch.pending},
    "reject": lambda r, s: {"proposal": s.branch.pending},
    "again": lambda r, s: {"proposal": s.branch.pending},
    "next": lambda r, s: {},
    "undo": lambda r, s: {},
    "redo": lambda r, s: {},
    "goto": lambda r, s: {"node": r.choice(tuple(s.nodes))},
    "fork": lambda r, s: {"node": r.choice(tuple(s.nodes))},
    "moveto": lambda r, s: {"node": r.choice(tuple(s.nodes)), "model": r.choice(("practice-hasty", "practice"))},
    "optimizer": lambda r, s: {"name": r.choice(FOUR).name, "preset": "quick"},
    "flag": lambda r, s: {"example": r.choice((*s.context.task.train, *s.context.task.dev)).id},
    "protect": lambda r, s: {"example": r.choice((*s.context.task.train, *s.context.task.dev)).id},
    "pin": lambda r, s: {"prompt": r.choice(s.node.phase.prompts)},
    "hide": lambda r, s: {"prompt": r.choice(s.node.phase.prompts)},
    "constrain": lambda r, s: {
        **{"frozen": r.choice(("", "Be brief.")), "longest_words": "", "veto": r.random() < 0.5},
    },
    "mark": lambda r, s: {
        **{"proposal": s.branch.pending, "place": r.randrange(len(s.proposal.items)), "keep": r.random() < 0.7},
        **{"text": r.choice((None, f"Mine {r.random()}. Be brief."))},
    },
}  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("seed", range(6))
async def test_whatever_a_person_does_in_whatever_order_choices_keep_to_it_and_the_book_stays_whole(
    tmp_path: Path, seed: int
) -> None:
    """Each act is one of a page; the book is opened anew now and then, as by another process."""

    r = Random(seed)
    session, branch = begun(tmp_path, FOUR[seed % 4])
    did = 0
    for n in range(80):
        if n % 20 == 19:
            session.book.close()
            session = Session(tmp_path / "lab.sqlite")
        state = session.state(branch)
        assert page(state).board
        _held(state)
        name = r.choice(("accept", "accept", "accept", "next", *WALKS))
        if name in ("accept", "reject", "again", "mark") and not (state.proposal and state.proposal.items):
            continue
        try:
            branch = await act(session, branch, {"act": name, **WALKS[name](r, state)})
            await session.jobs.ended(branch)
            did += 1
        except MisuseError:
            assert session.branch(branch) == state.branch, "what is refused changes nothing"
        progress = session.jobs.progress(branch)
        assert progress is None or "itself failed" not in progress.error
    assert did > 40
    assert session.book.verify()[1] == ()


def _held(state: State) -> None:
    """Holds a choice among prompts to the constraints, and what a model wrote to what is frozen."""
    proposal, wanted = state.proposal, state.constraints
    if proposal is None or not any(isinstance(item, PROMPTS) for item in proposal.items):
        return
    kept = kept_of(proposal)
    if isinstance(proposal.ask, Pick):
        assert not set(kept) & set(wanted.hidden)
        assert {item.text for item in proposal.items if item.flaw is None} & set(wanted.pinned) <= set(kept)
    else:
        assert not any(lost(text, wanted.frozen) for text in kept)


# Whatever a person asks for

TEXTS = st.sampled_from((TASK.start, "other", PASSAGE, "{input}", "\n", "ß “x” {{y}}")) | st.text(max_size=20)
IDS = st.sampled_from([example.id for example in (*TASK.train[:3], *TASK.dev[:2])])
WANTED = st.fixed_dictionaries(
    {
        "pinned": st.lists(TEXTS, max_size=2),
        "hidden": st.lists(TEXTS, max_size=2),
        "frozen": st.lists(TEXTS, max_size=2),
        "longest_words": st.sampled_from((0, 3, 40)),
        "protected": st.lists(IDS, max_size=2),
        "veto": st.booleans(),
    }
)


@by_optimizer
@settings(max_examples=12, deadline=None)
@given(wanted=WANTED, draws=st.lists(st.integers(0, 9), min_size=4, max_size=12))
async def test_any_constraints_with_any_verdicts_end_serialise_and_resume(
    kind: Optimizer, wanted: dict[str, Any], draws: list[int]
) -> None:
    context = run_of(kind, rounds=1)
    try:
        held = changed(FREE, context.task, **wanted)
    except MisuseError:
        held = changed(FREE, context.task, **{**wanted, "frozen": ()})

    phase, n, rejected = kind.start(context), 0, 0
    while not isinstance(phase.ask(context), Done):
        assert n < 60
        proposal = await propose(context, phase, perform, rejected, constraints=held)
        stored = json.loads(canonical(proposal_content("n", proposal)["proposal"]))
        assert decode(stored) == proposal
        verdict = _verdict(proposal, draws[n % len(draws)])
        try:
            decision = decide(context, phase, proposal, verdict, held)
        except MisuseError:
            decision = decide(context, phase, proposal, ACCEPT, held)
        node = Node("r", decision.phase, decision.sample, "n", "p", decision.verdict, held)
        assert Node.of(json.loads(canonical(node.content))).id == node.id
        phase, rejected, n = node.phase, node.sample if n < 8 else 0, n + 1
        if verdict.kind == "reject" and n >= 8:
            phase = decide(context, phase, proposal, ACCEPT, held).phase


@by_optimizer
@settings(max_examples=12, deadline=None)
@given(wanted=WANTED, data=st.data())
def test_any_reply_under_any_constraints_becomes_a_proposal_that_autopilot_can_accept(
    kind: Optimizer, wanted: dict[str, Any], data: st.DataObject
) -> None:
    texts = st.text(max_size=30) | st.sampled_from(
        ("<START><END>", f"<START>{PASSAGE} x<END>", "<START>{input}<END>")
    )

    async def fuzzed(ask: Any, sample: str) -> Any:
        if isinstance(ask, Generate):
            return tuple(tuple(Reply(data.draw(texts)) for _ in range(one.n)) for one in ask.requests)
        return await perform(ask, sample)

    context = run_of(kind, rounds=1)
    held = changed(FREE, context.task, **{**wanted, "longest_words": 0})
    for phase, proposal in steps(kind, held, context, fuzzed):
        if isinstance(proposal.ask, Generate):
            assert {item.reply for item in proposal.items} == set(range(sum(map(len, proposal.replies))))
        for one in kept_of(proposal) if getattr(phase, "writes_prompts", False) else ():
            assert not lost(one, held.frozen)


def _verdict(proposal: Proposal, draw: int) -> Verdict:
    if draw == 0:
        return Verdict("reject", why="no")
    if draw < 5 or isinstance(proposal.ask, Evaluate) or not proposal.items:
        return ACCEPT
    at = draw % len(proposal.items)
    marks = (Mark(at, keep=False), Mark(at), Mark(at, text="other words"), Mark(text="added", like=at))
    return Verdict("edit", (marks[draw % 4],))


def test_an_unchosen_walk_is_the_same_with_and_without_the_words_free() -> None:
    for kind in FOUR:
        plain = [canonical(encode(phase)) for phase, _ in walk(run_of(kind), kind)][:-1]
        assert plain == [canonical(encode(phase)) for phase, _ in steps(kind, Constraints())]


def test_a_reply_that_did_not_arrive_whole_keeps_its_flaw_where_passages_are_added() -> None:
    kind = optimizer("opro")
    context, phase, _ = shown(kind, Candidate, Generate)

    async def cut_off(ask: Any, sample: str) -> Any:
        texts = (Reply("<START>whole one<END>"), Reply("cut", CUT), Reply("<START>whole one<END>"))
        return (texts,)

    proposal = at_once(propose(context, phase, cut_off, constraints=Constraints(frozen=(PASSAGE,))))
    assert [in_words(item.flaw) for item in proposal.items] == [
        "",
        "cut off",
        "duplicate: this prompt is already there",
    ]
    assert proposal.items[0].text == f"whole one\n{PASSAGE}"


def test_two_proposals_that_the_passage_makes_equal_are_a_prompt_and_its_duplicate() -> None:
    kind = optimizer("opro")
    context, phase, _ = shown(kind, Candidate, Generate)

    async def twice(ask: Any, sample: str) -> Any:
        return ((Reply("<START>one<END>"), Reply(f"<START>one\n{PASSAGE}<END>"), Reply("<START>two<END>")),)

    proposal = at_once(propose(context, phase, twice, constraints=Constraints(frozen=(PASSAGE,))))
    assert [in_words(item.flaw) for item in proposal.items] == ["", "duplicate: this prompt is already there", ""]
