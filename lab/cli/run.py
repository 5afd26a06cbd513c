"""`python -m lab run`: optimizes a prompt without a person."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lab.core.task import Task
from lab.errors import MisuseError
from lab.models.endpoint import Endpoint
from lab.models.roles import Ceiling, Limits, ModelConfig, Models, Sampling, stop_text
from lab.optimizers import Optimizer, load, optimizer
from lab.session import Session
from lab.session.estimate import Expense
from lab.session.measuring import unread
from lab.session.setup import RunSetup
from lab.session.state import State
from lab.tasks import bundled
from lab.tasks.loaders import load_task
from lab.tasks.readings import OWN_PATTERN, READINGS, check
from lab.views.missing import in_words
from lab.views.numbers import counted, percent
from lab.views.outcomes import line
from lab.views.spending import rehearsed

_UNFIT = (
    "lab: The practice model is simulated and only has rules for the kinds of task that are bundled; these "
    "examples look different. For a real model, give --model NAME@URL."
)


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument(
        "--task", required=True, metavar="NAME|FILE", help="a bundled task, or a CSV, TSV, JSON or JSONL file"
    )
    parser.add_argument("--prompt", metavar="TEXT|@FILE", help="the start prompt; default: the task's own")
    parser.add_argument(
        "--optimizer", default="protegi", metavar="NAME|FILE", help="a name, or a Python file; default: protegi"
    )
    parser.add_argument(
        "--estimate", action="store_true", help="print what the run would take, without making a call"
    )
    parser.add_argument(
        "--model", default="practice", metavar="M", help="the target model: practice, NAME, NAME@URL or gguf:PATH"
    )
    parser.add_argument("--optimizer-model", metavar="M", help="the optimizer model; default: the target model")
    parser.add_argument(
        "--concurrency", type=int, default=64, metavar="N", help="concurrent calls to a model; default: 64"
    )
    parser.add_argument("--max-calls", type=int, default=0, metavar="N", help="stop before making more calls")
    parser.add_argument("--max-tokens", type=int, default=0, metavar="N", help="stop before using more tokens")
    for former, flag in (("at-once", "concurrency"), ("most-calls", "max_calls"), ("most-tokens", "max_tokens")):
        # Scripts that were written for 0.1 go on.
        parser.add_argument(f"--{former}", dest=flag, type=int, default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    parser.add_argument(
        "--go-on", action="store_true", help="go on where hardly a reply to the start prompt could be read"
    )
    parser.add_argument(
        "--force-choice",
        action="store_true",
        help="make the target answer with a label only, where its endpoint can",
    )
    parser.add_argument(
        "--stop",
        action="append",
        default=[],
        metavar="TEXT",
        help=r"end the target's replies there, \n is a line end; repeatable",
    )
    parser.add_argument(
        "--reply-tokens", type=int, metavar="N", help="the most tokens of a target's reply; default: 256"
    )
    parser.add_argument("--preset", default="", metavar="P", help="paper (the default), quick or thrifty")
    parser.add_argument("--rounds", type=int, metavar="N", help="rounds; default: the optimizer's own")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="default: 0")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of the optimizer; repeatable"
    )
    parser.add_argument(
        "--input", action="append", metavar="COLUMN", help="a column of the file that holds the input; repeatable"
    )
    parser.add_argument("--answer", metavar="COLUMN", help="the column of the file that holds the answer")
    parser.add_argument("--input-column", action="append", dest="input", help=argparse.SUPPRESS)  # as in 0.1
    parser.add_argument("--answer-column", dest="answer", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    parser.add_argument(
        "--reading",
        default="",
        metavar="R",
        help=f"how replies are read: {', '.join(READINGS)} or {OWN_PATTERN}PATTERN",
    )
    parser.add_argument(
        "--book", type=Path, metavar="PATH", help="keep everything in this lab book; default: a temporary one"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Run the optimizer to its end, print the result, and return the exit status.

    Raises:
        LabError: when the task, the settings or a model cannot be used.
    """
    setup = _setup(options)
    if setup.is_unfit:
        print(_UNFIT, file=sys.stderr)
    if options.estimate:
        expense = _estimate(setup, options.book)
        print(json.dumps(asdict(expense)) if options.json else rehearsed(expense))
        return 0
    with ExitStack() as stack:
        path = options.book or Path(stack.enter_context(TemporaryDirectory())) / "lab.sqlite"
        session = Session(path)
        stack.callback(session.book.close)
        branch = session.begin(setup)
        asyncio.run(session.autopilot(branch, setup.settings.rounds, go_on=options.go_on))
        state = session.state(branch)
        found = outcome(state)
        for endpoint in dict.fromkeys(config.endpoint for config in state.branch.models.values()):
            for told in session.connections.adaptations(endpoint):
                print(f"lab: {endpoint.name}: {told}.", file=sys.stderr)
        if state.missing:
            print(f"lab: {in_words(state.missing)}", file=sys.stderr)
    for told in replies_told(state):
        print(f"lab: {told}", file=sys.stderr)
    print(json.dumps(found, ensure_ascii=False) if options.json else _as_text(found))
    return 0


def _setup(options: argparse.Namespace) -> RunSetup:
    given: dict[str, object] = dict(_setting(one) for one in options.set)
    if options.rounds is not None:
        given["rounds"] = options.rounds
    task, kind = _task(options), _optimizer(options.optimizer)
    return RunSetup.of(
        task, kind.name, preset=options.preset, settings=given, models=_models(options), seed=options.seed
    )


def _models(options: argparse.Namespace) -> Models:
    """Return the models of a run; each role has the concurrent calls to itself."""
    limits = Limits(concurrency=options.concurrency)
    named = {"optimizer": options.optimizer_model or options.model, "target": options.model}
    stop = tuple(map(stop_text, options.stop))
    how = {"target": Sampling(None, options.reply_tokens, stop, options.force_choice)}
    configs = {
        role: ModelConfig(Endpoint.of(model), how.get(role, Sampling()), limits) for role, model in named.items()
    }
    return Models(ceiling=Ceiling(options.max_calls, options.max_tokens), **configs)


def _optimizer(named: str) -> Optimizer:
    """Return the optimizer of that name, or the one that a Python file brings."""
    if not named.endswith(".py"):
        return optimizer(named)
    return optimizer(load(named)[0])


def _estimate(setup: RunSetup, path: Path | None) -> Expense:
    """Return what the run would take; a book that is not there is not made."""
    if path is None or not path.is_file():
        return setup.estimate()
    session = Session(path)
    try:
        return setup.estimate(session.book, session.owner)
    finally:
        session.book.close()


def _task(options: argparse.Namespace) -> Task:
    start = _prompt(options.prompt)
    if options.task in bundled.names():
        task = bundled.load(options.task)
        return replace(task, start=start or task.start, reading=check(options.reading) or task.reading)
    if not _exists(options.task):
        raise MisuseError(f"“{options.task}” is neither a bundled task ({', '.join(bundled.names())}) nor a file.")
    loaded = load_task(
        options.task, input=options.input, answer=options.answer, start=start, seed=options.seed,
        reading=options.reading,
    )  # fmt: skip
    for sentence in loaded.report.sentences():
        print(f"lab: {sentence}", file=sys.stderr)
    return loaded.task


def _exists(path: str) -> bool:
    try:
        return Path(path).exists()
    except OSError:  # too long to be a path
        return False


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
    """Return the result of a run as plain JSON: prompts, dev scores, and calls by role with cached ones apart."""
    spent, models = [spend for _, spend in state.spends], state.branch.models
    best, baseline = state.best, state.baseline
    return {
        "task": state.context.task.name,
        "optimizer": state.optimizer.name,
        **{f"{role}_model": config.spec for role, config in models.items()},
        "seed": state.context.seed,
        "best_prompt": best.prompt if best else None,
        "best_dev_score": best.score if best else None,
        "start_prompt": state.context.task.start,
        "baseline_dev_score": baseline.score if baseline else None,
        "n_unanswered": len(state.missing),
        "n_dev": len(state.context.task.dev),
        "reading": state.context.task.reading,
        "forced_choice": models["target"].sampling.forced,
        "baseline_replies": _replies(state, state.context.task.start),
        "best_replies": _replies(state, best.prompt) if best else None,
        "rounds": state.node.phase.round,
        "calls": {role: sum(spend.calls for spend in spent if spend.role == role) for role in models},
        "cached": {role: sum(spend.cached for spend in spent if spend.role == role) for role in models},
        "tokens": {
            "input": sum(spend.n_input_tokens for spend in spent),
            "output": sum(spend.n_output_tokens for spend in spent),
        },
        "node": state.branch.node,
        "branch": state.branch.id,
    }


def _replies(state: State, prompt: str) -> dict[str, Any] | None:
    """Return what became of the replies to a prompt on dev: counts, and the commonest that could not be read."""
    found = state.outcomes.get(prompt)
    return None if found is None else {**dict(found.counts), "commonest_unread": found.commonest or None}


def replies_told(state: State) -> tuple[str, ...]:
    """Describe what the dev scores are made of, and that hardly a reply to the start prompt could be read."""
    task = state.context.task
    said = [unread(task, found) for prompt, found in state.outcomes.items() if prompt == task.start]
    names = (
        (prompt, "the start prompt" if prompt == task.start else "the best prompt") for prompt in state.outcomes
    )
    forced = " (forced to be a label)" if state.branch.models["target"].sampling.forced and task.labels else ""
    made = (f"Replies to {name} on dev{forced}: {line(state.outcomes[prompt], task)}." for prompt, name in names)
    return (*made, *filter(None, said))


def _as_text(found: dict[str, Any]) -> str:
    return (
        f"{found['best_prompt'] or 'No prompt could be measured.'}\n\n"
        f"dev {percent(found['baseline_dev_score'])} -> {percent(found['best_dev_score'])} "
        f"on {counted(found['n_dev'], 'example')}, {counted(found['rounds'], 'round')}, "
        f"{counted(found['calls']['optimizer'], 'optimizer call')} and "
        f"{counted(found['calls']['target'], 'target call')}"
    )
