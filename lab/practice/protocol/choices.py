"""Drawing the replies of a request: said, cut where asked, scored only where asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from lab.errors import ModelError
from lab.practice.chance import unit
from lab.practice.protocol.checks import Refused, Wanted
from lab.practice.protocol.likelihood import Row, Say, Weighted, score, weighted_replies
from lab.practice.protocol.tokens import tokens
from lab.practice.target import Draw

T = TypeVar("T")


@dataclass(frozen=True)
class Choice:
    """One reply: its tokens, why it ends (stop or length), and a row for each token where they were asked for."""

    tokens: tuple[str, ...]
    reason: str
    rows: tuple[Row, ...] | None

    @property
    def text(self) -> str:
        """The whole reply."""
        return "".join(self.tokens)


def choices(wanted: Wanted, say: Say) -> list[Choice]:
    """Draw as many replies as are wanted; they are all the same at temperature 0."""
    if wanted.max_tokens == 0:
        return [Choice((), "length", None if wanted.top is None else ())] * wanted.n
    said = None if wanted.top is None and not wanted.options else weighted_replies(say)

    def choice(sample: int) -> Choice:
        text = say(Draw(wanted.temperature, wanted.seed, sample))
        if wanted.options:
            text = _chosen(text, wanted.options, said or ())
        kept, reason = _cut(text, wanted)
        rows = _rows(kept, score(text, said or (), wanted.top)) if wanted.top is not None else None
        return Choice(kept, reason, rows)

    return [choice(sample) for sample in range(wanted.n)] if wanted.temperature else [choice(0)] * wanted.n


def _chosen(text: str, options: Sequence[str], said: Weighted) -> str:
    """Return the only option that a reply names, else the likeliest."""
    words = re.findall(r"\w+", text.casefold())
    named = [one for one in options if _holds(words, re.findall(r"\w+", one.casefold()))]
    if len(named) == 1:
        return named[0]
    return max(options, key=lambda one: sum(row.logprob or 0.0 for row in score(one, said, 0)))


def _holds(words: Sequence[str], part: Sequence[str]) -> bool:
    """Return whether words stand together among others."""
    return bool(part) and any(words[at : at + len(part)] == part for at in range(len(words) - len(part) + 1))


def _cut(text: str, wanted: Wanted) -> tuple[tuple[str, ...], str]:
    ends = [at for stop in wanted.stop if (at := text.find(stop)) >= 0]
    kept = tuple(tokens(text[: min(ends)] if ends else text))
    if wanted.max_tokens is not None and len(kept) > wanted.max_tokens:
        return kept[: wanted.max_tokens], "length"
    return kept, "stop"


def _rows(kept: tuple[str, ...], rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """Return the rows of the tokens that were kept; one cut in two by a stop keeps the row it was drawn with."""
    return tuple(Row(token, row.logprob, row.top) for token, row in zip(kept, rows, strict=False))


def spoken(say: Callable[[], T], param: str) -> T:
    """Let the model speak.

    Raises:
        Refused: when it has no rules for what it was asked.
    """
    try:
        return say()
    except ModelError as error:
        raise Refused(str(error), param, "unknown_task") from error


def usage(n_prompt: int, n_reply: int) -> dict[str, int]:
    """Count tokens as the protocol words it."""
    return {"prompt_tokens": n_prompt, "completion_tokens": n_reply, "total_tokens": n_prompt + n_reply}


def envelope(prefix: str, kind: str, wanted: Wanted, *asked: object) -> dict[str, Any]:
    """Return what every reply begins with; the id is drawn from the request."""
    return {
        "id": f"{prefix}-practice-{int(unit(wanted, *asked) * 16**12):012x}",
        "object": kind,
        "created": 0,
        "model": wanted.model,
        "system_fingerprint": "simulated-model",
    }
