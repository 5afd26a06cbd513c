"""What a run begins with: one frozen value that the page's form, the command line and Python all fill."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from lab.core import arguments
from lab.core.asks import Context
from lab.core.task import Task
from lab.errors import MisuseError
from lab.i18n import gettext_lazy
from lab.models.calls import Price
from lab.models.roles import ModelConfig, Models
from lab.optimizers import Optimizer, optimizer
from lab.practice import knows
from lab.session.estimate import Expense, rehearse, reply_lengths
from lab.store import OWNER, Book
from lab.tasks.rubric import points
from lab.text import shortened, whole

__all__ = ["RunSetup", "check_pauses", "checked_seed", "with_judge"]

MOST_SEED = 2**32 - 1
LONGEST_NAME = 80


@dataclass(frozen=True)
class RunSetup:
    """All that a run begins with, checked; `RunSetup.of` makes one of what a person gives.

    Attributes:
        task: with its start prompt and all splits.
        optimizer: its name.
        settings: of the optimizer's own type.
        models: the model of each role with its sampling and limits, and the ceiling; endpoints are spelt in full.
        seed: draws all that is drawn.
        pauses: the phases, by name, at which the run waits for a person.
        name: what its first branch is called.
        prices: of models, as their endpoints are spelt, in place of those that the book knows.

    Raises:
        MisuseError: for an empty start prompt, an unknown optimizer or phase, settings of another optimizer, or a
            seed that is out of range.
    """

    task: Task
    optimizer: str
    settings: Any
    models: Models
    seed: int = 0
    pauses: tuple[str, ...] = ()
    name: str = "main"
    prices: tuple[tuple[str, Price], ...] = ()

    def __post_init__(self) -> None:
        if not self.task.start.strip():
            raise MisuseError(gettext_lazy("The start prompt is empty. Write the instructions to begin with."))
        if not isinstance(self.settings, self.kind.settings):
            raise MisuseError(gettext_lazy("The settings are not those of {optimizer}.", optimizer=self.kind.title))
        check_pauses(self.kind, self.pauses)
        checked_seed(self.seed)

    @classmethod
    def of(
        cls,
        task: Task,
        optimizer_name: str = "protegi",
        *,
        preset: str = "",
        settings: object = None,
        models: Models | str | None = None,
        seed: float | None = 0,
        pauses: Collection[str] | None = None,
        name: str = "main",
        prices: tuple[tuple[str, Price], ...] = (),
    ) -> RunSetup:
        """Check what a person gives, and fill in what is not given.

        Args:
            task: with its start prompt.
            optimizer_name: the optimizer's name.
            preset: the optimizer's preset; "" is the paper's settings.
            settings: of the optimizer's own type, a mapping of some of them by name, which go before the preset, or
                the name of a preset.
            models: of each role, or the name of one for all; the practice model where none are given. A judge that
                a task needs and that is not given is the optimizer model.
            seed: a whole number.
            pauses: phases by name; the optimizer's own where None is given.
            name: of the first branch.
            prices: of models, by the spelling of their endpoints.

        Raises:
            MisuseError: with a sentence that says what to change.
        """
        if not isinstance(task, Task):
            raise arguments.wrong("task", "a task, as lab.load or lab.Task.from_file give it", task)
        kind = optimizer(arguments.text("optimizer_name", optimizer_name, "the name of an optimizer"))
        if isinstance(settings, str):
            preset, settings = settings, None
        if isinstance(models, str):
            models = Models.single(models)
        if models is not None and not isinstance(models, Models):
            raise arguments.wrong(
                "models", "lab.Models, such as lab.Models(target='practice'), or one name", models
            )
        if settings is None or isinstance(settings, Mapping):
            settings = kind.configure(preset, **(settings or {}))
        return cls(
            task,
            kind.name,
            settings,
            with_judge(task, Models() if models is None else models),
            checked_seed(seed),
            kind.pauses if pauses is None else tuple(pauses),
            shortened(whole(name), LONGEST_NAME) or "main",
            prices,
        )

    @property
    def kind(self) -> Optimizer:
        """The optimizer.

        Raises:
            MisuseError: when there is none of that name.
        """
        return optimizer(self.optimizer)

    @property
    def context(self) -> Context:
        """What never changes while the optimizer runs, with the test split sealed."""
        return Context(self.task.sealed(), self.settings, self.seed)

    @property
    def is_unfit(self) -> bool:
        """Whether a simulated model takes part, which has no rules for these examples."""
        working = self.models.without_judge()  # the simulated judge compares words, whatever the task
        return any(config.endpoint.is_simulated for config in working.values()) and not knows(self.task)

    def estimate(self, book: Book | None = None, owner: str = OWNER) -> Expense:
        """Return what the run takes, measuring on dev included: calls at most, tokens roughly.

        Replies are taken to be as long as those of the owner's last runs with these models, as far as the book
        knows.
        """
        lengths = {} if book is None else reply_lengths(book, owner, self.models, self.kind)
        return rehearse(self.kind, self.context, reply_tokens=lengths, dev=True)


def with_judge(task: Task, models: Models) -> Models:
    """Return models with a judge where a model grades the answers of a task, and without one where none does.

    Raises:
        MisuseError: when a judge is named that nothing asks, or the optimizer model cannot take its place.
    """
    if points(task.metric) is None:
        if "judge" in models:
            raise MisuseError(
                gettext_lazy(
                    "A judge is named, and the answers of this task are measured by {metric}, not by a model. "
                    "Take the metric judge, or leave the judge out.",
                    metric=task.metric,
                )
            )
        return models
    if "judge" in models:
        return models
    writes = models["optimizer"]
    if writes.endpoint.by_hand:
        raise MisuseError(
            gettext_lazy(
                "A judge grades each answer and cannot be a person. Name a model as judge, such as practice; your "
                "own ratings say how far it can be trusted."
            )
        )
    return models.using("judge", ModelConfig(writes.endpoint, limits=writes.limits))


def checked_seed(given: float | None) -> int:
    """Return a seed as it is used.

    Raises:
        MisuseError: when it is not a whole number, or out of range.
    """
    if given is None or not 0 <= given <= MOST_SEED or given != int(given):
        raise MisuseError(gettext_lazy("The seed must be a whole number from 0 to {most}.", most=MOST_SEED))
    return int(given)


def check_pauses(kind: Optimizer, pauses: Collection[str]) -> None:
    """Refuse a phase that the optimizer does not have.

    Raises:
        MisuseError: with the phases that there are.
    """
    known = [phase.__name__ for phase in kind.phases]
    for pause in pauses:
        if pause not in known:
            raise MisuseError(
                gettext_lazy(
                    "There is no phase “{phase}” to pause at. The phases are: {known}.",
                    phase=pause,
                    known=", ".join(known),
                )
            )
