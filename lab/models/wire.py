"""The protocol as one endpoint speaks it: how a request is written, and how a reply is read. Pure.

An endpoint that refuses a field says so by `param` and `code`; that, never a model's name, is what is learnt.
What a server says is data.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lab.core.flaws import Flaw
from lab.models.calls import Answer, rough_tokens
from lab.models.keys import SHORTEST_SECRET
from lab.models.logprobs import Token, read
from lab.models.refused import ABOVE_ZERO, SYSTEM
from lab.text import whole

__all__ = [
    "CHAT",
    "COMPLETIONS",
    "Dialect",
    "hidden",
    "is_completion",
    "is_finished",
    "n_tokens_used",
    "read_answer",
    "route",
]


LONGEST_QUOTE = 300
LEAST_TEMPERATURE = 0.01  # sent for 0 where that is refused
_LIMITS = ("max_tokens", "max_completion_tokens")
# What may be left out without asking for something else; the rest of a request is what it asks.
_LEFT_OUT = {
    "temperature": "the endpoint uses its own",
    "top_p": "the endpoint uses its own",
    "seed": "equal requests may be answered otherwise each time",
    "stop": "replies are cut here",
    "frequency_penalty": "the endpoint uses its own",
    "presence_penalty": "the endpoint uses its own",
    "logprobs": "no log-probabilities are told",
    "top_logprobs": "no alternatives are told",
    "n": "one reply is asked for per call",
    "stream_options": "tokens are counted here",
}
# How makers of models say why a reply ended; any other word is an end as any.
_FILTERED = frozenset(
    {"content_filter", "safety", "prohibited_content", "blocklist", "recitation", "spii", "sensitive"}
)
_CUT_OFF = frozenset({"length", "max_tokens", "model_length", "max_output_tokens", "max_length"})
_STREAMED: Mapping[str, Any] = {"stream": True, "stream_options": {"include_usage": True}}


@dataclass(frozen=True)
class Refusal:
    """A field that an endpoint refused, and the name by which it is sent instead; "" where it is left out."""

    field: str
    sent_as: str = ""

    @property
    def sentence(self) -> str:
        """What became of the field, in a few words."""
        if self.field == "stream":
            return "the endpoint only answers in a stream, and is asked so"
        if self.sent_as:
            return f"{self.field} was refused; sent as {self.sent_as}"
        return f"{self.field} was refused: {_LEFT_OUT[self.field]}"


@dataclass(frozen=True)
class Dialect:
    """The `names` of fields where they differ from a request's own, "" for one that is left out.

    `refusals` are by the request's own name of the field; `added` is what no request asks for, and the endpoint
    needs. `least_tokens` of a reply may be used, because reasoning takes as many before the first word;
    `most_tokens` is what the endpoint allows.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    refusals: Mapping[str, Refusal] = field(default_factory=dict)
    added: Mapping[str, Any] = field(default_factory=dict)
    least_tokens: int = 0
    most_tokens: int = 0

    @classmethod
    def of(cls, token_limit: str) -> Dialect:
        """Start from the field that is known to bound a reply, "" where none does."""
        return cls(dict.fromkeys(_LIMITS, token_limit))

    def spoken(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Write a request so."""
        raised = {name: self.limit(request) for name in _LIMITS if name in request}
        asked = {**request, **self.added, **raised}
        named = ((self.names.get(name, name), value) for name, value in asked.items())
        spoken = {name: value for name, value in named if name}
        if SYSTEM in self.refusals and "messages" in spoken:
            spoken["messages"] = _without_system(spoken["messages"])
        if ABOVE_ZERO in self.refusals and spoken.get("temperature") == 0:
            spoken["temperature"] = LEAST_TEMPERATURE
        if "logprobs" in request and "logprobs" not in spoken:
            spoken.pop("top_logprobs", None)  # which is refused where the other is not asked for
        return spoken

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is sent otherwise than asked, each in a few words."""
        least = self.least_tokens
        raised = (f"reasoning took all tokens of a reply: {least:,} are allowed",) if least else ()
        bounded = (f"a reply may have {self.most_tokens:,} tokens at most",) if self.most_tokens else ()
        known = (refusal.sentence for refusal in self.refusals.values() if refusal.field != "stream_options")
        return (*raised, *bounded, *known)

    def told(self, request: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the notes that concern a request."""
        asked = next((request[name] for name in _LIMITS if name in request), 0)
        limit = self.limit(request)
        raised = (
            (f"reasoning took all {asked:,} tokens of a reply: {limit:,} are allowed",) if limit > asked else ()
        )
        bounded = (f"a reply may have {limit:,} tokens at most",) if limit < asked else ()
        concerned = (refusal for name, refusal in self.refusals.items() if _concerns(name, request))
        return (
            *raised,
            *bounded,
            *(refusal.sentence for refusal in concerned if refusal.field != "stream_options"),
        )

    def limit(self, request: Mapping[str, Any]) -> int:
        """Return how many tokens a reply may have, 0 where the request does not say."""
        asked = next((request[name] for name in _LIMITS if name in request), 0)
        wanted = max(asked, self.least_tokens) if asked else 0
        return min(wanted, self.most_tokens) if self.most_tokens else wanted

    def bounded(self, most_tokens: int, request: Mapping[str, Any]) -> Dialect | None:
        """Learn how many tokens a reply may have; None where a request asks for no more."""
        return replace(self, most_tokens=most_tokens) if 0 < most_tokens < self.limit(request) else None

    def without(self, refused: Sequence[str], request: Mapping[str, Any]) -> Dialect | None:
        """Learn from a refusal of fields; None when there is nothing to do about it, or it was done before."""
        if "stream" in refused and not self.added and "stream" not in request:
            streamed = replace(self, added=_STREAMED)
            return replace(streamed, refusals={**self.refusals, "stream": Refusal("stream", "stream")})
        for name, sent_as in ((SYSTEM, "the user's words"), (ABOVE_ZERO, f"{LEAST_TEMPERATURE}")):
            if name in refused and name not in self.refusals and _concerns(name, request):
                return replace(self, refusals={**self.refusals, name: Refusal(name.split()[0], sent_as)})
        for name in (*request, *self.added):
            spoken = self.names.get(name, name)
            if spoken not in refused or name in self.refusals:
                continue
            if spoken in _LIMITS:
                other = _LIMITS[1 - _LIMITS.index(spoken)]
                return self._with(name, Refusal(spoken, other))
            if spoken in _LEFT_OUT:
                return self._with(name, Refusal(spoken))
        return None

    def _with(self, name: str, refusal: Refusal) -> Dialect:
        names = {**self.names, name: refusal.sent_as}
        return replace(self, names=names, refusals={**self.refusals, name: refusal})


def _concerns(name: str, request: Mapping[str, Any]) -> bool:
    """Return whether a request has what was refused by this name."""
    if name == SYSTEM:
        return any(mapping(one).get("role") == "system" for one in request.get("messages", ()))
    return request.get("temperature") == 0 if name == ABOVE_ZERO else name in request or name in _STREAMED


def _without_system(messages: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Write what the system says before what the user says first, as makers advise where there is no such role."""
    said = [str(one["content"]) for one in messages if one.get("role") == "system"]
    others = [one for one in messages if one.get("role") != "system"]
    if not others:
        return [{"role": "user", "content": "\n\n".join(said)}]
    return [{**others[0], "content": "\n\n".join((*said, str(others[0]["content"])))}, *others[1:]]


CHAT, COMPLETIONS = "/chat/completions", "/completions"

MOST_TOKENS = 10**9  # a server that reports more has not counted
LONGEST_NAME = 200


def route(request: Mapping[str, Any]) -> str:
    """Describe where a request goes: one with `messages` is a chat, one with `prompt` a completion."""
    return COMPLETIONS if "prompt" in request and "messages" not in request else CHAT


def is_completion(body: Any) -> bool:
    """Return whether a body is a completion, read leniently."""
    choices = mapping(body).get("choices")
    return isinstance(choices, list) and bool(choices) and isinstance(choices[0], Mapping)


def is_finished(body: Any) -> bool:
    """Return whether a completion was ended.

    A `finish_reason` of null is the protocol's word for not yet; a server that leaves the field out has another
    way of speaking, and its reply, whole JSON, is taken to be whole.
    """
    choice = mapping(body)["choices"][0]
    return "finish_reason" not in choice or choice["finish_reason"] is not None


def read_answer(
    body: Any, request: Mapping[str, Any], latency_s: float = 0.0, notes: Sequence[str] = (), key: str = ""
) -> Answer | None:
    """Read a completion, leniently; None when it is not one.

    The text ends before the first of the request's `stop` strings, whether the server cut there or not. Reasoning
    is never taken for the answer.
    """
    if not is_completion(body):
        return None
    choice = body["choices"][0]
    message = mapping(choice.get("message"))
    said = _text(message.get("content") if message else choice.get("text"))
    text = _cut(said, request.get("stop"))
    counted = _counted(body)
    n_input, n_output = counted or (_n_sent(request), rough_tokens(said))
    tokens = read(choice) if choice.get("logprobs") else ()
    return Answer(
        text=text,
        flaw=_flaw(text, text != said, _text(message.get("refusal")), choice, body),
        n_input_tokens=n_input,
        n_output_tokens=n_output,
        tokens_estimated=counted is None,
        latency_s=latency_s,
        model=(_text(body.get("model")) or _text(request.get("model")))[:LONGEST_NAME],
        fingerprint=_text(body.get("system_fingerprint"))[:LONGEST_NAME],
        n_reasoning_tokens=_n_reasoned(body, message),
        tokens=() if _spell(tokens, key) else tokens,
        notes=tuple(notes),
    )


def _n_reasoned(body: Any, message: Mapping[str, Any]) -> int:
    """Return the tokens that went to reasoning, as the server counts them, or by the length of what it shows."""
    told = mapping(mapping(mapping(body).get("usage")).get("completion_tokens_details")).get("reasoning_tokens")
    if _is_count(told) and told:
        return int(told)
    return rough_tokens(_text(message.get("reasoning_content")) or _text(message.get("reasoning")))


def n_tokens_used(body: Any) -> int | None:
    """Return the tokens that a server counted for a call, sent and replied; None where it did not count."""
    counted = _counted(body)
    return sum(counted) if counted else None


def hidden(body: Any, key: str) -> Any:
    """Cut the key out of a reply, wherever a server echoes it; a key too short to be a secret stays."""
    if len(key) < SHORTEST_SECRET:
        return body
    if isinstance(body, str):
        return body.replace(key, "[key]")
    if isinstance(body, list):
        return [hidden(one, key) for one in body]
    if isinstance(body, dict):
        return {hidden(name, key): hidden(value, key) for name, value in body.items()}
    return body


def _flaw(text: str, was_cut_here: bool, refusal: str, choice: Mapping[str, Any], body: Any) -> Flaw | None:
    empty = None if text.strip() else Flaw("empty_reply")
    if refusal.strip():
        return Flaw("refused", texts=(clean(refusal),))
    finish = _text(choice.get("finish_reason")).casefold()
    if finish in _FILTERED:
        return Flaw("filtered")
    if was_cut_here:  # what came after, whole or not, was not asked for
        return empty
    if finish in _CUT_OFF:
        return Flaw("cut_off_before_text" if empty else "cut_off")
    if not is_finished(body):
        return Flaw("unfinished")
    return empty and _instead(mapping(choice.get("message")))


def _instead(message: Mapping[str, Any]) -> Flaw:
    """Return what came in place of a text: a call of a tool that nobody offered, thinking aloud, or nothing."""
    if message.get("tool_calls") or message.get("function_call"):
        return Flaw("called_tool")
    thought = _text(message.get("reasoning_content")) or _text(message.get("reasoning"))
    return Flaw("only_thought" if thought.strip() else "empty_reply")


def _counted(body: Any) -> tuple[int, int] | None:
    usage = mapping(mapping(body).get("usage"))
    sent, replied = usage.get("prompt_tokens"), usage.get("completion_tokens")
    if _is_count(sent) and _is_count(replied):
        return int(sent or 0), int(replied or 0)
    return None


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value < MOST_TOKENS


def _n_sent(request: Mapping[str, Any]) -> int:
    if "messages" in request:
        return sum(rough_tokens(_text(one.get("content"))) for one in request["messages"])
    return rough_tokens(_text(request.get("prompt"))) + rough_tokens(_text(request.get("suffix")))


def _cut(text: str, stops: Any) -> str:
    for stop in [stops] if isinstance(stops, str) else stops or ():
        if stop:
            text = text.partition(stop)[0]
    return text


def _text(content: Any) -> str:
    """Read a content that is a string, nothing, or one or more parts, of which reasoning is none."""
    if type(content) in (int, float):  # a label that is a number
        return json.dumps(content)
    content = [content] if isinstance(content, Mapping) else content
    if isinstance(content, list):
        parts = (mapping(part) for part in content)
        texts = (part.get("text") for part in parts if part.get("type") not in ("reasoning", "thinking"))
        content = "".join(text for text in texts if isinstance(text, str))
    return whole(content) if isinstance(content, str) else ""


def _spell(tokens: Sequence[Token], key: str) -> bool:
    """Return whether tokens hold the key between them, where it is in none of them."""
    return len(key) >= SHORTEST_SECRET and bool(tokens) and key in "".join(token.text for token in tokens)


def clean(text: str) -> str:
    """Make a server's words one line of printable characters, and no longer than a quotation may be."""
    text = text[: 20 * LONGEST_QUOTE]
    plain = " ".join(re.sub(r"[^\x20-\x7e\xa0-\uffff\U00010000-\U0010ffff]", " ", text).split())
    return plain if len(plain) <= LONGEST_QUOTE else f"{plain[:LONGEST_QUOTE]}…"


def mapping(value: Any) -> Mapping[str, Any]:
    """Return a value that is a mapping, and an empty one for any other."""
    return value if isinstance(value, Mapping) else {}
