"""The short names of what a run has made: P7 a prompt, C12 a critique, S31 a step; a number never changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, NamedTuple

from sqlalchemy import Integer, func, literal_column, select
from sqlalchemy.dialects.sqlite import insert

from lab.core.codec import content_id
from lab.core.lineage import Kind, Settled, proposed, written
from lab.store.file import BookFile
from lab.store.schema import names

NameKind = Literal["prompt", "critique", "step"]

_LETTERS: Mapping[str, str] = MappingProxyType({"prompt": "P", "critique": "C", "step": "S"})
_AT_HAND = 16  # runs whose names stay read


class Named(NamedTuple):
    """The short name of a thing, and the proposal of the step that it came with, "" for a start prompt."""

    name: str
    proposal: str


_NOBODY = Named("", "")


@dataclass(frozen=True)
class RunNames:
    """The names of one run at one moment; "" for what it has not made. The start prompt is P0."""

    by_subject: Mapping[str, Named] = field(default_factory=dict)

    def prompt(self, text: str) -> str:
        """Return the name of a prompt."""
        return self.made("prompt", text).name

    def critique(self, text: str) -> str:
        """Return the name of a critique."""
        return self.made("critique", text).name

    def step(self, proposal: str | None) -> str:
        """Return the name of the step that made a proposal, by its id."""
        return self.by_subject.get(proposal or "", _NOBODY).name

    def made(self, kind: Kind, text: str) -> Named:
        """Return the name of a prompt or critique, and the proposal with which it came first."""
        return self.by_subject.get(content_id(kind, text), _NOBODY)

    def called(self, name: str) -> Named | None:
        """Return what has this name; None where nothing has."""
        return next((one for one in self.by_subject.values() if one.name == name), None)


class Names:
    """The names of all runs of a book, given when a thing comes into being."""

    def __init__(self, file: BookFile) -> None:
        self._file = file
        self._read: dict[str, tuple[int, dict[str, Named]]] = {}  # run -> the last row read, what was read

    def of_run(self, run: str) -> RunNames:
        """Return the names of a run; of those that were read before only what came since is read."""
        last, known = self._read.get(run, (0, {}))
        row = literal_column("names.rowid", Integer)
        query = select(row.label("row"), names.c.kind, names.c.subject, names.c.number, names.c.step)
        mine = query.where(names.c.run == run).order_by(row)
        with self._file.reading() as db:
            first, *new = db.execute(mine.where(row >= last)).all() or (None,)
            if known and (
                first is None or first.subject != next(reversed(known))
            ):  # deleted since, and perhaps taken in anew
                known, new = {}, list(db.execute(mine).all())
            elif not known and first is not None:
                new = [first, *new]
        if not new:
            return RunNames(known)
        known = {**known, **{one.subject: Named(f"{_LETTERS[one.kind]}{one.number}", one.step) for one in new}}
        if not self._file.in_transaction:  # what is read in one may be taken back
            kept = {**self._read, run: (new[-1].row, known)}
            self._read = dict(list(kept.items())[-_AT_HAND:])
        return RunNames(known)

    def add_start(self, run: str, prompt: str) -> None:
        """Name the prompt that a run begins with."""
        with self._file.transaction() as db:
            row = {"run": run, "kind": "prompt", "subject": content_id("prompt", prompt), "number": 0, "step": ""}
            db.execute(insert(names).values(row).on_conflict_do_nothing())

    def add_prompt(self, run: str, prompt: str) -> None:
        """Name a prompt that a person made outside any step."""
        self._add(run, "prompt", [content_id("prompt", prompt)], "")

    def add_step(self, run: str, step: Settled) -> None:
        """Name a step with what it made, or where it was decided, what a person wrote in it."""
        origins = proposed(step) if step.verdict is None else written(step)
        made = [(one.kind, content_id(one.kind, one.text)) for one in origins]
        self._add(run, "step", [step.id], step.id)
        for kind in ("prompt", "critique"):
            self._add(run, kind, [subject for its, subject in made if its == kind], step.id)

    def _add(self, run: str, kind: NameKind, subjects: Iterable[str], step: str) -> None:
        mine = (names.c.run == run, names.c.kind == kind)
        subjects = list(dict.fromkeys(subjects))
        if not subjects:
            return
        with self._file.transaction() as db:
            there = set(db.scalars(select(names.c.subject).where(*mine, names.c.subject.in_(subjects))))
            last = db.scalar(select(func.max(names.c.number)).where(*mine)) or 0
            new = [subject for subject in subjects if subject not in there]
            rows = [
                {"run": run, "kind": kind, "subject": subject, "number": number, "step": step}
                for number, subject in enumerate(new, last + 1)
            ]
            if rows:
                db.execute(insert(names), rows)
