"""A person as the optimizer model: the requests that wait for their replies, and what becomes of these.

A reply is kept as that of every model is, by the call that it answers, so that it is read, replayed and found again
like any other; what waits is what the book has no reply to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.core.asks import Ask, Generate
from lab.core.constraints import worded
from lab.core.review import again, asked_again, draw_of, reworded
from lab.errors import MisuseError
from lab.i18n import gettext_lazy
from lab.models.calls import Answer, Call
from lab.models.endpoint import BY_HAND
from lab.session.branches import Branches, Position
from lab.session.drafts import Drafts
from lab.session.pasted import OpenRequest
from lab.store import Account, Book

if TYPE_CHECKING:
    from lab.models.connections import Connections

__all__ = ["LONGEST_REPLY", "ByHand"]

LONGEST_REPLY = 100_000  # characters
_KEY = slice(3, 11)  # of a call's key: eight digits tell the few calls of a step apart


@dataclass(frozen=True, eq=False, repr=False)
class ByHand:
    """Takes the replies of a person on one owner's branches."""

    _book: Book
    _branches: Branches
    _drafts: Drafts
    _connections: Connections

    def requests(self, branch: str) -> tuple[OpenRequest, ...]:
        """Return the requests that wait for a reply here; none where a person is not the model."""
        return self.of(self._branches.position(branch))

    def of(self, at: Position, ask: Ask | None = None) -> tuple[OpenRequest, ...]:
        """Return those that wait at a place; `ask` is what is asked there, where it is known."""
        return tuple(OpenRequest(key, _text(call)) for key, call in self._open(at, ask).items())

    def reply(self, branch: str, replies: Mapping[str, str]) -> tuple[OpenRequest, ...]:
        """Keep replies by the keys of their requests; return the requests that wait then.

        An empty reply is one too: models give such.

        Raises:
            MisuseError: when a key names no request that waits, or a reply is too long; nothing was kept.
        """
        at = self._branches.idle(branch)
        waiting = self._open(at)
        for key, text in replies.items():
            if key not in waiting:
                raise _unknown(key, waiting)
            if len(text) > LONGEST_REPLY:
                raise MisuseError(
                    gettext_lazy("A reply has at most {most:,} characters. Nothing was kept.", most=LONGEST_REPLY)
                )
        rows = [_row(waiting[key], text) for key, text in replies.items()]
        Account(self._book, branch, at.branch.node, "propose", at.sample).keep(rows, "optimizer")
        return self.requests(branch)

    def _open(self, at: Position, ask: Ask | None = None) -> dict[str, Call]:
        config = at.branch.models["optimizer"]
        if not config.endpoint.by_hand or config.recorded or at.branch.pending:
            return {}
        asked = ask or self._ask(at)
        calls = self._calls(at, asked) if isinstance(asked, Generate) else ()
        known = self._book.find([call.key for call in calls])
        return {call.key[_KEY]: call for call in calls if call.key not in known}

    def _ask(self, at: Position) -> Ask:
        phase = at.node.phase
        return reworded(
            worded(phase, phase.ask(at.context, at.sample), at.node.constraints), self._drafts.words(at)
        )

    def _calls(self, at: Position, ask: Generate) -> Sequence[Call]:
        """Return the calls of an ask, and of what is asked once more where a reply could not be read."""
        from lab.models.plan import generate_calls, replies  # as `performers`: brings the SDK

        config, seed, draw = at.branch.models["optimizer"], at.context.seed, draw_of(at.node.phase, at.sample)
        can = self._connections.capabilities(config.endpoint)
        calls = generate_calls(ask, draw, config, seed, can)
        known = self._book.find([call.key for call in calls])
        if len(known) < len({call.key for call in calls}):
            return calls
        texts = replies(ask, [known[call.key] for call in calls], can)
        more = asked_again(ask, at.node.phase.read(at.context, texts), texts)
        return generate_calls(Generate(tuple(more.values())), again(draw), config, seed, can) if more else ()


def _text(call: Call) -> str:
    text: str = call.body["messages"][0]["content"]
    return text


def _row(call: Call, text: str) -> tuple[str, Call, Answer]:
    from lab.models.wire import read_answer

    body = {"model": BY_HAND, "choices": [{"message": {"content": text}, "finish_reason": "stop"}]}
    answer = read_answer(body, call.body)
    assert answer is not None
    return call.key, call, answer


def _unknown(key: str, waiting: Mapping[str, Call]) -> MisuseError:
    if not waiting:
        return MisuseError(
            gettext_lazy("No request “{key}” waits for a reply here. None does. Nothing was kept.", key=key[:60])
        )
    return MisuseError(
        gettext_lazy(
            "No request “{key}” waits for a reply here. Those that wait: {waiting}. Nothing was kept.",
            key=key[:60],
            waiting=", ".join(waiting),
        )
    )
