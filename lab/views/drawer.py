"""What was sent and what came back, letter by letter: nothing between a person and the models is hidden."""

from __future__ import annotations

import itertools

from lab.asks import Ask, Done, Evaluate, Generate, Item, Pick, Reply
from lab.review import Proposal
from lab.state import State
from lab.views.markup import details, esc, pre
from lab.views.numbers import count, counted


def drawer(state: State) -> str:
    """Draws the requests of the waiting proposal, or of the step to come."""
    if state.proposal is not None:
        key = f"drawer/{state.branch.pending}"
        return details("drawer", "What was sent to the models, and what came back", _asked(state.proposal, key))
    ask = state.node.phase.ask(state.run, state.sample)
    if isinstance(ask, Done):
        return ""
    return details(
        "drawer", "What the next step will send to the models", _ask(ask, f"drawer/{state.branch.node}", ())
    )


def _asked(proposal: Proposal, key: str) -> str:
    if isinstance(proposal.ask, Generate):
        return _ask(proposal.ask, key, _parsed(proposal))
    return _ask(proposal.ask, key, ())


def _ask(ask: Ask, key: str, parsed: tuple[tuple[tuple[Reply, tuple[Item, ...]], ...], ...]) -> str:
    if isinstance(ask, Generate):
        answers = parsed or ((),) * len(ask.requests)
        return "".join(
            details(f"{key}/{i}", f"Request {count(i + 1)}: {request.about}", (
                f'<p class="lab-label">Meta-prompt, sent word for word</p>{pre(request.meta_prompt)}'
                + "".join(_reply(reply, items) for reply, items in answer)
            ), len(ask.requests) == 1)
            for i, (request, answer) in enumerate(zip(ask.requests, answers, strict=True))
        )  # fmt: skip
    if isinstance(ask, Evaluate):
        prompts = "".join(
            f'<p class="lab-label">Prompt {count(i)}</p>{pre(prompt)}' for i, prompt in enumerate(ask.prompts, 1)
        )
        told = f"{counted(len(ask.prompts), 'prompt')} × {counted(len(ask.examples), ask.split + ' example')}"
        return f"<p>The target model answers {told}.</p>{prompts}"
    if isinstance(ask, Pick):
        return "<p>No model was asked: the optimizer chose this itself, at random or by the estimates.</p>"
    return ""


def _reply(reply: Reply, items: tuple[Item, ...]) -> str:
    flaw = f'<p class="lab-flaw">{esc(reply.flaw)}</p>' if reply.flaw else ""
    read = "".join(
        pre(item.text) + (f'<p class="lab-flaw">{esc(item.flaw)}</p>' if item.flaw else "") for item in items
    )
    return (
        f'<p class="lab-label">Reply, as it came</p>{pre(reply.text)}{flaw}'
        f'<p class="lab-label">What was read from it</p>{read}'
    )


def _parsed(proposal: Proposal) -> tuple[tuple[tuple[Reply, tuple[Item, ...]], ...], ...]:
    """Gives each reply the items that were read from it."""
    number = itertools.count()
    read = [
        tuple(
            (reply, tuple(item for item in proposal.items if item.reply == i))
            for reply, i in zip(replies, number, strict=False)
        )
        for replies in proposal.replies
    ]
    return tuple(read)
