"""`python -m lab tasks`: lists the bundled tasks, or shows how a file of examples would be read."""

from __future__ import annotations

import argparse
import json

from lab.cli import columns
from lab.core.task import Task
from lab.tasks.bundled import load, names
from lab.tasks.loaders import Loaded, load_task
from lab.text import shortened

_SHOWN = 3
_WIDTH = 100


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument(
        "file", nargs="?", metavar="FILE", help="a file of examples, or hf:OWNER/NAME: show how it is read"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    columns.add(parser)


def run(options: argparse.Namespace) -> int:
    """Print each task with its sizes, or how a file is read, and return the exit status.

    Raises:
        LabError: when the file cannot be used.
    """
    if options.file is not None:
        loaded = load_task(options.file, **columns.chosen(options))
        print(json.dumps(_preview(loaded), ensure_ascii=False, indent=1) if options.json else _as_text(loaded))
        return 0
    found = [load(name) for name in names()]
    if options.json:
        print(json.dumps([_row(task) for task in found], ensure_ascii=False, indent=1))
        return 0
    for task in found:
        sizes = f"{len(task.train)} train, {len(task.dev)} dev, {len(task.test)} test"
        print(f"{task.name:12} {sizes:32} {', '.join(task.labels)}\n             {task.about}")
    return 0


def _row(task: Task) -> dict[str, object]:
    return {
        "name": task.name,
        "about": task.about,
        "labels": task.labels,
        "metric": task.metric,
        "reading": task.reading,
        "start_prompt": task.start,
        "n_examples": {"train": len(task.train), "dev": len(task.dev), "test": len(task.test)},
        "licence": task.licence,
    }


def _preview(loaded: Loaded) -> dict[str, object]:
    mapping, task = loaded.mapping, loaded.task
    return {
        **{name: value for name, value in _row(task).items() if name not in ("about", "licence")},
        "format": loaded.table.format,
        "columns": loaded.table.columns,
        "input": mapping.inputs,
        "answer": mapping.answer,
        "split": mapping.split or None,
        "n_rows": loaded.report.n_rows,
        "said": loaded.report.sentences(),
        "examples": [{"input": one.input, "answer": one.answer} for one in task.train[:_SHOWN]],
    }


def _as_text(loaded: Loaded) -> str:
    mapping, task = loaded.mapping, loaded.task
    role = {**dict.fromkeys(mapping.inputs, "input"), mapping.answer: "answer", mapping.split: "split"}
    first = loaded.table.rows[0]
    named = [
        f"  {role.get(name, ''):7} {shortened(name, 30):30} {shortened(cell, _WIDTH - 40)}"
        for name, cell in zip(loaded.table.columns, first, strict=True)
    ]
    labels = f"; labels: {', '.join(task.labels)}" if task.labels else ""
    shown = [f"  {shortened(one.input, _WIDTH)} -> {shortened(one.answer, 40)}" for one in task.train[:_SHOWN]]
    return "\n".join((
        *loaded.report.sentences(), "", "Columns, with the first row:", *named, "",
        f"Judged by {task.metric}{labels}.", f"Start prompt: {task.start}", "",
        "The first examples of train:", *shown,
    ))  # fmt: skip
