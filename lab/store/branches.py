"""Branches in a lab book: named pointers into the tree, with their owner and every place they have been."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import Connection, Row, Select, and_, func, literal_column, or_, select, update

from lab.core.history import Node
from lab.core.lineage import Settled
from lab.core.review import Proposal
from lab.errors import MisuseError
from lab.i18n import gettext_lazy
from lab.models.roles import Models
from lab.store.file import BookFile
from lab.store.names import Names
from lab.store.records import LEFT, SHOWN, UNDONE, WITH_RUN, Branch
from lab.store.schema import branches, moves, nodes, now
from lab.store.tree import Tree


class Visit(NamedTuple):
    """A node at which a branch was after its move of a number, and what the branch is called."""

    node: str
    branch: str
    move: int
    branch_name: str


class Branches:
    """The branches of a book; a move is added to those before, undo and redo set a cursor among them."""

    def __init__(self, file: BookFile, tree: Tree, names: Names) -> None:
        self._file = file
        self._tree = tree
        self._names = names

    def add(self, branch: Branch, root: Node | None = None, *, waits: str | None = None) -> None:
        """Make a branch at a node that is there, or at a new root.

        Args:
            branch: the branch.
            root: the node to add.
            waits: the proposal that waits on the branch, "" for none; else what waited at the node last.
        """
        with self._file.transaction() as db:
            if root is not None:
                self._tree.add_node(root)
                self._names.add_start(branch.run, root.prompts[0])
            row = {
                "id": branch.id, "owner": branch.owner, "run": branch.run, "name": branch.name, "cursor": 0,
                "stops": json.dumps(branch.stops), "made": now(), "models": branch.models.json,
                "forked": branch.forked, "archived": SHOWN,
            }  # fmt: skip
            db.execute(branches.insert().values(row))
            pending, sample = _waited(db, branch.id, branch.node)
            if waits is not None:
                pending, sample = (waits, self._tree.proposal(waits).sample) if waits else (None, None)
            first = {"branch": branch.id, "seq": 0, "node": branch.node, "live": 1, "pending": pending}
            db.execute(moves.insert().values({**first, "sample": sample}))

    def of_owner(self, owner: str) -> tuple[Branch, ...]:
        """Return an owner's branches, the newest last."""
        return self._read(_BRANCH.where(branches.c.owner == owner, branches.c.archived == SHOWN))

    def all(self) -> tuple[Branch, ...]:
        """Return the branches of all owners, the newest last."""
        return self._read(_BRANCH.where(branches.c.archived == SHOWN))

    def of_run(self, run: str) -> tuple[Branch, ...]:
        """Return all branches of a run, those that are put away or undone too, the newest last."""
        return self._read(_BRANCH.where(branches.c.run == run))

    def archived(self) -> tuple[Branch, ...]:
        """Return the branches of all owners that are put away, the newest last."""
        return self._read(_BRANCH.where(branches.c.archived == WITH_RUN))

    def branch(self, id: str, owner: str | None) -> Branch:
        """Return a branch of this owner, or with None of anybody.

        Raises:
            MisuseError: when the owner has none of that id.
        """
        mine = () if owner is None else (branches.c.owner == owner,)
        is_id = isinstance(id, str) and id.isascii()  # nothing else can be looked up
        found = self._read(_BRANCH.where(branches.c.id == id, *mine)) if is_id else ()
        if not found:
            raise MisuseError(gettext_lazy("There is no such branch of yours in this book."))
        return found[0]

    def visited(self, run: str) -> tuple[str, ...]:
        """Return the nodes at which the branches of a run have been, in the order of the visits."""
        return tuple(dict.fromkeys(one.node for one in self.visits(run)))

    def visits(self, run: str) -> tuple[Visit, ...]:
        """Return where the branches of a run have been, in the order of the visits."""
        query = (
            select(moves.c.node, moves.c.branch, moves.c.seq, branches.c.name)
            .join(branches, branches.c.id == moves.c.branch)
            .where(branches.c.run == run)
            .order_by(literal_column("moves.rowid"))
        )
        with self._file.reading() as db:
            return tuple(Visit(*row) for row in db.execute(query))

    def last_made(self, ids: Collection[str]) -> dict[str, str]:
        """Return of each branch when it was made or its present place was, whichever is later: an ISO date, UTC."""
        here = and_(moves.c.branch == branches.c.id, moves.c.seq == branches.c.cursor)
        query = (
            select(branches.c.id, func.max(branches.c.made, nodes.c.made))
            .join(moves, here)
            .join(nodes, nodes.c.id == moves.c.node)
            .where(branches.c.id.in_(ids))
        )
        with self._file.reading() as db:
            return {id: made for id, made in db.execute(query)}

    def previous_node(self, branch: str) -> str | None:
        """Return the node at which a branch was before its last move; None at its beginning."""
        earlier = and_(moves.c.branch == branches.c.id, moves.c.live == 1, moves.c.seq < branches.c.cursor)
        query = select(moves.c.node).join(branches, earlier).where(branches.c.id == branch)
        with self._file.reading() as db:
            return db.scalar(query.order_by(moves.c.seq.desc()).limit(1))

    def add_proposal(self, branch: str, node: str, proposal: Proposal) -> str:
        """Add a proposal and make it the one that waits on this branch; return its id.

        Raises:
            MisuseError: when the branch has left the node meanwhile.
        """
        with self._file.transaction() as db:
            if db.scalar(select(moves.c.node).join(branches, _HERE).where(branches.c.id == branch)) != node:
                raise MisuseError(
                    gettext_lazy("The branch has been moved meanwhile; what arrived is not paid for again.")
                )
            id = self._tree.add_proposal(node, proposal)
            cursor = select(branches.c.cursor).where(branches.c.id == branch).scalar_subquery()
            here = update(moves).where(moves.c.branch == branch, moves.c.seq == cursor)
            db.execute(here.values(pending=id, sample=proposal.sample))
            self._names.add_step(_run_of(db, branch), Settled(id, node, proposal))
        return id

    def record_verdict(self, branch: str, proposal: str, node: Node) -> str:
        """Add the node that a verdict led to and move the branch there, if the proposal still waits.

        Raises:
            MisuseError: when another verdict came first; nothing is changed.
        """
        with self._file.transaction() as db:
            if db.scalar(select(moves.c.pending).join(branches, _HERE).where(branches.c.id == branch)) != proposal:
                raise MisuseError(gettext_lazy("This proposal was decided already. Nothing was changed."))
            decided = Settled(proposal, node.parent or "", self._tree.proposal(proposal), node.verdict)
            self._names.add_step(_run_of(db, branch), decided)
            return _move(db, branch, self._tree.add_node(node))

    def draw_again(self, branch: str, node: str, sample: int) -> None:
        """Move a branch to where it is, with nothing waiting, so that the next proposal uses this sample."""
        with self._file.transaction() as db:
            _move(db, branch, node, None, sample)

    def move(self, branch: str, node: str | Node) -> str:
        """Move a branch to a node, which is added when it is new; what waited there last waits again."""
        with self._file.transaction() as db:
            id = node if isinstance(node, str) else self._tree.add_node(node)
            return _move(db, branch, id, *_waited(db, branch, id))

    def undo(self, branch: str) -> None:
        """Move a branch to where it was before its last move; at its beginning it stays."""
        earlier = select(moves.c.seq).where(_LIVE, moves.c.seq < branches.c.cursor).order_by(moves.c.seq.desc())
        self._set_cursor(branch, earlier)

    def undo_fork(self, branch: str) -> None:
        """Take a branch back that was made from another one: it is in no list until redo brings it back."""
        self._set(branch, archived=UNDONE)

    def redo(self, branch: str) -> str:
        """Move a branch to where it was before the last undo, or bring back the one that was undone.

        Where nothing was undone it stays. Return the branch to go on with.
        """
        fork = select(branches.c.id, moves.c.node).join(
            moves, and_(moves.c.branch == branches.c.id, moves.c.seq == 0)
        )
        undone = fork.where(branches.c.forked == branch, branches.c.archived == UNDONE)
        later = select(moves.c.seq).where(_LIVE, moves.c.seq > branches.c.cursor).order_by(moves.c.seq)
        with self._file.transaction() as db:
            last = db.execute(undone.order_by(literal_column("branches.rowid").desc()).limit(1)).first()
            here = db.scalar(select(moves.c.node).join(branches, _HERE).where(branches.c.id == branch))
            moved = db.scalar(later.where(branches.c.id == branch).limit(1))
            if last is not None and (moved is None or last.node == here):
                self._set(last.id, archived=SHOWN)
                return str(last.id)
            if moved is not None:
                self._set(branch, cursor=moved)
        return branch

    def rename(self, branch: str, name: str) -> None:
        """Give a branch another name."""
        self._set(branch, name=name)

    def archive(self, run: str, on: bool) -> None:
        """Put a run with its branches away, or take it out again; what was undone in it stays undone."""
        was, now = (SHOWN, WITH_RUN) if on else (WITH_RUN, SHOWN)
        with self._file.transaction() as db:
            there = update(branches).where(branches.c.run == run, branches.c.archived == was)
            db.execute(there.values(archived=now))

    def pause_at(self, branch: str, stops: Iterable[str]) -> None:
        """Set the phases at which a branch waits for a person."""
        self._set(branch, stops=json.dumps(tuple(stops)))

    def set_models(self, branch: str, models: Models) -> None:
        """Set which models a branch uses from here on, and how."""
        self._set(branch, models=models.json)

    def _read(self, query: Select[tuple[object, ...]]) -> tuple[Branch, ...]:
        in_order = query.order_by(branches.c.made, literal_column("branches.rowid"))
        with self._file.reading() as db:
            return tuple(map(_branch, db.execute(in_order)))

    def _set(self, branch: str, **values: str | int) -> None:
        with self._file.transaction() as db:
            db.execute(update(branches).where(branches.c.id == branch).values(**values))

    def _set_cursor(self, branch: str, moved: Select[tuple[int]]) -> None:
        with self._file.transaction() as db:
            seq = db.scalar(moved.where(branches.c.id == branch).limit(1))
            if seq is not None:
                db.execute(update(branches).where(branches.c.id == branch).values(cursor=seq))


_HERE = and_(moves.c.branch == branches.c.id, moves.c.seq == branches.c.cursor)
_LIVE = and_(moves.c.branch == branches.c.id, moves.c.live == 1)
_MOVE = select(moves.c.seq).where(_LIVE)
_FORKS = branches.alias()
_ANY_MOVE = select(moves.c.seq).where(moves.c.branch == branches.c.id)
_BRANCH: Select[tuple[object, ...]] = select(
    branches,
    *(select(moves.c[name]).where(_HERE).scalar_subquery().label(name) for name in ("node", "pending", "sample")),
    or_(
        _MOVE.where(moves.c.seq < branches.c.cursor).exists(),
        and_(branches.c.forked != "", ~_ANY_MOVE.where(moves.c.seq > 0).exists()),
    ).label("can_undo"),
    or_(
        _MOVE.where(moves.c.seq > branches.c.cursor).exists(),
        select(_FORKS.c.id).where(_FORKS.c.forked == branches.c.id, _FORKS.c.archived == UNDONE).exists(),
    ).label("can_redo"),
)


_models = lru_cache(256)(Models.of_json)  # few are in use, and each branch is read again and again


def _branch(row: Row[tuple[object, ...]]) -> Branch:
    return Branch(
        id=row.id, owner=row.owner, run=row.run, name=row.name, node=row.node,
        models=_models(row.models), stops=tuple(json.loads(row.stops)),
        pending=row.pending, sample=row.sample, can_undo=bool(row.can_undo), can_redo=bool(row.can_redo),
        forked=row.forked, archived=row.archived == WITH_RUN, undone=row.archived in (UNDONE, LEFT),
    )  # fmt: skip


def _run_of(db: Connection, branch: str) -> str:
    return str(db.execute(select(branches.c.run).where(branches.c.id == branch)).scalar_one())


def _waited(db: Connection, branch: str, node: str) -> tuple[str | None, int | None]:
    """Return what waited at a node when a branch of the same run was there last."""
    mine = branches.alias()
    same = and_(mine.c.id == branch, branches.c.run == mine.c.run)
    row = db.execute(
        select(moves.c.pending, moves.c.sample)
        .join(branches, branches.c.id == moves.c.branch)
        .join(mine, same)
        .where(moves.c.node == node, moves.c.sample.is_not(None))
        .order_by(literal_column("moves.rowid").desc())
        .limit(1)
    ).first()
    return (row.pending, row.sample) if row else (None, None)


def _move(db: Connection, branch: str, node: str, pending: str | None = None, sample: int | None = None) -> str:
    """Append a move; moves and forks that were undone stay in the book but can no longer be redone.

    A branch that was undone is one again by what is done on it.
    """
    cursor = db.scalar(select(branches.c.cursor).where(branches.c.id == branch)) or 0
    last = db.scalar(select(moves.c.seq).where(moves.c.branch == branch).order_by(moves.c.seq.desc()).limit(1)) or 0
    db.execute(update(moves).where(moves.c.branch == branch, moves.c.seq > cursor).values(live=0))
    row = {"branch": branch, "seq": last + 1, "node": node, "live": 1, "pending": pending, "sample": sample}
    db.execute(moves.insert().values(row))
    db.execute(update(branches).where(branches.c.id == branch).values(cursor=last + 1))
    undone = update(branches).where(branches.c.archived.in_((UNDONE, LEFT)))
    db.execute(undone.where(branches.c.id == branch).values(archived=SHOWN))
    db.execute(undone.where(branches.c.forked == branch).values(archived=LEFT))
    return node
