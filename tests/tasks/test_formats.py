"""Formats beside CSV and JSON: chats, evals, tests of promptfoo, Excel, Parquet, data sets by name."""

from __future__ import annotations

import builtins
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.errors import DataError
from lab.tasks.formats import chat
from lab.tasks.loaders import Loaded, load_task, read_table

PAIRS = [(f"film {i} is {'good' if i % 2 else 'bad'}", "yes" if i % 2 else "no") for i in range(12)]


def written(folder: Path, value: Any, name: str = "rows.jsonl") -> Path:
    path = folder / name
    path.write_text(
        "".join(json.dumps(row) + "\n" for row in value) if isinstance(value, list) else json.dumps(value)
    )
    return path


def pairs(loaded: Loaded) -> set[tuple[str, str]]:
    task = loaded.task
    return {(example.input, example.answer) for example in (*task.train, *task.dev, *task.test)}


def codes(loaded: Loaded) -> set[str]:
    return {note.code for note in loaded.report.notes}


# Chats and evals


def turns(*said: tuple[str, Any]) -> list[dict[str, Any]]:
    return [{"role": role, "content": content} for role, content in said]


SYSTEM = ("system", "Good film?")
SHAPES = {
    "messages": [{"messages": turns(SYSTEM, ("user", q), ("assistant", a))} for q, a in PAIRS],
    "parts": [
        {"messages": turns(SYSTEM, ("user", [{"type": "text", "text": q}]), ("assistant", a))} for q, a in PAIRS
    ],
    "evals": [{"input": turns(SYSTEM, ("user", q)), "ideal": a} for q, a in PAIRS],
    "completion": [{"prompt": turns(SYSTEM, ("user", q)), "completion": turns(("assistant", a))} for q, a in PAIRS],
    "sharegpt": [
        {"conversations": [{"from": "system", "value": SYSTEM[1]}, {"from": "human", "value": q}, {"from": "gpt", "value": a}]}
        for q, a in PAIRS
    ],
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_the_last_turn_of_the_user_is_the_input_and_the_reply_to_it_the_answer(tmp_path: Path, shape: str) -> None:
    loaded = load_task(written(tmp_path, SHAPES[shape]))
    assert pairs(loaded) == set(PAIRS)
    assert loaded.task.start == SYSTEM[1]
    assert "start_from_file" in codes(loaded)
    assert load_task(written(tmp_path, SHAPES[shape]), start="Mine.").task.start == "Mine."


def test_earlier_turns_are_left_out_and_said(tmp_path: Path) -> None:
    before = (("user", "Hello"), ("assistant", "Hi"))
    rows = [{"messages": turns(*before, ("user", q), ("assistant", a)), "weight": 1} for q, a in PAIRS]
    loaded = load_task(written(tmp_path, rows))
    assert pairs(loaded) == set(PAIRS)
    assert "earlier_turns_left_out" in codes(loaded)


def test_systems_that_differ_are_a_column(tmp_path: Path) -> None:
    rows = [
        {"messages": turns(("system", f"s{i}"), ("user", q), ("assistant", a))} for i, (q, a) in enumerate(PAIRS)
    ]
    assert load_task(written(tmp_path, rows)).table.columns == ("system", "input", "answer")


def test_an_eval_with_a_plain_input_and_several_ideals_is_read(tmp_path: Path) -> None:
    loaded = load_task(written(tmp_path, [{"input": q, "ideal": [a, a.upper() + "!"]} for q, a in PAIRS]))
    assert pairs(loaded) == set(PAIRS)
    assert loaded.task.train[0].accepted


JSON = st.recursive(
    st.none() | st.booleans() | st.text(max_size=5) | st.integers().map(str),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["role", "content", "messages", "input", "x", "text"]), inner, max_size=3)
    ),
)


@given(
    st.lists(st.dictionaries(st.sampled_from(["messages", "input", "ideal", "x"]), JSON, max_size=3), max_size=4)
)
def test_any_rows_are_read_as_chats_or_left_as_they_are(rows: list[Mapping[str, Any]]) -> None:
    assert len(chat.flattened(rows).rows) == len(rows)


def test_rows_of_the_hub_s_server_are_unwrapped(tmp_path: Path) -> None:
    held = {
        "features": [],
        "rows": [{"row_idx": i, "row": {"text": q, "label": a}} for i, (q, a) in enumerate(PAIRS)],
    }
    assert pairs(load_task(written(tmp_path, held))) == set(PAIRS)


# promptfoo


def config(tests: Sequence[Mapping[str, Any]], **more: Any) -> dict[str, Any]:
    return {
        "prompts": ["Good film? {{text}}", "file://other.txt"],
        "providers": ["openai:gpt"],
        "tests": tests,
        **more,
    }


def test_tests_in_json_are_inputs_and_what_is_expected(tmp_path: Path) -> None:
    tests = [
        {"vars": {"text": q, "note": "x"}, "assert": [{"type": "llm-rubric", "value": "polite"}, {"type": "equals", "value": a}]}
        for q, a in PAIRS
    ]  # fmt: skip
    loaded = load_task(written(tmp_path, config(tests)))
    assert pairs(loaded) == set(PAIRS)
    assert loaded.task.start == "Good film? {{text}}"
    assert loaded.task.inputs == ("text",)
    assert {"columns_of_format", "start_from_file", "assertions_unused"} <= codes(loaded)


YAML = """# tests
description: films
prompts:
  - 'Good film? {{text}} by {{author}}'
defaultTest:
  assert:
    - type: icontains-any
      value: '{{right}}'
tests:
"""


def test_tests_in_yaml_keep_yes_and_numbers_as_they_are_written(tmp_path: Path) -> None:
    tests = "".join(f"  - vars: {{text: {q}, author: 1.0, right: {a}}}\n" for q, a in PAIRS)
    path = tmp_path / "promptfooconfig.yaml"
    path.write_text(YAML + tests)
    loaded = load_task(path)
    assert pairs(loaded) == {(f"text: {q}\nauthor: 1.0", a) for q, a in PAIRS}
    assert loaded.task.inputs == ("text", "author")
    assert loaded.task.labels == ("no", "yes")


def test_a_csv_of_tests_is_read_by_its_expected_column(tmp_path: Path) -> None:
    path = tmp_path / "tests.csv"
    path.write_text("text,__expected,__description\n" + "".join(f"{q},equals: {a},d\n" for q, a in PAIRS))
    loaded = load_task(path)
    assert pairs(loaded) == set(PAIRS)
    assert loaded.table.columns == ("text", "expected")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("tests: file://tests.csv\n", "keeps its tests in other files"),
        ("tests:\n  - vars: &a {text: x}\n  - vars: *a\n", "uses the YAML alias *a in line 3"),
        ("tests:\n  - vars: {text: x\n", "not well-formed YAML in line 3"),
        ("tests: []\n", "holds no tests"),
    ],
)
def test_a_configuration_that_cannot_be_used_is_refused(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(text)
    with pytest.raises(DataError, match=says.replace("*", r"\*")) as caught:
        load_task(path)
    assert "'c.yaml'" in str(caught.value)


# Excel, Parquet, the hub


def test_the_first_sheet_with_two_columns_is_read_with_its_cells_as_shown(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.title = "About"
    book.active.append(["Films of this year"])
    sheet = book.create_sheet("Rows")
    for row in [
        ("text", "stars", "seen"),
        *((q, 1 + i % 2, i % 3 == 0) for i, (q, _) in enumerate(PAIRS)),
        (None,) * 3,
    ]:
        sheet.append(row)
    path = tmp_path / "rows.data"
    book.save(path)
    loaded = load_task(path, answer="stars")
    assert pairs(loaded) == {(q, str(1 + i % 2)) for i, (q, _) in enumerate(PAIRS)}
    assert loaded.table.format == "excel"
    assert set(loaded.table.column("seen")) == {"true", "false"}
    assert "sheets_left_out" in codes(loaded)


def test_parquet_is_read_with_gaps_and_the_names_of_its_classes(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    features = {"label": {"names": ["no", "yes"], "_type": "ClassLabel"}}
    schema = {b"huggingface": json.dumps({"info": {"features": features}}).encode()}
    held = pyarrow.table({"text": [q for q, _ in PAIRS] + [None], "label": [a == "yes" for _, a in PAIRS] + [None]})
    held = held.set_column(1, "label", held.column("label").cast("int64")).replace_schema_metadata(schema)
    path = tmp_path / "rows.csv"
    parquet.write_table(held, path)
    loaded = load_task(path)
    assert pairs(loaded) == set(PAIRS)
    assert loaded.table.format == "parquet"
    assert [note.code for note in loaded.report.dropped] == ["missing_input"]
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(DataError, match="damaged Parquet"):
        load_task(path)


def test_a_data_set_by_name_is_read_with_its_splits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    datasets = pytest.importorskip("datasets")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    folder = tmp_path / "films"
    folder.mkdir()
    for split, part in (("train", PAIRS[:8]), ("test", PAIRS[8:])):
        written(folder, [{"text": q, "label": a} for q, a in part], f"{split}.jsonl")
    table = read_table(f"hf:{folder}")
    assert table.columns == ("text", "label", "split")
    assert [row[2] for row in table.rows] == ["train"] * 8 + ["test"] * 4
    assert len(read_table(f"hf:{folder}@train").rows) == 8
    with pytest.raises(DataError, match="cannot be loaded"):
        read_table(f"hf:{tmp_path}/nowhere")


@pytest.mark.parametrize(
    ("module", "source", "extra"),
    [("pyarrow", b"PAR1....PAR1", "data"), ("openpyxl", "workbook", "data"), ("datasets", "hf:owner/name", "hub")],
)
def test_what_is_not_installed_is_named_with_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, source: Any, extra: str
) -> None:
    path: Any = tmp_path / "rows"
    if source == "workbook":
        import zipfile

        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as file:
            file.writestr("xl/workbook.xml", "<x/>")
        path.write_bytes(packed.getvalue())
    elif isinstance(source, bytes):
        path.write_bytes(source)
    else:
        path = source
    real = builtins.__import__

    def missing(name: str, *rest: Any) -> Any:
        if name.partition(".")[0] == module:
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    monkeypatch.setattr("lab.tasks.formats.frames.import_module", missing)
    with pytest.raises(DataError, match=rf"{module}.*pip install 'prompt-lab\[{extra}\]'"):
        read_table(path)


@pytest.mark.parametrize("name", ["DATA.CSV", "data.ndjson", "data.txt", "data"])
def test_a_file_is_what_its_content_is_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("text,label\n" + "".join(f"{q},{a}\n" for q, a in PAIRS))
    assert pairs(load_task(path)) == set(PAIRS)


def test_a_field_may_be_long(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("text,label\n" + "".join(f"{q},{a}\n" for q, a in PAIRS) + f'"{"a " * 100_000}",yes\n')
    assert max(len(text) for text, _ in pairs(load_task(path))) == 200_000
