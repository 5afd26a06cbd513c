"""Lessons in tests: what checks say of a reader's objects, and whether each thing they can say was said."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import log, sqrt
from types import ModuleType

import pytest

from lab import learn
from lab.learn import checked
from lab.learn.lesson import find


@dataclass(frozen=True)
class Says:
    """What the check of a task says of what it is given: its state, and some of its words."""

    task: str
    made: tuple[object, ...]
    state: str
    words: str


def solved(task: str) -> object:
    """Returns what the solved cell of a task defines, under its own names."""
    names: dict[str, object] = {"log": log, "sqrt": sqrt}
    before = set(names)
    exec(find(task).done, names)
    return next(value for name, value in names.items() if name not in before and name != "__builtins__")


def said(cases: Iterable[Says]) -> None:
    """Checks each case, and holds the state and the words against what was found."""
    for case in cases:
        found = learn.check(case.task, *case.made)
        text = repr(found)
        assert found.finding.state == case.state, (case, text)
        assert case.words in text, (case, text)
        assert case.state == "open" or found.finding.what in found._repr_html_() or "&" in found._repr_html_()


@contextmanager
def every_finding_of(*modules: ModuleType) -> Iterator[None]:
    """Fails when something that these checks can say was not said within."""
    wanted = {(module.__file__, line) for module in modules for line in _lines(module)}
    seen: set[tuple[str, int]] = set()
    plain = {name: getattr(checked, name) for name in ("right", "not_yet", "open_")}

    def noting(name: str):
        def note(*given: str) -> checked.Finding:
            frame = sys._getframe(1)
            seen.update((module.__file__, line) for module in modules if frame.f_code.co_filename == module.__file__
                        for line in _lines(module) if line == frame.f_lineno)  # fmt: skip
            return plain[name](*given)

        return note

    with pytest.MonkeyPatch.context() as patch:
        for module in modules:
            for name in plain:
                if hasattr(module, name):
                    patch.setattr(module, name, noting(name))
        yield
    missing = sorted(f"{file.rpartition('/')[2]}:{line}" for file, line in wanted - seen)
    assert not missing, f"never said: {', '.join(missing)}"


def _lines(module: ModuleType) -> Iterator[int]:
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("right", "not_yet", "open_")
        ):
            yield node.lineno
