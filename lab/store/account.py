"""The account of one attempt at a step: a lab book as a store of replies that knows what each was paid for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lab.models.calls import Answer, Call, Price, Spent
from lab.models.roles import Role
from lab.store.book import Book
from lab.store.ledger import Attempt
from lab.store.records import Missing

__all__ = ["Account"]


class Account:
    """A `lab.models.calls.ReplyCache` over a book, for one attempt at `what` is done at a node of a branch."""

    def __init__(self, book: Book, branch: str, node: str, what: str, sample: int = 0) -> None:
        self._book = book
        self._at = (branch, node, what, sample)
        self._numbers: dict[Attempt, int] = {}
        self._spent, self._last = Spent(), -1

    def find(self, keys: Sequence[str]) -> dict[str, Answer]:
        """Return the kept answers among these keys, and those that this run knows not to come."""
        return self._book.find_missing(self._at[0], keys) | self._book.find(keys)

    def keep_missing(self, rows: Sequence[tuple[str, Call, Answer]], role: Role = "target") -> None:
        """Note calls that no reply came to, for this run alone."""
        noted = [Missing(call, role, answer.flaw) for _, call, answer in rows if answer.flaw]
        self._book.keep_missing(self._at[0], noted)

    def keep(self, rows: Sequence[tuple[str, Call, Answer]], role: Role = "target") -> None:
        """Keep answers and book each as paid for, past the end of this process once it returns."""
        for model in dict.fromkeys(call.model for _, call, _ in rows):
            attempt = Attempt(*self._at, role, model)
            some = [row for row in rows if row[1].model == model]
            self._numbers[attempt] = self._book.pay(some, attempt, self._numbers.get(attempt))

    def spent(self) -> Spent:
        """Return what all branches of this run have paid for, by whatever process; read what is new since last."""
        new, self._last = self._book.spent_since(self._at[0], self._last)
        self._spent += new
        return self._spent

    def price(self, model: str) -> Price | None:
        """Return the price of a model; None where nobody has set one."""
        return self._book.price(model)

    def mean_reply(self, model: str, role: Role) -> float | None:
        """Return the mean tokens of what a model lately answered in a role; None where it never did."""
        return self._book.mean_reply(model, role)

    def close(self, spent: Mapping[Role, Spent]) -> None:
        """Book what was known already."""
        for role, one in spent.items():
            attempt = Attempt(*self._at, role, one.model)
            if one.n_cached:
                self._book.record_cached(attempt, self._numbers.get(attempt), one.n_cached)
