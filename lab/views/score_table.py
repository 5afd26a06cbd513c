"""Scores that were just measured: to read, not to edit."""

from __future__ import annotations

from lab.asks import Score
from lab.views.markup import details, esc, table
from lab.views.numbers import count, counted, percent


def score_table(scores: tuple[Score, ...], key: str) -> str:
    """Draws one row a prompt with its share of right answers, and the answers below."""
    body = table(
        ("Prompt", "Right answers", "Measured on"),
        (
            (_prompt(i, score), esc(percent(score.mean)), counted(_known(score), "train example"))
            for i, score in enumerate(scores, 1)
        ),
    )
    note = "Scores are measured and cannot be edited: accept them, or reject them to measure on other examples."
    return f'<p class="lab-muted">{note}</p>{body}{_answers(scores, key)}'


def _prompt(number: int, score: Score) -> str:
    return f'<div class="lab-clip" tabindex="0"><b>{count(number)}</b> {esc(score.text)}</div>'


def _known(score: Score) -> int:
    return sum(hit is not None for hit in score.hits)


def _answers(scores: tuple[Score, ...], key: str) -> str:
    said = {None: "not measured", True: "right", False: "wrong"}
    cells = [
        (count(i), esc(id), esc(got), said[None if hit is None else hit >= 1])
        for i, score in enumerate(scores, 1)
        for id, got, hit in zip(score.about, score.got, score.hits, strict=False)
    ]
    drawn = table(("Prompt", "Example", "Given answer", "Judged"), cells)
    return details(f"{key}/answers", f"All {counted(len(cells), 'answer')}", drawn)
