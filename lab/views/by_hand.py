"""The requests to a person who is the optimizer model: each to be copied, with a box for its reply."""

from __future__ import annotations

from lab.i18n import gettext, gettext_lazy, ngettext
from lab.session.pasted import OpenRequest, copied
from lab.session.state import State
from lab.views.markup import attributes, button, copy_button, details, esc, pre
from lab.views.numbers import count

__all__ = ["requests"]

_ABOUT = gettext_lazy(
    "You are the optimizer model here. Answer each request yourself, or copy it into a chat window and bring the "
    "reply back. Once all are answered, the step goes on by itself; what was answered is kept."
)
_TOGETHER = gettext_lazy(
    "Copy all of them into one message. Replies may come back together, each under its line; what matches no "
    "request is said."
)


def requests(state: State, off: str) -> str:
    """Draw the requests that wait, equal ones together, and the way to copy and paste all at once."""
    if not state.requests:
        return ""
    texts: dict[str, list[OpenRequest]] = {}
    for one in state.requests:
        texts.setdefault(one.text, []).append(one)
    cards = "".join(_card(state, i, text, some, off) for i, (text, some) in enumerate(texts.items(), 1))
    left = ngettext("{n} reply to write.", "{n} replies to write.", len(state.requests))
    return (
        f'<p class="lab-muted"><b>{left}</b> {esc(_ABOUT)}</p>'
        f"{_together(state, off) if len(state.requests) > 1 else ''}{cards}"
    )


def _card(state: State, number: int, text: str, some: list[OpenRequest], off: str) -> str:
    if len(some) > 1:
        labels = [gettext("Reply {number}", number=count(i)) for i in range(1, len(some) + 1)]
        title = ngettext(
            "Request {number}, which wants {n} reply, each another one",
            "Request {number}, which wants {n} replies, each another one",
            len(some), number=count(number),
        )  # fmt: skip
    else:
        labels, title = [gettext("Reply")], gettext("Request {number}", number=count(number))
    boxes = "".join(_box(state, one, label, off) for one, label in zip(some, labels, strict=True))
    first = details(f"{state.branch.node}/{some[0].key}/request", title, pre(text), number == 1)
    copy = copy_button(text, gettext("Copy request"))
    return f'<div class="lab-card lab-by-hand">{first}<div>{copy}</div>{boxes}</div>'


def _box(state: State, one: OpenRequest, label: str, off: str) -> str:
    give = button(gettext("Give this reply"), "reply", kind="lab-small", off=off, data_request=one.key)
    return _typed(f"{state.branch.id}/reply/{one.key}", label, give)


def _together(state: State, off: str) -> str:
    copy = copy_button(copied(state.requests), gettext("Copy all requests"))
    take = button(gettext("Take these replies"), "pastereplies", kind="lab-small", off=off)
    box = _typed(f"{state.branch.id}/{state.branch.node}/pasted", gettext("The replies"), take)
    about = f'<p class="lab-muted">{esc(_TOGETHER)}</p><div>{copy}</div>'
    return details(f"{state.branch.node}/together", gettext("All at once"), f"{about}{box}", True)


def _typed(key: str, label: str, send: str) -> str:
    """Draw a box for a text, and below it the button that sends it."""
    field = attributes(rows=4, data_arg="text", data_key=key, dir="auto")
    named = f'<span class="lab-label">{esc(label)}</span>'
    return f'<div class="lab-typed" data-form><label>{named}<textarea{field}></textarea></label>{send}</div>'
