"""Tells whether answers are labels: classes that are named again and again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from lab.tasks.metrics import is_number, last_number

_FEW_LABELS, _MAX_LABELS = 20, 300
_ROWS_EACH = 4  # of each label on average, where there are many
_MAX_NUMBERS = 10
_MAX_LABEL_CHARS = 60


def labels_of(answers: Iterable[str]) -> tuple[str, ...]:
    """Return the labels where answers look like classes: short, used again and again; else none.

    Few may be told by half of them being used again; of many, nearly all must be.
    """
    texts = [text.strip() for text in answers if text.strip()]
    counts = Counter(text.casefold() for text in texts)
    numbers = bool(counts) and all(map(is_number, counts))
    many = len(counts) > _FEW_LABELS
    most, rows_each = (
        (_MAX_NUMBERS, 4) if numbers else (_MAX_LABELS, _ROWS_EACH if many else max(2, len(counts) / 2))
    )
    few = 2 <= len(counts) <= most and len(texts) >= rows_each * len(counts)
    short = all(len(text) <= _MAX_LABEL_CHARS and "\n" not in text for text in counts)
    used = sum(n > 1 for n in counts.values()) >= (0.9 if many else 0.5) * len(counts)
    if not (few and short and used):
        return ()
    spelled = Counter(texts)
    labels = [max((t for t in spelled if t.casefold() == key), key=lambda t: (spelled[t], t)) for key in counts]
    return tuple(sorted(labels, key=lambda label: ((last_number(label) or 0) if numbers else 0, label.casefold())))
