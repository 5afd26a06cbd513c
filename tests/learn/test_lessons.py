"""The lessons: one source, from which the notebooks of the course are made, and what each task has."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.paths import ROOT

import lab
from lab import learn
from lab.errors import MisuseError
from lab.learn import notebook
from lab.learn.lesson import LESSONS, find, lesson, parse
from lab.learn.progress import Progress

NOTEBOOKS = ROOT / "notebooks"
TASKS = [task for name in LESSONS for task in lesson(name).tasks]


def cells(text: str) -> list[dict[str, object]]:
    return json.loads(text)["cells"]


def source(cell: dict[str, object]) -> str:
    return "".join(cell["source"])  # type: ignore[arg-type]


def test_the_notebooks_are_what_their_source_makes() -> None:
    built = notebook.built()
    here = {
        str(path.relative_to(NOTEBOOKS))
        for path in NOTEBOOKS.rglob("*.ipynb")
        if ".ipynb_checkpoints" not in path.parts
    }
    assert set(built) == here
    drifted = [name for name, text in built.items() if (NOTEBOOKS / name).read_text(encoding="utf-8") != text]
    assert not drifted, "run: python -m lab lessons notebooks --force"


def test_a_notebook_is_valid_and_has_no_outputs() -> None:
    nbformat = pytest.importorskip("nbformat")
    for text in notebook.built().values():
        read = nbformat.reads(text, as_version=4)
        nbformat.validate(read)
        assert not [one for one in read.cells if one.cell_type == "code" and (one.outputs or one.execution_count)]


def given_names(code: str) -> list[str]:
    """Returns what a cell gives a name: values and functions."""
    body = ast.parse(code).body
    values = [target.id for node in body if isinstance(node, ast.Assign) for target in node.targets]  # type: ignore
    return values + [node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)]


@pytest.mark.parametrize("name", TASKS)
def test_a_task_has_a_cell_hints_a_solution_and_a_reason(name: str) -> None:
    task = find(name)
    assert 1 <= task.minutes <= 15
    if task.questions:
        assert len(task.questions) == 5
        for one in task.questions:
            assert one.answer in "abcd"[: len(one.choices)]
            assert len(one.choices) >= 3
            assert one.why
            assert one.look
        assert len({one.answer for one in task.questions}) > 1
        return
    assert task.todo
    assert task.done
    assert task.why
    assert len(task.hints) == 3
    ast.parse(task.todo)
    ast.parse(task.done)
    assert given_names(task.todo)[-1] == given_names(task.done)[-1]
    assert re.search(rf'learn\.check\("{re.escape(name)}", ', "".join(map(str, lesson(task.lesson).cells)))


@pytest.mark.parametrize("name", list(LESSONS))
def test_a_lesson_says_its_goals_and_ends_in_words_and_questions(name: str) -> None:
    told = lesson(name)
    texts = [cell.text for cell in told.cells if cell.kind == "markdown"]
    assert "you can\n\n- " in texts[0]
    assert any(text.startswith("## What you have met") for text in texts)
    assert 20 <= told.minutes <= 45
    todos = [cell.task.minutes for cell in told.cells if cell.kind == "todo" and cell.task]
    assert len(todos) >= 4
    assert [cell.kind for cell in told.cells][-1] in ("questions", "markdown")
    assert "learn.progress(" in next(cell.text for cell in told.cells if cell.kind == "code")
    for cell in told.cells:
        if cell.kind in ("code", "todo"):
            for node in ast.walk(ast.parse(cell.text)):
                if isinstance(node, ast.FunctionDef | ast.ClassDef):
                    assert (node.end_lineno or 0) - node.lineno < 10  # no definition over ten lines
    imported = {
        line
        for cell in told.cells
        if cell.kind == "code"
        for line in cell.text.splitlines()
        if "lab." in line and "import" in line
    }
    assert imported <= {"from lab.practice import explain"} | ALLOWED.get(name, set())


SAID = {
    "half an hour": 30, "twenty-five minutes": 25, "thirty-five minutes": 35, "forty minutes": 40,
    "forty-five minutes": 45, "fifty minutes": 50,
}  # fmt: skip


@pytest.mark.parametrize("name", list(LESSONS))
def test_a_lesson_takes_the_minutes_that_it_says_with_its_reading(name: str) -> None:
    told = lesson(name)
    said = re.search(r"It takes about ([a-z -]+?(?:hour|minutes))", told.cells[0].text)
    assert said, name
    assert abs(SAID[said[1]] - told.minutes - told.reading_minutes) < 6  # code is read, too
    if SAID[said[1]] > 40:
        assert "in one sitting or two" in told.cells[0].text


# What a lesson may import beside `lab` itself: what its task is about.
ALLOWED: dict[str, set[str]] = {
    "yours": set(),
    "write": {
        "from lab.core.asks import Candidate, Done, Evaluate, Generate, Pick, Request",
        "from lab.optimizers import Optimizer",
        "from lab.optimizers.replies import candidate_flaw, flawed, whole",
        "from lab.optimizers.rows import subset",
        "from lab.optimizers.settings import number",
    },
}


def test_a_solution_stands_in_no_cell_before_its_fold() -> None:
    for name in LESSONS:
        told = lesson(name)
        for cell in cells(notebook.exercises(told)):
            text = source(cell)
            if cell["cell_type"] == "code":
                assert not [task.name for task in told.tasks.values() if task.done and task.done in text]
            elif "<details>" in text:
                assert text.startswith("<details><summary>")
                assert text.count("<details>") == text.count("</details>")


def test_a_link_leads_somewhere() -> None:
    built = notebook.built()
    for name, text in built.items():
        for cell in cells(text):
            if cell["cell_type"] != "markdown":
                continue
            for link in re.findall(r"\]\(([^)#\s]+)\)", source(cell)):
                if "://" not in link:
                    target = (NOTEBOOKS / name).parent / link
                    assert target.resolve().exists(), (name, link)


def test_the_page_for_teachers_names_each_lesson_with_its_minutes_and_links_that_lead_somewhere() -> None:
    page = (NOTEBOOKS / "TEACHING.md").read_text(encoding="utf-8")
    for name in LESSONS:
        told = lesson(name)
        row = next(line for line in page.splitlines() if f"({told.file}.ipynb)" in line)
        assert row.endswith(f"| {told.minutes} |"), (name, told.minutes)
    for link in re.findall(r"\]\(([^)#\s]+)\)", page):
        assert (NOTEBOOKS / link).exists(), link


def test_the_words_are_spelled_as_a_dictionary_has_them() -> None:
    pytest.importorskip("codespell_lib")
    found = subprocess.run(
        [sys.executable, "-m", "codespell_lib", str(ROOT / "lab" / "learn"), str(NOTEBOOKS), "--skip", "*.png"],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert found.returncode == 0, found.stdout


def test_a_fence_that_does_not_end_or_stands_alone_is_refused() -> None:
    with pytest.raises(MisuseError, match="does not end"):
        parse("x", "x", "# A\n\n```python\n1")
    with pytest.raises(MisuseError, match="outside of a task"):
        parse("x", "x", "# A\n\n```hints\nLook.\n```")


# lab.learn


@pytest.mark.parametrize("name", TASKS)
def test_each_hint_and_each_solution_is_said(name: str) -> None:
    task = find(name)
    for n, text in enumerate(task.hints, 1):
        told = learn.hint(name)
        assert text in repr(told)
        assert f"Hint {n} of 3" in repr(told)
        assert f"Hint {n} of 3" in told._repr_html_()
    assert learn.hint(name) == learn.hint(name)  # the last one stays
    assert learn.solution(name).code == task.done
    assert task.why in repr(learn.solution(name))


def test_no_answer_is_told_by_what_python_shows_of_a_check() -> None:
    shown = "\n".join(
        [
            repr(learn.check),
            str(learn.check.__doc__),
            repr(learn),
            str(learn.__doc__),
            repr(dir(learn)),
            str(learn.check.__defaults__),
        ]
    )
    for name in TASKS:
        task = find(name)
        assert not task.done or task.done not in shown
        found = learn.check(name, None)
        assert not found.passed
        assert all(part not in repr(found) + found._repr_html_() for part in (task.done, task.why) if part)


def test_progress_survives_another_process_and_a_task_stays_done() -> None:
    assert learn.check("start.guess", 0.4, lab.compare("sentiment", ["Is it positive?"])).passed
    learn.hint("start.noise")
    program = "from lab import learn; print(learn.progress('start')); print(learn.hint('start.noise'))"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert "●○○○○○○ 1 of 7 tasks of 00_start_here; next: What is each split for?" in told
    assert "Hint 2 of 3" in told
    assert not learn.check("start.guess", None).passed
    assert "1 of 7" in repr(learn.progress("start"))


def test_what_is_no_progress_is_said_to_be_none(tmp_path: Path) -> None:
    kept = Progress.beside(tmp_path / "lab.sqlite")
    assert kept.read() == {}
    kept.path.write_text("[1]")
    with pytest.raises(MisuseError, match="Move it away"):
        kept.read()


def test_what_is_no_task_is_said_with_what_there_is() -> None:
    for name in ("start", "start.x", "nothing.guess", ""):
        with pytest.raises(MisuseError, match="There is no"):
            learn.check(name, 1)


def test_a_stand_in_goes_in_where_nothing_was_written() -> None:
    assert learn.stand_in("start.guess", None) == 0.75
    assert learn.stand_in("start.by_hand", "mine") == "mine"
    assert learn.stand_in("protegi.victim", 0) == 0


def test_the_command_writes_the_notebooks_and_leaves_those_that_are_there(tmp_path: Path) -> None:
    def command(*more: str) -> str:
        ran = subprocess.run(
            [sys.executable, "-m", "lab", "lessons", str(tmp_path / "course"), *more],
            capture_output=True,
            text=True,
            check=True,
        )
        return ran.stdout

    n = 2 * len(LESSONS)
    assert f"{n} notebooks written" in command()
    mine = tmp_path / "course" / "00_start_here.ipynb"
    mine.write_text("mine")
    assert f"{n} notebooks left as they are" in command()
    assert mine.read_text() == "mine"
    assert f"{n} notebooks written" in command("--force")
    assert mine.read_text() != "mine"
