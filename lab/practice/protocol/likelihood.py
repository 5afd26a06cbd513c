"""How likely a text is to this model, token by token.

What the model says to a request is a handful of replies: the one at temperature 0, with most of the weight, and
a few seeded draws at temperature 1; some of the weight of each goes to its plain form, in small letters without a
full stop. With a small share for any other token this is a distribution over texts, and the probability of a token
after the tokens before it follows from it. A reply and a text that is only being judged are scored by the same
function, so that they agree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log

from lab.practice.chance import unit
from lab.practice.protocol.tokens import space_before, tokens
from lab.practice.target import Draw

Say = Callable[[Draw], str]
Weighted = tuple[tuple[str, float], ...]

END = "<|endoftext|>"  # longer than any token, so that no text can hold it as one
_N_DRAWS = 8
_WEIGHT = 0.6
_PLAIN = 0.1
_ANY_TOKEN = 0.02
_N_TOKENS = 50_000  # the share of any other token is spread over a vocabulary of this size
_MARKER = re.compile(r"^[ \t>*#]*(?:output|answer|a)[ \t]*+\d*+[ \t]*+:\**", re.I | re.M)


@dataclass(frozen=True)
class Row:
    """A token, its log-probability (None where nothing precedes it), and the likeliest tokens at its place."""

    token: str
    logprob: float | None
    top: tuple[tuple[str, float], ...]


def weighted_replies(say: Say) -> Weighted:
    """Return what a model says to one request, each reply with its weight; the weights sum to 1."""
    drawn = ((say(Draw(1.0, 0, sample)), (1 - _WEIGHT) / _N_DRAWS) for sample in range(_N_DRAWS))
    said = ((say(Draw()), _WEIGHT), *drawn)
    plain = ((reply.lower().removesuffix("."), weight * _PLAIN) for reply, weight in said)
    return *((reply, weight * (1 - _PLAIN)) for reply, weight in said), *plain


def score(text: str, said: Weighted, top: int) -> tuple[Row, ...]:
    """Return the log-probability of each token of a text; the space that a text begins with is not judged."""
    space = space_before(text)
    paths = [((*tokens(space + reply.lstrip()), END), weight) for reply, weight in said]
    rows: list[Row] = []
    for i, token in enumerate(tokens(text)):
        shares = _shares([(path[i], weight) for path, weight in paths])
        likeliest = sorted(shares, key=lambda token: (-shares[token], token))[:top]
        named = tuple((other, _logprob(shares, other)) for other in likeliest)
        rows.append(Row(token, _logprob(shares, token), named))
        paths = [(path, weight) for path, weight in paths if path[i] == token]
    return tuple(rows)


def _shares(nexts: Sequence[tuple[str, float]]) -> dict[str, float]:
    total = sum(weight for _, weight in nexts)
    shares: dict[str, float] = {}
    for token, weight in nexts:
        shares[token] = shares.get(token, 0.0) + weight / total
    return shares


def _logprob(shares: dict[str, float], token: str) -> float:
    any_token = _ANY_TOKEN if shares else 1.0
    return round(log((1 - any_token) * shares.get(token, 0.0) + any_token / _N_TOKENS), 6)


def answer_start(prompt: str) -> int:
    """Find where the answer in a prompt begins: after the last line that starts with a marker such as "Answer:".

    Where no text follows it, or there is no marker, the answer is still to come: at the end of the prompt.
    """
    marks = list(_MARKER.finditer(prompt))
    return marks[-1].end() if marks and prompt[marks[-1].end() :].strip() else len(prompt)


def score_prompt(prompt: str, say: Callable[[str], Say], top: int) -> tuple[Row, ...]:
    """Score a prompt: the answer it holds as a reply to what precedes it, the text before by fixed values.

    The model makes no texts of the kind that it is asked with, so that those values are drawn from the text itself.
    """
    start = answer_start(prompt)
    before, answer = prompt[:start], prompt[start:]
    return _fixed(tokens(before)) + (score(answer, weighted_replies(say(before)), top) if answer else ())


def _fixed(read: Sequence[str]) -> tuple[Row, ...]:
    rows = [Row(token, None, ()) for token in read[:1]]
    for last, token in pairwise(read):
        logprob = round(-0.1 - 7.9 * unit("read", last, token), 6)
        rows.append(Row(token, logprob, ((token, logprob),)))
    return tuple(rows)
