"""A prompt in small rewordings and layouts, and without each of its sentences, made by rule. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from types import MappingProxyType

from lab.core.layout import placeholders
from lab.i18n import gettext_lazy

__all__ = ["MOST_REWORDED", "Variant", "reworded", "sentences", "without_sentences"]

MOST_REWORDED = 10
MOST_SENTENCES = 40

# An end of a sentence, or a line end; not after a digit or a letter that stands alone, as in "1." or "e.g.".
_END = re.compile(r"(?<![\s(]\w)(?<!^\w)(?<!\.\w)[.!?]+[\"'”’)\]]*(?=\s)|[。！？]+[”’」』）]*|(?=\n)")
_SYNONYMS = MappingProxyType({
    "classify": "categorize", "decide": "determine", "determine": "decide", "answer": "reply", "respond": "answer",
    "reply": "answer", "write": "give", "give": "write", "only": "just", "following": "next", "choose": "pick",
    "exactly": "precisely", "use": "take", "read": "look at", "say": "tell", "find": "look for",
})  # fmt: skip
_WORD = re.compile(r"\b\w+\b")


@dataclass(frozen=True)
class Variant:
    """A prompt that differs in one thing: `what` it is, and the whole text."""

    what: str
    text: str


def reworded(prompt: str, labels: Iterable[str] = (), inputs: Iterable[str] = ()) -> tuple[Variant, ...]:
    """Return the prompt in ten other wordings and layouts, which say the same; slots stay as they are.

    Those that change words or their order come first, then those that change the frame.

    Example:
        `reworded("Good or bad?", ("good", "bad"))[0] == Variant("labels in another order", "Bad or good?")`
    """
    slots = placeholders(prompt, tuple(inputs))
    found: dict[str, Variant] = {}
    for what, make in _rules(tuple(labels)):
        text = make(prompt)
        if text.strip() and text != prompt and all(text.count(slot) == prompt.count(slot) for slot in slots):
            found.setdefault(text, Variant(what, text))
    return tuple(found.values())[:MOST_REWORDED]


def _rules(labels: Sequence[str]) -> tuple[tuple[str, Callable[[str], str]], ...]:
    return (
        (gettext_lazy("labels in another order"), lambda text: _relabelled(text, labels)),
        (gettext_lazy("a synonym"), _synonym),
        (gettext_lazy("last two sentences swapped"), _swapped),
        (gettext_lazy("“Please” before it"), _please),
        (gettext_lazy("a bullet for each sentence"), lambda text: _each(text, "- ")),
        (gettext_lazy("a line for each sentence"), lambda text: _each(text, "")),
        (gettext_lazy("line ends for colons"), lambda text: text.replace(": ", ":\n")),
        (gettext_lazy("other case of the first letter"), lambda text: text[:1].swapcase() + text[1:]),
        (gettext_lazy("without its last mark"), lambda text: re.sub(r"[.!?。！？:]+(\s*)$", r"\1", text)),
        (gettext_lazy("in quotes"), lambda text: f'"{text}"'),
        (gettext_lazy("“Instruction:” before it"), lambda text: f"Instruction: {text}"),
        (gettext_lazy("a heading above it"), lambda text: f"### Task\n{text}"),
        (gettext_lazy("“Thank you.” after it"), lambda text: f"{text} Thank you."),
        (gettext_lazy("a line end after it"), lambda text: f"{text}\n"),
        (gettext_lazy("a line end before it"), lambda text: f"\n{text}"),
        (gettext_lazy("a space after it"), lambda text: f"{text} "),
        (gettext_lazy("a rule below it"), lambda text: f"{text}\n---"),
        (gettext_lazy("“Note:” before it"), lambda text: f"Note: {text}"),
        (gettext_lazy("two line ends after it"), lambda text: f"{text}\n\n"),
    )


def _relabelled(text: str, labels: Sequence[str]) -> str:
    """Swap the first two labels that stand beside each other, as in "positive or negative"."""
    for first, second in permutations(labels[:20], 2):
        pattern = rf"\b({re.escape(first)})(\W+(?:or |and |oder |ou |o )?\W*)({re.escape(second)})\b"
        if found := re.search(pattern, text, re.IGNORECASE):
            one, between, other = found.groups()
            swapped = f"{_cased(other, one)}{between}{_cased(one, other)}"
            return text[: found.start()] + swapped + text[found.end() :]
    return text


def _synonym(text: str) -> str:
    for found in _WORD.finditer(text):
        if other := _SYNONYMS.get(found[0].lower()):
            return text[: found.start()] + _cased(other, found[0]) + text[found.end() :]
    return text


def _cased(word: str, like: str) -> str:
    """Return a word with a capital where another one has it."""
    return word[:1].upper() + word[1:] if like[:1].isupper() else word[:1].lower() + word[1:]


def _please(text: str) -> str:
    without = re.sub(r"^please,?\s+", "", text, flags=re.IGNORECASE)
    if without != text:
        return without[:1].upper() + without[1:]
    asks = next(iter(sentences(text)), "").endswith("?")
    return f"Please answer: {text}" if asks else f"Please {text[:1].lower()}{text[1:]}"


def _swapped(text: str) -> str:
    *before, first, second = ("", "", *sentences(text))
    if not first or "\n" in text:
        return text
    return " ".join((*(one for one in before if one), second, first))


def _each(text: str, mark: str) -> str:
    some = sentences(text)
    return "\n".join(f"{mark}{one}" for one in some) if len(some) > 1 else text


def sentences(prompt: str) -> tuple[str, ...]:
    """Return the sentences of a prompt, and lines that are none, without the blanks around them."""
    return tuple(prompt[start:end].strip() for start, end in _spans(prompt))


def without_sentences(prompt: str, inputs: Iterable[str] = ()) -> tuple[Variant, ...]:
    """Return the prompt without each of its sentences; `what` is the sentence that is left out.

    None for one sentence alone; a sentence with a slot that stands nowhere else is not left out.

    Example:
        `without_sentences("Is it good? One word.")[1] == Variant("One word.", "Is it good?")`
    """
    slots = placeholders(prompt, tuple(inputs))
    spans = tuple(_spans(prompt))
    if len(spans) < 2:
        return ()
    left = (Variant(prompt[i:j].strip(), f"{prompt[:i]}{prompt[j:]}".strip()) for i, j in spans[:MOST_SENTENCES])
    return tuple(one for one in left if one.text and all(slot in one.text for slot in slots))


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each sentence begins and ends, the blanks behind it included."""
    start = 0
    for found in _END.finditer(text):
        end = found.end()
        while end < len(text) and text[end].isspace():
            end += 1
        if text[start:end].strip():
            yield start, end
            start = end
    if text[start:].strip():
        yield start, len(text)
