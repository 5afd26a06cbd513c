"""Draws train, dev and test: the same rows and seed give the same splits, in every process and file order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import floor, isclose, isfinite
from random import Random

from lab.core.task import Example
from lab.errors import MisuseError
from lab.i18n import gettext_lazy

__all__ = ["FRACTIONS", "Splits", "capped", "given", "near_form", "part_of", "quotas", "split"]

FRACTIONS = (0.5, 0.25, 0.25)
MOST_DEV, MOST_TEST = 500, 1_000  # of a large file: each prompt is measured on all of dev
_PARTS = (
    ("train", "training"),
    ("dev", "val", "valid", "validation", "development"),
    ("test", "testing", "holdout", "held_out", "heldout"),
)

_ENDS = " .,;:!?…。、，；：！？؟۔।"

Splits = tuple[tuple[Example, ...], tuple[Example, ...], tuple[Example, ...]]


def split(
    examples: Iterable[Example],
    labels: tuple[str, ...] = (),
    seed: int = 0,
    fractions: Sequence[float] = FRACTIONS,
) -> Splits:
    """Split into train, dev and test with each label's share kept; near-equal inputs stay in one split.

    Raises:
        MisuseError: when the fractions are not three shares of one with some train and some dev.
    """
    if not _valid(fractions):
        raise MisuseError(
            gettext_lazy(
                "The fractions {fractions} cannot split a task. Give three shares for train, dev and test that are "
                "not negative, sum to 1 and leave train and dev more than 0.",
                fractions=str(tuple(fractions)),
            )
        )
    rng = Random(f"split/{seed}")  # noqa: S311
    units = _units(examples)
    rng.shuffle(units)
    known = frozenset(label.strip().casefold() for label in labels)
    units.sort(key=lambda unit: _stratum(unit, known))  # stable: shuffled within a label
    parts: tuple[list[Example], ...] = ([], [], [])
    for unit, part in zip(units, _turns(quotas(len(units), fractions)), strict=True):
        parts[part].extend(unit)
    for drawn in parts:
        rng.shuffle(drawn)
    return tuple(parts[0]), tuple(parts[1]), tuple(parts[2])


def capped(n: int, fractions: Sequence[float]) -> tuple[float, ...]:
    """Return the shares of n examples with dev and test no larger than is of use, and the rest in train.

    Example:
        `capped(10_000, (0.5, 0.25, 0.25)) == (0.85, 0.05, 0.1)`
    """
    train, dev, test = fractions
    most = min(dev, MOST_DEV / max(n, 1)), min(test, MOST_TEST / max(n, 1))
    return (train, dev, test) if most == (dev, test) else (1 - sum(most), *most)


def part_of(text: str) -> int | None:
    """Return which split a text names, counted from 0; None where it names none.

    Example:
        `part_of("Validation") == 1`
    """
    name = text.strip().casefold()
    return next((part for part, names in enumerate(_PARTS) if name in names), None)


def given(
    examples: Iterable[tuple[Example, int | None]], labels: tuple[str, ...] = (), seed: int = 0
) -> tuple[Splits | None, bool]:
    """Split as was given, and say whether dev was drawn from train; None where all is one split."""
    parts: tuple[list[Example], ...] = ([], [], [])
    for example, part in sorted(examples, key=lambda one: one[0].id):
        if part is not None:
            parts[part].append(example)
    train, dev, test = parts
    if sum(map(bool, parts)) < 2 or len(train) + len(dev) < 2:
        return None, False
    if not train or not dev:
        drawn = split(train or dev, labels, seed, (2 / 3, 1 / 3, 0))
        return (drawn[0], drawn[1], tuple(test)), True
    rng = Random(f"split/{seed}")  # noqa: S311
    for examples_of_part in parts:
        rng.shuffle(examples_of_part)
    return (tuple(train), tuple(dev), tuple(test)), False


def near_form(text: str) -> str:
    """Return what near-equal texts have in common: case, spaces and final punctuation do not count.

    Example:
        `near_form(" So  good!") == near_form("so good")`
    """
    line = " ".join(text.casefold().split())
    return line.rstrip(_ENDS) or line


def quotas(n: int, fractions: Sequence[float]) -> tuple[int, ...]:
    """Share n by largest remainder; no share that was asked for stays empty while another has two."""
    exact = [n * fraction for fraction in fractions]
    sizes = [floor(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: sizes[i] - exact[i])
    for i in by_remainder[: n - sum(sizes)]:
        sizes[i] += 1
    for i, fraction in enumerate(fractions):
        if fraction > 0 and not sizes[i] and max(sizes) > 1:
            sizes[sizes.index(max(sizes))] -= 1
            sizes[i] += 1
    return tuple(sizes)


def _valid(fractions: Sequence[float]) -> bool:
    return (
        len(fractions) == 3
        and all(isfinite(share) and share >= 0 for share in fractions)
        and isclose(sum(fractions), 1, abs_tol=1e-6)
        and min(fractions[:2]) > 0
    )


def _units(examples: Iterable[Example]) -> list[list[Example]]:
    """Group near-equal inputs; sorted by id, so that the order of the file does not matter."""
    units: dict[str, list[Example]] = {}
    for example in sorted(examples, key=lambda example: example.id):
        units.setdefault(near_form(example.input), []).append(example)
    return list(units.values())


def _stratum(unit: list[Example], labels: frozenset[str]) -> str:
    answer = unit[0].answer.strip().casefold()
    return answer if answer in labels else ""


def _turns(sizes: Sequence[int]) -> Iterable[int]:
    """Spread the splits evenly over a line: at each place, the one that is furthest behind its share."""
    n, given = sum(sizes), [0] * len(sizes)
    for place in range(1, n + 1):
        behind = [size * place / n - had if had < size else -n for size, had in zip(sizes, given, strict=True)]
        turn = behind.index(max(behind))
        given[turn] += 1
        yield turn
