"""ProTeGi, phase by phase: what the paper says, and each fault of the authors' code that must not happen here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.flaws import CUT, in_words
from support.paths import GOLDEN
from support.scripted import TASK, at_once, perform, run_of, walk

from lab.bench.direct import Direct
from lab.core.asks import (
    By,
    Candidate,
    Context,
    Critique,
    Done,
    ErrorSample,
    Evaluate,
    Example,
    Generate,
    Pick,
    Reply,
    Score,
)  # fmt: skip
from lab.core.codec import canonical, decode, encode
from lab.core.flaws import Flaw
from lab.core.review import ACCEPT, Mark, Verdict, decide, propose
from lab.errors import MisuseError
from lab.optimizers import OPTIMIZERS, protegi
from lab.optimizers.protegi import (
    Criticise,
    Edit,
    Groups,
    Limit,
    Minibatch,
    NextBeam,
    Paraphrase,
    Reject,
    Select,
)  # fmt: skip
from lab.optimizers.replies import tagged
from lab.optimizers.sections import section_flaw, section_of, with_section
from lab.optimizers.settings import declared
from lab.optimizers.shown import text as written
from lab.practice.metaprompt import look_at
from lab.tasks.bundled import load
from lab.tasks.metrics import judge

KIND = OPTIMIZERS["protegi"]
BEAM = (Candidate("Say yes or no."),)


def scored(context: Context, phase: Minibatch, hit: float) -> tuple[Score, ...]:
    ask = phase.ask(context)
    assert isinstance(ask, Evaluate)
    n = len(ask.examples)
    return tuple(Score(p, ask.examples, None, (hit,) * n, ("maybe",) * n) for p in ask.prompts)


def errors(n: int, prompt: int = 0) -> tuple[ErrorSample, ...]:
    return tuple(ErrorSample(e.input, (TASK.start,), None, e.id, e.answer, "maybe", prompt) for e in TASK.train[:n])


def criticise(*texts: str, **settings: Any) -> tuple[Critique, ...]:
    context = run_of(KIND, **settings)
    phase = Criticise(0, BEAM, tuple(errors(2) for _ in texts))
    return phase.read(context, tuple((Reply(text),) for text in texts))


def edit(*texts: str, parent: str = TASK.start, **settings: Any) -> tuple[Candidate, ...]:
    task = replace(TASK, start=parent) if "# Task" in parent else TASK
    context = run_of(KIND, task=task, **settings)
    critique = Critique("too short", prompt=0, errors=errors(1))
    phase = Edit(0, (Candidate(parent),), (critique,) * len(texts))
    return phase.read(context, tuple((Reply(text),) for text in texts))


def test_the_defaults_are_the_papers() -> None:
    s = protegi.Settings()
    assert (s.rounds, s.beam, s.minibatch, s.groups, s.group_size) == (6, 4, 64, 4, 4)
    assert (s.critiques, s.edits, s.paraphrases, s.expansion) == (1, 1, 2, 8)
    assert (s.selection, s.selection_rounds, s.selection_prompts, s.selection_rows) == ("ucb", 8, 8, 32)
    assert (s.exploration, s.temperature, s.reject_on_errors) == (1.0, 1.0, "off")


def test_the_phases_of_a_round_come_in_the_papers_order() -> None:
    phases = [phase.__name__ for phase in protegi.PHASES]
    for reject, expected in (("on", phases), ("off", [name for name in phases if name != "Reject"])):
        names = [type(one).__name__ for one, _ in walk(run_of(KIND, rounds=1, reject_on_errors=reject), KIND)]
        assert list(dict.fromkeys(names[:-1])) == expected
        assert names[-1] == "Minibatch"


def test_a_round_asks_as_often_as_the_papers_defaults_say() -> None:
    """13 optimizer calls in the first round, 52 in the next: 4 critiques, 4 edits, 2 paraphrases of each new
    prompt and of the beam, which the authors' code counts as 13 = 4 + 4 + 5 requests of n = 2."""
    task = replace(TASK, train=tuple(Example.of(f"input {i}", "no") for i in range(400)))
    context = Context(task.sealed(), protegi.Settings(rounds=2), 0)
    n_requests = [0, 0]
    for phase, ask in walk(context, KIND):
        if isinstance(ask, Generate):
            n_requests[phase.round] += len(ask.requests)
        if isinstance(phase, Select) and isinstance(ask, Evaluate):
            assert len(ask.prompts) <= 8
            assert len(ask.examples) == 32
    assert n_requests[0] == 13
    # differs: 2 more than 52 are not possible, fewer are where two beam members have an equal edit
    assert n_requests[1] == 52


def test_a_minibatch_without_errors_asks_for_no_critique() -> None:
    context = run_of(KIND)
    phase = Minibatch(0, BEAM)
    after = phase.tell(context, scored(context, phase, 1.0))
    assert isinstance(after, Paraphrase)
    assert after.edits == ()
    assert len(after.ask(context).requests) == 1


def test_a_minibatch_of_errors_only_draws_groups_no_larger_than_asked() -> None:
    context = run_of(KIND)
    phase = Minibatch(0, BEAM)
    groups = phase.tell(context, scored(context, phase, 0.0))
    assert isinstance(groups, Groups)
    assert len(groups.errors) == 16
    ask = groups.ask(context)
    drawn = [ask.options[i] for i in ask.chosen]
    assert len(drawn) == 2 * 3
    assert {item.example for item in ask.options if isinstance(item, ErrorSample)} == {
        e.example for e in groups.errors
    }


def test_fewer_errors_than_a_group_holds_make_a_smaller_group() -> None:
    context = run_of(KIND)
    ask = Groups(0, BEAM, errors(1)).ask(context)
    assert len(ask.chosen) == 2, "one error in each of two groups"


def test_an_unmeasured_answer_is_no_error() -> None:
    context = run_of(KIND)
    phase = Minibatch(0, BEAM)
    ask = phase.ask(context)
    assert isinstance(ask, Evaluate)
    hits: tuple[float | None, ...] = (None,) * len(ask.examples)
    score = Score(TASK.start, ask.examples, None, hits, ("",) * len(ask.examples))
    assert score.mean is None
    assert isinstance(phase.tell(context, (score,)), Paraphrase)


def test_an_error_says_where_its_answer_did_not_arrive_whole() -> None:
    ids = tuple(example.id for example in TASK.train[:3])
    score = Score(TASK.start, ids, hits=(0.0, 1.0, 0.0), got=("ye", "yes", "no"), flaws=(CUT, None, None))
    context = run_of(KIND)
    first = KIND.start(context)
    told: Any = first.tell(context, (score,))
    assert [(error.example, error.answer_flaw) for error in told.errors] == [(ids[0], CUT), (ids[2], None)]
    plain: Any = first.tell(context, (replace(score, flaws=()),))
    assert {error.answer_flaw for error in plain.errors} == {None}


def test_an_error_picked_by_hand_joins_the_smallest_group_of_its_prompt() -> None:
    context = run_of(KIND)
    a, b, c, extra = errors(4)
    after = Groups(0, BEAM, errors(4)).tell(context, (
        replace(a, group=0), replace(b, group=0), replace(c, group=1), extra,
    ))  # fmt: skip
    assert isinstance(after, Criticise)
    assert [len(group) for group in after.groups] == [2, 2]


def test_no_error_left_means_no_critique() -> None:
    assert isinstance(Groups(0, BEAM, errors(3)).tell(run_of(KIND), ()), Paraphrase)


def test_a_critique_without_tags_is_recovered_and_says_so() -> None:
    (item,) = criticise("The prompt is vague.")
    assert (item.text, item.flaw, item.recovered) == ("The prompt is vague.", None, True)


def test_an_empty_reply_stays_as_an_item_with_its_flaw() -> None:
    (item,) = criticise("  \n ")
    assert (item.text, in_words(item.flaw)) == ("", "empty reply")


def test_a_tag_that_never_closes_is_said_to_be_cut_off() -> None:
    (item,) = criticise("Well: <START> the labels are")
    assert item.text == "the labels are"
    assert "cut off" in in_words(item.flaw)


def test_more_critiques_than_asked_for_are_shown_with_their_reason() -> None:
    one, two = criticise("<START>a<END> and <START>b<END>")
    assert in_words(one.flaw) == "more than was asked for"
    assert (two.text, two.flaw) == ("b", None)


def test_a_multi_line_reply_keeps_its_lines() -> None:
    (item,) = edit("<START>\n# Task\nSay yes.\n\n  - or no\n<END>")
    assert item.text == "# Task\nSay yes.\n\n  - or no"
    assert item.flaw is None


def test_a_multi_line_prompt_can_be_edited_again_in_the_next_round() -> None:
    """The authors' code loses such a beam member: its section is no longer found in the prompt."""
    text = "# Task\n  Say yes.\n\n    - always\n\n# Output\n- or no"
    context = run_of(KIND, task=replace(TASK, start=text))
    for words in ("First line.\n    second line\n\n  third", "Other words."):
        ask = Criticise(1, (Candidate(text),), (errors(2),)).ask(context)
        assert f"<INSTRUCTIONS>\n{section_of(text)[1]}\n</INSTRUCTIONS>" in ask.requests[0].meta_prompt
        (item,) = edit(f"<START>{words}<END>", parent=text)
        assert (item.text, item.flaw) == (f"# Task\n{words}\n\n# Output\n- or no", None)
        text = item.text


@pytest.mark.parametrize("text", ["Use {{ x }} and {% if y %}", "{{", "{% raw %}", "${x} $$ \\1 {prompt} {errors}"])
def test_braces_in_a_reply_are_text_and_never_a_template(text: str) -> None:
    (item,) = edit(f"<START>{text}<END>")
    assert item.text == text
    ask = Criticise(1, (Candidate(text),), (errors(1),)).ask(run_of(KIND))
    assert text in ask.requests[0].meta_prompt


def test_a_non_ascii_reply_is_kept_to_the_letter() -> None:
    (item,) = criticise("<START>Die Anweisung ist zu knapp – “好” naïve 🙂<END>")
    assert item.text == "Die Anweisung ist zu knapp – “好” naïve 🙂"


def test_an_edit_equal_to_its_parent_or_to_another_is_a_duplicate() -> None:
    same, one, two = edit(f"<START>{TASK.start}<END>", "<START>new<END>", "<START>new<END>")
    assert "duplicate" in in_words(same.flaw)
    assert one.flaw is None
    assert "duplicate" in in_words(two.flaw)


def test_an_edit_that_loses_a_placeholder_or_is_too_long_says_so() -> None:
    (lost,) = edit("<START>Answer well.<END>", parent="Answer {input} in {{language}}.")
    assert in_words(lost.flaw) == "lost the placeholder {input}, {{language}}"
    (long,) = edit(f"<START>{'x' * 13}<END>", longest=10)
    assert in_words(long.flaw) == "too long: 13 characters, the limit is 10"


def test_a_reply_that_was_cut_off_is_not_taken_for_a_paraphrase() -> None:
    context = run_of(KIND)
    phase = Paraphrase(0, BEAM, ())
    (item, other) = phase.read(context, ((Reply("half a sent", Flaw("cut_off")), Reply("Other words.")),))
    assert in_words(item.flaw) == "cut off at the token limit"
    assert other.flaw is None


def test_no_more_candidates_per_beam_member_than_the_expansion_limit() -> None:
    context = run_of(KIND)
    candidates = tuple(Candidate(f"c{i}", member=i % 2) for i in range(20))
    ask = Limit(0, (*BEAM, Candidate("other")), candidates).ask(context)
    kept = [ask.options[i] for i in ask.chosen]
    assert [sum(c.member == p for c in kept if isinstance(c, Candidate)) for p in (0, 1)] == [3, 3]


def test_the_beam_always_competes_and_is_measured_first() -> None:
    context = run_of(KIND)
    after = Limit(0, BEAM, ()).tell(context, tuple(Candidate(f"c{i}", parent=TASK.start) for i in range(9)))
    assert after.candidates[0] == BEAM[0]
    assert after.ask(context).prompts[0] == TASK.start


def test_a_lone_candidate_gets_a_measured_score_and_not_one() -> None:
    context = run_of(KIND)
    phase: Any = Limit(0, BEAM, ()).tell(context, ())
    while isinstance(phase, Select):
        phase = decide(context, phase, at_once(propose(context, phase, perform)), ACCEPT).phase
    assert isinstance(phase, NextBeam)
    (only,) = phase.candidates
    assert only.n_rows == 3 * 8
    assert only.score is not None
    assert only.score < 1


def test_a_candidate_never_pulled_is_not_measured_and_stays_out_of_the_beam() -> None:
    context = run_of(KIND)
    phase = NextBeam(
        0, BEAM, (Candidate("a", score=0.2, n_rows=8), Candidate("b"), Candidate("c", score=0.5, n_rows=8)), (2, 0)
    )
    ask = phase.ask(context)
    assert [item.text for item in ask.options] == ["c", "a", "b"]
    assert ask.chosen == (0, 1)
    assert ask.options[2].score is None  # type: ignore[attr-defined]


def test_a_candidate_edited_after_it_was_measured_loses_its_estimate() -> None:
    context = run_of(KIND)
    phase = NextBeam(0, BEAM, (Candidate("a", score=0.2, n_rows=8),), (0,))
    proposal = at_once(propose(context, phase, perform))
    after = decide(context, phase, proposal, Verdict("edit", (Mark(0, text="a, but kinder"),))).phase
    assert isinstance(after, Minibatch)
    assert (after.beam[0].text, after.beam[0].score, after.beam[0].n_rows) == ("a, but kinder", None, 0)


def test_dropping_every_candidate_keeps_the_beam() -> None:
    context = run_of(KIND)
    phase = NextBeam(0, BEAM, (Candidate("a", score=0.2, n_rows=8),), (0,))
    proposal = at_once(propose(context, phase, perform))
    after = decide(context, phase, proposal, Verdict("edit", (Mark(0, keep=False),))).phase
    assert isinstance(after, Minibatch)
    assert after.prompts == (TASK.start,)


def test_the_same_words_are_asked_anew_in_a_later_round() -> None:
    asked: list[str] = []

    async def noting(ask: Any, sample: str) -> Any:
        asked.append(sample)
        return await perform(ask, sample)

    context = run_of(KIND)
    at_once(propose(context, Paraphrase(0, BEAM, ()), noting))
    at_once(propose(context, Paraphrase(1, BEAM, ()), noting))
    assert len(set(asked)) == 2


@pytest.mark.parametrize(("wording", "golden"), [("paper", ""), ("fitted", "_fitted")])
@pytest.mark.parametrize("name", ["critique", "edit", "paraphrase"])
def test_each_rendered_meta_prompt_is_the_golden_one(name: str, wording: str, golden: str) -> None:
    context = run_of(KIND, wording=wording)
    phase = {
        "critique": Criticise(0, BEAM, (errors(2),)),
        "edit": Edit(0, BEAM, (Critique("It does not say what “yes” means.", prompt=0, errors=errors(1)),)),
        "paraphrase": Paraphrase(0, BEAM, ()),
    }[name]
    rendered = phase.ask(context).requests[0].meta_prompt  # type: ignore[attr-defined]
    assert rendered == (GOLDEN / f"protegi_{name}{golden}.txt").read_text(encoding="utf-8").rstrip("\n")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"beems": "3"}, "no setting “beems”"),
        ({"beam": "0"}, "from 1 to 32"),
        ({"beam": "many"}, "whole number"),
        ({"beam": "2.5"}, "whole number"),
        ({"exploration": "nan"}, "from 0 to 100"),
        ({"selection": "best"}, "ucb, uniform"),
    ],
)
def test_a_wrong_setting_is_refused_in_a_sentence(given: dict[str, str], sentence: str) -> None:
    with pytest.raises(MisuseError, match=sentence):
        KIND.configure(**given)


def test_tags_are_read_in_any_case() -> None:
    assert tagged(Reply("x <start>a<end>"), 1) == (("a", None),)


def test_picks_are_offered_with_the_machines_own_choice() -> None:
    for phase, ask in walk(run_of(KIND, rounds=1), KIND):
        if isinstance(phase, (Groups, Limit, NextBeam)):
            assert isinstance(ask, Pick)
            assert ask.chosen


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"beam": None}, "Beam is empty. Write a whole number from 1 to 32."),
        ({"group_size": " "}, "Group size is empty. Write a whole number from 1 to 64."),
        ({"temperature": None}, "Temperature is empty. Write a number from 0 to 2."),
        ({"beam": 1.5}, "beam must be a whole number from 1 to 32, not “1.5”."),
        ({"temperature": "warm"}, "temperature must be a number from 0 to 2, not “warm”."),
        ({"beam": 1_000_000_000}, "beam must be from 1 to 32, not 1000000000."),
        ({"selection": None}, "selection must be one of"),
    ],
)
def test_every_refusal_of_a_setting_names_what_is_allowed_and_what_was_given(
    given: dict[str, object], sentence: str
) -> None:
    with pytest.raises(MisuseError) as caught:
        KIND.configure(**given)
    assert str(caught.value).startswith(sentence)


def test_a_start_prompt_beyond_the_length_limit_never_stops_an_autopilot() -> None:
    """What is in the beam already is not flawed by its length; only what would join it can be."""
    task = replace(TASK, start="Say yes or no, please. " * 20)
    steps = walk(run_of(KIND, task=task, longest=30), KIND)
    assert steps[-1][0].round == 2
    for phase, _ in steps:
        assert task.start in phase.prompts or all(len(prompt) <= 30 for prompt in phase.prompts)


def test_a_beam_member_keeps_its_place_under_a_shorter_limit_and_a_longer_text_does_not_join() -> None:
    context = run_of(KIND, longest=10)
    phase = NextBeam(0, BEAM, (replace(BEAM[0], score=0.5, n_rows=8),), (0,))
    proposal = at_once(propose(context, phase, perform))
    assert decide(context, phase, proposal, ACCEPT).phase.prompts == ("Say yes or no.",)
    with pytest.raises(MisuseError, match="too long"):
        decide(context, phase, proposal, Verdict("edit", (Mark(0, text="Say yes or no!!"),)))


@pytest.mark.parametrize("selection", declared(protegi.Settings)["selection"].choices)
def test_a_run_with_each_selection_ends_and_measures_every_beam_member(selection: str) -> None:
    context = run_of(KIND, selection=selection)
    steps = walk(context, KIND)
    s = context.settings
    for round in range(s.rounds):
        pulls = [ask for phase, ask in steps if isinstance(phase, Select) and phase.round == round]
        spent = sum(len(ask.prompts) * len(ask.examples) for ask in pulls)
        assert 0 < spent <= s.selection_rounds * s.selection_prompts * s.selection_rows
    for phase, _ in steps:
        assert decode(json.loads(canonical(encode(phase)))) == phase
        if isinstance(phase, NextBeam):
            assert len(phase.ranked) >= s.beam
    assert len(steps[-1][0].prompts) == s.beam


def test_a_staged_selection_hands_on_what_it_kept_and_not_what_it_rejected() -> None:
    """Those that stay may lose their luck later: what was rejected before does not come back for that."""
    context = run_of(KIND, selection="successive_rejects")
    phase: Any = Limit(0, BEAM, ()).tell(context, many(5))
    while isinstance(phase, Select):
        last, ask = phase, phase.ask(context)
        lucky = {one.text: 0.5 if len(ask.prompts) == 6 else 0.0 for one in phase.candidates}
        phase = phase.tell(context, measured(ask, lucky))
    kept = [phase.candidates[arm] for arm in phase.ranked]
    assert {one.text for one in kept[:3]} == set(last.ask(context).prompts)
    assert max(one.score for one in kept[:3] if one.score is not None) < 0.5
    assert kept[-1].score == 0.5


# Candidates on the errors.


def many(n: int, member: int = 0) -> tuple[Candidate, ...]:
    return tuple(Candidate(f"c{member}.{i}", parent=TASK.start, member=member) for i in range(n))


def rejecting(n: int = 6, wrong: int = 5, **settings: Any) -> tuple[Context, Any]:
    context = run_of(KIND, reject_on_errors="on", expansion=3, **settings)
    ids = tuple(one.id for one in TASK.train[:wrong])
    edits = many(n)
    return context, Paraphrase(0, BEAM, edits, wrong=(ids,)).tell(context, ())


def measured(ask: Evaluate, hits: dict[str, float | None]) -> tuple[Score, ...]:
    n = len(ask.examples)
    return tuple(Score(text, ask.examples, None, (hits[text],) * n, ("x",) * n) for text in ask.prompts)


def test_candidates_are_tried_on_the_errors_of_their_own_prompt_only() -> None:
    context = run_of(KIND, reject_on_errors="on", beam=2)
    other = tuple(one.id for one in TASK.train[20:24])
    mine = tuple(one.id for one in TASK.train[:5])
    beam = (*BEAM, Candidate("Answer."))
    phase: Any = Paraphrase(0, beam, (*many(5, 0), *many(4, 1)), wrong=(mine, other)).tell(context, ())
    asked = []
    while isinstance(phase, Reject):
        ask = phase.ask(context)
        asked.append((ask.prompts, set(ask.examples)))
        phase = phase.tell(context, measured(ask, dict.fromkeys(ask.prompts, 0.5)))
    assert asked == [
        (tuple(one.text for one in many(5, 0)), set(mine)), (tuple(one.text for one in many(4, 1)), set(other)),
    ]  # fmt: skip
    assert isinstance(phase, Limit)


def test_the_errors_come_from_the_minibatch_and_are_all_there_however_few_are_drawn() -> None:
    context = run_of(KIND, reject_on_errors="on", groups=1, group_size=1)
    first = Minibatch(0, BEAM)
    groups = first.tell(context, scored(context, first, 0.0))
    after: Any = groups
    while not isinstance(after, Reject):
        after = decide(context, after, at_once(propose(context, after, perform)), ACCEPT).phase
    assert isinstance(groups, Groups)
    assert after.wrong == (tuple(error.example for error in groups.errors),)
    assert len(after.ask(context).examples) == 16


def test_no_more_than_sixteen_errors_are_tried() -> None:
    context, phase = rejecting(wrong=30)
    assert len(phase.ask(context).examples) == len(set(phase.ask(context).examples)) == 16
    assert set(phase.ask(context).examples) != set(phase.ask(context, 1).examples)


def test_the_best_on_the_errors_are_chosen_and_ties_go_in_order() -> None:
    context, phase = rejecting()
    hits: dict[str, float | None] = {"c0.0": 0.0, "c0.1": 1.0, "c0.2": 0.5, "c0.3": None, "c0.4": 0.5, "c0.5": 0.5}
    limit = phase.tell(context, measured(phase.ask(context), hits))
    assert isinstance(limit, Limit)
    ask = limit.ask(context)
    assert ask.chosen == (1, 2, 4)
    assert [(one.score, one.n_rows) for one in ask.options] == [
        (0.0, 5), (1.0, 5), (0.5, 5), (None, 0), (0.5, 5), (0.5, 5),
    ]  # fmt: skip


def test_a_score_on_the_errors_is_no_estimate_and_ends_at_the_limit() -> None:
    context, phase = rejecting()
    limit = phase.tell(context, measured(phase.ask(context), {one.text: 1.0 for one in many(6)}))
    select = limit.tell(context, limit.candidates[:3])
    assert [(one.score, one.n_rows) for one in select.candidates] == [(None, 0)] * 4
    unasked = select.tell(context, ())
    assert all(one.score is None for one in unasked.candidates)


def test_few_enough_candidates_or_no_errors_cost_no_call() -> None:
    assert isinstance(rejecting(n=3)[1], Limit)
    assert isinstance(rejecting(wrong=0)[1], Limit)


def test_an_example_that_was_taken_out_since_is_not_asked_for() -> None:
    context, phase = rejecting()
    less = replace(context, task=replace(context.task, train=context.task.train[2:]))
    assert set(phase.ask(less).examples) == {one.id for one in TASK.train[2:5]}


def test_with_rejection_off_no_phase_holds_the_errors_and_the_draw_is_by_chance() -> None:
    steps = walk(run_of(KIND, reject_on_errors="off"), KIND)
    assert not [phase for phase, _ in steps if isinstance(phase, Reject)]
    assert all(getattr(phase, "wrong", ()) == () for phase, _ in steps)
    draws = {Limit(0, BEAM, many(9)).ask(run_of(KIND, seed=seed)).chosen for seed in range(9)}
    assert len(draws) > 1


def test_rejection_keeps_to_the_contract_in_every_phase() -> None:
    context = run_of(KIND, reject_on_errors="on")
    steps = walk(context, KIND)
    assert {type(phase) for phase, _ in steps} == set(protegi.PHASES)
    for phase, ask in steps:
        reborn: Any = decode(json.loads(canonical(encode(phase))))
        assert (reborn, reborn.ask(context)) == (phase, ask)
        if isinstance(ask, Evaluate):
            assert ask.prompts
            assert ask.examples


# Selection by likelihood.


def test_only_the_selection_asks_by_likelihood_and_errors_are_sought_by_answers() -> None:
    for phase, ask in walk(run_of(KIND, score="likelihood"), KIND):
        if isinstance(ask, Evaluate):
            assert ask.by == ("likelihood" if isinstance(phase, Select) else "answers")
    assert protegi.Settings().score == "answers"


def selected(context: Context, bys: tuple[By, ...]) -> NextBeam:
    """Measures three arms to the end; pull by pull by what `bys` says, the last for all that follow."""
    phase: Any = Select(0, BEAM, (*BEAM, *many(2)), protegi.Arms.unmeasured(3))
    for n in range(99):
        if not isinstance(phase, Select):
            break
        ask, by = phase.ask(context), bys[min(n, len(bys) - 1)]
        hits = {"answers": (1.0, 0.5, 0.0), "likelihood": (-2.0, -1.0, -0.5)}[by]
        texts = {one.text: hits[arm] for arm, one in enumerate(phase.candidates)}
        phase = phase.tell(context, tuple(replace(one, by=by) for one in measured(ask, dict(texts))))
    assert isinstance(phase, NextBeam)
    return phase


@pytest.mark.parametrize("selection", declared(protegi.Settings)["selection"].choices)
def test_the_likeliest_become_the_beam_and_say_what_they_were_measured_by(selection: str) -> None:
    context = run_of(KIND, score="likelihood", selection=selection)
    phase = selected(context, ("likelihood",))
    ask = phase.ask(context)
    assert [(ask.options[i].text, ask.options[i].score) for i in ask.chosen] == [("c0.1", -0.5), ("c0.0", -1.0)]  # type: ignore[attr-defined]
    after = decide(context, phase, at_once(propose(context, phase, perform)), ACCEPT).phase
    assert [one.by for one in after.beam] == ["likelihood"] * 2  # type: ignore[attr-defined]


def test_a_candidate_never_pulled_does_not_outrank_a_log_probability() -> None:
    context = run_of(KIND, score="likelihood")
    phase = NextBeam(0, BEAM, (Candidate("a", score=-3.0, n_rows=8, by="likelihood"), Candidate("b")), (0,))
    ask = phase.ask(context)
    assert ([one.text for one in ask.options], ask.chosen) == (["a", "b"], (0,))


def test_an_endpoint_that_cannot_tell_is_believed_and_what_it_told_before_is_forgotten() -> None:
    context = run_of(KIND, score="likelihood")
    phase = selected(context, ("likelihood", "answers"))
    assert {one.by for one in phase.candidates if one.score is not None} == {"answers"}
    assert phase.candidates[phase.ranked[0]].text == TASK.start
    assert all(one.score is None or one.score >= 0 for one in phase.candidates)


def test_an_edited_beam_member_loses_what_it_was_measured_by() -> None:
    context = run_of(KIND, score="likelihood")
    phase = NextBeam(0, BEAM, (Candidate("a", score=-3.0, n_rows=8, by="likelihood"),), (0,))
    kept, edited = phase.check(context, (phase.candidates[0], replace(phase.candidates[0], text="a, mine")))
    assert (kept.score, kept.by) == (-3.0, "likelihood")
    assert (edited.score, edited.n_rows, edited.by) == (None, 0, "answers")


def test_an_answer_that_is_no_label_is_an_error_and_counts_as_none_of_them() -> None:
    """The authors' code takes whatever does not begin with YES for No."""
    context = run_of(KIND)
    phase = Minibatch(0, BEAM)
    ask = phase.ask(context)
    assert isinstance(ask, Evaluate)
    wanted = {example.id: example for example in context.task.train}
    judged = [judge(context.task.metric, context.task.labels, wanted[id], "Well, maybe.") for id in ask.examples]
    hits, got = tuple(one.hit for one in judged), tuple(one.got for one in judged)
    groups = phase.tell(context, (Score(TASK.start, ask.examples, None, hits, got),))
    assert isinstance(groups, Groups)
    assert {error.answer for error in groups.errors} == {"yes", "no"}
    assert {error.got for error in groups.errors} == {"Well, maybe."}
    assert len(groups.errors) == len(ask.examples)


@pytest.mark.parametrize("selection", declared(protegi.Settings)["selection"].choices)
def test_fewer_examples_than_any_batch_holds_are_all_used_and_none_twice(selection: str) -> None:
    """The authors' code cannot draw 32 rows of fewer."""
    few = replace(TASK, train=TASK.train[:3])
    steps = walk(Context(few.sealed(), KIND.configure("quick", selection=selection), 0), KIND)
    asked = [ask.examples for phase, ask in steps if isinstance(ask, Evaluate)]
    assert all(len(set(ids)) == len(ids) <= 3 for ids in asked)
    assert isinstance(steps[-1][1], Done)


def test_the_run_names_the_best_of_its_beam() -> None:
    """The authors' code ends without one; the paper takes the best of the beam on test."""
    for phase, ask in walk(run_of(KIND), KIND):
        if isinstance(ask, Done):
            scores = [one.score for one in phase.beam]  # type: ignore[attr-defined]
            assert (ask.best, scores) == (phase.prompts[0], sorted(scores, reverse=True))


OTHER = {
    "rounds": 1, "beam": 1, "minibatch": 4, "groups": 1, "group_size": 1, "critiques": 2, "edits": 2,
    "paraphrases": 0, "expansion": 1, "reject_on_errors": "off", "selection": "uniform", "score": "likelihood",
    "selection_rounds": 1, "selection_prompts": 2, "selection_rows": 4, "exploration": 0, "temperature": 0.5,
    "longest": 5, "wording": "paper",
}  # fmt: skip


@pytest.mark.parametrize("name", [field.name for field in fields(protegi.Settings)])
def test_no_setting_is_without_effect(name: str) -> None:
    """Five of the authors' flags are read and never used."""
    base = {"selection_rounds": 12} if name == "exploration" else {}  # the first pulls are of what is unseen
    both = ({}, {name: OTHER[name]})
    plain, other = ([ask for _, ask in walk(run_of(KIND, **{**base, **given}), KIND)] for given in both)
    assert plain != other


# Tasks that are not yes or no.


@pytest.mark.parametrize(
    ("named", "partly"), [("triage", False), ("contacts", True), ("word-problems", False)], ids=str
)
def test_many_labels_free_text_and_numbers_are_optimized_as_yes_and_no_are(named: str, partly: bool) -> None:
    """The authors' code knows two classes, and writes every answer as Yes or No."""
    task = load(named).sealed()
    context, direct = Context(task, KIND.configure("quick"), 0), Direct(task)
    seen, phase = list[ErrorSample](), KIND.start(context)
    while not isinstance(ask := phase.ask(context), Done):
        proposal = at_once(propose(context, phase, direct))
        if isinstance(phase, Minibatch):
            hits = [hit for score in proposal.items if isinstance(score, Score) for hit in score.hits]
            assert any(hit is not None and 0 < hit < 1 for hit in hits) == partly
        after = decide(context, phase, proposal, ACCEPT).phase
        if isinstance(phase, Minibatch) and isinstance(after, Groups):
            seen += after.errors
            wrong = sum(hit is not None and hit < 1 for hit in hits)
            assert len(after.errors) == wrong, "what is partly right is an error too"
        if isinstance(phase, Criticise) and isinstance(ask, Generate):
            for request, group in zip(ask.requests, phase.groups, strict=True):
                for error in group:
                    told = [written(one) for one in (error.text, error.answer, error.got)]
                    lines = "Input: {}\nExpected answer: {}\nGiven answer: {}".format(*told)
                    assert lines in request.meta_prompt
        phase = after
    answers = {example.id: example.answer for example in task.train}
    assert seen
    assert all(error.answer == answers[error.example] for error in seen)
    assert len({error.answer for error in seen}) > 2
    found = direct.dev([task.start, ask.best])
    assert found[ask.best] > found[task.start]


@pytest.mark.parametrize("name", ["critique", "edit", "paraphrase"])
def test_no_meta_prompt_speaks_of_a_kind_of_task(name: str) -> None:
    template = (Path(protegi.__file__).parent / "meta_prompts" / f"protegi_{name}.md").read_text(encoding="utf-8")
    words = {word.strip(".,:<>") for word in template.lower().split()}
    assert not words & {
        "yes",
        "no",
        "binary",
        "classify",
        "classifier",
        "class",
        "label",
        "labels",
        "true",
        "false",
    }


# A marked section.

MARKED = "# Role\nYou help. Say yes.\n\n# Task: judge\n\nSay yes.\n\n# Format\nSay yes.\n{input}\n"


@pytest.mark.parametrize(
    ("prompt", "section"),
    [
        (MARKED, "Say yes."),
        ("# task\nOne.\nTwo.", "One.\nTwo."),
        ("# Task\n  - one\n    - two\n\n", "  - one\n    - two"),
        ("#  TASK description\n\n \nOne.\n## Detail\n#tag\n# End", "One.\n## Detail\n#tag"),
        ("Before.\n# Task\r\nOne.\r\n# End\r\n", "One."),
        ("# Task\nOne.\n# Task\nTwo.", "One."),
        ("No heading at all.", "No heading at all."),
        ("# Tasks\nOne.", "# Tasks\nOne."),
        ("#Task\nOne.", "#Task\nOne."),
        (" # Task\nOne.", " # Task\nOne."),
        ("# Task", "# Task"),
        ("# Task\n\n# Format\nOne word.", "# Task\n\n# Format\nOne word."),
        ("", ""),
    ],
)
def test_the_section_is_the_text_under_the_heading(prompt: str, section: str) -> None:
    assert section_of(prompt)[1] == section


pieces = st.sampled_from(
    [
        "# Task",
        "# Task 2",
        "# Format",
        "# ",
        "#",
        " # Task",
        "\n",
        "\r\n",
        "\n\n",
        "  ",
        "Say yes.",
        "{input}",
        "好",
        "\x1c",
    ]
)
prompts = st.one_of(st.lists(pieces, max_size=12).map("".join), st.text(max_size=40))
bodies = (
    st.one_of(st.lists(pieces, max_size=6).map("".join), st.text(max_size=40))
    .map(str.strip)
    .filter(lambda text: text and section_flaw(f"# Task\n{text}", "# Task\nx") is None)
)


@given(prompt=prompts, text=bodies)
@example(prompt=MARKED, text="Say no.")
def test_exactly_the_section_is_replaced_and_all_else_stays_to_the_letter(prompt: str, text: str) -> None:
    before, section, after = section_of(prompt)
    assert before + section + after == prompt
    assert with_section(prompt, section) == prompt
    made = with_section(prompt, text)
    assert made == before + text + after
    if before:
        assert section_flaw(made, prompt) is None
        assert section_of(made) == (before, text, after), "it can be edited again"
        assert with_section(made, section) == prompt


@given(prompt=prompts)
def test_a_prompt_without_a_section_has_no_flaw_of_its_section(prompt: str) -> None:
    if section_of(prompt)[1] == prompt:
        assert section_flaw("# Task\nAny.\n# Other", prompt) is None


def of_marked() -> Context:
    return run_of(KIND, task=replace(TASK, start=MARKED))


def asked_of(prompt: str, start: str, **given: Any) -> Iterator[str]:
    context, beam = run_of(KIND, task=replace(TASK, start=start), **given), (Candidate(prompt),)
    critique = Critique("It is vague.", prompt=0, errors=errors(1))
    for phase in (Criticise(0, beam, (errors(2),)), Edit(0, beam, (critique,)), Paraphrase(0, beam, ())):
        yield phase.ask(context).requests[0].meta_prompt  # type: ignore[attr-defined]


def test_only_the_section_is_asked_for_and_the_whole_prompt_is_shown_with_it_marked() -> None:
    critique, edit, paraphrase = asked_of(MARKED, start=MARKED)
    before, part, after = section_of(MARKED)
    for told in (critique, edit):
        assert f"<WHOLE>\n{before}<PART>\n{part}\n</PART>{after}\n</WHOLE>" in told
        assert f"This is the part that may change:\n<INSTRUCTIONS>\n{part}\n</INSTRUCTIONS>" in told
        assert "its current instructions" not in told
        assert "the instructions that it was given" not in told
    assert f"<INSTRUCTIONS>\n{part}\n</INSTRUCTIONS>" in paraphrase


def test_a_heading_of_an_optimizers_own_makes_no_section() -> None:
    for told in asked_of(MARKED, start="Say yes."):
        assert f"<INSTRUCTIONS>\n{MARKED}\n</INSTRUCTIONS>" in told


def test_meta_prompts_say_how_answers_are_judged_and_what_stays_unless_the_papers_wording_is_wanted() -> None:
    prompt = "Say yes or no to {input}."
    critique, edit, paraphrase = asked_of(prompt, start=prompt)
    for told in (critique, edit, paraphrase):
        assert "the whole answer is exactly one of no, yes" in told
    for told in (edit, paraphrase):
        assert "Keep {input} exactly as it stands" in told
        assert "Write in the language of" in told
    assert "(s)" not in critique + edit + paraphrase
    for told in asked_of(prompt, start=prompt, wording="paper"):
        assert "exactly one of" not in told
        assert "Write in the language" not in told


def test_texts_of_several_lines_are_delimited_and_the_practice_model_reads_them() -> None:
    error = ErrorSample("one\ntwo", (), None, "e", "yes", "no")
    (request,) = Criticise(0, BEAM, ((error,),)).ask(run_of(KIND)).requests
    assert "Input: <<<\none\ntwo\n>>>\nExpected answer: yes" in request.meta_prompt
    assert look_at(request.meta_prompt).errors == (("one\ntwo", "yes", "no"),)


def test_an_edit_and_a_paraphrase_are_whole_prompts_with_the_section_replaced_once() -> None:
    """The authors' code replaces the section's words wherever they stand."""
    expected = MARKED.replace("judge\n\nSay yes.", "judge\n\nSay no.")
    (made,) = edit("<START>\nSay no.\n<END>", parent=MARKED)
    assert (made.text, made.parent, made.flaw) == (expected, MARKED, None)
    (said,) = Paraphrase(0, (Candidate(MARKED),), ()).read(of_marked(), ((Reply(" Say no.\n"),),))
    assert (said.text, said.parent, said.flaw) == (expected, MARKED, None)
    ask = Select(0, BEAM, (made,), protegi.Arms.unmeasured(1)).ask(run_of(KIND))
    assert ask.prompts == (expected,)


@pytest.mark.parametrize("reply", ["# Task\nSay no.", "Say no.\n# Format\nOne word.", "Say no.\n\n# "])
def test_a_heading_inside_a_generated_section_is_a_flaw_that_says_so(reply: str) -> None:
    """The authors' code sees such a section only up to the heading, from the next round on."""
    (made,) = edit(f"<START>{reply} x<END>", parent=MARKED)
    assert in_words(made.flaw) == "the section has a line that starts with “# ”, which would end it"
    context, phase = of_marked(), Edit(0, (Candidate(MARKED),), (Critique("vague"),))
    (checked,) = phase.check(context, (replace(made, flaw=None),))
    assert checked.flaw == made.flaw, "and so it is when a person types it"
    (mended,) = phase.check(context, (replace(made, text=with_section(MARKED, "Say no.\n## Format")),))
    assert mended.flaw is None


def test_an_empty_section_is_a_flaw_and_the_reply_stays_to_be_mended() -> None:
    (made,) = edit("", parent=MARKED)
    assert in_words(made.flaw) == "empty reply"
    assert made.text == with_section(MARKED, "")
    (checked,) = Edit(0, (Candidate(MARKED),), ()).check(of_marked(), (made,))
    assert in_words(checked.flaw) == "empty section"


def test_what_a_person_writes_outside_the_section_is_kept() -> None:
    (checked,) = Edit(0, (Candidate(MARKED),), ()).check(
        of_marked(), (Candidate("# Task\nSay {input}.\n# New\nBe kind.", parent=MARKED),)
    )
    assert checked.flaw is None


def test_an_edit_equal_to_the_section_is_a_duplicate_and_a_lost_placeholder_is_looked_for_in_the_section() -> None:
    (same,) = edit("<START> Say yes. <END>", parent=MARKED)
    assert "duplicate" in in_words(same.flaw)
    (lost,) = edit("<START>Say no.<END>", parent="# Task\nSay {input}.\n# Format\nOne word.")
    assert in_words(lost.flaw) == "lost the placeholder {input}"


def test_a_whole_run_changes_nothing_outside_the_section() -> None:
    task = replace(TASK, start=MARKED)
    before, _, after = section_of(MARKED)
    seen = set()
    for phase, ask in walk(run_of(KIND, task=task), KIND):
        if isinstance(ask, Evaluate):
            seen.update(ask.prompts)
            assert all(prompt.startswith(before) and prompt.endswith(after) for prompt in ask.prompts)
        for prompt in phase.prompts:
            assert section_of(prompt) == (before, section_of(prompt)[1], after)
    assert len(seen) > 5


def test_a_paraphrase_takes_no_place_from_what_it_ties_with_at_nothing_right() -> None:
    context = run_of(KIND, beam=1, selection_rounds=1, selection_prompts=2)
    words = Candidate("Odd words.", origin="paraphrase"), Candidate("Name the label.", origin="edit")
    phase: Any = Select(0, words[:1], words, protegi.Arms.unmeasured(2))
    ask = phase.ask(context)
    after = phase.tell(
        context, tuple(Score(text, ask.examples, hits=(0.0,) * len(ask.examples)) for text in ask.prompts)
    )
    assert isinstance(after, NextBeam)
    assert [one.text for one in after.ask(context).options] == ["Name the label.", "Odd words."]
