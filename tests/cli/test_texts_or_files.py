"""A text on the command line is written out or `@FILE`: one reader for every command, with the same words."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.cli.main import main
from lab.cli.texts import prompt_or_file, text_or_file
from lab.errors import LabError

START = "Is this review positive or negative? Answer with one word."


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("texts") / "lab.sqlite"
    called = ["run", "--task", "sentiment", "--preset", "thrifty", "--rounds", "1", "--prompt", START]
    assert main([*called, "--book", str(path)]) == 0
    return path


def commands(book: Path) -> dict[str, list[str]]:
    of_branch = ["--book", str(book), "--branch", "main"]
    return {
        "run": ["run", "--task", "sentiment", "--estimate"],
        "score": ["score", "--task", "sentiment", "--book", str(book)],
        **{name: [name, *of_branch] for name in ("test", "blame", "sensitivity")},
    }


BROKEN = {
    "missing.txt": (None, "There is no prompt file “"),
    "latin.txt": ("café".encode("latin-1"), "is not UTF-8 text (byte 4). Save it as UTF-8."),
    "empty.txt": (b" \n", "is empty. Write the prompt into it."),
    "data.json": (b"{}", "holds no prompt. Give the text of one."),
}


@pytest.mark.parametrize("name", list(BROKEN))
@pytest.mark.parametrize("command", ["run", "score", "test", "blame", "sensitivity"])
def test_every_command_says_the_same_of_a_prompt_file_that_cannot_be_used(
    command: str, name: str, book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content, said = BROKEN[name]
    if content is not None:
        (tmp_path / name).write_bytes(content)
    capsys.readouterr()
    assert main([*commands(book)[command], "--prompt", f"@{tmp_path / name}"]) == 1
    told = capsys.readouterr().err
    assert said in told
    assert name in told


@pytest.mark.parametrize("command", ["run", "score", "test", "blame", "sensitivity"])
def test_every_command_takes_a_prompt_from_a_file(
    command: str, book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "p.txt").write_text(f"\ufeff{START}\n", encoding="utf-8")
    capsys.readouterr()
    assert main([*commands(book)[command], "--prompt", f"@{tmp_path / 'p.txt'}"]) == 0
    told = capsys.readouterr()
    assert command in ("run", "sensitivity") or START in told.out


@pytest.mark.parametrize("given", ["", "  \n"])
def test_a_text_that_is_empty_is_refused_by_its_name(given: str) -> None:
    with pytest.raises(LabError, match="The prompt is empty"):
        prompt_or_file(given)
    with pytest.raises(LabError, match="The rubric is empty"):
        text_or_file(given, "rubric")


def test_a_text_is_taken_as_it_stands_whatever_its_file_is_called(tmp_path: Path) -> None:
    (tmp_path / "rubric.json").write_text('{"template": "x"}', encoding="utf-8")
    assert text_or_file(f"@{tmp_path / 'rubric.json'}", "rubric") == '{"template": "x"}'
    assert prompt_or_file(f"@{tmp_path / 'rubric.json'}") == "x"
    assert text_or_file("Be kind.", "rubric") == "Be kind."
