"""Forced choice: a target that can answer with nothing but a label. Pure.

Four ways lead to it, as endpoints differ; whether one works at an endpoint is found out in `lab.models.probe`:

    choice        a structured choice (vLLM, by its newer and its older name)
    grammar       a grammar that derives the labels alone (llama.cpp)
    schema        a JSON schema whose only value is one of the labels (OpenAI, Ollama, LM Studio, llama.cpp)
    alternatives  the likeliest first token that begins a label, of those that a chat reply names

What comes back is a label, so that its form counts for nothing; a prompt that works so need not work without.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from lab.models.calls import Answer
from lab.models.capabilities import Force
from lab.models.likelihood import ALTERNATIVES, grammar_text

__all__ = ["fields", "label", "longest"]

_KEY = "label"
_BEYOND = 8  # tokens beside the label's own: what ends a reply, and what a JSON object has around it
_AROUND = 16


def fields(force: Force, labels: Sequence[str]) -> dict[str, Any]:
    """Return what a chat request takes so that its reply is one of the labels."""
    if force == "choice":
        return {"structured_outputs": {"choice": list(labels)}, "guided_choice": list(labels)}
    if force == "grammar":
        return {"grammar": f"root ::= {' | '.join(map(grammar_text, labels))}"}
    if force == "schema":
        value = {"type": "string", "enum": list(labels)}
        schema = {"type": "object", "properties": {_KEY: value}, "required": [_KEY], "additionalProperties": False}
        return {"response_format": {"type": "json_schema", "json_schema": {
            "name": _KEY, "strict": True, "schema": schema,
        }}}  # fmt: skip
    return dict(ALTERNATIVES)


def longest(force: Force, labels: Sequence[str]) -> int:
    """Return how many tokens such a reply needs at most; a token has at least one byte."""
    if force == "alternatives":
        return 1
    return max(len(label.encode()) for label in labels) + (_BEYOND if force != "schema" else _AROUND)


def label(force: Force, labels: Sequence[str], answer: Answer) -> str:
    """Return the label that a forced reply gives; the reply as it came, where it gives none."""
    if force == "alternatives":
        return _likeliest(labels, answer) or answer.text
    if force != "schema":
        return answer.text.strip()
    try:
        value = json.loads(answer.text)[_KEY]
    except (ValueError, RecursionError, TypeError, KeyError):
        return answer.text
    return value if isinstance(value, str) else answer.text


def _likeliest(labels: Sequence[str], answer: Answer) -> str | None:
    """Return the label that the likeliest alternative at the first token begins, where it begins no other one."""
    first = next((token for token in answer.tokens if token.text.strip()), None)
    best: tuple[float, str] | None = None
    for text, logprob in first.others if first else ():
        begun = [one for one in labels if text.strip() and one.casefold().startswith(text.strip().casefold())]
        if len(begun) == 1 and (best is None or logprob > best[0]):
            best = (logprob, begun[0])
    return best[1] if best else None
