"""Limits, prices and the ceiling of a run, changed on the way."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lab.errors import MisuseError
from lab.i18n import gettext_lazy
from lab.models.calls import Price
from lab.models.roles import Ceiling, Limits, Role
from lab.session.branches import Branches
from lab.store import Book


@dataclass(frozen=True, eq=False, repr=False)
class RunLimits:
    """Sets what the models of a run may be asked for and spend."""

    _book: Book
    _branches: Branches

    def set_limits(
        self,
        branch: str,
        role: Role,
        limits: Limits,
        price: Price | None,
        lost_after_s: float | None = None,
        most_failed: float | None = None,
    ) -> None:
        """Set the limits and the price of one model from here on.

        What is done about failed calls stays as it is but for what is given beside them.

        Raises:
            MisuseError: while a step is under way, for a role that no model of this run has, or for a value out of
                range.
        """
        models = self._branches.branch(branch).models
        if role not in models:
            raise MisuseError(
                gettext_lazy(
                    "No model of this run has the role “{role}”: {roles}. Nothing was changed.",
                    role=role,
                    roles=", ".join(models),
                )
            )
        self._branches.check_idle(branch)
        config = models[role]
        was = config.limits
        kept = replace(
            limits,
            tries=was.tries,
            lost_after_s=was.lost_after_s if lost_after_s is None else lost_after_s,
            most_failed=was.most_failed if most_failed is None else most_failed,
        )
        changed = replace(config, limits=kept)
        with self._book.transaction():
            self._book.set_price(config.spec, price)
            self._book.set_models(branch, models.using(role, changed))

    def set_ceiling(self, branch: str, ceiling: Ceiling) -> None:
        """Set what all branches of this run may spend together.

        Raises:
            MisuseError: while a step is under way.
        """
        run = self._branches.branch(branch).run
        self._branches.check_idle(branch)
        with self._book.transaction():
            for one in self._branches.run(run):
                self._book.set_models(one.id, one.models.with_ceiling(ceiling))
