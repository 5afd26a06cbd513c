"""What is taken along of a run: a prompt, the task it was found on, and how it came about."""

from __future__ import annotations

from dataclasses import dataclass

from lab.core.task import Task
from lab.models.endpoint import Endpoint
from lab.models.roles import ModelConfig
from lab.session import Session
from lab.session.evidence import Evidence, evidence
from lab.session.lineage import Lineage, Made
from lab.session.rating import Judging
from lab.session.reviewed import Edit, edits
from lab.session.sealed import UNOPENED, Sealed
from lab.store import Measure
from lab.tasks.statistics import Interval, interval, is_mean

__all__ = ["Scored", "Taken", "take"]

PRACTICE_SERVER = "http://127.0.0.1:8001/v1"  # as the README starts it
LLAMA_SERVER = "http://127.0.0.1:8080/v1"  # llama.cpp's own port


@dataclass(frozen=True)
class Scored:
    """What was measured of a prompt on dev, with its 95 % interval where there is one."""

    measure: Measure
    interval: Interval | None


@dataclass(frozen=True)
class Taken:
    """A prompt to take along, with all that is known of it; the test split is sealed, and no key is in here.

    Attributes:
        prompt: what is taken.
        run: what its branch is called.
        optimizer: the title of the optimizer that the branch ended with.
        task: with train and dev.
        models: the model of each role, by its name as people are shown it.
        target: the target model, and how it is asked.
        seed: of the run.
        n_rounds: how many rounds were complete.
        score: of the prompt on dev; None where it was not measured.
        start: of the start prompt on dev.
        measured: every prompt on the way that was measured on dev.
        evidence: the best prompt against the start prompt; None where another prompt is taken.
        lineage: how it came about, from the first prompt that it was made of.
        sealed: the test split: how often it was opened, and what was seen.
        edits: all that a person did on the way.
        judging: who graded the answers and how far that agrees with the person; None where no model did.
    """

    prompt: str
    run: str
    optimizer: str
    task: Task
    models: tuple[tuple[str, str], ...]
    target: ModelConfig
    seed: int
    n_rounds: int
    score: Scored | None = None
    start: Scored | None = None
    measured: tuple[Scored, ...] = ()
    evidence: Evidence | None = None
    lineage: tuple[Made, ...] = ()
    edits: tuple[Edit, ...] = ()
    sealed: Sealed = UNOPENED
    judging: Judging | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns that an input is made of."""
        return self.task.inputs or ("input",)

    @property
    def model(self) -> str:
        """The target model as a server knows it; of a file, its name and not where it lies."""
        file = self.target.endpoint.file
        return file.stem if file else self.target.endpoint.model

    @property
    def base_url(self) -> str:
        """Where the target model answers, or would if it were served: the lab serves some models itself."""
        endpoint: Endpoint = self.target.endpoint
        if endpoint.in_process:
            return PRACTICE_SERVER
        return LLAMA_SERVER if endpoint.file else endpoint.base_url


def take(session: Session, branch: str, prompt: str | None = None) -> Taken:
    """Read all that is taken along of a branch: the best prompt on the way there, or another one.

    Raises:
        MisuseError: when there is no such branch.
    """
    state = session.state(branch)
    text = state.result if prompt is None else prompt
    task = state.context.task

    def scored(measure: Measure) -> Scored:
        got = None if is_mean(task.metric) else session.got(branch, measure.prompt)
        return Scored(measure, interval(task, task.dev, measure.hits, got))

    best, known, start = state.best, state.measured.get(text), state.baseline
    return Taken(
        prompt=text,
        run=state.branch.name,
        optimizer=state.optimizer.title,
        task=task,
        models=tuple((role, config.name) for role, config in state.branch.models.items()),
        target=state.branch.models["target"],
        seed=state.context.seed,
        n_rounds=state.node.phase.round,
        score=scored(known) if known else None,
        start=scored(start) if start else None,
        measured=tuple(map(scored, state.on_the_way)),
        evidence=evidence(state) if best is not None and best.prompt == text else None,
        lineage=Lineage(state, session.book).made(text),
        edits=tuple(edits(state, session.book, state.path)),
        sealed=state.sealed,
        judging=state.judging,
    )
