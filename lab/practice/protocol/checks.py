"""What a request may say. Whatever a body holds, it comes out as a value of the right type or as a refusal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lab.errors import MisuseError
from lab.practice import MODELS
from lab.text import shortened, whole

MOST_CHOICES = 128
_LONGEST = 60_000
_MOST_DRAWN = 1_000_000  # replies times characters
_MOST_TOKENS = 1_000_000
_MOST_OPTIONS, _LONGEST_OPTION = 300, 200
_DEEPEST_SEED = 2**63


class Refused(MisuseError):
    """Carries an answer in OpenAI's error shape out of the checks; it never leaves the protocol."""

    def __init__(
        self,
        message: str,
        param: str | None = None,
        code: str | None = None,
        status: int = 400,
        kind: str = "invalid_request_error",
    ) -> None:
        super().__init__(message)
        self.param, self.code, self.status, self.kind = param, code, status, kind

    def body(self) -> dict[str, Any]:
        """Return the error as the protocol words it."""
        return {"error": {"message": str(self), "type": self.kind, "param": self.param, "code": self.code}}


@dataclass(frozen=True)
class Wanted:
    """What both endpoints understand.

    Attributes:
        options: a reply is one of these, where there are any.
        top: how many likely tokens to name beside each token; None where no log-probabilities are wanted.
        with_usage: a stream ends with the count of its tokens.
    """

    model: str
    n: int
    temperature: float
    seed: int
    stop: tuple[str, ...]
    max_tokens: int | None
    top: int | None
    stream: bool
    with_usage: bool
    options: tuple[str, ...] = ()


def read_json(body: bytes) -> Mapping[str, Any]:
    """Read a request body.

    Raises:
        Refused: when it is not a JSON object.
    """
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused("The request is not JSON. Send a JSON object, in UTF-8.") from None
    return as_object(found)


def as_object(found: object) -> Mapping[str, Any]:
    """Return the request back if it is a JSON object.

    Raises:
        Refused: when it is not.
    """
    if not isinstance(found, dict):
        raise Refused("The request is not a JSON object. Send one that names a model.")
    return found


def known_model(model: object) -> str:
    """Return the model id back if there is such a model.

    Raises:
        Refused: when none is named (400) or it is not known (404).
    """
    ids = ", ".join(MODELS)
    if not isinstance(model, str) or not model:
        raise Refused(f"No model is named. Ask for one of: {ids}.", "model")
    if model not in MODELS:
        named = shortened(whole(model), 80)
        raise Refused(f"There is no model “{named}” here. Ask for one of: {ids}.", "model", "model_not_found", 404)
    return model


def number(
    body: Mapping[str, Any], name: str, least: float, most: float, *, fraction: bool = False
) -> float | None:
    """Return a number of the request, None where it is left out.

    Raises:
        Refused: when it is no number, or out of bounds.
    """
    value = body.get(name)
    if value is None:
        return None
    fits = isinstance(value, (int, float) if fraction else int) and not isinstance(value, bool)
    if not fits or not least <= value <= most:
        kind = "a number" if fraction else "a whole number"
        raise Refused(f"The value of {name} cannot be used. Give {kind} from {least:g} to {most:g}.", name)
    return float(value) if fraction else value


def count(body: Mapping[str, Any], name: str, least: int, most: int) -> int | None:
    """Return a whole number of the request, None where it is left out.

    Raises:
        Refused: when it is no whole number, or out of bounds.
    """
    found = number(body, name, least, most)
    return None if found is None else int(found)


def flag(body: Mapping[str, Any], name: str) -> bool:
    """Return a yes or no of the request, no where it is left out.

    Raises:
        Refused: when it is neither.
    """
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise Refused(f"The value of {name} cannot be used. Give true or false.", name)
    return bool(value)


def text(value: str, param: str) -> str:
    """Return a text of the request, made whole.

    Raises:
        Refused: when it is too long to be read.
    """
    if len(value) > _LONGEST:
        raise Refused(
            f"The request is longer than the {_LONGEST} characters that the practice model reads. Send less.",
            param, "context_length_exceeded",
        )  # fmt: skip
    return whole(value)


def affordable(n: int, length: int) -> None:
    """Let only so many replies be drawn to a long text that one request cannot stop a server for all others.

    Raises:
        Refused: when it is too much.
    """
    if n * length > _MOST_DRAWN:
        raise Refused(
            f"That is {n} replies to {length} characters, and the practice model draws no more than "
            f"{_MOST_DRAWN // length} to so long a text. Ask for fewer at once.", "n",
        )  # fmt: skip


def wanted(body: Mapping[str, Any], *, max_tokens: int | None, top: int | None) -> Wanted:
    """Read what both endpoints understand; fields that neither knows are ignored.

    Raises:
        Refused: when a value cannot be used.
    """
    temperature = number(body, "temperature", 0, 2, fraction=True)
    options = body.get("stream_options")
    return Wanted(
        model=known_model(body.get("model")),
        n=count(body, "n", 1, MOST_CHOICES) or 1,
        temperature=1.0 if temperature is None else temperature,
        seed=count(body, "seed", -_DEEPEST_SEED, _DEEPEST_SEED - 1) or 0,
        stop=_stop(body),
        max_tokens=max_tokens,
        top=top,
        stream=flag(body, "stream"),
        with_usage=isinstance(options, dict) and flag(options, "include_usage"),
    )


def options(body: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the texts of which a reply is to be one, as vLLM words it; none where any will do.

    Raises:
        Refused: when they are not a list of a few short texts.
    """
    form = body.get("structured_outputs")
    given = form.get("choice") if isinstance(form, dict) else body.get("guided_choice")
    if given is None:
        return ()
    fits = isinstance(given, list) and 0 < len(given) <= _MOST_OPTIONS
    if not fits or not all(isinstance(one, str) and 0 < len(one) <= _LONGEST_OPTION for one in given):
        raise Refused(f"The choice cannot be used. Give one to {_MOST_OPTIONS} short texts.", "structured_outputs")
    return tuple(map(whole, given))


def most_tokens(body: Mapping[str, Any], name: str, least: int) -> int | None:
    """Return how many tokens a reply may have.

    Raises:
        Refused: when the value cannot be used.
    """
    return count(body, name, least, _MOST_TOKENS)


def _stop(body: Mapping[str, Any]) -> tuple[str, ...]:
    stop = body.get("stop") or ()
    stops = (stop,) if isinstance(stop, str) else stop
    if not isinstance(stops, list | tuple) or len(stops) > 4 or not all(isinstance(s, str) for s in stops):
        raise Refused("The value of stop cannot be used. Give a text or up to four texts.", "stop")
    return tuple(s for s in stops if s)
