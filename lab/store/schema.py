"""The tables of a lab book, the numbered migrations that make them, and how the file is opened.

A migration and its record are one transaction. A landed migration is never changed: the next one is added, and
the tables below are brought in line with it (a test compares both). Long texts lie compressed, because most of one
is in the row before it too.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    URL,
    Column,
    Connection,
    Dialect,
    Engine,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    create_engine,
    event,
    inspect,
    select,
)

from lab.core.codec import content_id
from lab.errors import BookError, MisuseError
from lab.i18n import gettext_lazy

if TYPE_CHECKING:
    from sqlalchemy.engine import ExceptionContext
    from sqlalchemy.schema import SchemaItem


PACKED_FROM = 1_000  # characters; what is shorter can be read and searched as it lies there


class PackedText(TypeDecorator[str]):
    """A column of text, in which a long one is a BLOB of zlib; text as older books have it is read as it is."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Pack a long text."""
        return value if value is None else packed(value)  # type: ignore[return-value]  # as SQLite takes both

    def process_result_value(self, value: str | bytes | None, dialect: Dialect) -> str | None:
        """Return the text.

        Raises:
            BookError: when it is damaged.
        """
        try:
            return value if value is None else unpacked(value)
        except ValueError as error:
            raise BookError(
                gettext_lazy(
                    "The lab book is damaged: {problem}. `python -m lab verify` says where.", problem=str(error)
                )
            ) from None


def packed(text: str) -> str | bytes:
    """Compress a text that is long."""
    return text if len(text) < PACKED_FROM else zlib.compress(text.encode())


def unpacked(content: str | bytes) -> str:
    """Return the text that was packed, or that was not.

    Raises:
        ValueError: when it is damaged.
    """
    if isinstance(content, str):
        return content
    try:
        return zlib.decompress(content).decode()
    except zlib.error as error:
        raise ValueError(f"a text cannot be unpacked ({error})") from None


_META = MetaData()


def _table(name: str, *columns: SchemaItem) -> Table:
    return Table(name, _META, *columns)


def _text(name: str, *more: ForeignKey, null: bool = False, key: bool = False) -> Column[str]:
    return Column(name, Text, *more, nullable=null, primary_key=key)


def _packed(name: str) -> Column[str]:
    return Column(name, PackedText, nullable=False)


def _whole(name: str, *more: ForeignKey, null: bool = False, key: bool = False) -> Column[int]:
    return Column(name, Integer, *more, nullable=null, primary_key=key)


migrations = _table("migrations", _text("name", key=True), _text("made"))
tasks = _table("tasks", _text("id", key=True), _text("name"), _packed("content"))
runs = _table("runs", _text("id", key=True), _text("task", ForeignKey("tasks.id")), _text("content"))
nodes = _table(
    "nodes",
    _text("id", key=True),
    _text("parent", ForeignKey("nodes.id"), null=True),
    _packed("content"),
    _text("made"),
    Index("nodes_parent", "parent"),
)
proposals = _table(
    "proposals", _text("id", key=True), _text("node", ForeignKey("nodes.id")), _packed("content"), _text("made"),
    Index("proposals_node", "node"),
)  # fmt: skip
branches = _table(
    "branches",
    _text("id", key=True), _text("owner"), _text("run"), _text("name"), _text("stops"), _whole("cursor"),
    _text("made"), _text("models"), _text("forked"), _whole("archived"),
    Index("branches_owner", "owner"), Index("branches_run", "run"),
)  # fmt: skip
moves = _table(
    "moves",
    Column("branch", Text, ForeignKey("branches.id"), primary_key=True), _whole("seq", key=True),
    _text("node", ForeignKey("nodes.id")), _whole("live"),
    _text("pending", ForeignKey("proposals.id"), null=True), _whole("sample", null=True),
    Index("moves_node", "node"), Index("moves_pending", "pending"),
)  # fmt: skip
drafts = _table(
    "drafts",
    Column("branch", Text, ForeignKey("branches.id"), primary_key=True), _text("proposal", key=True),
    _whole("place", key=True), _text("content"),
)  # fmt: skip
wordings = _table(
    "wordings",
    Column("branch", Text, ForeignKey("branches.id"), primary_key=True),
    Column("node", Text, ForeignKey("nodes.id"), primary_key=True), _whole("sample", key=True),
    _whole("request", key=True), _text("text"),
)  # fmt: skip
carried_marks = _table(
    "carried_marks",
    Column("branch", Text, ForeignKey("branches.id"), primary_key=True),
    Column("node", Text, ForeignKey("nodes.id"), primary_key=True), _whole("sample", key=True),
    _whole("place", key=True), _text("content"),
)  # fmt: skip
calls = _table(
    "calls",
    _text("key", key=True), _text("endpoint"), _packed("request"), _text("sample"), _packed("answer"),
    _text("made"), _text("answer_id"), _whole("paid"),
)  # fmt: skip
spends = _table(
    "spends",
    _whole("id", key=True), _text("branch", ForeignKey("branches.id")), _text("node", ForeignKey("nodes.id")),
    _text("what"), _whole("sample"), _text("role"), _whole("calls"), _whole("cached"), _whole("n_input_tokens"),
    _whole("n_output_tokens"), _text("made"), _text("model"),
    Index("spends_branch", "branch"), Index("spends_node", "node"),
)  # fmt: skip
measures = _table(
    "measures",
    Column("task", Text, ForeignKey("tasks.id"), primary_key=True), _text("target", key=True),
    _text("split", key=True),
    _text("prompt", key=True), Column("score", Float, nullable=False), _whole("n_rows"), _text("hits"),
)  # fmt: skip
findings = _table(
    "findings", _text("endpoint", key=True), _text("model", key=True), _text("content"), _text("made")
)
prices = _table(
    "prices",
    _text("model", key=True), Column("input_usd", Float, nullable=False),
    Column("output_usd", Float, nullable=False), _text("made"),
)  # fmt: skip
payments = _table(
    "payments",
    _whole("id", key=True), _whole("spend", ForeignKey("spends.id")), _text("call", ForeignKey("calls.key")),
    _whole("n_input_tokens"), _whole("n_output_tokens"), _whole("estimated"),
    Column("cost_usd", Float, nullable=True), Column("latency_s", Float, nullable=False),
    Index("payments_spend", "spend"), Index("payments_call", "call"),
)  # fmt: skip
steps = _table(
    "steps",
    _text("branch", key=True), _text("holder"), _text("state"), _text("what"), _whole("done"), _whole("expected"),
    _whole("cached"), _text("error"), _whole("stopping"), Column("beat", Float, nullable=False),
)  # fmt: skip


missing = _table(
    "missing",
    _text("run", key=True), _text("call", key=True), _text("endpoint"), _packed("request"), _text("sample"),
    _text("role"), _text("flaw"), _text("made"),
)  # fmt: skip
names = _table(
    "names",
    _text("run", key=True), _text("kind", key=True), _text("subject", key=True), _whole("number"), _text("step"),
)  # fmt: skip
notes = _table(
    "notes",
    _text("run", key=True), _text("kind", key=True), _text("subject", key=True), _text("name"), _whole("starred"),
    _text("tags"), _text("note"),
)  # fmt: skip
merges = _table(
    "merges",
    _text("run", key=True),
    _text("subject", key=True),
    _packed("prompt"),
    _packed("first"),
    _packed("second"),
)
counterfactuals = _table(
    "counterfactuals",
    _text("run", key=True), _text("node", ForeignKey("nodes.id"), key=True),
    _text("branch", ForeignKey("branches.id"), key=True),
)  # fmt: skip
deleted_spends = _table(
    "deleted_spends",
    _whole("id", key=True), _text("owner"), _text("role"), _text("model"), _whole("calls"),
    _whole("n_input_tokens"), _whole("n_output_tokens"), _whole("estimated"),
    Column("cost_usd", Float, nullable=False), _whole("unpriced"), _whole("last_payment"), _text("made"),
)  # fmt: skip
openings = _table(
    "openings",
    _whole("id", key=True), _text("branch", ForeignKey("branches.id")), _text("task", ForeignKey("tasks.id")),
    _text("target"), _text("prompts"), _text("reason"), _text("made"),
    Index("openings_branch", "branch"),
)  # fmt: skip
ratings = _table(
    "ratings",
    _text("owner", key=True), _text("metric", key=True), _text("rubric", key=True), _text("example", key=True),
    _text("answer", key=True), Column("hit", Float, nullable=False), _text("made"),
)  # fmt: skip


Migration = Callable[[Connection], None]
MIGRATIONS: list[Migration] = []


def _migration(change: Migration) -> Migration:
    MIGRATIONS.append(change)
    return change


@_migration
def m001_first_book(db: Connection) -> None:
    """The tables of the first version."""
    for statement in _FIRST.split(";"):
        db.exec_driver_sql(statement)


_FIRST = """
CREATE TABLE tasks (id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, content TEXT NOT NULL);
CREATE TABLE runs (id TEXT PRIMARY KEY NOT NULL, task TEXT NOT NULL REFERENCES tasks, content TEXT NOT NULL);
CREATE TABLE nodes (
  id TEXT PRIMARY KEY NOT NULL, parent TEXT REFERENCES nodes, content TEXT NOT NULL, made TEXT NOT NULL);
CREATE TABLE proposals (
  id TEXT PRIMARY KEY NOT NULL, node TEXT NOT NULL REFERENCES nodes, content TEXT NOT NULL, made TEXT NOT NULL);
CREATE TABLE branches (
  id TEXT PRIMARY KEY NOT NULL, owner TEXT NOT NULL, work TEXT NOT NULL, name TEXT NOT NULL,
  optimizer_model TEXT NOT NULL, target_model TEXT NOT NULL, stops TEXT NOT NULL, cursor INTEGER NOT NULL,
  made TEXT NOT NULL);
CREATE INDEX branches_owner ON branches (owner);
CREATE INDEX branches_work ON branches (work);
CREATE TABLE moves (
  branch TEXT NOT NULL REFERENCES branches, seq INTEGER NOT NULL, node TEXT NOT NULL REFERENCES nodes,
  live INTEGER NOT NULL, pending TEXT REFERENCES proposals, sample INTEGER, PRIMARY KEY (branch, seq));
CREATE TABLE drafts (
  branch TEXT NOT NULL REFERENCES branches, proposal TEXT NOT NULL, place INTEGER NOT NULL, content TEXT NOT NULL,
  PRIMARY KEY (branch, proposal, place));
CREATE TABLE calls (
  key TEXT PRIMARY KEY NOT NULL, endpoint TEXT NOT NULL, request TEXT NOT NULL, sample TEXT NOT NULL,
  answer TEXT NOT NULL, made TEXT NOT NULL);
CREATE TABLE spends (
  id INTEGER PRIMARY KEY NOT NULL, branch TEXT NOT NULL REFERENCES branches, node TEXT NOT NULL REFERENCES nodes,
  what TEXT NOT NULL, sample INTEGER NOT NULL, role TEXT NOT NULL, calls INTEGER NOT NULL, cached INTEGER NOT NULL,
  n_input_tokens INTEGER NOT NULL, n_output_tokens INTEGER NOT NULL, made TEXT NOT NULL);
CREATE INDEX spends_branch ON spends (branch);
CREATE TABLE measures (
  task TEXT NOT NULL REFERENCES tasks, target TEXT NOT NULL, split TEXT NOT NULL, prompt TEXT NOT NULL,
  score REAL NOT NULL, n_rows INTEGER NOT NULL, hits TEXT NOT NULL, PRIMARY KEY (task, target, split, prompt))
"""


@_migration
def m002_models_and_payments(db: Connection) -> None:
    """How a branch asks its models; each paid call; prices; what endpoints can do."""
    for statement in _SECOND.split(";"):
        db.exec_driver_sql(statement)


_SECOND = """
ALTER TABLE branches ADD COLUMN models TEXT NOT NULL DEFAULT '{}';
CREATE TABLE findings (
  endpoint TEXT NOT NULL, model TEXT NOT NULL, content TEXT NOT NULL, made TEXT NOT NULL,
  PRIMARY KEY (endpoint, model));
CREATE TABLE prices (
  model TEXT PRIMARY KEY NOT NULL, input_usd REAL NOT NULL, output_usd REAL NOT NULL, made TEXT NOT NULL);
ALTER TABLE spends ADD COLUMN model TEXT NOT NULL DEFAULT '';
CREATE TABLE payments (
  id INTEGER PRIMARY KEY NOT NULL, spend INTEGER NOT NULL REFERENCES spends, call TEXT NOT NULL REFERENCES calls,
  n_input_tokens INTEGER NOT NULL, n_output_tokens INTEGER NOT NULL, estimated INTEGER NOT NULL, cost_usd REAL,
  latency_s REAL NOT NULL);
CREATE INDEX payments_spend ON payments (spend)
"""


@_migration
def m003_roles(db: Connection) -> None:
    """The models of a branch by role; what grew from one beginning is a run."""
    rows = db.exec_driver_sql("SELECT id, optimizer_model, target_model, models FROM branches").all()
    for id, optimizer, target, written in rows:
        old = json.loads(written)
        models = {
            role: {
                "endpoint": endpoint,
                "sampling": old.get(f"{role}_sampling", {}),
                "limits": old.get(f"{role}_limits", {}),
            }
            for role, endpoint in (("optimizer", optimizer), ("target", target))
        }
        new = json.dumps({**models, "ceiling": old.get("ceiling", {})})
        db.exec_driver_sql("UPDATE branches SET models = ? WHERE id = ?", (new, id))
    for statement in _THIRD.split(";"):
        db.exec_driver_sql(statement)


_THIRD = """
ALTER TABLE branches DROP COLUMN optimizer_model;
ALTER TABLE branches DROP COLUMN target_model;
DROP INDEX branches_work;
ALTER TABLE branches RENAME COLUMN work TO run;
CREATE INDEX branches_run ON branches (run)
"""


@_migration
def m004_packed_texts(_: Connection) -> None:
    """Long texts are compressed from here on, which older versions cannot read; those that are there stay."""


@_migration
def m005_kinds_of_drafts(db: Connection) -> None:
    """What a person words otherwise, and marks for the next proposal, leave the drafts of proposals.

    Both had lain there under a made-up proposal: NODE/SAMPLE, and NODE/SAMPLE/marks.
    """
    for statement in _FIFTH.split(";"):
        db.exec_driver_sql(statement)
    rows = db.exec_driver_sql("SELECT branch, proposal, place, content FROM drafts WHERE proposal LIKE '%/%'").all()
    for branch, key, place, content in rows:
        node, sample, *marks = key.split("/")
        table, value = ("carried_marks", content) if marks else ("wordings", json.loads(content)["text"])
        insert = f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?)"  # noqa: S608  # one of two names
        db.exec_driver_sql(insert, (branch, node, int(sample), place, value))
    db.exec_driver_sql("DELETE FROM drafts WHERE proposal LIKE '%/%'")


_FIFTH = """
CREATE TABLE wordings (
  branch TEXT NOT NULL REFERENCES branches, node TEXT NOT NULL REFERENCES nodes, sample INTEGER NOT NULL,
  request INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (branch, node, sample, request));
CREATE TABLE carried_marks (
  branch TEXT NOT NULL REFERENCES branches, node TEXT NOT NULL REFERENCES nodes, sample INTEGER NOT NULL,
  place INTEGER NOT NULL, content TEXT NOT NULL, PRIMARY KEY (branch, node, sample, place))
"""


@_migration
def m006_steps(db: Connection) -> None:
    """Which steps are under way, in whatever process, and how far they are."""
    db.exec_driver_sql(_SIXTH)


_SIXTH = """
CREATE TABLE steps (
  branch TEXT PRIMARY KEY NOT NULL, holder TEXT NOT NULL, state TEXT NOT NULL, what TEXT NOT NULL,
  done INTEGER NOT NULL, expected INTEGER NOT NULL, cached INTEGER NOT NULL, error TEXT NOT NULL,
  stopping INTEGER NOT NULL, beat REAL NOT NULL)
"""


@_migration
def m007_missing_replies(db: Connection) -> None:
    """The calls of a run that no reply came to, until they are asked anew."""
    db.exec_driver_sql(_SEVENTH)


_SEVENTH = """
CREATE TABLE missing (
  run TEXT NOT NULL, call TEXT NOT NULL, endpoint TEXT NOT NULL, request TEXT NOT NULL, sample TEXT NOT NULL,
  role TEXT NOT NULL, flaw TEXT NOT NULL, made TEXT NOT NULL, PRIMARY KEY (run, call))
"""


@_migration
def m008_answers_are_named(db: Connection) -> None:
    """Each answer is named by its content, and says whether a payment belongs to it."""
    for statement in _EIGHTH.split(";"):
        db.exec_driver_sql(statement)
    for key, answer in db.exec_driver_sql("SELECT key, answer FROM calls").all():
        with suppress(ValueError):  # damaged: it gets no name, which `verify` tells
            named = (answer_id(unpacked(answer)), key)
            db.exec_driver_sql("UPDATE calls SET answer_id = ? WHERE key = ?", named)


_EIGHTH = """
ALTER TABLE calls ADD COLUMN answer_id TEXT NOT NULL DEFAULT '';
ALTER TABLE calls ADD COLUMN paid INTEGER NOT NULL DEFAULT 0;
UPDATE calls SET paid = 1 WHERE key IN (SELECT call FROM payments)
"""


@_migration
def m009_names(db: Connection) -> None:
    """The prompts, critiques and steps of a run are numbered as they come into being."""
    db.exec_driver_sql(_NINTH)
    moved = db.exec_driver_sql(
        "SELECT branches.run, moves.node, moves.pending FROM moves JOIN branches ON branches.id = moves.branch "
        "ORDER BY moves.rowid"
    ).all()
    named = dict[tuple[str, str], dict[str, tuple[int, str]]]()  # (run, kind) -> subject -> number, step
    for run, node, pending in moved:
        with suppress(ValueError, LookupError, TypeError):  # damaged: it gets no names
            content = _content_of(db, "nodes", node)
            if (run, "prompt") not in named:
                task = db.exec_driver_sql("SELECT task FROM runs WHERE id = ?", (content["run"],)).scalar_one()
                named[run, "prompt"] = {content_id("prompt", _content_of(db, "tasks", task)["start"]): (0, "")}
            for kind, subject, step in _made_before(db, content, pending):
                numbers = named.setdefault((run, kind), {})
                numbers.setdefault(subject, (len(numbers) + (kind != "prompt"), step))
    for (run, kind), numbers in named.items():
        for subject, (number, step) in numbers.items():
            db.exec_driver_sql("INSERT INTO names VALUES (?, ?, ?, ?, ?)", (run, kind, subject, number, step))


_NINTH = """
CREATE TABLE names (
  run TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL, number INTEGER NOT NULL, step TEXT NOT NULL,
  PRIMARY KEY (run, kind, subject))
"""


@_migration
def m010_openings(db: Connection) -> None:
    """Each opening of a sealed test split: of which prompts, when and why; those of before had no reason."""
    for statement in _SEALED.split(";"):
        db.exec_driver_sql(statement)
    before = "SELECT branch, node, model, made FROM spends WHERE what = 'test' ORDER BY id"
    for branch, node, model, made in db.exec_driver_sql(before).all():
        with suppress(ValueError, LookupError, TypeError):  # damaged: which `verify` tells
            context = _content_of(db, "nodes", node)["run"]
            task = db.exec_driver_sql("SELECT task FROM runs WHERE id = ?", (context,)).scalar_one()
            known = db.exec_driver_sql(
                "SELECT target, prompt FROM measures WHERE task = ? AND split = 'test' ORDER BY rowid", (task,)
            ).all()
            of_model = [row for row in known if row.target.partition(" ")[0] == model] or known
            prompts = list(dict.fromkeys(row.prompt for row in of_model))
            target = of_model[0].target if of_model else model
            db.exec_driver_sql(_OPENED, (branch, task, target, json.dumps(prompts), "", made))


_SEALED = """
CREATE TABLE openings (
  id INTEGER PRIMARY KEY NOT NULL, branch TEXT NOT NULL REFERENCES branches, task TEXT NOT NULL REFERENCES tasks,
  target TEXT NOT NULL, prompts TEXT NOT NULL, reason TEXT NOT NULL, made TEXT NOT NULL);
CREATE INDEX openings_branch ON openings (branch)
"""
_OPENED = "INSERT INTO openings (branch, task, target, prompts, reason, made) VALUES (?, ?, ?, ?, ?, ?)"


@_migration
def m011_history(db: Connection) -> None:
    """Which branch another was made from, and which are put away; notes; merged prompts; counterfactuals."""
    for statement in _ELEVENTH.split(";"):
        db.exec_driver_sql(statement)


_ELEVENTH = """
ALTER TABLE branches ADD COLUMN forked TEXT NOT NULL DEFAULT '';
ALTER TABLE branches ADD COLUMN archived INTEGER NOT NULL DEFAULT 0;
CREATE TABLE notes (
  run TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL, name TEXT NOT NULL, starred INTEGER NOT NULL,
  tags TEXT NOT NULL, note TEXT NOT NULL, PRIMARY KEY (run, kind, subject));
CREATE TABLE merges (
  run TEXT NOT NULL, subject TEXT NOT NULL, prompt TEXT NOT NULL, first TEXT NOT NULL, second TEXT NOT NULL,
  PRIMARY KEY (run, subject));
CREATE TABLE counterfactuals (
  run TEXT NOT NULL, node TEXT NOT NULL REFERENCES nodes, branch TEXT NOT NULL REFERENCES branches,
  PRIMARY KEY (run, node, branch))
"""


@_migration
def m012_undone_forks(db: Connection) -> None:
    """A fork that was undone is told from what was put away with its run: the rest of its run is shown."""
    db.exec_driver_sql(_TWELFTH)


_TWELFTH = """
UPDATE branches SET archived = 2 WHERE archived = 1 AND forked != ''
  AND run IN (SELECT run FROM branches WHERE archived = 0)
"""


@_migration
def m013_deleted_runs(db: Connection) -> None:
    """What deleted runs had paid; and what names a row is found by it, so that the row can go."""
    for statement in _THIRTEENTH.split(";"):
        db.exec_driver_sql(statement)


_THIRTEENTH = """
CREATE TABLE deleted_spends (
  id INTEGER PRIMARY KEY NOT NULL, owner TEXT NOT NULL, role TEXT NOT NULL, model TEXT NOT NULL,
  calls INTEGER NOT NULL, n_input_tokens INTEGER NOT NULL, n_output_tokens INTEGER NOT NULL,
  estimated INTEGER NOT NULL, cost_usd REAL NOT NULL, unpriced INTEGER NOT NULL, last_payment INTEGER NOT NULL,
  made TEXT NOT NULL);
CREATE INDEX nodes_parent ON nodes (parent);
CREATE INDEX proposals_node ON proposals (node);
CREATE INDEX moves_node ON moves (node);
CREATE INDEX moves_pending ON moves (pending);
CREATE INDEX spends_node ON spends (node);
CREATE INDEX payments_call ON payments (call)
"""


@_migration
def m014_ratings(db: Connection) -> None:
    """What people gave answers themselves, to check a judge by."""
    db.exec_driver_sql(_RATED)


_RATED = """
CREATE TABLE ratings (
  owner TEXT NOT NULL, metric TEXT NOT NULL, rubric TEXT NOT NULL, example TEXT NOT NULL, answer TEXT NOT NULL,
  hit REAL NOT NULL, made TEXT NOT NULL, PRIMARY KEY (owner, metric, rubric, example, answer))
"""


def _made_before(db: Connection, node: dict[str, Any], pending: str | None) -> Iterator[tuple[str, str, str]]:
    """Yield (kind, subject, step) of what a person wrote before a node, and of the step that waits there."""
    kinds = {"Candidate": "prompt", "Critique": "critique", "TrajectoryRow": "prompt"}
    if node["proposal"] and node["verdict"]:
        items = _content_of(db, "proposals", node["proposal"])["proposal"]["items"]
        for mark in node["verdict"]["marks"]:
            like = items[mark["index"] if mark["index"] is not None else mark["like"] or 0]
            if mark["keep"] and mark["text"] is not None and like["is"] in kinds:
                yield kinds[like["is"]], content_id(kinds[like["is"]], mark["text"]), node["proposal"]
    if pending:
        proposal = _content_of(db, "proposals", pending)["proposal"]
        yield "step", pending, pending
        for item in proposal["items"] if proposal["ask"]["is"] == "Generate" else ():
            if item["is"] in ("Candidate", "Critique"):
                yield kinds[item["is"]], content_id(kinds[item["is"]], item["text"]), pending


def _content_of(db: Connection, table: str, id: str) -> dict[str, Any]:
    statement = f"SELECT content FROM {table} WHERE id = ?"  # noqa: S608  # one of three names
    content: dict[str, Any] = json.loads(unpacked(db.exec_driver_sql(statement, (id,)).scalar_one()))
    return content


def answer_id(answer: str) -> str:
    """Name an answer, as it is stored, by its content."""
    return f"a-b2-{blake2b(answer.encode('utf-8', 'surrogatepass'), digest_size=16).hexdigest()}"


def open_engine(path: Path) -> Engine:
    """Open the file in WAL mode; a transaction with the option `writes` takes the write lock at once."""
    engine = create_engine(URL.create("sqlite", database=str(path)), connect_args={"timeout": 30})

    @event.listens_for(engine, "handle_error")
    def _failed(context: ExceptionContext) -> None:
        error = context.original_exception
        if isinstance(error, sqlite3.Error) and not isinstance(error, sqlite3.IntegrityError):
            raise _unusable(path, error) from error
        if isinstance(error, OverflowError | UnicodeEncodeError):  # of a value, which no file can hold
            raise MisuseError(
                gettext_lazy(
                    "A lab book holds texts in UTF-8 and numbers of up to 64 bits, which this is not: {problem}.",
                    problem=str(error),
                )
            ) from error

    @event.listens_for(engine, "connect")
    def _set_up(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # the BEGIN below opens a transaction, not the driver
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute("PRAGMA foreign_keys=ON")
        except sqlite3.Error as error:
            raise _unusable(path, error) from error

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _unusable(path: Path, error: Exception) -> BookError:
    return BookError(
        gettext_lazy(
            "The lab book “{book}” cannot be opened, read or written: {problem}. Check that it is a lab book and "
            "that there is room on the disk, or choose another with --book.",
            book=path.name,
            problem=str(error),
        )
    )


def migrate(db: Connection) -> None:
    """Apply the migrations that are not recorded yet, and records them.

    Raises:
        BookError: when the file is another program's, or the book was made by a newer version.
    """
    there = set(inspect(db).get_table_names())
    if there and migrations.name not in there:
        raise BookError(
            gettext_lazy("This SQLite file belongs to another program; it is not a lab book. Nothing was changed.")
        )
    db.exec_driver_sql("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY NOT NULL, made TEXT NOT NULL)")
    done = set(db.scalars(select(migrations.c.name)))
    newer = sorted(done - {change.__name__ for change in MIGRATIONS})
    if newer:
        raise BookError(
            gettext_lazy(
                "This book was made by a newer version of the lab ({changes}). Update the lab.",
                changes=", ".join(newer),
            )
        )
    for change in MIGRATIONS:
        if change.__name__ not in done:
            change(db)
            db.execute(migrations.insert().values(name=change.__name__, made=now()))


def now() -> str:
    """The time, UTC, as every row has it; never part of an id."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
