"""What a model costs, as a person says: the lab knows no prices, since they change without telling."""

from __future__ import annotations

from dataclasses import dataclass

from lab.errors import MisuseError
from lab.practice import MODELS

__all__ = ["Price", "price_known_to_all"]

MOST_USD = 1_000_000


@dataclass(frozen=True)
class Price:
    """US dollars per million tokens, those sent and those that came back.

    Raises:
        MisuseError: for a price below 0, or one that is no amount.
    """

    input_usd: float
    output_usd: float

    def __post_init__(self) -> None:
        for name, usd in (("sent", self.input_usd), ("that came back", self.output_usd)):
            if not 0 <= usd <= MOST_USD:
                raise MisuseError(
                    f"The price of a million tokens {name} must be from 0 to {MOST_USD:,} US$, not {usd:g}."
                )

    def of(self, n_input_tokens: int, n_output_tokens: int) -> float:
        """Return what so many tokens cost, in US dollars."""
        return (n_input_tokens * self.input_usd + n_output_tokens * self.output_usd) / 1_000_000


def price_known_to_all(model: str) -> Price | None:
    """Return the price of a model, as its endpoint is spelt, that nobody need set: the practice model is free."""
    return Price(0.0, 0.0) if model in MODELS else None
