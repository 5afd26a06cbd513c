"""OPRO, phase by phase: what the paper says, and each fault of the authors' code that must not happen here."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.contract import runs_to_its_end_whatever_a_person_writes
from support.flaws import in_words
from support.paths import GOLDEN
from support.scripted import TASK, at_once, perform, run_of, walk

from lab.core.asks import (
    Candidate,
    Context,
    Demonstration,
    Done,
    Evaluate,
    Example,
    Generate,
    Phase,
    Pick,
    Reply,
    Request,
    Score,
    TrajectoryRow,
)  # fmt: skip
from lab.core.layout import messages
from lab.core.review import ACCEPT, Decision, Mark, Verdict, decide, propose
from lab.errors import MisuseError
from lab.optimizers import OPTIMIZERS, opro
from lab.optimizers.opro import Baseline, Exemplars, Measure, Propose, Trajectory
from lab.optimizers.settings import declared

KIND = OPTIMIZERS["opro"]
POSITIONS = declared(opro.Settings)["position"].choices


def rows(*scores: float | None) -> tuple[TrajectoryRow, ...]:
    return tuple(TrajectoryRow(f"prompt {i}", score=score, step=i) for i, score in enumerate(scores))


def trajectory(*scores: float | None, step: int = 0, marks: tuple[str, ...] = ()) -> Trajectory:
    ids = tuple(example.id for example in TASK.train[:6])
    return Trajectory(step, rows(*scores), marks or ("------",) * len(scores), ids)


def proposing(*shown: float | None, **more: Any) -> Propose:
    some = trajectory(*(shown or (0.5,)))
    return Propose(0, some.rows, some.marks, some.examples, some.rows, **more)


def proposed(*texts: str, phase: Propose | None = None, task: Any = TASK, **settings: Any) -> tuple[Candidate, ...]:
    context = run_of(KIND, task=task, **settings)
    return (phase or proposing()).read(context, (tuple(Reply(text) for text in texts),))


def verdict(context: Context, phase: Phase, *marks: Mark) -> Decision:
    return decide(context, phase, at_once(propose(context, phase, perform)), Verdict("edit", marks))


def shown_in(ask: Pick) -> list[str]:
    return [ask.options[i].text for i in ask.chosen]


def meta_prompt(context: Context, phase: Propose) -> str:
    return phase.ask(context).requests[0].meta_prompt


# Whatever a person does.


@settings(max_examples=30, deadline=None)
@given(data=st.data(), position=st.sampled_from(POSITIONS))
def test_a_run_ends_whatever_a_person_drops_edits_and_adds(data: st.DataObject, position: str) -> None:
    runs_to_its_end_whatever_a_person_writes(KIND, data, position=position)


# The algorithm.


def test_the_defaults_are_the_papers() -> None:
    s = opro.Settings()
    assert (s.rounds, s.proposals, s.shown, s.buckets, s.exemplars) == (200, 8, 20, 100, 3)
    assert (s.criteria, s.meta_prompt, s.temperature, s.schedule) == ("random", "both", 1.0, "constant")
    assert (s.threshold, s.patience, s.rows, s.longest) == (0.0, 0, 50, 500)


def test_the_phases_of_a_step_come_in_the_papers_order() -> None:
    names = [type(phase).__name__ for phase, _ in walk(run_of(KIND, rounds=1), KIND)]
    assert names == [*(phase.__name__ for phase in opro.PHASES), "Trajectory"]


@pytest.mark.parametrize(
    ("given", "requests", "replies", "target"),
    [
        ({}, 1, 8, 8 * 50),  # BBH: 8 proposals on 50 rows, 200 times = 1,600 and 80,000 calls
        ({"rows": 261}, 1, 8, 8 * 261),  # GSM8K: 200 times = 1,600 and 417,600 calls
        ({"proposals": 1, "meta_prompt": "instructions_only"}, 1, 1, 50),
    ],
)
def test_a_step_asks_as_often_as_the_papers_defaults_say(
    given: dict[str, Any], requests: int, replies: int, target: int
) -> None:
    task = replace(TASK, train=tuple(Example.of(f"input {i}", "no") for i in range(400)))
    context = Context(task.sealed(), opro.Settings(**{"rounds": 3, **given}), 0)
    asked: dict[int, Counter[str]] = {step: Counter() for step in range(4)}
    for phase, ask in walk(context, KIND):
        if isinstance(ask, Generate):
            asked[phase.round]["requests"] += len(ask.requests)
            asked[phase.round]["replies"] += sum(request.n for request in ask.requests)
        if isinstance(ask, Evaluate) and not isinstance(phase, Baseline):
            asked[phase.round]["target"] += len(ask.prompts) * len(ask.examples)
    for step in range(3):
        assert asked[step] == {"requests": requests, "replies": replies, "target": target}


def test_every_prompt_is_scored_on_the_same_rows() -> None:
    scored = [ask.examples for _, ask in walk(run_of(KIND), KIND) if isinstance(ask, Evaluate)]
    assert len(scored) == 3
    assert len(set(scored)) == 1
    assert len(scored[0]) == 12


def test_rows_drawn_anew_for_the_start_prompt_are_the_rows_of_all_that_follows() -> None:
    context = run_of(KIND)
    phase = KIND.start(context)
    again = at_once(propose(context, phase, perform, sample=1))
    after = decide(context, phase, again, ACCEPT).phase
    assert isinstance(after, Trajectory)
    assert after.examples == again.ask.examples != phase.ask(context).examples  # type: ignore[union-attr]


def test_the_best_are_shown_ascending_and_the_rest_is_spare() -> None:
    ask = trajectory(0.5, 0.1, 0.9, None, 0.3).ask(run_of(KIND, shown=3))
    assert isinstance(ask, Pick)
    assert shown_in(ask) == ["prompt 4", "prompt 0", "prompt 2"]
    assert [item.text for item in ask.options[3:]] == ["prompt 1", "prompt 3"]


def test_no_more_rows_are_offered_than_a_person_can_look_at() -> None:
    ask = trajectory(*(i / 500 for i in range(400))).ask(run_of(KIND, rounds=500))
    assert len(ask.options) == 4 + opro.SPARE  # type: ignore[union-attr]


@pytest.mark.parametrize(("buckets", "points"), [(100, "57"), (20, "11"), (10, "6")])
def test_scores_are_shown_as_whole_numbers_on_the_scale_that_is_named(buckets: int, points: str) -> None:
    """The authors' code names 0 to 100 whatever the number of buckets."""
    text = meta_prompt(run_of(KIND, buckets=buckets), proposing(0.574))
    assert f"<TEXT>prompt 0</TEXT>\nScore: {points}\n" in text
    assert f"from 0 to {buckets};" in text


def test_a_prompt_below_the_threshold_is_not_shown() -> None:
    ask = trajectory(0.2, 0.8, 0.5).ask(run_of(KIND, threshold=0.5))
    assert isinstance(ask, Pick)
    assert shown_in(ask) == ["prompt 2", "prompt 1"]


def test_a_start_prompt_below_the_threshold_is_shown_all_the_same() -> None:
    """The authors' code then asks with a meta-prompt that shows no instruction at all."""
    context = run_of(KIND, threshold=0.9)
    phase = trajectory(0.2)
    ask = phase.ask(context)
    assert isinstance(ask, Pick)
    assert shown_in(ask) == ["prompt 0"]
    assert phase.tell(context, ()).shown == phase.rows


def test_a_meta_prompt_without_problems_heeds_shown_and_threshold_too() -> None:
    context = run_of(KIND, meta_prompt="instructions_only", shown=2, threshold=0.3)
    phase = trajectory(0.2, 0.4, 0.6, 0.8)
    ask = phase.ask(context)
    assert isinstance(ask, Pick)
    after = phase.tell(context, tuple(ask.options[i] for i in ask.chosen))  # type: ignore[misc]
    assert isinstance(after, Propose)
    text = meta_prompt(context, after)
    assert text.count("<TEXT>") == 2
    assert text.index("prompt 2") < text.index("prompt 3")
    assert "Input:" not in text


def test_the_proposals_of_a_step_come_of_one_meta_prompt() -> None:
    (request,) = proposing().ask(run_of(KIND)).requests
    assert request.n == 3


def test_the_constant_temperature_stays_and_the_linear_one_reaches_its_end() -> None:
    def temperatures(**settings: Any) -> list[float]:
        context = run_of(KIND, rounds=3, temperature=1, temperature_end=0.5, **settings)
        return [ask.requests[0].temperature for _, ask in walk(context, KIND) if isinstance(ask, Generate)]

    assert temperatures() == [1.0, 1.0, 1.0]
    assert temperatures(schedule="linear") == [1.0, 0.75, 0.5]
    lone = Context(TASK.sealed(), opro.Settings(rounds=1, schedule="linear", temperature_end=0.2), 0)
    assert proposing().ask(lone).requests[0].temperature == 1.0


def test_the_optimizer_ends_with_the_best_of_the_whole_trajectory() -> None:
    """The authors' code names no winner."""
    assert trajectory(0.2, 0.9, 0.9, 0.5, step=2).ask(run_of(KIND)) == Done("prompt 1")


def test_patience_ends_the_search_after_steps_without_a_better_best() -> None:
    context = run_of(KIND, rounds=50, patience=2)
    assert isinstance(trajectory(0.2, 0.9, 0.9, step=2).ask(context), Pick), "one step since prompt 1"
    assert trajectory(0.2, 0.9, 0.9, 0.1, step=3).ask(context) == Done("prompt 1"), "an equal one is no better"
    assert isinstance(trajectory(0.2, 0.9, 0.9, 0.1, step=3).ask(run_of(KIND, rounds=50)), Pick)


# The exemplars.


def exemplars(
    criteria: str, marks: tuple[str, ...], shown: int, step: int = 0, sample: int = 0, **more: Any
) -> Pick:
    context = run_of(KIND, criteria=criteria, **more)
    some = trajectory(*(0.5,) * len(marks), marks=marks)
    return Exemplars(step, some.rows, some.marks, some.examples, some.rows[:shown]).ask(context, sample)


def test_accumulative_exemplars_are_those_wrong_most_often_under_all_prompts() -> None:
    """The authors' code draws evenly from all that were ever wrong."""
    marks = ("000111", "000111", "000001", "111000")
    for step in range(20):
        assert shown_in(exemplars("accumulative_most_frequent", marks, 1, step))[0] == TASK.train[5].input
    second = {shown_in(exemplars("accumulative_most_frequent", marks, 1, step))[1] for step in range(20)}
    assert second == {TASK.train[3].input, TASK.train[4].input}, "a tie is drawn by chance"


def test_current_exemplars_are_those_wrong_most_often_under_the_prompts_now_shown() -> None:
    marks = ("110000", "010000", "000111", "000111", "000111")
    ask = exemplars("current_most_frequent", marks, shown=2)
    assert shown_in(ask) == [TASK.train[1].input, TASK.train[0].input]
    assert ask.options[0].about == ("answered wrongly by 2 of the prompts",)


@pytest.mark.parametrize("marks", [("000000",), ("------",), ("010000",)])
def test_where_too_few_were_wrong_the_rest_is_drawn_by_chance(marks: tuple[str, ...]) -> None:
    ask = exemplars("accumulative_most_frequent", marks, 1)
    assert len(set(shown_in(ask))) == 2
    assert marks != ("010000",) or shown_in(ask)[0] == TASK.train[1].input


def test_constant_exemplars_stay_and_random_ones_change_from_step_to_step() -> None:
    def drawn(criteria: str) -> set[tuple[str, ...]]:
        return {tuple(shown_in(exemplars(criteria, ("111111",), 1, step))) for step in range(6)}

    assert len(drawn("constant")) == 1
    assert len(drawn("random")) > 1
    first, other = (exemplars("constant", ("111111",), 1, sample=sample) for sample in (0, 1))
    assert first != other, "another draw is another choice"


def test_each_exemplar_is_shown_with_its_own_answer() -> None:
    own = {example.input: example.answer for example in TASK.train}
    ask = exemplars("random", ("111111",), 1)
    assert len(ask.options) == 6
    for item in ask.options:
        assert isinstance(item, Demonstration)
        assert own[item.text] == item.answer


def test_an_exemplar_may_be_typed_and_all_may_be_left_out() -> None:
    context = run_of(KIND)
    some = trajectory(0.5)
    phase = Exemplars(0, some.rows, some.marks, some.examples, some.rows)
    typed = verdict(context, phase, Mark(None, text="a {harder} one", like=0)).phase
    assert isinstance(typed, Propose)
    assert "Input: a {harder} one\n" in meta_prompt(context, typed)
    none = verdict(context, phase, Mark(0, keep=False), Mark(1, keep=False)).phase
    assert isinstance(none, Propose)
    assert "Input:" not in meta_prompt(context, none)


def test_no_exemplars_wanted_means_none_are_asked_for() -> None:
    names = {type(phase).__name__ for phase, _ in walk(run_of(KIND, exemplars=0), KIND)}
    assert "Exemplars" not in names


# What a person makes of the trajectory.


def test_a_hidden_row_is_not_shown_and_a_pinned_one_stands_where_its_score_says() -> None:
    context = run_of(KIND, shown=2, rounds=9)
    phase = trajectory(0.1, 0.5, 0.3, 0.7)  # shown: 1, 3; spare: 2, 0
    after = verdict(context, phase, Mark(0, keep=False), Mark(3, keep=True)).phase
    assert isinstance(after, Exemplars)
    assert [row.text for row in after.shown] == ["prompt 0", "prompt 3"]


def test_a_typed_row_is_scored_with_the_next_proposals_and_never_shown_with_a_foreign_score() -> None:
    context = run_of(KIND, rounds=9, exemplars=0)
    phase = trajectory(0.1, 0.5)
    after = verdict(context, phase, Mark(0, text="mine"), Mark(None, text="mine too", like=1)).phase
    assert isinstance(after, Propose)
    assert [row.text for row in after.shown] == ["prompt 1"]
    assert after.typed == ("mine", "mine too")
    measure = after.tell(context, (Candidate("theirs"),))
    assert isinstance(measure, Measure)
    assert measure.ask(context).prompts == ("mine", "mine too", "theirs")
    alone = after.tell(context, ())
    assert isinstance(alone, Measure)
    assert alone.ask(context).prompts == ("mine", "mine too")


def test_a_typed_row_is_held_to_the_rules_and_a_long_start_prompt_is_not() -> None:
    context = run_of(KIND, rounds=9, longest=10)
    phase = replace(trajectory(0.5), rows=(TrajectoryRow("x" * 600, score=0.5),))
    assert decide(context, phase, at_once(propose(context, phase, perform)), ACCEPT)
    for text, flaw in (("y" * 13, "too long"), ("<ins> a", "mark"), ("x" * 600, "duplicate")):
        with pytest.raises(MisuseError, match=flaw):
            verdict(context, phase, Mark(None, text=text, like=0))


def test_a_changed_row_loses_the_score_that_stood_there() -> None:
    (row,) = trajectory(0.9).check(run_of(KIND), (TrajectoryRow("mine", score=0.9),))
    assert (row.text, row.score, row.step) == ("mine", None, 1)


def test_wrong_right_and_unmeasured_answers_are_told_apart_for_each_example() -> None:
    context = run_of(KIND, rows=4)
    phase = KIND.start(context)
    ids = phase.ask(context).examples  # type: ignore[union-attr]
    after = phase.tell(context, (Score(TASK.start, ids, None, (1.0, 0.5, None, 0.0), ("",) * 4),))
    assert isinstance(after, Trajectory)
    assert after.marks == ("01-1",)
    assert after.rows[0].score == 0.5
    one = Measure(0, after.rows, after.marks, ids, ("new",)).tell(
        context, (Score("new", ids[1:2], None, (0.0,), ("",)),)
    )
    assert [row.step for row in one.rows] == [0, 1]
    assert one.marks == ("01-1", "-1--"), "an example that left train has no mark"


def test_an_edit_back_to_a_known_prompt_gets_that_prompts_score() -> None:
    context = run_of(KIND, shown=1, rounds=9)
    after = verdict(context, trajectory(0.1, 0.5), Mark(0, text="prompt 0")).phase
    assert isinstance(after, Exemplars)
    assert after.shown == rows(0.1)


def test_a_prompt_of_which_nothing_was_measured_has_no_score() -> None:
    context = run_of(KIND)
    phase = KIND.start(context)
    ids = phase.ask(context).examples  # type: ignore[union-attr]
    blank: Any = Score(TASK.start, ids, None, (None,) * len(ids), ("",) * len(ids))
    after = phase.tell(context, (blank,))
    assert isinstance(after, Trajectory)
    assert after.rows[0].score is None
    assert after.marks == ("-" * len(ids),)
    step = after.tell(context, after.rows)
    assert "Score: not measured" in meta_prompt(context, replace(proposing(), shown=step.shown))
    assert trajectory(None, 0.0, step=2).ask(context) == Done("prompt 1"), (
        "measured and wrong is better than unknown"
    )


def test_a_step_in_which_nothing_is_kept_scores_nothing_and_the_run_ends() -> None:
    context = run_of(KIND)
    after = proposing().tell(context, ())
    assert isinstance(after, Trajectory)
    assert after.round == 1


# The proposals.


def test_a_proposal_equal_to_one_before_or_to_the_start_is_a_duplicate() -> None:
    start = Propose(0, (TrajectoryRow(TASK.start, score=0.5),), ("",), typed=("typed",))
    said, one, two, typed = proposed(
        f"<START>{TASK.start}<END>", "<START>new<END>", "<START> new <END>", "<START>typed<END>", phase=start
    )
    assert [item.flaw and in_words(item.flaw).split(":")[0] for item in (said, one, two, typed)] == [
        "duplicate", None, "duplicate", "duplicate",
    ]  # fmt: skip


def test_an_overlong_proposal_and_one_with_the_mark_say_so() -> None:
    long, broken = proposed(f"<START>{'x' * 13}<END>", "<START>Do <ins> it<END>", longest=10)
    assert in_words(long.flaw) == "too long: 13 characters, the limit is 10"
    assert in_words(broken.flaw) == "holds the mark <INS>, which only says where the instruction stands"


def test_digits_capitals_and_words_that_hold_the_letters_ins_break_no_rule() -> None:
    """The authors' code drops any text with the letters INS, and digits, deletes ** and writes a first capital."""
    item, other = proposed("<START>INSPECT **all** 3 parts<END>", "<START>lower case<END>")
    assert (item.text, item.flaw) == ("INSPECT **all** 3 parts", None)
    assert (other.text, other.flaw) == ("lower case", None)


def test_an_untagged_reply_is_not_taken_for_an_instruction() -> None:
    chat, unclosed, empty = proposed("Sure! I would try to think.", "<START>Think", "")
    assert "no text between" in in_words(chat.flaw)
    assert "cut off" in in_words(unclosed.flaw)
    assert (empty.text, in_words(empty.flaw)) == ("", "empty reply")


def test_an_empty_proposal_is_never_scored() -> None:
    context = run_of(KIND)
    items = proposed("<START><END>", "[two\nlines]", "<START>good<END>")
    after = proposing().tell(context, tuple(item for item in items if item.flaw is None))
    assert isinstance(after, Measure)
    assert after.ask(context).prompts == ("good",)


def test_a_multi_line_proposal_with_any_letters_is_kept_to_the_letter() -> None:
    """The authors' code loses line breaks, and ends at the first accent."""
    text = "Prüfe “genau”:\n\n- naïve\n- 好 🙂"
    (item,) = proposed(f"<START>\n{text}\n<END>")
    assert (item.text, item.flaw) == (text, None)
    phase = replace(proposing(), shown=(TrajectoryRow(text, score=1.0),))
    assert f"<TEXT>{text}</TEXT>" in meta_prompt(run_of(KIND), phase)


@pytest.mark.parametrize("text", ["Use {{ x }} and {% if y %}", "{trajectory}", "{0} {input} {answer}", "\\1 $$ {"])
def test_braces_in_any_text_are_text_and_never_a_template(text: str) -> None:
    context = run_of(KIND)
    shown = (TrajectoryRow(text, score=1.0),)
    phase = replace(proposing(), shown=shown, exemplars=(Demonstration(text, (), None, "e", text),))
    assert meta_prompt(context, phase).count(text) == 3


def test_a_typed_proposal_has_the_flaws_that_a_written_one_has() -> None:
    context = run_of(KIND, longest=12)
    texts = ["new", "new", "prompt 0", "x" * 15, "an <INS> too", "{lost} words"]
    phase = proposing()
    written = phase.read(context, (tuple(Reply(f"<START>{text}<END>") for text in texts),))
    typed = phase.check(context, tuple(replace(item, text=text) for item, text in zip(written, texts, strict=True)))
    assert [item.flaw for item in typed] == [item.flaw for item in written]
    assert sum(item.flaw is not None for item in typed) == 5


def test_a_request_names_no_model_that_a_retry_could_change() -> None:
    """The authors' code goes on with another model after a rate limit."""
    assert "model" not in Request.__dataclass_fields__


# Where the instruction stands.


@pytest.mark.parametrize("position", POSITIONS)
@pytest.mark.parametrize("kind", declared(opro.Settings)["meta_prompt"].choices)
def test_every_position_runs_to_its_end_with_either_meta_prompt(position: str, kind: str) -> None:
    """The authors' default position fails at once."""
    steps = walk(run_of(KIND, position=position, meta_prompt=kind), KIND)
    assert steps[-1][0].round == 2


@pytest.mark.parametrize(
    ("position", "prompt", "told", "problem"),
    [
        ("before_question", "Think.", ["Think.", "2+2?"], "<INS>\nInput: 2+2?\nOutput: 4"),
        ("question_start", "Think.\n{input}", ["Think.\n2+2?"], "Input: <INS>\n2+2?\nOutput: 4"),
        ("question_end", "{input}\nThink.", ["2+2?\nThink."], "Input: 2+2?\n<INS>\nOutput: 4"),
        ("answer_start", "Q: {input}\nA: Think.", ["Q: 2+2?\nA: Think."], "Input: 2+2?\nOutput: <INS> 4"),
    ],
)
def test_a_candidate_is_the_whole_prompt_and_the_meta_prompt_shows_its_instruction(
    position: str, prompt: str, told: list[str], problem: str
) -> None:
    context = run_of(KIND, position=position)
    (item,) = proposed("<START>Think.<END>", position=position)
    assert item.text == prompt
    assert item.flaw is None
    assert [message["content"] for message in messages(item.text, "2+2?")] == told
    demonstration = Demonstration("2+2?", (), None, "e", "4")
    phase = replace(proposing(), shown=(TrajectoryRow(prompt, score=1.0),), exemplars=(demonstration,))
    text = meta_prompt(context, phase)
    assert "<TEXT>Think.</TEXT>\nScore: 100" in text
    assert problem in text
    again = replace(phase, rows=phase.shown, marks=("",)).read(context, ((Reply("<START>Think.<END>"),),))
    assert "duplicate" in in_words(again[0].flaw)
    assert "too long" not in in_words(proposed(f"<START>{'x' * 10}<END>", position=position, longest=10)[0].flaw)


def test_a_start_prompt_that_places_the_input_keeps_doing_so() -> None:
    task = replace(TASK, start="Text: {input}\nIs it {tone}?")
    for position in POSITIONS:
        context = run_of(KIND, task=task, position=position)
        baseline = KIND.start(context)
        assert baseline.prompts == (task.start,)
        assert "Keep {input}, {tone} exactly as it stands" in meta_prompt(context, proposing())
        kept, lost = proposed(
            "<START>{input}: {tone}?<END>", "<START>Is it {tone}?<END>", task=task, position=position
        )
        assert (kept.text, kept.flaw) == ("{input}: {tone}?", None)
        assert in_words(lost.flaw) == "lost the placeholder {input}"


def test_a_typed_instruction_is_put_where_the_others_are() -> None:
    context = run_of(KIND, position="question_end", rounds=9, exemplars=0)
    phase = KIND.start(context).tell(context, ())
    after = verdict(context, phase, Mark(None, text="Mine.", like=0)).phase
    assert isinstance(after, Propose)
    assert after.typed == ("{input}\nMine.",)


@pytest.mark.parametrize(("wording", "golden"), [("paper", ""), ("fitted", "_fitted")])
@pytest.mark.parametrize("name", ["both", "instructions_only"])
def test_each_rendered_meta_prompt_is_the_golden_one(name: str, wording: str, golden: str) -> None:
    problems = tuple(Demonstration(e.input, (), None, e.id, e.answer) for e in TASK.train[:2])
    phase = proposing(0.25, 0.5, exemplars=problems if name == "both" else ())
    rendered = meta_prompt(run_of(KIND, wording=wording), phase)
    assert rendered == (GOLDEN / f"opro_{name}{golden}.txt").read_text(encoding="utf-8").rstrip("\n")


def test_a_long_trajectory_carries_its_best_rows_on_and_counts_the_wrong_answers_of_the_others() -> None:
    many = tuple(TrajectoryRow(f"prompt {i}", score=i / 500, step=0) for i in range(opro.REMEMBERED + 20))
    ids = tuple(example.id for example in TASK.train[:2])
    before = Measure(0, many, ("10",) * len(many), ids, ("newest",))
    after = before.tell(run_of(KIND), (Score("newest", ids, None, (1.0, 1.0), ("yes", "yes")),))
    assert len(after.rows) == opro.REMEMBERED
    assert after.rows[-1].text == "newest"
    assert min(row.score or 0 for row in after.rows) == 21 / 500
    assert after.forgotten == (21, 0)
    exemplars = Exemplars(1, after.rows, after.marks, ids, after.rows[:1], forgotten=after.forgotten)
    asked = exemplars.ask(run_of(KIND, criteria="accumulative_most_frequent"))
    assert asked.options[0].about == (f"answered wrongly by {opro.REMEMBERED + 20} of the prompts",)


def test_at_the_highest_score_another_way_is_asked_for_and_none_that_is_higher() -> None:
    told = meta_prompt(run_of(KIND), proposing(0.5, 1.0))
    assert "The highest score there is has been reached." in told
    assert "score higher" not in told
    assert "score higher" in meta_prompt(run_of(KIND, wording="paper"), proposing(0.5, 1.0))
    assert "score higher" in meta_prompt(run_of(KIND), proposing(0.5, 0.9))
