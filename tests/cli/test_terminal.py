"""Replies, texts of tasks and names of files reach no terminal as a command."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.cli.main import main
from lab.text import visible

OSC, CSI, C1, BIDI = "\x1b]0;owned\x07", "\x1b[2J\x1b[31m", "\x9b2J", "\u202egnp.\u2066"
HOSTILE = f"nice{OSC}{CSI}{C1}{BIDI}\rover\x08\x00"
OBEYED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|\r(?!\n)")


@given(st.text())
def test_nothing_that_a_terminal_obeys_is_left_and_json_means_what_it_meant(text: str) -> None:
    assert not OBEYED.search(visible(text).replace("\r", ""))
    assert json.loads(visible(json.dumps(text, ensure_ascii=False))) == text


def test_texts_in_any_letters_stay_as_they_are() -> None:
    kept = "a\tb\n žluťoučký שלום 👩‍👩‍👧 नमस्ते"
    assert visible(kept) == kept


@pytest.fixture
def file(tmp_path: Path) -> Path:
    rows = [{"text": f"{HOSTILE} {i}", "label": f"{('yes', 'no')[i % 2]}{CSI}"} for i in range(40)]
    file = tmp_path / f"data{CSI}{BIDI}.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return file


@pytest.mark.parametrize("how", [(), ("--json",)])
def test_a_run_on_hostile_texts_prints_none_of_them_as_it_is(
    file: Path, how: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = str(tmp_path / f"book{CSI}.sqlite")
    start = f"Is it nice? {HOSTILE}"
    run = ["run", "--task", str(file), "--prompt", start, "--preset", "thrifty", "--rounds", "1", "--book", book]
    main([*run, *how])
    main(["score", "--task", str(file), "--prompt", start, "--prompt", f"{start} 2", *how])
    main(["verify", book])
    main(["run", "--task", str(tmp_path / f"none{HOSTILE}.csv")])
    printed = "".join(capsys.readouterr())
    assert "\\u001b" in printed
    assert not OBEYED.search(printed), repr(OBEYED.findall(printed))
