"""POST /v1/completions: a text to go on with, to fill, or only to be judged.

The likelihood of a given answer is asked for with echo, logprobs and max_tokens=0: the prompt comes back with a
log-probability for each of its tokens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from lab.practice import infill, respond
from lab.practice.protocol.checks import (
    MOST_CHOICES,
    Refused,
    Wanted,
    affordable,
    as_object,
    count,
    flag,
    most_tokens,
    text,
    wanted,
)
from lab.practice.protocol.choices import Choice, choices, envelope, spoken, usage
from lab.practice.protocol.likelihood import Row, Say, score_prompt
from lab.practice.protocol.tokens import tokens

_MOST_TOP = 5
_MAX_TOKENS = 16  # OpenAI's default at this endpoint


@dataclass(frozen=True)
class _Asked:
    wanted: Wanted
    prompts: tuple[str, ...]
    suffix: str
    echo: bool


@dataclass(frozen=True)
class _Written:
    """A reply and the prompt it follows; `read` holds the prompt's rows where it is echoed and scored."""

    prompt: str
    choice: Choice
    echo: bool
    read: tuple[Row, ...]

    @property
    def tokens(self) -> tuple[str, ...]:
        return (*tokens(self.prompt), *self.choice.tokens) if self.echo else self.choice.tokens

    @property
    def logprobs(self) -> dict[str, Any] | None:
        if self.choice.rows is None:
            return None
        start = 0 if self.echo else len(self.prompt)
        return _logprobs((*self.read, *self.choice.rows), start)


def complete(body: object) -> dict[str, Any]:
    """Answer a completion request, given and returned as JSON values.

    Raises:
        Refused: when it cannot be served.
    """
    asked = _read(as_object(body))
    written = _write(asked)
    return {
        **_head(asked),
        "choices": [
            {"index": i, "text": "".join(one.tokens), "logprobs": one.logprobs, "finish_reason": one.choice.reason}
            for i, one in enumerate(written)
        ],
        "usage": _usage(asked, written),
    }


def chunks(body: object) -> list[dict[str, Any]]:
    """Answer a completion request as the pieces of a stream.

    Raises:
        Refused: when it cannot be served.
    """
    asked = _read(as_object(body))
    written = _write(asked)
    head = _head(asked)
    if asked.wanted.with_usage:
        head["usage"] = None
    stream = [{**head, "choices": [piece]} for i, one in enumerate(written) for piece in _pieces(i, one)]
    return [*stream, {**head, "choices": [], "usage": _usage(asked, written)}] if "usage" in head else stream


def _pieces(i: int, one: _Written) -> list[dict[str, Any]]:
    whole = one.logprobs
    said = [
        {
            "index": i,
            "text": token,
            "logprobs": whole and {name: column[at : at + 1] for name, column in whole.items()},
            "finish_reason": None,
        }
        for at, token in enumerate(one.tokens)
    ]
    return [*said, {"index": i, "text": "", "logprobs": None, "finish_reason": one.choice.reason}]


def _logprobs(rows: Sequence[Row], start: int) -> dict[str, Any]:
    """Put rows into columns; a token stands in its own list of likely ones, whether or not it is likely."""
    ends = accumulate((len(row.token) for row in rows), initial=start)
    return {
        "tokens": [row.token for row in rows],
        "token_logprobs": [row.logprob for row in rows],
        "top_logprobs": [
            None if row.logprob is None else dict([*row.top, (row.token, row.logprob)]) for row in rows
        ],
        "text_offset": [at for at, _ in zip(ends, rows, strict=False)],
    }


def _head(asked: _Asked) -> dict[str, Any]:
    return envelope("cmpl", "text_completion", asked.wanted, asked.prompts, asked.suffix, asked.echo)


def _usage(asked: _Asked, written: Sequence[_Written]) -> dict[str, int]:
    n_prompt = sum(len(tokens(prompt + asked.suffix)) for prompt in asked.prompts)
    return usage(n_prompt, sum(len(one.choice.tokens) for one in written))


def _write(asked: _Asked) -> list[_Written]:
    def write() -> list[_Written]:
        return [one for prompt in asked.prompts for one in _replies(asked, prompt)]

    return spoken(write, "prompt")


def _replies(asked: _Asked, prompt: str) -> list[_Written]:
    scored = asked.echo and asked.wanted.top is not None
    read = score_prompt(prompt, lambda before: _say(asked, before), asked.wanted.top or 0) if scored else ()
    return [_Written(prompt, choice, asked.echo, read) for choice in choices(asked.wanted, _say(asked, prompt))]


def _say(asked: _Asked, prompt: str) -> Say:
    """Make what goes on with a prompt, a space between them where the prompt ends with none."""
    space = " " if prompt and not prompt[-1].isspace() else ""
    model, messages = asked.wanted.model, ({"role": "user", "content": prompt},)
    if asked.suffix:
        return lambda draw: space + infill(model, prompt, asked.suffix, draw).lstrip()
    return lambda draw: space + respond(model, messages, draw).lstrip()


def _read(body: Mapping[str, Any]) -> _Asked:
    top, limit = count(body, "logprobs", 0, _MOST_TOP), most_tokens(body, "max_tokens", 0)
    want = wanted(body, max_tokens=_MAX_TOKENS if limit is None else limit, top=top)
    prompts = _prompts(body.get("prompt"))
    if len(prompts) * want.n > MOST_CHOICES:
        raise Refused(
            f"That is more than {MOST_CHOICES} replies in one request. Send fewer prompts, or a smaller n.", "n"
        )
    suffix = body.get("suffix") or ""
    if not isinstance(suffix, str):
        raise Refused("The value of suffix cannot be used. Give a text.", "suffix")
    suffix = text(suffix, "suffix")
    affordable(want.n, sum(len(prompt) + len(suffix) for prompt in prompts))
    return _Asked(want, prompts, suffix, flag(body, "echo"))


def _prompts(prompt: object) -> tuple[str, ...]:
    given: list[Any] = prompt if isinstance(prompt, list) else [prompt]
    if not given or not all(isinstance(one, str) for one in given):
        raise Refused(
            "The prompt is not text. Send a text or a list of texts; token numbers mean nothing here.", "prompt"
        )
    text("".join(given), "prompt")
    return tuple(text(one, "prompt") for one in given)
