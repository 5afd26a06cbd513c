"""How likely a model finds a given answer: the mean log-probability, in nats, of a token of it. Pure.

APE (Zhou et al. 2023, section 3.2) compares instructions by it. Four ways lead to it, as endpoints differ:

    echo          a text that ends in the answer is given back with its log-probabilities
    grammar       a chat reply that a grammar lets be nothing but the answer (llama.cpp)
    choice        a chat reply chosen from the answer alone (vLLM, by its newer and its older name)
    alternatives  the likeliest first tokens of a chat reply, where a label is one token

Whether a way tells the truth at an endpoint is found out in `lab.models.probe`. What a reply does not tell is
None, "not measured".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from types import MappingProxyType
from typing import Any

from lab.core.layout import Fields, messages
from lab.core.task import Example
from lab.models.capabilities import Way
from lab.models.logprobs import Token

__all__ = ["ALTERNATIVES", "echoed", "forced", "grammar_text", "hits", "laid_out", "request"]

# What a chat request takes so that its reply shows the likeliest tokens: as many as OpenAI and vLLM give at most.
ALTERNATIVES: Mapping[str, Any] = MappingProxyType({"logprobs": True, "top_logprobs": 20})
_MARK = "\nOutput:"
# In a grammar's string: what would end it, and what llama.cpp's reader would not take as it stands.
_ESCAPES = str.maketrans({
    **{code: f"\\x{code:02X}" for code in (*range(32), 127)},
    "\\": r"\\", '"': r"\"", "\n": r"\n", "\r": r"\r", "\t": r"\t",
})  # fmt: skip


def request(way: Way, model: str, prompt: str, example: Example, fields: Fields = ()) -> dict[str, Any]:
    """Make the body that asks how likely the reference answer is; by alternatives any reply tells, see below."""
    said, answer = messages(prompt, example.input, fields), example.answer
    asked = {"model": model, "temperature": 0.0, "seed": 0}
    if way == "echo":
        # One token more than is wanted: servers take a limit of 0 for none, or refuse it.
        return {**asked, "prompt": f"{laid_out(said)} {answer}", "echo": True, "logprobs": 1, "max_tokens": 1}
    # A token has at least one byte; a few more for what ends a reply. Some servers give none without top_logprobs.
    most = len(answer.encode()) + 4
    chat = {"messages": list(said), "logprobs": True, "top_logprobs": 1, "max_tokens": most}
    return {**asked, **chat, **forced(way, answer)}


def forced(way: Way, answer: str) -> dict[str, Any]:
    """Return the fields that let a chat reply be nothing but `answer`."""
    if way == "grammar":
        return {"grammar": f"root ::= {grammar_text(answer)}"}
    return {"structured_outputs": {"choice": [answer]}, "guided_choice": [answer]}


def grammar_text(text: str) -> str:
    """Write a text as a grammar derives it."""
    return f'"{text.translate(_ESCAPES)}"'


def laid_out(said: Sequence[dict[str, str]]) -> str:
    """Write messages as one text that an answer may follow, as APE's evaluation template does.

    It begins with a line end, as in APE's code: most servers give no log-probability of the first token.
    """
    *told, asked = (message["content"] for message in said)
    return "".join(f"\n{text}\n\nInput: {asked}" for text in told) + (_MARK if told else f"\n{asked}{_MARK}")


def hits(way: Way, read: Sequence[Sequence[Token]], wanted: Sequence[str]) -> tuple[float | None, ...]:
    """Read the mean log-probability of a token of each answer wanted, at most 0; None where it was not told.

    `read` are the tokens of each reply.
    """
    if way == "alternatives":
        return _of_labels(read, wanted)
    pairs = zip(read, wanted, strict=True)
    if way == "echo":
        return tuple(_mean(echoed(tokens, f" {answer}")) for tokens, answer in pairs)
    return tuple(_mean(_written(tokens, answer)) for tokens, answer in pairs)


def _of_labels(read: Sequence[Sequence[Token]], wanted: Sequence[str]) -> tuple[float | None, ...]:
    """Look a label up among the first tokens.

    A label that is one token, as is seen where it is among them at any row, counts where it is not as the least
    likely one that is: it is at most that, and a row left out would flatter the prompt that keeps the label away.
    """
    tops = [_first(tokens) for tokens in read]
    single = {label for label in set(wanted) if any(label in top for top in tops)}
    return tuple(
        None if not top or label not in single else min(0.0, top.get(label, min(top.values())))
        for top, label in zip(tops, wanted, strict=True)
    )


def _first(tokens: Sequence[Token]) -> dict[str, float]:
    """Return the alternatives at the first token that has a text, by that text without the space before it."""
    first = next((token for token in tokens if token.text.strip()), None)
    found: dict[str, float] = {}
    for text, logprob in first.others if first else ():
        found[text.strip()] = max(logprob, found.get(text.strip(), logprob))
    return found


def echoed(tokens: Sequence[Token], end: str) -> Sequence[Token]:
    """Find the tokens of what follows the last mark of an echoed text that ends in `end`; () where it does not.

    They begin with the last token that begins where the end begins, or before it, as in APE's code: the space
    before an answer may belong to a token of what precedes it. One token more was generated.
    """
    text = "".join(token.text for token in tokens)
    at = text.rfind(_MARK + end)
    if at < 0:
        return ()
    low, high = at + len(_MARK), at + len(_MARK + end)
    begins = list(accumulate((len(token.text) for token in tokens), initial=0))[: len(tokens)]
    first = max((i for i, begin in enumerate(begins) if begin <= low), default=0)
    return [token for token, begin in zip(tokens[first:], begins[first:], strict=True) if begin < high]


def _written(tokens: Sequence[Token], answer: str) -> Sequence[Token]:
    """Take the tokens that the answer is made of; what a server adds for the end of a reply is not one."""
    said, text = [], ""
    for token in tokens:
        if text == answer:
            break
        if token.text:
            said.append(token)
            text += token.text
    return said if text == answer else ()


def _mean(tokens: Iterable[Token]) -> float | None:
    logprobs = [token.logprob for token in tokens]
    known = [logprob for logprob in logprobs if logprob is not None]
    return min(0.0, sum(known) / len(known)) if known and len(known) == len(logprobs) else None
