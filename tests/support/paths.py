"""Where things are: the checkout, its tests, and the benchmark files that may stand beside it."""

from __future__ import annotations

from pathlib import Path

TESTS = Path(__file__).parents[1]
ROOT = TESTS.parent
SUPPORT = TESTS / "support"
GOLDEN = TESTS / "golden"
DATA = ROOT.parent / "shared" / "data"
