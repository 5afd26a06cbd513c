"""A spent budget ends a run of each optimizer in a sentence, with the best prompt so far."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lab.cli.main import main
from lab.optimizers import OPTIMIZERS
from lab.store import Book
from lab.tasks.bundled import load

PUBLISHED = ("ape", "protegi", "opro", "pe2")


@pytest.mark.parametrize("name", PUBLISHED)
@pytest.mark.parametrize("limit", [("--max-calls", "110"), ("--max-tokens", "9000")])
def test_a_spent_budget_ends_a_run_in_a_sentence_with_the_best_so_far(
    name: str, limit: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = tmp_path / "book.sqlite"
    run = ("run", "--task", "sentiment", "--optimizer", name, "--preset", "quick", "--book", str(book))
    status = main([*run, *limit, "--json"])
    printed = capsys.readouterr()
    found = json.loads(printed.out)
    assert status == 1
    assert "The limit of" in found["error"]
    assert f"{int(limit[1]):,}" in found["error"]
    assert found["best_prompt"]
    assert "Traceback" not in printed.err
    known = Book(book)
    spent = known.spent()
    known.close()
    if limit[0] == "--max-calls":
        assert spent.n_paid <= int(limit[1])
    else:
        assert spent.n_input_tokens + spent.n_output_tokens <= int(limit[1])


def test_these_are_the_optimizers_that_are_published() -> None:
    assert set(PUBLISHED) <= set(OPTIMIZERS)
    assert load("sentiment").dev
