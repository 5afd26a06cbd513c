"""The arguments that say how a file of examples is read, the same for every command that takes one."""

from __future__ import annotations

import argparse
from dataclasses import replace

from lab.cli.texts import TEXT_OR_FILE, text_or_file
from lab.core.task import Task
from lab.tasks.loaders import Chosen
from lab.tasks.metrics import usual_reading
from lab.tasks.own import metric_name


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    group = parser.add_argument_group("a file of examples", "each is found where it is not given")
    group.add_argument(
        "--input", action="append", metavar="COLUMN", help="a column that holds the input; repeatable"
    )
    group.add_argument("--answer", metavar="COLUMN", help="the column that holds the answer")
    group.add_argument("--split-column", metavar="COLUMN", help="the column that says train, dev or test")
    group.add_argument("--id-column", metavar="COLUMN", help="the column that names the examples")
    add_metric(group)
    group.add_argument(
        "--labels", metavar="A,B,…", help="what answers may be; other rows are left out. Empty: free text"
    )
    # Scripts that were written for 0.1 go on.
    group.add_argument("--input-column", action="append", dest="input", help=argparse.SUPPRESS)
    group.add_argument("--answer-column", dest="answer", default=argparse.SUPPRESS, help=argparse.SUPPRESS)


def add_metric(parser: argparse._ActionsContainer) -> None:
    """Declare the arguments that say how answers are judged, and by which model where one grades them."""
    parser.add_argument("--metric", metavar="NAME", help="how answers are judged; judge, judge:5: by a model")
    parser.add_argument(
        "--rubric", metavar=TEXT_OR_FILE, help="by what the judge grades; default: says the same as the reference"
    )
    parser.add_argument(
        "--judge",
        metavar="M",
        help="the model that grades; default: the optimizer model, in score the target model",
    )


def rubric(options: argparse.Namespace) -> str:
    """Return the rubric that was given, "" for none."""
    return "" if options.rubric is None else text_or_file(options.rubric, "rubric")


def measured(task: Task, options: argparse.Namespace) -> Task:
    """Return a bundled task as it is to be judged: by another metric, and a rubric, where they are given."""
    if options.metric is None:
        return replace(task, rubric=rubric(options))
    name = metric_name(options.metric)
    reading = usual_reading(name, task.labels) if name != task.metric else task.reading
    return replace(task, metric=name, rubric=rubric(options), reading=reading)


def chosen(options: argparse.Namespace) -> Chosen:
    """Return what was chosen of how a file is read."""
    labels = None if options.labels is None else tuple(filter(None, map(str.strip, options.labels.split(","))))
    return {
        "input": options.input,
        "answer": options.answer,
        "split": options.split_column,
        "id": options.id_column,
        "metric": options.metric,
        "rubric": rubric(options),
        "labels": labels,
    }
