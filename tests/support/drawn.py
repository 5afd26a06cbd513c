"""States made by hand, and what their pages must never hold."""

from __future__ import annotations

from dataclasses import fields
from html.parser import HTMLParser

from lab.core.asks import (
    Context,
    Generate,
    Phase,
    Pick,
    Request,
)
from lab.core.history import Node
from lab.core.review import Proposal
from lab.core.task import Example, Task
from lab.optimizers import OPTIMIZERS, optimizer, protegi
from lab.session.state import State
from lab.store import Branch, Models
from lab.views.page import Page, page

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' autofocus onfocus='alert(1)",
    "</textarea><script>alert(1)</script>",
    "{{ value }} ${alert(1)} **bold** [a](javascript:alert(1))",
)


SMALL = protegi.Settings(
    rounds=2, beam=2, minibatch=12, groups=2, group_size=2, paraphrases=1, selection_rounds=2, selection_prompts=2,
    selection_rows=4,
)  # fmt: skip


ALL = tuple(phase.__name__ for phase in protegi.PHASES)


class Tags(HTMLParser):
    """Takes down every tag, its attributes and the text around them."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.names: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.names += [name for name, _ in attrs]

    def handle_data(self, data: str) -> None:
        self.words += data


def inert(text: str) -> Tags:
    seen = Tags(text)
    assert not {"script", "img", "iframe", "object", "a"} & set(seen.tags)
    assert not [name for name in seen.names if name.startswith("on") or name in ("autofocus", "href", "src")]
    return seen


def whole(drawn: Page) -> str:
    return "".join(
        str(getattr(drawn, field.name))
        for field in fields(drawn)
        if field.name not in ("chart", "branch", "best_prompt")
    )


def task(text: str = "Is it good?") -> Task:
    rows = tuple(Example.of(f"{text} {i}", "yes" if i % 2 else "no") for i in range(24))
    return Task(text, text, rows[:16], rows[16:], labels=("yes", "no"))


def state_of(
    phase: Phase | object, *, run_task: Task | None = None, proposal: Proposal | None = None, kind: str = "protegi"
) -> State:
    """Makes a state by hand, at one node."""
    node = Node("r", phase)
    branch = Branch("b", "me", node.id, "main", node.id, Models(), ALL, "p" if proposal else None)
    settings = SMALL if kind == "protegi" else optimizer(kind).settings()
    context = Context(run_task or task(), settings, 0)
    return State(
        branch, (branch,), optimizer(kind), context, "t", {node.id: node}, (node.id,), proposal, (), {}, ()
    )


def drawn_board(phase: object, items: tuple[object, ...], chosen: tuple[int, ...] | None = None) -> str:
    """Draws the board of a phase that proposes these items: a choice, or what was read from replies."""
    kind = next(one.name for one in OPTIMIZERS.values() if type(phase) in one.phases)
    ask = Generate((Request("words"),)) if chosen is None else Pick(items, chosen)  # type: ignore[arg-type]
    return page(state_of(phase, proposal=Proposal(ask, 0, items), kind=kind)).board  # type: ignore[arg-type]
