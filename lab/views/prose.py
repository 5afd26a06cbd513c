"""Sentences and phrases one after the other, as the current language sets them; empty ones are left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lab.i18n import gettext

__all__ = ["all_of", "apart", "in_a_row", "listed"]


def in_a_row(*sentences: str) -> str:
    """Write sentences, as text or as HTML, as one paragraph."""
    return _joined(gettext("{before} {after}", before="", after=""), sentences)


def listed(phrases: Iterable[str]) -> str:
    """Write phrases as a list: yes, no, maybe."""
    return _joined(gettext("{one}, {more}", one="", more=""), phrases)


def all_of(phrases: Sequence[str]) -> str:
    """Write phrases, two at least, as a list that is whole: yes, no and maybe."""
    *first, last = phrases
    return gettext("{phrases} and {last}", phrases=listed(first), last=last)


def apart(phrases: Iterable[str]) -> str:
    """Write phrases that may be lists themselves as a list: so and so; and so."""
    return _joined(gettext("{one}; {more}", one="", more=""), phrases)


def _joined(between: str, parts: Iterable[str]) -> str:
    return between.join(str(one) for one in parts if one)
