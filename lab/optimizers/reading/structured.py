"""Texts that a model put into a structure of its own: JSON, elements such as `<prompt>`, a table.

What a text is called says whether it is one that was asked for. A prompt may itself hold JSON, tags or a table:
they are taken apart only where nothing stands around them but an announcement.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

__all__ = ["CRITIQUE_NAMES", "PROMPT_NAMES", "structured"]

PROMPT_NAMES = frozenset({
    "prompt", "instruction", "version", "variation", "variant", "rewrite", "paraphrase", "rephrasing", "rewording",
    "candidate", "alternative", "template", "wording", "proposal",
})  # fmt: skip
CRITIQUE_NAMES = frozenset({
    "critique", "reason", "problem", "issue", "feedback", "cause", "gradient", "weakness", "flaw", "criticism",
    "explanation",
})  # fmt: skip
_GENERAL = frozenset({"text", "answer", "output", "result", "response", "content", "description"})  # of JSON alone
_ADJECTIVES = frozenset({
    "new", "improved", "revised", "updated", "final", "better", "optimized", "optimised", "rewritten", "refined",
    "modified", "suggested", "proposed", "task", "system", "the", "possible",
})  # fmt: skip
MOST = 100  # texts
_LONGEST = 200_000  # characters of a reply
_DEPTH = 4
_FENCE = re.compile(
    r"^[ \t]{0,3}(?:`{3,}|~{3,})[^\n`]{0,30}\n(?P<inside>.*?)^[ \t]{0,3}(?:`{3,}|~{3,})", re.M | re.S
)
_ELEMENT = re.compile(r"^[ \t]{0,8}<(?P<name>[A-Za-z][\w-]{0,40})>")
_PREFACE, _AFTERWORD = 300, 500  # characters around a structure
_RULE = re.compile(r"\|?(?:\s{0,20}:?-{2,}:?\s{0,20}\|?){1,20}")


def structured(said: str, names: frozenset[str]) -> tuple[str, ...]:
    """Return the texts of a structure that are called by one of the names; nothing where there are none."""
    said = said[:_LONGEST]
    for found in (_in_json(said, names), _in_elements(said, names), _in_table(said, names)):
        texts = tuple(text.strip() for text in found if text.strip())
        if 0 < len(texts) <= MOST:
            return texts
    return ()


def _name(written: str) -> str:
    """Return what something is called: `new_prompts` and “Improved prompt 2” are “prompt”, a number is nothing."""
    words = re.findall(r"[^\W\d_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", written))
    kept = [word.casefold() for word in words if word.casefold() not in _ADJECTIVES]
    return " ".join(kept).removesuffix("s")


def _is_alone(before: str, after: str) -> bool:
    """Return whether only an announcement stands before a structure, and behind it no part of a prompt."""
    return (
        len(before) <= _PREFACE
        and (not before.strip() or before.rstrip("\n *_").endswith((":", "：", ".", "!", "！", "。")))
        and len(after) <= _AFTERWORD
        and not any(sign in before + after for sign in "{<|")
    )


def _in_json(said: str, names: frozenset[str]) -> list[str]:
    text, fenced = said.strip(), _FENCE.search(said)
    general: tuple[frozenset[str], ...] = (_GENERAL, frozenset({""}))
    if fenced and _is_alone(said[: fenced.start()], said[fenced.end() :]):
        text = fenced["inside"].strip()
        general = () if said[: fenced.start()].strip() else general  # it may be an example in a prompt
    if text[:1] not in ("{", "["):
        return []
    try:
        value = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return []
    leaves = list(_leaves(value, ""))
    for wanted in (names, *general):
        if texts := [text for name, text in leaves if name in wanted]:
            return texts
    return []


def _leaves(value: object, name: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Yield the texts of JSON, each with the name that it stands under; one under a number has that of its list."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, list) and depth < _DEPTH:
        for one in value:
            yield from _leaves(one, name, depth + 1)
    elif isinstance(value, Mapping) and depth < _DEPTH:
        for key, one in value.items():
            yield from _leaves(one, _name(str(key)) or name, depth + 1)


def _in_elements(said: str, names: frozenset[str]) -> list[str]:
    """Return what stands in elements that begin a line; one that is opened in another one is a part of it."""
    texts, at, before = list[str](), 0, ""
    lines = said.splitlines(keepends=True)
    starts, place = list[int](), 0
    for line in lines:
        starts.append(place)
        place += len(line)
    for line, start in zip(lines, starts, strict=True):
        opened = _ELEMENT.match(line) if start >= at and "<" in line else None
        if opened is None or _name(opened["name"]) not in names:
            continue
        end = said.find(f"</{opened['name']}>", start)
        if end < 0:
            break
        texts.append(said[start + opened.end() : end])
        before = before if at else said[:start]
        at = end + len(f"</{opened['name']}>")
    return texts if _is_alone(before, said[at:]) else []


def _in_table(said: str, names: frozenset[str]) -> list[str]:
    before, bar, table = said.partition("|")
    rows = [line.strip() for line in f"{bar}{table}".splitlines()]
    n = next((i for i, row in enumerate(rows) if not row.startswith("|")), len(rows))
    if n < 3 or not _RULE.fullmatch(rows[1]) or not _is_alone(before, "\n".join(rows[n:])):
        return []
    heads = [_name(cell) for cell in _cells(rows[0])]
    column = next((i for i, head in enumerate(heads) if head in names), None)
    if column is None:
        return []
    return [cells[column] for row in rows[2:n] if len(cells := _cells(row)) == len(heads)]


def _cells(row: str) -> list[str]:
    return [cell.strip().replace("<br>", "\n") for cell in row.strip("|").split("|")]
