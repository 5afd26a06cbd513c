"""`prompt-lab score`: measures prompts on the same examples and says which is better, and how sure that is."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from lab.api.compare import SPLITS, Comparison, compare
from lab.api.task import Task
from lab.cli import columns
from lab.cli.texts import TEXT_OR_FILE, prompt_or_file
from lab.errors import MisuseError
from lab.tasks import bundled
from lab.tasks.formats.prompts import read_prompt
from lab.views.numbers import counted


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("--task", required=True, metavar="NAME|FILE", help="a bundled task, or a file of examples")
    parser.add_argument("--prompt", action="append", default=[], metavar=TEXT_OR_FILE, help="a prompt; repeatable")
    parser.add_argument(
        "--prompt-file",
        action="append",
        type=Path,
        default=[],
        metavar="PATH",
        help="a file of one prompt; repeatable",
    )
    parser.add_argument(
        "--model", default="practice", metavar="M", help="the target model: practice, NAME, NAME@URL or gguf:PATH"
    )
    parser.add_argument("--split", default="dev", choices=SPLITS, help="default: dev")
    parser.add_argument("--input", action="append", metavar="COLUMN", help="as for run; repeatable")
    parser.add_argument("--answer", metavar="COLUMN", help="as for run")
    columns.add_metric(parser)
    parser.add_argument("--max-calls", type=int, default=0, metavar="N", help="stop before making more calls")
    parser.add_argument("--book", type=Path, metavar="PATH", help="the lab book that keeps the replies")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Print scores with their intervals, and the others against the first prompt; return the exit status.

    Raises:
        LabError: when the task, a prompt or the model cannot be used.
    """
    prompts = [*map(prompt_or_file, options.prompt), *map(read_prompt, options.prompt_file)]
    if not prompts:
        raise MisuseError("No prompt is given. Name one or several with --prompt TEXT or --prompt-file PATH.")
    if options.task in bundled.names():
        task = Task.of(columns.measured(bundled.load(options.task), options))
    else:
        task = Task.from_file(
            options.task, input=options.input, answer=options.answer, start=prompts[0],
            metric=options.metric, rubric=columns.rubric(options),
        )  # fmt: skip
    found = compare(
        task,
        prompts,
        model=options.model,
        judge_model=options.judge,
        split=options.split,
        ceiling=options.max_calls or None,
        book=options.book,
    )
    print(json.dumps(_plain(found), ensure_ascii=False) if options.json else _as_text(found))
    return 0


def _plain(found: Comparison) -> dict[str, object]:
    rows = found.frame().astype(object)
    return {
        "task": found.task,
        "model": found.model,
        "split": found.split,
        "calls": found.n_calls,
        "prompts": rows.where(rows.notna(), None).to_dict("records"),
        "sentences": list(found.sentences()),
    }


def _as_text(found: Comparison) -> str:
    lines = [f"{found.task}, {found.split}, {found.model}, {counted(found.n_calls, 'new call')}"]
    for number, row in enumerate(found.rows, 1):
        score = (
            "not measured"
            if row.score is None
            else f"{row.score.words} on {counted(row.score.n_examples, 'example')}"
        )
        lines += ["", f"{number}. {score}", *(f"   {line}" for line in row.prompt.splitlines())]
    against = found.sentences()
    numbered = [f"{number} against 1: {line}" for number, line in enumerate(against[: len(found.rows) - 1], 2)]
    return "\n".join([*lines, "", *numbered, *against[len(found.rows) - 1 :]]).rstrip()
