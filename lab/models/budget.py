"""Whether the next call may be made under a ceiling. Pure: who performs holds a `Budget` and replaces it.

A call is held back by the most that it may take, and counted by what it took. What a server takes beyond that
bound is not known beforehand: the first calls may pass the ceiling by it, later ones are held back by as much more.
So may branches of one work that run at once, by what the others have in flight. Probes of an endpoint are not
counted, and calls of unknown price count as nothing in money.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from lab.errors import BudgetError
from lab.models.calls import Call, Price, Spent, rough_tokens
from lab.models.roles import Ceiling

__all__ = ["Amount", "Budget", "Need", "need"]

ABOUT_NOTHING_USD = 1e-9  # what sums of fractions may be off by
GO_ON = "Raise it to go on (in the page, under Models)."


@dataclass(frozen=True)
class Amount:
    """What a ceiling bounds."""

    calls: int = 0
    tokens: int = 0
    cost_usd: float = 0.0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.calls + other.calls, self.tokens + other.tokens, self.cost_usd + other.cost_usd)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.calls - other.calls, self.tokens - other.tokens, self.cost_usd - other.cost_usd)

    @classmethod
    def of(cls, spent: Spent) -> Amount:
        return cls(spent.n_paid, spent.n_input_tokens + spent.n_output_tokens, spent.cost_usd)


@dataclass(frozen=True)
class Need:
    """The tokens that a call may take at most, sent and answered."""

    n_input_tokens: int
    n_output_tokens: int


def need(call: Call) -> Need:
    """Bound a call: a token for every two bytes and eight for each message, and the longest reply it asks for."""
    body = call.body
    texts = (
        [body["prompt"], body.get("suffix") or ""]
        if "prompt" in body
        else [message["content"] for message in body["messages"]]
    )
    sent = sum(max(rough_tokens(text), len(text.encode("utf-8", "replace")) // 2) + 8 for text in texts)
    return Need(sent, call.longest)


@dataclass(frozen=True)
class Budget:
    """What may be spent, what was, and what calls in flight may still take.

    `spent` is in the ledger, `arrived` not yet, `flying` the most that calls in flight take. `above` is the most
    by which a reply has taken more tokens than its call's bound, sent and answered.
    """

    ceiling: Ceiling
    spent: Amount = Amount()
    arrived: Amount = Amount()
    flying: Amount = Amount()
    above: Need = Need(0, 0)

    def amount(self, need: Need, price: Price | None) -> Amount:
        """Return the most that a call takes, by what the server was seen to count."""
        tokens = (
            need.n_input_tokens + self.above.n_input_tokens,
            need.n_output_tokens + self.above.n_output_tokens,
        )
        return Amount(1, sum(tokens), price.of(*tokens) if price else 0.0)

    def allows(self, amount: Amount) -> bool:
        """Return whether a call may be made while those in flight are."""
        return not _broken(self.ceiling, self.spent + self.arrived + self.flying + amount)

    def check(self, amount: Amount, model: str, price: Price | None) -> None:
        """Describe why a call cannot be made, even when none is in flight.

        Raises:
            BudgetError: when it would break the ceiling, or its price is not known and the ceiling is one in money.
        """
        c, spent = self.ceiling, self.spent + self.arrived
        if c.cost_usd and price is None:
            raise BudgetError(
                f"The spending limit of ${c.cost_usd:,.2f} needs the price of {model}, which is not set. "
                "Set it under Models, or remove the limit."
            )
        which = _broken(c, spent + amount)
        if which == "calls":
            raise BudgetError(f"The limit of {c.calls:,} calls is reached: {spent.calls:,} were made. {GO_ON}")
        if which == "tokens":
            raise BudgetError(
                f"The limit of {c.tokens:,} tokens leaves no room for the next call, which may take "
                f"{amount.tokens:,}: {spent.tokens:,} have been used. {GO_ON}"
            )
        if which:
            raise BudgetError(
                f"The limit of ${c.cost_usd:,.4f} leaves no room for the next call, which may cost "
                f"${amount.cost_usd:,.4f}: ${spent.cost_usd:,.4f} has been spent. {GO_ON}"
            )

    def sent(self, amount: Amount) -> Budget:
        """Hold the amount of a call that is sent."""
        return replace(self, flying=self.flying + amount)

    def lost(self, amount: Amount) -> Budget:
        """Free the amount of a call that failed or was stopped."""
        return replace(self, flying=self.flying - amount)

    def answered(self, amount: Amount, need: Need, paid: Spent) -> Budget:
        """Count what a call took in place of its amount, and learns from it."""
        above = Need(
            max(self.above.n_input_tokens, paid.n_input_tokens - need.n_input_tokens),
            max(self.above.n_output_tokens, paid.n_output_tokens - need.n_output_tokens),
        )
        return replace(self.lost(amount), arrived=self.arrived + Amount.of(paid), above=above)

    def kept(self, paid: Spent, ledger: Spent) -> Budget:
        """Take what the ledger says once it holds what calls took."""
        return replace(self, arrived=self.arrived - Amount.of(paid), spent=Amount.of(ledger))


def _broken(ceiling: Ceiling, amount: Amount) -> str:
    if ceiling.calls and amount.calls > ceiling.calls:
        return "calls"
    if ceiling.tokens and amount.tokens > ceiling.tokens:
        return "tokens"
    if ceiling.cost_usd and amount.cost_usd > ceiling.cost_usd + ABOUT_NOTHING_USD:
        return "cost_usd"
    return ""
