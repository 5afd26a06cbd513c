"""Small notices: what there is to know, and what went wrong."""

from __future__ import annotations

from collections.abc import Iterable

from lab.views.markup import esc, part


def notice(sentences: Iterable[str]) -> str:
    """Draw sentences to read, the first one foremost."""
    texts = list(sentences)
    if not texts:
        return ""
    more = "".join(f'<p class="lab-muted">{esc(one)}</p>' for one in texts[1:])
    return part("notice", f"<p>{esc(texts[0])}</p>{more}")


def failure(sentence: str) -> str:
    """Draw what went wrong, in its place; nothing where nothing did."""
    return part("notice", f'<div class="lab-failure" role="alert">{esc(sentence)}</div>') if sentence else ""
