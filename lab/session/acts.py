"""What a person can do on a page or in a notebook: both faces send events, and this table says what each does.

An event is a mapping with the name of the act and its arguments, as `lab/views/face.js` makes it of a control. It
is parsed and checked whole, then applied in one transaction of the lab book: what is refused changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from lab.core.layout import placeholders
from lab.core.review import Verdict
from lab.errors import MisuseError
from lab.optimizers import optimizer
from lab.session import commands
from lab.session.commands import UNCHANGED, Arguments, Event
from lab.session.session import Session

__all__ = ["ACTS", "Act", "Event", "act", "parse"]

C = TypeVar("C")


@dataclass(frozen=True)
class Act(Generic[C]):
    """One thing that a person can do.

    Attributes:
        name: what an event calls it.
        parse: makes the command of the arguments of an event.
        apply: does what the command says on a branch, and returns the branch to show next where it is another.
        help: what it does, in a line.
        current: whether it is refused when the page is out of date: when the branch is not `at` the node that was
            shown any more, as after a double click.
    """

    name: str
    parse: Callable[[Arguments], C]
    apply: Callable[[Session, str, C], str | None]
    help: str
    current: bool = False


async def act(session: Session, branch: str, event: Event) -> str:
    """Do what an event asks for, in the running event loop, and return the branch to show next.

    Steps are begun as jobs and go on after this returns.

    Raises:
        LabError: with a sentence to show; then nothing was changed.
    """
    name, command = parse(event)
    with session.book.transaction():
        if ACTS[name].current and event.get("at") not in (None, session.branch(branch).node):
            raise MisuseError(
                f"This branch has moved on in the meantime; the page shows where it is now. {UNCHANGED}"
            )
        return ACTS[name].apply(session, branch, command) or branch


def parse(event: Event) -> tuple[str, object]:
    """Return the name of the act that an event means, and its command.

    Raises:
        MisuseError: for an unknown act, or an argument that is missing or not of its kind.
    """
    name = str(event.get("act", ""))
    if name not in ACTS:
        raise MisuseError(f"The lab knows no act “{name}”. {UNCHANGED}")
    return name, ACTS[name].parse(Arguments(name, event))


# The loop


def _autopilot(session: Session, branch: str, command: commands.Autopilot) -> None:
    for place, mark in command.marks:
        session.mark(branch, command.proposal, place, mark)
    session.start(branch, rounds=command.rounds)


def _accept(session: Session, branch: str, command: commands.Accept) -> None:
    session.accept(branch, command.proposal, command.marks)
    session.start(branch)


def _reject(session: Session, branch: str, command: commands.Reject) -> None:
    session.decide(branch, command.proposal, Verdict("reject", why=command.why))
    session.start(branch)


def _again(session: Session, branch: str, command: commands.Again) -> None:
    session.again(branch, command.proposal, command.marks)
    session.start(branch)


def _mark(session: Session, branch: str, command: commands.MarkItem) -> None:
    session.mark(branch, command.proposal, command.place, command.mark)


def _stop(session: Session, branch: str, _: commands.Stop) -> None:
    session.stop(branch)


def _reword(session: Session, branch: str, command: commands.Reword) -> None:
    session.reword(branch, command.request, command.text)
    session.start(branch)


# Changes for all that comes


def _more(session: Session, branch: str, command: commands.MoreRounds) -> None:
    session.more_rounds(branch, command.rounds)


def _optimizer(session: Session, branch: str, command: commands.SwitchOptimizer) -> None:
    kind = optimizer(command.name)
    preset = command.preset if kind.presets else ""  # one of a person's own may have none
    session.switch(branch, kind.name, kind.configure(preset))


def _flag(session: Session, branch: str, command: commands.Flag) -> None:
    session.flag(branch, command.example)
    session.start(branch)


def _list_prompt(session: Session, branch: str, command: commands.ListPrompt) -> None:
    prompt = command.prompt if isinstance(command.prompt, str) else _offered(session, branch, command.prompt)
    constraints = session.book.node(session.branch(branch).node).constraints
    listed: tuple[str, ...] = getattr(constraints, command.constraint)
    _constrain(session, branch, **{command.constraint: _with(listed, prompt, command.adds)})


def _offered(session: Session, branch: str, meant: commands.OfferedPrompt) -> str:
    waits = session.branch(branch).pending == meant.proposal
    items = session.book.proposal(meant.proposal).items if waits else ()
    if not 0 <= meant.place < len(items):
        raise MisuseError(f"The prompt that was meant is not waiting here any more. {UNCHANGED}")
    return items[meant.place].text


def _protect(session: Session, branch: str, command: commands.Protect) -> None:
    protected = session.book.node(session.branch(branch).node).constraints.protected
    _constrain(session, branch, protected=_with(protected, command.example, command.adds))


def _with(texts: tuple[str, ...], text: str, adds: bool) -> tuple[str, ...]:
    return (*texts, text) if adds else tuple(one for one in texts if one != text)


def _set_constraints(session: Session, branch: str, command: commands.Constrain) -> None:
    frozen = command.frozen
    if command.placeholders:
        phase = session.book.node(session.branch(branch).node).phase
        frozen += tuple(slot for text in phase.prompts for slot in placeholders(text))
    _constrain(session, branch, frozen=frozen, longest_words=command.longest_words, veto=command.veto)


def _lift(session: Session, branch: str, command: commands.Lift) -> None:
    now = getattr(session.book.node(session.branch(branch).node).constraints, command.constraint)
    n = command.number
    _constrain(session, branch, **{command.constraint: now[:n] + now[n + 1 :] if isinstance(now, tuple) else 0})


def _constrain(session: Session, branch: str, **changes: object) -> None:
    """Change constraints; what waited is proposed again under them and waits, wherever the branch pauses."""
    waits = session.branch(branch).pending is not None
    session.constrain(branch, **changes)
    if waits:
        session.jobs.start(branch, lambda report: session.propose(branch, report))


# Models


def _score_on(session: Session, branch: str, command: commands.ScoreOn) -> None:
    session.start_scoring(branch, command.model, command.prompts)


def _limits(session: Session, branch: str, command: commands.SetLimits) -> None:
    session.set_limits(branch, command.role, command.limits, command.price)


def _ceiling(session: Session, branch: str, command: commands.SetCeiling) -> None:
    session.set_ceiling(branch, command.ceiling)


def _move_to(session: Session, branch: str, command: commands.MoveTo) -> str:
    return session.move_to(branch, command.node, session.branch(branch).models.using("target", command.model))


_TABLE: tuple[Act[Any], ...] = (
    Act("next", commands.Next.parse, lambda s, b, _: s.start(b), "Begin the next step.", current=True),
    Act("autopilot", commands.Autopilot.parse, _autopilot, "Run some rounds without asking.", current=True),
    Act("stop", commands.Stop.parse, _stop, "Stop the running step; what had arrived is kept."),
    Act("accept", commands.Accept.parse, _accept, "Keep what is marked of the proposal, and go on."),
    Act("reject", commands.Reject.parse, _reject, "Keep nothing of the proposal, and draw again."),
    Act("again", commands.Again.parse, _again, "Put the proposal aside with its marks, and draw another."),
    Act("mark", commands.MarkItem.parse, _mark, "Keep what was made of one item until the verdict."),
    Act("unmark", commands.MarkItem.parse_unmark, _mark, "Drop what was made of one item."),
    Act("reword", commands.Reword.parse, _reword, "Send other words for one request, for this once.", current=True),
    Act("goto", commands.GoTo.parse, lambda s, b, c: s.goto(b, c.node), "Go to a node of the history."),
    Act("fork", commands.Fork.parse, lambda s, b, c: s.fork(b, c.node, c.name), "Make a branch at a node."),
    Act("undo", commands.Undo.parse, lambda s, b, _: s.undo(b), "Go back to before the last move.", current=True),
    Act(
        "redo", commands.Redo.parse, lambda s, b, _: s.redo(b), "Go to where the last undo came from.", current=True
    ),
    Act("switch", commands.ShowBranch.parse, lambda s, _, c: s.branch(c.branch).id, "Show another branch."),
    Act("rename", commands.Rename.parse, lambda s, b, c: s.rename(b, c.name), "Give the branch another name."),
    Act("pause", commands.PauseAt.parse, lambda s, b, c: s.pause_at(b, c.stops), "Set where the branch waits."),
    Act(
        "more",
        commands.MoreRounds.parse,
        _more,
        "Raise the number of rounds.",
        current=True,
    ),
    Act("optimizer", commands.SwitchOptimizer.parse, _optimizer, "Go on with another optimizer.", current=True),
    Act("flag", commands.Flag.parse, _flag, "Leave out an example whose label is wrong.", current=True),
    Act(
        "pin",
        partial(commands.ListPrompt.parse, constraint="pinned", adds=True),
        _list_prompt,
        "Keep a prompt in every choice.",
        current=True,
    ),
    Act(
        "unpin",
        partial(commands.ListPrompt.parse, constraint="pinned", adds=False),
        _list_prompt,
        "Let a pinned prompt go.",
        current=True,
    ),
    Act(
        "hide",
        partial(commands.ListPrompt.parse, constraint="hidden", adds=True),
        _list_prompt,
        "Leave a prompt out of every choice.",
        current=True,
    ),
    Act(
        "show",
        partial(commands.ListPrompt.parse, constraint="hidden", adds=False),
        _list_prompt,
        "Let a hidden prompt be chosen again.",
        current=True,
    ),
    Act(
        "protect",
        partial(commands.Protect.parse, adds=True),
        _protect,
        "Let no prompt break an example.",
        current=True,
    ),
    Act(
        "unprotect",
        partial(commands.Protect.parse, adds=False),
        _protect,
        "Let prompts break an example again.",
        current=True,
    ),
    Act("constrain", commands.Constrain.parse, _set_constraints, "Set the rules for new prompts.", current=True),
    Act("lift", commands.Lift.parse, _lift, "Take back one constraint.", current=True),
    Act(
        "transfer",
        commands.ScoreOn.parse,
        _score_on,
        "Score prompts on another target model.",
    ),
    Act("moveto", commands.MoveTo.parse, _move_to, "Go on from a node on another target model."),
    Act(
        "use",
        commands.SetLimits.parse,
        _limits,
        "Set the limits and the price of one model.",
    ),
    Act(
        "ceiling",
        commands.SetCeiling.parse,
        _ceiling,
        "Set what the branches of this run may spend together.",
    ),
)

ACTS: Mapping[str, Act[Any]] = MappingProxyType({one.name: one for one in _TABLE})
