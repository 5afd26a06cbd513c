"""What kinds whose answer is one of a few labels have in common: how the form is asked for, and a near miss."""

from __future__ import annotations

import re

from lab.i18n import gettext_lazy
from lab.practice.kind import FORMAT, Cue, Skill, any_of

_QUOTE = r"[\"'“‘`*]"
_REPLY = r"\b(?:answer|reply|respond|return|output|write|print|give|choose|pick|name|say)"
_RULES = (
    "Answer with one lower-case word and nothing else.",
    "Reply with the label only, in lower case, without any explanation.",
    "Write just the label: a single word, no punctuation, no comment.",
    "Give exactly one label and nothing more.",
    "Answer with the bare label.",
)
_CAUSES = (
    "The instructions do not say to answer with the label alone, so some answers are whole sentences{quote}.",
    "Nothing says how the answer should look: one word, in lower case, with nothing else{quote}.",
    "The model adds words of its own because it was never asked for only the label{quote}.",
)


def _cue(labels: tuple[str, ...]) -> Cue:
    """Find what an answer looks like; that nothing goes with it is read alike for every kind, and not here."""
    label = "|".join(map(re.escape, labels))
    return any_of(
        r"\b(?:one|single|1)[- ](?:lower[- ]?case )?(?:word|label|token|term)\b(?! (?:of|or) )",
        r"\b(?:only|just|solely|nothing but|merely)\b.{0,30}\b(?:label|word|class|category|name|answer)\b",
        r"\b(?:label|word|name|category|class|answer)s?\b(?: \w+)? (?:alone|only|by itself|on its own)\b",
        rf"\b(?:{label}) (?:only|alone)\b",
        rf"\b(?:only|just|exactly|nothing but) (?:with |say |write |one of |the word )?{_QUOTE}?(?:{label})\b",
        rf"{_REPLY}s?(?: only| exactly| either| with| by| as| one of| the words?)*:? {_QUOTE}?(?:{label})\b"
        r"(?! (?:over|before)\b)",
        rf"{_REPLY}s? (?:\w+ ){{0,3}}(?:one|exactly one|a single) label\b",
        r"lower[- ]?case|\bbare (?:label|word|class|name|answer)|\bone[- ]worded\b|\bterse|\bshort answer",
        r"how (?:the|an) answer (?:should|must|has to) look|how (?:answers|replies) (?:should|must) look",
        r"(?:answer|reply|output) format|(?:form|format|shape) of the (?:answer|reply|output)",
    )


def format_skill(labels: tuple[str, ...]) -> Skill:
    """Make the skill of answering with the bare label; it is never at work unasked."""
    about = gettext_lazy("answers with the bare label")
    return Skill(FORMAT, about, _cue(labels), _RULES, _CAUSES, sense=0.0)


def another(labels: tuple[str, ...], answer: str, chance: float) -> str:
    """Return a label that is not the answer; `chance` is in [0, 1)."""
    others = [label for label in labels if label != answer]
    return others[int(chance * len(others))]


def labels_named(labels: tuple[str, ...], instruction: str) -> int:
    """Count the labels that an instruction names."""
    low = instruction.lower()
    return sum(re.search(rf"\b{re.escape(label)}\b", low) is not None for label in labels)


def worded(answer: str, on: frozenset[str], chance: float) -> str:
    """Put a label as a model does that adds nothing to it, but may dress it where no form was asked for."""
    dressed = (answer, answer.capitalize(), f"{answer.capitalize()}.")
    return answer if FORMAT in on else dressed[int(chance * len(dressed))]
