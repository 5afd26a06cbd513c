"""The last state of a panel as HTML that needs no kernel, no script and no network: what a saved notebook shows."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from lab.i18n import gettext
from lab.views.assets import narrow_style, style
from lab.views.page import Page

if TYPE_CHECKING:
    from IPython.display import DisplayHandle

_SHOWN = ("header", "best", "track", "board")


def saved(page: Page, chart: str, name: str) -> str:
    """Return the last state of a panel, with its own style; the live panel hides what has its name."""
    parts = "".join(f'<div class="lab-at-{name}">{getattr(page, name)}</div>' for name in _SHOWN)
    parts += f'<div class="lab-at-tree">{page.tree}{page.place}</div>'
    drawn = f'<div class="lab-at-chart">{chart}</div>'
    how = gettext("This is the state when the notebook was saved. Run the cell again to go on.")
    note = f'<p class="lab lab-muted lab-when">{how}</p>'
    return (
        f'<div class="lab-saved" data-panel="{name}"><style>{panel_style()}</style>'
        f'<div class="lab-panel" inert>{note}{parts}{drawn}</div></div>'
    )


@cache
def panel_style() -> str:
    """Return the style sheet of a panel."""
    own = files("lab.widgets").joinpath("panel.css").read_text("utf-8")
    return f"{style()}\n{narrow_style()}\n{own}"


class Saved:
    """The output that holds the last state of a panel, once it is shown."""

    def __init__(self) -> None:
        self._outputs: list[DisplayHandle] = []

    def show(self, named: str, html: str) -> None:
        """Add the output to the cell."""
        from IPython.display import display

        handle = display(_bundle(named, html), raw=True, display_id=True)  # type: ignore[no-untyped-call]
        if handle is not None:
            self._outputs.append(handle)

    def update(self, named: str, html: Callable[[], str]) -> None:
        """Write the output again, wherever it is shown."""
        if self._outputs:
            bundle = _bundle(named, html())
            for handle in self._outputs:
                handle.update(bundle, raw=True)  # type: ignore[no-untyped-call]


def _bundle(named: str, html: str) -> dict[str, str]:
    return {"text/plain": named, "text/html": html}
