"""Runs on the command line: listed, found, written on, put away and deleted."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import lab
from lab.cli.main import main
from lab.session import Session
from lab.session.listing import listed
from lab.tasks.bundled import load


@pytest.fixture
def book(tmp_path: Path) -> Path:
    session = Session(tmp_path / "lab.sqlite")
    task = load("sentiment")
    session.begin(replace(task, train=task.train[:24], dev=task.dev[:8], test=()), name="first")
    session.begin(load("triage"), optimizer_name="opro", name="second")
    session.book.close()
    return tmp_path / "lab.sqlite"


def said(capsys: pytest.CaptureFixture[str], *given: str, status: int = 0) -> str:
    capsys.readouterr()
    assert main(given) == status
    told = capsys.readouterr()
    return told.out if status == 0 else told.err + told.out


def names(capsys: pytest.CaptureFixture[str], book: Path, *more: str) -> list[str]:
    found = json.loads(said(capsys, "runs", "--book", str(book), "--json", *more))
    return [one["name"] for one in found["runs"]]


def test_runs_are_found_by_what_they_are_and_by_what_is_written_on_them(
    book: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ("--book", str(book))
    assert names(capsys, book) == ["second", "first"]
    assert names(capsys, book, "--search", "TRIAGE") == ["second"]
    said(capsys, "note", "first", "mind \x1b[31mirony", *at, "--on", "P0", "--tag", "keep")
    said(capsys, "note", "first", *at, "--star", "--tag", "class", "--name", "for Monday")
    assert names(capsys, book, "--search", "irony") == ["for Monday: first"]
    shown = said(capsys, "runs", *at)
    assert shown.startswith("★ for Monday: first"), "what is starred comes first"
    assert "[class]" in shown
    assert "\x1b" not in shown
    assert "not measured yet" in shown
    assert "prompt" in said(capsys, "note", "first", *at)
    said(capsys, "note", "first", "", *at, "--on", "P0", "--tag", "", "--no-star")
    assert names(capsys, book, "--search", "irony") == []
    assert "This run has no" in said(capsys, "note", "first", "x", *at, "--on", "P99", status=1)


def test_a_run_is_put_away_taken_out_and_deleted_after_it_was_said_what_goes(
    book: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ("--book", str(book))
    said(capsys, "archive", "first", *at)
    assert names(capsys, book) == ["second"]
    assert names(capsys, book, "--archived") == ["first"]
    said(capsys, "archive", "first", *at, "--back")
    assert names(capsys, book) == ["second", "first"]
    assert "Say it with --yes" in said(capsys, "delete", "first", *at, status=1)
    assert names(capsys, book) == ["second", "first"]
    said(capsys, "archive", "first", *at)
    told = said(capsys, "delete", "first", *at, "--yes")
    assert "The run “first” goes for good: 1 branch, 1 place of its history and 0 replies" in told
    assert names(capsys, book, "--archived") == []
    assert "There is no branch" in said(capsys, "delete", "first", *at, "--yes", status=1)
    assert Session(book).book.verify()[1] == ()


def test_a_visitor_lists_what_is_theirs_and_nothing_else(book: Path) -> None:
    mine = Session(book)
    visitor = Session(mine.book, owner="ann")
    visitor.begin(load("sentiment"), name="hers")
    assert [one.name for one in listed(visitor)] == ["hers"]
    mine.archive(mine.branches()[0].id)
    assert listed(visitor, archived=True) == ()
    assert len(listed(mine, archived=True)) == 1


def test_a_run_is_taken_in_as_a_recording_where_that_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = lab.begin("sentiment", "protegi", preset="thrifty", rounds=1, name="a try", book=tmp_path / "lab.sqlite")
    run.next(until="candidates")
    run.export(tmp_path / "run.lab")
    elsewhere = ("--book", str(tmp_path / "elsewhere.sqlite"))
    assert said(capsys, "import", str(tmp_path / "run.lab"), "--recording", *elsewhere).startswith("a try (")
    assert "recording" in said(capsys, "runs", *elsewhere)
    taken = lab.open(tmp_path / "elsewhere.sqlite", name="a try")
    assert [(one.text, one.proposed) for one in taken.step] == [(one.text, one.proposed) for one in run.step]
    assert "a recording" in repr(taken)
    assert said(capsys, "verify", elsewhere[1])
