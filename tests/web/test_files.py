"""Files of visitors are read apart from the page, as they are read in it, and within bounds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lab.errors import DataError
from lab.i18n import use
from lab.tasks.loaders import Chosen
from lab.web import files
from lab.web.files import Files, read_file

ROWS = [{"text": f"some text {i}", "label": ("yes", "no")[i % 2]} for i in range(20)]


def written(folder: Path, rows: object) -> str:
    file = folder / "rows.json"
    file.write_text(json.dumps(rows), encoding="utf-8")
    return str(file)


async def test_a_file_that_is_read_apart_gives_what_it_gives_here(tmp_path: Path) -> None:
    file, chosen = written(tmp_path, ROWS), Chosen(start="Is it {text}?", seed=3)
    apart = await Files(is_shared=True).read("ann", file, chosen)
    assert apart == read_file(file, chosen) == await Files(is_shared=False).read("ann", file, chosen)
    assert apart.taken().labels == ("no", "yes")


async def test_a_file_that_is_read_apart_is_described_in_the_language_of_who_asks(tmp_path: Path) -> None:
    file = written(tmp_path, ROWS)
    with use("zh"):
        assert await Files(is_shared=True).read("ann", file, Chosen()) == read_file(file, Chosen())


async def test_what_is_wrong_with_a_file_that_is_read_apart_is_said_and_its_columns_are_offered(
    tmp_path: Path,
) -> None:
    read = await Files(is_shared=True).read("ann", written(tmp_path, ROWS[:3]), Chosen())
    assert read.columns == ("text", "label")
    with pytest.raises(DataError, match="at least 8"):
        read.taken()


async def test_a_file_with_more_examples_than_a_shared_page_takes_says_how_many_it_takes(tmp_path: Path) -> None:
    many = [{"text": f"some text {i}", "label": ("yes", "no")[i % 2]} for i in range(files.MOST_SHARED + 1)]
    file = written(tmp_path, many)
    with pytest.raises(DataError, match="at most 20,000"):
        (await Files(is_shared=True).read("ann", file, Chosen())).taken()
    assert (await Files(is_shared=False).read("ann", file, Chosen())).taken()


async def test_a_file_that_takes_too_long_or_too_much_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written(tmp_path, ROWS)
    monkeypatch.setattr(files, "_MOST_S", 0.001)
    with pytest.raises(DataError, match="too long"):
        (await Files(is_shared=True).read("ann", file, Chosen())).taken()
    monkeypatch.setattr(files.sys, "executable", "/bin/false")
    monkeypatch.setattr(files, "_MOST_S", 60)
    with pytest.raises(DataError, match="could not be read"):
        (await Files(is_shared=True).read("ann", file, Chosen())).taken()


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ("kill -9 $$", "was killed, most likely for the memory"),
        ("echo MemoryError >&2; exit 1", "more memory than there is"),
        ("echo 'ValueError: no such thing' >&2; exit 1", "stopped with an error"),
    ],
)
async def test_why_a_file_was_not_read_apart_is_told_truly_and_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, ends: str, said: str
) -> None:
    program = tmp_path / "ends"
    program.write_text(f"#!/bin/sh\ncat >/dev/null\n{ends}\n")
    program.chmod(0o755)
    monkeypatch.setattr(files.sys, "executable", str(program))
    with pytest.raises(DataError, match=said):
        (await Files(is_shared=True).read("ann", written(tmp_path, ROWS), Chosen())).taken()
    assert "Reading a file ended with" in caplog.text
    assert "ValueError" not in ends or "no such thing" in caplog.text


async def test_no_file_is_said_to_be_none() -> None:
    with pytest.raises(DataError, match="No file is chosen"):
        (await Files(is_shared=True).read("ann", None, Chosen())).taken()
