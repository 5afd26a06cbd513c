"""The command line: `python -m lab run | transfer | tasks | verify | bench | practice-server`, for scripts.

Results go to standard output, errors in one sentence to standard error with exit status 1 (2 for a wrong call).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.errors import LabError, MisuseError

if TYPE_CHECKING:
    from lab.core.task import Task
    from lab.models.limits import Models
    from lab.optimizers import Optimizer
    from lab.session.estimate import Expense
    from lab.session.state import State


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.command(options)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("lab: Stopped. Every reply that had arrived is in the book.", file=sys.stderr)
        return 130
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lab", description="Prompt Lab on the command line.")
    commands = parser.add_subparsers(required=True, metavar="command")

    run = commands.add_parser("run", help="optimize a prompt without a person, and print what came of it")
    run.set_defaults(command=_run)
    run.add_argument(
        "--task", required=True, metavar="NAME|FILE", help="a bundled task, or a CSV, TSV, JSON or JSONL file"
    )
    run.add_argument("--prompt", metavar="TEXT|@FILE", help="the start prompt; default: the task's own")
    run.add_argument(
        "--optimizer", default="protegi", metavar="NAME|FILE", help="a name, or a Python file; default: protegi"
    )
    run.add_argument("--estimate", action="store_true", help="say what the run would take, and make no call")
    run.add_argument(
        "--model", default="practice", metavar="M", help="the target model: practice, NAME or NAME@URL"
    )
    run.add_argument("--optimizer-model", metavar="M", help="the optimizer model; default: the target model")
    run.add_argument("--at-once", type=int, default=64, metavar="N", help="calls at once to a model; default: 64")
    run.add_argument("--most-calls", type=int, default=0, metavar="N", help="stop before more calls than this")
    run.add_argument("--most-tokens", type=int, default=0, metavar="N", help="stop before more tokens than this")
    run.add_argument("--preset", default="", metavar="P", help="paper (the default), quick or thrifty")
    run.add_argument("--rounds", type=int, metavar="N", help="rounds; default: the optimizer's own")
    run.add_argument("--seed", type=int, default=0, metavar="S", help="default: 0")
    run.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of the optimizer; repeatable"
    )
    run.add_argument("--input-column", metavar="NAME", help="the column of a file that holds the input")
    run.add_argument("--answer-column", metavar="NAME", help="the column of a file that holds the answer")
    run.add_argument(
        "--book", type=Path, metavar="PATH", help="keep everything in this lab book; default: a temporary one"
    )
    run.add_argument("--json", action="store_true", help="print one JSON object")

    transfer = commands.add_parser("transfer", help="score the prompts of a branch on other target models")
    transfer.set_defaults(command=_from("transfer"))
    transfer.add_argument("--book", type=Path, required=True, metavar="PATH", help="the lab book of the branch")
    transfer.add_argument("--branch", required=True, metavar="NAME|ID", help="the branch, as `run --json` names it")
    transfer.add_argument(
        "--to", action="append", required=True, metavar="M", help="practice, NAME or NAME@URL; repeatable"
    )
    transfer.add_argument("--json", action="store_true", help="print one JSON object")

    check = commands.add_parser("check", help="find out by a few cheap calls what a model's endpoint can do")
    check.set_defaults(command=_from("check"))
    check.add_argument("model", metavar="M", help="practice, NAME or NAME@URL")
    check.add_argument("--json", action="store_true", help="print one JSON object")

    models = commands.add_parser("models", help="look for model servers on this machine, at their usual ports")
    models.set_defaults(command=_from("models"))
    models.add_argument("--json", action="store_true", help="print a JSON list")

    tasks = commands.add_parser("tasks", help="list the bundled tasks")
    tasks.set_defaults(command=_tasks)
    tasks.add_argument("--json", action="store_true", help="print a JSON list")

    verify = commands.add_parser("verify", help="recompute every id of a lab book")
    verify.set_defaults(command=_verify)
    verify.add_argument("book", type=Path)

    server = commands.add_parser(
        "practice-server", help="serve the practice model over HTTP, with faults if wanted"
    )
    server.set_defaults(command=_practice_server)
    server.add_argument("--port", type=int, required=True, metavar="P", help="0 finds a free one")
    server.add_argument("--host", default="127.0.0.1", metavar="H", help="default: 127.0.0.1, this machine only")
    server.add_argument("--latency-ms", type=float, default=0.0, metavar="L", help="every call waits this long")
    server.add_argument(
        "--fault-rate", type=float, default=0.0, metavar="F", help="share of calls that meet a fault"
    )
    server.add_argument("--rpm", type=int, metavar="R", help="calls in a minute; default: no limit")
    server.add_argument("--seed", type=int, default=0, metavar="S", help="another seed, other faults; default: 0")
    server.add_argument("--json", action="store_true", help="print the address as a JSON object")

    bench = commands.add_parser("bench", help="measure what the lab claims, from fixed seeds")
    bench.set_defaults(command=_bench)
    bench.add_argument("name", choices=["client", "optimizers", "practice"], help="what to measure")
    bench.add_argument("--only", action="append", default=[], metavar="MEASURE", help="a part of it; repeatable")
    bench.add_argument("--seeds", type=int, default=10, metavar="N", help="not of client; default: 10")
    bench.add_argument("--calls", type=int, default=10_000, metavar="N", help="of client's memory; default: 10000")
    bench.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def _tasks(options: argparse.Namespace) -> int:
    from lab.tasks.bundled import load, names

    found = [load(name) for name in names()]
    if options.json:
        print(json.dumps([_task_row(task) for task in found], ensure_ascii=False, indent=1))
    else:
        for task in found:
            sizes = f"{len(task.train)} train, {len(task.dev)} dev, {len(task.test)} test"
            print(f"{task.name:12} {sizes:32} {', '.join(task.labels)}\n             {task.about}")
    return 0


def _task_row(task: Task) -> dict[str, Any]:
    return {
        "name": task.name,
        "about": task.about,
        "labels": task.labels,
        "metric": task.metric,
        "start_prompt": task.start,
        "n_examples": {"train": len(task.train), "dev": len(task.dev), "test": len(task.test)},
        "licence": task.licence,
    }


def _verify(options: argparse.Namespace) -> int:
    from lab.store import Book

    if not options.book.is_file():
        raise MisuseError(f"There is no lab book at “{options.book}”.")
    n, wrong = Book(options.book).verify()
    for sentence in wrong:
        print(f"lab: {sentence}", file=sys.stderr)
    print(f"{n} ids recomputed, {len(wrong)} wrong")
    return 1 if wrong else 0


def _practice_server(options: argparse.Namespace) -> int:
    from lab.practice.protocol.faults import Conditions
    from lab.practice.serve import serve

    def ready(url: str) -> None:
        said = json.dumps({"base_url": url}) if options.json else f"The practice model answers at {url}"
        print(said, flush=True)

    conditions = Conditions(options.fault_rate, options.latency_ms, options.rpm, options.seed)
    serve(options.host, options.port, conditions, ready)
    return 0


def _run(options: argparse.Namespace) -> int:
    import asyncio
    from contextlib import ExitStack
    from tempfile import TemporaryDirectory

    from lab.core.asks import Context
    from lab.session import Session
    from lab.session.estimate import rehearse

    task = _task(options)
    _say_if_unfit(task, options.model, options.optimizer_model or options.model)
    given = dict(_setting(one) for one in options.set)
    if options.rounds is not None:
        given["rounds"] = options.rounds
    kind = _optimizer(options.optimizer)
    settings = kind.settle(options.preset, **given)
    if options.estimate:
        run = Context(task.sealed(), settings, options.seed)
        _print_estimate(rehearse(kind, run, reply_tokens=_lengths(options, kind)), options.json)
        return 0
    with ExitStack() as stack:
        path = options.book or Path(stack.enter_context(TemporaryDirectory())) / "lab.sqlite"
        session = Session(path)
        stack.callback(session.book.close)
        branch = session.begin(
            task,
            optimizer_name=kind.name,
            settings=settings,
            seed=options.seed,
            models=_models(options),
        )
        asyncio.run(session.autopilot(branch, settings.rounds))
        _print(outcome(session.state(branch)), options.json)
    return 0


def _models(options: argparse.Namespace) -> Models:
    """Return the models of a run; each of its two roles has the calls at once to itself."""
    from lab.models.limits import Ceiling, Limits, Models

    limits = Limits(concurrency=options.at_once)
    return Models(
        options.optimizer_model or options.model,
        options.model,
        optimizer_limits=limits,
        target_limits=limits,
        ceiling=Ceiling(options.most_calls, options.most_tokens),
    )


def _from(command: str) -> Callable[[argparse.Namespace], int]:
    """Return a command that is imported when it is called."""

    def run(options: argparse.Namespace) -> int:
        from importlib import import_module

        status: int = import_module(f"lab.cli.{command}").run(options)
        return status

    return run


def _optimizer(named: str) -> Optimizer:
    """Return the optimizer of that name, or the one that a Python file brings."""
    from lab.optimizers import OPTIMIZERS, load, optimizer

    if not named.endswith(".py"):
        return optimizer(named)
    known = set(OPTIMIZERS)
    load(named)
    return next(kind for name, kind in OPTIMIZERS.items() if name not in known)


def _lengths(options: argparse.Namespace, kind: Optimizer) -> dict[str, float]:
    """Return how long replies were, as far as the book tells; a book that is not there is not made."""
    from lab.session import Session
    from lab.session.replies import reply_lengths
    from lab.store import Models

    if options.book is None or not options.book.is_file():
        return {}
    session = Session(options.book)
    try:
        return reply_lengths(session, Models(options.optimizer_model or options.model, options.model), kind)
    finally:
        session.book.close()


def _print_estimate(expense: Expense, as_json: bool) -> None:
    from dataclasses import asdict

    from lab.views.spending import rehearsed

    print(json.dumps(asdict(expense)) if as_json else rehearsed(expense))


def _bench(options: argparse.Namespace) -> int:
    from lab.bench import client, optimizers, practice

    bench = {"client": client, "optimizers": optimizers, "practice": practice}[options.name]
    n = options.calls if bench is client else options.seeds
    unknown = [name for name in options.only if name not in bench.MEASURES]
    if unknown or n < 1:
        raise MisuseError(
            f"The benchmark measures {', '.join(bench.MEASURES)}, from 1 seed on; not “{unknown[0]}”."
            if unknown
            else f"A benchmark needs at least one {'call' if bench is client else 'seed'}."
        )
    found = bench.measure(options.only, n)
    print(json.dumps(found, ensure_ascii=False) if options.json else bench.tables(found))
    return 0


def _task(options: argparse.Namespace) -> Task:
    from dataclasses import replace

    from lab.tasks.bundled import load, names

    start = _prompt(options.prompt)
    if options.task in names():
        task = load(options.task)
        return replace(task, start=start) if start else task
    try:
        there = Path(options.task).exists()
    except OSError:
        there = False
    if not there:
        raise MisuseError(f"“{options.task}” is no bundled task ({', '.join(names())}) and no file.")
    from lab.tasks.loaders import load_task

    loaded = load_task(
        options.task, input=options.input_column, answer=options.answer_column, start=start, seed=options.seed
    )
    for sentence in loaded.report.sentences():
        print(f"lab: {sentence}", file=sys.stderr)
    return loaded.task


def _say_if_unfit(task: Task, *models: str) -> None:
    """Describe beforehand that the practice model has no rules for a person's examples."""
    from lab.models.endpoint import Endpoint
    from lab.practice import knows

    if any(Endpoint.of(model).is_simulated for model in models) and not knows(task):
        print(
            "lab: The practice model, a simulated one, has rules for the kinds of task of the bundled ones only, "
            "and these examples look otherwise. For a real model give --model NAME@URL.",
            file=sys.stderr,
        )


def _prompt(given: str | None) -> str:
    if given is None or not given.startswith("@"):
        return given or ""
    try:
        return Path(given[1:]).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise MisuseError(f"The prompt file “{given[1:]}” cannot be read: {error}.") from None


def _setting(given: str) -> tuple[str, str]:
    name, equals, value = given.partition("=")
    if not equals:
        raise MisuseError(f"“--set {given}” is not NAME=VALUE.")
    return name.strip(), value.strip()


def outcome(state: State) -> dict[str, Any]:
    """Return what a run came to, as plain JSON: prompts, dev scores, and calls by role with cached ones apart."""
    spent = [spend for _, spend in state.spends]
    best, baseline = state.best, state.baseline
    return {
        "task": state.context.task.name,
        "optimizer": state.optimizer.name,
        "optimizer_model": state.branch.models.optimizer,
        "target_model": state.branch.models.target,
        "seed": state.context.seed,
        "best_prompt": best.prompt if best else None,
        "best_dev_score": best.score if best else None,
        "start_prompt": state.context.task.start,
        "baseline_dev_score": baseline.score if baseline else None,
        "n_dev": len(state.context.task.dev),
        "rounds": state.node.phase.round,
        "calls": {
            role: sum(spend.calls for spend in spent if spend.role == role) for role in ("optimizer", "target")
        },
        "cached": {
            role: sum(spend.cached for spend in spent if spend.role == role) for role in ("optimizer", "target")
        },
        "tokens": {
            "input": sum(spend.n_input_tokens for spend in spent),
            "output": sum(spend.n_output_tokens for spend in spent),
        },
        "node": state.branch.node,
        "branch": state.branch.id,
    }


def _print(outcome: dict[str, Any], as_json: bool) -> None:
    from lab.views.numbers import percent

    if as_json:
        print(json.dumps(outcome, ensure_ascii=False))
        return
    print(f"{outcome['best_prompt'] or 'No prompt could be measured.'}\n")
    print(
        f"dev {percent(outcome['baseline_dev_score'])} -> {percent(outcome['best_dev_score'])} "
        f"on {outcome['n_dev']} examples, "
        f"{outcome['rounds']} rounds, "
        f"{outcome['calls']['optimizer']} optimizer and {outcome['calls']['target']} target calls"
    )
