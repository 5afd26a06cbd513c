"""Verifying a lab book: everything in it that follows from something else is worked out anew and compared.

The file is opened to be read only, and what is looked at is a copy of one moment of it, brought up to date where an
older version made it. What is wrong is a code with its parameters; `sentence` words them all.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    Text,
    TypeCoerce,
    create_engine,
    func,
    inspect,
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import StaticPool

from lab.core.asks import Evaluate
from lab.core.codec import content_id, decode
from lab.core.history import NODES, PROPOSALS
from lab.core.task import Task
from lab.errors import BookError, LabError
from lab.i18n import Message, gettext_lazy
from lab.models.calls import Answer, Call
from lab.models.plan import evaluate_calls, judge_calls, scores
from lab.models.roles import Models
from lab.store.schema import (
    answer_id,
    branches,
    calls,
    carried_marks,
    deleted_spends,
    drafts,
    findings,
    measures,
    migrate,
    migrations,
    moves,
    nodes,
    openings,
    payments,
    prices,
    proposals,
    runs,
    spends,
    steps,
    tasks,
    unpacked,
    wordings,
)  # fmt: skip

__all__ = ["Verified", "Wrong", "model_combinations", "scores_without_replies", "sentence", "verify"]

_CONTENT = ((tasks, ("t",)), (runs, ("r",)), (nodes, NODES), (proposals, PROPOSALS))  # by which prefixes of ids
_COUNTED = (tasks, runs, nodes, proposals, branches, moves, calls, payments, measures)
_UNREADABLE = (LabError, ValueError, TypeError, KeyError, AttributeError)  # what reading a damaged row raises
_MOST_OF_A_KIND = 20  # of what SQLite itself reports


@dataclass(frozen=True)
class Wrong:
    """Something that is wrong in a book: what, in which table, of which row, and what belongs to it."""

    code: str
    table: str = ""
    row: str = ""
    about: str = ""


_KINDS = {"trigger": gettext_lazy("The trigger"), "view": gettext_lazy("The view")}
_SENTENCES: Mapping[str, Message] = MappingProxyType(
    {
        "damaged": gettext_lazy("The file is damaged: {about}."),
        "no_table": gettext_lazy("The table {table} is missing or has other columns: {about}."),
        "foreign_object": gettext_lazy("{about} “{row}” is in the file and is not the lab's."),
        "unreadable": gettext_lazy("{table}: {row} cannot be read ({about})."),
        "content": gettext_lazy("{table}: {row} does not match its content."),
        "request": gettext_lazy("{table}: {row} does not match its request."),
        "answer": gettext_lazy("{table}: the answer of {row} is not the one that was stored."),
        "column": gettext_lazy("{table}: {row} says another {about} than its content."),
        "missing": gettext_lazy("{table}: {row} names {about}, which is not there."),
        "place": gettext_lazy("{table}: {row} belongs to a proposal that was made elsewhere."),
        "moves": gettext_lazy("{table}: the moves of {row} have gaps."),
        "cursor": gettext_lazy("{table}: {row} stands at a move that is not there."),
        "unpaid": gettext_lazy("{table}: nothing was booked for {row}, which was paid for."),
        "paid_twice": gettext_lazy("{table}: {row} was paid for {about} times."),
        "not_to_pay": gettext_lazy("{table}: payment {row} is for a reply that cost nothing."),
        "payment": gettext_lazy("{table}: payment {row} has another {about} than its answer."),
        "amount": gettext_lazy("{table}: {row} has an amount that cannot be: {about}."),
        "unopened": gettext_lazy(
            "{table}: {row} has a score on the sealed test split, and no opening is on record for it."
        ),
        "score": gettext_lazy("{table}: the {about} of {row} is not what the answers give."),
    }
)


def sentence(wrong: Wrong) -> Message:
    """Word what is wrong, in one line."""
    told = {"table": wrong.table, "row": wrong.row, "about": wrong.about}
    return _SENTENCES[wrong.code].filled(told).with_values(_on_one_line)


def _on_one_line(text: str) -> str:
    return text.with_values(_on_one_line) if isinstance(text, Message) else " ".join(text.split())


@dataclass(frozen=True)
class Verified:
    """How many of each there are, what is wrong, and of how many scores the answers are not all in the book."""

    counts: Mapping[str, int] = field(default_factory=dict)
    wrong: tuple[Wrong, ...] = ()
    n_unmeasured: int = 0

    @property
    def n_ids(self) -> int:
        """How many ids were recomputed."""
        return sum(self.counts.get(table.name, 0) for table in (tasks, runs, nodes, proposals, calls))


def verify(path: Path) -> Verified:
    """Check all of a book; its file is not written to.

    Raises:
        BookError: when there is nothing to verify: no file, an empty one, or one that is not a lab book.
    """
    wrong: list[Wrong] = []
    with closing(_copied(path)) as copy:
        engine = create_engine("sqlite://", creator=lambda: copy, poolclass=StaticPool)
        try:
            with engine.connect() as db:
                wrong += _damage(db)
                migrate(db)
                wrong += _schema(db)
                counts = {table.name: db.scalar(select(func.count()).select_from(table)) or 0 for table in _COUNTED}
                for look in _LOOKS:
                    wrong += look(db)
                found, n_unmeasured = _Measured(db).check()
        except (DatabaseError, sqlite3.Error) as error:
            told = Wrong("damaged", about=str(getattr(error, "orig", error)))
            return Verified({}, tuple(wrong) or (told,))
    return Verified(counts, (*wrong, *found), n_unmeasured)


def _copied(path: Path) -> sqlite3.Connection:
    """Return a copy of one moment of a book, in memory, or on the disk where it is large."""
    name = f"The lab book “{path.name}”"
    try:
        if path.stat().st_size == 0:
            raise BookError(f"{name} is empty: there is nothing to verify.")
        # Without a -wal beside it nobody has it open, and nothing need be made beside it in order to read it.
        how = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "immutable=1"
        copy = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        copy.text_factory = lambda text: text.decode("utf-8", "replace")  # what is damaged is to be found
        with closing(sqlite3.connect(f"file:{quote(str(path))}?{how}", uri=True, timeout=30)) as book:
            names = {name for (name,) in book.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
            if migrations.name not in names:
                raise BookError(f"{name} is not a lab book: it has none of its tables.")
            book.backup(copy)
    except OSError as error:
        raise BookError(f"{name} cannot be read: {error.strerror}.") from None
    except sqlite3.Error as error:
        raise BookError(f"{name} cannot be read: {error}. It is damaged, or not a lab book.") from None
    return copy


def _damage(db: Connection) -> Iterator[Wrong]:
    """Ask SQLite itself what is wrong with the file, and which row names one that is not there."""
    for (told,) in db.exec_driver_sql(f"PRAGMA integrity_check({_MOST_OF_A_KIND})").fetchall():
        if told != "ok":
            yield Wrong("damaged", about=told)
    for table, row, parent, _ in db.exec_driver_sql("PRAGMA foreign_key_check").fetchall()[:_MOST_OF_A_KIND]:
        yield Wrong(
            "missing", table, gettext_lazy("row {row}", row=row), gettext_lazy("a row of {table}", table=parent)
        )


def _schema(db: Connection) -> Iterator[Wrong]:
    known = calls.metadata.tables
    there = inspect(db)
    for name, table in known.items():
        columns = {column["name"] for column in there.get_columns(name)} if there.has_table(name) else set()
        if missing := {column.name for column in table.columns} ^ columns:
            yield Wrong("no_table", name, about=", ".join(sorted(missing)))
    for kind, name in db.exec_driver_sql("SELECT type, name FROM sqlite_schema WHERE type IN ('trigger', 'view')"):
        yield Wrong("foreign_object", row=name, about=_KINDS[kind])


def _content(db: Connection) -> Iterator[Wrong]:
    """Compare what is named by its content with its name."""
    for table, prefixes in _CONTENT:
        for id, content in db.execute(select(table.c.id, _raw(table.c.content))):
            prefix = str(id).partition("-")[0]
            if prefix not in prefixes or _id_of(prefix, content) != id:
                yield Wrong("content", table.name, str(id))


def _id_of(prefix: str, content: str | bytes) -> str:
    try:
        return content_id(prefix, json.loads(unpacked(content)))
    except ValueError:
        return "unreadable"


def _calls(db: Connection) -> Iterator[Wrong]:
    """Compare each call with its request, and its answer with the name that it was stored under."""
    c = calls.c
    query = select(c.key, c.endpoint, _raw(c.request), c.sample, _raw(c.answer), c.answer_id)
    for key, endpoint, request, sample, answer, named in db.execute(query):
        if _key_of(endpoint, request, sample) != key:
            yield Wrong("request", calls.name, key)
        if _name_of(answer) != named:
            yield Wrong("answer", calls.name, key)


def _key_of(endpoint: str, request: str | bytes, sample: str) -> str:
    try:
        return Call(endpoint, unpacked(request), sample).key
    except ValueError:
        return "unreadable"


def _name_of(answer: str | bytes) -> str:
    try:
        return answer_id(unpacked(answer))
    except ValueError:
        return "unreadable"


def _columns(db: Connection) -> Iterator[Wrong]:
    """Compare the columns that repeat a part of the content with it."""
    for table, column in ((nodes, "parent"), (proposals, "node"), (runs, "task"), (tasks, "name")):
        for id, said, content in _contents(db, table, table.c[column]):
            if content.get(column) != said:
                yield Wrong("column", table.name, id, column)


def _named_by_nodes(db: Connection) -> Iterator[Wrong]:
    """Look for what the content of a node names."""
    contexts, at = set(db.scalars(select(runs.c.id))), _places(db)
    for id, parent, content in _contents(db, nodes, nodes.c.parent):
        context, proposal = content.get("run"), content.get("proposal")
        if context not in contexts:
            yield Wrong("missing", nodes.name, id, gettext_lazy("the run {id}", id=context))
        if proposal is not None and proposal not in at:
            yield Wrong("missing", nodes.name, id, gettext_lazy("the proposal {id}", id=proposal))
        elif proposal is not None and at[proposal] != parent:
            yield Wrong("place", nodes.name, id)


def _places(db: Connection) -> dict[str, str]:
    """Return of each proposal where it was made."""
    return {row.id: row.node for row in db.execute(select(proposals.c.id, proposals.c.node))}


def _contents(db: Connection, table: Any, column: Column[str]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Return (id, the column, the content) of each row that can be read; `_content` tells of the others."""
    for id, said, content in db.execute(select(table.c.id, column, _raw(table.c.content))):
        try:
            read = json.loads(unpacked(content))
        except ValueError:
            continue
        if isinstance(read, dict):
            yield id, said, read


def _moves(db: Connection) -> Iterator[Wrong]:
    """Follow the moves of each branch to where it stands."""
    m, at = moves.c, _places(db)
    seqs = defaultdict[str, list[int]](list)
    for branch, seq, node, pending in db.execute(select(m.branch, m.seq, m.node, m.pending).order_by(m.seq)):
        seqs[branch].append(seq)
        if at.get(pending, node) != node:
            yield Wrong("place", moves.name, gettext_lazy("move {number} of {branch}", number=seq, branch=branch))
    for branch, cursor in db.execute(select(branches.c.id, branches.c.cursor)):
        if cursor not in seqs[branch]:
            yield Wrong("cursor", branches.name, branch)
        if seqs[branch] != list(range(len(seqs[branch]))):
            yield Wrong("moves", moves.name, branch)


def _named_by_people(db: Connection) -> Iterator[Wrong]:
    """Look for what drafts and steps name."""
    there, at = set(db.scalars(select(branches.c.id))), _places(db)
    for branch, proposal in db.execute(select(drafts.c.branch, drafts.c.proposal).distinct()):
        if proposal not in at:
            yield Wrong(
                "missing",
                drafts.name,
                gettext_lazy("a draft of {branch}", branch=branch),
                gettext_lazy("the proposal {id}", id=proposal),
            )
    for branch in db.scalars(select(steps.c.branch)):
        if branch not in there:
            yield Wrong("missing", steps.name, gettext_lazy("a step"), gettext_lazy("the branch {id}", id=branch))


def _openings(db: Connection) -> Iterator[Wrong]:
    """Hold the scores on sealed test splits against the record of who opened them, for which prompts."""
    o, m = openings.c, measures.c
    recorded = set[tuple[str, str]]()
    for id, task, prompts in db.execute(select(o.id, o.task, o.prompts)):
        try:
            recorded |= {(task, text) for text in json.loads(prompts)}
        except _UNREADABLE as error:
            yield Wrong(
                "unreadable",
                openings.name,
                gettext_lazy("opening {number}", number=id),
                f"prompts: {type(error).__name__}",
            )
    for task, prompt in db.execute(select(m.task, m.prompt).where(m.split == "test")):
        if (task, prompt) not in recorded:
            yield Wrong("unopened", measures.name, _short(prompt))


def _readable(db: Connection) -> Iterator[Wrong]:
    """Read all that is JSON and has no name of its own."""
    kept = (
        (branches, branches.c.id, branches.c.models, Models.of_json),
        (branches, branches.c.id, branches.c.stops, json.loads),
        (drafts, drafts.c.branch, drafts.c.content, _decoded),
        (carried_marks, carried_marks.c.branch, carried_marks.c.content, _decoded),
        (findings, findings.c.model, findings.c.content, json.loads),
        (measures, measures.c.prompt, measures.c.hits, json.loads),
    )
    read: Callable[[str], object]
    for table, named, column, read in kept:
        for id, content in db.execute(select(named, column)):
            try:
                read(content)
            except _UNREADABLE as error:
                yield Wrong("unreadable", table.name, _short(id), f"{column.name}: {type(error).__name__}")
    for prompt in db.scalars(select(wordings.c.text)):
        if not isinstance(prompt, str):
            yield Wrong("unreadable", wordings.name, gettext_lazy("a wording"), "text")


def _decoded(content: str) -> object:
    return decode(json.loads(content))


def _paid(db: Connection) -> Iterator[Wrong]:
    """Look for payments that are missing or too many."""
    n_payments = func.count(payments.c.id)
    query = (
        select(calls.c.key, n_payments).outerjoin(payments, payments.c.call == calls.c.key).where(calls.c.paid > 0)
    )
    for key, n in db.execute(query.group_by(calls.c.key).having(n_payments != 1)):
        yield Wrong("paid_twice" if n else "unpaid", payments.name, key, str(n))
    unpaid = select(payments.c.id).join(calls, calls.c.key == payments.c.call).where(calls.c.paid == 0)
    for number in db.scalars(unpaid):
        yield Wrong("not_to_pay", payments.name, str(number))


def _payments(db: Connection) -> Iterator[Wrong]:
    """Compare each payment with the answer it is for."""
    p, c, s = payments.c, calls.c, spends.c
    query = select(
        p.id, p.cost_usd, _raw(c.answer), c.endpoint, _raw(c.request), s.model,
        p.n_input_tokens, p.n_output_tokens, p.estimated, p.latency_s,
    ).join(calls, c.key == p.call).join(spends, s.id == p.spend)  # fmt: skip
    for number, usd, answer, endpoint, request, model, n_input, *booked in db.execute(query):
        try:
            told, asked = Answer.of(unpacked(answer)), Call(endpoint, unpacked(request)).model
        except _UNREADABLE:
            continue  # `_calls` tells of it
        counted = (told.n_input_tokens, told.n_output_tokens, int(told.tokens_estimated), told.latency_s, asked)
        for name, one, other in zip(_BOOKED, (n_input, *booked, model or asked), counted, strict=True):
            if one != other:
                yield Wrong("payment", payments.name, str(number), name)
        if usd is not None and not (0 <= usd < math.inf and (usd == 0 or n_input or booked[0])):
            yield Wrong("amount", payments.name, gettext_lazy("payment {number}", number=number), f"{usd} US$")


_BOOKED = (
    gettext_lazy("number of input tokens"), gettext_lazy("number of output tokens"),
    gettext_lazy("way of counting"), gettext_lazy("latency"), gettext_lazy("model"),
)  # fmt: skip


def _sums(db: Connection) -> Iterator[Wrong]:
    """Look at sums that are booked: those with single payments have no others, and none is below 0."""
    s = spends.c
    paid = select(payments.c.id).where(payments.c.spend == s.id).exists()
    for id, n, cached, n_input, n_output, single in db.execute(
        select(s.id, s.calls, s.cached, s.n_input_tokens, s.n_output_tokens, paid)
    ):
        if min(n, cached, n_input, n_output) < 0 or (single and max(n, n_input, n_output) > 0):
            yield Wrong(
                "amount",
                spends.name,
                gettext_lazy("spend {number}", number=id),
                gettext_lazy(
                    "{n_calls} calls, {n_input} and {n_output} tokens",
                    n_calls=n,
                    n_input=n_input,
                    n_output=n_output,
                ),
            )
    for model, sent, came in db.execute(select(prices.c.model, prices.c.input_usd, prices.c.output_usd)):
        if not (0 <= sent < math.inf and 0 <= came < math.inf):
            yield Wrong("amount", prices.name, model, gettext_lazy("{sent} and {came} US$", sent=sent, came=came))
    d = deleted_spends.c
    for id, n, n_input, n_output, usd in db.execute(
        select(d.id, d.calls, d.n_input_tokens, d.n_output_tokens, d.cost_usd)
    ):
        if min(n, n_input, n_output) < 0 or not 0 <= usd < math.inf:
            yield Wrong(
                "amount",
                deleted_spends.name,
                gettext_lazy("sum {number}", number=id),
                gettext_lazy("{n_calls} calls, {usd} US$", n_calls=n, usd=usd),
            )


def scores_without_replies(db: Connection) -> list[int]:
    """Return the numbers of the rows of those scores whose replies are not all here."""
    return list(_Measured(db).without_replies())


_LOOKS: Sequence[Callable[[Connection], Iterable[Wrong]]] = (
    _content, _calls, _columns, _named_by_nodes, _moves, _named_by_people, _openings, _readable, _paid, _payments,
    _sums,
)  # fmt: skip


_HITS, _SCORE = gettext_lazy("hits"), gettext_lazy("score")


class _Measured:
    """The scores of a book, worked out again from its answers."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._tasks = dict[str, Task | None]()
        self._models: tuple[Models, ...] = tuple(_known_models(db))

    def check(self) -> tuple[list[Wrong], int]:
        """Return what is wrong, and of how many scores the answers are not all here."""
        wrong, unmeasured = [], 0
        m = measures.c
        for row in self._db.execute(select(m.task, m.target, m.split, m.prompt, m.score, m.n_rows, m.hits)):
            told = self._score(*row)
            unmeasured += told is None
            wrong += [Wrong("score", measures.name, _short(row.prompt), name) for name in told or ()]
        return wrong, unmeasured

    def without_replies(self) -> Iterator[int]:
        """Yield the number of each score of which a reply is not here that it counts."""
        m = measures.c
        number = literal_column("measures.rowid", Integer)
        for row, task_id, target, split, prompt, hits in self._db.execute(
            select(number, m.task, m.target, m.split, m.prompt, m.hits)
        ).all():
            task = self._task(task_id)
            if task is None:
                continue
            task = replace(task, dev=task.test) if split == "test" else task
            counted = [one.id for one, hit in zip(task.dev, json.loads(hits), strict=False) if hit is not None]
            ask = Evaluate((prompt,), tuple(counted), "dev")
            ways = model_combinations(self._models, target)
            if any(self._replies(ask, task, models) is not None for models in ways):
                continue
            yield row

    def _score(
        self, task_id: str, target: str, split: str, prompt: str, score: float, n_rows: int, hits: str
    ) -> list[str] | None:
        """Return what of a score is not what the answers give; None where they are not all here."""
        task = self._task(task_id)
        if task is None or split not in ("dev", "test"):
            return None
        if split == "test":
            task = replace(task, dev=task.test)
        try:
            held = tuple(json.loads(hits))
            n_known = sum(hit is not None for hit in held)
        except (ValueError, TypeError):
            return [_HITS]
        rows = {
            _HITS: len(held) == len(task.dev),
            gettext_lazy("number of rows"): n_known == n_rows,
            _SCORE: isinstance(score, float) and 0 <= score <= 1,
        }
        wrong: list[str] = [name for name, right in rows.items() if not right]
        return wrong or self._compared(task, target, prompt, score, held)

    def _compared(
        self, task: Task, target: str, prompt: str, score: float, hits: tuple[float | None, ...]
    ) -> list[str] | None:
        from lab.tasks.metrics import total

        ask = Evaluate((prompt,), tuple(example.id for example in task.dev), "dev")
        for models in model_combinations(self._models, target):
            try:
                known = self._replies(ask, task, models)
                if known is None:
                    continue
                (told,) = scores(ask, task, known[0], verdicts=known[1])
                whole = total(task.metric, task.labels, task.dev, told.got, told.hits)
            except LabError:
                return None  # judged by a function that is not known here
            wrong: list[str] = [] if told.hits == hits else [_HITS]
            return wrong if whole is not None and math.isclose(whole, score, abs_tol=1e-9) else [*wrong, _SCORE]
        return None

    def _replies(
        self, ask: Evaluate, task: Task, models: Models
    ) -> tuple[list[Answer], list[Answer | None]] | None:
        """Return the answers that a score is made of, and the verdicts on them; None where not all are here."""
        asked = evaluate_calls(ask, task, models["target"])
        answers = self._answers([call.key for call in asked])
        if not all(call.key in answers for call in asked):
            return None
        given = [answers[call.key] for call in asked]
        graded = judge_calls(ask, task, given, models)
        verdicts = self._answers([call.key for call in graded if call is not None])
        if not all(call is None or call.key in verdicts for call in graded):
            return None
        return given, [None if call is None else verdicts[call.key] for call in graded]

    def _answers(self, keys: Sequence[str]) -> dict[str, Answer]:
        found = dict[str, Answer]()
        for i in range(0, len(keys), 500):
            query = select(calls.c.key, _raw(calls.c.answer)).where(calls.c.key.in_(keys[i : i + 500]))
            for key, answer in self._db.execute(query):
                try:
                    found[key] = Answer.of(unpacked(answer))
                except _UNREADABLE:
                    continue  # `_calls` tells of it
        return found

    def _task(self, id: str) -> Task | None:
        if id not in self._tasks:
            try:
                content = self._db.scalar(select(_raw(tasks.c.content)).where(tasks.c.id == id))
                read = None if content is None else decode(json.loads(unpacked(content)))
            except (LabError, ValueError, TypeError):
                read = None
            self._tasks[id] = read if isinstance(read, Task) else None
        return self._tasks[id]


def model_combinations(known: Iterable[Models], target: str) -> Iterator[Models]:
    """Return with which models scores of this name may have been measured, by those that branches use."""
    seen = set()
    for models in (*known, Models()):
        for tried in (models, *_asking(models, target.partition(" ")[0])):
            way = (tried["target"], tried.get("judge"))
            if tried.answering == target and way not in seen:
                seen.add(way)
                yield tried


def _asking(models: Models, spec: str) -> Iterator[Models]:
    """Return these models with the target of that name, as a comparison on another model asks it."""
    try:
        yield models.using("target", spec)
    except LabError:
        return


def _known_models(db: Connection) -> Iterator[Models]:
    for stored in db.scalars(select(branches.c.models).distinct()):
        try:
            yield Models.of_json(stored)
        except _UNREADABLE:
            continue  # `_readable` tells of it


def _short(text: object) -> str:
    line = " ".join(str(text).split())
    return f"“{line if len(line) <= 60 else line[:59] + '…'}”"


def _raw(column: Column[str]) -> TypeCoerce[str]:
    """Read a text, or its bytes, as it lies there: what is damaged is to be found, not stumbled over."""
    return type_coerce(column, Text)
