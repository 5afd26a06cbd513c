"""The arguments that say how a file of examples is read, the same for every command that takes one."""

from __future__ import annotations

import argparse

from lab.tasks.loaders import Chosen


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    group = parser.add_argument_group("a file of examples", "each is found where it is not given")
    group.add_argument(
        "--input", action="append", metavar="COLUMN", help="a column that holds the input; repeatable"
    )
    group.add_argument("--answer", metavar="COLUMN", help="the column that holds the answer")
    group.add_argument("--split-column", metavar="COLUMN", help="the column that says train, dev or test")
    group.add_argument("--id-column", metavar="COLUMN", help="the column that names the examples")
    group.add_argument("--metric", metavar="NAME", help="how answers are judged")
    group.add_argument(
        "--labels", metavar="A,B,…", help="what answers may be; other rows are left out. Empty: free text"
    )
    # Scripts that were written for 0.1 go on.
    group.add_argument("--input-column", action="append", dest="input", help=argparse.SUPPRESS)
    group.add_argument("--answer-column", dest="answer", default=argparse.SUPPRESS, help=argparse.SUPPRESS)


def chosen(options: argparse.Namespace) -> Chosen:
    """Return what was chosen of how a file is read."""
    labels = None if options.labels is None else tuple(filter(None, map(str.strip, options.labels.split(","))))
    return {
        "input": options.input,
        "answer": options.answer,
        "split": options.split_column,
        "id": options.id_column,
        "metric": options.metric,
        "labels": labels,
    }
