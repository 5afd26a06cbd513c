"""Broken files: each is refused, or what was lost of it is reported, in a sentence that names file, place and remedy."""

from __future__ import annotations

import codecs
import gzip
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from lab.errors import DataError
from lab.tasks.loaders import load_task

ROWS = [(f"film {i} was {'good' if i % 2 else 'bad'}", "yes" if i % 2 else "no") for i in range(9)]
CSV = "text,label\n" + "".join(f"{text},{label}\n" for text, label in ROWS)
JSONL = [json.dumps({"text": text, "label": label}) for text, label in ROWS]


def archive(**files: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for name, content in files.items():
            file.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return packed.getvalue()


def workbook(*rows: tuple[Any, ...]) -> bytes:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def lines(*changed: tuple[int, str]) -> bytes:
    """Return the JSON lines, some of them other, counted from 1."""
    made = list(JSONL)
    for at, line in changed:
        made[at - 1] = line
    return "\n".join(made).encode()


# name: (content, what the sentence says beside the name of the file)
BROKEN: dict[str, tuple[Any, tuple[str, ...]]] = {
    "empty": (b"", ("is empty", "Give a file")),
    "blank lines": (b"\n \t\n\n", ("is empty",)),
    "byte order mark alone": (codecs.BOM_UTF8, ("is empty",)),
    "header alone": (b"text,label\n", ("no rows", "Add")),
    "one column": (b"text\ngood\nbad\n", ("only one column", "separate them")),
    "two headers alike": (b"text,label,text\na,b,c\n", ("two columns named 'text'", "Rename")),
    "no answer": ("id,text\n" + "".join(f"{i},{text}\n" for i, (text, _) in enumerate(ROWS)),
                  ("no column for the answer", "only 'id'", "Add a column")),
    "blank answers": ("text,label\n" + "".join(f"{text},\n" for text, _ in ROWS), ("blank in every row", "Name another")),
    "one label": (CSV.replace(",no", ",yes"), ("every answer is 'yes'", "Add rows")),
    "few rows": (CSV[: CSV.index("film 5")], ("5 usable rows; at least 8", "Add rows")),
    "uneven rows": (CSV.replace("was good", "was,good"), ("5 usable rows", "rows 2, 4, 6, 8")),
    "rows without answers": (CSV.replace(",no", ","), ("4 usable rows", "missing answer (rows 1, 3, 5, 7, 9)")),
    "contradictions": ("text,label\n" + "".join(f"same,{i}\n" for i in range(9)), ("conflicting", "rows 1/2/3/4/5/6/7/8/9")),
    "picture": (b"\x89PNG\r\n\x1a\n\0\0\0", ("is binary: byte 8", "Save")),
    "cp1252": (CSV.replace("film 2", "caf\u00e9 2").encode("cp1252"), ("not UTF-8", "line 4", "Save it as UTF-8")),
    "half a UTF-16": (codecs.BOM_UTF16_LE + b"a\0b", ("not UTF-16-LE",)),
    "UTF-16 without a mark": (CSV.encode("utf-16-le"), ("UTF-16", "Save it as UTF-8")),
    "null characters": (CSV.replace("film 8", "film \0").encode(), ("byte", "null")),
    "zip": (archive(rows="x"), ("is an archive", "Unpack")),
    "gzip": (gzip.compress(CSV.encode()), ("compressed", "Unpack")),
    "old Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, ("old Excel", ".xlsx")),
    "PDF": (b"%PDF-1.7\n%...", ("a PDF", "CSV")),
    "SQLite": (b"SQLite format 3\0....", ("SQLite database", "Export")),
    "web page": (b"<!DOCTYPE html><html><body>404, not found</body></html>", ("web page", "Download")),
    "pointer of Git LFS": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", ("Git LFS", "git lfs pull")),
    "damaged Parquet": (b"PAR1" + b"x" * 50, ("damaged Parquet", "Save it again")),
    "damaged workbook": (archive(xl__workbook_xml="<x"), ("damaged workbook", "Save it again")),
    "workbook of one column": (lambda: workbook(("text",), ("a",), ("b",)), ("two columns", "beside each other")),
    "wide CSV": (",".join(f"c{i}" for i in range(20_000)) + "\n" + ",".join("x" * 20_000) + "\n", ("20,000 columns", "1,000")),
    "wide JSON": (json.dumps([{f"c{i}-{j}": i for j in range(20)} for i in range(1_000)]), ("20,000 columns",)),
    "huge field": ("text,label\n" + "a" * 1_100_000 + ",yes\n", ("1,000,000 characters", "Look for a quotation mark")),
    "scalars": (b"[1, 2, 3]", ("holds no rows", "Use a list of objects")),
    "scalar among rows": (json.dumps([{"text": "a", "label": "b"}, 2]), ("row 2", "Correct it")),
    "text among JSON lines": (lines((7, '"seven"')), ("row 7", "Correct it")),
    "trailing comma": (b'[\n {"text": "a", "label": "b"},\n]', ("line 3", "Correct it")),
    "JSON cut off": (json.dumps([{"text": "a"}] * 3)[:-5].encode(), ("line 1, column", "Correct it")),
    "JSON lines cut off": (lines((7, JSONL[6][:12])), ("line 7", "Correct it")),
    "single quotes": (b"{'text': 'a', 'label': 'b'}", ("line 1", "Correct it")),
    "a name twice": (lines((3, '{"text": "a", "label": "b", "text": "c"}')), ("line 3 names 'text' twice", "Rename")),
    "several tables": (b'{"users": [{"text": 1}], "posts": [{"text": 2}]}', ("several tables", "Save the one")),
    "nested": (json.dumps([{"question": {"stem": t}, "answer": a} for t, a in ROWS]), ("nested values", "name another")),
    "nested deeply": (b'{"x":' * 100_000, ("nested too deeply", "Use flat rows")),
    "not a number": ("\n".join(json.dumps({"text": t, "label": float("nan")}) for t, _ in ROWS), ("blank in every row",)),
    "chat without replies": (json.dumps([{"messages": [{"role": "user", "content": t}]} for t, _ in ROWS]), ("blank in every row",)),
    "tests without answers": (json.dumps([{"vars": {"text": t}, "assert": [{"type": "cost"}]} for t, _ in ROWS]),
                              ("blank in every row",)),
    "YAML broken": (b"tests:\n  - vars: {text: x\n  - vars", ("not well-formed YAML", "line", "Correct it")),
    "a list of words in YAML": (b"tests:\n  - one\n", ("holds no tests", "Give a list")),
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name, (_, says) in BROKEN.items() if says])
def test_a_broken_file_is_refused_in_a_sentence_with_its_name_the_place_and_what_to_do(
    tmp_path: Path, name: str
) -> None:
    content, says = BROKEN[name]
    content = content() if callable(content) else content
    path = tmp_path / "mine.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(DataError) as caught:
        load_task(path)
    said = str(caught.value)
    assert "'mine.csv'" in said
    for part in says:
        assert part in said, said
    assert said.endswith((".", "`."))
    assert len(said) < 500
    assert str(tmp_path) not in said


def test_there_are_thirty_of_them() -> None:
    assert sum(bool(says) for _, says in BROKEN.values()) >= 30


@pytest.mark.parametrize(
    ("content", "n_kept", "says"),
    [
        (CSV + "one,two,three\n", 9, "another number of fields than the other rows (row 10)"),
        (CSV + CSV, 9, "the names of the columns once more (row 10)"),
        (CSV + "no answer,\n,yes\n", 9, "missing answer (row 10)"),
        (CSV + CSV.partition("\n")[2], 9, "9 rows were dropped: repeated row (rows 10, 11, 12"),
        (CSV.replace("film 3", '"film 3'), 9, "Quotation marks are part of the text"),
        (CSV.replace("\n", "\r\n") + "\r\n,\r\n", 9, "9 rows were read, 9 kept"),
        ("\ufeff" + CSV, 9, "9 rows were read, 9 kept"),
        ("\n".join([*JSONL, json.dumps({"text": "film x", "label": None})]), 9, "missing answer (row 10)"),
        ("\n".join([*JSONL, json.dumps({"text": "film x", "label": 3.5})]), 10, "10 rows were read, 10 kept"),
    ],
)
def test_what_a_poor_file_loses_is_reported_with_its_rows(
    tmp_path: Path, content: str, n_kept: int, says: str
) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(content, encoding="utf-8", newline="")
    report = load_task(path).report
    assert report.n_kept == n_kept
    assert any(says in sentence for sentence in report.sentences()), report.sentences()


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    for path, says in ((tmp_path / "nowhere.csv", "no file 'nowhere.csv'"), (tmp_path, "is a folder")):
        with pytest.raises(DataError, match=says):
            load_task(path)


@pytest.mark.parametrize(
    "content",
    [
        "| text | label |\n|---|:-:|\n" + "".join(f"| {text} | {label} |\n" for text, label in ROWS),
        "text | label\n--- | ---\n" + "".join(f"{text} | {label}\n" for text, label in ROWS),
        json.dumps({"columns": ["text", "label"], "index": [*range(9)], "data": ROWS}),
    ],
    ids=["Markdown", "Markdown without edges", "pandas, split"],
)
def test_a_table_as_it_is_drawn_or_split_is_one(tmp_path: Path, content: str) -> None:
    path = tmp_path / "mine.txt"
    path.write_text(content, encoding="utf-8")
    loaded = load_task(path)
    assert loaded.report.n_kept == 9
    every = (*loaded.task.train, *loaded.task.dev, *loaded.task.test)
    assert {(one.input, one.answer) for one in every} == set(ROWS)
