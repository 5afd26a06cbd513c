"""The prompt with its lineage as Markdown: how well it does, how it came about, and who wrote what."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lab.export.taken import Taken
from lab.export.words import critique, facts, judged, origin, score
from lab.session.lineage import Made
from lab.session.reviewed import Edit

__all__ = ["markdown"]

_MARKS = re.compile(r"([\\`*_\[\]<>|~])")


def markdown(taken: Taken) -> str:
    """Write the prompt, the evidence, the lineage and what a person did; texts stand in fences, as they are."""
    parts = [
        f"# A prompt for {_inline(taken.task.name)}",
        fenced(taken.prompt),
        "## How well it does",
        _table(("prompt", "score"), (("this prompt", score(taken.score)), ("start prompt", score(taken.start)))),
        _list(facts(taken)),
        "## How it is judged",
        _list(judged(taken.task)),
        "## How it came about",
        *(part for n, one in enumerate(taken.lineage, 1) for part in _origin(n, one)),
        "## What a person did",
        *(part for one in taken.edits for part in _edit(one)),
    ]
    if not taken.edits:
        parts.append("Nothing: every step was accepted as it was proposed.")
    return "\n\n".join(parts) + "\n"


def fenced(text: str) -> str:
    """Put a text in a fence that it cannot close.

    Example:
        `fenced("```")` opens with four backticks.
    """
    longest = max(map(len, re.findall(r"`{3,}", text)), default=2)
    return f"{'`' * (longest + 1)}text\n{text}\n{'`' * (longest + 1)}"


def _origin(number: int, one: Made) -> Iterator[str]:
    yield f"{number}. {_inline(origin(one))}"
    if one.critique is not None:
        yield f"{_inline(critique(one))}:"
        yield fenced(one.critique.text)
        if one.critique.parent is not None:
            yield "which was, before it was edited:"
            yield fenced(one.critique.parent)
    yield fenced(one.prompt)


def _edit(one: Edit) -> Iterator[str]:
    why = f" Why: {_inline(one.why)}" if one.why else ""
    yield f"- Round {one.round}, {_inline(one.step)}: {one.did}.{why}"
    for name, text in (("before", one.before), ("after", one.after)):
        if text:
            yield f"{name}:"
            yield fenced(text)


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {_inline(line)}" for line in lines)


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = (heads, tuple("---" for _ in heads), *rows)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _inline(text: str) -> str:
    """Write a text in a line, with the marks of Markdown as they stand."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))
