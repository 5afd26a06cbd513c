"""What a person does on a page or in a notebook, as plain data: both faces send these and know nothing more.

An event is a mapping with the name of the act and its arguments, as `lab/views/face.js` makes it of a control:

    next · autopilot rounds · stop · accept proposal marks · reject proposal why · again proposal marks
    mark proposal place keep text why like · unmark proposal place · goto node · fork node · undo · redo
    switch branch · rename name · pause stops · more rounds · optimizer name preset
    reword request text · flag example

`at` may name the node that was shown when the act was chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from lab.errors import MisuseError
from lab.optimizers import optimizer
from lab.review import Mark, Verdict
from lab.session import Session

Event = Mapping[str, Any]


async def act(session: Session, branch: str, event: Event) -> str:
    """Does what an event asks for, in the running event loop, and gives the branch to show next.

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
    rounds = session.state(branch).run.settings.rounds
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


def _pause(session: Session, branch: str, event: Event) -> None:
    stops = event["stops"]
    if not isinstance(stops, list):
        raise MisuseError("The phases to pause at are a list of names. Nothing was changed.")
    session.pause_at(branch, [str(stop) for stop in stops])


# Acts that mean the place a person sees: refused when the branch is elsewhere by now, as after a double click.
_FROM_HERE = frozenset({"next", "autopilot", "undo", "redo", "more", "optimizer", "reword", "flag"})

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
    }
)
