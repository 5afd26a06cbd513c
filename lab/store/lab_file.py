"""A file that travels: a run, or a whole book, as a zip of JSON Lines, one a table; a `.lab` file.

`manifest.json` says {"format": "prompt-lab", "version": 1, "rows": {table: how many}}. `TABLE.jsonl` has a row a
line, as an object of the columns of that table in `schema`, long texts unpacked. There are no keys of endpoints in
it, as there are none in a book; prices, findings and steps under way stay where they are.

A file may be taken in as a recording: its branches then have other ids than those that they were recorded on, and
ask no model (`ModelConfig.recorded`). What their endpoints can do is not in the file: a step that was asked by
log-probabilities or with forced labels is shown as it was, and is asked otherwise when it is asked once more.

What is taken in is read into a book of its own first and verified there as a whole; then it is merged by content id
in one transaction. Nothing of it is written to a path that it names, and no more is read than it may have.
"""

from __future__ import annotations

import json
import math
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from secrets import token_urlsafe
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any, NamedTuple, get_args

from sqlalchemy import Connection, Float, Integer, Table, func, literal_column, select
from sqlalchemy.dialects.sqlite import insert

from lab.core.codec import content_id, decode
from lab.core.flaws import Flaw
from lab.core.review import Mark
from lab.errors import BookError, LabError
from lab.i18n import Message, gettext_lazy
from lab.models.roles import Models, Role
from lab.store.book import Book
from lab.store.ledger import next_payment
from lab.store.names import NameKind
from lab.store.notes import KINDS
from lab.store.records import LEFT, OWNER, UNDONE
from lab.store.run_rows import Row, RunRows, all_rows
from lab.store.schema import (
    branches,
    calls,
    carried_marks,
    counterfactuals,
    drafts,
    measures,
    merges,
    missing,
    moves,
    names,
    nodes,
    notes,
    openings,
    payments,
    proposals,
    ratings,
    runs,
    spends,
    tasks,
    wordings,
)
from lab.store.verify import scores_without_replies, sentence, verify
from lab.text import shortened, visible

__all__ = ["VERSION", "TakenIn", "is_lab_file", "take_in", "write_lab"]

VERSION = 2  # 1 had no ratings
FORMAT = "prompt-lab"
MANIFEST = "manifest.json"
TABLES: Sequence[Table] = (
    tasks, runs, nodes, proposals, branches, moves, names, notes, merges, counterfactuals, drafts, wordings,
    carried_marks, calls, spends, payments, measures, missing, openings, ratings,
)  # fmt: skip
_ADDED = frozenset({ratings})  # tables that files of older versions do not have
_BESIDE = "beside"  # those of a run that is here and somebody else's
_RECORDING = "recording"  # what the ids of the branches and runs of recordings begin with
MOST_BYTES = 200_000_000  # of the file
MOST_UNPACKED = 1_000_000_000  # of all that is in it
VISITORS_PART = 10  # how much less it may be for visitors of a shared page
MOST_OF_A_KIND = 10**9
LONGEST_NAME = 80
MOST_LINE = 50_000_000  # characters of a row


# Writing


def write_lab(book: Book, path: Path, run: str | None = None) -> int:
    """Write a run with its replies, or without one the whole book, to a file; return how many rows it has.

    Raises:
        BookError: when the file cannot be written.
    """
    rows: dict[str, int] = {}
    try:
        with book.reading() as db, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            for table, some in _rows(db, run):
                with packed.open(_member(table), "w", force_zip64=True) as member:
                    n = 0
                    for row in some:
                        member.write(json.dumps(row).encode() + b"\n")
                        n += 1
                rows[table.name] = n
            told = {"format": FORMAT, "version": VERSION, "rows": rows}
            packed.writestr(MANIFEST, json.dumps(told))
    except OSError as error:
        raise BookError(
            gettext_lazy("The file “{file}” cannot be written: {problem}.", file=path.name, problem=error.strerror)
        ) from None
    return sum(rows.values())


def _rows(db: Connection, run: str | None) -> Iterator[tuple[Table, Iterable[Row]]]:
    """Yield each table with the rows of it that belong to a run, or all."""
    if run is None:
        yield from ((table, all_rows(db, table)) for table in TABLES)
        return
    found = RunRows(db, run)
    asked = set(found.asked())
    for table in TABLES:
        yield table, found.rows(table, asked)


def batched(rows: Iterable[Row], size: int = 500) -> Iterator[list[Row]]:
    """Yield rows in lists of at most `size`."""
    rest = iter(rows)
    while some := list(islice(rest, size)):
        yield some


# Taking in


def is_lab_file(path: str | Path) -> bool:
    """Return whether a file is packed as a .lab file is, and a lab book is not."""
    try:
        return zipfile.is_zipfile(path)
    except (OSError, ValueError):  # a text that can be the path of nothing
        return False


class TakenIn(NamedTuple):
    """What came of taking a file in: its branches but those undone, by the ids they have here; and new rows.

    `n_left_out` scores were left out, because the replies that they were measured by are not in the file.
    """

    branches: tuple[str, ...]
    n_new: int
    n_left_out: int = 0


def take_in(book: Book, path: Path, owner: str, *, recording: bool = False) -> TakenIn:
    """Merge a file that travels into a book; what is there already stays as it is.

    A branch that has gone on in both places comes in beside the one that is here. With `recording`, what comes in
    is one, beside the run that was recorded, where that is here too.

    All that comes in is the owner's; a run that is here and somebody else's comes in beside it. For another owner
    than whose book it is no replies, payments and scores come in, which others in this book would be answered by.

    Raises:
        BookError: when it is not such a file, is too large, of a newer version, or anything in it is wrong; nothing
            was changed.
    """
    with TemporaryDirectory() as folder:
        staged = Book(Path(folder) / "staged.sqlite")
        try:
            _stage(staged, path, _mapped(_ids_of_others(book, owner), recording=recording), owner)
            staged.checkpoint()
            found = verify(staged.path)
            if found.wrong:
                raise _refused(
                    path,
                    gettext_lazy(
                        "{sentence} ({n_wrong} wrong)",
                        sentence=sentence(found.wrong[0]),
                        n_wrong=len(found.wrong),
                    ),
                )
            _check_decodes(staged, path)
            with staged.transaction() as db:
                n_left_out = _leave_out_scores(db)
            with staged.reading() as source, book.transaction() as db:
                return _merged(source, db, owner)._replace(n_left_out=n_left_out)
        finally:
            staged.close()


def _refused(path: Path, why: Message) -> BookError:
    return BookError(
        gettext_lazy(
            "The file “{file}” cannot be taken in: {why} Nothing was changed.",
            file=shortened(path.name, 60),
            why=why,
        )
    )


def _leave_out_scores(db: Connection) -> int:
    numbers = scores_without_replies(db)
    for number in numbers:
        db.execute(measures.delete().where(literal_column("measures.rowid", Integer) == number))
    return len(numbers)


def _stage(staged: Book, path: Path, mapped: Callable[[Table, Row], Row], owner: str) -> None:
    part = 1 if owner == OWNER else VISITORS_PART
    try:
        if path.stat().st_size > MOST_BYTES // part:
            raise _refused(path, gettext_lazy("it is larger than {most} MB.", most=MOST_BYTES // part // 10**6))
        with zipfile.ZipFile(path) as packed:
            _check_members(packed, path, MOST_UNPACKED // part)
            _check_manifest(packed, path)
            with staged.transaction() as db:
                db.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
                for table in TABLES:
                    for some in batched(map(partial(mapped, table), _read(packed, table, path))):
                        db.execute(insert(table), some)
    except OSError as error:
        why = error.strerror or gettext_lazy("it cannot be read")
        raise _refused(path, gettext_lazy("{problem}.", problem=why)) from None
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise _refused(path, gettext_lazy("it is not a whole .lab file ({problem}).", problem=str(error))) from None
    except LabError:
        raise
    except Exception as error:  # what SQLite does not take: a row twice, a name that is not there
        raise _refused(
            path, gettext_lazy("its rows do not belong together ({problem}).", problem=type(error).__name__)
        ) from error


def _ids_of_others(book: Book, owner: str) -> Callable[[str], str]:
    """Return what gives the branches and runs of others in a book ids that are the owner's, each time the same."""
    with book.reading() as db:
        rows = db.execute(select(branches.c.id, branches.c.run).where(branches.c.owner != owner)).all()
    others = {id for row in rows for id in row}
    return lambda id: content_id(_BESIDE, [owner, id]) if id in others else id


def _mapped(own: Callable[[str], str], *, recording: bool) -> Callable[[Table, Row], Row]:
    """Return what gives a row the ids that branches and runs have here; in a recording no model is asked."""

    def mapped(table: Table, row: Row) -> Row:
        keys = [key for key in ("branch", "run", "forked") if row.get(key)]
        if table is branches:
            keys.append("id")
            if recording:
                row = {**row, "models": Models.of_json(row["models"]).as_recorded().json}
        if table is notes and row["kind"] == "branch":
            keys.append("subject")
        return {**row, **{key: own(_recording_id(row[key]) if recording else row[key]) for key in keys}}

    return mapped


def _recording_id(id: str) -> str:
    return id if id.startswith(_RECORDING) else content_id(_RECORDING, id)


def _check_members(packed: zipfile.ZipFile, path: Path, most_unpacked: int) -> None:
    """Refuse what is not named as it has to be, is there twice, or is more than it may be."""
    known = {MANIFEST, *map(_member, TABLES)}
    there = [one.filename for one in packed.infolist()]
    lacking = known.difference(there, map(_member, _ADDED))
    if lacking or set(there) - known or len(there) != len(set(there)):
        raise _refused(path, gettext_lazy("it does not hold what a .lab file holds, and nothing else."))
    if sum(one.file_size for one in packed.infolist()) > most_unpacked:
        raise _refused(path, gettext_lazy("unpacked it is larger than {most} MB.", most=most_unpacked // 10**6))


def _member(table: Table) -> str:
    return f"{table.name}.jsonl"


def _check_manifest(packed: zipfile.ZipFile, path: Path) -> None:
    with packed.open(MANIFEST) as member:
        told = _parsed(member.read(1_000_000), path)
    if told.get("format") != FORMAT or not isinstance(version := told.get("version"), int):
        raise _refused(path, gettext_lazy("it was not written by a prompt lab."))
    if version > VERSION:
        raise _refused(
            path,
            gettext_lazy(
                "it is of version {version}, made by a newer lab; this one reads up to {newest}.",
                version=version,
                newest=VERSION,
            ),
        )


def _read(packed: zipfile.ZipFile, table: Table, path: Path) -> Iterator[Row]:
    if table in _ADDED and _member(table) not in packed.namelist():
        return
    with packed.open(_member(table)) as member:
        while line := member.readline(MOST_LINE + 1):
            if len(line) > MOST_LINE:
                raise _refused(
                    path,
                    gettext_lazy(
                        "a row of {table} is longer than {most} MB.", table=table.name, most=MOST_LINE // 10**6
                    ),
                )
            row = _parsed(line, path)
            if set(row) != {column.name for column in table.columns} or not all(
                _fits(column, row[column.name]) for column in table.columns
            ):
                raise _refused(
                    path,
                    gettext_lazy("a row of {table} does not have the columns that it must have.", table=table.name),
                )
            if not _can_be_read(table, row):
                raise _refused(
                    path, gettext_lazy("a row of {table} holds what the lab cannot read.", table=table.name)
                )
            yield _printable(table, row)


def _parsed(line: bytes, path: Path) -> Row:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, dict):
        raise _refused(path, gettext_lazy("a line of it is not a JSON object."))
    return row


def _fits(column: Any, value: object) -> bool:
    if value is None:
        return bool(column.nullable)
    if isinstance(column.type, Integer):
        return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63
    if isinstance(column.type, Float):
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return isinstance(value, str)


def _can_be_read(table: Table, row: Row) -> bool:
    """Return whether what a row holds as JSON is what the lab reads there."""
    try:
        return table not in _READS or _READS[table](row)
    except (LabError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return False


def _texts(content: str) -> bool:
    read = json.loads(content)
    return isinstance(read, list) and all(isinstance(one, str) for one in read)


def _hits(content: str) -> bool:
    read = json.loads(content)
    numbers = [one for one in read if one is not None] if isinstance(read, list) else [None]
    return all(isinstance(one, int | float) and not isinstance(one, bool) and math.isfinite(one) for one in numbers)


def _is_mark(content: str) -> bool:
    return isinstance(decode(json.loads(content)), Mark)


_READS: Mapping[Table, Callable[[Row], bool]] = MappingProxyType(
    {
        branches: lambda row: (
            _texts(row["stops"]) and bool(Models.of_json(row["models"])) and row["archived"] in range(LEFT + 1)
        ),
        names: lambda row: row["kind"] in get_args(NameKind) and 0 <= row["number"] < MOST_OF_A_KIND,
        notes: lambda row: row["kind"] in KINDS and _texts(row["tags"]) and row["starred"] in (0, 1),
        drafts: lambda row: _is_mark(row["content"]),
        carried_marks: lambda row: _is_mark(row["content"]),
        missing: lambda row: isinstance(decode(json.loads(row["flaw"])), Flaw) and row["role"] in get_args(Role),
        measures: lambda row: _hits(row["hits"]) and row["n_rows"] >= 0,
        openings: lambda row: _texts(row["prompts"]),
        spends: lambda row: row["role"] in get_args(Role),
    }
)


def _printable(table: Table, row: Row) -> Row:
    """Return a row in which what people call things has no characters that a terminal or a browser would obey."""
    if table is branches:
        return {**row, "name": shortened(visible(row["name"]), LONGEST_NAME) or "main"}
    if table is notes:
        tags = json.dumps([visible(tag) for tag in json.loads(row["tags"])])
        return {**row, "name": visible(row["name"]), "note": visible(row["note"]), "tags": tags}
    return row


def _check_decodes(staged: Book, path: Path) -> None:
    """Refuse a file of which a node or proposal is not one, whatever its id."""
    with staged.reading() as db:
        ids = list(db.scalars(select(nodes.c.id))), list(db.scalars(select(proposals.c.id)))
        contexts = list(db.scalars(select(runs.c.id)))
    try:
        for i in range(0, len(ids[0]), 500):
            for node in staged.nodes(ids[0][i : i + 500]).values():
                _ = node.prompts, node.phase.round
        for i in range(0, len(ids[1]), 100):
            for proposal in staged.proposals(ids[1][i : i + 100]).values():
                _ = proposal.ask, [item.text for item in proposal.items]
        for id in contexts:
            _ = staged.context(id)
    except Exception as error:
        raise _refused(
            path, gettext_lazy("a step of it is not one ({problem}).", problem=type(error).__name__)
        ) from error


def _merged(source: Connection, db: Connection, owner: str) -> TakenIn:
    """Copy what is not there yet; ids of branches and spends that mean another here are given anew."""
    db.exec_driver_sql("PRAGMA defer_foreign_keys = ON")  # a file may have a child before its parent
    new = 0
    for table in (tasks, runs, nodes, proposals):
        new += _added(db, table, all_rows(source, table))
    renamed, fresh = _branches(source, db, owner)
    new += _names(source, db)
    new += _added(db, merges, all_rows(source, merges))
    for table in (notes, counterfactuals, drafts, wordings, carried_marks):
        some = (
            {**row, "branch": renamed[row["branch"]]} if "branch" in row else row for row in all_rows(source, table)
        )
        new += _added(
            db, table, (row for row in some if table in (notes, counterfactuals) or row["branch"] in fresh)
        )
    new += _openings(source, db, renamed)
    new += _added(db, ratings, ({**row, "owner": owner} for row in all_rows(source, ratings)))
    if owner == OWNER:
        new += _replies(source, db, renamed)
    brought = [renamed[row["id"]] for row in all_rows(source, branches) if row["archived"] not in (UNDONE, LEFT)]
    return TakenIn(tuple(brought), new)


def _replies(source: Connection, db: Connection, renamed: Mapping[str, str]) -> int:
    """Copy replies with their payments, the calls that none came to, and scores."""
    there = set(db.scalars(select(calls.c.key)))
    new = _added(db, missing, all_rows(source, missing)) + _added(db, calls, all_rows(source, calls))
    new += _paid(source, db, renamed, there)
    for row in all_rows(source, measures):
        given = insert(measures).values(row)
        more = given.excluded.n_rows > measures.c.n_rows
        changed = {name: given.excluded[name] for name in ("score", "n_rows", "hits")}
        key = ("task", "target", "split", "prompt")
        db.execute(given.on_conflict_do_update(key, set_=changed, where=more))
    return new


def _added(db: Connection, table: Table, rows: Iterable[Row]) -> int:
    given = insert(table).on_conflict_do_nothing()
    return sum(max(0, db.execute(given, some).rowcount) for some in batched(rows))


def _branches(source: Connection, db: Connection, owner: str) -> tuple[dict[str, str], set[str]]:
    """Copy branches with their moves; return what each is called here, and which are new or have gone on."""
    renamed: dict[str, str] = {}
    fresh: set[str] = set()
    ways = _moves_by_branch(source)
    here = _moves_by_branch(db)
    for row in all_rows(source, branches):
        id, way = row["id"], ways[row["id"]]
        mine, theirs = [one["node"] for one in here.get(id, ())], [one["node"] for one in way]
        if mine and mine[: len(theirs)] == theirs:
            renamed[id] = id
            continue
        if mine and theirs[: len(mine)] == mine:
            db.execute(moves.delete().where(moves.c.branch == id))
            db.execute(branches.update().where(branches.c.id == id).values(cursor=row["cursor"]))
            renamed[id] = id
        else:
            renamed[id] = token_urlsafe(9) if mine else id
            name = f"{row['name']} (taken in)" if mine else row["name"]
            db.execute(insert(branches).values({**row, "id": renamed[id], "owner": owner, "name": name}))
        fresh.add(renamed[id])
    # In the order in which they came, whichever branch they are of, as the next export writes them.
    moved = [{**one, "branch": renamed[one["branch"]]} for one in all_rows(source, moves)]
    if some := [one for one in moved if one["branch"] in fresh]:
        db.execute(insert(moves), some)
    for row in all_rows(source, branches):
        if row["forked"] in renamed and renamed[row["id"]] in fresh:
            told = branches.update().where(branches.c.id == renamed[row["id"]])
            db.execute(told.values(forked=renamed[row["forked"]]))
    return renamed, fresh


def _moves_by_branch(db: Connection) -> dict[str, list[Row]]:
    ways: dict[str, list[Row]] = defaultdict(list)
    for row in db.execute(select(moves).order_by(moves.c.branch, moves.c.seq)):
        ways[row.branch].append(dict(row._mapping))
    return ways


def _names(source: Connection, db: Connection) -> int:
    """Copy names; a number that has another thing here is given anew, as the next one that is free."""
    n = 0
    for row in all_rows(source, names):
        mine = (names.c.run == row["run"], names.c.kind == row["kind"])
        if db.scalar(select(names.c.number).where(*mine, names.c.subject == row["subject"])) is not None:
            continue
        if db.scalar(select(names.c.subject).where(*mine, names.c.number == row["number"])) is not None:
            row["number"] = (db.scalar(select(func.max(names.c.number)).where(*mine)) or 0) + 1
        db.execute(insert(names).values(row))
        n += 1
    return n


def _paid(source: Connection, db: Connection, renamed: Mapping[str, str], there: set[str]) -> int:
    """Copy what was spent; a reply that was here before has its payment already."""
    numbers: dict[int, int] = {}
    known = {tuple(row._mapping[name] for name in _SPENT): row.id for row in db.execute(select(spends))}
    for row in all_rows(source, spends):
        row["branch"] = renamed[row["branch"]]
        old = row.pop("id")
        same = known.get(tuple(row[name] for name in _SPENT))
        numbers[old] = same or db.execute(insert(spends).values(row).returning(spends.c.id)).scalar_one()
    n = 0
    for row in all_rows(source, payments):
        if row["call"] not in there:
            row["spend"] = numbers[row["spend"]]
            row["id"] = next_payment(db)
            db.execute(insert(payments).values(row))
            n += 1
    return n


def _openings(source: Connection, db: Connection, renamed: Mapping[str, str]) -> int:
    """Copy when the sealed test was opened: what was looked at in another lab was looked at."""
    told = ("branch", "task", "target", "prompts", "made")
    there = {tuple(row._mapping[name] for name in told) for row in db.execute(select(openings))}
    n = 0
    for row in all_rows(source, openings):
        row["branch"] = renamed[row["branch"]]
        if tuple(row[name] for name in told) not in there:
            del row["id"]
            db.execute(insert(openings).values(row))
            n += 1
    return n


_SPENT = ("branch", "node", "what", "sample", "role", "model", "made")
