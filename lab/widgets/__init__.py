"""The notebook face: the cards of the page, for the same session, as a Jupyter widget.

from lab.widgets import Panel

Panel(session, branch)

panel    what a cell shows: redraws from the book, passes events on, follows the step under way
face     the HTML parts in the browser, and how a click comes back
drawing  a chart as a picture that needs no network
"""

from lab.errors import MisuseError

__all__ = ["Panel"]

try:
    from lab.widgets.panel import Panel
except ModuleNotFoundError as missing:
    if (missing.name or "").partition(".")[0] not in ("anywidget", "ipywidgets", "traitlets"):
        raise
    raise MisuseError(
        f"The notebook panel needs the package “{missing.name}”, which is not installed. "
        "Install the lab with its notebooks: pip install 'prompt-lab[notebooks]', "
        "or pip install -e '.[notebooks]' in its folder."
    ) from None
