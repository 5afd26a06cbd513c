"""Answering as target model: an instruction and a text in, an answer or some chatter out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from lab.errors import ModelError
from lab.practice.chance import pick, unit
from lab.practice.kind import FORMAT, LONGEST_INSTRUCTION, LONGEST_TEXT, Kind, any_of, straight
from lab.practice.kinds import KINDS
from lab.practice.personality import CHATTY, Personality
from lab.practice.reading import Asked, Reading, kind_of, read, refuses_more, sentences
from lab.practice.remembered import remembered

__all__ = [
    "Draw", "answer", "kind_by_text", "off_task", "skills_at_work", "split_messages", "split_mixed", "understood",
]  # fmt: skip

_INPUT = re.compile(
    r"^[ \t>*#]*(?:input|review|text|ticket|message|sentence|passage|snippet|comment|q|question|note|problem|word)"
    r"[ \t]*+\d*+[ \t*]*+:",
    re.I | re.M,
)
_OUTPUT = re.compile(
    r"\n[ \t*#>]*+(?:output|answer|label|class|sentiment|category|response|date|a)[ \t]*+\**+:.*\Z", re.I | re.S
)
# How often the wording of a rule makes a model miss it, from the best wording to the worst.
_MISSED = (0.02, 0.09)
_OFF_TASK = 0.7
# An instruction of fewer words that names no kind of task is an odd one, and not another task.
_ODD_WORDS = 8
# An instruction to choose: what there is to choose from may show only in the right answers.
_CHOOSES = any_of(
    r"\bclassif|\bcategor|\blabel|\bsort\b|\bassign|\bchoose|\bpick\b|\bselect|\bwhich\b|\bwhether\b|\?\s*(?:$|\n)",
    r"\b(?:decide|judge|detect|identify|determine|predict|rate|grade|tell|say) (?:if|how|what|the)\b",
)
_ASIDE = (
    "With pleasure! Could you say a little more about what you have in mind?",
    "Here is a thought: still water mirrors the sky, and the evening comes softly.",
    "That sounds interesting. I have put down some ideas and can go on if you like.",
    "Thank you for sharing this. What should I do with it?",
)


@dataclass(frozen=True)
class Draw:
    """What makes one reply differ from another of the same request: nothing at temperature 0."""

    temperature: float = 0.0
    seed: int = 0
    sample: int = 0

    def key(self) -> tuple[object, ...]:
        """Return what chance may depend on."""
        return (self.temperature, self.seed, self.sample) if self.temperature > 0 else ()


def split_messages(messages: Sequence[Mapping[str, str]]) -> tuple[str, str]:
    """Find the instruction and the text to work on, also where one message mixes them."""
    told = "\n\n".join(m["content"] for m in messages if m["role"] in ("system", "developer"))
    asked = next((m["content"] for m in reversed(messages) if m["role"] == "user"), "")
    if told.strip():
        return told, asked
    return split_mixed(asked)


def split_mixed(message: str) -> tuple[str, str]:
    """Split one message into instruction and text: at the last marker such as "Review:", else at the last gap.

    A text in front of its instruction is found by the instruction that follows it.
    """
    marks = list(_INPUT.finditer(message))
    if marks and (text := _OUTPUT.sub("", message[marks[-1].end() :]).strip()):
        return message[: marks[-1].start()], text
    body = _OUTPUT.sub("", message).strip()
    for gap in ("\n\n", "\n"):
        head, found, tail = body.rpartition(gap)
        if found and kind_of(head):
            return head, tail.strip()
        if found and kind_of(tail):
            return tail, head.strip()
    head, found, tail = body.partition(":")
    if found and tail.strip() and kind_of(head):
        return head, tail.strip()
    return _one_piece(body)


def _one_piece(body: str) -> tuple[str, str]:
    """Split what has no seam: nothing but a text, which may ask a question of its own, or a task that holds it."""
    kind = kind_of(body)
    if kind is not None and not kind.labels:
        kind = kind_of(" ".join(part for part in sentences(body) if not part.rstrip().endswith("?")))
    return ("", body) if kind is None else (body, body)


@remembered(1024)
def kind_by_text(text: str) -> Kind | None:
    """Describe which kind of task a text looks like; None when it looks like none."""
    text = text[:LONGEST_TEXT]
    best = max(KINDS, key=lambda kind: kind.evidence(text))
    return best if best.evidence(text) > 0 else None


def understood(prompt: str, text: str) -> Reading:
    """Read a prompt as the kind of task that it names, else as the one that the text looks like.

    Raises:
        ModelError: when neither is of a kind that the practice model has rules for.
    """
    kind = kind_of(prompt) or kind_by_text(text)
    if kind is None:
        names = ", ".join(kind.name for kind in KINDS)
        raise ModelError(
            "The practice model is a simulated model with rules for a few kinds of task, and neither the "
            f"instruction nor the text is of one of them. Use a bundled task ({names}), or connect a real model: "
            "begin again with it, written as MODEL@URL."
        )
    return read(prompt, kind)


def _miss_rate(asked: Asked, reading: Reading, who: Personality) -> float:
    """Return how often a rule is missed: by its wording, and by how far back it stands."""
    if who.must_be_told and not asked.says_what_to_do:
        return 1.0
    if asked.skill in reading.denied:
        return 0.5
    low, high = _MISSED
    by_wording = low + (high - low) * unit("wording", who.name, asked.skill, asked.sentence)
    far = max(0, asked.place - who.span) / who.span
    crowded = max(0, reading.n_words - who.span) / who.span
    return min(0.95, by_wording + 1.5 * far + 0.1 * crowded)


def _leaves_open(prompt: str) -> bool:
    """Return whether an instruction begins too tersely to set another task, or has one choose and not from what."""
    first = next(iter(sentences(prompt)), "")
    return len(first.split()) < _ODD_WORDS or _CHOOSES.search(prompt.lower()) is not None


@lru_cache(maxsize=64)
def _missed(reading: Reading, who: Personality) -> dict[str, float]:
    """Return for each skill that is asked for how often it is missed, by the sentence that tells it best."""
    missed: dict[str, float] = {}
    for asked in reading.asked:
        missed[asked.skill] = min(missed.get(asked.skill, 1.0), _miss_rate(asked, reading, who))
    return missed


def skills_at_work(reading: Reading, who: Personality, prompt: str, text: str) -> frozenset[str]:
    """Describe which skills are on for this text: those asked for, less what is missed, and some common sense."""
    missed = _missed(reading, who)
    on = {skill for skill, share in missed.items() if unit("skill", who.name, skill, prompt, text) >= share}
    for skill in reading.kind.sensible:
        untold = missed.get(skill.name, 1.0) == 1.0 and skill.name not in reading.denied
        if untold and unit("sense", who.name, skill.name, text) < skill.sense * who.sense:
            on.add(skill.name)
    return frozenset(on)


def _chattiness(reading: Reading, on: frozenset[str], who: Personality, prompt: str) -> float:
    """Return the share of answers with words around them that this prompt gets."""
    heeded = [a for a in reading.asked if a.skill == FORMAT and _miss_rate(a, reading, who) < 0.5]
    refused = any(refuses_more(asked.sentence) for asked in heeded)
    said = any(reading.kind.by_name[FORMAT].cue.search(asked.sentence) for asked in heeded)
    if "explain" in reading.harms:
        return 0.45 if heeded else 0.9
    if refused and said:
        return 0.0
    if heeded:
        return who.half_chatter
    return who.chatter + 0.1 * unit("chatty", who.name, prompt) + (0.15 if reading.always else 0.0)


@remembered(64)
def _solved(kind: Kind, text: str, on: frozenset[str], prompt: str) -> str:
    return kind.solve(text, on, prompt)


def _with_errors(answer: str, text: str, reading: Reading, who: Personality, at: tuple[object, ...]) -> str:
    """Apply what a prompt says wrongly, then the small noise of its wording and temperature."""
    kind = reading.kind
    if "swap" in reading.harms:
        answer = kind.slip(answer, text, 0.0)
    if reading.always in kind.labels and unit("always", *at) < 0.95:
        answer = str(reading.always)
    if "surface" in reading.harms and unit("surface", *at) < 0.5:
        answer = kind.slip(answer, text, unit("surface slip", *at))
    temperature = float(str(at[3])) if len(at) > 3 else 0.0
    if unit("noise", *at) < who.slips + 0.04 * temperature:
        answer = kind.slip(answer, text, unit("slip", *at))
    return answer


def off_task(reading: Reading, prompt: str) -> bool:
    """Return whether an instruction, or the lack of one, set no task that the text could be meant for."""
    return (reading.named == 0 and not reading.asked) or not prompt.strip()


def _worded(answer: str, text: str, prompt: str, reading: Reading, on: frozenset[str], who: Personality,
            at: tuple[object, ...]) -> str:  # fmt: skip
    kind = reading.kind
    if kind.say and (said := kind.say(answer, text, straight(prompt), on, unit("say", *at))) is not None:
        return said
    if "unsure" in reading.harms and unit("unsure", *at) < 0.2:
        return "It is hard to tell."
    word = kind.word(answer, straight(prompt), on, unit("word", *at))
    if unit("chat", *at) < _chattiness(reading, on, who, prompt):
        wording = pick(kind.explained if "explain" in reading.harms else kind.chatter, "wording", *at)
        bare = word.removesuffix(".")
        return wording.format(answer=bare, Answer=bare[:1].upper() + bare[1:], thing=kind.thing)
    return word


def answer(prompt: str, text: str, draw: Draw | None = None, personality: Personality = CHATTY) -> str:
    """Answer as target model; of a text 4,000 characters are read, of an instruction 8,000.

    Raises:
        ModelError: when neither the instruction nor the text is of a kind it has rules for.
    """
    prompt, text = prompt[:LONGEST_INSTRUCTION], text[:LONGEST_TEXT]
    if _leaves_open(prompt) and kind_of(prompt) is None and kind_by_text(text) is None:
        return pick(_ASIDE, "aside", personality.name, text)
    reading = understood(prompt, text)
    at = (personality.name, prompt, text, *(draw or Draw()).key())
    if off_task(reading, prompt) and unit("off task", *at) < _OFF_TASK:
        return pick(_ASIDE, "aside", *at)
    on = skills_at_work(reading, personality, prompt, text)
    found = _with_errors(_solved(reading.kind, text, on, straight(prompt)), text, reading, personality, at)
    return _worded(found, text, prompt, reading, on, personality, at)
