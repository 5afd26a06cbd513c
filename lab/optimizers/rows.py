"""Rows of train: the subset that everything is scored on, drawn once, and how a prompt answered them."""

from __future__ import annotations

from collections.abc import Iterator

from lab.core.asks import Context, ErrorSample, Example, Score


def subset(context: Context, sample: int = 0) -> tuple[str, ...]:
    """Draw the ids of `context.settings.rows` train examples, or all there are, in the order of train."""
    train = context.task.train
    drawn = context.rng("rows", sample=sample).sample(range(len(train)), min(context.settings.rows, len(train)))
    return tuple(train[row].id for row in sorted(drawn))


def present(context: Context, ids: tuple[str, ...]) -> tuple[Example, ...]:
    """Return the examples of these ids that train has; one that was taken out since is left out."""
    train = {example.id: example for example in context.task.train}
    return tuple(train[id] for id in ids if id in train)


def answered(context: Context, score: Score, prompt: int) -> Iterator[tuple[ErrorSample, float]]:
    """Return each answer to a prompt, by its place in the beam, as an error sample, right or wrong, with its hit.

    What was not measured is left out, and so is an example that train has no more.
    """
    examples = {one.id: one for one in present(context, score.about)}
    flaws = score.flaws or (None,) * len(score.about)
    for id, hit, got, flaw in zip(score.about, score.hits, score.got, flaws, strict=True):
        if id in examples and hit is not None:
            one = examples[id]
            yield ErrorSample(one.input, (score.text,), None, id, one.answer, got, prompt, answer_flaw=flaw), hit
