"""What the browser shows of a panel: the HTML parts made by the views, and how a click comes back."""

from __future__ import annotations

from importlib.resources import files

import anywidget
import traitlets

from lab import i18n
from lab.i18n import gettext
from lab.views.assets import script
from lab.widgets.saved import panel_style

PARTS = ("notice", "header", "best", "track", "progress", "board", "drawer", "models", "tree", "chart")


def _beside(name: str) -> str:
    return files("lab.widgets").joinpath(name).read_text("utf-8")


def _part() -> traitlets.Unicode[str, str | bytes]:
    return traitlets.Unicode("").tag(sync=True)


class Face(anywidget.AnyWidget):
    """Draws each part where it changed; an act of a person arrives as a custom message, which is the event."""

    _esm = f"{script()}\n{_beside('render.js')}"
    _css = panel_style()

    notice = _part()
    header = _part()
    best = _part()
    track = _part()
    progress = _part()
    board = _part()
    drawer = _part()
    models = _part()
    tree = _part()
    chart = _part()
    language = _part()  # that of the moment in which it was made
    gone = _part()  # what the browser says itself where the kernel says nothing any more
    unheard = _part()  # and where it does not listen
    saved_as = _part()  # what the output is called that holds the last state
    heard = traitlets.Int(0).tag(sync=True)  # how many messages have arrived
    beat = traitlets.Int(0).tag(sync=True)  # changes every `BEAT_S` while the kernel lives, also under a busy cell

    def __init__(self, saved_as: str) -> None:
        super().__init__(
            language=i18n.current(), saved_as=saved_as,
            gone=gettext("The kernel of this panel is gone. What was done is kept: run this cell again to go on."),
            unheard=gettext(
                "A cell is still running. What you do here is taken up when it has ended; steps go on meanwhile."
            ),
        )  # fmt: skip

    def __repr__(self) -> str:
        return "Face()"
