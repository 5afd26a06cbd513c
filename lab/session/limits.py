"""Limits, prices and the ceiling of a run, changed on the way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lab.errors import MisuseError
from lab.models.limits import Ceiling, Limits
from lab.models.prices import Price
from lab.models.roles import Models, Role

if TYPE_CHECKING:
    from lab.session.session import Session


def set_limits(session: Session, branch: str, role: Role, limits: Limits, price: Price | None) -> None:
    """Set the limits and the price of one model from here on; the number of tries stays as it is.

    Raises:
        MisuseError: while a step is under way.
    """
    models = _idle(session, branch)
    config = models[role]
    session.book.set_price(config.spec, price)
    changed = replace(config, limits=replace(limits, tries=config.limits.tries))
    session.book.set_models(branch, models.using(role, changed))


def set_ceiling(session: Session, branch: str, ceiling: Ceiling) -> None:
    """Set what all branches of this run may spend together.

    Raises:
        MisuseError: while a step is under way.
    """
    _idle(session, branch)
    run = session.branch(branch).run
    for sibling in session.branches():
        if sibling.run == run:
            session.book.set_models(sibling.id, sibling.models.with_ceiling(ceiling))


def _idle(session: Session, branch: str) -> Models:
    here = session.branch(branch)
    if session.jobs.running(branch):
        raise MisuseError("A step is under way on this branch. Stop it or wait until it ends.")
    return here.models
