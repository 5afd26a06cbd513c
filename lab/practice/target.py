"""Answering as target model: an instruction and a text in, a label or some chatter out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lab.errors import ModelError
from lab.practice import sentiment, triage
from lab.practice.chance import pick, unit
from lab.practice.reading import LABELS, LONG_WORDS, SKILLS, Kind, Reading, kind_of, read

_INPUT = re.compile(
    r"^[ \t>*#]*(?:input|review|text|ticket|message|sentence|passage|snippet|comment|q"
    r"|question)[ \t]*\d*[ \t*]*:",
    re.I | re.M,
)
_OUTPUT = re.compile(
    r"\n\s*[*#>]*\s*(?:output|answer|label|class|sentiment|category|response|a)\s*[*]*:.*\Z", re.I | re.S
)
# Fewer words than these are an odd prompt, not another task.
_ODD_WORDS = 6
# The share of texts on which a skill is at work without having been asked for.
_COMMON_SENSE = 0.4
_SUMS = re.compile(r"\bmath|calculat|\bsolve|arithmetic|equation|\bhow (?:many|much)\b|\bnumber\b|\bcompute")

_CHATTER = (
    "The {thing} seems {Label} to me.", "I would say that this is {label}, on the whole.", "{Label} - that "
    "is my impression.",
    "Sure! The answer is: {Label}.", "This looks like {label} to me.", "Label: **{Label}**",
)  # fmt: skip
_EXPLAINED = (
    "{Label}. The words of the {thing} point that way, above all at its beginning.",
    "I read it as {label}, because of the way the writer speaks about it.",
    "Step by step: first the wording, then the mood. My conclusion is {label}.",
)
_VAGUE: dict[str, tuple[str, ...]] = {
    "positive": (
        "It sounds as if the writer had a good time.",
        "Someone is pleased here! Shall I help with a reply?",
    ),
    "negative": (
        "The writer does not seem to be pleased.",
        "That is a pity. Shall I draft an answer to this review?",
    ),
    "access": ("It looks as if somebody cannot get in. Have you tried to restart the program?",),
    "billing": ("This is about money, I think. I am sorry for the trouble.",),
    "bug": ("Something seems to go wrong there. I am sorry to hear that.",),
    "feature": ("What a nice idea! I can help you to word it.",),
    "question": ("Good question. I can say more if you tell me more.",),
}
_SHORT: dict[str, str] = {
    "positive": "pleased", "negative": "displeased", "access": "entry", "billing": "money", "bug": "trouble",
    "feature": "wish", "question": "other",
}  # fmt: skip
_THING: dict[Kind, str] = {"sentiment": "review", "triage": "ticket"}


@dataclass(frozen=True)
class Draw:
    """What makes one reply differ from another of the same request: nothing at temperature 0."""

    temperature: float = 0.0
    seed: int = 0
    sample: int = 0

    def key(self) -> tuple[object, ...]:
        """Gives what chance may depend on."""
        return (self.temperature, self.seed, self.sample) if self.temperature > 0 else ()


def split_messages(messages: Sequence[Mapping[str, str]]) -> tuple[str, str]:
    """Finds the instruction and the text to work on, also where one message mixes them."""
    told = "\n\n".join(m["content"] for m in messages if m["role"] in ("system", "developer"))
    asked = next((m["content"] for m in reversed(messages) if m["role"] == "user"), "")
    if told.strip():
        return told, asked
    return split_mixed(asked)


def split_mixed(message: str) -> tuple[str, str]:
    """Splits one message into instruction and text: at the last marker such as "Review:", else at the last gap."""
    marks = list(_INPUT.finditer(message))
    if marks and (text := _OUTPUT.sub("", message[marks[-1].end() :]).strip()):
        return message[: marks[-1].start()], text
    body = _OUTPUT.sub("", message).strip()
    for gap in ("\n\n", "\n"):
        head, found, tail = body.rpartition(gap)
        if found and kind_of(head):
            return head, tail.strip()
    head, found, tail = body.partition(":")
    if found and tail.strip() and kind_of(head):
        return head, tail.strip()
    # One piece: a question of its own, or nothing but the text.
    return body, body


def kind_by_text(text: str) -> Kind | None:
    """Says whether a text looks like a review or a ticket; None when it looks like neither."""
    review, ticket = sentiment.evidence(text), triage.evidence(text)
    if max(review, ticket) == 0:
        return None
    return "sentiment" if review >= ticket else "triage"


def _understood(prompt: str, text: str) -> Reading:
    known = read(prompt)
    if known.kind is not None:
        return known
    sums = _SUMS.search(prompt.lower()) and len(re.findall(r"\d+", text)) >= 2
    kind = None if sums else kind_by_text(text)
    if kind is None and len(prompt.split()) < _ODD_WORDS:
        kind = "sentiment"
    if kind is None:
        raise ModelError(
            "The practice model is a simulated model with rules for reviews and support tickets only, and neither "
            "the instruction nor the text is of these kinds. Use one of the bundled tasks, sentiment or triage, "
            "or connect a real model: begin again with it, written as MODEL@URL."
        )
    return read(prompt, kind)


def skills_at_work(reading: Reading, prompt: str, text: str) -> frozenset[str]:
    """Says which skills are on for this text: those asked for, less what a long or contradictory prompt
    loses.
    """
    too_long = max(0, reading.n_words - LONG_WORDS)
    lost = 0.02 + (0.15 + min(0.45, too_long / 300) if too_long else 0.0)
    denied = reading.denied
    asked = {
        skill for skill in reading.on if unit("skill", skill, prompt, text) >= (0.5 if skill in denied else lost)
    }
    untold = set(SKILLS[reading.kind or "sentiment"]) - reading.on - denied - {"format"}
    return frozenset(asked | {skill for skill in untold if unit("sense", skill, text) < _COMMON_SENSE})


def _judge(reading: Reading, on: frozenset[str], text: str) -> str:
    if reading.kind == "triage":
        return triage.sort(text, on, reading.order)
    score = sentiment.score(text, on)
    if abs(score) < 1e-9:
        return pick(LABELS["sentiment"], "torn", text)
    return "positive" if score > 0 else "negative"


def _misled(label: str, labels: tuple[str, ...], reading: Reading, at: tuple[object, ...]) -> str:
    """Applies what a prompt says wrongly, then the small noise of its wording and temperature."""
    if "swap" in reading.harms:
        label = labels[(labels.index(label) + 1) % len(labels)]
    if reading.always in labels and unit("always", *at) < 0.95:
        label = str(reading.always)
    if "surface" in reading.harms and unit("surface", *at) < 0.5:
        label = pick(labels, "surface label", *at)
    temperature = float(str(at[2])) if len(at) > 2 else 0.0
    if unit("noise", *at) < 0.015 + 0.04 * temperature:
        label = labels[(labels.index(label) + 1) % len(labels)]
    return label


def _chattiness(reading: Reading, on: frozenset[str], prompt: str) -> float:
    explains = "explain" in reading.harms
    if "format" in on:
        return 0.45 if explains else 0.0
    # Told to choose and what to choose, it remarks on the answer more often.
    remarks = 0.15 if reading.always else 0.0
    return 0.9 if explains else 0.2 + remarks + 0.12 * unit("chatty", prompt)


def _word(label: str, reading: Reading, on: frozenset[str], at: tuple[object, ...]) -> str:
    """Puts a label into the words that this prompt gets: bare when the labels and the form were said."""
    kind: Kind = reading.kind or "sentiment"
    if not reading.names_labels:
        return _SHORT[label] if "format" in on else pick(_VAGUE[label], "vague", *at)
    if "unsure" in reading.harms and unit("unsure", *at) < 0.2:
        return "It is hard to tell."
    if unit("chat", *at) < _chattiness(reading, on, str(at[0])):
        wording = pick(_EXPLAINED if "explain" in reading.harms else _CHATTER, "wording", *at)
        return wording.format(label=label, Label=label.capitalize(), thing=_THING[kind])
    return label if "format" in on else pick((label, label.capitalize(), f"{label.capitalize()}."), "bare", *at)


def answer(prompt: str, text: str, draw: Draw | None = None) -> str:
    """Answers as target model.

    Raises:
        ModelError: when neither the instruction nor the text is of a kind it has rules for.
    """
    reading = _understood(prompt, text)
    at = (prompt, text, *(draw or Draw()).key())
    on = skills_at_work(reading, prompt, text)
    labels = LABELS[reading.kind or "sentiment"]
    return _word(_misled(_judge(reading, on, text), labels, reading, at), reading, on, at)


def kind_and_skills(prompt: str, text: str) -> tuple[Kind, frozenset[str], frozenset[str]]:
    """Gives the kind, the skills at work and the skills the text needs.

    Raises:
        ModelError: when neither the instruction nor the text is of a kind it has rules for.
    """
    reading = _understood(prompt, text)
    kind: Kind = reading.kind or "sentiment"
    needed = (triage.needs(text) if kind == "triage" else sentiment.needs(text)) | {"format"}
    return kind, skills_at_work(reading, prompt, text), needed & set(SKILLS[kind])
