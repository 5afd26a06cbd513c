"""What a person can do on a page or in a notebook: both faces send events, and this table says what each does.

An event is a mapping with the name of the act and its arguments, as `lab/views/face.js` makes it of a control. It
is parsed and checked whole, then applied in one transaction of the lab book: what is refused changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Generic, Literal, TypeVar

from lab.core.layout import placeholders
from lab.core.review import Verdict
from lab.errors import MisuseError
from lab.i18n import gettext_lazy, sentences
from lab.optimizers import optimizer
from lab.session import commands
from lab.session.commands import Arguments, Event, read
from lab.session.pasted import pasted, unmatched
from lab.session.session import Session

__all__ = ["ACTS", "Act", "Event", "act", "act_now", "looked_at", "parse"]

C = TypeVar("C")


@dataclass(frozen=True)
class Act(Generic[C]):
    """One thing that a person can do.

    Attributes:
        name: what an event calls it.
        command: what an event with this name is read into.
        apply: does what the command says on a branch, and returns the branch to show next where it is another.
        current: whether it is refused when the page is out of date: when the branch is not `at` the node that was
            shown any more, as after a double click.
        given: fields of the command that the act itself says.
        about: what it does, where that is less than what its command does.
    """

    name: str
    command: type[C]
    apply: Callable[[Session, str, C], str | None]
    current: bool = False
    given: Mapping[str, object] = field(default_factory=dict)
    about: str = ""

    @property
    def help(self) -> str:
        """What it does, in a line."""
        return self.about or (self.command.__doc__ or "")


async def act(session: Session, branch: str, event: Event) -> str:
    """Do what an event asks for as `act_now` does, in the running event loop, which the steps run in as well.

    Raises:
        LabError: with a sentence to show; then nothing was changed.
    """
    return act_now(session, branch, event)


def act_now(session: Session, branch: str, event: Event) -> str:
    """Do what an event asks for, and return the branch to show next.

    Steps are begun as jobs and go on after this returns.

    Raises:
        LabError: with a sentence to show; then nothing was changed.
    """
    name, command = parse(event)
    typed = parse_typed(event)
    with session.book.transaction():  # what was typed stays, also where the act itself is refused
        for one in typed:
            _mark(session, branch, one)
    with session.book.transaction():
        if ACTS[name].current and event.get("at") not in (None, session.branch(branch).node):
            raise MisuseError(
                gettext_lazy(
                    "This branch has moved on in the meantime; the page shows where it is now. Nothing was changed."
                )
            )
        return ACTS[name].apply(session, branch, command) or branch


def looked_at(event: Event) -> str:
    """Return the node that a person wants to look at; "" where the event asks for something else."""
    return str(event.get("node", "")) if event.get("act") == "look" else ""


def parse(event: Event) -> tuple[str, object]:
    """Return the name of the act that an event means, and its command.

    Raises:
        MisuseError: for an unknown act, or an argument that is missing or not of its kind.
    """
    name = str(event.get("act", ""))
    if name not in ACTS:
        raise MisuseError(gettext_lazy("There is no act “{name}”. Nothing was changed.", name=name))
    return name, read(ACTS[name].command, Arguments(name, event), ACTS[name].given)


def parse_typed(event: Event) -> tuple[commands.MarkItem, ...]:
    """Return the marks that a person had typed and the page had not seen kept, when the event was sent.

    They come along with it because two events of a page may arrive in either order.

    Raises:
        MisuseError: for a mark that is not one.
    """
    given = event.get("typed") or ()
    if not isinstance(given, list | tuple) or not all(isinstance(one, Mapping) for one in given):
        raise MisuseError(gettext_lazy("What was typed must be a list of marks. Nothing was changed."))
    return tuple(read(commands.MarkItem, Arguments("mark", one), {}) for one in given)


# The loop


def _autopilot(session: Session, branch: str, command: commands.Autopilot) -> None:
    for place, mark in command.marks:
        session.mark(branch, command.proposal, place, mark)
    session.start(branch, rounds=command.rounds, ask_when=command.ask, explores=not command.same)


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


def _reply(session: Session, branch: str, command: commands.ReplyByHand) -> None:
    if not command.text.strip():
        raise MisuseError(
            gettext_lazy("The box of the reply is empty. Write the reply, or paste it. Nothing was kept.")
        )
    _take_replies(session, branch, {command.request: command.text})


def _paste(session: Session, branch: str, command: commands.PasteReplies) -> None:
    found = pasted(command.text, [one.key for one in session.requests(branch)])
    if found.unmatched:
        raise MisuseError(sentences(*map(unmatched, found.unmatched), gettext_lazy("Nothing was kept.")))
    _take_replies(session, branch, found.replies)


def _take_replies(session: Session, branch: str, replies: Mapping[str, str]) -> None:
    if not session.reply(branch, replies):
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
        raise MisuseError(
            gettext_lazy("The prompt that was meant is not waiting here any more. Nothing was changed.")
        )
    return items[meant.place].text


def _protect(session: Session, branch: str, command: commands.Protect) -> None:
    protected = session.book.node(session.branch(branch).node).constraints.protected
    _constrain(session, branch, protected=_with(protected, command.example, command.adds))


def _protect_group(session: Session, branch: str, command: commands.ProtectGroup) -> None:
    waits = session.branch(branch).pending is not None
    session.protect(branch, command.examples)
    _propose_again(session, branch, waits)


def _with(texts: tuple[str, ...], text: str, adds: bool) -> tuple[str, ...]:
    return (*texts, text) if adds else tuple(one for one in texts if one != text)


def _set_constraints(session: Session, branch: str, command: commands.Constrain) -> None:
    frozen = command.frozen
    if command.placeholders:
        node = session.book.node(session.branch(branch).node)
        inputs = session.book.context(node.context).context.task.inputs
        frozen += tuple(slot for text in node.phase.prompts for slot in placeholders(text, inputs))
    _constrain(session, branch, frozen=frozen, longest_words=command.longest_words, veto=command.veto)


def _lift(session: Session, branch: str, command: commands.Lift) -> None:
    now = getattr(session.book.node(session.branch(branch).node).constraints, command.constraint)
    n = command.number
    _constrain(session, branch, **{command.constraint: now[:n] + now[n + 1 :] if isinstance(now, tuple) else 0})


def _constrain(session: Session, branch: str, **changes: object) -> None:
    """Change constraints; what waited is proposed again under them and waits, wherever the branch pauses."""
    waits = session.branch(branch).pending is not None
    session.constrain(branch, **changes)
    _propose_again(session, branch, waits)


def _note(session: Session, branch: str, command: commands.WriteNote) -> None:
    session.check_in_tree(branch, command.node)
    session.note(
        branch, command.node, name=command.name, tags=command.tags, starred=command.starred, note=command.text
    )


def _propose_again(session: Session, branch: str, waits: bool) -> None:
    if waits:
        session.jobs.start(branch, lambda report: session.propose(branch, report))


# Models


def _move_to(session: Session, branch: str, command: commands.MoveTo) -> str:
    return session.move_to(branch, command.node, session.branch(branch).models.using("target", command.model))


def _connect(session: Session, branch: str, command: commands.Connect) -> str:
    models = session.branch(branch).models
    return session.connect(branch, models.using("optimizer", command.optimizer).using("target", command.target))


def _use(session: Session, branch: str, command: commands.SetLimits) -> None:
    on_failures = command.lost_after_s, command.most_failed
    session.set_limits(branch, command.role, command.limits, command.price, *on_failures)


def _open_test(session: Session, branch: str, command: commands.OpenTest) -> None:
    prompts = session.to_test(branch) if command.prompts is None else command.prompts
    session.start_test(branch, prompts, command.reason)


def _listing(
    name: str, constraint: Literal["pinned", "hidden"], adds: bool, about: str
) -> Act[commands.ListPrompt]:
    given = {"constraint": constraint, "adds": adds}
    return Act(name, commands.ListPrompt, _list_prompt, current=True, given=given, about=about)


def _protecting(name: str, adds: bool, about: str) -> Act[commands.Protect]:
    return Act(name, commands.Protect, _protect, current=True, given={"adds": adds}, about=about)


_TABLE: tuple[Act[Any], ...] = (
    Act("next", commands.Next, lambda s, b, _: s.start(b), current=True),
    Act("autopilot", commands.Autopilot, _autopilot, current=True),
    Act("stop", commands.Stop, _stop),
    Act("retry", commands.Retry, lambda s, b, _: s.start_retry(b)),
    Act("accept", commands.Accept, _accept),
    Act("reject", commands.Reject, _reject),
    Act("again", commands.Again, _again),
    Act("mark", commands.MarkItem, _mark),
    Act("unmark", commands.MarkItem, _mark, given={"mark": None}, about="Drop what was made of one item."),
    Act("reword", commands.Reword, _reword, current=True),
    Act("pick", commands.CherryPick, lambda s, b, c: s.cherry_pick(b, c.name, c.like)),
    Act("hunks", commands.TakeHunks, lambda s, b, c: s.take_hunks(b, c.proposal, c.place, c.hunks)),
    Act("merge", commands.MergePrompts, lambda s, b, c: s.start_merge(b, c.first, c.second, c.hunks)),
    Act("without", commands.TryWithout, lambda s, b, c: s.start_counterfactual(b, c.step)),
    Act("look", commands.Look, lambda s, b, c: s.check_in_tree(b, c.node).id),
    Act("note", commands.WriteNote, _note),
    Act("reply", commands.ReplyByHand, _reply, current=True),
    Act("pastereplies", commands.PasteReplies, _paste, current=True),
    Act("goto", commands.GoTo, lambda s, b, c: s.goto(b, c.node)),
    Act("fork", commands.Fork, lambda s, b, c: s.fork(b, c.node, c.name)),
    Act("undo", commands.Undo, lambda s, b, _: s.undo(b), current=True),
    Act("redo", commands.Redo, lambda s, b, _: s.redo(b), current=True),
    Act("switch", commands.ShowBranch, lambda s, _, c: s.branch(c.branch).id),
    Act("rename", commands.Rename, lambda s, b, c: s.rename(b, c.name)),
    Act("pause", commands.PauseAt, lambda s, b, c: s.pause_at(b, c.stops)),
    Act("more", commands.MoreRounds, _more, current=True),
    Act("optimizer", commands.SwitchOptimizer, _optimizer, current=True),
    Act("flag", commands.Flag, _flag, current=True),
    _listing("pin", "pinned", True, "Keep a prompt in every choice."),
    _listing("unpin", "pinned", False, "Let a pinned prompt go."),
    _listing("hide", "hidden", True, "Leave a prompt out of every choice."),
    _listing("show", "hidden", False, "Let a hidden prompt be chosen again."),
    _protecting("protect", True, "Let no prompt break an example."),
    _protecting("unprotect", False, "Let prompts break an example again."),
    Act("protectgroup", commands.ProtectGroup, _protect_group, current=True),
    Act("chooseerrors", commands.ChooseErrors, lambda s, b, c: s.choose_errors(b, c.examples), current=True),
    Act("constrain", commands.Constrain, _set_constraints, current=True),
    Act("lift", commands.Lift, _lift, current=True),
    Act("transfer", commands.ScoreOn, lambda s, b, c: s.start_scoring(b, c.model, c.prompts)),
    Act("test", commands.OpenTest, _open_test),
    Act("rate", commands.RateAnswer, lambda s, b, c: s.rate(b, c.example, c.answer, c.given)),
    Act("vary", commands.Vary, lambda s, b, c: s.start_varying(b, c.kind, s.state(b).result)),
    Act("moveto", commands.MoveTo, _move_to),
    Act("connect", commands.Connect, _connect),
    Act("use", commands.SetLimits, _use),
    Act("ceiling", commands.SetCeiling, lambda s, b, c: s.set_ceiling(b, c.ceiling)),
)

ACTS: Mapping[str, Act[Any]] = MappingProxyType({one.name: one for one in _TABLE})
