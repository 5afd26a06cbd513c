"""Prompts that a reader writes: measured beside another one, and told apart word by word."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

import lab
from lab.api.compare import Row
from lab.api.task import Task
from lab.learn.checked import Finding, not_yet, right
from lab.practice import explain
from lab.tasks.evidence import Paired
from lab.tasks.outcomes import Reply, outcomes
from lab.views.evidence import comparison
from lab.views.numbers import counted

__all__ = ["against", "beats", "one_change", "unread"]


def against(task: Task, first: str, second: str, model: str = "practice") -> Paired | None:
    """Return how the second prompt does against the first on dev; None where they are the same."""
    rows: tuple[Row, ...] = lab.compare(task, [first, second], model=model).rows
    return rows[1].paired if len(rows) == 2 else None


def beats(task: Task, mine: object, first: str, look: str) -> Finding:
    """Say whether a prompt is surely better than the first one; where not, what its answers lack."""
    if not isinstance(mine, str):
        return not_yet(f"A prompt is a text, not {type(mine).__name__}.", "Put it between quotes.")
    if " ".join(mine.split()) == " ".join(first.split()):
        return not_yet("This is the prompt that you want to beat.", look)
    found = against(task, first, mine)
    said = "It could not be measured." if found is None else comparison(found)
    if found is not None and found.outcome == "better":
        return right(said)
    n_unread, n = unread(task, mine)
    if n_unread > n / 5:
        return not_yet(
            f"{said} {counted(n_unread, 'answer')} of {n} could not be read.",
            "The form: say what an answer looks like, and that nothing goes with it.",
        )
    return not_yet(said, look)


def unread(task: Task, prompt: str) -> tuple[int, int]:
    """Return how many dev answers of the practice model are of a form that cannot be read, and of how many."""
    told = (explain(prompt, one.input, reference=one.answer) for one in task.dev)
    found = outcomes(task, task.dev, (Reply(one.answer) if one is not None else None for one in told))
    return found.count("unread"), found.n


def one_change(mine: object, before: str) -> Finding | None:
    """Return what is wrong with a prompt that should be another without one stretch; None where nothing is."""
    if not isinstance(mine, str):
        return not_yet(f"A prompt is a text, not {type(mine).__name__}.", "Put it between quotes.")
    old, new = _words(before), _words(mine)
    if old == new:
        return not_yet("Nothing was taken out: the two say the same.", "Delete one sentence of the copy.")
    changes = [one for one in SequenceMatcher(None, old, new, autojunk=False).get_opcodes() if one[0] != "equal"]
    added = [word for _, _, _, low, high in changes for word in new[low:high]]
    if added:
        return not_yet(
            f"Words were added or changed, too: {' '.join(added[:6])}.",
            "Copy the prompt letter by letter, and only delete; else two things differ.",
        )
    if len(changes) > 1:
        return not_yet(
            f"{len(changes)} separate stretches were taken out.",
            "Take out one of them alone; the other is another test.",
        )
    return None


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())
