"""APE, phase by phase: what the paper says, and each fault of the authors' code that must not happen here."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import fields, replace
from statistics import median
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import scripted
from support.flaws import in_words
from support.paths import GOLDEN
from support.scripted import TASK, at_once, perform, walk

from lab.bench.direct import Direct
from lab.core.asks import (
    By,
    Candidate,
    Context,
    Demonstration,
    Done,
    Evaluate,
    Example,
    Generate,
    Pick,
    Reply,
    Score,
    Task,
)  # fmt: skip
from lab.core.codec import canonical, decode, encode
from lab.core.flaws import Flaw
from lab.core.review import ACCEPT, Mark, Proposal, Verdict, decide, propose
from lab.errors import MisuseError
from lab.models import plan
from lab.models.capabilities import Capabilities
from lab.models.plan import evaluate_calls
from lab.models.wire import read_answer
from lab.optimizers import OPTIMIZERS, ape
from lab.optimizers.ape import Best, Demonstrations, Induce, Resample, Stage, Survivors
from lab.optimizers.bandits import Arms
from lab.optimizers.settings import declared
from lab.practice.protocol import completions
from lab.tasks import bundled

KIND = OPTIMIZERS["ape"]
SMALL = scripted.SMALL["ape"]
POOL = (Candidate("Say yes or no."),)


def run_of(seed: int = 0, task: Any = TASK, **given: Any) -> Context:
    return Context(task.sealed(), KIND.configure(**{**SMALL, **given}), seed)


def demos(n: int, group: int | None = 0, first: int = 0) -> tuple[Demonstration, ...]:
    rows = TASK.train[first : first + n]
    return tuple(Demonstration(e.input, (), None, e.id, e.answer, group) for e in rows)


def induce(*texts: str, **given: Any) -> tuple[Candidate, ...]:
    return Induce(0, POOL, 0, (demos(2),)).read(run_of(**given), (tuple(Reply(text) for text in texts),))


def staged(*texts: str, pool: tuple[Candidate, ...] = POOL, round: int = 0, stale: int = 0) -> Stage:
    return Stage(round, pool, stale, tuple(Candidate(text) for text in texts), Arms.unmeasured(len(texts)))


def scores(ask: Evaluate | Any, means: dict[str, float | None], by: By = "answers") -> tuple[Score, ...]:
    """Scores with these means; a mean of None was not measured at all."""
    n = len(ask.examples)
    hits = {text: (mean,) * n for text, mean in means.items()}
    return tuple(Score(text, ask.examples, None, hits[text], ("",) * n, by) for text in ask.prompts)


def told(phase: Stage, context: Context, means: dict[str, float | None], by: By = "answers") -> Any:
    return phase.tell(context, scores(phase.ask(context), means, by))


def accepted(phase: Any, context: Context) -> Any:
    ask = phase.ask(context)
    return phase.tell(context, phase.check(context, tuple(ask.options[i] for i in ask.chosen)))


# The paper


def test_the_defaults_are_the_papers() -> None:
    s = ape.Settings()
    assert (s.rounds, s.mode, s.subsamples, s.demos, s.proposals) == (1, "forward", 5, 5, 10)
    assert s.subsamples * s.proposals == 50
    assert (s.stage_rows, s.temperature) == (20, 0.9)
    assert s.finalists * s.paraphrases == 50, "a resampled round has as many candidates as the first"


def test_the_phases_of_a_round_come_in_the_papers_order() -> None:
    names = [type(phase).__name__ for phase, _ in walk(run_of(rounds=1), KIND)]
    assert list(dict.fromkeys(names)) == [phase.__name__ for phase in ape.PHASES]
    assert names[-1] == "Resample"


def test_without_resampling_the_run_ends_after_one_round_of_scoring() -> None:
    steps = walk(run_of(rounds=1), KIND)
    assert sum(isinstance(ask, Generate) for _, ask in steps) == 1
    last, ask = steps[-1]
    assert ask == Done(last.prompts[0])
    assert last.round == 1


# Before caching and deduplication: optimizer calls, then target calls, of each round at the paper's defaults.
# Stages of 20 rows for 51 candidates (the start prompt is one), 26, 13 and 6, then 5 on the whole of train;
# in a resampled round 50, 25, 12 and 6, then 5.
CALLS = {
    80: [(50, (51 + 26 + 13 + 6) * 20 + 5 * 80), (50, (50 + 25 + 12 + 6) * 20 + 5 * 80)],
    400: [(50, (51 + 26 + 13 + 6) * 20 + 5 * 400), (50, (50 + 25 + 12 + 6) * 20 + 5 * 400)],
}


@pytest.mark.parametrize("n_train", CALLS)
def test_a_round_asks_as_often_as_the_papers_defaults_say(n_train: int) -> None:
    task = replace(TASK, train=tuple(Example.of(f"input {i}", "no") for i in range(n_train)))
    context = Context(task.sealed(), ape.Settings(rounds=2), 0)
    optimizer, target = Counter[int](), Counter[int]()
    for phase, ask in walk(context, KIND):
        if isinstance(ask, Generate):
            optimizer[phase.round] += sum(request.n for request in ask.requests)
        if isinstance(ask, Evaluate):
            target[phase.round] += len(ask.prompts) * len(ask.examples)
    assert [(optimizer[r], target[r]) for r in range(2)] == CALLS[n_train]


def test_the_groups_of_demonstrations_are_drawn_without_an_example_twice() -> None:
    ask = Demonstrations(0, POOL).ask(run_of())
    drawn = [ask.options[i] for i in ask.chosen]
    assert [item.group for item in drawn if isinstance(item, Demonstration)] == [0, 0, 0, 1, 1, 1]
    for g in (0, 1):
        group = [item.example for item in drawn if isinstance(item, Demonstration) and item.group == g]
        assert len(set(group)) == 3


def test_a_rejection_draws_other_demonstrations() -> None:
    context, phase = run_of(), Demonstrations(0, POOL)
    assert phase.ask(context, 1).options[:6] != phase.ask(context).options[:6]


def test_examples_that_were_not_drawn_are_offered_up_to_a_limit() -> None:
    ask = Demonstrations(0, POOL).ask(run_of())
    spare = [item for i, item in enumerate(ask.options) if i not in ask.chosen]
    assert len(spare) == ape.SPARE
    assert all(isinstance(item, Demonstration) and item.group is None for item in spare)
    assert not {item.example for item in spare} & {ask.options[i].example for i in ask.chosen}  # type: ignore[attr-defined]


async def test_no_row_is_used_in_two_stages_of_a_round_even_after_a_rejection() -> None:
    context, seen = run_of(finalists=1), list[str]()
    phase: Any = staged(*(f"c{i}" for i in range(20)))
    while not isinstance(phase, Best):
        again = decide(context, phase, at_once(propose(context, phase, perform)), Verdict("reject", why="too easy"))
        ask = phase.ask(context, again.sample)
        if len(ask.examples) < len(TASK.train):
            assert ask != phase.ask(context)
            seen += ask.examples
        phase = phase.tell(context, await perform(ask, "0"))
        phase = accepted(phase, context) if isinstance(phase, Survivors) else phase
    assert len(seen) == len(set(seen)) == 32


def test_the_mean_moves_with_each_stage() -> None:
    context = run_of()
    a, b, c = "a", "b", "c"
    first = told(staged(a, b, c), context, {a: 1.0, b: 0.5, c: 0.0})
    assert isinstance(first, Survivors)
    second = told(first.tell(context, first.ask(context).options), context, {a: 0.0, b: 0.75, c: 0.5})
    assert [(item.text, item.score, item.n_rows) for item in second.ask(context).options] == [
        (b, 0.625, 16), (a, 0.5, 16), (c, 0.25, 16),
    ]  # fmt: skip


def test_the_better_share_survives_and_the_last_few_see_the_whole_of_train() -> None:
    context = run_of(survive=0.5)
    texts = [f"c{i}" for i in range(8)]
    survivors = told(staged(*texts), context, {text: i / 10 for i, text in enumerate(texts)})
    ask = survivors.ask(context)
    assert [ask.options[i].text for i in ask.chosen] == ["c7", "c6", "c5", "c4"]
    last = survivors.tell(context, ask.options[:2]).ask(context)
    assert last.examples == tuple(example.id for example in TASK.train)


def test_where_no_fresh_rows_are_left_only_the_finalists_go_on() -> None:
    context = run_of(stage_rows=31)
    texts = [f"c{i}" for i in range(12)]
    phase = told(staged(*texts), context, {text: i / 20 for i, text in enumerate(texts)})
    stage = accepted(phase, context)
    assert (len(stage.candidates), len(stage.ask(context).examples)) == (6, 1)
    survivors = told(stage, context, dict.fromkeys(texts, 1.0))
    assert len(survivors.ask(context).chosen) == 2
    kept_all = survivors.tell(context, survivors.ask(context).options)
    assert len(kept_all.ask(context).prompts) == 6, "a person may take more to the end"
    assert len(kept_all.ask(context).examples) == 32


def test_the_last_score_is_of_the_whole_of_train_and_counts_no_row_twice() -> None:
    context = run_of()
    survivors = told(staged("a", "b", "c"), context, {"a": 1.0, "b": 1.0, "c": 0.0})
    best = told(accepted(survivors, context), context, {"a": 0.5, "b": 0.25})
    assert [(item.text, item.score, item.n_rows) for item in best.candidates] == [("a", 0.5, 32), ("b", 0.25, 32)]


def test_the_last_stage_is_as_long_as_it_is_set_and_the_same_in_every_round() -> None:
    context = run_of(full_rows=10)
    first, later = staged("a").ask(context), staged("b", round=3).ask(context)
    assert len(first.examples) == 10
    assert first.examples == later.examples
    assert isinstance(told(staged("a"), context, {"a": 1.0}), Best)


def test_a_stage_as_large_as_train_is_the_last() -> None:
    context = run_of(stage_rows=32)
    best = told(staged("a", "b", "c"), context, {"a": 0.25, "b": 0.5, "c": 0.75})
    assert isinstance(best, Best)
    assert [item.text for item in best.candidates] == ["c", "b", "a"]


def test_the_start_prompt_competes_with_what_is_induced() -> None:
    context = run_of()
    stage = Induce(0, POOL, 0, (demos(2),)).tell(context, (Candidate("x"), Candidate("y")))
    assert isinstance(stage, Stage)
    assert stage.ask(context).prompts == (TASK.start, "x", "y")
    best = told(staged(TASK.start, "x"), context, {TASK.start: 0.9, "x": 0.8})
    after = accepted(best, context)
    assert after.prompts == (TASK.start, "x")


def test_the_best_are_resampled_in_the_same_meaning_and_compete_with_their_paraphrases() -> None:
    context = run_of()
    pool = (Candidate("a", score=0.75, n_rows=32), Candidate("b", score=0.5, n_rows=32))
    phase = Resample(1, pool)
    ask = phase.ask(context)
    assert isinstance(ask, Generate)
    assert [(request.n, text in request.meta_prompt) for request, text in zip(ask.requests, "ab", strict=True)] == [
        (3, True), (3, True),
    ]  # fmt: skip
    stage = phase.tell(context, (Candidate("c"), Candidate("d")))
    assert isinstance(stage, Stage)
    assert stage.ask(context).prompts == ("c", "d"), "what was measured on the whole of train keeps its score"
    best = told(stage, context, {"c": 0.625, "d": 0.75})
    assert [item.text for item in best.candidates] == ["a", "d", "c", "b"], "of equals the older is first"
    assert accepted(best, context).prompts == ("a", "d")


def test_resampling_ends_when_it_brings_nothing_better() -> None:
    context = run_of(rounds=9, patience=2)
    pool = (Candidate("a", score=0.75, n_rows=32),)
    once = accepted(told(staged("b", pool=pool, round=1), context, {"b": 0.75}), context)
    assert (once.round, once.stale) == (2, 1)
    assert isinstance(once.ask(context), Generate)
    twice = accepted(told(staged("c", pool=once.pool, round=2, stale=1), context, {"c": 0.5}), context)
    assert twice.ask(context) == Done("a")
    better = accepted(told(staged("c", pool=once.pool, round=2, stale=1), context, {"c": 0.875}), context)
    assert (better.stale, better.prompts[0]) == (0, "c")


def test_the_first_round_never_counts_as_one_without_gain() -> None:
    context = run_of(patience=1)
    after = accepted(told(staged(TASK.start, "b"), context, {TASK.start: 0.75, "b": 0.5}), context)
    assert (after.prompts[0], after.stale) == (TASK.start, 0)
    assert isinstance(after.ask(context), Generate)


def test_no_patience_means_that_all_rounds_are_run() -> None:
    assert isinstance(Resample(1, POOL, 7).ask(run_of(patience=0)), Generate)


@pytest.mark.parametrize("mode", declared(ape.Settings)["mode"].choices)
def test_every_mode_shows_every_demonstration_of_a_group(mode: str) -> None:
    """The authors' insert mode shows one, whatever was drawn."""
    group = demos(5)
    ask = Induce(0, POOL, 0, (group,)).ask(run_of(mode=mode))
    (request,) = ask.requests
    for shown in group:
        assert f"Input: {shown.text}\nOutput: {shown.answer}" in request.meta_prompt
    assert request.n == 4


def test_reverse_mode_marks_a_blank_and_gives_the_text_behind_it() -> None:
    ask = Induce(0, POOL, 0, (demos(2),)).ask(run_of(mode="reverse"))
    (request,) = ask.requests
    assert request.suffix is not None
    assert "Instruction: [BLANK]" + request.suffix in request.meta_prompt
    assert request.suffix.strip().startswith(f"Input: {TASK.train[0].input}")
    assert "infill where it has one, else in a chat" in Induce.about, "both ways are said"


def test_forward_mode_asks_behind_the_demonstrations_and_leaves_no_mark() -> None:
    """The authors' forward mode deletes its mark wherever it stands, and the model goes on from the end."""
    ask = Induce(0, POOL, 0, (demos(2),)).ask(run_of())
    (request,) = ask.requests
    assert request.suffix is None
    assert "[BLANK]" not in request.meta_prompt
    assert request.meta_prompt.rindex("Output:") < request.meta_prompt.rindex("<START>")


def test_the_custom_mode_shows_what_the_lab_knows_of_the_task() -> None:
    task = replace(TASK, about="Tell whether {demos} hold.")
    ask = Induce(0, POOL, 0, (demos(1),)).ask(run_of(task=task, mode="custom"))
    (request,) = ask.requests
    for known in ("Tell whether {demos} hold.", "no, yes", f"<SO_FAR>\n{TASK.start}\n</SO_FAR>"):
        assert known in request.meta_prompt
    bare = Induce(0, POOL, 0, (demos(1),)).ask(run_of(task=replace(TASK, labels=()), mode="custom"))
    assert "toy" in bare.requests[0].meta_prompt
    assert "any text" in bare.requests[0].meta_prompt


@pytest.mark.parametrize(("wording", "golden"), [("paper", ""), ("fitted", "_fitted")])
@pytest.mark.parametrize("name", ["forward", "reverse", "custom", "resample"])
def test_each_rendered_meta_prompt_is_the_golden_one(name: str, wording: str, golden: str) -> None:
    phase: Any = Resample(0, POOL) if name == "resample" else Induce(0, POOL, 0, (demos(2),))
    given = {} if name == "resample" else {"mode": name, "task": replace(TASK, about="Sort the texts.")}
    context = run_of(wording=wording, **given)
    rendered = phase.ask(context).requests[0].meta_prompt
    assert rendered == (GOLDEN / f"ape_{name}{golden}.txt").read_text(encoding="utf-8").rstrip("\n")


# Faults of the authors' code


@pytest.mark.parametrize("n", [1, 2])
def test_one_or_two_candidates_are_measured_and_not_taken_for_zero(n: int) -> None:
    context = run_of()
    phase = staged(*(f"c{i}" for i in range(n)))
    assert len(phase.ask(context).examples) == 32
    best = told(phase, context, {f"c{i}": 0.5 for i in range(n)})
    assert [item.score for item in best.candidates] == [0.5] * n


def test_a_candidate_that_was_not_measured_is_ranked_behind_all_others_and_not_chosen() -> None:
    context = run_of(finalists=3, stage_rows=8)
    best = told(staged("a", "b", "c"), context, {"a": None, "b": 0.0, "c": 0.25})
    ask = best.ask(context)
    assert [(item.text, item.score) for item in ask.options] == [("c", 0.25), ("b", 0.0), ("a", None)]
    assert ask.chosen == (0, 1)
    survivors = told(staged("a", "b", "c", "d"), context, {"a": None, "b": 0.0, "c": 0.25, "d": None})
    assert [survivors.ask(context).options[i].text for i in survivors.ask(context).chosen] == ["c", "b"]


def test_the_smallest_settings_still_ask_for_a_candidate() -> None:
    context = run_of(rounds=1, subsamples=1, demos=1, proposals=1)
    asks = [ask for _, ask in walk(context, KIND) if isinstance(ask, Generate)]
    assert [(len(ask.requests), ask.requests[0].n) for ask in asks] == [(1, 1)]


@pytest.mark.parametrize("proposals", [1, 7, 10])
def test_as_many_candidates_are_asked_for_as_are_set(proposals: int) -> None:
    ask = Induce(0, POOL, 0, (demos(2), demos(2, 1))).ask(run_of(proposals=proposals))
    assert [request.n for request in ask.requests] == [proposals] * 2


def test_fewer_examples_than_a_group_holds_make_a_smaller_group() -> None:
    ask = Demonstrations(0, POOL).ask(run_of(task=replace(TASK, train=TASK.train[:2])))
    assert len(ask.options) == len(ask.chosen) == 4, "two examples in each of two groups, none to spare"


def test_all_candidates_of_a_stage_see_the_same_rows() -> None:
    """The authors' code draws rows for each prompt; an Evaluate has one list of examples for all."""
    ask = staged(*(f"c{i}" for i in range(9))).ask(run_of())
    assert (len(ask.prompts), len(ask.examples)) == (9, 8)


def test_ties_are_broken_by_order_and_not_by_the_words() -> None:
    context = run_of()
    best = told(staged("z", "a"), context, {"z": 0.5, "a": 0.5})
    assert [item.text for item in best.ask(context).options] == ["z", "a"]


def test_marks_and_slots_in_the_data_stay_as_they_are() -> None:
    """The authors' templates are filled by one replacement after the other, into the data as well."""
    odd = "[BLANK] [APE] [PROMPT] {demos} {start} {{x}} {% if %} ${y} \\1"
    shown = Demonstration(odd, (), None, "e1", odd, 0)
    for mode in declared(ape.Settings)["mode"].choices:
        (request,) = Induce(0, POOL, 0, ((shown,),)).ask(run_of(mode=mode)).requests
        assert f"Input: {odd}\nOutput: {odd}" in request.meta_prompt


def test_equal_candidates_are_shown_as_duplicates_in_the_order_they_came() -> None:
    first, again, other, start = induce(
        "<START> new <END>", "<START>new<END>", "<START>other<END>", f"<START>{TASK.start}<END>"
    )
    assert [item.text for item in (first, again, other, start)] == ["new", "new", "other", TASK.start]
    assert (first.flaw, other.flaw) == (None, None)
    assert "duplicate" in in_words(again.flaw)
    assert "duplicate" in in_words(start.flaw)


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        ("", "empty reply"),
        ("  \n", "empty reply"),
        ("Say what it is.", "unreadable"),
        ("<START> Say what", "cut off"),
        ("<START>" + "x" * 49 + "<END>", "too long: 49 characters"),
    ],
)
def test_a_reply_that_cannot_be_used_stays_with_its_reason(text: str, flaw: str) -> None:
    (item,) = induce(text, longest=40)
    assert flaw in in_words(item.flaw)


def test_more_than_one_instruction_in_a_reply_is_shown_with_its_reason() -> None:
    one, two = induce("<START>a<END> or <START>b<END>")
    assert (in_words(one.flaw), two.text, two.flaw) == ("more than was asked for", "b", None)
    assert (one.reply, two.reply) == (0, 0)


@pytest.mark.parametrize(
    "text", ["# Task\n  Say yes.\n\n- or no", "{{", "{% raw %}", "schön – “好” 🙂", "${x} {input}"]
)
def test_a_candidate_of_any_form_is_kept_to_the_letter(text: str) -> None:
    (item,) = induce(f"<START>{text}<END>")
    assert (item.text, item.flaw) == (text, None)
    (request,) = Resample(0, (item,)).ask(run_of()).requests  # type: ignore[union-attr]
    assert f"<INSTRUCTIONS>\n{text}\n</INSTRUCTIONS>" in request.meta_prompt


def test_what_was_filled_into_the_gap_needs_no_tags_and_says_where_it_was_cut_off() -> None:
    phase = Induce(0, POOL, 0, (demos(2),))
    told = (("Say it. ", None), ("Say i", Flaw("cut_off")), ("", None))
    replies = tuple(Reply(text, flaw, infilled=True) for text, flaw in told)
    whole, cut, empty = phase.read(run_of(mode="reverse"), (replies,))
    assert (whole.text, whole.flaw) == ("Say it.", None)
    assert (cut.text, in_words(cut.flaw)) == ("Say i", "cut off at the token limit")
    assert (empty.text, in_words(empty.flaw)) == ("", "empty reply")


def test_a_paraphrase_that_was_cut_off_or_lost_a_placeholder_says_so() -> None:
    phase = Resample(1, (Candidate("Answer {input} well.", score=0.5, n_rows=32),))
    cut, lost, kept = phase.read(
        run_of(),
        ((Reply("Give {input} a", Flaw("cut_off")), Reply("Answer well."), Reply("Do {input}.")),),
    )
    assert in_words(cut.flaw) == "cut off at the token limit"
    assert in_words(lost.flaw) == "lost the placeholder {input}"
    assert kept.flaw is None


OTHER = {
    "rounds": 1, "mode": "custom", "subsamples": 1, "demos": 1, "proposals": 2, "stage_rows": 4, "survive": 0.1,
    "finalists": 1, "full_rows": 10, "score": "likelihood", "paraphrases": 1, "patience": 1, "temperature": 0.5,
    "longest": 5, "wording": "paper",
}  # fmt: skip


@pytest.mark.parametrize("name", [field.name for field in fields(ape.Settings)])
def test_no_setting_is_without_effect(name: str) -> None:
    base = {"rounds": 9, "proposals": 9} if name == "patience" else {"proposals": 9}
    plain, other = (
        [ask for _, ask in walk(run_of(**{**base, **given}), KIND)] for given in ({}, {name: OTHER[name]})
    )
    assert plain != other


# Scoring by likelihood


def test_every_stage_asks_for_what_is_set() -> None:
    for by in declared(ape.Settings)["score"].choices:
        asked = [ask.by for _, ask in walk(run_of(score=by), KIND) if isinstance(ask, Evaluate)]
        assert set(asked) == {by}
    assert ape.Settings().score == "answers"


def test_by_likelihood_the_least_unlikely_is_best_and_what_was_not_measured_comes_last() -> None:
    """The authors' code scores it 0, which is above every log-probability."""
    context = run_of(finalists=3, score="likelihood")
    best = told(staged("a", "b", "c"), context, {"a": -2.5, "b": None, "c": -0.5}, "likelihood")
    assert [(one.text, one.score, one.by) for one in best.ask(context).options] == [
        ("c", -0.5, "likelihood"), ("a", -2.5, "likelihood"), ("b", None, "likelihood"),
    ]  # fmt: skip
    assert best.ask(context).chosen == (0, 1)
    survivors = told(staged(*"abcd"), context, {"a": -1.0, "b": None, "c": -3.0, "d": None}, "likelihood")
    assert [survivors.ask(context).options[i].text for i in survivors.ask(context).chosen] == ["a", "c"]


def test_a_higher_log_probability_is_a_gain_and_a_lower_one_is_none() -> None:
    context = run_of(rounds=9, patience=1, score="likelihood")
    pool = (Candidate("a", score=-1.0, n_rows=32, by="likelihood"),)
    for nats, stale in ((-0.5, 0), (-1.5, 1)):
        after = accepted(told(staged("b", pool=pool, round=1), context, {"b": nats}, "likelihood"), context)
        assert (after.stale, after.prompts) == (stale, ("b", "a") if nats > -1 else ("a", "b"))


def test_an_endpoint_that_cannot_tell_is_believed_and_its_candidates_say_so() -> None:
    context = run_of(score="likelihood")
    survivors = told(staged("a", "b", "c"), context, {"a": 1.0, "b": 0.5, "c": 0.0}, "answers")
    assert {one.by for one in survivors.candidates} == {"answers"}
    best = told(accepted(survivors, context), context, {"a": 1.0, "b": 0.5}, "answers")
    assert {one.by for one in accepted(best, context).pool} == {"answers"}


def test_a_candidate_edited_by_hand_loses_what_it_was_measured_by() -> None:
    context = run_of(score="likelihood")
    phase = told(staged("a", "b", "c"), context, {"a": -1.0, "b": -2.0, "c": -3.0}, "likelihood")
    kept, edited = phase.check(context, (phase.candidates[0], replace(phase.candidates[1], text="mine")))
    assert (kept.score, kept.by) == (-1.0, "likelihood")
    assert (edited.score, edited.n_rows, edited.by) == (None, 0, "answers")


def test_stages_by_different_scores_are_not_summed() -> None:
    context = run_of(score="likelihood")
    first = told(staged("a", "b", "c"), context, {"a": 1.0, "b": 0.5, "c": 0.0}, "answers")
    survivors = told(first.tell(context, first.candidates), context, dict.fromkeys("abc", -1.0), "likelihood")
    assert [(one.score, one.n_rows, one.by) for one in survivors.candidates] == [(-1.0, 8, "likelihood")] * 3
    again = told(survivors.tell(context, survivors.candidates), context, dict.fromkeys("abc", -2.0), "likelihood")
    assert [(one.score, one.n_rows) for one in again.candidates] == [(-1.5, 16)] * 3


def test_a_pool_measured_by_another_score_is_measured_anew_and_not_compared() -> None:
    context = run_of(score="answers", finalists=2)
    pool = tuple(
        Candidate(text, score=nats, n_rows=32, by="likelihood") for text, nats in (("a", -1.0), ("b", -2.0))
    )
    stage = told(staged("c", pool=pool, round=1), context, {"c": 0.25})
    assert isinstance(stage, Stage)
    assert (stage.prompts, [one.score for one in stage.pool]) == (("a", "b"), [None, None])
    ask = stage.ask(context)
    assert (ask.prompts, len(ask.examples)) == (("a", "b", "c"), 32), "however many there are"
    best = told(stage, context, {"a": 0.125, "b": 0.5, "c": 0.25})
    assert [(one.text, one.score, one.by) for one in best.candidates] == [
        ("b", 0.5, "answers"), ("c", 0.25, "answers"), ("a", 0.125, "answers"),
    ]  # fmt: skip


class Likely(Direct):
    """The practice model below the client, which tells by an echo how likely it finds a given answer."""

    known = Capabilities(checked=True, likelihood="echo")

    def perform(self, ask: Any, sample: str = "0") -> Any:
        if not (isinstance(ask, Evaluate) and ask.by == "likelihood"):
            return super().perform(ask, sample)
        calls = evaluate_calls(ask, self.task, self._target, self.known)
        answers = [read_answer(completions.complete(call.body), call.body, 0.0) for call in calls]
        return plan.scores(ask, self.task, [answer for answer in answers if answer], self.known)


def test_with_the_practice_model_what_is_likeliest_is_better_on_dev_than_the_start() -> None:
    """The median of three seeds: a single one may be led astray."""
    task = bundled.load("triage").sealed()
    gains = [likeliest(task, seed) for seed in range(3)]
    assert median(gains) > 0.1


def likeliest(task: Task, seed: int) -> float:
    """Search by likelihood, and return by how much what is found is better on dev than the start prompt."""
    context, direct = Context(task, KIND.configure("quick", score="likelihood"), seed), Likely(task)
    phase: Any = KIND.start(context)
    while not isinstance(ask := phase.ask(context), Done):
        phase = decide(context, phase, at_once(propose(context, phase, direct)), ACCEPT).phase
    nats = [one.score for one in phase.pool]
    assert nats == sorted(nats, reverse=True)
    assert all(one.by == "likelihood" and one.score < 0 and one.n_rows == 40 for one in phase.pool)
    found = direct.dev([task.start, ask.best])
    return float(found[ask.best] - found[task.start])


@settings(max_examples=40, deadline=None)
@given(data=st.data())
async def test_however_the_endpoint_changes_no_two_scores_are_compared_and_the_run_ends(
    data: st.DataObject,
) -> None:
    context = run_of(rounds=3, score="likelihood")
    phase: Any = KIND.start(context)
    for _ in range(80):
        ask = phase.ask(context)
        if isinstance(ask, Done):
            break
        asked = replace(ask, by=data.draw(st.sampled_from(get_args(By)))) if isinstance(ask, Evaluate) else ask
        if isinstance(asked, Pick):
            known = [one for one in asked.options if isinstance(one, Candidate) and one.score is not None]
            assert len({one.by for one in known}) <= 1
            phase = accepted(phase, context)
        else:
            items = phase.read(context, await perform(asked, "0"))
            phase = phase.tell(context, tuple(one for one in items if one.flaw is None))
        assert decode(json.loads(canonical(encode(phase)))) == phase
    assert isinstance(phase.ask(context), Done)


# What a person does


def test_an_example_picked_by_hand_joins_the_smallest_group() -> None:
    (extra,) = demos(1, None, first=5)
    after = Demonstrations(0, POOL).tell(run_of(), (*demos(2), *demos(1, 1, first=3), extra))
    assert isinstance(after, Induce)
    assert [[shown.example for shown in group] for group in after.groups] == [
        [e.id for e in TASK.train[:2]], [TASK.train[3].id, extra.example],
    ]  # fmt: skip
    alone = Demonstrations(0, POOL).tell(run_of(), (extra,))
    assert isinstance(alone, Induce)
    assert len(alone.groups) == 1


def test_a_demonstration_added_by_hand_is_shown_with_those_it_was_put_beside() -> None:
    context = run_of()
    phase = Demonstrations(0, POOL)
    proposal = at_once(propose(context, phase, perform))
    after = decide(context, phase, proposal, Verdict("edit", (Mark(text="A text of my own.", like=4),))).phase
    assert isinstance(after, Induce)
    assert [len(group) for group in after.groups] == [3, 4]
    assert "Input: A text of my own.\nOutput: " in after.ask(context).requests[1].meta_prompt


def test_without_demonstrations_nothing_is_asked_for_and_the_start_prompt_is_measured() -> None:
    context = run_of()
    after = Demonstrations(0, POOL).tell(context, ())
    assert isinstance(after, Stage)
    assert after.ask(context).prompts == (TASK.start,)


def test_without_a_paraphrase_nothing_is_measured_and_the_round_is_over() -> None:
    context = run_of(rounds=3, patience=0)
    pool = (Candidate("a", score=0.5, n_rows=32),)
    after = Resample(1, pool).tell(context, ())
    assert after == Resample(2, pool, 1)


def test_without_survivors_the_round_is_over_and_the_pool_stays() -> None:
    context = run_of()
    survivors = told(staged("a", "b", "c"), context, {"a": 1.0, "b": 0.5, "c": 0.0})
    assert survivors.tell(context, ()).prompts == (TASK.start,)


def test_a_survivor_edited_by_hand_loses_its_mean_and_is_measured_with_the_others() -> None:
    context = run_of()
    phase = told(staged("a", "b", "c"), context, {"a": 1.0, "b": 0.5, "c": 0.0})
    proposal = at_once(propose(context, phase, perform))
    verdict = Verdict("edit", (Mark(0, text="a, but kinder"), Mark(2, keep=True)))
    stage = decide(context, phase, proposal, verdict).phase
    assert isinstance(stage, Stage)
    assert [(item.text, item.score) for item in stage.candidates] == [
        ("a, but kinder", None), ("b", 0.5), ("c", 0.0),
    ]  # fmt: skip
    assert stage.arms.counts == (0, 8, 8)
    after = told(stage, context, {"a, but kinder": 0.5, "b": 1.0, "c": 0.0})
    assert [(item.score, item.n_rows) for item in after.candidates] == [(0.5, 8), (0.75, 16), (0.0, 16)]


def test_a_survivor_edited_into_a_prompt_of_the_pool_is_a_duplicate() -> None:
    context = run_of()
    pool = (Candidate("best", score=0.75, n_rows=32),)
    phase = told(staged("a", "b", "c", pool=pool, round=1), context, {"a": 1.0, "b": 0.5, "c": 0.0})
    proposal = at_once(propose(context, phase, perform))
    with pytest.raises(MisuseError, match="already there"):
        decide(context, phase, proposal, Verdict("edit", (Mark(0, text="best"),)))


def test_a_winner_edited_by_hand_keeps_its_place_and_is_measured_in_the_next_round() -> None:
    context = run_of(patience=1)
    phase = Best(1, POOL, 0, (Candidate("a", score=0.5, n_rows=32), Candidate("b", score=0.25, n_rows=32)))
    proposal = at_once(propose(context, phase, perform))
    after = decide(context, phase, proposal, Verdict("edit", (Mark(0, text="a, but kinder"),))).phase
    assert isinstance(after, Resample)
    assert [(item.text, item.score, item.n_rows) for item in after.pool] == [
        ("a, but kinder", None, 0), ("b", 0.25, 32),
    ]  # fmt: skip
    stage = after.tell(context, ())
    assert isinstance(stage, Stage)
    assert stage.ask(context).prompts == ("a, but kinder",)
    best = told(stage, context, {"a, but kinder": 0.125})
    assert [item.text for item in best.candidates] == ["b", "a, but kinder"]


def test_a_long_start_prompt_is_no_candidate_too_long_and_does_not_stop_the_run() -> None:
    task = replace(TASK, start="Say yes or no. " * 9)
    assert walk(run_of(task=task, longest=30), KIND)


@pytest.mark.parametrize("typed", ["", "x" * 49, TASK.start])
def test_what_a_person_types_has_the_same_flaws_as_what_a_model_writes(typed: str) -> None:
    context = run_of(longest=40)
    phase = Induce(0, POOL, 0, (demos(2),))
    (written,) = phase.read(context, ((Reply(f"<START>{typed}<END>"),),))
    (item,) = phase.check(context, (Candidate(typed, origin="induced"),))
    assert written.flaw
    assert in_words(item.flaw)[:5] == in_words(written.flaw)[:5]
    with pytest.raises(MisuseError):
        decide(
            context,
            phase,
            Proposal(phase.ask(context), 0, (Candidate("a"),)),
            Verdict("edit", (Mark(0, text=typed),)),
        )


# Whatever a person does


@settings(max_examples=60, deadline=None)
@given(data=st.data(), mode=st.sampled_from(get_args(ape.Mode)), patience=st.sampled_from([0, 1]))
def test_whatever_a_person_drops_edits_and_adds_the_run_ends_in_a_state_that_serialises(
    data: st.DataObject, mode: str, patience: int
) -> None:
    context = run_of(rounds=3, mode=mode, patience=patience)
    phase: Any = KIND.start(context)
    typed = iter(range(1000))
    for _ in range(60):
        ask = phase.ask(context)
        if isinstance(ask, Done):
            break
        assert not isinstance(ask, Generate) or ask.requests, "an empty batch is never asked for"
        assert not isinstance(ask, Evaluate) or ask.prompts
        assert phase.prompts
        proposal = at_once(propose(context, phase, perform))
        verdict = ACCEPT if isinstance(ask, Evaluate) else data.draw(_verdicts(proposal, lambda: next(typed)))
        phase = decide(context, phase, proposal, verdict).phase
        assert decode(json.loads(canonical(encode(phase)))) == phase
    assert isinstance(phase.ask(context), Done)


def _verdicts(proposal: Proposal, n: Callable[[], int]) -> st.SearchStrategy[Verdict]:
    """Accepts all, drops all, or leaves, keeps, drops and edits item by item, and adds some."""
    places = range(len(proposal.items))
    drop = tuple(Mark(i, keep=False) for i in places)
    ways = st.lists(
        st.sampled_from(["leave", "keep", "drop", "edit", "add"]), min_size=len(places), max_size=len(places)
    )

    def marks(chosen: list[str]) -> Verdict:
        made = []
        for i, way in zip(places, chosen, strict=False):
            if way == "edit":
                made.append(Mark(i, text=f"typed {n()}"))
            elif way == "add":
                made.append(Mark(text=f"typed {n()}", like=i))
            elif way == "drop" or (way == "keep" and proposal.items[i].flaw is None):
                made.append(Mark(i, keep=way == "keep"))
        return Verdict("edit", tuple(made))

    return st.one_of(st.just(ACCEPT), st.just(Verdict("edit", drop)), ways.map(marks))


def test_picks_are_offered_with_the_machines_own_choice() -> None:
    for phase, ask in walk(run_of(), KIND):
        if isinstance(phase, (Demonstrations, Survivors, Best)):
            assert isinstance(ask, Pick)
            assert ask.chosen


@pytest.mark.parametrize("name", bundled.names())
def test_no_description_of_a_bundled_task_gives_its_difficulties_away(name: str) -> None:
    task = bundled.load(name).sealed()
    assert "Hard" in task.about or name == "word-problems"
    told = Induce(0, POOL, 0, (demos(2),)).ask(run_of(mode="custom", task=task)).requests[0].meta_prompt
    assert told.startswith(f"You write the instruction for a language model that does this task: {task.about[:20]}")
    assert task.about not in told
    assert "Hard" not in told
