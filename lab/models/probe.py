"""Finding out what an endpoint can do, by asking it about a dozen short questions.

"200 OK" proves nothing, as most servers ignore in silence what they do not know: each thing is told by what comes
back. A call that fails is a finding too. Nothing is decided by a model's name.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

from lab.core.layout import messages
from lab.errors import ModelError
from lab.models import forcing, gguf, likelihood
from lab.models.calls import Answer
from lab.models.capabilities import Capabilities, Force, Note, Way
from lab.models.client import Client
from lab.models.discovery import listed
from lab.models.endpoint import Endpoint
from lab.models.logprobs import Token, read, shape

__all__ = ["context_length", "probe"]

FEW, SEVERAL, SOME = 4, 8, 16  # tokens: to see whether a reply is bounded, to compare, to see enough of it
CLOSE = 0.01  # nats between a token's log-probability as it was generated and as it is scored
LISTED_S = 5.0
BUSY = 429
TOGETHER = 4  # calls at once, to see whether they wait for each other
QUICK_S, SLOW_S = 0.2, 5.0  # a call so quick tells nothing of it; one so slow is not asked for by many at once

QUESTION = "Write one sentence about the sea."
TEXT = likelihood.laid_out(messages("Is this review positive or negative?", "A dull, lifeless film."))
BEFORE = "Instruction:"
AFTER = "\n\nInput: A dull, lifeless film.\nOutput: negative\n\nInput: A joy from start to end.\nOutput: positive"
LABELS = ("zqorin", "vexlum")  # what a model does not say by itself
UNLIKELY = " zq"  # what a model does not say by itself, so that an answer that ends in it was forced


@dataclass(frozen=True)
class _Response:
    """What came back of one call: its choices, or why there are none; `status` is 0 where nothing answered."""

    choices: tuple[Mapping[str, Any], ...] = ()
    error: str = ""
    status: int = 0

    @property
    def is_conclusive(self) -> bool:
        """Whether the call tells something: an answer does, and a refusal, but not a server that fails."""
        return bool(self.choices) or 400 <= self.status < 500

    @property
    def text(self) -> str:
        choice = self.choices[0] if self.choices else {}
        message = choice.get("message")
        text = message.get("content") if isinstance(message, Mapping) else choice.get("text")
        return text if isinstance(text, str) else ""

    @property
    def tokens(self) -> tuple[Token, ...]:
        """The tokens that have a text; a server may add one for the end of a reply."""
        return tuple(token for token in read(self.choices[0]) if token.text) if self.choices else ()

    @property
    def is_short(self) -> bool:
        """Whether the reply has few tokens: one is hardly ever more than a word."""
        cut = bool(self.choices) and self.choices[0].get("finish_reason") == "length"
        return bool(self.choices) and (cut or len(self.text.split()) <= FEW)


Ask = Callable[..., Awaitable[_Response]]  # takes the fields of a request


async def probe(client: Client) -> Capabilities:
    """Find out what a model can do at its address, one call after the other; replies are not kept.

    `client` knows of nothing yet: what was found before would change what is asked.

    Raises:
        ModelError: when no chat call is answered, or the endpoint takes no more calls for now.
    """
    ask: Ask = partial(_send_probe, client)
    chat: Ask = partial(ask, messages=[{"role": "user", "content": QUESTION}])
    limit = await _token_limit(chat, client)
    chat = partial(chat, **({limit: SOME} if limit else {}))
    cold = [await chat(temperature=0), await chat(temperature=0)]
    heated = bool(cold[0].choices) and "temperature" not in client.refused if cold[0].is_conclusive else None
    greedy, varied = (partial(chat, temperature=t) if heated else chat for t in (0, 1))
    drawn = [await varied(seed=7), await varied(seed=7)]
    both = await varied(n=2)
    n = len(both.choices) == 2 if both.is_conclusive else None
    stop = await _stop(greedy, client, next((one.text for one in (*cold, *drawn) if one.text), ""))
    seed = "seed" not in client.refused and _same(drawn) if all(one.is_conclusive for one in drawn) else None
    sure = await greedy(**likelihood.ALTERNATIVES)
    if not sure.tokens:  # some give fewer alternatives
        sure = await greedy(logprobs=True, top_logprobs=1)
    written = await ask(prompt=TEXT, max_tokens=SEVERAL, temperature=0, logprobs=1)
    echo = await _echo(ask, written)
    found = Capabilities(
        checked=True,
        token_limit=limit,
        temperature=heated,
        n=n,
        stop=stop,
        seed=seed,
        log_probabilities=_shape(sure, written),
        likelihood="echo" if echo == "right" else await _forced(greedy, sure),
        forcing=await _forcing(greedy, sure),
        infill=bool(written.choices) and await _infill(ask),
        slots=await _slots(greedy),
    )
    return replace(found, notes=_notes(found, _same(cold), written, echo))


async def _slots(greedy: Ask) -> int | None:
    """Return how many calls are answered together: up to a handful, where they take long or wait for each other."""
    one_s = await _taken_s(greedy, 1)
    if one_s < QUICK_S:
        return None
    some_s = await _taken_s(greedy, TOGETHER)
    slots = max(1, min(TOGETHER, round(TOGETHER * one_s / some_s)))
    return slots if slots < TOGETHER or one_s > SLOW_S else None


async def _taken_s(greedy: Ask, n: int) -> float:
    began = time.perf_counter()
    await asyncio.gather(*(greedy() for _ in range(n)))
    return time.perf_counter() - began


async def _token_limit(chat: Ask, client: Client) -> Literal["max_tokens", "max_completion_tokens", ""]:
    """Find the field that bounds a reply.

    Raises:
        ModelError: when no chat call is answered.
    """
    first = await chat(max_tokens=FEW)
    if not (first.choices or first.status):
        raise ModelError(first.error)
    if first.is_short:
        return "max_completion_tokens" if "max_tokens" in client.refused else "max_tokens"
    other = await chat(max_completion_tokens=FEW)
    if other.is_short:
        return "max_completion_tokens"
    if not (first.choices or other.choices or (await chat()).choices):
        raise ModelError(first.error)
    return ""


async def _stop(greedy: Ask, client: Client, said: str) -> bool | None:
    """Return whether a reply ends before a stop word, the commonest letter of what was `said`; None without one."""
    letters = Counter(c for c in said if c.isalpha())
    if not letters:
        return None
    letter = max(letters, key=lambda c: (letters[c], c))
    heard = await greedy(stop=[letter])
    if not heard.is_conclusive:
        return None
    return bool(heard.choices) and letter not in heard.text and "stop" not in client.refused


async def _echo(ask: Ask, written: _Response) -> Literal["right", "wrong", ""]:
    """Return whether a text comes back with the log-probabilities its end was generated with; "" if it does not."""
    made = written.tokens
    if not made:
        return ""
    end = "".join(token.text for token in made)
    heard = await ask(prompt=TEXT + end, max_tokens=1, temperature=0, logprobs=1, echo=True)
    scored = likelihood.echoed(heard.tokens, end)
    return "" if not scored else "right" if _agree(made, scored) else "wrong"


async def _forced(greedy: Ask, sure: _Response) -> Way | None:
    """Find a way that gives the tokens of a chat reply the log-probabilities that they were generated with."""
    made = sure.tokens[:SEVERAL]
    if not made:
        return None
    answer = "".join(token.text for token in made) + UNLIKELY
    ways: tuple[Way, ...] = ("grammar", "choice")
    for way in ways:
        forced = likelihood.forced(way, answer)
        heard = await greedy(logprobs=True, top_logprobs=1, **forced)
        if heard.text.strip() == answer.strip() and _agree(made, heard.tokens[: len(made)]):
            return way
    return "alternatives" if len(made[0].others) > 1 and _named(sure) else None


async def _forcing(greedy: Ask, sure: _Response) -> Force | None:
    """Find a way to make a reply one of some labels, none of which a model says by itself."""
    ways: tuple[Force, ...] = ("choice", "grammar", "schema")
    for way in ways:
        heard = await greedy(**forcing.fields(way, LABELS))
        if heard.choices and forcing.label(way, LABELS, Answer(heard.text)) in LABELS:
            return way
    return "alternatives" if sure.tokens and len(sure.tokens[0].others) > 1 and _named(sure) else None


def _named(sure: _Response) -> bool:
    """Return whether each token of a reply is among the likeliest that are named, with its log-probability."""
    made = sure.tokens[:SEVERAL]
    return _agree(made, [Token(one.text, dict(one.others).get(one.text)) for one in made])


async def _infill(ask: Ask) -> bool:
    """Return whether a suffix changes what is written before it, where equal calls are answered alike without."""
    written = partial(ask, prompt=BEFORE, max_tokens=SOME, temperature=0, seed=0)
    plain = [await written(), await written()]
    filled = (await written(suffix=AFTER)).text.replace(AFTER, "").strip()
    return bool(filled) and _same(plain) and filled != plain[0].text.strip()


async def context_length(endpoint: Endpoint, key: str, timeout_s: float) -> int | None:
    """Read the context length from the list of models, by the names that servers have for it; never guessed."""
    if endpoint.in_process:
        return None
    if endpoint.file:
        return gguf.SLOT_TOKENS
    models = await listed(endpoint.base_url, key, wait_s=min(LISTED_S, timeout_s))
    about = next((one for one in models if one.get("id") == endpoint.model), models[0] if len(models) == 1 else {})
    meta = about.get("meta")
    named = [about.get(name) for name in ("max_model_len", "context_length", "context_window")]
    told = (meta.get("n_ctx") if isinstance(meta, Mapping) else None, *named)
    return next((n for n in told if type(n) is int and 0 < n < 10**9), None)


def _notes(found: Capabilities, steady: bool, written: _Response, echo: str) -> tuple[Note, ...]:
    """Name what stands in no field."""
    named = (
        (found.temperature and not steady, Note("unsteady")),
        (not written.choices, Note("no_completions", written.status)),
        (echo == "wrong", Note("echo_unproven")),
        (found.likelihood == "alternatives", Note("unlikely_labels")),
    )
    return tuple(note for holds, note in named if holds)


def _shape(sure: _Response, written: _Response) -> Literal["chat", "legacy", "chat in completions", ""]:
    if sure.tokens:
        return "chat"
    if not written.tokens:
        return ""
    return "legacy" if shape(written.choices[0]) == "legacy" else "chat in completions"


def _agree(made: Sequence[Token], scored: Sequence[Token]) -> bool:
    """Return whether tokens were scored as they were generated; all but certain ones would prove nothing."""
    pairs = list(zip(made, scored, strict=False))
    return (
        len(made) == len(scored)
        and all(a.text == b.text and _near(a.logprob, b.logprob) for a, b in pairs)
        and any(not _near(a.logprob, 0.0) for a in made)
    )


def _near(a: float | None, b: float | None) -> bool:
    return a is not None and b is not None and abs(a - b) < CLOSE


def _same(heard: Sequence[_Response]) -> bool:
    return all(one.choices for one in heard) and len({one.text for one in heard}) == 1


async def _send_probe(client: Client, **fields: Any) -> _Response:
    """Send one call and take what comes, as it comes.

    Raises:
        ModelError: when the endpoint takes no more calls for now.
    """
    try:
        body = await client.post({"model": client.endpoint.model, **fields})
    except ModelError as error:
        if error.status == BUSY:  # says nothing of what was asked for
            raise
        return _Response(error=error.told, status=error.status)
    return _Response(tuple(choice for choice in body["choices"] if isinstance(choice, Mapping)))
