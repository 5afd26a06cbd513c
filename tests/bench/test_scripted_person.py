"""The scripted person of the benchmark: keeps what errors bear out, drops the rest, mends one critique a round."""

from __future__ import annotations

from dataclasses import replace

from lab.bench.person import review
from lab.core.asks import Context, Critique, ErrorSample
from lab.core.flaws import Flaw
from lab.core.review import ACCEPT, Mark, Proposal
from lab.optimizers import optimizer
from lab.tasks.bundled import load, signs

TURNED = ErrorSample("Great cast, but the story is a bore.", answer="negative", got="positive")
SIGNS = signs("sentiment")
TRUE = Critique("Nothing is said of the clause after 'but'.", errors=(TURNED,))
CONTRADICTED = Critique("Sarcasm is taken for real.", errors=(TURNED,))
IDLE = Critique("The texts are too short.", errors=(TURNED,))


def marks(*items: Critique) -> tuple[Mark, ...]:
    kind, task = optimizer("protegi"), load("sentiment").sealed()
    context = Context(task, kind.settings(), 0)
    phase = kind.start(context)
    return review(SIGNS, phase, Proposal(phase.ask(context), 0, items)).marks


def test_a_critique_that_its_errors_bear_out_is_kept() -> None:
    assert marks(TRUE) == ACCEPT.marks


def test_a_superstition_and_a_critique_that_its_errors_contradict_are_dropped_but_for_the_one_that_is_mended() -> (
    None
):
    told = marks(TRUE, CONTRADICTED, IDLE)
    assert [mark.index for mark in told] == [1, 2]
    assert [mark.keep for mark in told] == [True, False]
    assert told[0].text != CONTRADICTED.text


def test_a_superstition_is_dropped_whatever_else_it_names() -> None:
    both = replace(IDLE, text="The texts are too short, and what follows 'but' is not mentioned.")
    assert [mark.index for mark in marks(both, TRUE)] == [0]


def test_one_dropped_critique_is_mended_in_the_words_of_the_page() -> None:
    first, second = marks(CONTRADICTED, IDLE)
    assert first.text in {sign.say for sign in SIGNS if sign.is_named_in("but")}
    assert not second.keep


def test_the_critique_about_which_there_is_the_most_to_say_is_mended_with_what_two_signs_say() -> None:
    both = ErrorSample("It is not good, but the cast is great.", answer="positive", got="negative")
    first, second = marks(IDLE, replace(IDLE, errors=(both, both)))
    assert not first.keep
    assert second.text is not None
    assert sum(sign.say in second.text for sign in SIGNS) == 2


def test_a_critique_that_could_not_be_read_is_left_alone() -> None:
    assert marks(replace(IDLE, flaw=Flaw("cut_off"))) == ACCEPT.marks
