"""What the browser shows of a panel: the HTML parts made by the views, and how a click comes back."""

from __future__ import annotations

from importlib.resources import files

import anywidget
import traitlets

from lab.views.assets import script, style

PARTS = ("notice", "header", "track", "progress", "board", "drawer", "models", "tree", "chart")


def _beside(name: str) -> str:
    return files("lab.widgets").joinpath(name).read_text("utf-8")


def _part() -> traitlets.Unicode[str, str | bytes]:
    return traitlets.Unicode("").tag(sync=True)


class Face(anywidget.AnyWidget):
    """Draws each part where it changed; an act of a person arrives as a custom message, which is the event."""

    _esm = f"{script()}\n{_beside('render.js')}"
    _css = f"{style()}\n{_beside('panel.css')}"

    notice = _part()
    header = _part()
    track = _part()
    progress = _part()
    board = _part()
    drawer = _part()
    models = _part()
    tree = _part()
    chart = _part()
