"""Whatever is given to what people type: it works, or one sentence of the lab says what is wrong."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd
import pytest

import lab

pytestmark = pytest.mark.long


class Odd:
    def __repr__(self) -> str:
        raise RuntimeError


WRONG: tuple[Any, ...] = (
    None, -1, 3.7, float("nan"), 10**30, True, "", "x", "x" * 100_000, "\ud800", "\0", b"x", [], [None], ["a", "a"], {},
    {"x": 1}, {1: 2}, (), set(), object(), Odd(), lab, pd.DataFrame(), pd.DataFrame({"a": [1]}), Exception("x"), [[]],
)  # fmt: skip
ROWS = [{"text": f"thing {i}", "label": "good" if i % 2 else "bad"} for i in range(40)]
GIVEN = {
    "task": "sentiment", "preset": "thrifty", "prompts": ["Say it.", "Say positive or negative."], "name": "sentiment",
    "frame": pd.DataFrame(ROWS), "records": ROWS, "path": "none.csv", "model": "practice", "rounds": 1, "key": "x",
    "replies": "x", "optimizer": "protegi", "start": "Good or bad?", "value": 1, "role": "target",
}  # fmt: skip
# These wait for what they are told to do, whatever it is; `of` and `session` are of the layer below.
SLOW = (
    "next",
    "anext",
    "autopilot",
    "aautopilot",
    "test",
    "atest",
    "accept",
    "reject",
    "again",
    "optimize",
    "compare",
)
NOT_OURS = (*SLOW, "of", "session", "index", "count", "fromhex", "from_bytes", "slices", "get")


def tries(work: Callable[..., Any]) -> Iterator[tuple[str, Any]]:
    """Call with each wrong value for each argument in turn; give what was not said in a sentence of the lab."""
    named = inspect.signature(work).parameters.values()
    for one in (name for name in named if name.kind in (name.POSITIONAL_OR_KEYWORD, name.KEYWORD_ONLY)):
        needed = {other.name: GIVEN.get(other.name, "x") for other in named if other.default is other.empty}
        for value in WRONG:
            try:
                made = work(**{**needed, one.name: value})
                if inspect.iscoroutine(made):
                    made.close()
            except lab.LabError as problem:
                if "\n" in str(problem).strip():
                    yield one.name, str(problem)
            except Exception as problem:
                yield one.name, problem


def methods(value: object) -> list[Callable[..., Any]]:
    names = [name for name in dir(type(value)) if not name.startswith("_") and name not in NOT_OURS]
    plain = [name for name in names if not isinstance(inspect.getattr_static(type(value), name), property)]
    return [found for name in plain if callable(found := getattr(value, name))]


def test_no_wrong_argument_meets_an_error_of_the_labs_own_inside(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LAB_BOOK", str(tmp_path / "book.sqlite"))
    run = lab.begin("sentiment", "protegi", preset="thrifty", name="by hand")
    step = run.next(until="critiques")
    named = [getattr(lab, name) for name in lab.__all__ if name not in NOT_OURS]
    functions = [one for one in named if inspect.isfunction(one)]
    kept = (run, step, step[0], run.best, run.task, lab.Models())
    of_values = [one for value in kept for one in methods(value)]
    made = (
        lab.Mark,
        lab.Verdict,
        lab.Ceiling,
        lab.Models,
        lab.Models.single,
        lab.Models.of_json,
        lab.Example.of,
        lab.Book,
    )
    assert len(functions) > 5
    assert len(of_values) > 40
    met = [(one.__qualname__, *wrong) for one in (*functions, *of_values, *made) for wrong in tries(one)]
    assert met == []
