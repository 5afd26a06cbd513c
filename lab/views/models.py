"""The models of a run as people see them: what each can do, whether its key is there, and what may be changed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from lab.i18n import Message, gettext, gettext_lazy
from lab.models.capabilities import Capabilities
from lab.models.endpoint import Endpoint
from lab.models.findings import Line, lines, sentence
from lab.models.roles import Ceiling
from lab.models.status import ModelStatus
from lab.session.state import State
from lab.views.markup import attributes, button, details, esc, part
from lab.views.names import model_name
from lab.views.numbers import typed
from lab.views.spending import left, spending

TITLES: Mapping[str, Message] = MappingProxyType(
    {
        "optimizer": gettext_lazy("Optimizer model"),
        "target": gettext_lazy("Target model"),
        "judge": gettext_lazy("Judge"),
    }
)
_FROM_HERE = gettext_lazy(
    "Changes here take effect from the next step on. A price applies wherever this lab book uses the model."
)


def models(state: State) -> str:
    """Draw the models of a branch with what may be changed, the ceiling, and what was spent."""
    forms = "".join(_form(state.branch.id, one) for one in state.model_status)
    return part(
        "using",
        f'<p class="lab-muted">{_FROM_HERE}</p><div class="lab-pair">{forms}</div>'
        f"{_ceiling(state)}{spending(state)}",
    )


def card(endpoint: Endpoint, found: Capabilities) -> str:
    """Draw what was found of a model; nothing where it was never checked."""
    if not found.checked:
        return ""
    title = gettext("What {model} can do", model=endpoint.name)
    return part("can", f"<h4>{esc(title)}</h4>{_found(found)}")


def checking(endpoint: Endpoint) -> str:
    """Say that a model is being asked."""
    asking = gettext("Sending a few short calls to {model}…", model=endpoint.name)
    return part("can", f'<p class="lab-muted" role="status">{esc(asking)}</p>')


def key_line(endpoint: Endpoint, held: bool, environment: bool) -> str:
    """Return whether the key of an address is there: `held` for this person, or the `environment`'s."""
    return part("key", f'<p class="lab-muted" role="status">{esc(_key(endpoint, held, environment))}</p>')


def _key(endpoint: Endpoint, held: bool, environment: bool) -> str:
    if endpoint.in_process:
        return gettext("The practice model is simulated on this machine and needs no key.")
    if endpoint.by_hand:
        return gettext("You write the replies yourself, or bring them from a chat window; no key is needed.")
    host = endpoint.host
    if held:
        return gettext("A key for {host} is held in memory, for you alone, until the lab is closed.", host=host)
    if environment:
        return gettext("The key of OPENAI_API_KEY is used for {host}.", host=host)
    if endpoint.is_local:
        return gettext("No key is held for {host}. Most servers on your own machine need none.", host=host)
    return gettext("No key is held for {host}. Enter one if the server asks for it.", host=host)


def _found(found: Capabilities) -> str:
    notes = "".join(f"<li>{esc(sentence(note))}</li>" for note in found.notes)
    more = f'<ul class="lab-notes">{notes}</ul>' if notes else ""
    return f'<dl class="lab-found">{"".join(map(_row, lines(found)))}</dl>{more}'


def _row(line: Line) -> str:
    named = f'{esc(line.what)} <span class="lab-word">{esc(line.word)}</span>'
    return f"<div><dt>{named}</dt><dd>{esc(line.told)}</dd></div>"


def _form(branch: str, one: ModelStatus) -> str:
    limits, price, key = one.limits, one.price, f"{branch}/use/{one.role}"
    sent, back = (price.input_usd, price.output_usd) if price else (None, None)
    unlimited, unknown = gettext("no limit"), gettext("not known")
    fields = _fields(
        key,
        ("concurrency", gettext("Concurrent calls"), limits.concurrency, ""),
        ("timeout_s", gettext("Timeout in seconds"), limits.timeout_s, ""),
        ("requests_per_minute", gettext("Requests per minute"), limits.requests_per_minute or None, unlimited),
        ("tokens_per_minute", gettext("Tokens per minute"), limits.tokens_per_minute or None, unlimited),
        ("lost_after_s", gettext("Lost after so many seconds"), limits.lost_after_s, ""),
        ("most_failed", gettext("Most unanswered calls, in %"), 100 * limits.most_failed, ""),
        ("sent", gettext("US$ per million input tokens"), sent, unknown),
        ("back", gettext("US$ per million output tokens"), back, unknown),
    )
    title = gettext("{role}: {model}", role=TITLES[one.role], model=model_name(one.endpoint.spec))
    change = button(gettext("Change limits and price"), "use", kind="lab-small", data_role=one.role)
    can = details(f"{key}/can", gettext("What it can do"), _found(one.found)) if one.found.checked else ""
    return (
        f'<div class="lab-use"><h4>{esc(title)}</h4>'
        f'<p class="lab-muted">{esc(_key(one.endpoint, one.held, one.environment))}</p>{can}'
        f"<div data-form>{fields}{change}</div></div>"
    )


def _ceiling(state: State) -> str:
    ceiling, key = state.branch.models.ceiling, f"{state.branch.id}/ceiling"
    unlimited = gettext("no limit")
    fields = _fields(
        key,
        ("calls", gettext("Maximum calls"), ceiling.calls or None, unlimited),
        ("tokens", gettext("Maximum tokens"), ceiling.tokens or None, unlimited),
        ("cost_usd", gettext("Maximum cost in US$"), ceiling.cost_usd or None, unlimited),
    )
    title = gettext("Spending limit for this run, all branches together")
    return (
        f'<div class="lab-use" data-form><h4>{title}</h4>'
        f'<p class="lab-muted">{esc(left(ceiling, state.spends))}</p>{fields}'
        f"{button(_ceiling_label(ceiling), 'ceiling', kind='lab-small')}</div>"
    )


def _ceiling_label(ceiling: Ceiling) -> str:
    return gettext("Set the limit") if ceiling == Ceiling() else gettext("Change the limit")


def _fields(key: str, *given: tuple[str, str, float | None, str]) -> str:
    """Draw fields for numbers, each (argument, label, value, what an empty field means)."""
    drawn = "".join(
        f'<label><span class="lab-label">{esc(label)}</span><input{_marks(key, name, value, empty)}></label>'
        for name, label, value, empty in given
    )
    return f'<div class="lab-fields">{drawn}</div>'


def _marks(key: str, name: str, value: float | None, empty: str) -> str:
    return attributes(
        type="text", inputmode="decimal", data_arg=name, data_key=f"{key}/{name}", value=typed(value),
        placeholder=empty,
    )  # fmt: skip
