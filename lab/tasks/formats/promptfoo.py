"""Reads what promptfoo keeps: tests with variables and assertions, in YAML, JSON or the columns of a CSV."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lab.errors import DataError
from lab.i18n import gettext_lazy
from lab.tasks.notes import Note
from lab.tasks.table import Table

__all__ = ["Tests", "looks_like", "parsed", "tests_of", "with_expected"]

MAX_YAML_BYTES = 5_000_000
EXPECTED = "expected"
_IS_YAML = re.compile(
    r"\A(?:\s|#[^\n]*\n|---\n)*+"
    r"(?:-\s+(?:vars|assert|description)\s*:|(?:description|prompts|providers|tests|defaultTest|targets)\s*:)"
)
# Assertions that hold the answer itself, the plainest first; "contains" and its kind only ask that it be there.
_SAME = ("equals",)
_INSIDE = ("contains", "icontains", "contains-any", "icontains-any", "contains-all", "icontains-all")
_LIKE = ("factuality", "model-graded-factuality", "similar", "rouge-n", "bleu", "levenshtein", "is-json")
_SLOT = re.compile(r"\s*\{\{\s*(\w+)\s*\}\}\s*")
_CELL = re.compile(r"\s*([a-z-]+)(?:\([^)]*\))?\s*:(.*)", re.DOTALL)


@dataclass(frozen=True)
class Tests:
    """Tests as rows: the columns of the variables, what is expected, the prompt they are of, and what to say."""

    rows: list[Mapping[str, Any]]
    inputs: tuple[str, ...]
    start: str = ""
    metric: str = ""
    notes: tuple[Note, ...] = ()


def looks_like(text: str) -> bool:
    """Return whether a text begins as a promptfoo configuration in YAML does."""
    return _IS_YAML.match(text) is not None


def parsed(text: str, what: str) -> Any:
    """Parse YAML into texts, lists and mappings; `yes` and `1.0` stay the texts they are.

    Raises:
        DataError: when it is malformed, with its line, or too large, or uses aliases.
    """
    import yaml

    if len(text) > MAX_YAML_BYTES:
        raise DataError(
            gettext_lazy("The {what} is YAML of more than 5 MB. Save the tests as JSON or CSV.", what=what)
        )
    try:
        # An alias may stand for what holds aliases again, and so for more than fits anywhere.
        for event in yaml.parse(text, Loader=yaml.CBaseLoader):
            if isinstance(event, yaml.AliasEvent):
                raise DataError(
                    gettext_lazy(
                        "The {what} uses the YAML alias {alias} in line {line}. Write out what it stands for.",
                        what=what, alias=f"*{event.anchor}", line=_line(event.start_mark),
                    )
                )  # fmt: skip
        return yaml.load(text, Loader=yaml.CBaseLoader)  # noqa: S506  # texts, lists and mappings alone
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise DataError(
            gettext_lazy(
                "The {what} is not well-formed YAML in line {line}. Correct it there and load it again.",
                what=what, line=_line(mark),
            )
            if mark
            else gettext_lazy("The {what} is not well-formed YAML. Correct it there and load it again.", what=what)
        ) from error  # fmt: skip


def _line(mark: Any) -> int:
    return int(mark.line) + 1


def tests_of(value: Any, what: str) -> Tests | None:
    """Read the tests of a configuration, or a list of tests; None where a value is neither.

    Raises:
        DataError: when the tests are kept in other files.
    """
    config = value if isinstance(value, dict) else {"tests": value}
    tests = config.get("tests")
    others = [tests] if isinstance(tests, str) else tests
    if isinstance(others, list) and any(isinstance(one, str) and one.startswith("file://") for one in others):
        raise DataError(
            gettext_lazy(
                "The {what} keeps its tests in other files. Load the file with the tests itself.", what=what
            )
        )
    if not isinstance(tests, list) or not tests or not all(map(_is_test, tests)):
        return None
    usual = config.get("defaultTest")
    usual = usual if isinstance(usual, dict) else {}
    rows, kinds, spare = list[Mapping[str, Any]](), set[str](), set[str]()
    for test in tests:
        variables = {**_variables(usual), **_variables(test)}
        kind, expected, source = _expected([*_assertions(test), *_assertions(usual)], variables, spare)
        kinds.add(kind)
        rows.append({**{key: one for key, one in variables.items() if key != source}, EXPECTED: expected})
    start = _prompt(config.get("prompts"))
    inputs = tuple(key for key in dict.fromkeys(key for row in rows for key in row) if key != EXPECTED)
    named = tuple(key for key in inputs if re.search(rf"\{{\{{\s*{re.escape(key)}\s*\}}\}}", start))
    notes = [Note("start_from_file")] if start else []
    notes += [Note("assertions_unused", texts=tuple(sorted(spare)))] if spare else []
    metric = "contains" if kinds <= {*_INSIDE} else ""
    return Tests(rows, named or inputs, start, metric, tuple(notes))


def with_expected(table: Table) -> Table:
    """Read the `__expected` columns of a CSV of tests; any other table stays as it is."""
    ours = tuple(name for name in table.columns if name.startswith("__"))
    expected = tuple(name for name in ours if re.fullmatch(r"__expected\d*", name))
    if not expected:
        return table
    inputs = tuple(name for name in table.columns if name not in ours)
    kinds, spare = set[str](), set[str]()
    cells = []
    for row in zip(*map(table.column, expected), strict=True):
        kind, text, _ = _expected([_of_cell(cell) for cell in row if cell.strip()], {}, spare)
        kinds.add(kind)
        cells.append(", ".join(text) if isinstance(text, list) else text)
    columns = (*map(table.column, inputs), cells)
    notes = (Note("assertions_unused", texts=tuple(sorted(spare))),) if spare else ()
    return replace(
        table, columns=(*inputs, EXPECTED), rows=tuple(zip(*columns, strict=True)), inputs=inputs, answer=EXPECTED,
        metric="contains" if kinds <= {*_INSIDE} else "", notes=(*table.notes, *notes),
    )  # fmt: skip


def _is_test(test: Any) -> bool:
    return isinstance(test, dict) and isinstance(test.get("vars"), dict)


def _variables(test: Mapping[str, Any]) -> Mapping[str, Any]:
    held = test.get("vars")
    return held if isinstance(held, dict) else {}


def _assertions(test: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    held = test.get("assert")
    return [one for one in held if isinstance(one, dict)] if isinstance(held, list) else []


def _expected(
    assertions: Sequence[Mapping[str, Any]], variables: Mapping[str, Any], spare: set[str]
) -> tuple[str, Any, str]:
    """Return the kind of the plainest assertion, what it expects, and the variable that this is read from.

    The kinds that say nothing an answer could be compared with are added to `spare`.
    """
    known = {str(one.get("type")): one for one in reversed(assertions)}
    spare.update(kind for kind in known if kind not in (*_SAME, *_INSIDE, *_LIKE))
    for kind in (*_SAME, *_INSIDE, *_LIKE):
        value = known.get(kind, {}).get("value")
        if value is None or isinstance(value, dict):
            continue
        slot = _SLOT.fullmatch(value) if isinstance(value, str) else None
        if slot and slot[1] in variables:
            return kind, variables[slot[1]], slot[1]
        return kind, value, ""
    return "", "", ""


def _of_cell(cell: str) -> Mapping[str, Any]:
    found = _CELL.fullmatch(cell)
    if found is None or found[1] not in (*_SAME, *_INSIDE, *_LIKE, "llm-rubric", "javascript", "python", "regex"):
        return {"type": "equals", "value": cell}
    text = found[2].strip()
    any_of = found[1] in ("contains-any", "icontains-any", "contains-all", "icontains-all")
    return {"type": found[1], "value": [part.strip() for part in text.split(",")] if any_of else text}


def _prompt(prompts: Any) -> str:
    """Return the first prompt that stands in the file itself."""
    some: Iterable[Any] = prompts if isinstance(prompts, list) else [prompts]
    texts = (one.get("raw", "") if isinstance(one, dict) else one for one in some)
    return next((text for text in texts if isinstance(text, str) and text and not text.startswith("file://")), "")
