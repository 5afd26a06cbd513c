"""The optimizer of one's own that tests register, and take back."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from support.paths import SUPPORT

from lab.optimizers import OPTIMIZERS, unregister

OWN = SUPPORT / "own_optimizer.py"


@contextmanager
def for_a_while() -> Iterator[None]:
    """Takes back what is registered and imported within."""
    known, modules = dict(OPTIMIZERS), set(sys.modules)
    try:
        yield
    finally:
        for name in [name for name in OPTIMIZERS if name not in known]:
            unregister(name)
        for name in [name for name in ("own_optimizer", "mine") if name not in modules]:
            sys.modules.pop(name, None)
