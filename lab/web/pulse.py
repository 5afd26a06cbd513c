"""How a page hears of changes: it asks every moment for a short text, and holds no connection.

A browser opens six connections to a server, so that a page that held one would keep the seventh page from loading.
Where only the step moved on, it asks for its progress alone: what Gradio spends on an answer grows with the
components that the answer may change.
"""

from __future__ import annotations

from collections.abc import Callable

import gradio as gr
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from lab.i18n import gettext
from lab.views.markup import attributes
from lab.web.blocks import drawn

ADDRESS = "/lab/version"
EVERY_MS = 350
_LOST_AFTER = 4  # questions without an answer

_ASK = """
let waits = 0, silent = 0;
const root = new URL(window.gradio_config?.root || '/', location.href).pathname.replace(/\\/$/, '');
const told = element.querySelector('.lab-gone');
// While an act is under way its own answer is waited for, which would else undo what came meanwhile.
const acting = () => Date.now() - (window.labActed || 0) < 2000;
watch('value', () => { waits = 0; window.labActed = 0; });
async function look() {
  const shown = props.value;
  if (shown && shown.tag && Date.now() > waits && !acting()) {
    try {
      const asked = `${root}%(address)s?branch=${encodeURIComponent(shown.branch)}`;
      const answer = await fetch(asked, {cache: 'no-store'});
      if (!answer.ok) throw new Error(answer.status);
      const tag = await answer.text();
      silent = 0;
      if (props.value === shown && tag !== shown.tag && !acting()) {
        waits = Date.now() + 3000;
        const looked = document.querySelector('[data-looked]');
        const moved = tag.startsWith(`${shown.place}.`) ? 'lab_moved' : 'lab_changed';
        trigger(moved, {place: shown.place, look: looked ? looked.dataset.looked : ''});
      }
    } catch { silent += 1; }
    told.hidden = silent < %(lost)d;
  }
  setTimeout(look, %(every)d);
}
look();
"""


def pulse() -> gr.HTML:
    """Make the component; its value says what is shown, or is None."""
    part = gr.HTML(
        html_template=_gone(), js_on_load=_ASK % {"address": ADDRESS, "every": EVERY_MS, "lost": _LOST_AFTER},
        elem_id="lab-pulse", elem_classes="lab-part", apply_default_css=False,
    )  # fmt: skip
    return drawn(part, html_template=_gone)


def _gone() -> str:
    said = gettext(
        "The lab does not answer: its program was ended, or the network is down. What is shown may be out of date; "
        "it goes on by itself once the lab answers."
    )
    return f"<div{attributes(class_='lab lab-gone', role='alert', hidden=True)}>{said}</div>"


def route(version: Callable[[str], str]) -> Route:
    """Make the address that a page asks; the answer says nothing about the branch but that it changed."""

    def answer(request: Request) -> PlainTextResponse:  # in a thread: it reads the book
        return PlainTextResponse(version(request.query_params.get("branch", "")))

    return Route(ADDRESS, answer)
