"""What was sent and what came back, letter by letter: nothing between a person and the models is hidden."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from lab.core.asks import Ask, Evaluate, Generate, Item, Pick, Reply
from lab.core.flaws import sentence
from lab.core.review import Proposal
from lab.i18n import gettext, gettext_lazy, ngettext
from lab.session.state import State
from lab.views.diff import diff
from lab.views.markup import attributes, button, details, esc, pre
from lab.views.numbers import count

_SPLITS: Mapping[str, str] = MappingProxyType({"train": gettext_lazy("train"), "dev": gettext_lazy("dev")})


def drawer(state: State) -> str:
    """Draw the requests of the waiting proposal, or of the step to come."""
    if state.proposal is not None:
        asked = _asked(state, state.proposal, f"drawer/{state.branch.pending}")
        return details("drawer", gettext("What was sent to the models, and what came back"), asked)
    if state.done:
        return ""
    asked = _ask(state, state.ask, f"drawer/{state.branch.node}", _own_words(state, state.words))
    return details("drawer", gettext("What the next step will send to the models"), asked)


def _asked(state: State, proposal: Proposal, key: str) -> str:
    if isinstance(proposal.ask, Generate):
        return _requests(state, proposal.ask, key, _parsed(proposal), _own_words(state, proposal.reworded))
    return _ask(state, proposal.ask, key, {})


def _own_words(state: State, worded: Iterable[int]) -> dict[int, str]:
    """Return what the optimizer would have asked where a person worded a request otherwise."""
    places = tuple(worded)
    requests = state.own_ask.requests if places and isinstance(state.own_ask, Generate) else ()
    return {i: requests[i].meta_prompt for i in places if i < len(requests)}


Answers = tuple[tuple[tuple[Reply, tuple[Item, ...]], ...], ...]


def _requests(state: State, ask: Generate, key: str, answers: Answers, own: Mapping[int, str]) -> str:
    return "".join(
        details(
            f"{key}/{i}",
            _title(i + 1, state.about(request.about), i in own),
            _meta_prompt(f"{key}/{i}", i, request.meta_prompt, bool(answers), own.get(i))
            + "".join(_reply(reply, items) for reply, items in answer),
            len(ask.requests) == 1,
        )
        for i, (request, answer) in enumerate(zip(ask.requests, answers or ((),) * len(ask.requests), strict=True))
    )


def _title(number: int, about: str, is_reworded: bool) -> str:
    if is_reworded:
        return gettext("Request {number}: {about}, reworded by you", number=count(number), about=about)
    return gettext("Request {number}: {about}", number=count(number), about=about)


def _meta_prompt(key: str, index: int, text: str, was_sent: bool, own: str | None) -> str:
    """Draw a meta-prompt to read, and to word otherwise for this once."""
    marks = attributes(
        class_="lab-meta", data_arg="text", data_key=f"{key}/meta", rows=14, spellcheck="false",
        aria_label=gettext("Meta-prompt of request {number}", number=count(index + 1)),
    )  # fmt: skip
    sent, waits = gettext("Meta-prompt, sent word for word"), gettext("Meta-prompt, to be sent word for word")
    label = sent if was_sent else waits
    send = button(gettext("Send this wording instead"), "reword", kind="lab-small", data_request=index)
    note = gettext(
        "Change it and send your wording, just this once. The other requests stay; Undo brings this one back."
    )
    before = diff(own, text) if own is not None else ""
    # A first line break after <textarea> is not part of its text, so one is always put there.
    return (
        f'<p class="lab-label">{label}</p><div data-form><textarea{marks}>\n{esc(text)}</textarea>'
        f'<div class="lab-row"><span class="lab-muted">{note}</span>{send}</div></div>{before}'
    )


def _ask(state: State, ask: Ask, key: str, own: Mapping[int, str]) -> str:
    if isinstance(ask, Generate):
        return _requests(state, ask, key, (), own)
    if isinstance(ask, Evaluate):
        return _evaluated(ask)
    if isinstance(ask, Pick):
        told = gettext("No model was asked: the optimizer chose this itself, at random or by the estimates.")
        return f"<p>{told}</p>"
    return ""


def _evaluated(ask: Evaluate) -> str:
    examples = ngettext(
        "{n} {split} example", "{n} {split} examples", len(ask.examples), split=_SPLITS.get(ask.split, ask.split)
    )
    told = ngettext(
        "The target model answers {n} prompt × {examples}.",
        "The target model answers {n} prompts × {examples}.",
        len(ask.prompts), examples=examples,
    )  # fmt: skip
    return f"<p>{esc(told)}</p>" + "".join(
        f'<p class="lab-label">{gettext("Prompt {number}", number=count(i))}</p>{pre(prompt)}'
        for i, prompt in enumerate(ask.prompts, 1)
    )


def _reply(reply: Reply, items: tuple[Item, ...]) -> str:
    flaw = f'<p class="lab-flaw">{esc(sentence(reply.flaw))}</p>' if reply.flaw else ""
    read = "".join(
        pre(item.text) + (f'<p class="lab-flaw">{esc(sentence(item.flaw))}</p>' if item.flaw else "")
        for item in items
    )
    return (
        f'<p class="lab-label">{gettext("Reply as received")}</p>{pre(reply.text)}{flaw}'
        f'<p class="lab-label">{gettext("What was read from it")}</p>{read}'
    )


def _parsed(proposal: Proposal) -> Answers:
    """Return each reply the items that were read from it."""
    number = itertools.count()
    read = [
        tuple(
            (reply, tuple(item for item in proposal.items if item.reply == i))
            for reply, i in zip(replies, number, strict=False)
        )
        for replies in proposal.replies
    ]
    return tuple(read)
