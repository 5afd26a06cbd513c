"""Checks of lesson 07."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import lab
from lab.api.compare import Comparison
from lab.api.run import Run
from lab.api.step import Step, StepItem
from lab.learn.checked import Finding, not_yet, right
from lab.learn.checks import critiques, places, verdicts
from lab.text import shortened
from lab.views.numbers import counted

__all__ = ["CHECKS"]

_NEEDS = ("several seeds", "the same budget", "an interval", "the same start", "other people than the author")
_OTHER = "a larger model"


def edit(words: object, reason: object, step: Step) -> Finding:
    """Say whether the edit is borne out by its errors, and has a reason."""
    found = critiques.written(words, lab.load("sentiment"), step[0].errors)
    if found.state != "right":
        return found
    if not isinstance(reason, str) or not reason.strip():
        return not_yet("There is no reason.", "my_reason: what made you change it? One clause is enough.")
    return right(f"{found.what} The reason is kept with it.")


def which(name: object, run: Run) -> Finding:
    """Say whether the step is the one in which something was edited."""
    history = run.history()
    rows = history[history["name"] == str(name).strip()]
    if rows.empty:
        return not_yet(
            f"There is no step {shortened(str(name), 20)!r} on this line.", "The column name of run.history()."
        )
    if not rows["n_edited"].iloc[0]:
        return not_yet(f"In {name} ({rows['step'].iloc[0]}) nothing was edited.", "In which row is n_edited not 0?")
    return right(f"{name}: {rows['step'].iloc[0]}, {rows['n_edited'].iloc[0]} edited.")


def verdict(said: object, compared: Comparison) -> Finding:
    """Say whether the comparison was read as its interval has it."""
    return verdicts.verdict(said, compared)


def blame(name: object, run: Run) -> Finding:
    """Say whether this critique is behind words of the best prompt."""
    table = run.blame()
    known = [one for one in table["critique_name"] if one]
    told = str(name).strip()
    if not known:
        return (
            right("The best prompt is the start prompt: nobody changed a word of it.")
            if told.lower() == "none"
            else not_yet("No critique is behind these words.", "Is there any row that is not of the start prompt?")
        )
    if told in known:
        row = table[table["critique_name"] == told].iloc[0]
        return right(
            f"{told}, by a {row['critique_by']}, about {len(row['examples'])} errors; the words by a {row['by']}."
        )
    return not_yet(f"{shortened(told, 20)!r} is behind no stretch of this prompt.", "The column critique_name.")


def back(branch: object, run: Run) -> Finding:
    """Say whether the branch waits at the critiques, and the run has stayed where it was."""
    if not isinstance(branch, Run):
        return not_yet(
            f"This is {type(branch).__name__}, not a run.", "run.fork(...) gives back a branch, which is a run."
        )
    if branch == run:
        return not_yet("This is the run itself, not a branch of it.", "fork makes a branch; goto moves the run.")
    if branch.step is None or branch.step.kind != "critiques":
        return not_yet(
            "It does not wait at the critiques.", "node=critiques: the step at which you stopped before."
        )
    if not run.done:
        return not_yet("The run was moved away from its end.", "run.redo() or run.goto(...) brings it back.")
    return right("The branch waits at the critiques, and the run stands at its end.")


def causes(given: object, step: Step) -> Finding:
    """Say whether these are the critiques that their own errors bear out."""
    found = _numbers(given, len(step), "critique")
    if isinstance(found, Finding):
        return found
    task = lab.load("triage")
    true = {n for n, one in enumerate(step) if _is_borne_out(task, one)}
    if wrong := sorted(found - true):
        return not_yet(
            f"Number {wrong[0]} names nothing that one of its errors lacks.",
            f"four[{wrong[0]}].errors: in which of them would it have helped to add that to the prompt?",
        )
    if len(found) < len(true):
        return not_yet(f"{counted(len(found), 'critique')} found, and there is one more.", "Read the others again.")
    return right("Each of these names what at least two of its own errors lack; the others name nothing they lack.")


def _is_borne_out(task: lab.Task, one: StepItem) -> bool:
    lacking = critiques.lacking(task.start, one.errors, task.labels)
    return any(lacking[skill] for skill in critiques.named(one.text, one.errors))


def gains(given: object, measured: Comparison) -> Finding:
    """Say whether these are the edits whose whole interval lies above 0."""
    found = _numbers(given, len(measured.rows) - 1, "edit")
    if isinstance(found, Finding):
        return found
    sure = {n for n, row in enumerate(measured.rows[1:]) if row.paired and row.paired.outcome == "better"}
    if wrong := sorted(found - sure):
        return not_yet(f"The brackets of edit {wrong[0]} hold 0 or lie below it.", "Both ends have to be above 0.")
    if len(found) < len(sure):
        return not_yet("There is one more.", "In which other row do both ends lie above 0?")
    return right("Only there do both ends lie above 0. The others may be better or worse than the start prompt.")


def _numbers(given: object, n: int, what: str) -> set[int] | Finding:
    """Return numbers of items as a reader lists them, or what is wrong with them."""
    if not isinstance(given, list | tuple | set):
        return not_yet("This is not a list.", "Such as [1], or [1, 3].")
    wrong = (places.place(one, n, f"an {what}" if what[0] in "aeiou" else f"a {what}") for one in given)
    return next(filter(None, wrong), None) or set(given)


def claim(given: object) -> Finding:
    """Say what the claim still needs."""
    if not isinstance(given, list | tuple | set):
        return not_yet("This is not a list.", 'Such as ["an interval"].')
    if _OTHER in given:
        return not_yet(
            f"“{_OTHER}” has nothing to do with it.", "The claim is about people and autopilot, on the same model."
        )
    missing = [one for one in _NEEDS if one not in given]
    if missing:
        return not_yet(
            f"{len(given)} of these are needed, and there are more.",
            "For each of the others ask: could the claim be wrong although everything else is in order?",
        )
    return right("With all of these one may begin to say it.")


CHECKS: Mapping[str, Callable[..., Finding]] = {
    "edit": edit,
    "which": which,
    "verdict": verdict,
    "blame": blame,
    "back": back,
    "causes": causes,
    "gains": gains,
    "claim": claim,
}
