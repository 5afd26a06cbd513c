"""Scores that were just measured: to read, not to edit."""

from __future__ import annotations

from typing import cast

from lab.asks import Score
from lab.state import State
from lab.views.actions import redrawn
from lab.views.markup import details, esc, table
from lab.views.numbers import count, counted, known_percent

_REDRAWN = ", or reject them to measure on other examples"


def score_table(state: State) -> str:
    """Draws one row a prompt with its score, and the answers below."""
    assert state.proposal is not None
    scores = cast("tuple[Score, ...]", state.proposal.items)
    body = table(
        ("Prompt", "Score", "Measured on"),
        (
            (_prompt(i, score), esc(known_percent(score.mean)), counted(_known(score), "train example"))
            for i, score in enumerate(scores, 1)
        ),
    )
    note = f"Scores are measured and cannot be edited: accept them{_REDRAWN if redrawn(state) else ''}."
    return f'<p class="lab-muted">{note}</p>{body}{_answers(scores, f"{state.branch.pending}")}'


def _prompt(number: int, score: Score) -> str:
    return f'<div class="lab-clip" tabindex="0"><b>{count(number)}</b> {esc(score.text)}</div>'


def _known(score: Score) -> int:
    return sum(hit is not None for hit in score.hits)


def _answers(scores: tuple[Score, ...], key: str) -> str:
    cells = [
        (count(i), esc(id), esc(got), _judged(hit))
        for i, score in enumerate(scores, 1)
        for id, got, hit in zip(score.about, score.got, score.hits, strict=False)
    ]
    drawn = table(("Prompt", "Example", "Given answer", "Judged"), cells)
    return details(f"{key}/answers", f"All {counted(len(cells), 'answer')}", drawn)


def _judged(hit: float | None) -> str:
    if hit is None or 0 < hit < 1:
        return "not measured" if hit is None else "partly right"
    return "right" if hit else "wrong"
