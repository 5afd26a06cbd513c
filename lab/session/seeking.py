"""Finding places of the history by what they hold: names, words of prompts and critiques, notes and tags."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lab.core.lineage import Kind, Settled, proposed, settled, written
from lab.core.review import Verdict
from lab.i18n import gettext_lazy
from lab.session.state import State
from lab.store import Book
from lab.store.names import Named

__all__ = ["LONGEST", "Hit", "seek"]

LONGEST = 200  # characters of what is sought
_AROUND = 30  # characters shown before and after what is found
_NAME = re.compile(r"[pcs]\d+")


@dataclass(frozen=True)
class Hit:
    """Something that a place of the history holds: `what` it is, by its name or in a word, and its words."""

    node: str
    what: str
    text: str

    def around(self, wanted: str) -> str:
        """Return the words around the first place where it holds a text, on one line."""
        line = " ".join(self.text.split())
        at = max(0, line.casefold().find(wanted))
        cut = line[max(0, at - _AROUND) : at + len(wanted) + _AROUND]
        return f"{'…' if at > _AROUND else ''}{cut}{'…' if at + len(wanted) + _AROUND < len(line) else ''}"


def seek(state: State, book: Book, text: str) -> tuple[Hit, ...]:
    """Return what holds a text, in whatever case, at the places where it came into being; "" finds nothing.

    A short name (P7, C12, S31) finds what has that name alone.
    """
    wanted = " ".join(text[:LONGEST].split()).casefold()
    if not wanted:
        return ()
    if _NAME.fullmatch(wanted) and (named := state.names.called(wanted.upper())) is not None:
        return _named(state, book, named)
    every = (*_titled(state), *_noted(state, book), *_made(state, book))
    return tuple(one for one in every if wanted in " ".join(one.text.split()).casefold())


def _titled(state: State) -> Iterator[Hit]:
    """Yield what the drawing says of places: the steps, and the lines that end there."""
    for id, node in state.nodes.items():
        yield Hit(id, gettext_lazy("step"), str(node.phase.title))
    for branch in state.branches:
        yield Hit(branch.node, gettext_lazy("branch"), branch.name)
    for id, tip in state.tips.items():
        yield Hit(id, gettext_lazy("branch"), tip)


def _noted(state: State, book: Book) -> Iterator[Hit]:
    """Yield what people wrote on places, prompts, critiques and branches."""
    heads = {branch.id: branch.node for branch in state.branches}
    kinds: dict[str, Kind] = {"prompt": "prompt", "critique": "critique"}
    for note in state.notes:
        if note.kind in kinds:
            place = _place(state, book, kinds[note.kind], note.subject)
        else:
            place = heads.get(note.subject, note.subject)
        if place in state.nodes:
            tags = ((gettext_lazy("tag"), tag) for tag in note.tags)
            parts = ((gettext_lazy("name"), note.name), (gettext_lazy("note"), note.note), *tags)
            yield from (Hit(place, what, text) for what, text in parts if text)


def _place(state: State, book: Book, kind: Kind, text: str) -> str:
    proposal = state.names.made(kind, text).proposal
    return book.made_at(proposal) if proposal else next(iter(state.nodes))


def _made(state: State, book: Book) -> Iterator[Hit]:
    """Yield the prompts and critiques of the run, each where it came into being."""
    names = state.names
    for id, node in state.nodes.items():
        above = state.nodes[node.parent].prompts if node.parent else ()
        for text in node.prompts:
            if text not in above and not names.made("prompt", text).proposal:  # begun with, or made outside a step
                yield Hit(id, names.prompt(text), text)
    proposals = book.proposals([one.proposal for one in state.nodes.values() if one.proposal is not None])
    seen: set[tuple[str, str]] = set()
    for step in (*settled(state.nodes.values(), proposals), *_waiting(state)):
        for origin in (*proposed(step), *written(step)):
            if (step.node, origin.text) not in seen:
                seen.add((step.node, origin.text))
                named = (names.prompt if origin.kind == "prompt" else names.critique)(origin.text)
                yield Hit(step.node, named or gettext_lazy("draft"), origin.text)


def _named(state: State, book: Book, named: Named) -> tuple[Hit, ...]:
    if named.name.startswith("S"):
        place = book.made_at(named.proposal)
        return (Hit(place, named.name, str(state.nodes[place].phase.title)),)
    return tuple(one for one in _made(state, book) if one.what == named.name)[:1]


def _waiting(state: State) -> Iterator[Settled]:
    """Yield the step that waits, as it is drafted."""
    if state.proposal is not None:
        marks = tuple(mark for _, mark in state.draft)
        yield Settled("", state.branch.node, state.proposal, Verdict("edit", marks))
