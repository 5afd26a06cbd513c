"""One call of a model and its answer, as values, and what a store of answers must do.

A call is known by everything that can change its answer: the address, the whole request and a sample
number. Asking again for something new means another sample, never another kind of look-up.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property, lru_cache
from hashlib import blake2b
from typing import Any, Protocol

from lab.core.codec import decode, encode
from lab.core.flaws import Flaw, without_sentences
from lab.errors import MisuseError
from lab.i18n import gettext_lazy
from lab.models.endpoint import BY_HAND, Endpoint
from lab.models.logprobs import Token, tokens_of
from lab.models.roles import Role
from lab.practice import MODELS

__all__ = [
    "Answer",
    "Call",
    "MemoryCache",
    "Price",
    "ReplyCache",
    "Spent",
    "canonical",
    "price_known_to_all",
    "rough_tokens",
]


MOST_USD = 1_000_000


@dataclass(frozen=True)
class Price:
    """US dollars per million tokens, those sent and those that came back.

    Raises:
        MisuseError: for a price below 0, or one that is no amount.
    """

    input_usd: float
    output_usd: float

    def __post_init__(self) -> None:
        if not 0 <= self.input_usd <= MOST_USD:
            raise MisuseError(gettext_lazy(
                "The price of a million tokens sent must be from 0 to {most:,} US$, not {usd:g}.",
                most=MOST_USD, usd=self.input_usd,
            ))  # fmt: skip
        if not 0 <= self.output_usd <= MOST_USD:
            raise MisuseError(gettext_lazy(
                "The price of a million tokens that came back must be from 0 to {most:,} US$, not {usd:g}.",
                most=MOST_USD, usd=self.output_usd,
            ))  # fmt: skip

    def of(self, n_input_tokens: int, n_output_tokens: int) -> float:
        """Return what so many tokens cost, in US dollars."""
        return (n_input_tokens * self.input_usd + n_output_tokens * self.output_usd) / 1_000_000


@lru_cache
def price_known_to_all(model: str) -> Price | None:
    """Return the price of a model, as its endpoint is spelt, that nobody need set: practice and people are free."""
    return Price(0.0, 0.0) if model in MODELS or model == BY_HAND else None


UNBOUNDED = 4096  # tokens


def canonical(value: Any) -> str:
    """Write JSON in the one spelling that is hashed and stored."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def rough_tokens(text: str) -> int:
    """Guess the tokens of a text where no server has counted them: four characters each, rounded up."""
    return -(-len(text) // 4)


@dataclass(frozen=True)
class Answer:
    """What came back: `flaw` says why the text is not whole; `model` and `fingerprint` are the server's own words.

    `tokens` are there where log-probabilities were asked for and given; `notes` say what the client did otherwise
    than it was asked, because the server takes no such thing.
    """

    text: str
    flaw: Flaw | None = None
    n_input_tokens: int = 0
    n_output_tokens: int = 0
    tokens_estimated: bool = False
    latency_s: float = 0.0
    model: str = ""
    fingerprint: str = ""
    tokens: tuple[Token, ...] = ()
    notes: tuple[str, ...] = ()
    n_reasoning_tokens: int = 0

    @property
    def is_missing(self) -> bool:
        """Whether no reply came: the flaw says why."""
        return self.flaw is not None and self.flaw.code == "not_answered"

    @property
    def was_all_reasoning(self) -> bool:
        """Whether all tokens that were allowed went to reasoning, before a first word."""
        cut = self.flaw is not None and self.flaw.code == "cut_off_before_text"
        return cut and self.n_reasoning_tokens > 0

    def paying_for(self, lost: Iterable[Answer]) -> Answer:
        """Count the tokens of replies that broke off before this one: they were paid for too, and say nothing."""
        broken = tuple(lost)
        if not broken:
            return self
        return replace(
            self,
            n_input_tokens=self.n_input_tokens + sum(one.n_input_tokens for one in broken),
            n_output_tokens=self.n_output_tokens + sum(one.n_output_tokens for one in broken),
            tokens_estimated=self.tokens_estimated or any(one.tokens_estimated for one in broken),
            notes=(*self.notes, f"replies that broke off before: {len(broken)}; their tokens are counted in"),
        )

    @property
    def json(self) -> str:
        """The answer as it is stored; what is empty is left out."""
        given = {name: value for name, value in vars(self).items() if value or name == "text"}
        if self.flaw:
            given["flaw"] = encode(self.flaw)
        if self.tokens:
            given["tokens"] = [asdict(token) for token in self.tokens]
        return json.dumps(given)

    @classmethod
    def of(cls, stored: str) -> Answer:
        """Read what `json` made, of any version."""
        content = json.loads(stored)
        tokens, notes = tokens_of(content.pop("tokens", ())), tuple(content.pop("notes", ()))
        return cls(**without_sentences(content | {"flaw": decode(content.get("flaw"))}), tokens=tokens, notes=notes)


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

    @cached_property
    def body(self) -> dict[str, Any]:
        """The request as it is sent; not to be changed."""
        body: dict[str, Any] = json.loads(self.request)
        return body

    @property
    def model(self) -> str:
        """The endpoint, as `lab.models.endpoint` spells it."""
        return _spec(str(self.body.get("model", "")), self.base_url)

    @property
    def longest(self) -> int:
        """The most tokens that a reply may have; where the request does not say, more than most have."""
        body = self.body
        return int(body.get("max_tokens", body.get("max_completion_tokens", UNBOUNDED)))

    def allowing(self, limit: int) -> Call:
        """Return this call with a reply as long as that, as it is sent once reasoning took all tokens."""
        if limit <= self.longest:
            return self
        named = "max_completion_tokens" if "max_completion_tokens" in self.body else "max_tokens"
        return Call.of(self.base_url, {**self.body, named: limit}, self.sample)

    @property
    def n_input_tokens(self) -> int:
        """A guess, made before the server has counted."""
        body = self.body
        if "prompt" in body:
            return rough_tokens(body["prompt"]) + rough_tokens(body.get("suffix") or "")
        return sum(rough_tokens(message["content"]) for message in body["messages"])


@dataclass(frozen=True)
class Spent:
    """What calls have cost: `n_paid` were sent by us; their tokens, as far as a server counts them.

    The lab counted the tokens of `n_estimated` itself; `cost_usd` is that of all but the `n_unpriced`, whose price
    nobody has set.
    """

    n_paid: int = 0
    n_cached: int = 0
    n_input_tokens: int = 0
    n_output_tokens: int = 0
    n_estimated: int = 0
    cost_usd: float = 0.0
    n_unpriced: int = 0
    model: str = field(default="", compare=False)

    def __add__(self, other: Spent) -> Spent:
        return Spent(
            self.n_paid + other.n_paid,
            self.n_cached + other.n_cached,
            self.n_input_tokens + other.n_input_tokens,
            self.n_output_tokens + other.n_output_tokens,
            self.n_estimated + other.n_estimated,
            self.cost_usd + other.cost_usd,
            self.n_unpriced + other.n_unpriced,
            self.model or other.model,
        )

    def __sub__(self, other: Spent) -> Spent:
        return Spent(
            self.n_paid - other.n_paid,
            self.n_cached - other.n_cached,
            self.n_input_tokens - other.n_input_tokens,
            self.n_output_tokens - other.n_output_tokens,
            self.n_estimated - other.n_estimated,
            self.cost_usd - other.cost_usd,
            self.n_unpriced - other.n_unpriced,
            self.model,
        )

    @property
    def n_tokens(self) -> int:
        """The tokens sent and answered."""
        return self.n_input_tokens + self.n_output_tokens

    @classmethod
    def on(cls, answer: Answer, price: Price | None) -> Spent:
        """Return what one answer cost."""
        tokens = (answer.n_input_tokens, answer.n_output_tokens)
        return cls(1, 0, *tokens, int(answer.tokens_estimated), price.of(*tokens) if price else 0.0, int(not price))


@lru_cache
def _spec(model: str, base_url: str) -> str:
    return Endpoint(model, base_url).spec


class ReplyCache(Protocol):
    """A store of answers; used by one thread at a time."""

    def find(self, keys: Sequence[str]) -> dict[str, Answer]:
        """Return the answers known among `keys`."""

    def keep(self, rows: Sequence[tuple[str, Call, Answer]], role: Role = "target") -> None:
        """Store answers by key; once this returns they survive a crash. A key already there stays.

        A store that keeps a ledger books each row that was not there as paid for in this `role`.
        """

    def keep_missing(self, rows: Sequence[tuple[str, Call, Answer]], role: Role = "target") -> None:
        """Note calls that no reply came to: they are found, at nobody's cost, until they are asked anew."""

    def spent(self) -> Spent:
        """Return what was paid for so far by all that share a ceiling."""

    def price(self, model: str) -> Price | None:
        """Return the price of a model, as its endpoint is spelt; None where nobody has set one."""

    def mean_reply(self, model: str, role: Role) -> float | None:
        """Return the mean tokens of what a model lately answered in a role; None where it never did."""


class MemoryCache:
    """Answers for the life of the process: for scripts that keep no lab book."""

    def __init__(self, prices: Mapping[str, Price] | None = None) -> None:
        self.rows: dict[str, tuple[Call, Answer]] = {}
        self.missing: dict[str, Answer] = {}
        self._prices = dict(prices or {})
        self._spent: dict[tuple[str, Role], Spent] = {}

    def find(self, keys: Sequence[str]) -> dict[str, Answer]:
        missing = {key: self.missing[key] for key in keys if key in self.missing}
        return missing | {key: self.rows[key][1] for key in keys if key in self.rows}

    def keep_missing(self, rows: Sequence[tuple[str, Call, Answer]], role: Role = "target") -> None:
        self.missing.update({key: answer for key, _, answer in rows})

    def keep(self, rows: Sequence[tuple[str, Call, Answer]], role: Role = "target") -> None:
        for key, call, answer in rows:
            if key not in self.rows:
                self.rows[key] = (call, answer)
                paid = Spent.on(answer, self.price(call.model))
                self._spent[call.model, role] = self._spent.get((call.model, role), Spent()) + paid

    def spent(self) -> Spent:
        return sum(self._spent.values(), Spent())

    def price(self, model: str) -> Price | None:
        return self._prices.get(model) or price_known_to_all(model)

    def mean_reply(self, model: str, role: Role) -> float | None:
        spent = self._spent.get((model, role))
        return spent.n_output_tokens / spent.n_paid if spent else None
