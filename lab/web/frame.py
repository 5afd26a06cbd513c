"""The frame around the parts of the lab view: tabs, panes that can be dragged and folded, and the help.

All of it happens in the browser; no tab and no pane asks the lab for anything.
"""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from lab.views.assets import narrow_style, script
from lab.views.markup import attributes, esc
from lab.views.sections import SECTIONS

__all__ = ["head", "pane_tabs", "section_tabs", "selected", "tools"]

_HERE = Path(__file__).parent
_PANES = {
    "decide": ("Decide", "lab-board"),
    "evidence": ("Evidence", "lab-evidence"),
    "history": ("History", "lab-past"),
}
_SETTINGS = "settings"
_KEYS = (
    ("j", "open the next card"),
    ("k", "open the card before"),
    ("x", "keep the open card, or leave it out"),
    ("e", "edit the open card; Escape leaves the field"),
    ("g", "go on: the main button of the bar"),
    ("r", "reject all and draw again"),
    ("u", "undo"),
    ("/", "search the history; Enter for the next place, ↓ into the history"),
    (f"1 to {len(SECTIONS)}", ", ".join(title.lower() for title, _ in SECTIONS.values())),
    ("?", "show these keys"),
)


def head() -> str:
    """Return what stands once in the head: styles that Gradio would rewrite, which outweigh what it is given, and
    the script that each part calls. Gradio searches the text of a part's own script at each change of it.
    """
    shown = ", ".join(f'.lab-frame[data-section="{name}"] [data-section="{name}"]' for name in SECTIONS)
    rules = f"{narrow_style()}{(_HERE / 'frame.css').read_text('utf-8')}{shown} {{ display: block; }}"
    styles = f"<style>.gradio-container.gradio-container.gradio-container .contain {{ {rules} }}</style>"
    return f"{styles}<script>{script()}</script>"


def tools() -> gr.HTML:
    """Make the buttons at the right of the top bar, and the help."""
    keys = "".join(
        f"<tr><th scope='row'><kbd>{esc(key)}</kbd></th><td>{esc(what)}</td></tr>" for key, what in _KEYS
    )
    panes = "".join(
        f"<button{attributes(type='button', class_='lab-button lab-small', data_fold=pane, aria_pressed='true')}>"
        f"{title}</button>"
        for pane, title in (("left", "History"), ("right", "Evidence"))
    )
    return _still(
        "tools",
        f'<div class="lab lab-tools" data-sections="{" ".join((*SECTIONS, _SETTINGS))}">{panes}'
        f'<button type="button" class="lab-button lab-small" data-section-tab="{_SETTINGS}">Settings</button>'
        '<button type="button" class="lab-button lab-small" data-help aria-label="Help: keys">?</button></div>'
        f'<dialog class="lab lab-keys" aria-label="Keys"><h3>Keys</h3><table>{keys}</table>'
        '<form method="dialog"><button class="lab-button lab-small">Close</button></form></dialog>',
        (_HERE / "frame.js").read_text("utf-8"),
    )


def pane_tabs() -> gr.HTML:
    """Make the tabs by which a narrow window shows one pane at a time, and the edges by which panes are dragged."""
    tabs = "".join(_tab("pane", name, title, shown, name == "decide") for name, (title, shown) in _PANES.items())
    edges = "".join(
        f"<div{attributes(class_=f'lab-edge-of lab-edge-{pane}', role='separator', tabindex=0, data_edge=pane)}"
        f' aria-orientation="vertical" aria-label="Width of the {title}" aria-valuenow="0"></div>'
        for pane, title in (("left", "history"), ("right", "evidence"))
    )
    return _still("panes", f'<div class="lab lab-tabs" role="tablist" aria-label="Panes">{tabs}</div>{edges}')


def section_tabs() -> gr.HTML:
    """Make the tabs of the evidence."""
    named = {**{name: title for name, (title, _) in SECTIONS.items()}, _SETTINGS: "Settings"}
    tabs = "".join(_tab("section", name, title, "lab-shown", name == "examples") for name, title in named.items())
    return _still("sections", f'<div class="lab lab-tabs" role="tablist" aria-label="Evidence">{tabs}</div>')


def selected() -> gr.HTML:
    """Make the place where the evidence of the card that is open is shown."""
    return _still("selected", '<div class="lab lab-selected"></div>')


def _tab(kind: str, name: str, title: str, shown: str, chosen: bool) -> str:
    """Draw a tab; `shown` is the id of what it shows."""
    marks = attributes(
        type="button", role="tab", class_="lab-tab", id=f"{kind}-{name}", aria_controls=shown,
        aria_selected="true" if chosen else "false", tabindex=0 if chosen else -1, **{f"data_{kind}_tab": name},
    )  # fmt: skip
    return f"<button{marks}>{esc(title)}</button>"


def _still(name: str, html: str, script: str = "") -> gr.HTML:
    """Make a part that is drawn once; what is done in it stays in the browser."""
    return gr.HTML(
        html, js_on_load=script or None, elem_id=f"lab-{name}", elem_classes="lab-part", apply_default_css=False
    )
