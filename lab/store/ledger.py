"""What models answered and what it cost, apart from the tree: replies, payments, prices, dev scores, findings.

A reply and its payment are one transaction, so that neither is there without the other, whatever becomes of the
process; a reply that was there already is not paid for again. Books from before payments say in `spends` alone what
a step paid.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, Integer, Row, ScalarSelect, Select, and_, func, literal_column, select, update
from sqlalchemy.dialects.sqlite import insert

from lab.core.codec import decode, encode
from lab.models.calls import Answer, Call, Price, Spent, price_known_to_all
from lab.models.capabilities import Capabilities, Note
from lab.models.endpoint import BY_HAND
from lab.models.roles import Role
from lab.store.file import BookFile, chunks
from lab.store.records import COST_KEYS, Measure, Missing, Spend, costs
from lab.store.schema import (
    answer_id,
    branches,
    calls,
    deleted_spends,
    findings,
    measures,
    missing,
    now,
    payments,
    prices,
    spends,
)

__all__ = ["Attempt", "Findings", "Measures", "MissingReplies", "Payments", "Prices", "Replies"]


class Prices:
    """The prices of a book, by the spelling of the endpoint."""

    def __init__(self, file: BookFile) -> None:
        self._file = file

    def price(self, model: str) -> Price | None:
        """Return the price of a model, as its endpoint is spelt; None where nobody has set one."""
        query = select(prices.c.input_usd, prices.c.output_usd).where(prices.c.model == model)
        with self._file.reading() as db:
            row = db.execute(query).first()
        return Price(row.input_usd, row.output_usd) if row else price_known_to_all(model)

    def set(self, model: str, price: Price | None) -> None:
        """Set the price of a model for the calls to come, or forget it; what was paid stays as it was booked."""
        with self._file.transaction() as db:
            if price is None:
                db.execute(prices.delete().where(prices.c.model == model))
                return
            row = {"model": model, "input_usd": price.input_usd, "output_usd": price.output_usd, "made": now()}
            db.execute(insert(prices).values(row).on_conflict_do_update(("model",), set_=row))

    def all(self) -> dict[str, Price]:
        """Return the prices that were set."""
        with self._file.reading() as db:
            rows = db.execute(select(prices).order_by(prices.c.model))
            return {row.model: Price(row.input_usd, row.output_usd) for row in rows}


LATELY = 20  # attempts at a step


@dataclass(frozen=True)
class Attempt:
    """Whose payment it is: one attempt at what is done at a node of a branch, by a model in a role."""

    branch: str
    node: str
    what: str
    sample: int
    role: Role
    model: str


class Paid(NamedTuple):
    """The payments of one attempt, added up; `n_priced` of them have a price."""

    n: int
    n_input_tokens: int
    n_output_tokens: int
    n_estimated: int
    n_priced: int
    cost_usd: float
    latency_s: float

    def plus(self, other: Paid) -> Paid:
        """Add other payments."""
        return Paid(
            self.n + other.n, self.n_input_tokens + other.n_input_tokens,
            self.n_output_tokens + other.n_output_tokens, self.n_estimated + other.n_estimated,
            self.n_priced + other.n_priced, self.cost_usd + other.cost_usd, self.latency_s + other.latency_s,
        )  # fmt: skip


NOTHING = Paid(0, 0, 0, 0, 0, 0.0, 0.0)
RUNS_AT_HAND = 64  # of which the sums stay read


class Payments:
    """The attempts and payments of a book."""

    def __init__(self, file: BookFile, replies: Replies, prices: Prices) -> None:
        self._file = file
        self._sums: dict[str, tuple[int, Mapping[tuple[int, str], Paid]]] = {}  # run -> the last payment, the sums
        self._replies = replies
        self._prices = prices

    def pay(self, rows: Rows, attempt: Attempt, spend: int | None) -> int:
        """Keep answers and book those that were not there yet; return the number of the attempt.

        Args:
            rows: answers by key, past the end of this process once this returns.
            attempt: who pays.
            spend: the number that this attempt got when it paid first; None for the first time.
        """
        with self._file.transaction() as db:
            number = _add_attempt(db, attempt) if spend is None else spend
            if new := self._replies.add(rows, paid=True):
                price = self._prices.price(attempt.model)
                first = next_payment(db)
                booked = (_payment(number, key, answer, price) for key, answer in new.items())
                db.execute(payments.insert(), [{"id": id, **one} for id, one in enumerate(booked, first)])
        return number

    def record_cached(self, attempt: Attempt, spend: int | None, cached: int) -> None:
        """Book at the end of an attempt how many calls were known already."""
        with self._file.transaction() as db:
            number = _add_attempt(db, attempt) if spend is None else spend
            db.execute(update(spends).where(spends.c.id == number).values(cached=cached))

    def add_spends(self, branch: str, spent: Iterable[Spend]) -> None:
        """Book sums for which there are no single payments."""
        rows = [
            {
                "branch": branch, "node": one.node, "what": one.what, "sample": one.sample, "role": one.role,
                "calls": one.calls, "cached": one.cached, "n_input_tokens": one.n_input_tokens,
                "n_output_tokens": one.n_output_tokens, "made": now(), "model": one.model,
            }
            for one in spent
        ]  # fmt: skip
        if rows:
            with self._file.transaction() as db:
                db.execute(spends.insert(), rows)

    def spends(self, run: str) -> tuple[tuple[str, Spend], ...]:
        """Return (branch, spend) for each attempt of all branches of one run, in the order of their beginnings."""
        s = spends.c
        mine = select(spends).join(branches, branches.c.id == s.branch).where(branches.c.run == run)
        with self._file.reading() as db:
            attempts = db.execute(mine.order_by(s.id)).all()
            paid = self._added_up(db, run)
        return tuple((one.branch, _spend(one, paid.get((one.id, one.made), NOTHING))) for one in attempts)

    def forget(self) -> None:
        """Let go of what was added up, after payments were deleted."""
        self._sums = {}

    def _added_up(self, db: Connection, run: str) -> Mapping[tuple[int, str], Paid]:
        """Add up the payments of each attempt of a run; of those that were added up before only what came since.

        Payments are never changed and their numbers only rise. An attempt goes by its number and its time, because
        the number of one that was deleted is given again.
        """
        last, known = self._sums.get(run, (0, {}))
        s, p = spends.c, payments.c
        query = (
            select(
                s.id, s.made, func.max(p.id), func.count(p.id), func.sum(p.n_input_tokens),
                func.sum(p.n_output_tokens), func.sum(p.estimated), func.count(p.cost_usd),
                func.total(p.cost_usd), func.sum(p.latency_s),
            )
            .join(branches, branches.c.id == s.branch)
            .join(payments, and_(p.spend == s.id, p.id > last))
            .where(branches.c.run == run)
            .group_by(s.id)
        )  # fmt: skip
        new = db.execute(query).all()
        if not new:
            return known
        known = dict(known)
        for id, made, newest, *sums in new:
            known[id, made] = known.get((id, made), NOTHING).plus(Paid(*sums))
            last = max(last, newest)
        if not self._file.in_transaction:  # what is read in one may be taken back
            self._sums = dict(list({**self._sums, run: (last, known)}.items())[-RUNS_AT_HAND:])
        return known

    def costs(self, run: str, by: Collection[str] = COST_KEYS) -> tuple[Spend, ...]:
        """Add up what the branches of one run spent, by any of branch, node, what, role and model."""
        return costs(self.spends(run), by)

    def spent(self) -> Spent:
        """Return what was paid for by all runs of the book, those that were deleted since too."""
        with self._file.reading() as db:
            there = _without_payments(db, select(spends.c.id)) + _paid(db, select(spends.c.id), -1)[0]
            return there + _paid_by_deleted(db)

    def spent_since(self, branch: str, last: int) -> tuple[Spent, int]:
        """Return what the run of a branch paid for after the payment of a number, and the number of the last now.

        From -1 on, that is all, what older books say included; what people wrote by hand costs nothing and counts
        nowhere.
        """
        run = select(branches.c.run).where(branches.c.id == branch).scalar_subquery()
        mine = (
            select(spends.c.id)
            .join(branches, branches.c.id == spends.c.branch)
            .where(branches.c.run == run, spends.c.model != BY_HAND)
        )
        with self._file.reading() as db:
            found, newest = _paid(db, mine, last)
            return (found + _without_payments(db, mine), max(newest, 0)) if last < 0 else (found, newest)

    def n_paid_by(self, owner: str, models: Collection[str]) -> int:
        """Return how many calls of some models, as their endpoints are spelt, an owner's runs have paid for.

        Those of runs that were deleted since count too.
        """
        s, p, d = spends.c, payments.c, deleted_spends.c
        deleted = select(func.total(d.calls)).where(d.owner == owner, d.model.in_(models))
        mine = (
            select(s.id)
            .join(branches, branches.c.id == s.branch)
            .where(branches.c.owner == owner, s.model.in_(models))
        )
        with self._file.reading() as db:
            return (db.scalar(select(func.count()).where(p.spend.in_(mine))) or 0) + int(db.scalar(deleted) or 0)

    def mean_reply(self, model: str, role: Role) -> float | None:
        """Return the mean tokens of what a model lately answered in a role; None where it never did."""
        s = spends.c
        lately = select(s.id).where(s.model == model, s.role == role).order_by(s.id.desc()).limit(LATELY)
        with self._file.reading() as db:
            query = select(func.avg(payments.c.n_output_tokens)).where(payments.c.spend.in_(lately))
            mean: float | None = db.scalar(query)
        return mean


def _spend(one: Row[Any], paid: Paid) -> Spend:
    n = one.calls + paid.n
    return Spend(
        one.node, one.what, one.sample, one.role, n, one.cached, one.n_input_tokens + paid.n_input_tokens,
        one.n_output_tokens + paid.n_output_tokens, one.model, paid.n_estimated, n - paid.n_priced,
        (paid.cost_usd if paid.n_priced else None) if n else 0.0, paid.latency_s / paid.n if paid.n else 0.0,
    )  # fmt: skip


def _paid(db: Connection, mine: Select[tuple[int]], last: int) -> tuple[Spent, int]:
    p = payments.c
    query = select(
        func.count(), func.total(p.n_input_tokens), func.total(p.n_output_tokens), func.total(p.estimated),
        func.total(p.cost_usd), func.count() - func.count(p.cost_usd), func.coalesce(func.max(p.id), last),
    ).where(p.id > last, p.spend.in_(mine))  # fmt: skip
    n, n_input, n_output, estimated, usd, unpriced, newest = db.execute(query).one()
    return Spent(n, 0, int(n_input), int(n_output), int(estimated), usd, unpriced), newest


def _paid_by_deleted(db: Connection) -> Spent:
    d = deleted_spends.c
    columns = (d.calls, d.n_input_tokens, d.n_output_tokens, d.estimated, d.cost_usd, d.unpriced)
    n, n_input, n_output, estimated, usd, unpriced = db.execute(select(*map(func.total, columns))).one()
    return Spent(int(n), 0, int(n_input), int(n_output), int(estimated), usd, int(unpriced))


def next_payment(db: Connection) -> int:
    """Return the number of the next payment: numbers only rise, also where the last ones were deleted."""
    last = (select(func.max(column)) for column in (payments.c.id, deleted_spends.c.last_payment))
    return 1 + max(db.scalar(query) or 0 for query in last)


def _without_payments(db: Connection, mine: Select[tuple[int]]) -> Spent:
    """Return the sums for which there are no single payments."""
    s = spends.c
    query = select(func.total(s.calls), func.total(s.n_input_tokens), func.total(s.n_output_tokens))
    n, n_input, n_output = map(int, db.execute(query.where(s.id.in_(mine), s.calls > 0)).one())
    return Spent(n, 0, n_input, n_output, n_unpriced=n)


def _add_attempt(db: Connection, attempt: Attempt) -> int:
    row = {**vars(attempt), "calls": 0, "cached": 0, "n_input_tokens": 0, "n_output_tokens": 0, "made": now()}
    number: int = db.execute(spends.insert().values(row).returning(spends.c.id)).scalar_one()
    return number


def _payment(spend: int, key: str, answer: Answer, price: Price | None) -> dict[str, object]:
    paid = Spent.on(answer, price)
    return {
        "spend": spend, "call": key, "n_input_tokens": paid.n_input_tokens, "n_output_tokens": paid.n_output_tokens,
        "estimated": paid.n_estimated, "cost_usd": None if paid.n_unpriced else paid.cost_usd,
        "latency_s": answer.latency_s,
    }  # fmt: skip


Rows = Sequence[tuple[str, Call, Answer]]


class Replies:
    """The replies of a book; a key that is there stays as it is."""

    def __init__(self, file: BookFile) -> None:
        self._file = file

    def find(self, keys: Sequence[str]) -> dict[str, Answer]:
        """Return the kept answers among these keys."""
        found: dict[str, Answer] = {}
        with self._file.reading() as db:
            for some in chunks(keys):
                for row in db.execute(select(calls.c.key, calls.c.answer).where(calls.c.key.in_(some))):
                    found[row.key] = Answer.of(row.answer)
        return found

    def add(self, rows: Rows, *, paid: bool = False) -> dict[str, Answer]:
        """Add the replies that are not there yet, and return them by key; `paid`: each gets its payment as well."""
        if not rows:
            return {}
        given = {key: (call, answer) for key, call, answer in rows}
        with self._file.transaction() as db:
            there = set(db.scalars(select(calls.c.key).where(calls.c.key.in_(given))))
            new = {key: both for key, both in given.items() if key not in there}
            made = now()
            added = [
                {
                    "key": key, "endpoint": call.base_url, "request": call.request, "sample": call.sample,
                    "answer": answer.json, "made": made, "answer_id": answer_id(answer.json), "paid": int(paid),
                }
                for key, (call, answer) in new.items()
            ]  # fmt: skip
            if added:
                db.execute(calls.insert(), added)
        return {key: answer for key, (_, answer) in new.items()}

    def newest(self, base_url: str) -> str:
        """Return when the last reply of an address was kept; "" where none was."""
        with self._file.reading() as db:
            return db.scalar(select(func.max(calls.c.made)).where(calls.c.endpoint == base_url)) or ""

    def stamp(self) -> tuple[int, int]:
        """Return what is another value after each reply that is kept, and each run that is deleted."""
        newest = select(func.max(literal_column("calls.rowid", Integer))).select_from(calls)
        with self._file.reading() as db:
            return db.scalar(newest) or 0, db.scalar(select(func.max(deleted_spends.c.id))) or 0

    def count(self) -> int:
        """Return how many replies the book holds."""
        with self._file.reading() as db:
            return db.scalar(select(func.count()).select_from(calls)) or 0


class MissingReplies:
    """The calls of a run that no reply came to; another run may ask them anew."""

    def __init__(self, file: BookFile) -> None:
        self._file = file

    def find(self, branch: str, keys: Sequence[str]) -> dict[str, Answer]:
        """Return those among these keys that the run of a branch has noted, as answers with their flaw."""
        with self._file.reading() as db:
            if db.scalar(select(missing.c.call).where(missing.c.run == _run_of(branch)).limit(1)) is None:
                return {}
            rows = [
                row
                for some in chunks(keys)
                for row in db.execute(
                    select(missing.c.call, missing.c.flaw).where(
                        missing.c.run == _run_of(branch), missing.c.call.in_(some)
                    )
                )
            ]
        return {row.call: Answer("", decode(json.loads(row.flaw))) for row in rows}

    def add(self, branch: str, some: Iterable[Missing]) -> None:
        """Note calls of the run of a branch."""
        made = now()
        with self._file.transaction() as db:
            run = db.scalar(select(_run_of(branch)))
            noted = [
                {
                    "run": run, "call": one.call.key, "endpoint": one.call.base_url, "request": one.call.request,
                    "sample": one.call.sample, "role": one.role, "flaw": json.dumps(encode(one.flaw)), "made": made,
                }
                for one in some
            ]  # fmt: skip
            if noted:
                db.execute(insert(missing).on_conflict_do_nothing(), noted)

    def of_run(self, run: str) -> tuple[Missing, ...]:
        """Return the calls of a run that are still without a reply, in the order they were noted."""
        m = missing.c
        query = (
            select(m.endpoint, m.request, m.sample, m.role, m.flaw)
            .where(m.run == run, ~select(calls.c.key).where(calls.c.key == m.call).exists())
            .order_by(literal_column("missing.rowid"))
        )
        with self._file.reading() as db:
            return tuple(
                Missing(Call(row.endpoint, row.request, row.sample), row.role, decode(json.loads(row.flaw)))
                for row in db.execute(query)
            )

    def forget(self, run: str) -> None:
        """Let the calls of a run be asked anew."""
        with self._file.transaction() as db:
            db.execute(missing.delete().where(missing.c.run == run))


def _run_of(branch: str) -> ScalarSelect[str]:
    return select(branches.c.run).where(branches.c.id == branch).scalar_subquery()


class Measures:
    """The scores of a book, by task, target model, split and prompt."""

    def __init__(self, file: BookFile) -> None:
        self._file = file

    def measured(self, task: str, target: str, split: str = "dev") -> dict[str, Measure]:
        """Return the scores of all prompts measured on a split under a target model."""
        m = measures.c
        query = select(m.prompt, m.score, m.n_rows, m.hits).where(
            m.task == task, m.target == target, m.split == split
        )
        with self._file.reading() as db:
            return {
                row.prompt: Measure(row.prompt, row.score, row.n_rows, tuple(json.loads(row.hits)))
                for row in db.execute(query)
            }

    def add(self, task: str, target: str, split: str, scores: Iterable[Measure]) -> None:
        """Keep scores; one that is there already stays as it is, unless more of its rows are measured now."""
        rows = [
            {"task": task, "target": target, "split": split, **asdict(score), "hits": json.dumps(score.hits)}
            for score in scores
        ]
        if rows:
            with self._file.transaction() as db:
                given = insert(measures)
                new = {name: given.excluded[name] for name in ("score", "n_rows", "hits")}
                key = ("task", "target", "split", "prompt")
                more = given.excluded.n_rows > measures.c.n_rows
                db.execute(given.on_conflict_do_update(key, set_=new, where=more), rows)


class Findings:
    """What was found of the models of a book, by their address and name."""

    def __init__(self, file: BookFile) -> None:
        self._file = file

    def capabilities(self, base_url: str, model: str) -> Capabilities | None:
        """Return what was found of a model at an address; None where nothing was."""
        query = select(findings.c.content).where(findings.c.endpoint == base_url, findings.c.model == model)
        with self._file.reading() as db:
            content = db.scalar(query)
        if content is None:
            return None
        found = json.loads(content)
        return Capabilities(**{**found, "notes": tuple(map(_note, found.get("notes", ())))})

    def keep(self, base_url: str, model: str, found: Capabilities) -> None:
        """Keep what was found in place of what was known before."""
        row = {"endpoint": base_url, "model": model, "content": json.dumps(asdict(found)), "made": now()}
        with self._file.transaction() as db:
            db.execute(insert(findings).values(row).on_conflict_do_update(("endpoint", "model"), set_=row))


def _note(stored: str | list[Any]) -> Note:
    """Read a note; in older books it is a sentence."""
    return Note("stored", text=stored) if isinstance(stored, str) else Note(*stored)
