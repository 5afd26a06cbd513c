"""A step that waits for a verdict: its items, and what a person marks on them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

from lab.core import arguments
from lab.core.asks import Candidate, Critique, Demonstration, ErrorSample, Generate, Item, Score
from lab.core.diff import Hunk, hunks, with_hunks
from lab.core.flaws import sentence
from lab.core.review import Mark, Proposal
from lab.errors import MisuseError
from lab.optimizers import shown
from lab.session import Session
from lab.session.background import call
from lab.session.state import State
from lab.text import shortened
from lab.views.markup import esc, rows_of_value, value
from lab.views.numbers import counted, known_percent

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Step", "StepItem"]


class Step(Sequence["StepItem"]):
    """What an optimizer proposes: items to edit, drop or add to, until `run.accept()` or `run.reject()`.

    What is marked is kept in the lab book, so that a panel and the page show it too. Where the optimizer has ended,
    the step is `done`: it has no items, and is false in an `if` or a `while`.

    Example:
        >>> run = lab.begin("sentiment", preset="quick", name="by hand")
        >>> step = run.next(until="critiques")
        >>> step.title, step.kind, len(step) > 1, bool(step)
        ('Review critiques', 'critiques', True, True)
        >>> step[0].edit("The prompt does not say that sarcasm means the opposite.")
        >>> step[1].drop("noise")
        >>> step.add("Nothing is said about negation.")
        >>> run.accept()
    """

    def __init__(self, session: Session, branch: str, state: State) -> None:
        self._session = session
        self._branch = branch
        self._id = state.branch.pending
        self._proposal = state.proposal
        phase = state.node.phase
        self.node: str = state.branch.node
        self.done: bool = state.proposal is None and state.done
        self.title: str = phase.title
        self.about: str = phase.about
        self.term: str = phase.term
        self.phase: str = type(phase).__name__
        self.kind: str = shown(type(phase))
        self.round: int = phase.round + 1

    # Its items

    def __len__(self) -> int:
        return len(self._items())

    def __bool__(self) -> bool:
        return not self.done

    @overload
    def __getitem__(self, index: int) -> StepItem: ...

    @overload
    def __getitem__(self, index: slice) -> list[StepItem]: ...

    def __getitem__(self, index: int | slice) -> StepItem | list[StepItem]:
        items = self._items()
        if isinstance(index, slice):
            return items[index]
        if self.done:
            raise MisuseError(
                "The optimizer has ended here, so no step waits. Take run.best, or go back by run.undo()."
            )
        if isinstance(index, bool) or not isinstance(index, int):
            raise arguments.wrong("step[…]", f"the number of an item from 0 to {len(items) - 1}", index)
        if not -len(items) <= index < len(items):
            raise MisuseError(f"This step has {counted(len(items), 'item')}: there is no step[{index}].")
        return items[index]

    def __iter__(self) -> Iterator[StepItem]:
        return iter(self._items())

    def __contains__(self, value: object) -> bool:
        return any(one.is_same(value) for one in self._items())

    def count(self, value: object) -> int:
        """Return how often an item stands in it: once or not at all."""
        return int(value in self)

    def index(self, value: object, start: int = 0, stop: int | None = None) -> int:
        """Return the number of an item.

        Raises:
            MisuseError: when it is no item of this step, or not in that part of it.
        """
        items = self._items()
        most = len(items) if stop is None else arguments.whole("stop", stop, -len(items), 10**9)
        part = range(len(items))[arguments.whole("start", start, -len(items), 10**9) : most]
        for at in part if value in self else ():
            if items[at].is_same(value):
                return at
        raise arguments.wrong("value", f"an item of this step, such as step[{part.start}]", value)

    @property
    def items(self) -> tuple[StepItem, ...]:
        """The items, also those that were added."""
        return tuple(self._items())

    def add(self, text: str, like: int = 0) -> None:
        """Add an item of your own, which shares the place and the evidence of the item of number `like`.

        The same text is added once, however often the cell is run.

        Raises:
            MisuseError: when nothing waits, or there is no such item.
        """
        arguments.text("text", text, "a text that is not empty", empty=False)
        proposal = self._open()
        arguments.whole("like", like, 0, max(0, len(proposal.items) - 1))

        def added() -> None:
            draft = self._session.book.draft(self._branch, self._id or "")
            if any(mark.index is None and mark.text == text and mark.keep for _, mark in draft):
                return  # the cell was run before
            place = min((0, *(place for place, _ in draft))) - 1
            self._session.mark(self._branch, self._id or "", place, Mark(None, text=text, like=like))

        call(added)

    @property
    def meta_prompts(self) -> tuple[str, ...]:
        """What the optimizer model was asked for it, letter by letter; none where it was not asked."""
        ask = self._proposal.ask if self._proposal else None
        return tuple(one.meta_prompt for one in ask.requests) if isinstance(ask, Generate) else ()

    def frame(self) -> pd.DataFrame:
        """Return the items as a DataFrame, a row an item, as they are marked now."""
        import pandas as pd

        rows = [(one.text, one.kept, one.edited, one.flaw, one.score) for one in self._items()]
        return pd.DataFrame(rows, columns=["text", "kept", "edited", "flaw", "score"])

    # Within

    def _open(self) -> Proposal:
        if self._proposal is None:
            raise MisuseError(
                "The optimizer has ended here, so no step waits. Take run.best, or go back by run.undo()."
            )
        return self._proposal

    def _items(self) -> list[StepItem]:
        if self._proposal is None or self._id is None:
            return []
        proposal, id = self._proposal, self._id
        draft = dict(call(lambda: self._session.book.draft(self._branch, id)))
        items = [
            StepItem(self._set, proposal, place, one, draft.get(place)) for place, one in enumerate(proposal.items)
        ]
        mine = [(place, mark) for place, mark in sorted(draft.items(), reverse=True) if mark.index is None]
        return items + [
            StepItem(self._set, proposal, place, proposal.items[mark.like or 0], mark) for place, mark in mine
        ]

    def _set(self, place: int, mark: Mark | None) -> None:
        call(lambda: self._session.mark(self._branch, self._id or "", place, mark))

    def __repr__(self) -> str:
        if self.done:
            return "Step(done)"
        return f"Step({self.title!r}, round {self.round}, {counted(len(self), 'item')})"

    def _repr_html_(self) -> str:
        if self.done:
            return value("<p>The optimizer has ended here.</p>")
        rows = ((str(i), one.html(), esc(one.note)) for i, one in enumerate(self._items()))
        return value(
            f"<p><b>{esc(self.title)}</b> <small>{esc(self.term)}, round {self.round}</small></p>"
            f"<p>{esc(self.about)}</p>{rows_of_value(('', 'text', ''), rows)}",
        )


@dataclass(eq=False, repr=False)
class StepItem:
    """One item of a step: a critique, a candidate prompt, an error or another thing to review.

    `value` is what the optimizer made, and all that it knows of it.

    Example:
        >>> step = lab.begin("sentiment", preset="quick", name="by hand").next(until="critiques")
        >>> step[0].edit("Sarcasm is not named.", why="too vague")
        >>> step[0].text, step[0].kept, step[0].edited, len(step[0].errors)
        ('Sarcasm is not named.', True, True, 3)
    """

    _set: Callable[[int, Mark | None], None]
    _proposal: Proposal
    _place: int
    value: Item
    _mark: Mark | None

    # What it is

    def is_same(self, other: object) -> bool:
        """Return whether another one is the item in this place of this step, however it reads now.

        Example:
            >>> step = lab.begin("sentiment", preset="quick", name="by hand").next(until="critiques")
            >>> step[0].is_same(step[0]), step[0].is_same(step[1])
            (True, False)
        """
        return isinstance(other, StepItem) and other._place == self._place and other._proposal == self._proposal

    @property
    def text(self) -> str:
        """How it reads now: in your words where it was edited."""
        return self.value.text if self._mark is None or self._mark.text is None else self._mark.text

    @property
    def proposed(self) -> str:
        """How the optimizer made it; "" for one that you added."""
        return "" if self._place < 0 else self.value.text

    @property
    def kept(self) -> bool:
        """Whether accepting the step keeps it."""
        return self._proposal.default(self._place) if self._mark is None else self._mark.keep

    @property
    def edited(self) -> bool:
        """Whether it reads otherwise than it was proposed."""
        return self.text != self.proposed

    @property
    def flaw(self) -> str:
        """Why it cannot be used as it was proposed, in words; "" where it can."""
        return sentence(self.value.flaw) if self.value.flaw and not self.edited else ""

    @property
    def errors(self) -> tuple[ErrorSample, ...]:
        """The wrong answers that a critique was made of."""
        return self.value.errors if isinstance(self.value, Critique) else ()

    @property
    def answer(self) -> str:
        """The reference answer of an error or a demonstration."""
        return self.value.answer if isinstance(self.value, ErrorSample | Demonstration) else ""

    @property
    def got(self) -> str:
        """What was understood of the wrong reply."""
        return self.value.got if isinstance(self.value, ErrorSample) else ""

    @property
    def group(self) -> int | None:
        """Which group an error or a demonstration was drawn into, from 0; None where it waits without one."""
        return self.value.group if isinstance(self.value, ErrorSample | Demonstration) else None

    @property
    def parent(self) -> str:
        """The prompt that a candidate is made of."""
        return self.value.parent if isinstance(self.value, Candidate) else ""

    @property
    def score(self) -> float | None:
        """The score on train of a candidate or a prompt; None where it was not measured."""
        if isinstance(self.value, Score):
            return self.value.mean
        found = getattr(self.value, "score", None)
        return found if isinstance(found, float | int) else None

    @property
    def note(self) -> str:
        """What there is to say of it beside its text, in words."""
        notes = [self.flaw, "" if self.kept else "left out", "edited by you" if self.edited else ""]
        if self.score is not None:
            notes.append(known_percent(self.score))
        if isinstance(self.value, ErrorSample):
            notes.append(f"expected {self.answer}, got {self.got}")
        elif self.answer:
            notes.append(f"answer {self.answer}")
        if self.group is not None:
            notes.append(f"group {self.group + 1}")
        return "; ".join(filter(None, notes))

    # What a person makes of it

    def edit(self, text: str, why: str = "") -> None:
        """Put it in your own words, and keep it.

        Raises:
            MisuseError: when the text is empty, or the step does not wait any more.
        """
        arguments.text("text", text, "a text that is not empty", empty=False)
        self._marked(Mark(self._index, True, text, arguments.text("why", why), self._like))

    def drop(self, why: str = "") -> None:
        """Leave it out.

        Raises:
            MisuseError: when the step does not wait any more.
        """
        text = self._mark.text if self._mark and self._place < 0 else None
        self._marked(Mark(self._index, False, text, arguments.text("why", why), self._like))

    @property
    def hunks(self) -> tuple[tuple[str, str], ...]:
        """Where a candidate differs from its parent: the words of the parent, and its own in their place."""
        parent = self.value.parent if isinstance(self.value, Candidate) else ""
        found = hunks(parent, self.value.text) if parent else ()
        return tuple((one.old, one.new) for one in found if isinstance(one, Hunk))

    def take(self, numbers: Iterable[int], why: str = "") -> None:
        """Take of a candidate only some of its `hunks`, by their numbers from 0.

        Raises:
            MisuseError: when it has no parent, there is no such hunk, or the step does not wait any more.
        """
        known = self.hunks
        parent = self.value.parent if isinstance(self.value, Candidate) else ""
        taken = arguments.wholes("numbers", numbers)
        if not parent or not all(one < len(known) for one in taken):
            raise MisuseError(f"This item differs from its parent in {counted(len(known), 'place')}: no such hunk.")
        self.edit(with_hunks(parent, self.value.text, taken), why)

    def keep(self, why: str = "") -> None:
        """Keep it, as it reads.

        Raises:
            MisuseError: when the step does not wait any more.
        """
        text = self._mark.text if self._mark else None
        self._marked(Mark(self._index, True, text, arguments.text("why", why), self._like))

    def reset(self) -> None:
        """Take back what was made of it.

        Raises:
            MisuseError: when the step does not wait any more.
        """
        self._marked(None)

    @property
    def _index(self) -> int | None:
        return self._place if self._place >= 0 else None

    @property
    def _like(self) -> int | None:
        return self._mark.like if self._mark is not None and self._place < 0 else None

    def _marked(self, mark: Mark | None) -> None:
        self._set(self._place, mark)
        self._mark = mark

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        note = f", {self.note}" if self.note else ""
        return f"{type(self.value).__name__}({shortened(self.text, 70)!r}{note})"

    def html(self) -> str:
        """Return the text as HTML, pale where it is left out."""
        pale = "" if self.kept else "; opacity: .55"
        return f'<span style="white-space: pre-wrap{pale}">{esc(self.text)}</span>'

    def _repr_html_(self) -> str:
        note = f"<p><small>{esc(self.note)}</small></p>" if self.note else ""
        errors = rows_of_value(
            ("input", "expected", "got"), ((esc(one.text), esc(one.answer), esc(one.got)) for one in self.errors)
        )
        return value(f"<p>{self.html()}</p>{note}{errors if self.errors else ''}")
