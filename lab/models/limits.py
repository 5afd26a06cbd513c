"""How a model is asked, how many calls go at once, and what may be spent: plain values that a person sets."""

from __future__ import annotations

from dataclasses import dataclass

from lab.errors import MisuseError

__all__ = ["Ceiling", "Limits", "Sampling"]


@dataclass(frozen=True)
class Sampling:
    """How a model is asked; None leaves it to who asks: the optimizer's settings, or a target's defaults.

    `temperature` from 0 to 2, `max_tokens` of a reply.

    Raises:
        MisuseError: for a value out of range.
    """

    temperature: float | None = None
    max_tokens: int | None = None

    def __post_init__(self) -> None:
        if self.temperature is not None and not 0 <= self.temperature <= 2:
            raise MisuseError(f"A temperature must be from 0 to 2, not {self.temperature:g}.")
        if self.max_tokens is not None and not 1 <= self.max_tokens <= 1_000_000:
            raise MisuseError(f"The tokens of a reply must be from 1 to 1000000, not {self.max_tokens}.")


@dataclass(frozen=True)
class Limits:
    """How an endpoint may be used; requests and tokens per minute of 0 are no limit.

    `concurrency` calls at once, a time-out of `timeout_s` seconds, `tries` of a call that failed for a reason
    that may pass.

    Raises:
        MisuseError: for a value out of range.
    """

    concurrency: int = 64
    requests_per_minute: int = 0
    tokens_per_minute: int = 0
    timeout_s: float = 60.0
    tries: int = 4

    def __post_init__(self) -> None:
        for name, low, high in (
            ("concurrency", 1, 1024), ("requests_per_minute", 0, 10**6), ("tokens_per_minute", 0, 10**9),
            ("timeout_s", 0.01, 3600), ("tries", 1, 20),
        ):  # fmt: skip
            value = getattr(self, name)
            if not low <= value <= high:
                raise MisuseError(f"{name.replace('_', ' ')} must be from {low:g} to {high:g}, not {value:g}.")


@dataclass(frozen=True)
class Ceiling:
    """What all branches of one run may spend on calls; 0 is no ceiling.

    Raises:
        MisuseError: for a value below 0.
    """

    calls: int = 0
    tokens: int = 0
    cost_usd: float = 0.0

    def __post_init__(self) -> None:
        if min(self.calls, self.tokens, self.cost_usd) < 0:
            raise MisuseError("A spending limit cannot be below 0. Leave it at 0 for none.")
