"""Draws train, dev and test: the same rows and seed give the same splits, in every process and file order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import floor, isclose, isfinite
from random import Random

from lab.core.task import Example
from lab.errors import MisuseError

__all__ = ["FRACTIONS", "near_form", "quotas", "split"]

FRACTIONS = (0.5, 0.25, 0.25)

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
            f"The fractions {tuple(fractions)} cannot split a task. Give three shares for train, dev and "
            "test that are not negative, sum to 1 and leave train and dev more than 0."
        )
    rng = Random(f"split/{seed}")  # noqa: S311
    units = _units(examples)
    rng.shuffle(units)
    units.sort(key=lambda unit: _stratum(unit, labels))  # stable: shuffled within a label
    parts: tuple[list[Example], ...] = ([], [], [])
    for unit, part in zip(units, _turns(quotas(len(units), fractions)), strict=True):
        parts[part].extend(unit)
    for drawn in parts:
        rng.shuffle(drawn)
    return tuple(parts[0]), tuple(parts[1]), tuple(parts[2])


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


def _stratum(unit: list[Example], labels: tuple[str, ...]) -> str:
    answer = unit[0].answer.strip().casefold()
    return answer if answer in {label.strip().casefold() for label in labels} else ""


def _turns(sizes: Sequence[int]) -> Iterable[int]:
    """Spread the splits evenly over a line: at each place, the one that is furthest behind its share."""
    n, given = sum(sizes), [0] * len(sizes)
    for place in range(1, n + 1):
        behind = [size * place / n - had if had < size else -n for size, had in zip(sizes, given, strict=True)]
        turn = behind.index(max(behind))
        given[turn] += 1
        yield turn
