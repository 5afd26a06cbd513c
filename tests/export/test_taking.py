"""Taking along what a run has found: in Python, on the command line, with its lineage and its answers."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import lab
from lab.export import answers, take
from lab.export.writing import write


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory) -> lab.Run:
    """A run in which a person edited a critique, left one out and gave a reason."""
    book = tmp_path_factory.mktemp("book") / "mine.sqlite"
    run = lab.begin("sentiment", "protegi", preset="quick", name="by hand", book=book)
    step = run.next(until="critiques")
    step[0].edit("The prompt does not say that the answer is one lower-case word and nothing else.")
    step[1].drop("noise")
    run.accept()
    run.autopilot(rounds=1)
    return run


def command(*given: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-m", "lab", "export", *map(str, given)], capture_output=True)


def test_the_lineage_leads_from_the_start_prompt_to_the_one_that_is_taken(edited: lab.Run) -> None:
    found = take(edited.session, edited.id)
    assert found.lineage[0].origin.by == "start"
    assert found.lineage[0].name == "P0"
    assert found.lineage[0].prompt == edited.task.start
    assert found.lineage[-1].prompt == found.prompt == edited.best.prompt
    for before, after in zip(found.lineage, found.lineage[1:], strict=False):
        assert after.origin.parent == before.prompt
        assert after.optimizer == "ProTeGi"


def test_what_a_person_wrote_is_told_from_what_a_model_wrote(edited: lab.Run) -> None:
    found = take(edited.session, edited.id)
    mine, dropped = (next(one for one in found.edits if one.did == did) for did in ("edited", "left out"))
    assert mine.after.startswith("The prompt does not say")
    assert mine.before
    assert mine.before != mine.after
    assert dropped.why == "noise"
    written = [one.critique for one in found.lineage if one.critique is not None]
    assert {one.by for one in written} <= {"model", "person"}


def test_a_prompt_that_a_person_wrote_is_said_to_be_theirs() -> None:
    run = lab.begin("sentiment", "opro", preset="quick", name="mine")
    step = run.next(until="candidates")
    step.add("Answer positive or negative, one lower-case word, nothing else.")
    run.accept()
    run.next(until="scores")
    found = take(run.session, run.id, "Answer positive or negative, one lower-case word, nothing else.")
    assert found.lineage[-1].origin.by == "person"
    assert [one.did for one in found.edits] == ["added"]


def test_a_run_without_edits_has_none_to_report() -> None:
    run = lab.begin("sentiment", "opro", preset="thrifty", settings={"rounds": 1})
    run.autopilot()
    assert take(run.session, run.id).edits == ()


def test_best_is_exported_by_the_end_of_the_files_name_or_the_format(edited: lab.Run, tmp_path: Path) -> None:
    written = edited.best.export(tmp_path / "prompt.md")
    assert written == tmp_path / "prompt.md"
    assert edited.best.prompt in written.read_text(encoding="utf-8")
    assert edited.best.export() == edited.best.export("text") == edited.best.prompt
    assert json.loads(str(edited.baseline.export(format="messages")))["messages"][0]["content"] == edited.task.start


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"format": "word"}, "'text'"),
        ({"path": "prompt.docx"}, "does not say the format"),
        ({"path": "no/such/folder/prompt.md"}, "cannot be written"),
    ],
)
def test_a_wrong_export_is_refused_in_a_sentence(edited: lab.Run, given: dict[str, str], said: str) -> None:
    with pytest.raises(lab.MisuseError, match=said):
        edited.best.export(**given)


def test_a_prompt_that_is_of_no_run_cannot_be_exported() -> None:
    with pytest.raises(lab.MisuseError, match=r"Export run\.best"):
        lab.ScoredPrompt("Is it?").export()


def test_answers_are_a_row_a_prompt_and_example_and_sum_up_to_the_score(edited: lab.Run, tmp_path: Path) -> None:
    frame = edited.answers(tmp_path / "answers.csv")
    assert len(frame) == 2 * len(edited.task.dev)
    assert edited.best.score is not None
    mine = frame[frame.prompt == edited.best.prompt]
    assert mine.hit.mean() == pytest.approx(float(edited.best.score))
    assert set(mine.outcome) <= {"right", "another_answer", "unread", "right_in_another_form"}
    again = pd.read_csv(tmp_path / "answers.csv", dtype={"accepted": str})
    assert list(again.columns) == list(frame.columns)
    assert list(again.reply) == list(frame.reply)


def test_answers_in_each_format_are_the_same_rows(edited: lab.Run, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    for kind in answers.FORMATS:
        edited.answers(tmp_path / f"a.{kind}")
    parquet, written = pd.read_parquet(tmp_path / "a.parquet"), json.loads((tmp_path / "a.json").read_bytes())
    rows = list(csv.DictReader(io.StringIO((tmp_path / "a.csv").read_text(encoding="utf-8"))))
    assert [row["reply"] for row in rows] == [row["reply"] for row in written] == list(parquet.reply)
    with pytest.raises(lab.MisuseError, match="csv"):
        edited.answers(tmp_path / "a.xls")


def test_an_answer_that_looks_like_a_formula_is_not_changed() -> None:
    rows = [{"text": f"=A{i}", "label": "-1" if i % 2 else "+1"} for i in range(40)]
    run = lab.begin(
        lab.Task.from_records(rows, input="text", answer="label", start="Which?"), "opro", preset="quick"
    )
    run.next()
    task = run.task
    found = answers.write(task, list(answers.answered(run.session, run.id, (task.start,))), "csv").decode()
    table = list(csv.DictReader(io.StringIO(found)))
    assert {row["answer"] for row in table} <= {"-1", "+1"}
    assert all(row["text"].startswith("=A") for row in table)


def test_a_text_with_any_line_end_stays_one_cell_of_a_csv_file() -> None:
    texts = ["a\rb", "a\nb", "a\r\nb", "\r"]
    task = lab.Task("t", "s", (), tuple(lab.Example.of(text, "yes") for text in texts))
    rows = [answers.Answered(one, "dev", "s", None, None, None, "not_measured") for one in task.dev]
    table = io.StringIO(answers.write(task, rows, "csv").decode(), newline="")
    assert [row["input"] for row in csv.DictReader(table)] == texts


def test_an_export_to_a_name_that_no_file_can_have_is_refused_in_a_sentence() -> None:
    with pytest.raises(lab.MisuseError, match=r"^path must be the path of a file to write"):
        write("a\0b.md", "text")


def test_an_input_column_with_a_name_of_the_tables_own_is_told_apart() -> None:
    task = lab.Task("t", "s", (), (), inputs=("prompt", "text"))
    assert answers.columns(task)[2:4] == ("input: prompt", "text")


@pytest.mark.long
def test_the_command_writes_a_format_or_answers(edited: lab.Run, tmp_path: Path) -> None:
    book = edited.session.book.path
    ran = command("--book", book, "--run", "by hand", "--output", tmp_path / "prompt.py")
    assert ran.returncode == 0, ran.stderr
    assert compile((tmp_path / "prompt.py").read_text(encoding="utf-8"), "prompt.py", "exec")
    ran = command("--book", book, "--branch", "by hand", "--format", "csv")
    assert len(list(csv.DictReader(io.StringIO(ran.stdout.decode())))) == 2 * len(edited.task.dev)
    ran = command("--book", book, "--branch", "by hand")
    assert ran.stdout.decode() == edited.best.prompt


def test_the_command_says_what_is_wrong_in_a_sentence(tmp_path: Path) -> None:
    ran = command("--book", tmp_path / "none.sqlite", "--branch", "x")
    assert ran.returncode == 1
    assert ran.stderr.decode().startswith("lab: There is no lab book at")
