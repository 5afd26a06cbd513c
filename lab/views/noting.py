"""What people wrote on a place of the history, and the form to write on it."""

from __future__ import annotations

from lab.i18n import gettext
from lab.session.state import State
from lab.store.notes import Note
from lab.views.markup import attributes, button, details, esc

__all__ = ["note_form", "written"]


def written(state: State, node: str) -> str:
    """Draw what is written on a node: its star, its name, its tags and its note; nothing where nothing is."""
    note = _note(state, node)
    if note.is_empty:
        return ""
    starred = attributes(title=gettext("starred"), aria_label=gettext("starred"))
    star = f"<span{starred}>★</span> " if note.starred else ""
    named = f"<b>{esc(note.name)}</b> " if note.name else ""
    tags = "".join(f'<span class="lab-chip">{esc(tag)}</span> ' for tag in note.tags)
    return f'<p class="lab-noted">{star}{named}{tags}{esc(note.note)}</p>'


def note_form(state: State, node: str) -> str:
    """Draw the form that writes on a node, with what is written there."""
    note = _note(state, node)
    fields = {
        "name": (note.name, gettext("Name"), 80),
        "tags": (", ".join(note.tags), gettext("Tags, with commas between"), 800),
    }
    lines = "".join(
        f"<label>{label} <input{_field(node, name, value, most)}></label>"
        for name, (value, label, most) in fields.items()
    )
    text = attributes(
        data_arg="text", data_key=f"{node}/note/text", maxlength=5000, rows=2, aria_label=gettext("Note")
    )  # fmt: skip
    star = attributes(type="checkbox", data_arg="starred", data_key=f"{node}/note/star", checked=note.starred)
    body = (
        f'<div class="lab-rules" data-form>{lines}<textarea{text}>{esc(note.note)}</textarea>'
        f'<label class="lab-tick"><input{star}> {gettext("Star")}</label>'
        f"{button(gettext('Keep'), 'note', kind='lab-small', data_node=node)}</div>"
    )
    return details(f"{node}/note", gettext("Note, tags, star"), body)


def _field(node: str, name: str, value: str, most: int) -> str:
    return attributes(type="text", data_arg=name, data_key=f"{node}/note/{name}", value=value, maxlength=most)


def _note(state: State, node: str) -> Note:
    return next((one for one in state.notes if (one.kind, one.subject) == ("node", node)), Note("node", node))
