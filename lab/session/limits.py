"""Limits, prices and the ceiling of a run, changed on the way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lab.errors import MisuseError
from lab.models.limits import Ceiling, Limits, Models
from lab.models.prices import Price

if TYPE_CHECKING:
    from lab.session.session import Session


def set_limits(session: Session, branch: str, role: str, limits: Limits, price: Price | None) -> None:
    """Set the limits and the price of one model from here on; the number of tries stays as it is.

    Raises:
        MisuseError: while a step is under way.
    """
    models = _idle(session, branch)
    optimizes = role == "optimizer"
    before = models.optimizer_limits if optimizes else models.target_limits
    limits = replace(limits, tries=before.tries)
    session.book.set_price(models.optimizer if optimizes else models.target, price)
    changed = replace(models, optimizer_limits=limits) if optimizes else replace(models, target_limits=limits)
    session.book.set_models(branch, changed)


def set_ceiling(session: Session, branch: str, ceiling: Ceiling) -> None:
    """Set what all branches of this run may spend together.

    Raises:
        MisuseError: while a step is under way.
    """
    _idle(session, branch)
    run = session.branch(branch).run
    for sibling in session.branches():
        if sibling.run == run:
            session.book.set_models(sibling.id, replace(sibling.models, ceiling=ceiling))


def _idle(session: Session, branch: str) -> Models:
    here = session.branch(branch)
    if session.jobs.running(branch):
        raise MisuseError("A step is under way on this branch. Stop it or wait until it ends.")
    return here.models
