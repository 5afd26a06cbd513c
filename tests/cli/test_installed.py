"""The lab as it is installed: one command, and packages that hold all they need."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path
from urllib.request import urlopen

import pytest
from support.browser import free_port
from support.paths import ROOT

import lab

DATA = (".md", ".jsonl", ".json", ".css", ".js", ".tsv", ".typed")
LEFT_OUT = ("*.egg-info", "build", "dist", ".*cache", ".hypothesis", ".git", ".venv", "__pycache__")


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "lab", *words]


@pytest.mark.long
@pytest.mark.parametrize("entry", [["-m", "lab"], ["app.py"]], ids=["the command", "the checkout"])
def test_without_a_command_the_page_opens(entry: list[str], tmp_path: Path) -> None:
    words = [sys.executable, *entry, "--port", str(free_port()), "--book", str(tmp_path / "b.sqlite")]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            line = server.stdout.readline()
            assert "Prompt Lab is at http://127.0.0.1:" in line
            with urlopen(line.split()[4]) as answer:
                assert answer.status == 200
        finally:
            server.terminate()


def test_the_command_is_the_module() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["scripts"] == {"prompt-lab": "lab.cli.main:main"}
    from lab.__main__ import main

    assert main is sys.modules["lab.cli.main"].main


def test_the_version_is_said_in_one_place() -> None:
    ran = subprocess.run(command("--version"), capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == f"prompt-lab {lab.__version__}"


def test_an_unknown_command_is_answered_with_those_that_there_are() -> None:
    ran = subprocess.run(command("optimise"), capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert "invalid choice: 'optimise'" in ran.stderr
    assert "practice-server" in ran.stderr


def test_a_port_that_is_taken_is_said_in_a_sentence() -> None:
    ran = subprocess.run(command("page", "--port", "70000"), capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert (
        ran.stderr
        == "lab: 127.0.0.1:70000 cannot be used; perhaps another program has it. Choose another with --port.\n"
    )


@pytest.mark.long
@pytest.mark.parametrize(
    ("code", "unneeded"),
    [
        ("import lab; lab.begin", ("gradio", "altair", "ipywidgets", "anywidget", "IPython", "vl_convert")),
        ("import lab.cli.main, lab.cli.run", ("gradio", "altair", "ipywidgets", "anywidget", "IPython", "pandas")),
        ("import lab.web.build", ("altair", "ipywidgets", "anywidget", "vl_convert")),
        ("import lab.widgets", ("gradio", "altair", "vl_convert")),
    ],
)  # fmt: skip
def test_what_is_not_used_is_not_imported(code: str, unneeded: tuple[str, ...]) -> None:
    asked = f"{code}\nimport sys\nprint([name for name in {unneeded!r} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


@pytest.mark.long
def test_the_wheel_and_the_source_package_hold_all_they_need(tmp_path: Path) -> None:
    pytest.importorskip("setuptools")
    source = tmp_path / "source"
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(*LEFT_OUT))
    build = "from setuptools import build_meta as b\nprint(b.build_sdist('out'))\nprint(b.build_wheel('out'))"
    subprocess.run([sys.executable, "-c", build], cwd=source, check=True, capture_output=True)
    (wheel,), (sdist,) = (source / "out").glob("*.whl"), (source / "out").glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as packed:
        installed = {name for name in packed.namelist() if name.startswith("lab/")}
    with tarfile.open(sdist) as packed:
        carried = {name.partition("/")[2] for name in packed.getnames()}
    room = {
        path.relative_to(ROOT).as_posix() for path in (ROOT / "lab").rglob("*") if path.suffix in (".py", *DATA)
    }
    assert room <= installed
    tests = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "tests").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    needed = {"README.md", "CHANGELOG.md", "LICENSE", "app.py", "constraints.txt", "pyproject.toml", ".ci/run"}
    notebooks = {path.relative_to(ROOT).as_posix() for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert room | tests | needed | notebooks <= carried
    assert os.stat(wheel).st_size < 2_000_000
