"""What a lab book gives and takes besides nodes and proposals."""

from __future__ import annotations

from dataclasses import dataclass

from lab.models.endpoint import Endpoint
from lab.models.limits import Ceiling, Limits, Sampling, Use


@dataclass(frozen=True)
class Models:
    """Which models a branch uses, as `lab.models.endpoint` spells them, and how; no key is ever in here.

    `ceiling` holds for all branches of a work together.
    """

    optimizer: str = "practice"
    target: str = "practice"
    optimizer_sampling: Sampling = Sampling()
    target_sampling: Sampling = Sampling()
    optimizer_limits: Limits = Limits()
    target_limits: Limits = Limits()
    ceiling: Ceiling = Ceiling()

    @property
    def uses(self) -> tuple[Use, Use]:
        """Gives the optimizer model and the target model, ready to be performed with."""
        return (
            Use(Endpoint.of(self.optimizer), self.optimizer_sampling, self.optimizer_limits),
            Use(Endpoint.of(self.target), self.target_sampling, self.target_limits),
        )

    @property
    def answering(self) -> str:
        """Names the target model and how it is asked: answers of one name can be compared."""
        how = self.target_sampling
        told = "".join(
            f" {name}={value:g}"
            for name, value in (("temperature", how.temperature), ("max_tokens", how.max_tokens))
            if value is not None
        )
        return f"{self.target}{told}"


@dataclass(frozen=True)
class Branch:
    """A named pointer into the tree: where it stands, and which proposal waits there for a verdict.

    `work` is shared by the branches that grew from one beginning: one tree, one owner, one pair of models.
    `sample` is the sample to use next at its node when it was drawn again there.
    """

    id: str
    owner: str
    work: str
    name: str
    node: str
    models: Models
    stops: tuple[str, ...]
    pending: str | None = None
    sample: int | None = None
    can_undo: bool = False
    can_redo: bool = False


@dataclass(frozen=True)
class Spend:
    """Calls of one step: `calls` were paid for, `cached` were known already."""

    node: str
    what: str
    sample: int
    role: str
    calls: int
    cached: int
    n_input_tokens: int
    n_output_tokens: int


@dataclass(frozen=True)
class Measure:
    """The score of a prompt on a split under a target model: the metric over its `n_rows` measured rows."""

    prompt: str
    score: float
    n_rows: int
    hits: tuple[float | None, ...]
