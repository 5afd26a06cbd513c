"""What changed between two texts, drawn."""

from __future__ import annotations

from lab.core.diff import spans
from lab.views.markup import esc


def diff(old: str, new: str) -> str:
    """Draw the change as HTML; colour is never the only sign."""
    drawn = "".join(_DRAWN[span.kind].format(esc(span.text)) for span in spans(old, new))
    return f'<div class="lab-diff">{drawn}</div>'


_DRAWN = {"kept": "<span>{}</span>", "inserted": "<ins>{}</ins>", "deleted": "<del>{}</del>"}
