"""Texts that a model put into a structure of its own: JSON, YAML, elements such as `<prompt>`, a table.

What a text is called says whether it is one that was asked for. A prompt may itself hold JSON, tags or a table:
they are taken apart only where nothing stands around them but an announcement.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from itertools import takewhile

from lab.core.loose_json import closed, loosely
from lab.optimizers.reading.cleaning import cleaned
from lab.optimizers.reading.tags import Text

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
_FENCE_MARK = re.compile(r"\A\s*(?:`{3,}|~{3,})[^\n`]{0,30}\n")
_OPENED = re.compile(r"^[ \t]{0,8}[{\[]", re.MULTILINE)
_YAML_FIELD = re.compile(
    r"(?P<name>[A-Za-z][\w -]{0,40}):[ \t]{0,4}(?:(?P<block>[|>][+-]?)|(?P<value>\S.*)?)[ \t]{0,4}"
)
_YAML_ITEM = re.compile(r"[ \t]{0,8}-[ \t]{1,4}(\S.*?)[ \t]*")
_ELEMENT = re.compile(r"[ \t]{0,8}<(?P<name>[A-Za-z][\w-]{0,40})(?:\s[^<>\n]{0,80})?>")
_PREFACE, _AFTERWORD = 300, 500  # characters around a structure
_RULE = re.compile(r"\|?(?:\s{0,20}:?-{2,}:?\s{0,20}\|?){1,20}")


def structured(said: str, names: frozenset[str]) -> tuple[Text, ...]:
    """Return the texts of a structure that are called by one of the names; nothing where there are none."""
    said = said[:_LONGEST]
    for find in (_in_json, _in_yaml, _in_elements, _in_table):
        texts = tuple(Text(text, opened=False) for one in find(said, names) if (text := one.strip()))
        if 0 < len(texts) <= MOST:
            return texts
    return _in_cut_json(said, names)


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
    elif (begun := _OPENED.search(said)) and _is_chatter(said[: begun.start()]):
        text, general = _first_value(said[begun.end() - 1 :]), ()
    if text[:1] not in ("{", "["):
        return []
    value = loosely(text)
    if value is None:
        rows = [loosely(line) for line in text.splitlines()[: MOST + 1] if line.strip()]
        value = None if None in rows else rows
    leaves = list(_leaves(value, ""))
    for wanted in (names, *general):
        if texts := [text for name, text in leaves if name in wanted]:
            return texts
    return []


def _is_chatter(before: str) -> bool:
    """Return whether what stands before a structure only announces it; what shows one to a model is a prompt."""
    return 0 < len(before.strip()) <= _PREFACE and cleaned(f"{before.rstrip()}\nx")[0] == "x"


def _first_value(text: str) -> str:
    """Return the JSON that a text begins with, where no part of a prompt stands behind it."""
    try:
        _, end = json.JSONDecoder(strict=False).raw_decode(text)
    except (ValueError, RecursionError):
        return text.strip()
    return text[:end] if _is_alone("", text[end:]) else ""


def _in_cut_json(said: str, names: frozenset[str]) -> tuple[Text, ...]:
    """Return the texts of JSON that ends before it is closed; the last may be cut off with it."""
    text = _FENCE_MARK.sub("", said, count=1).strip()
    if text[:1] not in ("{", "["):
        return ()
    whole, cut = (
        [text for name, text in _leaves(closed(text, keep=keep), "") if name in names] for keep in (False, True)
    )
    return tuple(
        Text(one.strip(), closed=i < len(whole), opened=False) for i, one in enumerate(cut) if one.strip()
    )[:MOST]


def _in_yaml(said: str, names: frozenset[str]) -> list[str]:
    """Return the blocks and lists of YAML, where all of a reply is YAML."""
    fenced = _FENCE.fullmatch(said.strip())
    lines = (fenced["inside"] if fenced else said).strip().splitlines()
    texts: list[str] = []
    for i, line in enumerate(lines):
        field = _YAML_FIELD.fullmatch(line)
        if not field:
            if line.strip() and not line.startswith(("  ", "- ", "\t")):
                return []
            continue
        inside = list(takewhile(lambda one: not _YAML_FIELD.fullmatch(one), lines[i + 1 :]))
        items = [item[1] for one in inside if (item := _YAML_ITEM.fullmatch(one))]
        if _name(field["name"]) not in names or not inside:
            continue
        if field["block"]:
            texts.append(textwrap.dedent("\n".join(inside)))
        elif (
            not field["value"]
            and len(items) == len([one for one in inside if one.strip()])
            and (fenced or _is_quoted(items))
        ):
            texts += [item.strip("\"'") for item in items]
    return texts


def _is_quoted(items: list[str]) -> bool:
    """Return whether each item is quoted: a prompt may be a heading with a list of what to do."""
    return all(item[:1] == item[-1:] and item[:1] in ("'", '"') for item in items)


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
    """Return what stands in elements that begin a line or follow one another; one within is a part of another."""
    texts, at, before, place = list[str](), 0, "", 0
    for line in said.splitlines(keepends=True):
        start, place = place, place + len(line)
        opened = _ELEMENT.match(said, start, place) if start >= at and "<" in line else None
        while opened is not None and _name(opened["name"]) in names:
            closing = f"</{opened['name']}>"
            end = said.find(closing, opened.end())
            if end < 0 or len(texts) > MOST:
                return texts if texts and _is_alone(before, said[at:]) else []
            inside = said[opened.end() : end]
            texts += _children(inside, names) or [inside]
            before = before if at else said[:start]
            at = end + len(closing)
            opened = _ELEMENT.match(said, at)
    return texts if _is_alone(before, said[at:]) else []


def _children(inside: str, names: frozenset[str]) -> list[str]:
    """Return the texts of an element that holds nothing but elements of such names."""
    texts, rest = list[str](), inside.strip()
    while rest:
        opened = _ELEMENT.match(rest)
        end = rest.find(f"</{opened['name']}>") if opened and _name(opened["name"]) in names else -1
        if opened is None or end < 0 or len(texts) > MOST:
            return []
        texts.append(rest[opened.end() : end])
        rest = rest[end + len(f"</{opened['name']}>") :].strip()
    return texts


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
