"""`python -m lab run`: optimizes a prompt without a person."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

from lab.cli import by_hand, columns
from lab.cli.output import Live, Totals, print_json
from lab.cli.texts import TEXT_OR_FILE, prompt_or_file
from lab.core.quoting import quoted
from lab.core.task import Task
from lab.errors import AskedError, AwaitedError, LabError, MisuseError
from lab.models.endpoint import Endpoint
from lab.models.roles import Ceiling, Limits, ModelConfig, Models, Role, Sampling, stop_text
from lab.optimizers import Optimizer, load, optimizer
from lab.session import Session
from lab.session.asking import REASONS, Reason
from lab.session.asking import sentence as asks
from lab.session.estimate import Expense
from lab.session.measuring import unread
from lab.session.sealed import Opened
from lab.session.setup import RunSetup
from lab.session.state import State
from lab.tasks import bundled
from lab.tasks.loaders import is_hub, load_task
from lab.tasks.readings import OWN_PATTERN, READINGS, check
from lab.views import no_gain
from lab.views.copied import sentence
from lab.views.missing import in_words
from lab.views.numbers import counted, percent
from lab.views.outcomes import line
from lab.views.rating import judge_line
from lab.views.spending import rehearsed
from lab.views.unfit import unfit

ASKS = 3  # the exit status where it stopped to ask a person
_ENOUGH = {"target": "; default: 256. For labels 32 are enough, unless it reasons or is asked to", "optimizer": ""}


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument(
        "--task", required=True, metavar="NAME|FILE", help="a bundled task, a file of examples, or hf:OWNER/NAME"
    )
    parser.add_argument(
        "--prompt",
        metavar=TEXT_OR_FILE,
        help="the start prompt; a file may be one of DSPy, LangChain or promptfoo; default: the task's own",
    )
    parser.add_argument(
        "--optimizer", default="protegi", metavar="NAME|FILE", help="a name, or a Python file; default: protegi"
    )
    parser.add_argument(
        "--estimate", action="store_true", help="print what the run would take, without making a call"
    )
    parser.add_argument(
        "--model", default="practice", metavar="M", help="the target model: practice, NAME, NAME@URL or gguf:PATH"
    )
    parser.add_argument(
        "--optimizer-model",
        metavar="M",
        help="the optimizer model, or by-hand: you write its replies; default: the target model",
    )
    parser.add_argument(
        "--concurrency", type=int, default=64, metavar="N", help="concurrent calls to a model; default: 64"
    )
    parser.add_argument(
        "--timeout", type=float, default=60.0, metavar="S", help="seconds a call may take; default: 60"
    )
    parser.add_argument(
        "--lost-after",
        type=float,
        default=Limits().lost_after_s,
        metavar="S",
        help="seconds without any answer until an endpoint counts as lost; default: 120",
    )
    parser.add_argument(
        "--most-failed",
        type=float,
        default=Limits().most_failed,
        metavar="SHARE",
        help="the share of calls that may stay unanswered before a step stops; default: 0.5",
    )
    for prefix, whose in (("", "target"), ("optimizer-", "optimizer")):
        parser.add_argument(
            f"--{prefix}temperature",
            type=float,
            metavar="T",
            help=f"of the {whose} model; default: as the task asks",
        )
        parser.add_argument(
            f"--{prefix}reply-tokens",
            type=int,
            metavar="N",
            help=f"the longest reply of the {whose} model{_ENOUGH[whose]}",
        )
        parser.add_argument(
            f"--{prefix}stop",
            action="append",
            default=[],
            metavar="TEXT",
            help=rf"end replies of the {whose} model before this text, \n for a line end; repeatable",
        )
    parser.add_argument(
        "--optimizer-concurrency", type=int, metavar="N", help="of the optimizer model, where it is another"
    )
    parser.add_argument(
        "--optimizer-timeout", type=float, metavar="S", help="of the optimizer model, where it is another"
    )
    parser.add_argument(
        "--fresh", action="store_true", help="ask again for what --book knows already, for models that have changed"
    )
    parser.add_argument(
        "--test", action="store_true", help="open the sealed test split at the end, which is recorded and counted"
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
        "--ask-when",
        action="append",
        default=[],
        choices=tuple(REASONS),
        metavar="REASON",
        help=f"stop there, say why, and exit with status {ASKS}; may be repeated: "
        + "; ".join(f"{name}: {about}" for name, about in REASONS.items()),
    )
    parser.add_argument(
        "--force-choice",
        action="store_true",
        help="make the target answer with a label only, where its endpoint can",
    )
    parser.add_argument("--preset", default="", metavar="P", help="paper (the default), quick or thrifty")
    parser.add_argument("--rounds", type=int, metavar="N", help="rounds; default: the optimizer's own")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="default: 0")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of the optimizer; repeatable"
    )
    columns.add(parser)
    parser.add_argument(
        "--reading",
        default="",
        metavar="R",
        help=f"how replies are read: {', '.join(READINGS)} or {OWN_PATTERN}PATTERN",
    )
    parser.add_argument(
        "--book",
        type=Path,
        metavar="PATH",
        help="keep everything in this lab book; default: one that is kept where a run does not end well",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Run the optimizer to its end, print the result, and return the exit status.

    Raises:
        LabError: when the task, the settings or a model cannot be used.
    """
    setup = _setup(options)
    if setup.is_unfit:
        print(f"lab: {unfit(setup.task)}", file=sys.stderr)
    if options.estimate:
        expense = _estimate(setup, options.book)
        print_json(asdict(expense)) if options.json else print(rehearsed(expense))
        return 0
    path = options.book or Path(mkdtemp(prefix="prompt-lab-")) / "lab.sqlite"
    session = Session(path)
    status = None
    try:
        branch = session.begin(setup)
        status = _report(session, branch, setup, options)
    finally:
        session.book.close()
        if not options.book and not status:  # it ended well, or never began
            rmtree(path.parent, ignore_errors=True)
    return status


def _report(session: Session, branch: str, setup: RunSetup, options: argparse.Namespace) -> int:
    """Run, print what came of it however it ended, and return the exit status."""
    problem = _performed(session, branch, setup, options)
    state = session.state(branch)
    found = outcome(state)
    if isinstance(problem, AskedError):
        found["asks"] = str(problem)
    elif problem is not None:
        found["error"] = str(problem) or "stopped"
    elif options.test:
        found |= _on_test(_opened(session, state))
    for note in _notes(session, state):
        print(f"lab: {note}", file=sys.stderr)
    why = session.no_gain(branch)
    found["no_gain"] = [{**asdict(cause), "sentence": no_gain.sentence(cause)} for cause in why]
    if problem is None or found["best_prompt"]:
        print_json(found) if options.json else print(_as_text(found))
    return 0 if problem is None else _said(session, problem)


def _said(session: Session, problem: LabError | KeyboardInterrupt) -> int:
    """Say on standard error why a run ended before its end, and return the exit status."""
    if isinstance(problem, AskedError):
        print(f"lab: Stopped to ask you. {problem} Go on in the lab book {session.book.path}.", file=sys.stderr)
        return ASKS
    stopped, book = isinstance(problem, KeyboardInterrupt), session.book.path
    for message in (
        f"What had arrived is kept in the lab book {book}. The same command with --book {book} makes the missing "
        "calls only.",
        "Stopped." if stopped else problem,
    ):
        print(f"lab: {message}", file=sys.stderr)
    return INTERRUPTED if stopped else 1


def _performed(
    session: Session, branch: str, setup: RunSetup, options: argparse.Namespace
) -> LabError | KeyboardInterrupt | None:
    """Run to the end, and return what ended it before."""
    run = session.branch(branch).run

    def totals() -> Totals:
        spent = [spend for _, spend in session.book.spends(run)]
        tokens = sum(spend.n_input_tokens + spend.n_output_tokens for spend in spent)
        return Totals(sum(one.calls for one in spent), tokens, sum(one.cost_usd or 0.0 for one in spent))

    def expected() -> int:
        took = setup.estimate(session.book, session.owner)
        return took.optimizer_calls + took.target_calls + took.dev_calls + took.judge_calls

    live = Live(totals, expected)
    try:
        when = tuple(options.ask_when)
        while not (ended := _advanced(session, branch, live, setup.settings.rounds, options.go_on, when)):
            by_hand.ask(session, branch)
        if isinstance(ended, Reason):
            return AskedError(asks(ended))
    except (LabError, KeyboardInterrupt) as problem:
        return problem
    finally:
        live.close()
    return None


def _advanced(
    session: Session, branch: str, live: Live, rounds: int, go_on: bool, when: tuple[str, ...]
) -> bool | Reason:
    """Run as far as it goes, and return whether it has ended, or why not; else a person has replies to write."""
    left = rounds - session.book.node(session.branch(branch).node).phase.round
    try:
        return asyncio.run(session.autopilot(branch, left, live, go_on, when)) or True
    except AwaitedError:
        return False


def _notes(session: Session, state: State) -> Iterator[str]:
    """Say what a person should know of the scores: how models were asked, what is missing, and what is old."""
    for endpoint in dict.fromkeys(config.endpoint for config in state.branch.models.values()):
        yield from (f"{endpoint.name}: {adaptation}." for adaptation in session.connections.adaptations(endpoint))
    if state.missing:
        yield in_words(state.missing)
    yield from outcome_lines(state)
    if state.judging is not None:
        yield judge_line(state.judging)
    for one in quoted(state.result, state.context.task):
        yield f"The best prompt quotes examples word for word. {sentence(one)}"
    target = [spend for _, spend in state.spends if spend.role == "target"]
    if any(spend.cached for spend in target) and not any(spend.calls for spend in target):
        day = session.book.newest_reply(state.branch.models["target"].endpoint.base_url)[:10]
        yield f"All scores come from replies that this book held already, the last of {day}. --fresh asks again."


def _opened(session: Session, state: State) -> Opened:
    prompts = session.to_test(state.branch.id)
    return asyncio.run(session.open_test(state.branch.id, prompts, reason=REASON))


def _on_test(opened: Opened) -> dict[str, Any]:
    """Return what the test split said: of the start prompt first, of the best one last."""
    scores = [measure.score for measure in opened.measures]
    return {
        "best_test_score": scores[-1] if scores else None,
        "baseline_test_score": scores[0] if scores else None,
        "n_test": len(opened.measures[0].hits) if opened.measures else 0,
        "n_test_openings": opened.n_openings,
    }


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
    named: dict[Role, str] = {"optimizer": options.optimizer_model or options.model, "target": options.model}
    draw = f"/{datetime.now(UTC):%Y%m%dT%H%M%S}" if options.fresh else ""
    configs = {
        role: ModelConfig(Endpoint.of(model), _sampling(options, role, draw), _limits(options, role))
        for role, model in named.items()
    }
    if options.judge:
        limits = _limits(options, "judge")
        configs["judge"] = ModelConfig(Endpoint.of(options.judge), Sampling(draw=draw), limits)
    return Models(ceiling=Ceiling(options.max_calls, options.max_tokens), **configs)


def _limits(options: argparse.Namespace, role: Role) -> Limits:
    """Return the limits of a role: the optimizer's own where they are given, else those of both."""
    given = {
        "concurrency": options.concurrency,
        "timeout_s": options.timeout,
        "lost_after_s": options.lost_after,
        "most_failed": options.most_failed,
    }
    if role == "optimizer":
        own = {"concurrency": options.optimizer_concurrency, "timeout_s": options.optimizer_timeout}
        given |= {name: value for name, value in own.items() if value is not None}
    return Limits(**given)


def _sampling(options: argparse.Namespace, role: Role, draw: str) -> Sampling:
    """Return how a role's model is asked; each has settings of its own."""
    prefix = "optimizer_" if role == "optimizer" else ""
    temperature, tokens, stop = (
        getattr(options, f"{prefix}{name}") for name in ("temperature", "reply_tokens", "stop")
    )
    forced = role == "target" and options.force_choice
    return Sampling(temperature, tokens, tuple(map(stop_text, stop)), forced, draw)


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
    start = "" if options.prompt is None else prompt_or_file(options.prompt)
    if options.task in bundled.names():
        task = columns.measured(bundled.load(options.task), options)
        return replace(task, start=start or task.start, reading=check(options.reading) or task.reading)
    if not is_hub(options.task) and not _exists(options.task):
        raise MisuseError(f"“{options.task}” is neither a bundled task ({', '.join(bundled.names())}) nor a file.")
    chosen = {**columns.chosen(options), "start": start, "seed": options.seed, "reading": options.reading}
    loaded = load_task(options.task, **chosen)
    for message in loaded.report.sentences():
        print(f"lab: {message}", file=sys.stderr)
    return loaded.task


def _exists(path: str) -> bool:
    try:
        return Path(path).exists()
    except OSError:  # too long to be a path
        return False


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
        "judge": None if state.judging is None else asdict(state.judging.agreement),
        "node": state.branch.node,
        "branch": state.branch.id,
    }


REASON = "asked for with the run, by --test"
INTERRUPTED = 130  # as a shell reports it


def _replies(state: State, prompt: str) -> dict[str, Any] | None:
    """Return what became of the replies to a prompt on dev: counts, and the commonest that could not be read."""
    found = state.outcomes.get(prompt)
    return None if found is None else {**dict(found.counts), "commonest_unread": found.commonest or None}


def outcome_lines(state: State) -> tuple[str, ...]:
    """Describe what the dev scores are made of, and that hardly a reply to the start prompt could be read."""
    task = state.context.task
    unreadable = [unread(task, found) for prompt, found in state.outcomes.items() if prompt == task.start]
    names = (
        (prompt, "the start prompt" if prompt == task.start else "the best prompt") for prompt in state.outcomes
    )
    forced = " (forced to be a label)" if state.branch.models["target"].sampling.forced and task.labels else ""
    made = (f"Replies to {name} on dev{forced}: {line(state.outcomes[prompt], task)}." for prompt, name in names)
    return (*made, *filter(None, unreadable))


def _as_text(found: dict[str, Any]) -> str:
    test = (
        f"\ntest {percent(found['baseline_test_score'])} -> {percent(found['best_test_score'])} on "
        f"{counted(found['n_test'], 'example')}, opened {counted(found['n_test_openings'], 'time')} in this run"
        if "n_test" in found
        else ""
    )
    judge = found["calls"].get("judge")
    judged = "" if judge is None else f", {counted(judge, 'judge call')}"
    why = "".join(f"\n- {cause['sentence']}" for cause in found["no_gain"])
    why = f"\n\n{no_gain.NO_GAIN}{why}" if why else ""
    return (
        f"{found['best_prompt'] or 'No prompt could be measured.'}\n\n"
        f"dev {percent(found['baseline_dev_score'])} -> {percent(found['best_dev_score'])} "
        f"on {counted(found['n_dev'], 'example')}, {counted(found['rounds'], 'round')}, "
        f"{counted(found['calls']['optimizer'], 'optimizer call')} and "
        f"{counted(found['calls']['target'], 'target call')}{judged}{test}{why}"
    )
