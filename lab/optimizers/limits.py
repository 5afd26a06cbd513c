"""What a rewritten prompt may be: each limit as it is asked for, and as it is checked, with some room.

The settings that are read are `step_size` and `max_words` (0 is no limit) and `longest`, in characters.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

from lab.core.asks import Candidate, Context, Flaw
from lab.core.layout import placeholders
from lab.optimizers import fitting
from lab.optimizers.replies import candidate_flaw, has_room


def words_changed(old: str, new: str) -> int:
    """Count the words that differ: of each stretch that was replaced, the longer side.

    Example:
        `words_changed("Say yes or no.", "Say only yes or no.") == 1`
    """
    edits = SequenceMatcher(None, old.split(), new.split(), autojunk=False).get_opcodes()
    return sum(max(b - a, d - c) for kind, a, b, c, d in edits if kind != "equal")


def flaw(item: Candidate, seen: Iterable[str], context: Context) -> Flaw | None:
    """Describe why a text cannot be a prompt at all; or None."""
    n, most = len(item.text.split()), context.settings.max_words
    task, longest = context.task, context.settings.longest
    found = candidate_flaw(item.text, item.parent, seen, longest, task.inputs, task.start)
    return found or (Flaw("too_many_words", n, most) if most and not has_room(n, most) else None)


def step_flaw(item: Candidate, context: Context) -> Flaw | None:
    """Describe by how much a rewrite goes beyond the step size; or None."""
    n, most = words_changed(item.parent, item.text), context.settings.step_size
    return Flaw("too_many_changes", n, most) if item.parent and most and not has_room(n, most) else None


def asked(context: Context, prompt: str) -> str:
    """Ask that a rewrite of `prompt` keep within the limits: a line each, or nothing."""
    step, most = context.settings.step_size, context.settings.max_words
    slots = ", ".join(placeholders(prompt, context.task.inputs))
    change = f"\n- Change at most {step} words of the current instructions." if step else ""
    length = f"\n- Write them in at most {most} words." if most else ""
    keep = f"\n- Keep {slots} as it stands." if slots else ""
    language = "\n- Write them in the language of the current instructions." if fitting.is_fitted(context) else ""
    return change + length + keep + language
