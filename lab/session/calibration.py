"""What replies come to, phase by phase, as measured with the practice model: for estimates before a first reply.

A phase is known by the names of its optimizer and its own. One that is not here is taken to be `UNKNOWN`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["MEASURED", "UNKNOWN", "Measured"]


@dataclass(frozen=True)
class Measured:
    """The `tokens` of a reply, or by how much a prompt that is written is longer than those held.

    `usable` is the share of replies that may be used: some say what another says.
    """

    tokens: int = 40
    usable: float = 0.9


UNKNOWN = Measured(usable=1.0)
MEASURED: Mapping[tuple[str, str], Measured] = MappingProxyType({
    ("ape", "Induce"): Measured(45),
    ("ape", "Resample"): Measured(0),
    ("protegi", "Criticise"): Measured(28),
    ("protegi", "Edit"): Measured(28),
    ("protegi", "Paraphrase"): Measured(8),
    ("opro", "Propose"): Measured(14, 0.7),
    ("pe2", "Induce"): Measured(45),
    ("pe2", "Reason"): Measured(200),
    ("pe2", "Rewrite"): Measured(30),
    ("pe2", "History"): Measured(35),
})  # fmt: skip
