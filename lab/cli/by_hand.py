"""Requests to a person who is the optimizer model: printed, and their replies read from standard input."""

from __future__ import annotations

import sys

from lab.errors import AwaitedError
from lab.session import Session
from lab.views.numbers import counted

__all__ = ["END", "ask"]

END = "=== end ==="  # a line of its own, after a reply


def ask(session: Session, branch: str) -> None:
    """Print each request that waits, on standard error, and keep its reply as soon as it was read.

    Raises:
        AwaitedError: when the input ends before the last reply.
    """
    while waiting := session.requests(branch):
        one = waiting[0]
        wait = counted(len(waiting), "request waits", "requests wait")
        print(
            f"\n{wait} for your reply. Write it below the request, and then a line of its own: {END}\n"
            f"=== request {one.key} ===\n{one.text}\n=== reply {one.key} ===",
            file=sys.stderr, flush=True,
        )  # fmt: skip
        session.reply(branch, {one.key: _read(len(waiting))})


def _read(n_waiting: int) -> str:
    """Read lines up to the one that ends a reply, or to the end of the input.

    Raises:
        AwaitedError: when the input ends before anything was written.
    """
    lines = list[str]()
    for line in sys.stdin:
        if line.strip() == END:
            return "".join(lines).removesuffix("\n")
        lines.append(line)
    if not lines:
        raise AwaitedError(n_waiting)
    return "".join(lines)
