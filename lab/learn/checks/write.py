"""Checks of lesson 09."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lab.api.compare import Comparison
from lab.api.run import Run
from lab.learn.checked import Finding, not_yet, open_, right
from lab.learn.checks import code, verdicts
from lab.learn.checks.code import Case

__all__ = ["CHECKS"]

_PURE = ("context.rng(...)", "sorted(...)")
_WHY = {
    "random.random()": "The global dice are thrown by others, too: no seed brings the same numbers back.",
    "time.time()": "A clock says something else each time.",
    "open(...)": "A file may be gone or changed when the step is made again.",
    "requests.get(...)": "The network is an effect; a phase says what it needs, and the lab fetches it.",
}


def pure(given: object) -> Finding:
    """Say what has an effect, or is missing."""
    if not isinstance(given, list | tuple | set):
        return not_yet("This is not a list.", 'Such as ["sorted(...)"].')
    for one in given:
        if one in _WHY:
            return not_yet(f"{one} has an effect, or depends on one.", _WHY[one])
        if one not in _PURE:
            return not_yet(f"{one!r} is none of the six.", "Copy them from the task.")
    if len(set(given)) < len(_PURE):
        return not_yet(
            "One more may be used.", "Which of the others is the same on every machine, with the same seed?"
        )
    return right("These two give the same, always.")


def request(function: object) -> Finding:
    """Try what writes the meta-prompt."""
    if not callable(function):
        return not_yet("This is not a function.", "Give the function itself, without brackets.")
    prompt = "Is {this} good?\nSay yes or no."
    text = function(prompt)
    if text is None or text is Ellipsis:
        return open_("The function gives nothing back yet.")
    if not isinstance(text, str) or prompt not in text:
        return not_yet("The prompt is not in it, letter by letter.", "An f-string: its braces are data, and stay.")
    before, _, after = text.partition(prompt)
    if "<INSTRUCTIONS>" not in before or "</INSTRUCTIONS>" not in after:
        return not_yet(
            "The prompt does not stand between the tags.", "<INSTRUCTIONS> before it, </INSTRUCTIONS> behind it."
        )
    if not before.partition("<INSTRUCTIONS>")[0].strip() and not after.partition("</INSTRUCTIONS>")[2].strip():
        return not_yet("Nothing is asked.", "What shall the model do with what stands between the tags?")
    return right("It asks, and says where the prompt begins and ends.")


def best_first(function: object) -> Finding:
    """Try what ranks."""
    cases = (
        Case(([("a", 0.2), ("b", 0.8)],), ["b", "a"], "The highest score comes first."),
        Case(([("a", None), ("b", 0.0)],), ["b", "a"], "What was not measured is not better than 0."),
        Case(([("a", 0.5), ("b", 0.5), ("c", 0.9)],), ["c", "a", "b"], "Of equals the earlier one comes first."),
        Case(([],), [], "Of nothing, nothing."),
    )
    return code.tried(function, cases, "It ranks as the library ranks.")


def edited(run: object) -> Finding:
    """Say whether the optimizer ran to its end, with a person's words in it."""
    if not isinstance(run, Run):
        return not_yet(f"This is {type(run).__name__}, not a run.", "my_run = run")
    history = run.history()
    if not history["n_edited"].sum():
        return not_yet(
            "Nothing was edited on the way here.", "run.goto(run.root) begins anew; then step[0].edit(...)."
        )
    if not run.done:
        return not_yet("It has not ended yet.", "run.autopilot(rounds=2)")
    return right(f"It ended after {run.round} rounds: start {run.baseline.score}, best {run.best.score}.")


def verdict(said: object, compared: Comparison) -> Finding:
    """Say whether the comparison was read as its interval has it."""
    return verdicts.verdict(said, compared)


CHECKS: Mapping[str, Callable[..., Finding]] = {
    "pure": pure,
    "request": request,
    "best_first": best_first,
    "edited": edited,
    "verdict": verdict,
}
