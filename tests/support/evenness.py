"""A small task: whether a number is even."""

from __future__ import annotations

from lab.core.task import Example, Task


def evenness(n_train: int, n_dev: int) -> Task:
    rows = tuple(Example.of(str(n), "yes" if n % 2 == 0 else "no") for n in range(n_train + n_dev))
    return Task(
        name="evenness", start="Is it even?", train=rows[:n_train], dev=rows[n_train:], labels=("yes", "no")
    )
