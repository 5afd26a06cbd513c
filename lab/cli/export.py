"""`prompt-lab export`: takes the best prompt of a branch along, in the format of another tool, or its answers."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from lab.cli.branch import add_branch, open_branch
from lab.errors import MisuseError
from lab.export import FORMATS, answers, export, of_path, take
from lab.export.writing import write
from lab.session import Session
from lab.store.lab_file import write_lab
from lab.views.numbers import counted

LAB = "lab"


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    add_branch(parser)
    parser.add_argument(
        "--format", choices=(*FORMATS, *answers.FORMATS, LAB), metavar="FORMAT",
        help=f"{', '.join(FORMATS)}; or, with an answer a row: {', '.join(answers.FORMATS)}; or {LAB}: the whole "
        "run with its replies, for `prompt-lab import`; default: by --output, else text",
    )  # fmt: skip
    parser.add_argument("--output", type=Path, metavar="PATH", help="the file to write; default: standard output")
    parser.add_argument("--prompt", default="best", choices=("best", "start"), help="which prompt; default: best")
    parser.add_argument(
        "--split", default="dev", choices=("dev", "train"), help="of the answers; default: dev. Texts are as they "
        "came: in a spreadsheet, import the columns as text",
    )  # fmt: skip


def run(options: argparse.Namespace) -> int:
    """Write the export, and return the exit status.

    Raises:
        LabError: when there is no such book or branch, or it cannot be written so.
    """
    session, branch = open_branch(options.book, options.branch)
    try:
        if _format(options) == LAB:
            return _written(session, branch, options.output)
        content = _content(session, branch, options)
    finally:
        session.book.close()
    if options.output is not None:
        file = write(options.output, content)
        print(f"{file} ({counted(len(content), 'byte')})")
    elif sys.stdout.isatty() and _format(options) == "parquet":
        raise MisuseError("Parquet is not text. Name a file with --output.")
    else:
        sys.stdout.buffer.write(content)
    return 0


def _written(session: Session, branch: str, path: Path | None) -> int:
    if path is None:
        raise MisuseError("A .lab file is not text. Name a file with --output.")
    n = write_lab(session.book, path, session.branch(branch).run)
    print(f"{path} ({counted(n, 'row')})")
    return 0


def _content(session: Session, branch: str, options: argparse.Namespace) -> bytes:
    format, state = _format(options), session.state(branch)
    prompt = state.result if options.prompt == "best" else state.context.task.start
    if format not in answers.FORMATS:
        return export(take(session, branch, prompt), format).encode("utf-8")
    prompts = dict.fromkeys((state.context.task.start, prompt))
    return answers.write(
        state.context.task, list(answers.answered(session, branch, tuple(prompts), options.split)), format
    )


def _format(options: argparse.Namespace) -> str:
    if options.format:
        return str(options.format)
    if options.output is None:
        return "text"
    suffix = options.output.suffix.lower().removeprefix(".")
    return suffix if suffix in ("csv", "parquet", LAB) else of_path(options.output)
