"""Where a prompt errs, as DataFrames, and as one picture in a cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from lab.core import arguments
from lab.core.task import Example
from lab.errors import MisuseError
from lab.tasks import analysis
from lab.tasks.analysis import Answered, Group
from lab.views.analysis import body
from lab.views.markup import value
from lab.views.numbers import counted

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Analysis"]

_GROUPS = ("by", "group", "n", "n_wrong", "score", "low", "high", "examples", "wrong")

By = str | Callable[[Example], object] | Mapping[str, object]


class Analysis:
    """Where one prompt errs on the examples of a split, beside the other prompts that were tried on them.

    What a group of examples is good for: `run.choose_errors(...)` makes it the errors of the next critique,
    `run.protect(...)` the examples that must not break.

    Example:
        >>> run = lab.begin("sentiment", "protegi", preset="quick", name="analysed")
        >>> run.autopilot(rounds=1)
        >>> found = run.analysis()
        >>> sorted(found.confusion().index)
        ['negative', 'positive']
        >>> groups = found.slices("answer")
        >>> list(groups.columns)
        ['by', 'group', 'n', 'n_wrong', 'score', 'low', 'high', 'examples', 'wrong']
        >>> found.heatmap().shape == (len(found.prompts), 50)
        True
    """

    def __init__(self, found: Answered, split: str) -> None:
        self._found = found
        self.split = split

    @property
    def prompt(self) -> str:
        """The prompt that is looked at."""
        return self._found.prompts[0]

    @property
    def prompts(self) -> tuple[str, ...]:
        """All prompts that were tried on these examples, the one that is looked at first."""
        return self._found.prompts

    def confusion(self) -> pd.DataFrame:
        """Return how often each answer (a column) was given for each label (a row); "" is none of the labels.

        Raises:
            MisuseError: when answers are free text.
        """
        import pandas as pd

        found = analysis.confusion(self._found)
        if found is None:
            raise MisuseError(
                "The answers of this task are free text, so there is no confusion matrix. Try wrong_answers()."
            )
        columns = pd.Index(found.given, name="answered")
        return pd.DataFrame(found.counts, index=pd.Index(found.labels, name="label"), columns=columns)

    def slices(self, by: By = "answer") -> pd.DataFrame:
        """Return how the prompt does on the examples with each value, with 95 % intervals.

        Args:
            by: "answer", "length" (of the input), a column of the input, a function of an example, or values by
                the id or the input of an example, as `dict(zip(frame["text"], frame["source"]))`.

        Raises:
            MisuseError: when the task has no such column, or `by` is none of these.
        """
        found = analysis.slices(self._found, self._values(by))
        return _frame(found, by if isinstance(by, str) else "value")

    def wrong_answers(self) -> pd.DataFrame:
        """Return the errors by what was expected and what was answered, the commonest first."""
        return _frame(analysis.by_wrong_answer(self._found), "wrong_answer")

    def alike(self) -> pd.DataFrame:
        """Return the errors by how alike their inputs are (k-means over TF-IDF), named by words they share."""
        return _frame(analysis.by_likeness(self._found), "likeness")

    def heatmap(self) -> pd.DataFrame:
        """Return the hits of all prompts (rows, the best first) on all examples (columns, the easiest first)."""
        import pandas as pd

        found = analysis.heatmap(self._found)
        prompts = pd.Index([self.prompts[at] for at in found.prompts], name="prompt")
        examples = pd.Index([self._found.examples[at].id for at in found.examples], name="example")
        return pd.DataFrame(found.hits, index=prompts, columns=examples, dtype=float)

    def suspects(self) -> pd.DataFrame:
        """Return the examples whose label may be wrong: good prompts agree on another answer."""
        import pandas as pd

        rows = [
            (one.example.id, one.example.input, one.example.answer, one.given, one.n_agree, one.n_good)
            for one in analysis.suspects(self._found)
        ]
        return pd.DataFrame(rows, columns=["example", "input", "answer", "given", "n_agree", "n_good"])

    def _values(self, by: By) -> tuple[str | None, ...]:
        task, examples = self._found.task, self._found.examples
        if isinstance(by, str):
            found = analysis.values(task, examples, by)
            if found is None:
                raise arguments.wrong("by", f"one of {', '.join(('answer', 'length', *task.inputs))}", by)
            return found
        if isinstance(by, Mapping):
            return tuple(_text(by.get(one.id, by.get(one.input))) for one in examples)
        if callable(by):
            return tuple(_text(by(one)) for one in examples)
        raise arguments.wrong("by", "a column, a function of an example, or values by id or input", by)

    def __repr__(self) -> str:
        hits = self._found.hits[0]
        n_wrong = sum(hit is not None and hit < 1 for hit in hits)
        tried = sum(hit is not None for hit in hits)
        beside = counted(len(self.prompts), "prompt")
        return f"Analysis({n_wrong} wrong of {counted(tried, f'{self.split} example')}, {beside})"

    def _repr_html_(self) -> str:
        return value(body(self._found))


def _text(found: object) -> str | None:
    return None if found is None else str(found)


def _frame(groups: tuple[Group, ...], by: str) -> pd.DataFrame:
    import pandas as pd

    def rows() -> list[tuple[object, ...]]:
        return [
            (
                by, group.texts[0] if len(group.texts) == 1 else group.texts, len(group.examples), len(group.wrong),
                group.score, *(group.interval or (None, None)), group.examples, group.wrong,
            )
            for group in groups
        ]  # fmt: skip

    return pd.DataFrame(rows(), columns=list(_GROUPS))
