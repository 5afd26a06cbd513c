"""One call of a model and its answer, as values, and what a store of answers must do.

A call is known by everything that can change its answer: the address, the whole request and a sample
number. Asking again for something new means another sample, never another kind of look-up.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any, Literal, Protocol

from lab.models.logprobs import Token, tokens_of

__all__ = ["CUT_OFF", "Answer", "Call", "MemoryCache", "ReplyCache", "Role", "canonical", "rough_tokens"]

Role = Literal["optimizer", "target"]

CUT_OFF = "cut off at the token limit"


def canonical(value: Any) -> str:
    """Writes JSON in the one spelling that is hashed and stored."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def rough_tokens(text: str) -> int:
    """Guesses the tokens of a text where no server has counted them: four characters each, rounded up."""
    return -(-len(text) // 4)


@dataclass(frozen=True)
class Answer:
    """What came back: `flaw` says why the text is not whole; `model` and `fingerprint` are the server's own words.

    `tokens` are there where log-probabilities were asked for and given; `notes` say what the client did otherwise
    than it was asked, because the server takes no such thing.
    """

    text: str
    flaw: str | None = None
    n_input_tokens: int = 0
    n_output_tokens: int = 0
    tokens_estimated: bool = False
    latency_s: float = 0.0
    model: str = ""
    fingerprint: str = ""
    tokens: tuple[Token, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def json(self) -> str:
        """The answer as it is stored; what is empty is left out."""
        return json.dumps({name: value for name, value in asdict(self).items() if value or name == "text"})

    @classmethod
    def of(cls, stored: str) -> Answer:
        """Reads what `json` made, of any version."""
        content = json.loads(stored)
        tokens, notes = tokens_of(content.pop("tokens", ())), tuple(content.pop("notes", ()))
        return cls(**content, tokens=tokens, notes=notes)


@dataclass(frozen=True)
class Call:
    """A request (canonical JSON) to an address; `sample` tells equal requests apart.

    A body with `messages` is a chat completion, one with `prompt` a completion.
    """

    base_url: str
    request: str
    sample: str = "0"

    @classmethod
    def of(cls, base_url: str, body: Mapping[str, Any], sample: str = "0") -> Call:
        return cls(base_url, canonical(body), sample)

    @cached_property
    def key(self) -> str:
        """The name of the answer in every store; `c1` is the version of this recipe."""
        whole = f"[{canonical(self.base_url)},{self.request},{canonical(self.sample)}]"
        return f"c1:{blake2b(whole.encode(), digest_size=20).hexdigest()}"

    @property
    def body(self) -> dict[str, Any]:
        """The request as it is sent."""
        body: dict[str, Any] = json.loads(self.request)
        return body

    @property
    def n_input_tokens(self) -> int:
        """A guess, made before the server has counted."""
        body = self.body
        if "prompt" in body:
            return rough_tokens(body["prompt"]) + rough_tokens(body.get("suffix") or "")
        return sum(rough_tokens(message["content"]) for message in body["messages"])


class ReplyCache(Protocol):
    """A store of answers; used by one thread at a time."""

    def find(self, keys: Sequence[str]) -> dict[str, Answer]:
        """Gives the answers known among `keys`."""

    def keep(self, rows: Sequence[tuple[str, Call, Answer]], role: Role = "target") -> None:
        """Stores answers by key; once this returns they survive a crash. A key already there stays.

        A store that keeps a ledger books each row as paid for in this `role`.
        """


class MemoryCache:
    """Answers for the life of the process: for scripts that keep no lab book."""

    def __init__(self) -> None:
        self.rows: dict[str, tuple[Call, Answer]] = {}

    def find(self, keys: Sequence[str]) -> dict[str, Answer]:
        return {key: self.rows[key][1] for key in keys if key in self.rows}

    def keep(self, rows: Sequence[tuple[str, Call, Answer]], role: Role = "target") -> None:
        for key, call, answer in rows:
            self.rows.setdefault(key, (call, answer))
