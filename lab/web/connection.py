"""The part of the set-up about models: address, key, how each is asked, its price, and what may be spent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import gradio as gr

from lab.errors import LabError, MisuseError
from lab.models.endpoint import Endpoint
from lab.models.limits import Ceiling, Limits, Sampling
from lab.models.roles import ROLES, ModelConfig, Models
from lab.practice import MODELS
from lab.session import Session
from lab.session.arguments import number, price_of, whole
from lab.views.markup import part
from lab.views.models import card, checking, key_line
from lab.views.numbers import typed
from lab.views.work import failure, notice

if TYPE_CHECKING:
    from lab.models.prices import Price

_MODEL_HELP = (
    "practice is a simulated model that needs no network. For a real one write MODEL@URL of any server that "
    "speaks the OpenAI protocol, for example llama3.2@http://localhost:11434/v1."
)
_NUMBERS: tuple[tuple[str, str, str], ...] = (  # label, help, value
    ("Temperature", "Empty: as the optimizer sets it.", ""),
    ("Longest reply", "In tokens. Empty: as the optimizer sets it.", ""),
    ("Calls at once", "Fewer where the server refuses.", "64"),
    ("Time-out", "In seconds, for one reply.", "60"),
    ("Requests per minute", "Empty: no limit.", ""),
    ("Tokens per minute", "Empty: no limit.", ""),
    ("Price of tokens sent", "US$ for a million. Empty: not known.", ""),
    ("Price of tokens that come back", "US$ for a million. Empty: not known.", ""),
)
_CEILING = ("Calls at most", "Tokens at most", "US dollars at most")
_CHECK_TRIES = 2  # who waits for a check wants to hear soon that nobody answers
_N_ASKED = 1 + len(_NUMBERS)


@dataclass(frozen=True)
class Fold:
    """The components of one model: the box with its name and address, and what is folded away below it."""

    model: gr.Dropdown
    key: gr.Textbox
    held: gr.HTML
    numbers: tuple[gr.Textbox, ...]
    check: gr.Button
    found: gr.HTML

    @property
    def asked(self) -> list[Any]:
        """What says how the model is used; the key is not among it."""
        return [self.model, *self.numbers]

    @property
    def told(self) -> list[Any]:
        """What follows the name of the model."""
        return [self.found, *self.numbers[-2:]]


@dataclass(frozen=True)
class Connecting:
    """The components of both models and of the ceiling."""

    optimizer: Fold
    target: Fold
    who: gr.HTML
    look: gr.Button
    looked: gr.HTML
    ceiling: tuple[gr.Textbox, ...]

    @property
    def folds(self) -> tuple[Fold, Fold]:
        """Both models, the one that optimizes first."""
        return self.optimizer, self.target

    @property
    def asked(self) -> list[Any]:
        """What `chosen` reads, in its order."""
        return [*self.optimizer.asked, *self.target.asked, *self.ceiling]

    @property
    def typed(self) -> list[Any]:
        """What `keyed` reads; a box for a key is empty but for the moment between typing and the next click."""
        return [one for fold in self.folds for one in (fold.model, fold.key)]

    @property
    def held(self) -> list[Any]:
        """What `keyed` fills."""
        return [one for fold in self.folds for one in (fold.key, fold.held)]


@dataclass(frozen=True)
class Chosen:
    """Which models were chosen, and the prices that were given, by the models' names."""

    models: Models
    prices: tuple[tuple[str, Price], ...]


N_ASKED = len(ROLES) * _N_ASKED + len(_CEILING)  # values of `Connecting.asked`
N_TYPED = 4  # values of `Connecting.typed`


def connecting() -> Connecting:
    """Lay out the choice of both models."""
    with gr.Row():
        with gr.Column(min_width=320):
            optimizer = _fold("Optimizer model", "Writes critiques and new prompts.", "optimizer")
        with gr.Column(min_width=320):
            target = _fold("Target model", "Answers the examples: the model that the prompt is for.", "target")
            who = gr.HTML(_who("practice"), elem_id="who", elem_classes="lab-slot")
    with gr.Row(elem_classes="lab-looking"):
        look = gr.Button("Look for models on this machine", size="sm", scale=0, min_width=260, elem_id="look")
        gr.HTML(part("help", f'<p class="lab-muted">{_MODEL_HELP}</p>'), min_width=320)
    looked = gr.HTML(elem_id="looked", elem_classes="lab-slot")
    with gr.Accordion("What this work may spend", open=False, elem_id="ceiling"), gr.Row():
        ceiling = tuple(_number(label, "Empty: no ceiling.") for label in _CEILING)
    return Connecting(optimizer, target, who, look, looked, ceiling)


def chosen(values: Sequence[Any]) -> Chosen:
    """Read what all of `Connecting.asked` gave.

    Raises:
        MisuseError: in a sentence, for an address or a number that cannot be used.
    """
    *folds, ceilings = (values[i : i + _N_ASKED] for i in range(0, N_ASKED, _N_ASKED))
    given = {role: used(fold) for role, fold in zip(ROLES, folds, strict=True)}
    calls, tokens, usd = ceilings
    ceiling = Ceiling(
        whole(calls, _CEILING[0]) or 0, whole(tokens, _CEILING[1]) or 0, number(usd, _CEILING[2]) or 0
    )
    prices = tuple((config.spec, price) for config, price in given.values() if price)
    return Chosen(Models(ceiling=ceiling, **{role: config for role, (config, _) in given.items()}), prices)


def used(values: Sequence[Any]) -> tuple[ModelConfig, Price | None]:
    """Read what one `Fold.asked` gave.

    Raises:
        MisuseError: in a sentence, for an address or a number that cannot be used.
    """
    spec, *given = values
    names = [label for label, _, _ in _NUMBERS]
    temperature, timeout_s, sent, back = (number(given[i], names[i]) for i in (0, 3, 6, 7))
    longest, at_once, requests, tokens = (whole(given[i], names[i]) for i in (1, 2, 4, 5))
    limits = Limits(at_once or 0, requests or 0, tokens or 0, timeout_s or 0)
    return ModelConfig(Endpoint.of(spec or ""), Sampling(temperature, longest), limits), price_of(sent, back)


def keyed(session: Session, *boxes: str | None) -> list[Any]:
    """Take the keys that were typed, given (model, key) of each, and gives (key, line about it) of each.

    A box is emptied as soon as its key is held; without an address for it, the key stays where it is.
    """
    pairs = list(zip(boxes[::2], boxes[1::2], strict=True))
    taken = [_take(session, spec, key) for spec, key in pairs]
    return [
        value
        for (spec, _), (box, wrong) in zip(pairs, taken, strict=True)
        for value in (box, wrong or _line(session, spec))
    ]


def followed(session: Session, spec: str | None) -> list[Any]:
    """Describe what is known of a model that was named: the card and both prices."""
    try:
        endpoint = Endpoint.of(spec or "")
    except MisuseError:
        return ["", "", ""]  # said by the line about the key
    price = session.book.price(endpoint.spec)
    known = (typed(price.input_usd), typed(price.output_usd)) if price else ("", "")
    return [card(endpoint, session.connections.capabilities(endpoint)), *known]


async def checked(session: Session, *asked: Any) -> AsyncIterator[str]:
    """Ask a model what it can do; return what to show meanwhile, and then."""
    try:
        config, _ = used(asked)
        yield checking(config.endpoint)
        from lab.models.probe import check

        soon = replace(config, limits=replace(config.limits, tries=_CHECK_TRIES))
        yield card(config.endpoint, await check(soon, session.connections))
    except LabError as problem:
        yield failure(str(problem))


def _take(session: Session, spec: str | None, key: str | None) -> tuple[Any, str]:
    """Hold a key for the address of a model; return what the box is to hold, and what is wrong."""
    if not key:
        return gr.skip(), ""
    try:
        endpoint = Endpoint.of(spec or "")
        if endpoint.in_process:
            return gr.skip(), ""
        session.connections.keys.hold(endpoint.base_url, key)
    except MisuseError as problem:
        return gr.skip(), failure(str(problem))
    return "", ""


def _line(session: Session, spec: str | None) -> str:
    try:
        endpoint = Endpoint.of(spec or "")
    except MisuseError as problem:
        return failure(str(problem))
    return key_line(endpoint, *session.connections.keys.there(endpoint))


async def look() -> list[Any]:
    """Look for model servers on this machine: both boxes with what was found, and a word about it."""
    from lab.models.discovery import find

    found = await find()
    names = [*_practice(), *(one.spec for one in found)]
    told = [
        f"{len(found)} found; they are in both lists now." if found
        else "No model server was found on this machine.",
        *(f"{one.spec}: {one.about}" for one in found[:12]),
    ]  # fmt: skip
    return [gr.update(choices=names), gr.update(choices=names), notice(told)]


def answer(made: Connecting, owner: gr.BrowserState, session: Callable[[str], Session]) -> None:
    """Let the parts answer: `session` opens the session of an owner, who is not known before the page is ready."""
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": None}

    def take(owner: str | None, *boxes: str | None) -> list[Any]:
        return keyed(session(owner), *boxes) if owner else [gr.skip()] * len(made.held)

    def follow(owner: str | None, spec: str | None) -> list[Any]:
        return followed(session(owner), spec) if owner else [gr.skip()] * 3

    async def check(owner: str | None, *asked: Any) -> AsyncIterator[str]:
        if owner:
            async for shown in checked(session(owner), *asked):
                yield shown

    for fold in made.folds:
        typing = [fold.key.blur, fold.key.submit, fold.model.change]
        gr.on(typing, take, [owner, *made.typed], made.held, **quiet)
        fold.model.change(follow, [owner, fold.model], fold.told, **quiet)
        taken = fold.check.click(take, [owner, *made.typed], made.held, **quiet)
        taken.then(check, [owner, *fold.asked], fold.found, **quiet)
    made.target.model.change(_who, made.target.model, made.who, **quiet)
    made.look.click(look, None, [made.optimizer.model, made.target.model, made.looked], **quiet)


def _fold(label: str, info: str, name: str) -> Fold:
    model = gr.Dropdown(
        _practice(), value="practice", label=label, info=info, allow_custom_value=True, interactive=True
    )
    with gr.Accordion("Key, limits and price", open=False, elem_id=f"how-{name}", elem_classes="lab-how"):
        key = key_box("Key", f"key-{name}")
        held = gr.HTML(key_line(Endpoint.of("practice"), False, False), elem_id=f"held-{name}")
        with gr.Row(elem_classes="lab-numbers"):
            numbers = tuple(_number(*one) for one in _NUMBERS)
        check = gr.Button("Check this model, with about 15 short calls", size="sm", elem_id=f"check-{name}")
        found = gr.HTML(elem_id=f"found-{name}", elem_classes="lab-slot")
    return Fold(model, key, held, numbers, check, found)


def key_box(label: str, name: str) -> gr.Textbox:
    """Make a box for a key; whoever takes the key empties it."""
    return gr.Textbox(
        label=label, type="password", interactive=True, max_lines=1, elem_id=name, min_width=280,
        info="Sent to this address alone. Held in memory: never stored, lost when the lab is closed.",
        html_attributes=gr.InputHTMLAttributes(autocomplete="off", spellcheck=False),
    )  # fmt: skip


def _number(label: str, info: str, value: str = "") -> gr.Textbox:
    # No gr.Number: that one shows an empty field as 0.
    return gr.Textbox(value, label=label, info=info, max_lines=1, interactive=True, min_width=150)


def _who(spec: str | None) -> str:
    """Describe what a practice model has to be told; of a real model nothing is known."""
    model = (spec or "").strip()
    return notice([f"{model} is a simulated model.", MODELS[model]]) if model in MODELS else ""


def _practice() -> list[str]:
    return [model for model in MODELS if model != "practice-chatty"]
