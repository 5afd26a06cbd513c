"""Taking a meta-prompt apart: what it asks for and what it shows, in the many forms that people edit it to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from lab.practice.kind import LONGEST_INSTRUCTION, LONGEST_TEXT
from lab.practice.remembered import remembered

__all__ = ["Role", "Shown", "count", "labels_shown", "look_at", "role_of"]

Role = Literal["critique", "inspect", "edit", "paraphrase", "induce", "propose", "summarise", "other"]

BLANK = "[BLANK]"
_MOST_ROWS = 100
_LONGEST_LABEL = 60
_TAG = re.compile(r"<([A-Za-z_ -]{1,40})>")
_PROMPT_NAME = r"(?:prompts?|instructions?)"
_CRITIQUE_NAME = (
    r"(?:problem|reason|reasoning|critique|criticism|feedback|gradient|weakness|shortcoming|flaw|analysis)s?"
)
# The time that a pattern takes must grow with the length of a message and no faster: what may be long is taken line
# by line and never given back, a title begins near the start of its line, and lines end with no space.
_LINES = r".*+(?:\n.*+){0,80}?"
_FENCES = (r"(?s:```[a-z]*+\n?(.+?)```)", r'(?s:"""(.+?)""")')
_QUOTED = rf"\b{_PROMPT_NAME}\b[^\n:]{{0,80}}:\s*+[\"“]((?:[^\"“”]++|[\"“”](?!\n|\Z)){{1,400}}+)[\"”]"
_BLOCK = r"\b%s\b[^\n:]{0,80}:[ \t]*+\n*+((?s:.+?))(?=\n\n|\Z)"
_IN = r"(?:input|question|text|review|ticket|message|note|problem|word|sentence|q)"
_RIGHT = (
    r"(?:expected(?: answer| output)?|correct(?: answer| label)?|label|right answer|gold|true label|reference"
    r"|target)"
)
_GIVEN = r"(?:given(?: answer)?|prediction|predicted|model(?:'s)? answer|answered|got|output|wrong answer)"
_TITLED = rf"^(?P<head>.{{0,40}}?)\b{_IN}\s*+:"
_ENDS = r"(?=\n\n|\n[ \t]*+(?:example|##|\d++[.)])|\Z)"
_ERRORS = tuple(
    re.compile(
        rf"{_TITLED}\s*+(?P<input>.{_LINES})\n\s*+{first}\s*+:(?P<{one}>{_LINES})\n\s*+{then}\s*+:(?P<{two}>{_LINES}){_ENDS}",
        re.I | re.M,
    )
    for first, one, then, two in ((_RIGHT, "answer", _GIVEN, "given"), (_GIVEN, "given", _RIGHT, "answer"))
)
_DEMONSTRATION = re.compile(
    rf"{_TITLED}[ \t]*+(?P<input>.{_LINES})\n\s*+(?:output|answer|label|result|a)\s*+:(?P<answer>{_LINES})"
    rf"(?=\n\n|\n\s*+{_IN}\s*+:|\Z)",
    re.I | re.M,
)
_SCORE = r"(?:score|precision|accuracy|rating)"
_UNTAGGED = r"(?:[^<]|<(?!/?TEXT>))*+"
_SCORED = re.compile(
    rf"(?:<TEXT>(?P<tagged>{_UNTAGGED})</TEXT>|^.{{0,40}}?\b(?:text|instruction|prompt)\s*+:\s*+(?P<titled>.{_LINES}))"
    rf"\n\s*+{_SCORE}\s*+:?\s*+(?P<score>\d{{1,9}}(?:\.\d{{1,9}})?)|"
    rf"{_SCORE}\s*+:?\s*+(?P<before>\d{{1,9}}(?:\.\d{{1,9}})?)\s*+%?\s*+<TEXT>(?P<after>{_UNTAGGED})</TEXT>",
    re.I | re.M,
)
_NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8}
_COUNT = re.compile(
    r"\b(\d{1,2}|one|two|three|four|five|six|seven|eight) (?:\w+ ){0,2}?"
    r"(?:reason|version|critique|problem|prompt|instruction|cause|point|rewrit|improve)",
    re.I,
)
_MOST_WORDS = re.compile(
    r"(?:at most|no more than|no longer than|up to|fewer than|less than|under|within|maximum of) (\d{1,4}) words"
    r"|(\d{1,4}) words (?:or (?:less|fewer)|at most)",
    re.I,
)
# How the lab says which answers count, where a task has labels.
_JUDGED = re.compile(r"\bexactly one of (.{1,2000}?),? and (?:the right one|\d+ more)\b")
_ASKS_WORDING = re.compile(
    r"other words|paraphras|reword|rephras|\bdifferently|same meaning|keep\w* (?:their|its|the) meaning"
    r"|variation|restate|another way|synonym", re.I,
)  # fmt: skip
_ASKS_EDIT = re.compile(
    r"improve[ds]? |rewrit|revis|version|\bnew (?:prompt|instruction)|\bbetter\b|\bfix|repair|solve", re.I
)
_ASKS_WHY = re.compile(
    r"\breason|\bwhy\b|critici|critique|problem|feedback|shortcoming|\bflaw|\bcause|leave out|fault|weak", re.I
)
_ASKS_EACH = re.compile(
    r"\b(?:each|every) (?:of the |of these )?(?:examples?|cases?)|example by example|one by one", re.I
)
_ASKS_INSTRUCTION = re.compile(
    r"(?:what|which|guess|find|write|infer|work out|state|name|give|recover|reconstruct|reply|complete|fill)\b"
    rf".{{0,120}}\b{_PROMPT_NAME}\b|\b{_PROMPT_NAME}\b.{{0,80}}\b(?:was|is|were|could be|belongs)\b",
    re.I | re.S,
)
_ASKS_HIGHER = re.compile(r"higher|better|improve|\bnew\b|different|exceed|\bbeat|best", re.I)
_ASKS_SUMMARY = re.compile(r"\bsummar|in one sentence|sum up|in short", re.I)


@dataclass(frozen=True)
class Shown:
    """What a meta-prompt shows, and in `asked` the rest.

    `errors` are (input, expected, given), `demonstrations` (input, output), `scored` (instruction, score).
    `most_words` is 0 where no limit is named.
    """

    prompt: str
    errors: tuple[tuple[str, str, str], ...]
    critique: str
    demonstrations: tuple[tuple[str, str], ...]
    scored: tuple[tuple[str, float], ...]
    has_blank: bool
    most_words: int
    asked: str


def _found(patterns: tuple[str, ...], text: str) -> tuple[str, tuple[int, int]]:
    for pattern in patterns:
        found = re.search(pattern, text, re.I)
        if found:
            return found.group(1).strip(), found.span(1)
    return "", (0, 0)


def _in_tags(text: str) -> Iterator[tuple[str, str]]:
    """Find what stands in tags, whatever their names: each name with what is between the tags."""
    end, unclosed = 0, set[str]()
    for tag in _TAG.finditer(text):
        name = tag[1]
        if tag.start() < end or name in unclosed:
            continue
        close = text.find(f"</{name}>", tag.end())
        if close < 0:
            unclosed.add(name)
        else:
            end = close + len(name) + 3
            yield name, text[tag.end() : close]


def _tagged(message: str) -> tuple[str, str, str]:
    """Take the prompt and the critique out of their tags; gives both and the rest."""
    bodies = {"prompt": "", "critique": ""}
    rest = message
    for name, body in _in_tags(message):
        for part, names in (("prompt", _PROMPT_NAME), ("critique", _CRITIQUE_NAME)):
            if re.fullmatch(rf"(?:[a-z]+[ _-])*{names}", name, re.I) and not bodies[part]:
                bodies[part] = body.strip()
                rest = rest.replace(f"<{name}>{body}</{name}>", " ", 1)
    return bodies["prompt"], bodies["critique"], rest


def _read(text: str) -> str:
    text = text.strip()
    if text.startswith("<<<\n") and text.endswith("\n>>>"):
        text = text[4:-4]
    return text[:LONGEST_TEXT]


def _scored(text: str) -> tuple[tuple[tuple[str, float], ...], str]:
    rows = tuple(
        (_read(m["tagged"] or m["titled"] or m["after"] or ""), float(m["score"] or m["before"]))
        for m in islice(_SCORED.finditer(text), _MOST_ROWS)
    )
    return rows, _SCORED.sub(" ", text)


def _errors(text: str) -> tuple[tuple[tuple[str, str, str], ...], str]:
    for form in _ERRORS:
        rows = islice(form.finditer(text), _MOST_ROWS)
        found = tuple((_read(m["input"]), _read(m["answer"]), _read(m["given"])) for m in rows)
        if found:
            return found, form.sub(r"\g<head> ", text)
    return (), text


def _demonstrations(text: str) -> tuple[tuple[tuple[str, str], ...], str]:
    found = tuple(
        (_read(re.sub(r"<\w+>", "", m["input"])), _read(re.sub(r"</?\w+>", "", m["answer"])))
        for m in islice(_DEMONSTRATION.finditer(text), _MOST_ROWS)
    )
    return found, _DEMONSTRATION.sub(r"\g<head> ", text)


@remembered(128)
def look_at(message: str) -> Shown:
    """Take a meta-prompt apart; tags are looked for first, then fences, quotes and titled paragraphs.

    Of a prompt or a critique 8,000 characters are read, of rows of each sort 100, and of a row's texts 4,000.
    """
    message = "\n".join(line.rstrip() for line in message.split("\n"))
    prompt, critique, rest = _tagged(message)
    scored, rest = _scored(rest)
    errors, without = _errors(rest)
    if not prompt and not scored:
        block = _BLOCK % _PROMPT_NAME
        patterns = (*_FENCES, _QUOTED, block) if errors or _ASKS_WORDING.search(rest) else (*_FENCES, _QUOTED)
        prompt, (start, end) = _found(patterns, without)
        without = without[:start] + " " + without[end:]
    demonstrations, rest = _demonstrations(without)
    if not critique and prompt:
        critique, (start, end) = _found((_BLOCK % _CRITIQUE_NAME,), rest)
        if "<START>" in critique:
            critique = ""
        else:
            rest = rest[:start] + " " + rest[end:]
    limit = _MOST_WORDS.search(rest)
    return Shown(
        prompt[:LONGEST_INSTRUCTION], errors, critique[:LONGEST_INSTRUCTION], demonstrations, scored,
        BLANK in message, int(next(filter(None, limit.groups()))) if limit else 0, rest,
    )  # fmt: skip


def _about_a_prompt(shown: Shown, message: str) -> Role | None:
    """Describe what is asked about the prompt that is shown."""
    if shown.critique and _ASKS_SUMMARY.search(shown.asked):
        return "summarise"
    if shown.critique and _ASKS_EDIT.search(shown.asked):
        return "edit"
    if shown.errors and _ASKS_EACH.search(shown.asked):
        return "inspect"
    if shown.errors and _ASKS_WHY.search(shown.asked):
        return "critique"
    if not shown.errors and _ASKS_WORDING.search(shown.asked):
        return "paraphrase"
    return "other" if shown.errors or "<START>" in message or any(_in_tags(message)) else None


@remembered(128)
def role_of(message: str) -> Role | None:
    """Describe what a message asks an optimizer model for; None when it is not about instructions at all."""
    if not re.search(_PROMPT_NAME, message, re.I) and "<INS>" not in message:
        return None
    shown = look_at(message)
    if shown.scored and not (shown.prompt and shown.critique) and _ASKS_HIGHER.search(shown.asked):
        return "propose"
    if shown.prompt:
        return _about_a_prompt(shown, message)
    if shown.demonstrations and (shown.has_blank or _ASKS_INSTRUCTION.search(shown.asked)):
        return "induce"
    return None


def labels_shown(shown: Shown) -> tuple[str, ...]:
    """Return the labels of a task: as a meta-prompt lists them, else right answers shown twice or more."""
    if said := _JUDGED.search(shown.asked):
        return tuple(dict.fromkeys(label.strip() for label in said[1].split(", ") if label.strip()))
    right = [row[1].strip() for row in (*shown.errors, *shown.demonstrations)]
    labels = tuple(sorted(dict.fromkeys(right)))
    often = len(labels) > 1 and len(right) >= 2 * len(labels)
    wordy = all(len(label) <= _LONGEST_LABEL and not re.fullmatch(r"[-\d.,\s]*", label) for label in labels)
    return labels if often and wordy else ()


def count(asked: str) -> int:
    """Return how many texts are asked for, from 1 to 20."""
    found = _COUNT.search(asked)
    if not found:
        return 1
    said = found.group(1).lower()
    return max(1, min(20, _NUMBERS.get(said) or int(said)))
