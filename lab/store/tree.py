"""The tree of a lab book: contexts, nodes and proposals, named by content; they never change and stay decoded."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from threading import Lock
from typing import Generic, NamedTuple, TypeVar

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from lab.core.asks import Context
from lab.core.codec import decode, encode, named
from lab.core.history import NODES, OLD_IDS, PROPOSALS, Node, proposal_content, with_ancestors
from lab.core.review import Proposal
from lab.core.task import Task
from lab.errors import MisuseError
from lab.i18n import gettext_lazy
from lab.store.file import BookFile, chunks
from lab.store.schema import nodes, now, proposals, runs, tasks

T = TypeVar("T")


class Kept(Generic[T]):
    """Values by id, at most so many, the first that were read let go first.

    What is read inside a transaction is not kept, because the transaction may be taken back.
    """

    def __init__(self, file: BookFile, most: int, read: Callable[[Sequence[str]], Iterable[tuple[str, T]]]) -> None:
        self._file, self._most, self._read = file, most, read
        self._by_id: dict[str, T] = {}
        self._lock = Lock()

    def get(self, ids: Sequence[str]) -> dict[str, T]:
        """Return the values of these ids, in their order, and read those that are not at hand.

        What else was read comes last, and an id of which nothing was read is left out.
        """
        at_hand = self._by_id
        found = {id: at_hand[id] for id in ids if id in at_hand}
        missing = [id for id in ids if id not in found]
        if not missing:
            return found
        new = {id: value for some in chunks(missing) for id, value in self._read(some)}
        if not self._file.in_transaction:
            with self._lock:
                kept = {**self._by_id, **new}
                surplus = max(0, len(kept) - self._most)
                self._by_id = dict(islice(kept.items(), surplus, None))
        found |= new
        return {id: found[id] for id in dict.fromkeys((*ids, *new)) if id in found}

    def forget(self) -> None:
        """Let all values go; they are read again when they are needed."""
        with self._lock:
            self._by_id = {}


CONTEXTS_AT_HAND = 16


class StoredContext(NamedTuple):
    """A context as the book has it: the optimizer's name, the task's id, and the context with its test sealed."""

    optimizer: str
    task_id: str
    context: Context


class Contexts:
    """The tasks of a book and the contexts made of them."""

    def __init__(self, file: BookFile) -> None:
        self._file = file
        self._read = lru_cache(CONTEXTS_AT_HAND)(self._read_row)  # named by content: what was read stays right

    def forget(self) -> None:
        """Let go of what was decoded: it is read anew, by the types that are known then."""
        self._read.cache_clear()

    def add(self, task: Task, optimizer: str, settings: object, seed: int) -> str:
        """Keep a task and a context made of it; return the context's id."""
        task_id, task_content = named("t", encode(task))
        of_task = {"task": task_id, "optimizer": optimizer, "settings": encode(settings), "seed": seed}
        context_id, content = named("r", of_task)
        with self._file.transaction() as db:
            row = {"id": task_id, "name": task.name, "content": task_content}
            db.execute(insert(tasks).values(row).on_conflict_do_nothing())
            row = {"id": context_id, "task": task_id, "content": content}
            db.execute(insert(runs).values(row).on_conflict_do_nothing())
        return context_id

    def context(self, id: str) -> StoredContext:
        """Return a context, with the test split of its task sealed.

        Raises:
            MisuseError: when there is none of that id.
        """
        return self._read(id)[0]

    def whole_task(self, id: str) -> Task:
        """Return the task of a context with its test split, to make another context of the same task."""
        return self._read(id)[1]

    def _read_row(self, id: str) -> tuple[StoredContext, Task]:
        both = select(runs.c.content, tasks.c.content.label("task_content"))
        with self._file.reading() as db:
            row = db.execute(both.join(tasks, tasks.c.id == runs.c.task).where(runs.c.id == id)).first()
        if row is None:
            raise MisuseError(gettext_lazy("There is no such run in this book."))
        task: Task = decode(json.loads(row.task_content))
        content = json.loads(row.content)
        context = Context(task.sealed(), decode(content["settings"]), content["seed"])
        return StoredContext(content["optimizer"], content["task"], context), task


NODES_AT_HAND = 2_000
PROPOSALS_AT_HAND = 200


class Tree:
    """The nodes and proposals of a book; what was read is kept decoded."""

    def __init__(self, file: BookFile) -> None:
        self._file = file
        self._nodes = Kept[Node](file, NODES_AT_HAND, self._read_nodes)
        self._proposals = Kept[Proposal](file, PROPOSALS_AT_HAND, self._read_proposals)
        self._parents = dict[str, str | None]()  # with a node, all its ancestors

    def forget(self) -> None:
        """Let go of what was decoded: it is read anew, by the types that are known then."""
        self._nodes.forget()
        self._proposals.forget()
        self._parents = {}

    def node(self, id: str) -> Node:
        """Return a node.

        Raises:
            MisuseError: when there is none of that id.
        """
        return self.nodes((id,))[id]

    def nodes(self, ids: Sequence[str]) -> dict[str, Node]:
        """Return the nodes of these ids, in their order.

        Raises:
            MisuseError: when there is none of an id.
        """
        found = self._nodes.get(ids)
        if len(found) < len(set(ids)):
            raise MisuseError(gettext_lazy("There is no such place in this book's history."))
        return found

    def proposal(self, id: str) -> Proposal:
        """Return a proposal.

        Raises:
            MisuseError: when there is none of that id.
        """
        return self.proposals((id,))[id]

    def proposals(self, ids: Sequence[str]) -> dict[str, Proposal]:
        """Return the proposals of these ids, in their order.

        Raises:
            MisuseError: when there is none of an id.
        """
        found = self._proposals.get(ids)
        if len(found) < len(set(ids)):
            raise MisuseError(gettext_lazy("There is no such proposal in this book."))
        return found

    def made_at(self, proposal: str) -> str:
        """Return the node at which a proposal was made.

        Raises:
            MisuseError: when there is none of that id.
        """
        with self._file.reading() as db:
            node = db.scalar(select(proposals.c.node).where(proposals.c.id == proposal))
        if node is None:
            raise MisuseError(gettext_lazy("There is no such proposal in this book."))
        return str(node)

    def parents(self, ids: Sequence[str]) -> dict[str, str | None]:
        """Return the parent of each of these nodes and of all their ancestors."""
        known = self._parents
        if missing := [id for id in ids if id not in known]:
            new = {id: parent for some in chunks(missing) for id, parent in self._read_parents(some)}
            known = {**known, **new}
            if not self._file.in_transaction:
                self._parents = known
        return {id: known[id] for id in with_ancestors(known, [id for id in ids if id in known])}

    def add_node(self, node: Node) -> str:
        """Add a node that is not there yet; return its id."""
        id, content = named(NODES[0], node.content)
        row = {"id": id, "parent": node.parent, "content": content, "made": now()}
        with self._file.transaction() as db:
            db.execute(insert(nodes).values(row).on_conflict_do_nothing())
        return id

    def add_proposal(self, node: str, proposal: Proposal) -> str:
        """Add a proposal that is not there yet; return its id."""
        id, content = named(PROPOSALS[0], proposal_content(node, proposal))
        row = {"id": id, "node": node, "content": content, "made": now()}
        with self._file.transaction() as db:
            db.execute(insert(proposals).values(row).on_conflict_do_nothing())
        return id

    def _read_nodes(self, ids: Sequence[str]) -> Iterator[tuple[str, Node]]:
        with self._file.reading() as db:
            for id, content in db.execute(select(nodes.c.id, nodes.c.content).where(nodes.c.id.in_(ids))):
                yield id, Node.of(json.loads(content), old=id.startswith(OLD_IDS))

    def _read_proposals(self, ids: Sequence[str]) -> Iterator[tuple[str, Proposal]]:
        with self._file.reading() as db:
            found = db.execute(select(proposals.c.id, proposals.c.content).where(proposals.c.id.in_(ids)))
            for id, content in found:
                yield id, decode(json.loads(content)["proposal"], old=id.startswith(OLD_IDS))

    def _read_parents(self, ids: Sequence[str]) -> list[tuple[str, str | None]]:
        with self._file.reading() as db:
            up = select(nodes.c.id, nodes.c.parent).where(nodes.c.id.in_(ids)).cte("up", recursive=True)
            up = up.union(select(nodes.c.id, nodes.c.parent).where(nodes.c.id == up.c.parent))
            return [(row.id, row.parent) for row in db.execute(select(up))]
