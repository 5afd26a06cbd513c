"""The prompt with its lineage as Markdown: how well it does, how it came about, and who wrote what."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lab.export.taken import Taken
from lab.export.words import NO_EDITS, critique, facts, judged, origin, score
from lab.i18n import gettext
from lab.session.lineage import Made
from lab.session.reviewed import Edit
from lab.views.human import did
from lab.views.prose import in_a_row

__all__ = ["markdown"]

_MARKS = re.compile(r"([\\`*_\[\]<>|~])")


def markdown(taken: Taken) -> str:
    """Write the prompt, the evidence, the lineage and what a person did; texts stand in fences, as they are."""
    scores = ((gettext("this prompt"), score(taken.score)), (gettext("start prompt"), score(taken.start)))
    parts = [
        f"# {gettext('A prompt for {task}', task=_inline(taken.task.name))}",
        fenced(taken.prompt),
        f"## {gettext('How well it does')}",
        _table((gettext("prompt"), gettext("score")), scores),
        _list(facts(taken)),
        f"## {gettext('How it is judged')}",
        _list(judged(taken.task)),
        f"## {gettext('How it came about')}",
        *(part for n, one in enumerate(taken.lineage, 1) for part in _origin(n, one)),
        f"## {gettext('What a person did')}",
        *(part for one in taken.edits for part in _edit(one)),
    ]
    if not taken.edits:
        parts.append(str(NO_EDITS))
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
        yield gettext("{critique}:", critique=_inline(critique(one)))
        yield fenced(one.critique.text)
        if one.critique.parent is not None:
            yield gettext("which was, before it was edited:")
            yield fenced(one.critique.parent)
    yield fenced(one.prompt)


def _edit(one: Edit) -> Iterator[str]:
    why = gettext("Why: {why}", why=_inline(one.why)) if one.why else ""
    done = gettext("Round {round}, {step}: {did}.", round=one.round, step=_inline(str(one.step)), did=did(one))
    yield f"- {in_a_row(done, why)}"
    for name, text in ((gettext("before:"), one.before), (gettext("after:"), one.after)):
        if text:
            yield name
            yield fenced(text)


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {_inline(line)}" for line in lines)


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = (heads, tuple("---" for _ in heads), *rows)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _inline(text: str) -> str:
    """Write a text in a line, with the marks of Markdown as they stand."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))
