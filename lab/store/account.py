"""The account of one step: a lab book as a store of replies that knows what each was paid for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.models.calls import Answer, Call, Role
from lab.store.ledger import Ledger
from lab.store.records import Spend

if TYPE_CHECKING:
    from lab.models.perform import Spent

__all__ = ["Account"]


@dataclass(frozen=True)
class Account:
    """A `lab.models.calls.ReplyCache` over a book, for `what` is done at a node of a branch."""

    book: Ledger
    branch: str
    node: str
    what: str
    sample: int = 0

    def find(self, keys: Sequence[str]) -> dict[str, Answer]:
        """Gives the kept answers among these keys."""
        return self.book.find(keys)

    def keep(self, rows: Sequence[tuple[str, Call, Answer]], role: Role = "target") -> None:
        """Keeps answers, past the end of this process once it returns."""
        self.book.keep(rows, role)

    def close(self, spent: Mapping[Role, Spent]) -> None:
        """Books what the step cost."""
        self.book.spend(
            self.branch,
            (
                Spend(
                    self.node,
                    self.what,
                    self.sample,
                    role,
                    s.n_paid,
                    s.n_cached,
                    s.n_input_tokens,
                    s.n_output_tokens,
                )
                for role, s in spent.items()
                if s.n_paid or s.n_cached
            ),
        )
