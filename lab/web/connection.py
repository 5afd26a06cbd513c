"""The part of the set-up about models: address, key, how each is asked, its price, and the spending limit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import gradio as gr
from gradio.blocks import Block
from gradio.components import Component

from lab.errors import LabError, MisuseError
from lab.i18n import gettext, gettext_lazy, ngettext
from lab.models.access import ANYTHING, Access
from lab.models.calls import Price
from lab.models.endpoint import BY_HAND, Endpoint
from lab.models.roles import Ceiling, Limits, ModelConfig, Models, Sampling, stop_text
from lab.practice import MODELS
from lab.session import Session
from lab.session.background import run_async
from lab.session.commands import number, price_of, whole
from lab.tasks.rubric import RUBRIC
from lab.views.markup import esc, part
from lab.views.models import card, checking, key_line
from lab.views.notices import failure, notice
from lab.views.numbers import typed
from lab.web.blocks import html
from lab.web.events import Updates, Values, listen

_OWN_SETTING = gettext_lazy("Leave empty for the optimizer's own setting.")
_LONGEST = {
    "optimizer": gettext_lazy("In tokens. Leave empty for the optimizer's own setting."),
    "judge": gettext_lazy("In tokens; empty: 512. One that reasons needs more."),
    "target": gettext_lazy(
        "In tokens; empty: 256. For labels 32 are enough, unless the model reasons or is asked to."
    ),
}
_NO_LIMIT = gettext_lazy("Leave empty for no limit.")
_PRICE = gettext_lazy("US$ per million tokens. Leave empty if not known.")
_LIMITS = Limits()
_CHECK_TRIES = 2  # who waits for a check wants to hear soon that nobody answers


@dataclass(frozen=True)
class Fold:
    """The components of one model: the box with its name and address, and what is folded away below it."""

    model: gr.Dropdown
    key: gr.Textbox
    key_status: gr.HTML
    temperature: gr.Textbox
    longest_reply: gr.Textbox
    stop: gr.Textbox
    forced: gr.Checkbox
    concurrency: gr.Textbox
    timeout_s: gr.Textbox
    requests_per_minute: gr.Textbox
    tokens_per_minute: gr.Textbox
    lost_after_s: gr.Textbox
    most_failed: gr.Textbox
    input_price: gr.Textbox
    output_price: gr.Textbox
    check: gr.Button
    found: gr.HTML

    @property
    def asked(self) -> list[Component]:
        """What says how the model is used; the key is not among it."""
        return [
            self.model, self.temperature, self.longest_reply, self.stop, self.forced, self.concurrency,
            self.timeout_s, self.requests_per_minute, self.tokens_per_minute, self.lost_after_s, self.most_failed,
            self.input_price, self.output_price,
        ]  # fmt: skip

    @property
    def followed(self) -> list[Component]:
        """What follows the name of the model."""
        return [self.found, self.input_price, self.output_price]


@dataclass(frozen=True)
class Connecting:
    """The components of the models and of the spending limit; the judge is shown where a model grades answers."""

    optimizer: Fold
    target: Fold
    judge: Fold
    judging: gr.Column
    rubric: gr.Textbox
    who: gr.HTML
    look: gr.Button
    looked: gr.HTML
    most_calls: gr.Textbox
    most_tokens: gr.Textbox
    most_usd: gr.Textbox

    @property
    def folds(self) -> tuple[Fold, Fold, Fold]:
        """The models, in the order of the roles."""
        return self.optimizer, self.target, self.judge

    @property
    def asked(self) -> list[Component]:
        """What `chosen_models` and `chosen_prices` read."""
        asked = [one for fold in self.folds for one in fold.asked]
        return [*asked, self.rubric, self.most_calls, self.most_tokens, self.most_usd]

    @property
    def typed(self) -> list[Component]:
        """What `keyed` reads; a box for a key is empty but for the moment between typing and the next click."""
        return [one for fold in self.folds for one in (fold.model, fold.key)]

    @property
    def held(self) -> list[Block]:
        """What `keyed` fills."""
        return [one for fold in self.folds for one in (fold.key, fold.key_status)]


@dataclass(frozen=True)
class Entry:
    """A key that may have been typed, for whose model, in which box; and where what is known of it is said."""

    spec: str | None
    key: str | None
    box: gr.Textbox
    status: gr.HTML | None = None


def connecting(access: Access = ANYTHING) -> Connecting:
    """Lay out the choice of the models."""
    with gr.Row():
        with gr.Column(min_width=320):
            optimizer = _fold(
                gettext_lazy("Optimizer model"),
                gettext_lazy("Writes critiques and new prompts; by-hand: you do."), "optimizer", access,
            )  # fmt: skip
        with gr.Column(min_width=320):
            target = _fold(
                gettext_lazy("Target model"),
                gettext_lazy("Answers the examples: the model that the prompt is for."), "target", access,
            )  # fmt: skip
            who = html(partial(_who, "practice"), elem_id="who", elem_classes="lab-slot")
    with gr.Column(visible=False, min_width=320, elem_id="judging") as judging:
        judge = _fold(
            gettext_lazy("Judge"), gettext_lazy("Grades each answer by the rubric below."), "judge", access
        )
        rubric = gr.Textbox(
            "", label=gettext_lazy("Rubric"), lines=3, interactive=True, elem_id="rubric", placeholder=RUBRIC,
            info=gettext_lazy(
                "By what an answer passes. The judge sees the input, the reference answer and the answer."
            ),
        )  # fmt: skip
    with gr.Row(elem_classes="lab-looking"):
        look = gr.Button(
            gettext_lazy("Look for models on this machine"), size="sm", scale=0, min_width=260, elem_id="look",
            visible=not access.is_shared,
        )  # fmt: skip
        html(partial(_help, access), min_width=320)
    looked = gr.HTML(elem_id="looked", elem_classes="lab-slot")
    with gr.Accordion(gettext_lazy("Spending limit for this run"), open=False, elem_id="ceiling"), gr.Row():
        calls = _number(gettext_lazy("Maximum calls"), _NO_LIMIT)
        tokens = _number(gettext_lazy("Maximum tokens"), _NO_LIMIT)
        usd = _number(gettext_lazy("Maximum cost in US$"), _NO_LIMIT)
    return Connecting(optimizer, target, judge, judging, rubric, who, look, looked, calls, tokens, usd)


def chosen_models(form: Connecting, values: Values, graded: bool = False) -> Models:
    """Read the models of a run, with a judge where a model grades the answers.

    Raises:
        MisuseError: in a sentence, for an address or a number that cannot be used.
    """
    optimizer, target, judge = (configured(fold, values) for fold in form.folds)
    ceiling = Ceiling(
        _whole(form.most_calls, values) or 0, _whole(form.most_tokens, values) or 0,
        _decimal(form.most_usd, values) or 0,
    )  # fmt: skip
    models = Models(optimizer=optimizer, target=target, ceiling=ceiling)
    return models.using("judge", judge) if graded else models


def chosen_prices(form: Connecting, values: Values) -> tuple[tuple[str, Price], ...]:
    """Read the prices that were given, by the models' names.

    Raises:
        MisuseError: in a sentence, for an address or a number that cannot be used.
    """
    given = [
        (Endpoint.of(values[fold.model] or "").spec, _decimal(fold.input_price, values),
         _decimal(fold.output_price, values))
        for fold in form.folds
    ]  # fmt: skip
    prices = ((spec, price_of(sent, back)) for spec, sent, back in given)
    return tuple((spec, price) for spec, price in prices if price)


def configured(fold: Fold, values: Values) -> ModelConfig:
    """Read how one model is used.

    Raises:
        MisuseError: in a sentence, for an address or a number that cannot be used.
    """
    lost_after_s, most_failed = _decimal(fold.lost_after_s, values), _decimal(fold.most_failed, values)
    limits = Limits(
        _whole(fold.concurrency, values) or 0, _whole(fold.requests_per_minute, values) or 0,
        _whole(fold.tokens_per_minute, values) or 0, _decimal(fold.timeout_s, values) or 0,
        lost_after_s=_LIMITS.lost_after_s if lost_after_s is None else lost_after_s,
        most_failed=_LIMITS.most_failed if most_failed is None else most_failed / 100,
    )  # fmt: skip
    stop = tuple(filter(None, (stop_text(str(values[fold.stop] or "")),)))
    sampling = Sampling(
        _decimal(fold.temperature, values), _whole(fold.longest_reply, values), stop, bool(values[fold.forced])
    )
    return ModelConfig(Endpoint.of(values[fold.model] or ""), sampling, limits)


def keyed(session: Session, form: Connecting, values: Values) -> Updates:
    """Take the keys that were typed in the set-up."""
    return take_keys(
        session, *(Entry(values[one.model], values[one.key], one.key, one.key_status) for one in form.folds)
    )


def take_keys(session: Session, *entries: Entry) -> Updates:
    """Take the keys that were typed, and say of each address whether its key is there.

    A box is emptied as soon as its key is held; without an address for it, the key stays where it is.
    """
    updates: Updates = {}
    problems = []
    for entry in entries:
        try:
            if _hold(session, entry):
                updates[entry.box] = ""
            problems.append("")
        except MisuseError as problem:
            problems.append(failure(str(problem)))
    for entry, wrong in zip(entries, problems, strict=True):  # said once all are held: two may share an address
        if entry.status is not None:
            updates[entry.status] = wrong or _status(session, entry.spec)
    return updates


def followed(session: Session, fold: Fold, values: Values) -> Updates:
    """Describe what is known of a model that was named: the card and both prices."""
    try:
        endpoint = Endpoint.of(values[fold.model] or "")
    except MisuseError:
        return dict.fromkeys(fold.followed, "")  # said in the line about the key
    price = session.book.price(endpoint.spec)
    known = {
        fold.input_price: price.input_usd if price else None,
        fold.output_price: price.output_usd if price else None,
    }
    # What is typed while this is on its way must not be written over, so that only what differs is sent back.
    updates: Updates = {box: typed(usd) for box, usd in known.items() if values[box] != typed(usd)}
    return {**updates, fold.found: card(endpoint, session.connections.capabilities(endpoint))}


async def checked(session: Session, fold: Fold, values: Values) -> AsyncIterator[Updates]:
    """Ask a model what it can do; return what to show meanwhile, and then."""
    try:
        config = configured(fold, values)
        yield {fold.found: checking(config.endpoint)}
        soon = replace(config, limits=replace(config.limits, tries=_CHECK_TRIES))
        yield {fold.found: card(config.endpoint, await run_async(session.connections.check(soon)))}
    except LabError as problem:
        yield {fold.found: failure(str(problem))}


def answer(form: Connecting, owner: gr.BrowserState, session: Callable[[str], Session]) -> None:
    """Let the parts answer: `session` opens the session of an owner, who is not known before the page is ready."""

    def take(values: Values) -> Updates:
        return keyed(session(values[owner]), form, values) if values[owner] else {}

    def follow(fold: Fold, values: Values) -> Updates:
        return followed(session(values[owner]), fold, values) if values[owner] else {}

    def check(fold: Fold) -> Callable[[Values], AsyncIterator[Updates]]:
        async def steps(values: Values) -> AsyncIterator[Updates]:
            if values[owner]:
                async for update in checked(session(values[owner]), fold, values):
                    yield update

        return steps

    keys: dict[str, Any] = {"inputs": [owner, *form.typed], "outputs": form.held}
    for fold in form.folds:
        listen([fold.key.blur, fold.key.submit, fold.model.change], take, **keys)
        prices = [fold.input_price, fold.output_price]
        listen(fold.model.change, partial(follow, fold), [owner, fold.model, *prices], fold.followed)
        taken = listen(fold.check.click, take, **keys)
        listen(taken.then, check(fold), [owner, *fold.asked], [fold.found])
    target = form.target.model
    listen(target.change, lambda values: {form.who: _who(values[target])}, [target], [form.who])
    listen(
        form.look.click,
        partial(_look, form, owner, session),
        [owner],
        [*(fold.model for fold in form.folds), form.looked],
    )


def key_box(label: str, name: str) -> gr.Textbox:
    """Make a box for a key; whoever takes the key empties it."""
    return gr.Textbox(
        label=label, type="password", interactive=True, max_lines=1, elem_id=name, min_width=280,
        info=gettext_lazy("Sent to this address alone. Held in memory: never stored, lost when the lab is closed."),
        html_attributes=gr.InputHTMLAttributes(autocomplete="off", spellcheck=False),
    )  # fmt: skip


async def _look(
    form: Connecting, owner: gr.BrowserState, session: Callable[[str], Session], values: Values
) -> Updates:
    """Look for model servers on this machine: both boxes with what was found, and a word about it."""
    if not values[owner] or session(values[owner]).connections.keys.access.is_shared:
        return {}  # what is on this machine is its host's
    from lab.models.discovery import find

    found = await find()
    specs = [one.spec for one in found]
    lines = [
        ngettext("{n} model found, now in both lists.", "{n} models found, now in both lists.", len(found))
        if found else gettext("No model server was found on this machine."),
        *(f"{one.spec}: {one.about}" for one in found[:12]),
    ]  # fmt: skip
    return {
        form.optimizer.model: gr.update(choices=[*_known_to_all("optimizer"), *specs]),
        form.target.model: gr.update(choices=[*_known_to_all("target"), *specs]),
        form.judge.model: gr.update(choices=[*_known_to_all("judge"), *specs]),
        form.looked: notice(lines),
    }


def _hold(session: Session, entry: Entry) -> bool:
    """Hold the key of an entry for the address of its model, and return whether that was done.

    Raises:
        MisuseError: when there is no address to hold it for.
    """
    if not entry.key:
        return False
    endpoint = Endpoint.of(entry.spec or "")
    if endpoint.in_process or endpoint.by_hand:
        return False
    session.connections.keys.hold(endpoint.base_url, entry.key)
    return True


def _status(session: Session, spec: str | None) -> str:
    try:
        endpoint = Endpoint.of(spec or "")
    except MisuseError as problem:
        return failure(str(problem))
    return key_line(endpoint, *session.connections.keys.there(endpoint))


def _help(access: Access) -> str:
    return part("help", f'<p class="lab-muted">{esc(_how_to_name(access))}</p>')


def _how_to_name(access: Access) -> str:
    if not access.is_shared or access.own_endpoints:
        return gettext(
            "practice is a simulated model that needs no network. For a real model, write MODEL@URL for any server "
            "that speaks the OpenAI protocol, for example llama3.2@http://localhost:11434/v1, or gguf:PATH for a "
            "model file on this machine."
        )
    if not access.offered:
        return gettext("This page is shared. practice is a simulated model that needs no network.")
    return gettext(
        "This page is shared. practice is a simulated model that needs no network. Its host offers: {models}.",
        models=", ".join(one.spec for one in access.offered),
    )


def _fold(label: str, info: str, name: str, access: Access) -> Fold:
    model = gr.Dropdown(
        [*_known_to_all(name), *(one.spec for one in access.offered)],
        value="practice",
        label=label,
        info=info,
        allow_custom_value=True,
        interactive=True,
    )
    how = gettext_lazy("Key, limits and price")
    with gr.Accordion(how, open=False, elem_id=f"how-{name}", elem_classes="lab-how"):
        key = key_box(gettext_lazy("Key"), f"key-{name}")
        status = html(partial(key_line, Endpoint.of("practice"), False, False), elem_id=f"held-{name}")
        with gr.Row(elem_classes="lab-numbers"):
            temperature = _number(gettext_lazy("Temperature"), _OWN_SETTING)
            longest_reply = _number(gettext_lazy("Longest reply"), _LONGEST[name])
            stop = gr.Textbox(
                "", label=gettext_lazy("Stop at"), info=gettext_lazy(r"A reply ends there; \n is a line end."),
                max_lines=1, interactive=True, min_width=150, visible=name == "target",
            )  # fmt: skip
            concurrency = _number(
                gettext_lazy("Concurrent calls"), gettext_lazy("Use fewer if the server refuses."), "64"
            )
            timeout_s = _number(gettext_lazy("Timeout"), gettext_lazy("In seconds, for one reply."), "60")
            requests_per_minute = _number(gettext_lazy("Requests per minute"), _NO_LIMIT)
            tokens_per_minute = _number(gettext_lazy("Tokens per minute"), _NO_LIMIT)
            lost_after_s = _number(
                gettext_lazy("Lost after"), gettext_lazy("Seconds without any answer until a step stops."),
                typed(_LIMITS.lost_after_s),
            )  # fmt: skip
            most_failed = _number(
                gettext_lazy("Unanswered calls"), gettext_lazy("In %: a step stops when more fail."),
                typed(100 * _LIMITS.most_failed),
            )  # fmt: skip
            input_price = _number(gettext_lazy("Price of input tokens"), _PRICE)
            output_price = _number(gettext_lazy("Price of output tokens"), _PRICE)
        forced = gr.Checkbox(
            False, label=gettext_lazy("Answer with a label only"), interactive=True, visible=name == "target",
            info=gettext_lazy("Forced choice, where the check below finds a way to it."), elem_id=f"forced-{name}",
        )  # fmt: skip
        check = gr.Button(
            gettext_lazy("Check this model with about 15 short calls"), size="sm", elem_id=f"check-{name}"
        )
        found = gr.HTML(elem_id=f"found-{name}", elem_classes="lab-slot")
    return Fold(
        model, key, status, temperature, longest_reply, stop, forced, concurrency, timeout_s, requests_per_minute,
        tokens_per_minute, lost_after_s, most_failed, input_price, output_price, check, found,
    )  # fmt: skip


def _number(label: str, info: str, value: str = "") -> gr.Textbox:
    # No gr.Number: that one shows an empty field as 0.
    return gr.Textbox(value, label=label, info=info, max_lines=1, interactive=True, min_width=150)


def _decimal(box: gr.Textbox, values: Values) -> float | None:
    return number(values[box], str(box.label))


def _whole(box: gr.Textbox, values: Values) -> int | None:
    return whole(values[box], str(box.label))


def _who(spec: str | None) -> str:
    """Describe what a practice model has to be told; of a real model nothing is known."""
    model = (spec or "").strip()
    return notice([gettext("{model} is a simulated model.", model=model), MODELS[model]]) if model in MODELS else ""


def _known_to_all(role: str) -> list[str]:
    """Return the models that nobody need set up; a person can be the one that optimizes."""
    return [*_practice(), *([BY_HAND] if role == "optimizer" else [])]


def _practice() -> list[str]:
    return [model for model in MODELS if model != "practice-chatty"]
