"""PE2, phase by phase: what the paper says, and each fault of the authors' code that must not happen here."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.contract import runs_to_its_end_whatever_a_person_writes
from support.flaws import CUT, in_words
from support.paths import GOLDEN
from support.scripted import TASK, at_once, perform, run_of, walk

from lab.core.asks import (
    Candidate,
    Context,
    Critique,
    Demonstration,
    Done,
    ErrorSample,
    Evaluate,
    Example,
    Generate,
    Phase,
    Pick,
    Reply,
    Score,
)  # fmt: skip
from lab.core.flaws import Flaw
from lab.core.review import ACCEPT, Decision, Mark, Verdict, decide, propose
from lab.errors import MisuseError
from lab.optimizers import OPTIMIZERS, pe2
from lab.optimizers.limits import words_changed
from lab.optimizers.pe2 import (
    Beam,
    Demonstrations,
    Failures,
    History,
    Induce,
    Measure,
    Reason,
    Rewrite,
)

PLAIN = {"history": "off", "init": "start"}
KIND = OPTIMIZERS["pe2"]
IDS = tuple(example.id for example in TASK.train[:6])


def score(text: str, *hits: float | None) -> Score:
    return Score(text, IDS[: len(hits)], None, hits, tuple("yes" if hit == 1 else "maybe" for hit in hits))


def search(*hits: tuple[float | None, ...], newest: int = 0) -> dict[str, Any]:
    """What a phase knows: prompt i is the start prompt or `prompt i` and comes of the one before it."""
    texts = [TASK.start, *(f"prompt {i}" for i in range(1, len(hits)))]
    answers = tuple(score(text, *row) for text, row in zip(texts, hits, strict=True))
    nodes = tuple(
        pe2._scored(Candidate(text, parent=texts[i - 1] if i else "", origin="edit" if i else "start"), answers[i])
        for i, text in enumerate(texts)
    )
    return {"nodes": nodes, "answers": answers, "examples": IDS, "newest": newest}


HALF = (1.0, 0.0, 1.0, 0.0, 1.0, 0.0)
WRONG, RIGHT = (0.0,) * 6, (1.0,) * 6


def errors(n: int, prompt: int = 0) -> tuple[ErrorSample, ...]:
    return tuple(ErrorSample(e.input, (TASK.start,), None, e.id, e.answer, "maybe", prompt) for e in TASK.train[:n])


def rewriting(n: int = 1, reasoning: str = "Too short.", **more: Any) -> Rewrite:
    critiques = (Critique(reasoning, prompt=0, errors=errors(2)),) * n
    return Rewrite(0, **{**search(HALF), "beam": (TASK.start,), "critiques": critiques, **more})


def rewritten(*texts: str, parent: str = TASK.start, **settings: Any) -> tuple[Candidate, ...]:
    context = run_of(KIND, **settings)
    phase = rewriting(len(texts), beam=(parent,))
    return phase.read(context, tuple((Reply(text),) for text in texts))


def verdict(context: Context, phase: Phase, *marks: Mark) -> Decision:
    return decide(context, phase, at_once(propose(context, phase, perform)), Verdict("edit", marks))


def batches(ask: Pick) -> dict[int | None, list[str]]:
    found: dict[int | None, list[str]] = {}
    for i in ask.chosen:
        item = ask.options[i]
        assert isinstance(item, ErrorSample)
        found.setdefault(item.group, []).append(item.example)
    return found


# Whatever a person does.


@settings(max_examples=30, deadline=None)
@given(data=st.data(), backtrack=st.sampled_from(["on", "off"]))
def test_a_run_ends_whatever_a_person_drops_edits_and_adds(data: st.DataObject, backtrack: str) -> None:
    runs_to_its_end_whatever_a_person_writes(KIND, data, backtrack=backtrack)


# The algorithm.


def test_the_defaults_are_the_papers() -> None:
    s = pe2.Settings()
    assert (s.rounds, s.beam, s.expand, s.batch, s.batching, s.backtrack) == (3, 4, 4, 2, "hard", "on")
    assert (s.step_size, s.max_words, s.history, s.tutorial) == (0, 50, "off", "off")
    assert (s.init, s.init_prompts, s.init_temperature) == ("start", 30, 0.7)
    assert (s.reason_temperature, s.temperature, s.rows) == (0.0, 0.7, 100)


def test_the_phases_of_a_round_come_in_the_papers_order() -> None:
    names = [type(phase).__name__ for phase, _ in walk(run_of(KIND, rounds=1), KIND)]
    assert names == [
        "Demonstrations",
        "Induce",
        "Measure",
        "Beam",
        "Failures",
        "Reason",
        "Rewrite",
        "Measure",
        "Beam",
    ]
    more = [type(phase).__name__ for phase, _ in walk(run_of(KIND, rounds=2), KIND)]
    assert more[:9] == [*names[:8], "History"]
    plain = [type(phase).__name__ for phase, _ in walk(run_of(KIND, rounds=1, **PLAIN), KIND)]
    assert plain == ["Measure", "Beam", "Failures", "Reason", "Rewrite", "Measure", "Beam"]


@pytest.mark.parametrize(
    ("given", "first", "reasoned", "rewritten", "target"),
    [
        # 36 proposals of 2 requests are 72 optimizer calls, 37 prompts on 100 rows 3,700 target calls
        ({}, 0, [4, 16, 16], [4, 16, 16], [1, 4, 16, 16]),
        # with history a third request for each proposal; differs: not in the last round
        ({"history": "on"}, 0, [4, 16, 16], [8, 32, 16], [1, 4, 16, 16]),
        # differs: the start prompt competes with the 30 induced ones
        ({"init": "induction"}, 30, [16, 16, 16], [16, 16, 16], [31, 16, 16, 16]),
    ],
)
def test_a_round_asks_as_often_as_the_papers_defaults_say(
    given: dict[str, Any], first: int, reasoned: list[int], rewritten: list[int], target: list[int]
) -> None:
    task = replace(TASK, train=tuple(Example.of(f"input {i}", "no") for i in range(400)))
    context = Context(task.sealed(), pe2.Settings(**given), 0)
    asked: Counter[object] = Counter()
    measured = []
    for phase, ask in walk(context, KIND):
        if isinstance(ask, Generate):
            asked[(type(phase), phase.round)] += sum(request.n for request in ask.requests)
        if isinstance(ask, Evaluate):
            measured.append(len(ask.prompts))
            assert len(ask.examples) == 100
    assert asked[(Induce, 0)] == first
    assert [asked[(Reason, t)] for t in range(3)] == reasoned
    assert [asked[(Rewrite, t)] + asked[(History, t)] for t in range(3)] == rewritten
    assert measured == target


def test_every_prompt_is_scored_once_and_on_the_same_rows() -> None:
    asks = [ask for _, ask in walk(run_of(KIND), KIND) if isinstance(ask, Evaluate)]
    assert len({ask.examples for ask in asks}) == 1
    assert max(Counter(prompt for ask in asks for prompt in ask.prompts).values()) == 1


def test_a_round_is_complete_when_its_prompts_are_scored() -> None:
    rounds = [(type(phase), phase.round) for phase, _ in walk(run_of(KIND, **PLAIN), KIND)]
    assert [t for phase, t in rounds if phase is Measure] == [0, 0, 1]
    assert [t for phase, t in rounds if phase is Beam] == [0, 1, 2]


def test_backtracking_chooses_among_all_rounds_and_without_it_the_newest_is_chosen_from() -> None:
    known = search((1.0, 1.0, 0.0), (0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (1.0, 0.0, 0.0), newest=2)

    def chosen(**settings: Any) -> list[str]:
        ask = Beam(1, **known).ask(run_of(KIND, **settings))
        assert isinstance(ask, Pick)
        assert len(ask.options) == 4, "what was not chosen can be ticked"
        return [ask.options[i].text for i in ask.chosen]

    assert chosen() == [TASK.start, "prompt 2"], "ties in the order made"
    assert chosen(backtrack="off") == ["prompt 2", "prompt 3"]


def test_a_prompt_of_which_nothing_was_measured_is_not_chosen() -> None:
    ask = Beam(0, **search((None, None), (0.0, 0.0))).ask(run_of(KIND))
    assert isinstance(ask, Pick)
    assert [ask.options[i].text for i in ask.chosen] == ["prompt 1"]
    alone = Beam(0, **search((None, None))).ask(run_of(KIND))
    assert isinstance(alone, Pick)
    assert alone.chosen == (0,)


def test_the_search_ends_with_the_best_of_all_rounds_or_at_a_perfect_score() -> None:
    context = run_of(KIND)
    assert Beam(2, **search((1.0, 1.0, 0.0), (0.0,) * 3, (1.0, 0.0, 0.0))).ask(context) == Done(TASK.start)
    assert Beam(0, **search((1.0, 0.0), (1.0, 1.0))).ask(context) == Done("prompt 1")


def test_induced_prompts_come_from_the_examples_shown_and_compete_with_the_start() -> None:
    context = run_of(KIND)
    phase = KIND.start(context)
    assert isinstance(phase, Demonstrations)
    own = {example.input: example.answer for example in TASK.train}
    after = decide(context, phase, at_once(propose(context, phase, perform)), ACCEPT).phase
    assert isinstance(after, Induce)
    (request,) = after.ask(context).requests
    assert request.n == 2
    for one in after.demonstrations:
        assert f"Input: {one.text}\nOutput: {own[one.text]}" in request.meta_prompt
    items = after.read(context, ((Reply("<START>a<END>"), Reply("<START>a<END>")),))
    assert [item.flaw is None for item in items] == [True, False]
    assert after.tell(context, items[:1]).ask(context).prompts == (TASK.start, "a")
    assert after.tell(context, ()).ask(context).prompts == (TASK.start,)
    assert isinstance(phase.tell(context, ()), Measure), "without examples nothing is induced"


# The batches.


def failing(*hits: tuple[float | None, ...], beam: tuple[str, ...] = (TASK.start,)) -> Failures:
    return Failures(0, **search(*hits), beam=beam)


def test_hard_batches_hold_failures_only_and_none_twice() -> None:
    ask = failing(HALF, WRONG, beam=(TASK.start, "prompt 1")).ask(run_of(KIND))
    drawn = batches(ask)
    assert list(drawn) == [0, 1, 2, 3]
    assert all(len(set(batch)) == 2 for batch in drawn.values())
    assert {id for g in (0, 1) for id in drawn[g]} <= {IDS[1], IDS[3], IDS[5]}
    seen = [(item.prompt, item.example) for item in ask.options if isinstance(item, ErrorSample)]
    assert len(set(seen)) == 3 + 6, "every failure can be picked"


def test_a_part_of_a_hit_is_a_failure_too() -> None:
    """The authors' code knows only scores of exactly 0."""
    drawn = batches(failing((0.5, 1.0, 1.0)).ask(run_of(KIND)))
    assert drawn == {0: [IDS[0]], 1: [IDS[0]]}


def test_a_failure_says_where_its_answer_did_not_arrive_whole() -> None:
    known = failing((0.0, 0.0, 1.0))
    cut = replace(known, answers=(replace(known.answers[0], flaws=(CUT, None, None)),))
    told = {one.example: one.answer_flaw for one in cut.ask(run_of(KIND)).options if isinstance(one, ErrorSample)}
    assert told == {IDS[0]: CUT, IDS[1]: None}


def test_random_batches_hold_right_answers_too_and_nothing_that_was_not_measured() -> None:
    context = run_of(KIND, batching="random", batch=6)
    drawn = batches(failing((1.0, 1.0, 0.0, None)).ask(context))
    assert sorted(drawn[0]) == sorted(IDS[:3])


def test_weighted_batches_prefer_the_worse_failures_and_hold_none_twice() -> None:
    """The authors' code draws with replacement, from failures that all weigh the same."""
    first: Counter[str] = Counter()
    for seed in range(40):
        context = run_of(KIND, seed=seed, batching="hard_weighted", batch=3)
        for batch in batches(failing((0.9, 0.9, 0.0, 1.0)).ask(context)).values():
            assert sorted(batch) == sorted(IDS[:3])
            first[batch[0]] += 1
    assert first[IDS[2]] > first[IDS[0]] + first[IDS[1]]


def test_fewer_failures_than_a_batch_holds_make_a_smaller_batch_that_says_so() -> None:
    """The authors' code speaks of two examples whatever it shows."""
    context = run_of(KIND)
    failures = failing((0.0, 1.0))
    ask = failures.ask(context)
    after = failures.tell(context, tuple(ask.options[i] for i in ask.chosen))  # type: ignore[misc]
    assert isinstance(after, Reason)
    text = after.ask(context).requests[0].meta_prompt
    assert "to one example." in text
    assert text.count("Given answer:") == 1


def test_a_prompt_without_failures_is_left_as_it_is() -> None:
    context = run_of(KIND)
    some = Beam(0, **search(HALF, RIGHT)).tell(context, (Candidate(TASK.start), Candidate("prompt 1")))
    assert isinstance(some, Failures)
    assert list(batches(some.ask(context))) == [0, 1], "batches of the other prompt only"


def test_without_any_failure_nothing_is_asked_for_and_the_run_ends() -> None:
    context = run_of(KIND, batching="hard")
    phase: Phase = Beam(0, **search(RIGHT, HALF))
    assert isinstance(phase.ask(context), Done)
    after = phase.tell(context, (Candidate(TASK.start),))
    assert isinstance(after, Beam)
    assert after.round == 1


def test_a_failure_picked_by_hand_joins_the_smallest_batch_of_its_prompt() -> None:
    context = run_of(KIND)
    a, b, c, extra = errors(4)
    after = failing(WRONG).tell(context, (extra, replace(a, group=0), replace(b, group=0), replace(c, group=1)))
    assert isinstance(after, Reason)
    assert [[error.example for error in batch] for batch in after.batches] == [
        [a.example, b.example], [c.example, extra.example],
    ]  # fmt: skip


def test_an_example_that_train_has_no_more_is_neither_scored_nor_shown() -> None:
    task = replace(TASK, train=TASK.train[1:])
    context = run_of(KIND, task=task)
    assert IDS[0] not in str(failing(WRONG).ask(context))
    phase = Measure(0, (Candidate("new"),), (), IDS)
    assert phase.ask(context).examples == IDS[1:]


# The two steps.


def test_the_reasoning_asks_five_questions_on_each_example_and_shows_the_whole_context() -> None:
    context = run_of(KIND)
    phase = Reason(0, **search(WRONG), beam=(TASK.start,), batches=(errors(2), errors(3)))
    one, other = phase.ask(context).requests
    assert (one.temperature, one.max_tokens) == (0.0, 1500)
    for number in "12345":
        assert f"\n{number}. " in one.meta_prompt
    assert "System: [the instructions]\nUser: [the input]" in one.meta_prompt
    assert "to 3 examples." in other.meta_prompt
    assert "Prompt" not in other.meta_prompt


def test_the_context_says_where_a_prompt_places_the_input() -> None:
    context = run_of(KIND)
    text = "Read {{input}} and say yes."
    phase = Reason(0, **search(WRONG), beam=(text,), batches=(errors(1),))
    assert "with the input in place of {{input}}]" in phase.ask(context).requests[0].meta_prompt
    rewrite = rewriting(beam=(text,)).ask(context).requests[0].meta_prompt
    assert "Keep {{input}} as it stands." in rewrite
    (lost,) = rewritten("<START>Read.<END>", parent=text)
    assert in_words(lost.flaw) == "lost the placeholder {{input}}"


def test_a_reasoning_is_the_whole_reply_and_an_empty_or_cut_one_has_its_flaw() -> None:
    context = run_of(KIND)
    phase = Reason(0, **search(WRONG), beam=(TASK.start,), batches=(errors(1),) * 3)
    good, empty, cut = phase.read(context, (
        (Reply("1. no\n<START>2. {yes}"),), (Reply(" "),), (Reply("1. n", Flaw("cut_off")),),
    ))  # fmt: skip
    assert (good.text, good.flaw) == ("1. no\n<START>2. {yes}", None)
    assert in_words(empty.flaw) == "empty reply"
    assert in_words(cut.flaw) == "cut off at the token limit"
    after = phase.tell(context, (good,))
    assert isinstance(after, Rewrite)
    assert f"<REASONING>\n{good.text}\n</REASONING>" in after.ask(context).requests[0].meta_prompt


def test_no_reasoning_or_no_new_prompt_kept_ends_the_round() -> None:
    context = run_of(KIND)
    reason = Reason(0, **search(WRONG), beam=(TASK.start,), batches=(errors(1),))
    for after in (reason.tell(context, ()), rewriting().tell(context, ())):
        assert isinstance(after, Beam)
        assert after.round == 1
        assert after.prompts == (TASK.start,)


def test_a_chatty_reply_is_not_taken_for_a_prompt() -> None:
    """The authors' code takes the whole reply."""
    chat, good, empty = rewritten("Here it is: say yes.", "Sure! <START>Say \nyes.<END> Enjoy!", "")
    assert "no text between" in in_words(chat.flaw)
    assert (good.text, good.flaw, good.parent) == ("Say \nyes.", None, TASK.start)
    assert in_words(empty.flaw) == "empty reply"


def test_a_new_prompt_equal_to_any_before_is_a_duplicate() -> None:
    context = run_of(KIND)
    phase = rewriting(2, **search(HALF, HALF, newest=1))
    old, twice = phase.read(context, ((Reply("<START>prompt 1<END>"),), (Reply(f"<START>{TASK.start}<END>"),)))
    assert in_words(old.flaw) == in_words(twice.flaw) == "duplicate: this prompt is already there"


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("Say yes or no.", "Say yes or no.", 0),
        ("Say yes or no.", "Say only yes or no.", 1),
        ("Say yes or no.", "Answer yes or no.", 1),
        ("Say yes or no.", "Say yes.", 3),
        ("", "one two", 2),
        ("one two", "", 2),
        ("a b c d", "d a b c", 2),
        ("so " * 300 + "end", "so " * 300 + "END", 1),
        ("Begin " + "so " * 300, "Start " + "so " * 300, 1),
    ],
)
def test_words_changed_are_counted_on_the_longer_side(old: str, new: str, changed: int) -> None:
    assert words_changed(old, new) == changed


def test_the_step_size_is_checked_on_the_result_and_not_only_asked_for() -> None:
    context = run_of(KIND, step_size=2)
    assert "Change at most 2 words" in rewriting().ask(context).requests[0].meta_prompt
    small, large = rewritten("<START>Just say yes or no.<END>", "<START>Decide which it is.<END>", step_size=2)
    assert small.flaw is None
    assert in_words(large.flaw) == "changes 4 words, the limit is 2"
    assert "Change at most" not in rewriting().ask(run_of(KIND)).requests[0].meta_prompt
    assert rewritten("<START>Decide which it is.<END>")[0].flaw is None


def test_the_length_in_words_is_checked_and_no_limit_is_none() -> None:
    long = f"<START>{'word ' * 61}<END>"
    assert in_words(rewritten(long)[0].flaw) == "too long: 61 words, the limit is 50"
    assert rewritten(long, max_words=0)[0].flaw is None
    assert (
        in_words(rewritten(f"<START>{'x' * 30}<END>", longest=10)[0].flaw)
        == "too long: 30 characters, the limit is 10"
    )
    free = rewriting().ask(run_of(KIND, max_words=0)).requests[0].meta_prompt
    assert "in at most" not in free


def test_a_typed_prompt_has_the_flaws_that_a_written_one_has() -> None:
    context = run_of(KIND, step_size=3, max_words=6)
    texts = [
        TASK.start,
        "Say yes!",
        "Say yes!",
        "Say yes or no, and then say why.",
        "a b c d e",
        "Say yes or {no}.",
    ]
    phase = rewriting(len(texts))
    written = phase.read(context, tuple((Reply(f"<START>{text}<END>"),) for text in texts))
    typed = phase.check(context, tuple(replace(item, text=text) for item, text in zip(written, texts, strict=True)))
    assert [item.flaw for item in typed] == [item.flaw for item in written]
    assert [item.flaw is None for item in typed] == [False, True, False, False, False, False]


@pytest.mark.parametrize(
    "text", ["Use {{ x }} and {% if y %}", "{reasoning}{errors}", "\\1 $$ {0} {", "好 “naïve” 🙂"]
)
def test_braces_and_any_letters_are_text_and_never_a_template(text: str) -> None:
    context = run_of(KIND)
    (item,) = rewritten(f"<START>{text}<END>")
    assert item.text == text
    phase = rewriting(1, reasoning=text, beam=(text,))
    assert phase.ask(context).requests[0].meta_prompt.count(text) >= 2


def test_the_tutorial_stands_first_in_both_steps_when_it_is_on() -> None:
    reason = Reason(0, **search(WRONG), beam=(TASK.start,), batches=(errors(1),))
    for phase in (reason, rewriting()):
        on, off = (phase.ask(run_of(KIND, tutorial=said)).requests[0].meta_prompt for said in ("on", "off"))
        assert on.startswith("Some advice")
        assert on.endswith(off)


# History.


def test_history_tells_past_prompts_their_scores_and_changes_oldest_first() -> None:
    """The authors' code cannot run with history; the one it would write has scores on different examples."""
    known = search((0.0, 0.0, 1.0), (1.0, 0.0, 1.0), (0.0, 0.0, 0.0))
    nodes = (known["nodes"][0], replace(known["nodes"][1], about=("It names the labels.",)), known["nodes"][2])
    phase = rewriting(beam=("prompt 1",), **{**known, "nodes": nodes})
    text = phase.ask(run_of(KIND)).requests[0].meta_prompt
    assert (
        f"<TEXT>{TASK.start}</TEXT>\nScore: 33\n\n<TEXT>prompt 1</TEXT>\nScore: 67\nChange: It names the labels.\n"
    ) in text
    assert "prompt 2" not in text, "another line of prompts"
    assert "<TEXT>" not in phase.ask(run_of(KIND, history="off")).requests[0].meta_prompt


def test_a_sentence_on_each_change_is_kept_with_its_prompt() -> None:
    context = run_of(KIND)
    made = tuple(Candidate(f"new {i}", (f"reasoning {i}",), None, TASK.start, "edit", reply=i) for i in range(3))
    measure = rewriting().tell(context, made)
    assert isinstance(measure, Measure)
    phase = measure.tell(context, tuple(score(node.text, *HALF) for node in made))
    assert isinstance(phase, History)
    assert (phase.round, phase.prompts) == (0, (TASK.start,))
    assert "reasoning 2" in phase.ask(context).requests[2].meta_prompt
    one, other, empty = phase.read(context, ((Reply("First."),), (Reply("Second."),), (Reply(""),)))
    assert in_words(empty.flaw) == "empty reply"
    after = phase.tell(context, (replace(other, text="Second, as typed."), one))
    assert [(node.text, node.about) for node in after.nodes] == [
        (TASK.start, ()), ("new 0", ("First.",)), ("new 1", ("Second, as typed.",)), ("new 2", ()),
    ]  # fmt: skip


@pytest.mark.parametrize(("given", "hits"), [({"history": "off"}, HALF), ({"rounds": 1}, HALF), ({}, RIGHT)])
def test_nothing_is_summed_up_that_nobody_will_read(given: dict[str, Any], hits: tuple[float, ...]) -> None:
    context = run_of(KIND, **given)
    measure = rewriting().tell(context, (Candidate("new", ("a long reasoning",), None, TASK.start, "edit"),))
    assert isinstance(measure, Measure)
    after = measure.tell(context, (score("new", *hits),))
    assert isinstance(after, Beam)
    assert after.nodes[1].about == ()


def test_history_works_over_many_rounds() -> None:
    steps = walk(run_of(KIND, rounds=4, init="start", beam=1, expand=1), KIND)
    asked = [ask.requests[0].meta_prompt for phase, ask in steps if isinstance(phase, Rewrite)]
    assert "Change: " not in asked[0]
    assert any("Change: " in text for text in asked[1:])


def test_a_prompt_in_its_own_line_does_not_stop_the_history() -> None:
    a, b = Candidate("a", parent="b"), Candidate("b", parent="a")
    text = rewriting(beam=("a",), nodes=(a, b)).ask(run_of(KIND)).requests[0].meta_prompt
    assert text.count("<TEXT>") == 2


# What a person makes of the beam.


def test_a_pinned_prompt_is_improved_and_a_dropped_one_is_not() -> None:
    context = run_of(KIND)
    phase = Beam(0, **search(HALF, HALF, WRONG))
    after = verdict(context, phase, Mark(0, keep=False), Mark(2, keep=True)).phase
    assert isinstance(after, Failures)
    assert after.prompts == ("prompt 1", "prompt 2")
    none = verdict(context, phase, Mark(0, keep=False), Mark(1, keep=False)).phase
    assert none.prompts == (TASK.start,), "the best where nothing was kept"


def test_a_prompt_typed_into_the_beam_is_measured_and_then_improved() -> None:
    context = run_of(KIND)
    phase = Beam(0, **search(HALF, HALF))
    after = verdict(context, phase, Mark(0, text="Say it."), Mark(None, text="Say it all.", like=1)).phase
    assert isinstance(after, Measure)
    assert after.ask(context).prompts == ("Say it.", "Say it all.")
    assert after.nodes[2].score is None, "it has no score of another"
    failures = decide(context, after, at_once(propose(context, after, perform)), ACCEPT).phase
    assert isinstance(failures, Failures)
    assert failures.round == 0
    assert failures.prompts == ("Say it.", "prompt 1", "Say it all.")
    assert failures.nodes[2].score is not None


def test_a_typed_beam_member_is_held_to_the_rules_and_a_long_start_prompt_is_not() -> None:
    task = replace(TASK, start="word " * 80)
    context = run_of(KIND, task=task, **PLAIN)
    phase = decide(
        context, KIND.start(context), at_once(propose(context, KIND.start(context), perform)), ACCEPT
    ).phase
    assert isinstance(decide(context, phase, at_once(propose(context, phase, perform)), ACCEPT).phase, Failures)
    for text, flaw in (("new " * 61, "too long: 61 words"), (task.start, "duplicate")):
        with pytest.raises(MisuseError, match=flaw):
            verdict(context, phase, Mark(None, text=text, like=0))


@pytest.mark.parametrize(("wording", "golden"), [("paper", ""), ("fitted", "_fitted")])
@pytest.mark.parametrize("name", ["induce", "reason", "rewrite", "rewrite_full", "history"])
def test_each_rendered_meta_prompt_is_the_golden_one(name: str, wording: str, golden: str) -> None:
    assert rendered(name, wording) == (GOLDEN / f"pe2_{name}{golden}.txt").read_text(encoding="utf-8").rstrip("\n")


def rendered(name: str, wording: str) -> str:
    context = run_of(KIND, wording=wording, **PLAIN)
    known = search((0.0, 0.0, 1.0), (1.0, 0.0, 1.0))
    nodes = (known["nodes"][0], replace(known["nodes"][1], about=("It names the labels.",)))
    made = (Candidate("Say only “yes” or “no”.", ("The form is left open.",), None, TASK.start, "edit"),)
    demos = tuple(Demonstration(e.input, (), None, e.id, e.answer) for e in TASK.train[:2])
    phase: Any = {
        "induce": Induce(0, known["nodes"], demonstrations=demos),
        "reason": Reason(0, **known, beam=(TASK.start,), batches=(errors(2),)),
        "rewrite": rewriting(1, "The form is left open."),
        "rewrite_full": rewriting(1, "The form is left open.", **{**known, "nodes": nodes}, beam=("prompt 1",)),
        "history": History(0, **known, beam=(TASK.start,), made=made),
    }[name]
    if name == "rewrite_full":
        context = run_of(KIND, history="on", tutorial="on", step_size=10, wording=wording)
    return str(phase.ask(context).requests[0].meta_prompt)
