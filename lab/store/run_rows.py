"""Which rows of a lab book belong to one run: what it holds, also where another run holds it too."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Column, Connection, Integer, Table, literal_column, select

from lab.core.asks import Ask, Context, Evaluate, Generate
from lab.core.codec import content_id, decode
from lab.core.constraints import worded
from lab.core.flaws import Flaw
from lab.core.history import OLD_IDS, Node
from lab.core.review import draw_of
from lab.core.task import Task
from lab.errors import LabError
from lab.models.calls import Answer
from lab.models.plan import evaluate_calls, generate_calls, judge_calls
from lab.models.roles import Models
from lab.store.file import chunks
from lab.store.schema import (
    branches,
    calls,
    drafts,
    measures,
    moves,
    names,
    nodes,
    payments,
    proposals,
    ratings,
    runs,
    spends,
    tasks,
)
from lab.tasks.rubric import points, rubric_of

__all__ = ["Row", "RunRows", "all_rows", "keys_of"]

Row = dict[str, Any]


def all_rows(db: Connection, table: Table) -> Iterator[Row]:
    """Yield the rows of a table, in the order in which they came."""
    in_order = select(table).order_by(literal_column(f"{table.name}.rowid"))
    yield from (dict(row._mapping) for row in db.execute(in_order))


class RunRows:
    """The rows that belong to one run."""

    def __init__(self, db: Connection, run: str) -> None:
        self._db, self._run = db, run
        mine = select(branches.c.id).where(branches.c.run == run)
        self.branches = set(db.scalars(mine))
        self.subjects = set(db.scalars(select(names.c.subject).where(names.c.run == run)))
        moved = db.execute(select(moves.c.node, moves.c.pending).where(moves.c.branch.in_(mine))).all()
        visited = select(moves.c.node).where(moves.c.branch.in_(mine))
        up = select(nodes.c.id, nodes.c.parent).where(nodes.c.id.in_(visited)).cte("up", recursive=True)
        up = up.union(select(nodes.c.id, nodes.c.parent).where(nodes.c.id == up.c.parent))
        self.nodes = set(db.scalars(select(up.c.id)))
        self.contents = {row.id: json.loads(row.content) for row in self._of(nodes, nodes.c.id, self.nodes)}
        named = db.scalars(select(names.c.step).where(names.c.run == run, names.c.step != ""))
        drafted = db.scalars(select(drafts.c.proposal).where(drafts.c.branch.in_(mine)))
        told = (content["proposal"] for content in self.contents.values())
        self.proposals = {id for id in (*named, *drafted, *told, *(row.pending for row in moved)) if id}
        self.contexts = {content["run"] for content in self.contents.values()}
        self._contexts = {row.id: json.loads(row.content) for row in self._of(runs, runs.c.id, self.contexts)}
        self.tasks = {content["task"] for content in self._contexts.values()}
        self.spends = set(db.scalars(select(spends.c.id).where(spends.c.branch.in_(mine))))
        self.paid = {row.call for row in self._of(payments, payments.c.spend, self.spends, (payments.c.call,))}
        self._models = [
            Models.of_json(one)
            for one in db.scalars(select(branches.c.models).where(branches.c.run == run).distinct())
        ]
        self._tasks: dict[str, Task] = {}

    def rows(self, table: Table, calls_asked: Collection[str] = ()) -> Iterator[Row]:
        """Yield the rows of a table, in the order in which they came; of `calls` those paid for and those asked."""
        if table is ratings:
            yield from self._ratings()
            return
        keys: dict[Table, tuple[Column[Any], Collection[Any]]] = {
            tasks: (tasks.c.id, self.tasks), runs: (runs.c.id, self.contexts), nodes: (nodes.c.id, self.nodes),
            proposals: (proposals.c.id, self.proposals), calls: (calls.c.key, {*self.paid, *calls_asked}),
            spends: (spends.c.id, self.spends), payments: (payments.c.spend, self.spends),
            branches: (branches.c.id, self.branches), measures: (measures.c.task, self.tasks),
        }  # fmt: skip
        other = (
            (table.c.run, {self._run}) if "run" in table.c else (table.c.get("branch", table.c[0]), self.branches)
        )
        column, wanted = keys.get(table, other)
        for row in self._in_order(table, column, wanted):
            if table is measures and content_id("prompt", row["prompt"]) not in self.subjects:
                continue
            if table is calls and row["key"] not in self.paid:
                row["paid"] = 0  # it was paid for in another run
            yield row

    def _ratings(self) -> Iterator[Row]:
        """Yield what the owner of the run gave answers by the rubrics of its tasks."""
        owners = set(self._db.scalars(select(branches.c.owner).where(branches.c.run == self._run)))
        own = [self.task(id) for id in self.tasks]
        by = {(task.metric, rubric_of(task)) for task in own}
        examples = {one.id for task in own for one in (*task.train, *task.dev)}
        for row in self._in_order(ratings, ratings.c.owner, owners):
            if (row["metric"], row["rubric"]) in by and row["example"] in examples:
                yield row

    def asked(self) -> Iterator[str]:
        """Yield the keys of the calls that the steps and scores asked for; not all may be in the book."""
        for row in self._of(proposals, proposals.c.id, self.proposals):
            proposal = decode(json.loads(row.content)["proposal"], old=row.id.startswith(OLD_IDS))
            if row.node in self.contents:
                yield from self._keys(self._node(row.node), proposal.ask, proposal.sample)
        for row in self._of(measures, measures.c.task, self.tasks):
            if content_id("prompt", row.prompt) in self.subjects:
                task = self.task(row.task)
                task = replace(task, dev=task.test) if row.split == "test" else task
                ask = Evaluate((row.prompt,), tuple(example.id for example in task.dev), "dev")
                for models in self._models:
                    yield from keys_of(self._db, ask, "0", models, task, 0)

    def asked_next(self) -> Iterator[str]:
        """Yield the keys of the calls that the next steps ask for, which may be under way."""
        here = (moves.c.branch == branches.c.id) & (moves.c.seq == branches.c.cursor)
        stands = select(moves.c.node, moves.c.sample).join(branches, here).where(branches.c.run == self._run)
        for id, drawn in self._db.execute(stands.where(moves.c.pending.is_(None))).all():
            node = self._node(id)
            sample = node.sample if drawn is None else drawn
            task, seed, settings = self._context(node.context)
            ask = node.phase.ask(Context(task, decode(settings), seed), sample)
            yield from self._keys(node, worded(node.phase, ask, node.constraints), sample)

    def _keys(self, node: Node, ask: Ask, sample: int) -> Iterator[str]:
        task, seed, _ = self._context(node.context)
        for models in self._models:
            yield from keys_of(self._db, ask, draw_of(node.phase, sample), models, task, seed)

    def _node(self, id: str) -> Node:
        return Node.of(self.contents[id], old=id.startswith(OLD_IDS))

    def _context(self, id: str) -> tuple[Task, int, Any]:
        content = self._contexts[id]
        return self.task(content["task"]), content["seed"], content["settings"]

    def task(self, id: str) -> Task:
        """Return a task of the run, with its test split."""
        if id not in self._tasks:
            content = self._db.scalar(select(tasks.c.content).where(tasks.c.id == id))
            self._tasks[id] = decode(json.loads(content or ""))
        return self._tasks[id]

    def _of(
        self, table: Table, column: Column[Any], wanted: Collection[Any], shown: Sequence[Any] = ()
    ) -> Iterator[Any]:
        for some in chunks(list(wanted)):
            yield from self._db.execute(select(*(shown or (table,))).where(column.in_(some))).all()

    def _in_order(self, table: Table, column: Column[Any], wanted: Collection[Any]) -> Iterator[Row]:
        number: Column[int] = literal_column(f"{table.name}.rowid", Integer)  # type: ignore[assignment]
        numbers = sorted(one for (one,) in self._of(table, column, wanted, (number,)))
        for some in chunks(numbers):
            yield from (
                dict(row._mapping)
                for row in self._db.execute(select(table).where(number.in_(some)).order_by(number))
            )


def keys_of(db: Connection, ask: Ask, draw: str, models: Models, task: Task, seed: int) -> Iterator[str]:
    """Yield the keys of the calls that an ask takes of these models; those to a judge are about known answers."""
    try:
        if isinstance(ask, Generate):
            for tag in (draw, f"{draw}.again"):
                yield from (call.key for call in generate_calls(ask, tag, models["optimizer"], seed))
        elif isinstance(ask, Evaluate):
            keys = [call.key for call in evaluate_calls(ask, task, models["target"])]
            yield from keys
            if "judge" in models and points(task.metric) is not None:
                known = _answers(db, keys)
                graded = judge_calls(ask, task, [known.get(key, _AWAITED) for key in keys], models)
                yield from (call.key for call in graded if call is not None)
    except LabError:
        return  # a way of asking that this endpoint alone has; what was paid for is there all the same


_AWAITED = Answer("", Flaw("not_answered"))


def _answers(db: Connection, keys: Sequence[str]) -> dict[str, Answer]:
    query = select(calls.c.key, calls.c.answer)
    found = (row for some in chunks(keys) for row in db.execute(query.where(calls.c.key.in_(some))))
    return {row.key: Answer.of(row.answer) for row in found}
