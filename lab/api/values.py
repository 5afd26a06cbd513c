"""Values that Python gives back: a score with its interval, and a prompt with its score."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lab.core import arguments
from lab.core.task import Task
from lab.errors import MisuseError
from lab.session.sealed import Sealed, Tested
from lab.session.variations import Kind, TriedVariant, Varied
from lab.store import Measure
from lab.store.openings import Opening
from lab.tasks.outcomes import Outcomes
from lab.tasks.statistics import Interval, interval
from lab.text import shortened
from lab.views.markup import esc, rows_of_value, value
from lab.views.numbers import between, counted, percent
from lab.views.sealed import known, sentences
from lab.views.variations import changed
from lab.views.variations import sentences as told

if TYPE_CHECKING:
    import pandas as pd

    from lab.export import Taken

__all__ = ["MeasuredScore", "ScoredPrompt", "TestResult", "VariedPrompt"]


class MeasuredScore(float):
    """A score in [0, 1] with the 95 % interval that its examples leave likely; else it is a plain number.

    `interval` is None where there are too few examples for one.

    Example:
        >>> score = lab.MeasuredScore(0.84, (0.7, 0.93), 50)
        >>> score, score.interval, f"{score:.0%}", score > 0.8
        (0.84 (0.70 to 0.93), (0.7, 0.93), '84%', True)
    """

    interval: Interval | None
    n_examples: int

    def __new__(cls, score: float, interval: Interval | None = None, n_examples: int = 0) -> MeasuredScore:
        """Make a number that knows its interval, and of how many examples it is the score."""
        made = super().__new__(cls, score)
        made.interval, made.n_examples = interval, n_examples
        return made

    @classmethod
    def of(cls, measure: Measure, task: Task, got: Sequence[str] | None = None) -> MeasuredScore:
        """Return what was measured on dev, with its interval; `got` where the metric is not a mean of hits."""
        return cls(measure.score, interval(task, task.dev, measure.hits, got), measure.n_rows)

    def __getnewargs__(self) -> tuple[float, Interval | None, int]:  # type: ignore[override]
        return float(self), self.interval, self.n_examples

    def __repr__(self) -> str:
        span = f" ({self.interval[0]:.2f} to {self.interval[1]:.2f})" if self.interval else ""
        return f"{float(self):.2f}{span}"

    __str__ = __repr__

    @property
    def words(self) -> str:
        """The score as a page says it: 84 % (70 to 93)."""
        return percent(float(self)) + (f" ({between(*self.interval)})" if self.interval else "")

    def _repr_html_(self) -> str:
        on = f" on {counted(self.n_examples, 'example')}" if self.n_examples else ""
        return f"<span>{esc(self.words + on)}</span>"


@dataclass(frozen=True, repr=False)
class ScoredPrompt:
    """A prompt with its dev score, which is None where it was not measured, and what the replies behind it came to.

    `outcomes` counts those right, right in another form, with another answer, not read, cut off and not answered.

    Example:
        >>> lab.ScoredPrompt("Is it positive?", lab.MeasuredScore(0.84, (0.7, 0.93), 50))
        ScoredPrompt('Is it positive?', score=0.84 (0.70 to 0.93))
    """

    prompt: str
    score: MeasuredScore | None = None
    outcomes: Outcomes | None = None
    source: Callable[[], Taken] | None = field(default=None, compare=False)
    vary: Callable[[Kind], Varied] | None = field(default=None, compare=False)

    def export(self, path: str | Path | None = None, *, format: str | None = None) -> str | Path:
        """Take the prompt along: write it to a file, or return it as a text where no path is given.

        Args:
            path: of the file; its ending says the format where that is not named.
            format: "text", "markdown", "html" (a report), "messages", "python", "dspy", "langchain", "inspect",
                "promptfoo" or "huggingface"; without path and format, the text.

        Returns:
            The text, or the path of the file that was written.

        Raises:
            MisuseError: when there is no such format, the file cannot be written, the prompt is not of a run, or
                the format judges and the metric is a function that is not known here.

        Example:
            >>> run = lab.begin("sentiment", "protegi", preset="quick", name="by hand")
            >>> run.best.export("prompt.md").name
            'prompt.md'
            >>> run.best.export(format="messages")[:1]
            '{'
        """
        from lab.export import FORMATS, export, of_path
        from lab.export.writing import write

        if path is not None:
            path = arguments.path("path", path, "the path of a file, such as 'prompt.md'")
        if format is None and path in FORMATS:
            path, format = None, path
        if format is not None:
            arguments.one_of("format", format, tuple(FORMATS))
        name = format or ("text" if path is None else of_path(path))
        if self.source is None:
            raise MisuseError("This prompt is not of a run, so nothing more is known of it. Export run.best.")
        text = export(self.source(), name)
        return text if path is None else write(path, text)

    def sensitivity(self) -> VariedPrompt:
        """Score the prompt on dev in ten small rewordings made by rule: how far the wording alone moves it.

        What is known is not asked again; the calls count as this run's.

        Raises:
            MisuseError: when the prompt is not of a run.
            ModelError: when a model call failed for good; what had arrived is kept.
            BudgetError: when the ceiling is reached; so too.

        Example:
            >>> run = lab.begin("sentiment", "protegi", preset="quick", name="by hand")
            >>> run.baseline.sensitivity().frame().shape
            (10, 9)
        """
        return self._varied("reworded")

    def drop_sentences(self) -> VariedPrompt:
        """Score the prompt on dev without each of its sentences, one at a time: what each of them is worth.

        Raises:
            MisuseError: when the prompt is not of a run, or is one sentence.
            ModelError: when a model call failed for good; what had arrived is kept.
            BudgetError: when the ceiling is reached; so too.

        Example:
            >>> from dataclasses import replace
            >>> task = replace(lab.load("sentiment"), start="Is the review positive or negative? One word.")
            >>> run = lab.begin(task, "protegi", preset="quick", name="by hand")
            >>> list(run.baseline.drop_sentences().frame().what)
            ['Is the review positive or negative?', 'One word.']
        """
        return self._varied("shortened")

    def _varied(self, kind: Kind) -> VariedPrompt:
        if self.vary is None:
            raise MisuseError("This prompt is not of a run, so there is nothing to measure it on. Take run.best.")
        return VariedPrompt(self.vary(kind))

    def __repr__(self) -> str:
        return f"ScoredPrompt({shortened(' '.join(self.prompt.split()), 60)!r}, score={self.score!r})"

    def __str__(self) -> str:
        return self.prompt

    def _repr_html_(self) -> str:
        score = "not measured yet" if self.score is None else self.score.words
        return value(f'<p><b>{esc(score)}</b></p><pre class="lab-pre">{esc(self.prompt)}</pre>')


_VARIED = ("what", "prompt", "score", "change", "change_low", "change_high", "improved", "regressed", "p_value")


@dataclass(frozen=True, repr=False)
class VariedPrompt:
    """A prompt beside its variants: reworded by rule, or without each of its sentences, on the same dev examples.

    Example:
        >>> run = lab.begin("sentiment", "protegi", preset="quick", name="by hand")
        >>> found = run.baseline.sensitivity()
        >>> found.spread >= 0, len(found.sentences())
        (True, 2)
    """

    varied: Varied

    @property
    def spread(self) -> float:
        """How far the dev scores of the prompt and its variants lie apart, in [0, 1]."""
        return self.varied.spread or 0.0

    def sentences(self) -> tuple[str, ...]:
        """Say what the variants show."""
        return told(self.varied)

    def frame(self) -> pd.DataFrame:
        """Return a DataFrame, a row a variant: its dev score, and the paired change from the prompt itself.

        `what` is what was changed, or the sentence that was left out.
        """
        import pandas as pd

        return pd.DataFrame([_variant(one) for one in self.varied.tried], columns=list(_VARIED))

    def __repr__(self) -> str:
        return f"VariedPrompt({counted(len(self.varied.tried), 'variant')}, spread={self.spread:.2f})"

    def _repr_html_(self) -> str:
        lines = "".join(f"<p>{esc(line)}</p>" for line in self.sentences())
        rows = ((esc(one.variant.what), percent(one.measure.score), esc(changed(one))) for one in self.varied.tried)
        return value(f"{lines}{rows_of_value(('variant', 'dev score', 'change'), rows)}")


def _variant(one: TriedVariant) -> tuple[object, ...]:
    low, high = one.paired.interval or (None, None)
    against = one.paired
    return (
        one.variant.what, one.variant.text, one.measure.score, against.change, low, high, against.improved,
        against.regressed, against.p_value,
    )  # fmt: skip


_SPLITS = ("train", "dev", "test")
_TESTED = ("prompt", *(f"{split}{more}" for split in _SPLITS for more in ("", "_low", "_high", "_n")), "gap")


@dataclass(frozen=True, repr=False)
class TestResult:
    """Prompts on all three splits, after the sealed test split was opened for them.

    `openings` are all looks of this run at the test split, the last of which is this one.

    Example:
        >>> run = lab.begin("sentiment", "protegi", preset="quick", name="by hand")
        >>> found = run.test([run.task.start], reason="the example of a docstring")
        >>> found.frame().shape
        (1, 14)
    """

    __test__ = False  # no test of pytest's

    tested: tuple[Tested, ...]
    openings: tuple[Opening, ...]
    start: str

    @property
    def n_openings(self) -> int:
        """How often the run has opened the test split by now."""
        return len(self.openings)

    def sentences(self) -> tuple[str, ...]:
        """Say how often the test split was opened, and how much of each dev score holds on it."""
        return sentences(Sealed(0, self.openings, self.tested), self.start)

    def frame(self) -> pd.DataFrame:
        """Return a DataFrame, a row a prompt: its scores on train (as far as known), dev and test, and the gap.

        `gap` is dev less test: what of the dev score does not hold.
        """
        import pandas as pd

        return pd.DataFrame([_splits(one) for one in self.tested], columns=list(_TESTED))

    def __repr__(self) -> str:
        scores = ", ".join(f"{one.test.score:.2f}" for one in self.tested)
        return f"TestResult({scores} on test, opened {counted(self.n_openings, 'time')})"

    def _repr_html_(self) -> str:
        lines = "".join(f"<p>{esc(line)}</p>" for line in self.sentences())
        rows = (
            (esc(one.prompt), *(esc(known(on)) for on in (one.train, one.dev, one.test))) for one in self.tested
        )
        return value(f"{rows_of_value(('prompt', *_SPLITS), rows)}{lines}")


def _splits(one: Tested) -> tuple[object, ...]:
    cells: list[object] = [one.prompt]
    for on in (one.train, one.dev, one.test):
        low, high = (on.interval if on is not None else None) or (None, None)
        cells += [None, None, None, 0] if on is None else [on.score, low, high, on.n]
    return *cells, None if one.dev is None else one.dev.score - one.test.score
