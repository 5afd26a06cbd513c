"""ProTeGi, phase by phase: what the paper says, and each fault of the authors' code that must not happen here."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from scripted import TASK, perform, run_of, walk

from lab.asks import Candidate, Critique, ErrorSample, Evaluate, Example, Generate, Pick, Reply, Run, Score
from lab.errors import MisuseError
from lab.optimizers import OPTIMIZERS, protegi
from lab.optimizers.protegi import Criticise, Edit, Groups, Limit, Minibatch, NextBeam, Paraphrase, Select
from lab.optimizers.replies import tagged
from lab.review import ACCEPT, Mark, Verdict, decide, propose

GOLDEN = Path(__file__).parent / "golden"
KIND = OPTIMIZERS["protegi"]
BEAM = (Candidate("Say yes or no."),)


def scored(run: Run, phase: Minibatch, hit: float) -> tuple[Score, ...]:
    ask = phase.ask(run)
    assert isinstance(ask, Evaluate)
    n = len(ask.examples)
    return tuple(Score(p, ask.examples, None, (hit,) * n, ("maybe",) * n) for p in ask.prompts)


def errors(n: int, prompt: int = 0) -> tuple[ErrorSample, ...]:
    return tuple(ErrorSample(e.input, (TASK.start,), None, e.id, e.answer, "maybe", prompt) for e in TASK.train[:n])


def criticise(*texts: str, **settings: Any) -> tuple[Critique, ...]:
    run = run_of(KIND, **settings)
    phase = Criticise(0, BEAM, tuple(errors(2) for _ in texts))
    return phase.read(run, tuple((Reply(text),) for text in texts))


def edit(*texts: str, parent: str = TASK.start, **settings: Any) -> tuple[Candidate, ...]:
    run = run_of(KIND, **settings)
    critique = Critique("too short", prompt=0, errors=errors(1))
    phase = Edit(0, (Candidate(parent),), (critique,) * len(texts))
    return phase.read(run, tuple((Reply(text),) for text in texts))


def test_the_defaults_are_the_papers() -> None:
    s = protegi.Settings()
    assert (s.rounds, s.beam, s.minibatch, s.groups, s.group_size) == (6, 4, 64, 4, 4)
    assert (s.critiques, s.edits, s.paraphrases, s.expansion) == (1, 1, 2, 8)
    assert (s.selection, s.selection_rounds, s.selection_prompts, s.selection_rows) == ("ucb", 8, 8, 32)
    assert (s.exploration, s.temperature) == (1.0, 1.0)


def test_the_phases_of_a_round_come_in_the_papers_order() -> None:
    names = [type(phase).__name__ for phase, _ in walk(run_of(KIND, rounds=1), KIND)]
    assert list(dict.fromkeys(names[:-1])) == [phase.__name__ for phase in protegi.PHASES]
    assert names[-1] == "Minibatch"


def test_a_round_asks_as_often_as_the_papers_defaults_say() -> None:
    """13 optimizer calls in the first round, 52 in the next: 4 critiques, 4 edits, 2 paraphrases of each new
    prompt and of the beam, which the authors' code counts as 13 = 4 + 4 + 5 requests of n = 2."""
    task = replace(TASK, train=tuple(Example.of(f"input {i}", "no") for i in range(400)))
    run = Run(task.sealed(), protegi.Settings(rounds=2), 0)
    n_requests = [0, 0]
    for phase, ask in walk(run, KIND):
        if isinstance(ask, Generate):
            n_requests[phase.round] += len(ask.requests)
        if isinstance(phase, Select) and isinstance(ask, Evaluate):
            assert len(ask.prompts) <= 8
            assert len(ask.examples) == 32
    assert n_requests[0] == 13
    # differs: 2 more than 52 are not possible, fewer are where two beam members have an equal edit
    assert n_requests[1] == 52


def test_a_minibatch_without_errors_asks_for_no_critique() -> None:
    run = run_of(KIND)
    phase = Minibatch(0, BEAM)
    after = phase.tell(run, scored(run, phase, 1.0))
    assert isinstance(after, Paraphrase)
    assert after.edits == ()
    assert len(after.ask(run).requests) == 1


def test_a_minibatch_of_errors_only_draws_groups_no_larger_than_asked() -> None:
    run = run_of(KIND)
    phase = Minibatch(0, BEAM)
    groups = phase.tell(run, scored(run, phase, 0.0))
    assert isinstance(groups, Groups)
    assert len(groups.errors) == 16
    ask = groups.ask(run)
    drawn = [ask.options[i] for i in ask.chosen]
    assert len(drawn) == 2 * 3
    assert {item.example for item in ask.options if isinstance(item, ErrorSample)} == {
        e.example for e in groups.errors
    }


def test_fewer_errors_than_a_group_holds_make_a_smaller_group() -> None:
    run = run_of(KIND)
    ask = Groups(0, BEAM, errors(1)).ask(run)
    assert len(ask.chosen) == 2, "one error in each of two groups"


def test_an_unmeasured_answer_is_no_error() -> None:
    run = run_of(KIND)
    phase = Minibatch(0, BEAM)
    ask = phase.ask(run)
    assert isinstance(ask, Evaluate)
    hits: tuple[float | None, ...] = (None,) * len(ask.examples)
    score = Score(TASK.start, ask.examples, None, hits, ("",) * len(ask.examples))
    assert score.mean is None
    assert isinstance(phase.tell(run, (score,)), Paraphrase)


def test_an_error_picked_by_hand_joins_the_smallest_group_of_its_prompt() -> None:
    run = run_of(KIND)
    a, b, c, extra = errors(4)
    after = Groups(0, BEAM, errors(4)).tell(run, (
        replace(a, group=0), replace(b, group=0), replace(c, group=1), extra,
    ))  # fmt: skip
    assert isinstance(after, Criticise)
    assert [len(group) for group in after.groups] == [2, 2]


def test_no_error_left_means_no_critique() -> None:
    assert isinstance(Groups(0, BEAM, errors(3)).tell(run_of(KIND), ()), Paraphrase)


def test_a_reply_without_tags_stays_as_an_item_to_mend() -> None:
    (item,) = criticise("The prompt is vague.")
    assert item.text == "The prompt is vague."
    assert item.flaw is not None
    assert "no text between" in item.flaw


def test_an_empty_reply_stays_as_an_item_with_its_flaw() -> None:
    (item,) = criticise("  \n ")
    assert (item.text, item.flaw) == ("", "empty reply")


def test_a_tag_that_never_closes_is_said_to_be_cut_off() -> None:
    (item,) = criticise("Well: <START> the labels are")
    assert item.text == "the labels are"
    assert "cut off" in (item.flaw or "")


def test_more_critiques_than_asked_for_are_shown_with_their_reason() -> None:
    one, two = criticise("<START>a<END> and <START>b<END>")
    assert (one.text, one.flaw) == ("a", None)
    assert two.flaw == "more than was asked for"


def test_a_multi_line_reply_keeps_its_lines() -> None:
    (item,) = edit("<START>\n# Task\nSay yes.\n\n  - or no\n<END>")
    assert item.text == "# Task\nSay yes.\n\n  - or no"
    assert item.flaw is None


def test_a_multi_line_prompt_can_be_edited_again_in_the_next_round() -> None:
    """The authors' code loses such a beam member: its section is no longer found in the prompt."""
    run = run_of(KIND)
    text = "# Task\n  Say yes.\n\n# Output\n- or no"
    ask = Criticise(1, (Candidate(text),), (errors(2),)).ask(run)
    assert text in ask.requests[0].meta_prompt
    (item,) = edit("<START>Other words.<END>", parent=text)
    assert item.flaw is None


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
    assert "duplicate" in (same.flaw or "")
    assert one.flaw is None
    assert "duplicate" in (two.flaw or "")


def test_an_edit_that_loses_a_placeholder_or_is_too_long_says_so() -> None:
    (lost,) = edit("<START>Answer well.<END>", parent="Answer {input} in {{language}}.")
    assert lost.flaw == "lost the placeholder {input}, {{language}}"
    (long,) = edit(f"<START>{'x' * 11}<END>", longest=10)
    assert long.flaw == "too long: 11 characters, the limit is 10"


def test_a_reply_that_was_cut_off_is_not_taken_for_a_paraphrase() -> None:
    run = run_of(KIND)
    phase = Paraphrase(0, BEAM, ())
    (item, other) = phase.read(run, ((Reply("half a sent", "cut off at the token limit"), Reply("Other words.")),))
    assert item.flaw == "cut off at the token limit"
    assert other.flaw is None


def test_no_more_candidates_per_beam_member_than_the_expansion_limit() -> None:
    run = run_of(KIND)
    candidates = tuple(Candidate(f"c{i}", member=i % 2) for i in range(20))
    ask = Limit(0, (*BEAM, Candidate("other")), candidates).ask(run)
    kept = [ask.options[i] for i in ask.chosen]
    assert [sum(c.member == p for c in kept if isinstance(c, Candidate)) for p in (0, 1)] == [3, 3]


def test_the_beam_always_competes_and_is_measured_first() -> None:
    run = run_of(KIND)
    after = Limit(0, BEAM, ()).tell(run, tuple(Candidate(f"c{i}", parent=TASK.start) for i in range(9)))
    assert after.candidates[0] == BEAM[0]
    assert after.ask(run).prompts[0] == TASK.start


def test_a_lone_candidate_gets_a_measured_score_and_not_one() -> None:
    run = run_of(KIND)
    phase: Any = Limit(0, BEAM, ()).tell(run, ())
    while isinstance(phase, Select):
        phase = decide(run, phase, asyncio.run(propose(run, phase, perform)), ACCEPT).phase
    assert isinstance(phase, NextBeam)
    (only,) = phase.candidates
    assert only.n_rows == 3 * 8
    assert only.score is not None
    assert only.score < 1


def test_a_candidate_never_pulled_is_not_measured_and_stays_out_of_the_beam() -> None:
    run = run_of(KIND)
    phase = NextBeam(
        0, BEAM, (Candidate("a", score=0.2, n_rows=8), Candidate("b"), Candidate("c", score=0.5, n_rows=8)), (2, 0)
    )
    ask = phase.ask(run)
    assert [item.text for item in ask.options] == ["c", "a", "b"]
    assert ask.chosen == (0, 1)
    assert ask.options[2].score is None  # type: ignore[attr-defined]


def test_a_candidate_edited_after_it_was_measured_loses_its_estimate() -> None:
    run = run_of(KIND)
    phase = NextBeam(0, BEAM, (Candidate("a", score=0.2, n_rows=8),), (0,))
    proposal = asyncio.run(propose(run, phase, perform))
    after = decide(run, phase, proposal, Verdict("edit", (Mark(0, text="a, but kinder"),))).phase
    assert isinstance(after, Minibatch)
    assert (after.beam[0].text, after.beam[0].score, after.beam[0].n_rows) == ("a, but kinder", None, 0)


def test_dropping_every_candidate_keeps_the_beam() -> None:
    run = run_of(KIND)
    phase = NextBeam(0, BEAM, (Candidate("a", score=0.2, n_rows=8),), (0,))
    proposal = asyncio.run(propose(run, phase, perform))
    after = decide(run, phase, proposal, Verdict("edit", (Mark(0, keep=False),))).phase
    assert isinstance(after, Minibatch)
    assert after.prompts == (TASK.start,)


def test_the_same_words_are_asked_anew_in_a_later_round() -> None:
    asked: list[str] = []

    async def noting(ask: Any, sample: str) -> Any:
        asked.append(sample)
        return await perform(ask, sample)

    run = run_of(KIND)
    asyncio.run(propose(run, Paraphrase(0, BEAM, ()), noting))
    asyncio.run(propose(run, Paraphrase(1, BEAM, ()), noting))
    assert len(set(asked)) == 2


@pytest.mark.parametrize("name", ["critique", "edit", "paraphrase"])
def test_each_rendered_meta_prompt_is_the_golden_one(name: str) -> None:
    run = run_of(KIND)
    phase = {
        "critique": Criticise(0, BEAM, (errors(2),)),
        "edit": Edit(0, BEAM, (Critique("It does not say what “yes” means.", prompt=0, errors=errors(1)),)),
        "paraphrase": Paraphrase(0, BEAM, ()),
    }[name]
    rendered = phase.ask(run).requests[0].meta_prompt  # type: ignore[attr-defined]
    assert rendered == (GOLDEN / f"protegi_{name}.txt").read_text(encoding="utf-8").rstrip("\n")


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
        KIND.settle(**given)


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
        KIND.settle(**given)
    assert str(caught.value).startswith(sentence)
