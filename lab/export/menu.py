"""The menu of exports, as both faces draw it, and what a click on it brings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from lab.errors import MisuseError
from lab.export import answers
from lab.export.formats import FORMATS, named
from lab.export.taken import take
from lab.i18n import gettext, gettext_lazy
from lab.session import Session
from lab.session.jobs import Progress
from lab.session.looking import Look
from lab.session.state import State
from lab.views.markup import button, details, esc, part
from lab.views.page import Page, page
from lab.views.sections import section
from lab.views.summary import summary

__all__ = ["ACT", "Download", "download", "page_with_exports", "summary_with_exports"]

ACT = "export"  # what an event of the menu is called
_ANSWERS = {"csv": ("answers.csv", "text/csv"), "json": ("answers.json", "application/json")}
_WHAT = gettext_lazy(
    "The best prompt on this branch, or what was answered with it and with the start prompt on dev. The programs "
    "hold the lab's reading and metric, and score what the lab says. No key is in any of them."
)


@dataclass(frozen=True)
class Download:
    """A file for the browser to save."""

    name: str
    media: str
    content: str

    @property
    def message(self) -> Mapping[str, str]:
        """What the script of a page saves."""
        return asdict(self)


def page_with_exports(state: State, progress: Progress | None = None, look: Look | None = None) -> Page:
    """Draw all that there is to know of a branch, with the menu of what can be taken along of it."""
    drawn = page(state, progress, look)
    return replace(drawn, drawer=drawn.drawer + part("taking", section("test", _menu())))


def summary_with_exports(state: State) -> str:
    """Draw what a run came to, with the menu of what can be taken along of it."""
    return part("summed", summary(state, _choices()))


def _menu() -> str:
    return details("taking", gettext("Take it along"), _choices())


def _choices() -> str:
    rows = [
        *((name, one.title) for name, one in FORMATS.items()),
        ("csv", gettext("Answers, as CSV")),
        ("json", gettext("Answers, as JSON")),
    ]
    buttons = "".join(button(title, ACT, kind="lab-small", data_format=name) for name, title in rows)
    return f'<p class="lab-muted">{esc(_WHAT)}</p><div class="lab-moves">{buttons}</div>'


def download(session: Session, branch: str, event: Mapping[str, object]) -> Download:
    """Return the file that an event of the menu asks for.

    Raises:
        MisuseError: when there is no such branch or format, or a metric of a person's own is not known here.
    """
    format = str(event.get("format", ""))
    if format in _ANSWERS:
        task = session.state(branch).context.task
        rows = list(answers.answered(session, branch, session.to_test(branch)))
        return Download(*_ANSWERS[format], answers.write(task, rows, format).decode("utf-8"))
    if format not in FORMATS:
        raise MisuseError(
            gettext_lazy("There is no format “{format}”. Choose one of the menu.", format=format[:60])
        )
    one = named(format)
    return Download(one.file, one.media, one.write(take(session, branch)))
