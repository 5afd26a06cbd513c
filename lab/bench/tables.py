"""What the benchmarks share: work spread over all cores, and what came of it as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

__all__ = ["figures", "spread_out", "table"]

Job = TypeVar("Job")
Result = TypeVar("Result")


def spread_out(work: Callable[[Job], Result], jobs: Iterable[Job]) -> list[Result]:
    """Do every job, a process a core; the results stand in the order of the jobs."""
    with ProcessPoolExecutor() as pool:
        return list(pool.map(work, jobs))


def table(title: str, heads: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Write a Markdown table; a number with a fraction gets two places."""
    names = list(heads)
    lines = [f"| {' | '.join(names)} |", f"|{'---|' * len(names)}"]
    lines += [f"| {' | '.join(_cell(value) for value in row)} |" for row in rows]
    return "\n".join([f"**{title}**", "", *lines])


def figures(title: str, names: Mapping[str, str], found: Mapping[str, Mapping[str, float]], places: int = 0) -> str:
    """Write what was measured as a Markdown table under the names of the figures, what is required beside it."""
    rows = (
        (names[key], f"{row['measured']:,.{places}f}", f"{row['required']:,.0f}" if "required" in row else "–")
        for key, row in found.items()
    )
    return table(title, ("figure", "measured", "required below"), rows)


def _cell(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)
