"""`python -m lab tasks`: lists the bundled tasks."""

from __future__ import annotations

import argparse
import json

from lab.core.task import Task
from lab.tasks.bundled import load, names


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("--json", action="store_true", help="print a JSON list")


def run(options: argparse.Namespace) -> int:
    """Print each task with its sizes, and return the exit status."""
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
