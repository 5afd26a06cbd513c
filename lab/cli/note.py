"""`prompt-lab note`: writes a note, tags, a star or a name on a run or a thing of it, or says what is written."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from lab.cli.branch import add_run, open_branch
from lab.cli.output import print_json
from lab.store.notes import Note
from lab.text import shortened


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    add_run(parser)
    parser.add_argument("text", nargs="?", metavar="TEXT", help="the note; an empty one takes it away")
    parser.add_argument(
        "--on",
        default="",
        metavar="THING",
        help="a prompt (P7), critique (C12), step (S31) or branch; default: the run",
    )
    parser.add_argument("--name", metavar="NAME", help="what it is called")
    parser.add_argument(
        "--tag", action="append", metavar="WORD", help="a word to find it by; repeatable; '' for none"
    )
    parser.add_argument("--star", action=argparse.BooleanOptionalAction, help="star it, or take the star away")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Write what is given, print all that is written on the run, and return the exit status.

    Raises:
        LabError: when there is no such book, run or thing, or a text is too long; nothing was changed.
    """
    session, branch = open_branch(options.book, options.run_or_branch, archived=True)
    try:
        given = {"name": options.name, "starred": options.star, "note": options.text}
        tags = None if options.tag is None else tuple(filter(None, options.tag))
        if tags is not None or any(value is not None for value in given.values()):
            session.note(branch, options.on, tags=tags, **given)
        found = session.notes(branch)
    finally:
        session.book.close()
    if options.json:
        print_json({"notes": [asdict(one) for one in found]})
    else:
        print("\n".join(map(_line, found)) or "Nothing is written on this run.")
    return 0


def _line(one: Note) -> str:
    star, tags = "★ " if one.starred else "", "".join(f" [{tag}]" for tag in one.tags)
    on = f"{one.kind} {shortened(one.subject, 60)}".strip()
    return f"{star}{on}{f' “{one.name}”' if one.name else ''}{tags}: {one.note}".rstrip(": ")
