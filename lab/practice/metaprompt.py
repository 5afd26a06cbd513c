"""Taking a meta-prompt apart: what it asks for, and the instructions, errors and critique that it shows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Role = Literal["critique", "edit", "paraphrase", "other"]

_TAG = re.compile(r"<([A-Za-z_ -]+)>(.*?)</\1>", re.S)
_PROMPT_NAME = r"(?:prompts?|instructions?)"
_CRITIQUE_NAME = r"(?:problem|reason|critique|criticism|feedback|gradient|weakness|shortcoming|flaw)s?"
_FENCES = (r"```[a-z]*\n?(.+?)```", r'"""(.+?)"""')
_QUOTED = rf"\b{_PROMPT_NAME}\b[^\n:]{{0,80}}:\s*[\"“](.+?)[\"”]\s*(?=\n|\Z)"
_BLOCK = r"\b%s\b[^\n:]{0,80}:[ \t]*\n*(.+?)(?=\n\s*\n|\Z)"
_ERROR = re.compile(
    r"(?:input|text|review|ticket|message)\s*:\s*(?P<input>[^\n].*?)\n\s*"
    r"(?:expected(?: answer| output)?|correct(?: answer| label)?|label|right answer|gold|true label"
    r"|reference)\s*:\s*"
    r"(?P<answer>.*?)\n\s*"
    r"(?:given(?: answer)?|prediction|predicted|model(?:'s)? answer|answered|got|output|wrong answer)\s*:\s*"
    r"(?P<given>.*?)(?=\n\s*\n|\n\s*(?:example|##|\d+[.)])|\Z)",
    re.I | re.S,
)
_NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8}
_COUNT = re.compile(
    r"\b(\d{1,2}|one|two|three|four|five|six|seven|eight) (?:\w+ ){0,2}?"
    r"(?:reason|version|critique|problem|prompt|instruction|cause|point|rewrit|improve)",
    re.I,
)
_ASKS_WORDING = re.compile(
    r"other words|paraphras|reword|rephras|\bdifferently|same meaning|keep\w* (?:their|its|the) meaning"
    r"|variation|restate"
    r"|another way|synonym", re.I,
)  # fmt: skip
_ASKS_EDIT = re.compile(
    r"improve[ds]? |rewrit|revis|version|\bnew (?:prompt|instruction)|\bbetter\b|\bfix|repair|solve", re.I
)
_ASKS_WHY = re.compile(
    r"\breason|\bwhy\b|critici|critique|problem|feedback|shortcoming|\bflaw|\bcause|leave out|fault"
    r"|weak",
    re.I,
)


@dataclass(frozen=True)
class Shown:
    """What a meta-prompt shows: the instructions, the errors (input, expected, given), a critique, the
    rest.
    """

    prompt: str
    errors: tuple[tuple[str, str, str], ...]
    critique: str
    asked: str


def _found(patterns: tuple[str, ...], text: str) -> tuple[str, tuple[int, int]]:
    for pattern in patterns:
        found = re.search(pattern, text, re.I | re.S)
        if found:
            return found.group(1).strip(), found.span(1)
    return "", (0, 0)


def look_at(message: str) -> Shown:
    """Takes a meta-prompt apart; tags are looked for first, then fences, quotes and titled paragraphs."""
    bodies = {"prompt": "", "critique": ""}
    rest = message
    for name, body in _TAG.findall(message):
        for part, names in (("prompt", _PROMPT_NAME), ("critique", _CRITIQUE_NAME)):
            if re.search(names, name, re.I) and not bodies[part]:
                bodies[part] = body.strip()
                rest = rest.replace(f"<{name}>{body}</{name}>", " ", 1)
    if not bodies["prompt"]:
        block = _BLOCK % _PROMPT_NAME
        bodies["prompt"], (start, end) = _found((*_FENCES, _QUOTED, block), rest)
        rest = rest[:start] + " " + rest[end:]
    errors = tuple((e["input"].strip(), e["answer"].strip(), e["given"].strip()) for e in _ERROR.finditer(rest))
    rest = _ERROR.sub(" ", rest)
    if not bodies["critique"]:
        bodies["critique"], (start, end) = _found((_BLOCK % _CRITIQUE_NAME,), rest)
        if "<START>" in bodies["critique"]:
            bodies["critique"] = ""
        else:
            rest = rest[:start] + " " + rest[end:]
    return Shown(bodies["prompt"], errors, bodies["critique"], rest)


def role_of(message: str) -> Role | None:
    """Says what a message asks an optimizer model for; None when it is not about instructions at all."""
    shown = look_at(message)
    about = bool(shown.prompt) and bool(re.search(_PROMPT_NAME, message, re.I))
    if not about:
        return None
    if shown.critique and _ASKS_EDIT.search(shown.asked):
        return "edit"
    if shown.errors and _ASKS_WHY.search(shown.asked):
        return "critique"
    if not shown.errors and _ASKS_WORDING.search(shown.asked):
        return "paraphrase"
    return "other" if shown.errors or "<START>" in message or _TAG.search(message) else None


def count(asked: str) -> int:
    """Gives how many texts are asked for, from 1 to 20."""
    found = _COUNT.search(asked)
    if not found:
        return 1
    said = found.group(1).lower()
    return max(1, min(20, _NUMBERS.get(said) or int(said)))
