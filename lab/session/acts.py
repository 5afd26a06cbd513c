"""What a person does on a page or in a notebook, as plain data: both faces send these and know nothing more.

An event is a mapping with the name of the act and its arguments, as `lab/views/face.js` makes it of a control:

    next · autopilot rounds · stop · accept proposal marks · reject proposal why · again proposal marks
    mark proposal place keep text why like · unmark proposal place · goto node · fork node · undo · redo
    switch branch · rename name · pause stops · more rounds · optimizer name preset
    reword request text · flag example
    pin prompt · unpin prompt · hide prompt · show prompt · protect example · unprotect example
    constrain frozen longest_words veto placeholders · lift what number
    transfer model · moveto model node · use role concurrency … sent back · ceiling calls tokens cost_usd

`prompt` is a text, or `place` the item of the waiting proposal that is meant. `frozen` is a list, or a text with a
passage a paragraph; `placeholders` freezes those of the prompts held; `lift` takes back one constraint by its name
and its number there, from 0. `at` may name the node that was shown when the act was chosen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from lab.core.layout import placeholders
from lab.core.review import Mark, Verdict
from lab.errors import MisuseError
from lab.optimizers import optimizer
from lab.session.session import Session
from lab.session.transfer import move_act, transfer_act
from lab.session.using import ceiling_act, use_act

Event = Mapping[str, Any]


async def act(session: Session, branch: str, event: Event) -> str:
    """Do what an event asks for, in the running event loop, and return the branch to show next.

    Steps are begun as jobs and go on after this returns.

    Raises:
        LabError: with a sentence to show; then nothing was changed.
    """
    name = str(event.get("act", ""))
    if name not in ACTS:
        raise MisuseError(f"The lab knows no act “{name}”.")
    here = session.branch(branch)
    if name in _FROM_HERE and event.get("at") not in (None, here.node):
        raise MisuseError(
            "This branch has moved on meanwhile; the page shows where it is now. Nothing was changed."
        )
    try:
        return ACTS[name](session, branch, event) or branch
    except (KeyError, TypeError, ValueError, OverflowError) as problem:
        raise MisuseError(f"The act “{name}” came without what it needs: {problem}. Nothing was changed.") from None


def _accept(session: Session, branch: str, event: Event) -> None:
    _mark_all(session, branch, event)
    session.decide(branch, str(event["proposal"]), session.drafted(branch))
    session.start(branch)


def _reject(session: Session, branch: str, event: Event) -> None:
    session.decide(branch, str(event["proposal"]), Verdict("reject", why=str(event.get("why", "")).strip()))
    session.start(branch)


def _again(session: Session, branch: str, event: Event) -> None:
    _mark_all(session, branch, event)
    session.again(branch, str(event["proposal"]))
    session.start(branch)


def _autopilot(session: Session, branch: str, event: Event) -> None:
    _mark_all(session, branch, event)
    session.start(branch, rounds=_rounds(event))


def _mark(session: Session, branch: str, event: Event) -> None:
    place, mark = _mark_of(event)
    session.mark(branch, str(event["proposal"]), place, mark)


def _mark_all(session: Session, branch: str, event: Event) -> None:
    marks: Sequence[Event] = event.get("marks") or ()
    for one in marks:
        place, mark = _mark_of(one)
        session.mark(branch, str(event["proposal"]), place, mark)


def _mark_of(event: Event) -> tuple[int, Mark]:
    place = int(event["place"])
    text = event.get("text")
    return place, Mark(
        index=place if place >= 0 else None,
        keep=bool(event["keep"]),
        text=None if text is None else str(text),
        why=str(event.get("why") or "").strip(),
        like=None if place >= 0 else int(event["like"]),
    )


def _stop(session: Session, branch: str, event: Event) -> None:
    session.stop(branch)


def _rounds(event: Event) -> int:
    given = str(event["rounds"]).strip()
    if not given.isdecimal() or not 1 <= int(given) <= 100:
        raise MisuseError("Rounds must be a whole number from 1 to 100. Nothing was changed.")
    return int(given)


def _more(session: Session, branch: str, event: Event) -> None:
    more = _rounds(event)
    rounds = session.state(branch).context.settings.rounds
    session.change_settings(branch, rounds=rounds + more)


def _optimizer(session: Session, branch: str, event: Event) -> None:
    kind = optimizer(str(event["name"]))
    preset = str(event.get("preset") or "") if kind.presets else ""  # one of a person's own may have none
    session.switch(branch, kind.name, kind.settle(preset))


def _reword(session: Session, branch: str, event: Event) -> None:
    session.reword(branch, int(event["request"]), str(event["text"]))
    session.start(branch)


def _flag(session: Session, branch: str, event: Event) -> None:
    session.flag(branch, str(event["example"]))
    session.start(branch)


def _mine(name: str, adds: bool) -> Callable[[Session, str, Event], None]:
    """Make the act that puts a prompt among the pinned or hidden ones, or take it out."""

    def do(session: Session, branch: str, event: Event) -> None:
        _constrain(
            session, branch, **{name: _with(_now(session, branch, name), _prompt(session, branch, event), adds)}
        )

    return do


def _protect(adds: bool) -> Callable[[Session, str, Event], None]:
    def do(session: Session, branch: str, event: Event) -> None:
        ids = _with(_now(session, branch, "unbreakable"), str(event["example"]), adds)
        _constrain(session, branch, unbreakable=ids)

    return do


def _rules(session: Session, branch: str, event: Event) -> None:
    given, words = event["frozen"], str(event["longest_words"]).strip() or "0"
    if not words.isdecimal():
        raise MisuseError("The most words are a whole number; leave it empty for no limit. Nothing was changed.")
    frozen = tuple(re.split(r"\n\s*\n", given)) if isinstance(given, str) else tuple(map(str, given))
    if event.get("placeholders"):
        phase = session.book.node(session.branch(branch).node).phase
        frozen += tuple(slot for text in phase.prompts for slot in placeholders(text))
    _constrain(session, branch, frozen=frozen, longest_words=int(words), veto=bool(event["veto"]))


def _lift(session: Session, branch: str, event: Event) -> None:
    what, number = str(event["what"]), int(event.get("number") or 0)
    now = _now(session, branch, what)
    if isinstance(now, tuple):
        _constrain(session, branch, **{what: now[:number] + now[number + 1 :]})
    else:
        _constrain(session, branch, **{what: 0})


def _now(session: Session, branch: str, name: str) -> Any:
    constraints = session.book.node(session.branch(branch).node).constraints
    return getattr(constraints, name, ())


def _with(texts: tuple[str, ...], text: str, adds: bool) -> tuple[str, ...]:
    return (*texts, text) if adds else tuple(one for one in texts if one != text)


def _prompt(session: Session, branch: str, event: Event) -> str:
    if "prompt" in event:
        return str(event["prompt"])
    proposal, place = str(event["proposal"]), int(event["place"])
    items = session.book.proposal(proposal).items if session.branch(branch).pending == proposal else ()
    if not 0 <= place < len(items):
        raise MisuseError("The prompt that was meant is not waiting here any more. Nothing was changed.")
    return items[place].text


def _constrain(session: Session, branch: str, **changes: Any) -> None:
    """Change constraints; what waited is proposed again under them and waits, wherever the branch pauses."""
    waits = session.branch(branch).pending is not None
    session.constrain(branch, **changes)
    if waits:
        session.jobs.start(branch, lambda report: session.propose(branch, report))


def _pause(session: Session, branch: str, event: Event) -> None:
    stops = event["stops"]
    if not isinstance(stops, list):
        raise MisuseError("The phases to pause at are a list of names. Nothing was changed.")
    session.pause_at(branch, [str(stop) for stop in stops])


# Acts that mean the place a person sees: refused when the branch is elsewhere by now, as after a double click.
_FROM_HERE = frozenset(
    {
        *("next", "autopilot", "undo", "redo", "more", "optimizer", "reword", "flag"),
        *("pin", "unpin", "hide", "show", "protect", "unprotect", "constrain", "lift"),
    }
)

ACTS: Mapping[str, Callable[[Session, str, Event], str | None]] = MappingProxyType(
    {
        "next": lambda session, branch, event: session.start(branch),
        "autopilot": _autopilot,
        "stop": _stop,
        "accept": _accept,
        "reject": _reject,
        "again": _again,
        "mark": _mark,
        "unmark": lambda session, branch, event: session.mark(
            branch, str(event["proposal"]), int(event["place"]), None
        ),
        "goto": lambda session, branch, event: session.goto(branch, str(event["node"])),
        "fork": lambda session, branch, event: session.fork(branch, str(event["node"]), str(event.get("name", ""))),
        "undo": lambda session, branch, event: session.undo(branch),
        "redo": lambda session, branch, event: session.redo(branch),
        "switch": lambda session, branch, event: session.branch(str(event["branch"])).id,
        "rename": lambda session, branch, event: session.rename(branch, str(event["name"])),
        "pause": _pause,
        "more": _more,
        "optimizer": _optimizer,
        "reword": _reword,
        "flag": _flag,
        "transfer": transfer_act,
        "moveto": move_act,
        "use": use_act,
        "ceiling": ceiling_act,
        "pin": _mine("pinned", adds=True),
        "unpin": _mine("pinned", adds=False),
        "hide": _mine("hidden", adds=True),
        "show": _mine("hidden", adds=False),
        "protect": _protect(adds=True),
        "unprotect": _protect(adds=False),
        "constrain": _rules,
        "lift": _lift,
    }
)
