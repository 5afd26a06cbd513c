"""How often one call is tried, and how long it waits in between."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from lab.models.failures import Failure

__all__ = ["Tries"]

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 8.0
SPARED = 3  # refusals for each try allowed, while others' calls go well


@dataclass
class Tries:
    """What became of a call so far, of which `most` tries are made.

    A refusal for crowding counts as no try while others' calls go well, of which there were `n_well`: it is the
    pace that is wrong then, not the server. Of these, too, there is an end.
    """

    most: int
    n_well: int
    failed: list[Failure] = field(default_factory=list)
    failed_at: list[float] = field(default_factory=list)
    n_spared: int = 0

    @property
    def n_left(self) -> int:
        return self.most - (len(self.failed) - self.n_spared)

    def add(self, failure: Failure, n_well: int, now: float = 0.0) -> None:
        """Take note of a failure, when it was, and of how many calls went well by now."""
        self.failed.append(failure)
        self.failed_at.append(now)
        if failure.is_crowded and n_well > self.n_well and self.n_spared < SPARED * self.most:
            self.n_spared += 1
        self.n_well = n_well

    def wait_s(self, url: str, content: bytes) -> float:
        """Describe how long the call waits before it is tried again, beside the pause that holds for all."""
        last, n = self.failed[-1], len(self.failed)
        if last.wait_s:
            return 0.0 if last.is_crowded else last.wait_s
        if n == 1 and last.kind == "connection":  # kept open too long, and closed by the server: try another
            return 0.0
        longest_s = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** (n - 1))
        return longest_s * (0.5 + Random(f"{url}/{n}/{content!r}").random() / 2)  # noqa: S311  # noqa: S311
