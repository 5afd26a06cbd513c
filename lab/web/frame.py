"""The frame around the parts of the lab view: tabs, panes that can be dragged and folded, and the help.

All of it happens in the browser; no tab and no pane asks the lab for anything.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import gradio as gr

from lab.i18n import gettext, gettext_lazy
from lab.views.assets import narrow_style, script
from lab.views.markup import attributes, esc
from lab.views.sections import SECTIONS
from lab.web.blocks import drawn
from lab.web.language import chooser

__all__ = ["head", "languages", "pane_tabs", "section_tabs", "selected", "tools"]

_HERE = Path(__file__).parent
_PANES = {
    "decide": (gettext_lazy("Decide"), "lab-board"),
    "evidence": (gettext_lazy("Evidence"), "lab-evidence"),
    "history": (gettext_lazy("History"), "lab-past"),
}
_SETTINGS = "settings"
_KEYS = (
    ("j", gettext_lazy("open the next card")),
    ("k", gettext_lazy("open the card before")),
    ("x", gettext_lazy("keep the open card, or leave it out")),
    ("e", gettext_lazy("edit the open card; Escape leaves the field")),
    ("g", gettext_lazy("go on: the main button of the bar")),
    ("r", gettext_lazy("reject all and draw again")),
    ("u", gettext_lazy("undo")),
    ("/", gettext_lazy("search the history; Enter for the next place, ↓ into the history")),
    ("?", gettext_lazy("show these keys")),
)


def head() -> str:
    """Return what stands once in the head: styles that Gradio would rewrite, which outweigh what it is given, and
    the script that each part calls. Gradio searches the text of a part's own script at each change of it.
    """
    shown = ", ".join(f'.lab-frame[data-section="{name}"] [data-section="{name}"]' for name in SECTIONS)
    rules = f"{narrow_style()}{(_HERE / 'frame.css').read_text('utf-8')}{shown} {{ display: block; }}"
    styles = f"<style>.gradio-container.gradio-container.gradio-container .contain {{ {rules} }}</style>"
    return f"{styles}<script>{(_HERE / 'language.js').read_text('utf-8')}{script()}</script>"


def tools() -> gr.HTML:
    """Make the buttons at the right of the top bar, and the help."""
    return _still("tools", _tools, (_HERE / "frame.js").read_text("utf-8"))


def _tools() -> str:
    last, titles = len(SECTIONS), ", ".join(title.lower() for title, _ in SECTIONS.values())
    tabs = gettext("{first} to {last}", first=1, last=last)
    keys = "".join(
        f"<tr><th scope='row'><kbd>{esc(key)}</kbd></th><td>{esc(what)}</td></tr>"
        for key, what in (*_KEYS[:-1], (tabs, titles), _KEYS[-1])
    )
    panes = "".join(
        f"<button{attributes(type='button', class_='lab-button lab-small', data_fold=pane, aria_pressed='true')}>"
        f"{title}</button>"
        for pane, title in (("left", gettext("History")), ("right", gettext("Evidence")))
    )
    helping = attributes(
        type="button", class_="lab-button lab-small", data_help=True, aria_label=gettext("Help: keys")
    )
    return (
        f'<div class="lab lab-tools" data-sections="{" ".join((*SECTIONS, _SETTINGS))}">{panes}'
        f'<button type="button" class="lab-button lab-small" data-section-tab="{_SETTINGS}">'
        f"{gettext('Settings')}</button><button{helping}>?</button></div>"
        f"<dialog{attributes(class_='lab lab-keys', aria_label=gettext('Keys'))}>"
        f"<h3>{gettext('Keys')}</h3><table>{keys}</table>"
        f'<form method="dialog"><button class="lab-button lab-small">{gettext("Close")}</button></form></dialog>'
    )


def pane_tabs() -> gr.HTML:
    """Make the tabs by which a narrow window shows one pane at a time, and the edges by which panes are dragged."""
    return _still("panes", _pane_tabs)


def _pane_tabs() -> str:
    tabs = "".join(_tab("pane", name, title, shown, name == "decide") for name, (title, shown) in _PANES.items())
    edges = _edge("left", gettext("Width of the history")) + _edge("right", gettext("Width of the evidence"))
    return f"{_tabs(gettext('Panes'), tabs)}{edges}"


def _edge(pane: str, called: str) -> str:
    marks = attributes(
        class_=f"lab-edge-of lab-edge-{pane}", role="separator", tabindex=0, data_edge=pane,
        aria_orientation="vertical", aria_label=called, aria_valuenow=0,
    )  # fmt: skip
    return f"<div{marks}></div>"


def section_tabs() -> gr.HTML:
    """Make the tabs of the evidence."""
    return _still("sections", _section_tabs)


def _section_tabs() -> str:
    named = {**{name: title for name, (title, _) in SECTIONS.items()}, _SETTINGS: gettext("Settings")}
    tabs = (_tab("section", name, title, "lab-shown", name == "examples") for name, title in named.items())
    return _tabs(gettext("Evidence"), "".join(tabs))


def languages(name: str) -> gr.HTML:
    """Make a choice of the language of the page."""
    return _still(name, chooser)


def selected() -> gr.HTML:
    """Make the place where the evidence of the card that is open is shown."""
    return _still("selected", lambda: '<div class="lab lab-selected"></div>')


def _tabs(called: str, tabs: str) -> str:
    return f"<div{attributes(class_='lab lab-tabs', role='tablist', aria_label=called)}>{tabs}</div>"


def _tab(kind: str, name: str, title: str, shown: str, chosen: bool) -> str:
    """Draw a tab; `shown` is the id of what it shows."""
    marks = attributes(
        type="button", role="tab", class_="lab-tab", id=f"{kind}-{name}", aria_controls=shown,
        aria_selected="true" if chosen else "false", tabindex=0 if chosen else -1, **{f"data_{kind}_tab": name},
    )  # fmt: skip
    return f"<button{marks}>{esc(title)}</button>"


def _still(name: str, view: Callable[[], str], script: str = "") -> gr.HTML:
    """Make a part that is drawn once for each language; what is done in it stays in the browser."""
    part = gr.HTML(
        view(), js_on_load=script or None, elem_id=f"lab-{name}", elem_classes="lab-part", apply_default_css=False
    )
    return drawn(part, value=view)
