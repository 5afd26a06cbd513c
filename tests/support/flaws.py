"""Flaws in words, for tests of what a person reads."""

from __future__ import annotations

from lab.core.flaws import Flaw, sentence

CUT = Flaw("stored", texts=("cut off",))  # any flaw of a reply that is told on


def in_words(flaw: Flaw | None) -> str:
    """What a person reads of a flaw; nothing where there is none."""
    return sentence(flaw) if flaw else ""
