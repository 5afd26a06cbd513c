"""Every command and program of the README that is marked to be tested, run as it stands."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.browser import free_port
from support.paths import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
MARKED = re.findall(r"<!-- test: (\w+) -->\n```\w+\n(.*?)```", README, re.DOTALL)
PROGRAMS = [block for kind, block in MARKED if kind == "python"]
COMMANDS = [line for kind, block in MARKED if kind == "shell" for line in block.strip().splitlines()]


CELLS = [block for kind, block in MARKED if kind == "cell"]
CLIENTS = [block for kind, block in MARKED if kind == "client"]
SERVERS = [line for kind, block in MARKED if kind == "server" for line in block.strip().splitlines()]


def test_there_is_something_to_run() -> None:
    assert (len(PROGRAMS), len(COMMANDS), len(CELLS), len(SERVERS), len(CLIENTS)) == (3, 18, 3, 1, 1)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.strip().splitlines()[-1])
def test_the_programs_run(program: str, tmp_path: Path) -> None:
    rows = [f"I {'love' if i % 2 else 'hate'} thing {i},{'yes' if i % 2 else 'no'}" for i in range(40)]
    (tmp_path / "reviews.csv").write_text("text,label\n" + "\n".join(rows), encoding="utf-8")
    ran = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip()


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.strip().splitlines()[-1])
async def test_the_cells_run_as_in_a_notebook(cell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The model that a reader has is stood in for by the practice model."""
    pytest.importorskip("anywidget")
    monkeypatch.setenv("LAB_BOOK", str(tmp_path / "lab.sqlite"))
    monkeypatch.chdir(tmp_path)
    known = cell.replace('"llama3.2", "http://127.0.0.1:11434/v1"', '"practice"')
    program = compile(known, "cell", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    names: dict[str, object] = {}

    waiting = eval(program, names)
    if waiting is not None:
        await waiting
    assert names["run"].session.branches()  # type: ignore[attr-defined]


@pytest.mark.long
def test_the_commands_run_in_order(tmp_path: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for command in COMMANDS:
        ran = subprocess.run(
            command, shell=True, cwd=tmp_path, capture_output=True, text=True, env={**os.environ, "PATH": path}
        )
        assert ran.returncode == 0, (command, ran.stderr)
        assert ran.stdout.strip()


@pytest.mark.parametrize("command", SERVERS)
def test_the_servers_start_say_where_they_are_and_end(command: str, tmp_path: Path) -> None:
    words = re.sub(r"--port \d+", "--port 0", command).split()[1:]
    with subprocess.Popen([sys.executable, *words], cwd=tmp_path, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            assert "http://127.0.0.1:" in server.stdout.readline()
        finally:
            server.terminate()
        assert server.wait(20) is not None


@pytest.mark.parametrize("program", CLIENTS)
def test_the_programs_that_ask_a_page_run(program: str, tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "lab", "page", "--book", str(tmp_path / "lab.sqlite"), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as page:
        assert page.stdout is not None
        try:
            assert f"http://127.0.0.1:{port}" in page.stdout.readline()
            asks = program.replace("http://127.0.0.1:7860", f"http://127.0.0.1:{port}")
            ran = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True)
            assert ran.returncode == 0, ran.stderr
            assert len(ran.stdout.strip().splitlines()) == 3
        finally:
            page.terminate()


def test_the_first_screen_has_the_two_commands() -> None:
    first = README.split("\n## ")[0]
    assert "pip install -e . && python app.py" in first
    assert "pip install -e '.[dev]' && pytest" in first


def test_every_file_of_the_tests_is_explained() -> None:
    told = (ROOT / "tests" / "README.md").read_text(encoding="utf-8")
    for file in (ROOT / "tests").glob("test_*.py"):
        assert f"`{file.name}`" in told, file.name
