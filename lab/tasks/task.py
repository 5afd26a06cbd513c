"""The task as people make it: of a file, a DataFrame or records of their own."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from lab.core import arguments, task
from lab.core.task import Example
from lab.errors import DataError
from lab.tasks.loaders import Loaded, load_records, load_task
from lab.tasks.metrics import usual_reading
from lab.tasks.own import OwnMetric, metric_name
from lab.tasks.readings import check
from lab.tasks.rubric import check_rubric

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Example", "Task"]


class Task(task.Task):
    """A task, with the ways to make one; all else of the lab knows it as the plain value that it is."""

    @classmethod
    def from_file(
        cls,
        path: str | Path,
        *,
        input: str | Sequence[str] | None = None,
        answer: str | None = None,
        start: str = "",
        metric: str | OwnMetric | None = None,
        rubric: str = "",
        reading: str = "",
        labels: Sequence[str] | None = None,
        split: str | None = None,
        id: str | None = None,
        name: str | None = None,
        seed: int = 0,
    ) -> Self:
        r"""Load CSV, TSV, JSON or JSONL; columns are guessed where not named, the split is drawn by seed.

        `rubric` is by what a judge grades answers, where the metric is `judge`.
        `reading` is how replies are read, by a code of `lab.tasks.readings`; else the usual one for the answers.
        `labels` are what answers may be: rows with another one are left out, and with none of them answers are free
        text. `split` is the column that says train, dev or test, `id` the one that names the examples.
        What was dropped and why is said as a warning; `lab.tasks.loaders.load_task` gives it as values.

        Raises:
            DataError: when the file cannot be used, in one sentence that says why.
            MisuseError: when an argument is not of its kind.

        Example:
            >>> rows = "".join(f"thing {i},{'good' if i % 2 else 'bad'}\n" for i in range(40))
            >>> _ = pathlib.Path("reviews.csv").write_text(f"text,label\n{rows}")
            >>> lab.Task.from_file("reviews.csv", input="text", answer="label", start="Is it positive?").labels
            ('bad', 'good')
        """
        arguments.path("path", path, "the path of a CSV, TSV, JSON or JSONL file")
        how = _checked(input, answer, start, name, seed, reading, labels, split, id, rubric)
        return cls._of(load_task(path, **how), metric, reading)

    @classmethod
    def from_records(
        cls,
        records: Iterable[Mapping[str, object]],
        *,
        input: str | Sequence[str] | None = None,
        answer: str | None = None,
        start: str = "",
        metric: str | OwnMetric | None = None,
        rubric: str = "",
        reading: str = "",
        labels: Sequence[str] | None = None,
        split: str | None = None,
        id: str | None = None,
        name: str | None = None,
        seed: int = 0,
    ) -> Self:
        """Make a task of dicts, one an example, as `from_file` makes one of a file.

        Raises:
            DataError: when they cannot be used, in one sentence that says why.
            MisuseError: when an argument is not of its kind.

        Example:
            >>> rows = [{"text": f"thing {i}", "label": "good" if i % 2 else "bad"} for i in range(40)]
            >>> lab.Task.from_records(rows, input="text", answer="label", start="Good or bad?").labels
            ('bad', 'good')
        """
        wanted = "a list of dicts such as [{'text': '…', 'label': '…'}]"
        if isinstance(records, str | bytes | Mapping) or not isinstance(records, Iterable):
            raise arguments.wrong("records", wanted, records)
        rows = list(records)
        for row in rows:
            if not isinstance(row, Mapping):
                raise arguments.wrong("records", wanted, row)
        how = _checked(input, answer, start, name, seed, reading, labels, split, id, rubric)
        return cls._of(load_records(rows, what="argument 'records'", **how), metric, reading)

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        input: str | Sequence[str] | None = None,
        answer: str | None = None,
        start: str = "",
        metric: str | OwnMetric | None = None,
        rubric: str = "",
        reading: str = "",
        labels: Sequence[str] | None = None,
        split: str | None = None,
        id: str | None = None,
        name: str | None = None,
        seed: int = 0,
    ) -> Self:
        """Make a task of a DataFrame, a row an example, as `from_file` makes one of a file.

        Raises:
            DataError: when it cannot be used, in one sentence that says why.
            MisuseError: when an argument is not of its kind.

        Example:
            >>> import pandas as pd
            >>> frame = pd.DataFrame({"text": [f"thing {i}" for i in range(40)], "label": ["bad", "good"] * 20})
            >>> lab.Task.from_frame(frame, input="text", answer="label", start="Good or bad?").labels
            ('bad', 'good')
        """
        how = _checked(
            input, answer, start, "frame" if name is None else name, seed, reading, labels, split, id, rubric
        )
        return cls._of(load_records(_rows(frame), what="argument 'frame'", **how), metric, reading)

    @classmethod
    def _of(cls, loaded: Loaded, metric: str | OwnMetric | None, reading: str) -> Self:
        if loaded.report.dropped:
            warnings.warn(" ".join(loaded.report.sentences()), stacklevel=3)
        given = {field.name: getattr(loaded.task, field.name) for field in fields(task.Task)}
        if metric is None:
            return cls(**given)
        name = metric_name(metric)
        return cls(**{**given, "metric": name, "reading": reading or usual_reading(name, loaded.task.labels)})


def _checked(
    input: object,
    answer: object,
    start: object,
    name: object,
    seed: object,
    reading: object,
    labels: object,
    split: object,
    id: object,
    rubric: object,
) -> dict[str, Any]:
    how: dict[str, Any] = {
        "start": arguments.text("start", start),
        "seed": arguments.whole("seed", seed, 0, 2**32 - 1),
        "reading": check(arguments.text("reading", reading)),
        "rubric": check_rubric(arguments.text("rubric", rubric)),
    }
    if isinstance(input, list | tuple) and input:
        how["input"] = [arguments.text("input", one, "names of columns", empty=False) for one in input]
    elif input is not None:
        how["input"] = arguments.text("input", input, "the name of a column, or a list of names", empty=False)
    if labels is not None:
        if isinstance(labels, str) or not isinstance(labels, Iterable):
            raise arguments.wrong("labels", "a list of texts, such as ['yes', 'no']", labels)
        how["labels"] = tuple(arguments.text("labels", one, "a list of texts", empty=False) for one in labels)
    columns = {"answer": answer, "split": split, "id": id}
    how |= {
        argument: arguments.text(argument, given, "the name of a column", empty=False)
        for argument, given in columns.items()
        if given is not None
    }
    return how if name is None else {**how, "name": arguments.text("name", name, "a name", empty=False)}


def _rows(frame: Any) -> list[Mapping[str, object]]:
    if not hasattr(frame, "columns"):
        raise arguments.wrong("frame", "a DataFrame", frame)
    if hasattr(frame, "to_dicts"):  # of polars
        return list(frame.to_dicts())
    if not hasattr(frame, "convert_dtypes"):
        raise arguments.wrong("frame", "a DataFrame", frame)
    # Whole numbers beside a gap are floats in pandas; a label 1 is not to be read as 1.0.
    plain = frame.convert_dtypes()
    names = [str(column) for column in plain.columns]
    if twice := [name for name, n in Counter(names).items() if n > 1]:
        raise DataError(f"The argument 'frame' has two columns named {twice[0][:60]!r}. Rename one of them.")
    return [dict(zip(names, row, strict=True)) for row in plain.astype(object).itertuples(index=False, name=None)]
