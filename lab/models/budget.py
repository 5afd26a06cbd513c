"""Whether the next call may be made under a ceiling. Pure: who performs holds a `Budget` and replaces it.

A call is held back by the most that it may take, and counted by what it took. What a server takes beyond that
bound is not known beforehand: the first calls may pass the ceiling by it, later ones are held back by as much more.
So may branches of one run that run at once, by what the others have in flight. Probes of an endpoint are not
counted, and calls of unknown price count as nothing in money.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from lab.errors import BudgetError
from lab.models.calls import Call, Price, Spent, rough_tokens
from lab.models.roles import Ceiling

__all__ = ["Budget", "need"]

NOTHING = Spent()
ABOUT_NOTHING_USD = 1e-9  # what sums of fractions may be off by


def need(call: Call) -> Spent:
    """Bound a call: a token for every two bytes and eight for each message, and the longest reply it asks for."""
    body = call.body
    texts = (
        [body["prompt"], body.get("suffix") or ""]
        if "prompt" in body
        else [message["content"] for message in body["messages"]]
    )
    sent = sum(max(rough_tokens(text), len(text.encode("utf-8", "replace")) // 2) + 8 for text in texts)
    return Spent(1, 0, sent, call.longest)


@dataclass(frozen=True)
class Budget:
    """What may be spent, what was, and what calls in flight may still take.

    `spent` is in the ledger, `arrived` not yet, `flying` the most that calls in flight take. `above` is the most
    by which a reply has taken more tokens than its call's bound, sent and answered.
    """

    ceiling: Ceiling
    spent: Spent = NOTHING
    arrived: Spent = NOTHING
    flying: Spent = NOTHING
    above: Spent = NOTHING

    def amount(self, need: Spent, price: Price | None) -> Spent:
        """Return the most that a call takes, by what the server was seen to count."""
        most = need + self.above
        return replace(most, cost_usd=price.of(most.n_input_tokens, most.n_output_tokens) if price else 0.0)

    def allows(self, amount: Spent) -> bool:
        """Return whether a call may be made while those in flight are."""
        return not _broken(self.ceiling, self.spent + self.arrived + self.flying + amount)

    def check(self, amount: Spent, model: str, price: Price | None) -> None:
        """Say why a call cannot be made, even when none is in flight.

        Raises:
            BudgetError: when it would break the ceiling, or its price is not known and the ceiling is one in money.
        """
        c, spent = self.ceiling, self.spent + self.arrived
        if c.cost_usd and price is None:
            raise BudgetError("price", c.cost_usd, model=model)
        match _broken(c, spent + amount):
            case "calls":
                raise BudgetError("calls", c.calls, spent.n_paid, amount.n_paid, model)
            case "tokens":
                raise BudgetError("tokens", c.tokens, spent.n_tokens, amount.n_tokens, model)
            case "cost_usd":
                raise BudgetError("cost_usd", c.cost_usd, spent.cost_usd, amount.cost_usd, model)

    def sent(self, amount: Spent) -> Budget:
        """Hold the amount of a call that is sent."""
        return replace(self, flying=self.flying + amount)

    def lost(self, amount: Spent) -> Budget:
        """Free the amount of a call that failed or was stopped."""
        return replace(self, flying=self.flying - amount)

    def answered(self, amount: Spent, need: Spent, paid: Spent) -> Budget:
        """Count what a call took in place of its amount, and learn from it."""
        above = Spent(
            n_input_tokens=max(self.above.n_input_tokens, paid.n_input_tokens - need.n_input_tokens),
            n_output_tokens=max(self.above.n_output_tokens, paid.n_output_tokens - need.n_output_tokens),
        )
        return replace(self.lost(amount), arrived=self.arrived + paid, above=above)

    def kept(self, paid: Spent, ledger: Spent) -> Budget:
        """Take what the ledger says once it holds what calls took."""
        return replace(self, arrived=self.arrived - paid, spent=ledger)


def _broken(ceiling: Ceiling, amount: Spent) -> Literal["calls", "tokens", "cost_usd"] | None:
    if ceiling.calls and amount.n_paid > ceiling.calls:
        return "calls"
    if ceiling.tokens and amount.n_tokens > ceiling.tokens:
        return "tokens"
    if ceiling.cost_usd and amount.cost_usd > ceiling.cost_usd + ABOUT_NOTHING_USD:
        return "cost_usd"
    return None
