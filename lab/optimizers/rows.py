"""Rows of train: the subset that everything is scored on, drawn once, and how a prompt answered them."""

from __future__ import annotations

from collections.abc import Iterator

from lab.core.asks import ErrorSample, Example, Run, Score


def subset(run: Run, sample: int = 0) -> tuple[str, ...]:
    """Draws the ids of `run.settings.rows` train examples, or all there are, in the order of train."""
    train = run.task.train
    drawn = run.rng("rows", sample=sample).sample(range(len(train)), min(run.settings.rows, len(train)))
    return tuple(train[row].id for row in sorted(drawn))


def present(run: Run, ids: tuple[str, ...]) -> tuple[Example, ...]:
    """Gives the examples of these ids that train has; one that was taken out since is left out."""
    train = {example.id: example for example in run.task.train}
    return tuple(train[id] for id in ids if id in train)


def answered(run: Run, score: Score, prompt: int) -> Iterator[tuple[ErrorSample, float]]:
    """Gives each answer to a prompt, by its place in the beam, as an error sample, right or wrong, with its hit.

    What was not measured is left out, and so is an example that train has no more.
    """
    examples = {one.id: one for one in present(run, score.about)}
    flaws = score.flaws or ("",) * len(score.about)
    for id, hit, got, flaw in zip(score.about, score.hits, score.got, flaws, strict=True):
        if id in examples and hit is not None:
            one = examples[id]
            yield ErrorSample(one.input, (score.text,), None, id, one.answer, got, prompt, answer_flaw=flaw), hit
