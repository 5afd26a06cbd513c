"""How works use their models: limits, prices and the ceiling, changed in the midst; how long replies were."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lab.errors import MisuseError
from lab.models.limits import Ceiling, Models
from lab.models.prices import Price
from lab.models.used import ROLES
from lab.text import shortened

if TYPE_CHECKING:
    from lab.optimizers import Optimizer
    from lab.session.session import Session

Event = Mapping[str, Any]
LAST_WORKS = 4


def use_act(session: Session, branch: str, event: Event) -> None:
    """Set the limits and the price of one model from here on: `use role concurrency ... sent back`.

    Raises:
        MisuseError: for a number that is none or out of range, or while a step is under way.
    """
    here = _idle(session, branch)
    optimizes = _role(event) == "optimizer"
    limits = replace(
        here.optimizer_limits if optimizes else here.target_limits,
        concurrency=whole(event["concurrency"], "Calls at once") or 0,
        timeout_s=number(event["timeout_s"], "Time-out") or 0,
        requests_per_minute=whole(event["requests_per_minute"], "Requests per minute") or 0,
        tokens_per_minute=whole(event["tokens_per_minute"], "Tokens per minute") or 0,
    )
    price = price_of(
        number(event["sent"], "US$ for a million tokens sent"),
        number(event["back"], "US$ for a million that come back"),
    )
    session.book.set_price(here.optimizer if optimizes else here.target, price)
    changed = replace(here, optimizer_limits=limits) if optimizes else replace(here, target_limits=limits)
    session.book.use(branch, changed)


def ceiling_act(session: Session, branch: str, event: Event) -> None:
    """Set what all branches of this work may spend together: `ceiling calls tokens cost_usd`.

    Raises:
        MisuseError: for a number that is none or below 0, or while a step is under way.
    """
    _idle(session, branch)
    ceiling = Ceiling(
        whole(event["calls"], "Calls at most") or 0,
        whole(event["tokens"], "Tokens at most") or 0,
        number(event["cost_usd"], "US dollars at most") or 0.0,
    )
    work = session.branch(branch).run
    for sibling in session.branches():
        if sibling.run == work:
            session.book.use(sibling.id, replace(sibling.models, ceiling=ceiling))


def reply_lengths(session: Session, models: Models, kind: Optimizer) -> dict[str, float]:
    """Return the mean tokens of what these models replied, as `lab.session.estimate.rehearse` takes them.

    By the name of a phase of the optimizer, of the owner's last works with these models; and of the "target". What
    was never asked for is missing.

    Raises:
        MisuseError: when one of the models is none, as `lab.models.endpoint` spells them.
    """
    optimizes, answers = (use.endpoint.spec for use in models.uses)
    works = dict.fromkeys(one.run for one in reversed(session.branches()) if one.models.optimizer == optimizes)
    paid = [
        spend
        for work in tuple(works)[:LAST_WORKS]
        for _, spend in session.book.spends(work)
        if (spend.role, spend.what, spend.model) == ("optimizer", "propose", optimizes) and spend.calls
    ]
    nodes = session.book.nodes(tuple(dict.fromkeys(spend.node for spend in paid)))
    tokens, calls = Counter[str](), Counter[str]()
    for spend in paid:
        phase = type(nodes[spend.node].phase)
        if phase in kind.phases:
            tokens[phase.__name__] += spend.n_output_tokens
            calls[phase.__name__] += spend.calls
    target = session.book.mean_reply(answers, "target")
    told = {phase: tokens[phase] / calls[phase] for phase in calls}
    return told if target is None else {**told, "target": target}


def number(written: Any, name: str) -> float | None:
    """Read a number that a person wrote; None where nothing is written.

    Raises:
        MisuseError: when it is none.
    """
    text = "" if written is None else str(written).strip()
    try:
        value = float(text) if text else None
    except ValueError:
        value = math.nan
    if value is not None and not math.isfinite(value):
        raise MisuseError(
            f"{name}: “{shortened(text, 40)}” is no number. Write it as 1000 or 0.5, or leave it empty."
        )
    return value


def whole(written: Any, name: str) -> int | None:
    """Read a whole number that a person wrote; None where nothing is written.

    Raises:
        MisuseError: when it is none.
    """
    value = number(written, name)
    if value is not None and value != int(value):
        raise MisuseError(f"{name}: write a whole number, not {value:g}.")
    return None if value is None else int(value)


def price_of(sent: float | None, back: float | None) -> Price | None:
    """Read a price in US$ for a million tokens; None where none was given.

    Raises:
        MisuseError: when one half is missing, or out of range.
    """
    if sent is None and back is None:
        return None
    if sent is None or back is None:
        raise MisuseError("A price has two halves: of tokens sent and of tokens that come back. Give none or both.")
    return Price(sent, back)


def _role(event: Event) -> str:
    role = str(event["role"])
    if role not in ROLES:
        raise MisuseError(f"A model is used as optimizer or target, not as “{shortened(role, 40)}”.")
    return role


def _idle(session: Session, branch: str) -> Models:
    here = session.branch(branch)
    if session.jobs.running(branch):
        raise MisuseError("A step is under way on this branch. Stop it or wait until it ends.")
    return here.models
