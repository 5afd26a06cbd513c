"""Each public name has an example in its docstring, and each example runs as it stands."""

from __future__ import annotations

import doctest
import inspect
import pathlib
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path

import pytest

import lab
from lab.optimizers import OPTIMIZERS, unregister


def examples() -> Iterator[doctest.DocTest]:
    finder = doctest.DocTestFinder(exclude_empty=True)
    course = [f"learn.{name}" for name in lab.learn.__all__]
    for name in (*lab.__all__, *course):
        public = attrgetter(name)(lab)
        if not (inspect.isfunction(public) or inspect.isclass(public) or public is lab.learn):
            continue
        for found in finder.find(public, f"lab.{name}", globs={"lab": lab, "pathlib": pathlib}):
            if found.examples:
                yield found


@pytest.mark.parametrize("found", list(examples()), ids=lambda found: found.name)
def test_an_example_runs(found: doctest.DocTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    before = set(OPTIMIZERS)
    said: list[str] = []
    failed = (
        doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(found, out=said.append, clear_globs=False).failed
    )
    for name in set(OPTIMIZERS) - before:
        unregister(name)
    assert not failed, "".join(said)


@pytest.mark.parametrize("name", sorted(lab.__all__))
def test_a_public_name_is_explained_with_an_example(name: str) -> None:
    assert ">>> " in (getattr(lab, name).__doc__ or "")
