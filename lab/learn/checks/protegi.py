"""Checks of lesson 01."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace

import lab
from lab.api.compare import Comparison
from lab.api.run import Run
from lab.api.step import Step
from lab.learn.checked import Finding, not_yet, right
from lab.learn.checks import code, critiques, places, verdicts
from lab.learn.checks.code import Case
from lab.optimizers.bandits import Arms, Budget, ucb
from lab.optimizers.reading.tags import texts_between_tags

__all__ = ["CHECKS"]


def critique(words: object, step: Step) -> Finding:
    """Say whether the critique names what the errors of the groups need."""
    shown = [one for one in step if one.group is not None]
    return critiques.written(words, lab.load("sentiment"), shown)


def victim(place: object, step: Step) -> Finding:
    """Say whether the critique that was thrown out has no error to show for itself."""
    wrong = places.place(place, len(step), "a critique")
    if wrong is not None:
        return wrong
    one = step[_whole(place)]
    return critiques.judged(one.proposed, lab.load("sentiment"), one.errors)


def child(place: object, step: Step, words: str) -> Finding:
    """Say whether the candidate was made of the reader's critique."""
    wrong = places.place(place, len(step), "a candidate")
    if wrong is not None:
        return wrong
    about = getattr(step[_whole(place)].value, "about", ())
    if words in about:
        return right("It was made of your critique. The optimizer could not tell that a person wrote it.")
    return not_yet(
        "This one was made of another critique.", "Which of them says what you said? The notes beside help, too."
    )


def bet(place: object, texts: Sequence[str], run: Run) -> Finding:
    """Say how the prompt that was bet on did among those that were measured."""
    wrong = places.place(place, len(texts), "a prompt")
    if wrong is not None:
        return wrong
    kept = run.best.prompt
    if texts[_whole(place)] == kept:
        return right("Your bet is the prompt that the measuring chose.")
    return right(f"The measuring chose another one: “{kept}”. The last comparison says by how much.")


def verdict(said: object, compared: Comparison) -> Finding:
    """Say whether the comparison was read as its interval has it."""
    return verdicts.verdict(said, compared)


# One round in five steps


def errors_of(function: object) -> Finding:
    """Try what picks the errors."""
    rows = [
        {"input": "a", "hit": 1.0},
        {"input": "b", "hit": 0.0},
        {"input": "c", "hit": 0.5},
        {"input": "d", "hit": None},
    ]
    half = "What is half right (a hit of 0.5) is an error, too: an error is any answer that is not wholly right."
    missing = 'A hit of None was not measured: it is neither right nor wrong. "Not measured" is never 0.'
    cases = (
        Case((rows[:2],), [rows[1]], "An error is a row whose hit is below 1."),
        Case((rows[:3],), rows[1:3], half),
        Case((rows,), rows[1:3], missing),
        Case(([],), [], "With no rows there are no errors."),
    )
    return code.tried(function, cases, "It finds the errors that the library finds.")


def groups_of(function: object) -> Finding:
    """Try what deals errors into groups."""
    cases = (
        Case((list("abcd"), 2, 2), [["a", "b"], ["c", "d"]], "Two groups of two."),
        Case(
            (list("abcdefg"), 2, 3),
            [["a", "b", "c"], ["d", "e", "f"]],
            "No more groups than are asked for: g waits.",
        ),
        Case((list("abc"), 2, 2), [["a", "b"], ["c"]], "The last group may be smaller."),
        Case((list("a"), 2, 2), [["a"]], "A group is never empty."),
    )
    return code.tried(function, cases, "It deals the groups that the library deals, once these are shuffled.")


def request_for(function: object) -> Finding:
    """Try what writes the meta-prompt of a critique."""
    prompt = "Is {this} review positive?"
    errors = [SimpleNamespace(text="Not bad.", answer="positive", got="negative"),
              SimpleNamespace(text="A {joke} of a film.", answer="negative", got="positive")]  # fmt: skip
    if not callable(function):
        return not_yet("This is not a function.", "Give the function itself, without brackets.")
    text = function(prompt, errors)
    if text is None or text is Ellipsis:
        return code.tried(function, [Case((prompt, errors), "", "")], "")
    if not isinstance(text, str):
        return not_yet(f"It returns {type(text).__name__}.", "A meta-prompt is one text.")
    wanted = {"the prompt": prompt, **{f"the input of error {n}": one.text for n, one in enumerate(errors, 1)}}
    wanted |= {f"the {word} answer of error {n}": f"{value}" for n, one in enumerate(errors, 1)
               for word, value in (("expected", one.answer), ("given", one.got))}  # fmt: skip
    for what, part in wanted.items():
        if part not in text:
            return not_yet(
                f"The text lacks {what}: {part!r}.",
                "A critic has to see the prompt, and of each error its text, answer and got."
                " Braces in them are data: use an f-string, not .format on a text that holds them.",
            )
    return right("It says all that a critic has to know, and its braces stay as they are.")


def texts_in(function: object) -> Finding:
    """Try what reads the texts between tags, beside the library's own reading."""
    replies = (
        ("<START>Sarcasm is not named.<END>", "The text stands between <START> and <END>."),
        (
            "Sure!\n<START> One.\n<END>\nand\n<START>Two.<END>",
            "There may be several, with words around and space within.",
        ),
        ("I have no idea.", "A reply without tags holds no text: an empty list, not an error."),
        ("<START>It was cut", "A text that does not end was cut off: do not guess at it."),
    )
    known = [[one.text for one in texts_between_tags(reply) if "<END>" in reply] for reply, _ in replies]
    cases = [Case((reply,), list(want), look) for (reply, look), want in zip(replies, known, strict=True)]
    return code.tried(function, cases, "It reads what the library reads.")


def most_promising(function: object) -> Finding:
    """Try what chooses the next candidate, beside the library's bandit."""
    told = (
        ((8, 8), (6.0, 4.0), "Equal doubts: the higher mean is next."),
        (
            (32, 4),
            (24.0, 2.0),
            "Few examples leave much doubt: sqrt(log(t) / n) is larger for them. t is the sum of n.",
        ),
        ((8, 0), (8.0, 0.0), "What was never tried comes first, and nothing is divided by 0."),
        ((0, 0), (0.0, 0.0), "Of equals the first. And log(0) is not a number."),
    )

    def known(n: tuple[int, ...], sums: tuple[float, ...]) -> int:
        pull = ucb(Arms(n, sums, 1, n), Budget(9, 1, 8))
        return pull.arms[0] if pull is not None else 0

    cases = [Case((list(sums), list(n)), known(n, sums), look) for n, sums, look in told]
    return code.tried(function, cases, "It pulls the arm that the library pulls.")


def _whole(place: object) -> int:
    return place if isinstance(place, int) else 0


CHECKS: Mapping[str, Callable[..., Finding]] = {
    "critique": critique,
    "victim": victim,
    "child": child,
    "bet": bet,
    "verdict": verdict,
    "errors_of": errors_of,
    "groups_of": groups_of,
    "request_for": request_for,
    "texts_in": texts_in,
    "most_promising": most_promising,
}
