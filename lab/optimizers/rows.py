"""The train examples that everything is scored on: one subset, drawn once, so that scores can be compared."""

from __future__ import annotations

from lab.asks import Example, Run


def subset(run: Run, sample: int = 0) -> tuple[str, ...]:
    """Draws the ids of `run.settings.rows` train examples, or all there are, in the order of train."""
    train = run.task.train
    drawn = run.rng("rows", sample=sample).sample(range(len(train)), min(run.settings.rows, len(train)))
    return tuple(train[row].id for row in sorted(drawn))


def present(run: Run, ids: tuple[str, ...]) -> tuple[Example, ...]:
    """Gives the examples of these ids that train has; one that was taken out since is left out."""
    train = {example.id: example for example in run.task.train}
    return tuple(train[id] for id in ids if id in train)
