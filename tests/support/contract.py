"""What every optimizer keeps to: parametrized over all of them, so that a new one gets the whole contract."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, replace
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.paths import ROOT, SUPPORT, TESTS
from support.scripted import KINDS, TASK, at_once, perform, run_of, walk

from lab.core.asks import By, Done, Evaluate, Generate, Phase, Reply
from lab.core.codec import canonical, decode, encode
from lab.core.review import ACCEPT, Mark, Proposal, Verdict, decide, propose
from lab.errors import MisuseError
from lab.optimizers import OPTIMIZERS, Optimizer
from lab.optimizers.settings import choice, declared


def by_likelihood(kind: Optimizer) -> Optimizer:
    """Gives the optimizer with candidates compared by likelihood unless it is told otherwise."""

    @dataclass(frozen=True)
    class Settings(kind.settings):  # type: ignore[misc, name-defined]
        score: By = choice("likelihood", get_args(By), "what candidates are compared by")

    return replace(kind, settings=Settings)


LIKELY = [by_likelihood(kind) for kind in KINDS if "score" in declared(kind.settings)]


NAMES = [*(kind.name for kind in KINDS), *(f"{kind.name}, by likelihood" for kind in LIKELY)]


by_optimizer = pytest.mark.parametrize("kind", [*KINDS, *LIKELY], ids=NAMES)


@by_optimizer
def test_every_phase_is_json_and_back_without_loss(kind: Optimizer) -> None:
    steps = walk(run_of(kind), kind)
    assert {type(phase) for phase, _ in steps} == set(kind.phases)
    for phase, ask in steps:
        assert decode(json.loads(canonical(encode(phase)))) == phase
        assert decode(json.loads(canonical(encode(ask)))) == ask


@by_optimizer
def test_resuming_from_any_phase_gives_the_same_next_ask(kind: Optimizer) -> None:
    context = run_of(kind)
    for phase, ask in walk(context, kind):
        reborn: Phase = decode(json.loads(canonical(encode(phase))))
        assert reborn.ask(context) == ask
        assert reborn.ask(context, 1) == phase.ask(context, 1)


@by_optimizer
def test_three_processes_with_other_hash_seeds_ask_the_same(kind: Optimizer) -> None:
    program = (  # importing its module registers an optimizer of one's own
        "from support.scripted import *; from lab.core.codec import *; from lab.optimizers import OPTIMIZERS\n"
        f"import {kind.start.__module__}\n"
        f"kind, given = OPTIMIZERS[{kind.name!r}], {_score(kind)!r}\n"
        "asks = [encode(ask) for _, ask in walk(run_of(kind, seed=3, **given), kind)]\n"
        "print(content_id('a', asks), hash('lab'))"
    )
    said = set()
    for seed in ("1", "2", "3"):
        path = os.pathsep.join(map(str, (ROOT, TESTS, SUPPORT)))
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path}
        ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=env, check=True)
        said.add(tuple(ran.stdout.split()))
    assert len({hashed for _, hashed in said}) == 3, "the processes really had other hash seeds"
    assert len({asks for asks, _ in said}) == 1


def _score(kind: Optimizer) -> dict[str, str]:
    return {"score": kind.settings().score} if "score" in declared(kind.settings) else {}


@by_optimizer
def test_another_seed_asks_something_else(kind: Optimizer) -> None:
    asked = [[ask for _, ask in walk(run_of(kind, seed=seed), kind)] for seed in (0, 1)]
    assert asked[0] != asked[1]


@by_optimizer
def test_an_edited_item_changes_the_next_ask_and_an_accepted_one_does_not(kind: Optimizer) -> None:
    context = run_of(kind)
    tried = 0
    for phase, ask in walk(context, kind):
        if not isinstance(ask, Generate):
            continue
        proposal = at_once(propose(context, phase, perform))
        index = next(i for i, item in enumerate(proposal.items) if item.flaw is None)
        untouched = Verdict("edit", (Mark(index, text=proposal.items[index].text),))
        edited = Verdict("edit", (Mark(index, text="Ünlike anything ${x} {{y}} that was there."),))
        accepted = decide(context, phase, proposal, ACCEPT)
        assert decide(context, phase, proposal, untouched) == accepted
        after = decide(context, phase, proposal, edited).phase.ask(context)
        assert after != accepted.phase.ask(context)
        tried += 1
    assert tried


@by_optimizer
def test_done_is_final(kind: Optimizer) -> None:
    context = run_of(kind)
    last, ask = walk(context, kind)[-1]
    assert isinstance(ask, Done)
    assert last.ask(context, 5) == ask
    with pytest.raises(Exception, match="has ended"):
        at_once(propose(context, last, perform))


@by_optimizer
def test_a_rejection_stays_in_the_phase_and_draws_another_sample(kind: Optimizer) -> None:
    context = run_of(kind)
    for phase, ask in walk(context, kind):
        if isinstance(ask, Done):
            continue
        proposal = at_once(propose(context, phase, perform))
        decision = decide(context, phase, proposal, Verdict("reject", why="no"))
        assert decision.phase == phase
        assert decision.sample == proposal.sample + 1


@by_optimizer
def test_no_ask_names_an_example_outside_its_split(kind: Optimizer) -> None:
    context = run_of(kind)
    assert context.task.test == ()
    for _, ask in walk(context, kind):
        if isinstance(ask, Evaluate):
            assert set(ask.examples) <= {example.id for example in context.task.split(ask.split)}


# The texts that models really send, and any other.
replies = st.one_of(
    st.text(max_size=60),
    st.sampled_from([
        "", "   \n ", "no tags at all", "<START> never closed", "<START><END>", "<END> backwards <START>",
        "<START> two\nlines <END>", "<START>{{ x }} {% raw %}<END>", "<START>Antwort: “schön” — 好<END>",
        "# Heading\n<START># Task\nmore<END>", "Sure!\n<START> a <END> chat <START> b <END>",
        "\\1 {prompt} {input}",
    ]),
)  # fmt: skip


@by_optimizer
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_reply_becomes_a_proposal_that_a_person_can_act_on(kind: Optimizer, data: st.DataObject) -> None:
    context = run_of(kind, rounds=1)

    async def fuzzed(ask: object, sample: str) -> object:
        if isinstance(ask, Generate):
            return tuple(tuple(Reply(data.draw(replies)) for _ in range(r.n)) for r in ask.requests)
        return await perform(ask, sample)  # type: ignore[arg-type]

    phase = kind.start(context)
    while not isinstance(phase.ask(context), Done):
        proposal = at_once(propose(context, phase, fuzzed))  # type: ignore[arg-type]
        assert decode(json.loads(canonical(encode(proposal)))) == proposal
        if isinstance(proposal.ask, Generate):
            n_replies = sum(request.n for request in proposal.ask.requests)
            assert len(proposal.items) >= n_replies, "no reply is lost without a trace"
        phase = decide(context, phase, proposal, ACCEPT).phase


@by_optimizer
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_any_sequence_of_verdicts_ends_in_a_state_that_serialises(kind: Optimizer, data: st.DataObject) -> None:
    context = run_of(kind, rounds=1)
    phase, sample, rejections = kind.start(context), 0, 0
    while not isinstance(phase.ask(context), Done):
        proposal = at_once(propose(context, phase, perform, sample))
        verdict = data.draw(_verdicts(proposal, may_reject=rejections < 3))
        rejections += verdict.kind == "reject"
        decision = decide(context, phase, proposal, verdict)
        phase, sample = decision.phase, decision.sample
        assert decode(json.loads(canonical(encode(phase)))) == phase


def runs_to_its_end_whatever_a_person_writes(kind: Optimizer, data: st.DataObject, **given: Any) -> None:
    """Drops, edits and adds items anywhere; a refused verdict is taken back, and every state serialises."""
    context = run_of(kind, **given)
    typed = st.sampled_from(["mine", "mine, longer", TASK.start, "{input}", "<INS>", "{{ x }} 好", "x" * 5000])
    phase, steps = kind.start(context), 0
    while not isinstance(phase.ask(context), Done):
        proposal, marks = at_once(propose(context, phase, perform)), list[Mark]()
        for i in range(0 if isinstance(proposal.ask, Evaluate) else len(proposal.items)):
            what = data.draw(st.sampled_from(["leave", "keep", "drop", "edit", "add"]))
            text = data.draw(typed) if what in ("edit", "add") else None
            if what == "add":
                marks.append(Mark(None, text=text, like=i))
            elif what != "leave":
                marks.append(Mark(i, what != "drop", text))
        try:
            phase = decide(context, phase, proposal, Verdict("edit", tuple(marks))).phase
        except MisuseError:
            phase = decide(context, phase, proposal, ACCEPT).phase
        assert decode(json.loads(canonical(encode(phase)))) == phase
        assert phase.prompts
        steps += 1
        assert steps < 60


@by_optimizer
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_a_run_ends_whatever_a_person_drops_edits_and_adds(kind: Optimizer, data: st.DataObject) -> None:
    runs_to_its_end_whatever_a_person_writes(kind, data)


def _verdicts(proposal: Proposal, may_reject: bool) -> st.SearchStrategy[Verdict]:
    whole = [ACCEPT, Verdict("reject", why="no")] if may_reject else [ACCEPT]
    if isinstance(proposal.ask, Evaluate) or not proposal.items:
        return st.sampled_from(whole)
    keep_or_not = st.lists(st.booleans(), min_size=len(proposal.items), max_size=len(proposal.items))
    marks = keep_or_not.map(
        lambda kept: Verdict("edit", tuple(Mark(i, keep and item.flaw is None) for i, (keep, item) in
                                           enumerate(zip(kept, proposal.items, strict=True))))
    )  # fmt: skip
    return st.one_of(st.sampled_from(whole), marks)


def check_every_setting_is_documented_and_has_a_range() -> None:
    for kind in OPTIMIZERS.values():
        settings = declared(kind.settings)
        assert list(settings) == list(kind.settings.__dataclass_fields__)
        for name, one in settings.items():
            assert one.words, f"{kind.name}.{name} has no meaning"
            assert one.choices or one.lowest < one.highest, f"{kind.name}.{name} has no range"
            assert one.parse(name, one.default) == getattr(kind.settings(), name) == one.default
