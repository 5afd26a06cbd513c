"""What a lab book gives and takes besides nodes and proposals."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Models:
    """Which models a branch uses, as `lab.models.endpoint` spells them."""

    optimizer: str = "practice"
    target: str = "practice"


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
