"""What is known of answers on a branch, gathered to be analysed: of dev, of train, and of errors that wait."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lab.core.asks import ErrorSample, Score
from lab.core.review import Mark
from lab.errors import MisuseError
from lab.i18n import gettext_lazy
from lab.session.reviewed import steps
from lab.session.state import State
from lab.store import Book
from lab.tasks.analysis import Answered, good_prompts

__all__ = ["MOST_READ", "chosen_errors", "dev_answers", "train_answers", "waiting_errors"]

MOST_READ = 6  # good prompts whose answers are read, beside the one that is looked at


def dev_answers(state: State, prompt: str, got: Callable[[str], Sequence[str] | None]) -> Answered | None:
    """Return what the prompts measured on the way here got on dev, the one that is looked at first.

    `got` reads what was understood of the replies to a prompt; it is asked for that prompt, the start prompt, with
    which it is compared, and a few good ones.
    None where that prompt was not measured.
    """
    measured = [one for one in state.on_the_way if one.prompt != prompt]
    if prompt not in state.measured:
        return None
    rows = [state.measured[prompt], *measured]
    read = {0, *good_prompts([one.hits for one in rows])[:MOST_READ]}
    task = state.context.task
    texts = [got(one.prompt) if at in read or one.prompt == task.start else None for at, one in enumerate(rows)]
    return Answered(
        task,
        task.dev,
        tuple(one.prompt for one in rows),
        tuple(one.hits for one in rows),
        tuple(None if one is None else tuple(one) for one in texts),
    )


def train_answers(state: State, book: Book, prompt: str = "") -> Answered | None:
    """Return what prompts got on the train examples that they were tried on, the one that is looked at first.

    Without a name that is the one tried on most examples; None where none was tried, or not this one.
    """
    tried: dict[str, dict[str, tuple[float | None, str]]] = {}
    for step in steps(state, book):
        for one in step.proposal.items:
            if isinstance(one, Score) and one.by == "answers":
                answers = zip(one.hits, one.got or ("",) * len(one.hits), strict=True)
                tried.setdefault(one.text, {}).update(zip(one.about, answers, strict=True))
    first = prompt or max(tried, key=lambda text: len(tried[text]), default="")
    if first not in tried:
        return None
    task, prompts = state.context.task, (first, *(text for text in tried if text != first))
    rows = [[tried[text].get(one.id, (None, "")) for one in task.train] for text in prompts]
    hits = tuple(tuple(hit for hit, _ in row) for row in rows)
    return Answered(task, task.train, prompts, hits, tuple(tuple(text for _, text in row) for row in rows))


def waiting_errors(state: State) -> Answered | None:
    """Return the errors that wait to be chosen among, of the prompt that has most of them; None where none do."""
    samples = [one for one in (state.proposal.items if state.proposal else ()) if isinstance(one, ErrorSample)]
    if not samples:
        return None
    by_prompt = [one.prompt for one in samples]
    most = max(set(by_prompt), key=lambda prompt: (by_prompt.count(prompt), -prompt))
    wrong = {one.example: one.got for one in samples if one.prompt == most}
    task = state.context.task
    prompts = state.node.phase.prompts[most : most + 1] or ("",)
    hits = tuple(0.0 if one.id in wrong else None for one in task.train)
    return Answered(task, task.train, prompts, (hits,), (tuple(wrong.get(one.id, "") for one in task.train),))


def chosen_errors(state: State, examples: Sequence[str]) -> tuple[tuple[int, Mark], ...]:
    """Return the marks that choose these examples, and no others, among the errors that wait.

    Raises:
        MisuseError: when no step waits in which errors are chosen, or none of these is among them.
    """
    wanted = frozenset(examples)
    places = [
        (at, one.example in wanted)
        for at, one in enumerate(state.proposal.items if state.proposal else ())
        if isinstance(one, ErrorSample)
    ]
    if not places:
        raise MisuseError(gettext_lazy("No step waits here in which errors are chosen. Go on until one does."))
    if not any(keep for _, keep in places):
        raise MisuseError(
            gettext_lazy("None of these examples is among the errors that wait here. Nothing was changed.")
        )
    return tuple((at, Mark(at, keep)) for at, keep in places)
