"""An open lab book: tasks, runs, the tree, branches and drafts; every method is one transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, literal_column, select, update
from sqlalchemy.dialects.sqlite import insert

from lab.core.asks import Context
from lab.core.codec import canonical, content_id, decode, encode
from lab.core.history import NODES, PROPOSALS, Node, proposal_content
from lab.core.review import Mark, Proposal
from lab.core.task import Task
from lab.errors import MisuseError
from lab.models.calls import Call
from lab.models.limits import Ceiling, Limits, Models, Sampling
from lab.store.file import BookFile
from lab.store.ledger import Ledger, chunks
from lab.store.records import Branch
from lab.store.schema import (
    branches,
    calls,
    drafts,
    moves,
    nodes,
    now,
    proposals,
    runs,
    tasks,
)

RUNS_AT_HAND = 16


class Book(Ledger):
    """One SQLite file with everything that was asked, answered and decided."""

    def __init__(self, path: str | Path) -> None:
        """Open or make the book at `path` and brings it up to date.

        Raises:
            BookError: when the file is not a lab book, or cannot be written.
        """
        self._file = BookFile(path)
        self.path = self._file.path
        self._run = lru_cache(RUNS_AT_HAND)(self._read_run)  # named by content: what was read stays right

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def transaction(self) -> AbstractContextManager[object]:
        """Make all that is written inside one transaction, which is taken back whole when an exception passes.

        Transactions nest, the outermost commits, and none may span an `await`.

        Example:
            with book.transaction():
                book.move(branch, node)
                book.set_draft(branch, proposal, 0, None)
        """
        return self._file.transaction()

    # Tasks and runs

    def add_context(self, task: Task, optimizer: str, settings: Any, seed: int) -> str:
        """Keep a task and a run of it, and return the run's id."""
        task_content = encode(task)
        task_id = content_id("t", task_content)
        content = {"task": task_id, "optimizer": optimizer, "settings": encode(settings), "seed": seed}
        context_id = content_id("r", content)
        with self._file.transaction() as db:
            _add(db, tasks, id=task_id, name=task.name, content=canonical(task_content))
            _add(db, runs, id=context_id, task=task_id, content=canonical(content))
        return context_id

    def context(self, id: str) -> tuple[str, str, Context]:
        """Return a run's optimizer name, its task's id, and the run with its test split sealed."""
        content, task = self._run(id)
        return (
            content["optimizer"],
            content["task"],
            Context(task.sealed(), decode(content["settings"]), content["seed"]),
        )

    def whole_task(self, run: str) -> Task:
        """Return the task of a run with its test split, to begin another run of the same task."""
        return self._run(run)[1]

    def _read_run(self, id: str) -> tuple[dict[str, Any], Task]:
        both = select(runs.c.content, tasks.c.content.label("task_content"))
        row = self._first(both.join(tasks, tasks.c.id == runs.c.task).where(runs.c.id == id))
        if row is None:
            raise MisuseError("There is no such run in this book.")
        task: Task = decode(json.loads(row.task_content))
        return json.loads(row.content), task

    # Nodes and proposals

    def node(self, id: str) -> Node:
        """Return a node.

        Raises:
            MisuseError: when there is none of that id.
        """
        row = self._first(select(nodes.c.content).where(nodes.c.id == id))
        if row is None:
            raise MisuseError("There is no such place in this book's history.")
        return Node.of(json.loads(row.content))

    def nodes(self, ids: Sequence[str]) -> dict[str, Node]:
        """Return the nodes of these ids, in their order."""
        found: dict[str, Node] = {}
        with self._file.reading() as db:
            for some in chunks(ids):
                for row in db.execute(select(nodes.c.id, nodes.c.content).where(nodes.c.id.in_(some))):
                    found[row.id] = Node.of(json.loads(row.content))
        return {id: found[id] for id in ids}

    def proposal(self, id: str) -> Proposal:
        """Return a proposal.

        Raises:
            MisuseError: when there is none of that id.
        """
        row = self._first(select(proposals.c.content).where(proposals.c.id == id))
        if row is None:
            raise MisuseError("There is no such proposal in this book.")
        proposal: Proposal = decode(json.loads(row.content)["proposal"])
        return proposal

    def parents(self, ids: Sequence[str]) -> dict[str, str | None]:
        """Return the parent of each of these nodes and of all their ancestors."""
        found: dict[str, str | None] = {}
        with self._file.reading() as db:
            for some in chunks(ids):
                up = select(nodes.c.id, nodes.c.parent).where(nodes.c.id.in_(some)).cte("up", recursive=True)
                up = up.union(select(nodes.c.id, nodes.c.parent).where(nodes.c.id == up.c.parent))
                found |= {row.id: row.parent for row in db.execute(select(up))}
        return found

    # Branches

    def add_branch(self, branch: Branch, root: Node | None = None) -> None:
        """Make a branch at a node that is there, or at a new root."""
        with self._file.transaction() as db:
            if root is not None:
                _add_node(db, root)
            row = {
                "id": branch.id, "owner": branch.owner, "work": branch.run, "name": branch.name, "cursor": 0,
                "optimizer_model": branch.models.optimizer, "target_model": branch.models.target,
                "stops": json.dumps(branch.stops), "made": now(), "models": json.dumps(asdict(branch.models)),
            }  # fmt: skip
            db.execute(branches.insert().values(row))
            pending, sample = _waited(db, branch.id, branch.node)
            first = {"branch": branch.id, "seq": 0, "node": branch.node, "live": 1, "pending": pending}
            db.execute(moves.insert().values({**first, "sample": sample}))

    def branches(self, owner: str) -> tuple[Branch, ...]:
        """Return an owner's branches, the newest last."""
        query = _BRANCH.where(branches.c.owner == owner).order_by(branches.c.made, literal_column("branches.rowid"))
        with self._file.reading() as db:
            return tuple(map(_branch, db.execute(query)))

    def branches_of_all(self) -> tuple[Branch, ...]:
        """Return the branches of all owners, the newest last: for who has the file."""
        with self._file.reading() as db:
            return tuple(
                map(_branch, db.execute(_BRANCH.order_by(branches.c.made, literal_column("branches.rowid"))))
            )

    def branch(self, id: str, owner: str) -> Branch:
        """Return a branch of this owner.

        Raises:
            MisuseError: when the owner has none of that id.
        """
        row = self._first(_BRANCH.where(branches.c.id == id, branches.c.owner == owner))
        if row is None:
            raise MisuseError("There is no such branch of yours in this book.")
        return _branch(row)

    def visited(self, work: str) -> tuple[str, ...]:
        """Return the nodes at which the branches of one work have been, in the order of the visits."""
        query = (
            select(moves.c.node)
            .join(branches, branches.c.id == moves.c.branch)
            .where(branches.c.work == work)
            .order_by(literal_column("moves.rowid"))
        )
        with self._file.reading() as db:
            return tuple(dict.fromkeys(db.scalars(query)))

    def pend(self, branch: str, node: str, proposal: Proposal) -> str:
        """Keep a proposal and make it the one that waits on this branch; return its id.

        Raises:
            MisuseError: when the branch has left the node meanwhile.
        """
        content = proposal_content(node, proposal)
        id = content_id(PROPOSALS[0], content)
        with self._file.transaction() as db:
            if _place(db, branch) != node:
                raise MisuseError("The branch was moved meanwhile. What arrived is kept and not paid for again.")
            _add(db, proposals, id=id, node=node, content=canonical(content), made=now())
            _set_here(db, branch, pending=id, sample=proposal.sample)
        return id

    def draw_again(self, branch: str, node: str, sample: int) -> None:
        """Move a branch to where it is, with nothing waiting, so that the next proposal uses this sample."""
        with self._file.transaction() as db:
            _move(db, branch, node, None, sample)

    def settle(self, branch: str, proposal: str, node: Node) -> str:
        """Add the node that a verdict led to and move the branch there, if the proposal still waits.

        Raises:
            MisuseError: when another verdict came first; nothing is changed.
        """
        with self._file.transaction() as db:
            if db.scalar(select(moves.c.pending).join(branches, _HERE).where(branches.c.id == branch)) != proposal:
                raise MisuseError("This proposal was decided already. Nothing was changed.")
            return _move(db, branch, _add_node(db, node))

    def move(self, branch: str, node: str | Node) -> str:
        """Move a branch to a node, which is added when it is new; what waited there last waits again."""
        with self._file.transaction() as db:
            id = node if isinstance(node, str) else _add_node(db, node)
            return _move(db, branch, id, *_waited(db, branch, id))

    def step_back(self, branch: str, by: int) -> None:
        """Move the pointer along the places a branch has been: -1 undoes, +1 redoes; at an end it stays."""
        m = moves.c
        with self._file.transaction() as db:
            cursor = db.scalar(select(branches.c.cursor).where(branches.c.id == branch))
            there = m.seq < cursor if by < 0 else m.seq > cursor
            order = m.seq.desc() if by < 0 else m.seq
            seq = db.scalar(select(m.seq).where(m.branch == branch, m.live == 1, there).order_by(order).limit(1))
            if seq is not None:
                _set(db, branch, cursor=seq)

    def place_before(self, branch: str) -> str | None:
        """Return the node at which a branch was before its last move; None at its beginning."""
        earlier = and_(moves.c.branch == branches.c.id, moves.c.live == 1, moves.c.seq < branches.c.cursor)
        query = select(moves.c.node).join(branches, earlier).where(branches.c.id == branch)
        row = self._first(query.order_by(moves.c.seq.desc()).limit(1))
        return row.node if row else None

    def rename(self, branch: str, name: str) -> None:
        """Return a branch another name."""
        with self._file.transaction() as db:
            _set(db, branch, name=name)

    def pause_at(self, branch: str, stops: Iterable[str]) -> None:
        """Set the phases at which a branch waits for a person."""
        with self._file.transaction() as db:
            _set(db, branch, stops=json.dumps(tuple(stops)))

    # Models

    def use(self, branch: str, models: Models) -> None:
        """Set which models a branch uses from here on, and how."""
        with self._file.transaction() as db:
            _set(
                db, branch, optimizer_model=models.optimizer, target_model=models.target,
                models=json.dumps(asdict(models)),
            )  # fmt: skip

    # Drafts

    def draft(self, branch: str, proposal: str) -> tuple[tuple[int, Mark], ...]:
        """Return what a person has marked of a waiting proposal, by place; added items have places below 0."""
        query = select(drafts.c.place, drafts.c.content).where(
            drafts.c.branch == branch, drafts.c.proposal == proposal
        )
        with self._file.reading() as db:
            rows = sorted(db.execute(query), key=lambda row: (row.place < 0, abs(row.place)))
        return tuple((row.place, decode(json.loads(row.content))) for row in rows)

    def set_draft(self, branch: str, proposal: str, place: int, mark: Mark | None) -> None:
        """Keep a mark at a place of the draft, or drop what is there."""
        d = drafts.c
        with self._file.transaction() as db:
            db.execute(drafts.delete().where(d.branch == branch, d.proposal == proposal, d.place == place))
            if mark is not None:
                content = canonical(encode(mark))
                db.execute(drafts.insert().values(branch=branch, proposal=proposal, place=place, content=content))

    # Verifying

    def verify(self) -> tuple[int, tuple[str, ...]]:
        """Recompute every id; return how many there are and a sentence for each that does not match."""
        wrong: list[str] = []
        n = 0
        with self._file.reading() as db:
            for table, prefixes in ((tasks, ("t",)), (runs, ("r",)), (nodes, NODES), (proposals, PROPOSALS)):
                for id, content in db.execute(select(table.c.id, table.c.content)):
                    n += 1
                    prefix = id.partition("-")[0]
                    if prefix not in prefixes or _id_of(prefix, content) != id:
                        wrong.append(f"{table.name}: {id} does not match its content.")
            for id, parent, content in db.execute(select(nodes.c.id, nodes.c.parent, nodes.c.content)):
                if _parent_of(content) != parent:
                    wrong.append(f"nodes: {id} hangs from another parent than its content says.")
            for row in db.execute(select(calls.c.key, calls.c.endpoint, calls.c.request, calls.c.sample)):
                n += 1
                if Call(row.endpoint, row.request, row.sample).key != row.key:
                    wrong.append(f"calls: {row.key} does not match its request.")
        return n, tuple(wrong)

    def _first(self, query: Select[Any]) -> Row[Any] | None:
        with self._file.reading() as db:
            return db.execute(query).first()


_HERE = and_(moves.c.branch == branches.c.id, moves.c.seq == branches.c.cursor)
_LIVE = select(moves.c.seq).where(moves.c.branch == branches.c.id, moves.c.live == 1)
_BRANCH = select(
    branches,
    *(select(moves.c[name]).where(_HERE).scalar_subquery().label(name) for name in ("node", "pending", "sample")),
    _LIVE.where(moves.c.seq < branches.c.cursor).exists().label("can_undo"),
    _LIVE.where(moves.c.seq > branches.c.cursor).exists().label("can_redo"),
)


def _branch(row: Row[Any]) -> Branch:
    return Branch(
        id=row.id, owner=row.owner, run=row.work, name=row.name, node=row.node,
        models=_models(row), stops=tuple(json.loads(row.stops)),
        pending=row.pending, sample=row.sample, can_undo=bool(row.can_undo), can_redo=bool(row.can_redo),
    )  # fmt: skip


def _models(row: Row[Any]) -> Models:
    how = json.loads(row.models)
    kinds = {
        "optimizer_sampling": Sampling, "target_sampling": Sampling, "optimizer_limits": Limits,
        "target_limits": Limits, "ceiling": Ceiling,
    }  # fmt: skip
    given = {name: kind(**how[name]) for name, kind in kinds.items() if name in how}
    return Models(row.optimizer_model, row.target_model, **given)


def _add(db: Connection, table: Any, **values: Any) -> None:
    db.execute(insert(table).values(**values).on_conflict_do_nothing())


def _set(db: Connection, branch: str, **values: Any) -> None:
    db.execute(update(branches).where(branches.c.id == branch).values(**values))


def _set_here(db: Connection, branch: str, **values: Any) -> None:
    cursor = select(branches.c.cursor).where(branches.c.id == branch).scalar_subquery()
    db.execute(update(moves).where(moves.c.branch == branch, moves.c.seq == cursor).values(**values))


def _waited(db: Connection, branch: str, node: str) -> tuple[str | None, int | None]:
    """Return what waited at a node when a branch of the same work was there last."""
    mine = branches.alias()
    same = and_(mine.c.id == branch, branches.c.work == mine.c.work)
    row = db.execute(
        select(moves.c.pending, moves.c.sample)
        .join(branches, branches.c.id == moves.c.branch)
        .join(mine, same)
        .where(moves.c.node == node, moves.c.sample.is_not(None))
        .order_by(literal_column("moves.rowid").desc())
        .limit(1)
    ).first()
    return (row.pending, row.sample) if row else (None, None)


def _add_node(db: Connection, node: Node) -> str:
    id = node.id
    _add(db, nodes, id=id, parent=node.parent, content=canonical(node.content), made=now())
    return id


def _place(db: Connection, branch: str) -> str | None:
    return db.scalar(select(moves.c.node).join(branches, _HERE).where(branches.c.id == branch))


def _move(db: Connection, branch: str, node: str, pending: str | None = None, sample: int | None = None) -> str:
    """Append a move; move that were undone stay in the book but can no longer be redone."""
    cursor = db.scalar(select(branches.c.cursor).where(branches.c.id == branch)) or 0
    last = db.scalar(select(moves.c.seq).where(moves.c.branch == branch).order_by(moves.c.seq.desc()).limit(1)) or 0
    db.execute(update(moves).where(moves.c.branch == branch, moves.c.seq > cursor).values(live=0))
    row = {"branch": branch, "seq": last + 1, "node": node, "live": 1, "pending": pending, "sample": sample}
    db.execute(moves.insert().values(row))
    _set(db, branch, cursor=last + 1)
    return node


def _id_of(prefix: str, content: str) -> str:
    try:
        return content_id(prefix, json.loads(content))
    except ValueError:
        return "unreadable"


def _parent_of(content: str) -> Any:
    try:
        return json.loads(content).get("parent")
    except (ValueError, AttributeError):
        return "unreadable"
