"""A `.lab` file from anywhere: whose it is, in which order it is, what it calls things and what it claims."""

from __future__ import annotations

import asyncio
import json
import shutil
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from support.drawn import SMALL

from lab.core.review import Mark
from lab.errors import BookError
from lab.session import Session
from lab.store import OWNER
from lab.store.lab_file import MANIFEST, take_in, write_lab
from lab.store.verify import verify
from lab.tasks.bundled import load

Lines = Mapping[str, Sequence[str]]


async def begun(session: Session) -> None:
    task = load("sentiment")
    small = replace(task, train=task.train[:16], dev=task.dev[:6], test=task.test[:3])
    branch = session.begin(small, settings=SMALL, stops=())
    await session.autopilot(branch, 1)
    await session.open_test(branch, [small.start], reason="a look")
    other = session.fork(branch, session.state(branch).path[1], "beside")
    session.mark(other, await session.propose(other), 0, Mark(0, keep=False))
    session.note(branch, "beside", note="the other line", tags=("try",))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book with a run of two branches, and notes; not to be written to."""
    session = Session(tmp_path_factory.mktemp("made") / "one.sqlite")
    asyncio.run(begun(session))
    session.book.close()
    return session.book.path


@pytest.fixture
def session(made: Path, tmp_path: Path) -> Session:
    return Session(shutil.copy(made, tmp_path / "one.sqlite"))


@pytest.fixture
def held(session: Session, tmp_path: Path) -> Lines:
    write_lab(session.book, tmp_path / "run.lab", session.branches()[0].run)
    with zipfile.ZipFile(tmp_path / "run.lab") as packed:
        return {name: packed.read(name).decode().splitlines() for name in packed.namelist()}


def packed(path: Path, lines: Lines) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        for name, some in lines.items():
            file.writestr(name, "".join(f"{line}\n" for line in some))
    return path


def changed(held: Lines, table: str, **changes: object) -> Lines:
    row, *rest = held[f"{table}.jsonl"]
    return {**held, f"{table}.jsonl": [json.dumps({**json.loads(row), **changes}), *rest]}


def shown(session: Session) -> list[object]:
    states = [session.state(one.id) for one in session.branches() if one.owner == session.owner]
    return [
        (one.branch.name, one.path, one.measured, dict(one.names.by_subject), one.draft, one.sealed.tested)
        for one in sorted(states, key=lambda one: one.branch.name)
    ] + [sorted(session.notes(states[0].branch.id), key=repr), session.book.spent()]


def test_the_order_of_its_lines_and_members_does_not_matter(session: Session, held: Lines, tmp_path: Path) -> None:
    for seed in range(3):
        draw = Random(seed)
        mixed = {name: draw.sample(list(lines), len(lines)) for name, lines in held.items()}
        mixed = dict(draw.sample(list(mixed.items()), len(mixed)))
        other = Session(tmp_path / f"mixed{seed}.sqlite")
        take_in(other.book, packed(tmp_path / "mixed.lab", mixed), OWNER)
        assert verify(other.book.path).wrong == ()
        assert shown(other) == shown(session)


def test_what_comes_in_is_the_owners_and_moves_nothing_of_anybody_else(
    session: Session, held: Lines, tmp_path: Path
) -> None:
    file = packed(tmp_path / "run.lab", held)
    before, mine = shown(session), session.branches()
    ann = Session(session.book, "ann")
    taken = take_in(session.book, file, "ann")
    assert {one.id for one in ann.branches()} == set(taken.branches)
    assert set(taken.branches).isdisjoint(one.id for one in mine)
    assert {one.owner for one in ann.branches()} == {"ann"}
    assert {one.run for one in ann.branches()}.isdisjoint(one.run for one in mine)
    assert [note.note for note in ann.notes(taken.branches[0])] == ["the other line"]
    assert take_in(session.book, file, "ann").n_new == 0, "a second time nothing is new"
    assert shown(Session(session.book.path)) == before
    assert session.book.verify()[1] == ()


def test_a_visitors_file_answers_and_scores_nothing_in_a_book_that_is_shared(held: Lines, tmp_path: Path) -> None:
    shared = Session(tmp_path / "shared.sqlite", "ann")
    (first, *_) = take_in(shared.book, packed(tmp_path / "run.lab", held), "ann").branches
    assert shared.book.n_calls() == 0
    assert shared.book.n_paid_by("ann", ("practice",)) == 0
    state = shared.state(first)
    assert state.measured == {}
    assert len(state.path) > 1
    assert shared.book.verify()[1] == ()


def test_a_visitors_file_may_be_a_tenth_as_large(
    held: Lines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = packed(tmp_path / "run.lab", held)
    monkeypatch.setattr("lab.store.lab_file.MOST_BYTES", 2 * file.stat().st_size)
    with pytest.raises(BookError, match="it is larger than"):
        take_in(Session(tmp_path / "shared.sqlite").book, file, "ann")
    assert take_in(Session(tmp_path / "mine.sqlite").book, file, OWNER).branches


def test_a_score_whose_replies_are_not_in_the_file_is_left_out_and_counted(held: Lines, tmp_path: Path) -> None:
    scored = [json.loads(line)["prompt"] for line in held["measures.jsonl"]]
    paid = {json.loads(line)["call"] for line in held["payments.jsonl"]}
    gone = next(
        row for line in held["calls.jsonl"]
        if scored[0] in (row := json.loads(line))["request"] and row["key"] in paid
    )  # fmt: skip
    without = {
        **held,
        "calls.jsonl": [line for line in held["calls.jsonl"] if json.loads(line)["key"] != gone["key"]],
        "payments.jsonl": [line for line in held["payments.jsonl"] if json.loads(line)["call"] != gone["key"]],
    }
    whole, other = Session(tmp_path / "whole.sqlite"), Session(tmp_path / "other.sqlite")
    assert take_in(whole.book, packed(tmp_path / "whole.lab", held), OWNER).n_left_out == 0
    found = take_in(other.book, packed(tmp_path / "without.lab", without), OWNER)
    n_kept = len(other.state(found.branches[0]).measured) + len(other.state(found.branches[0]).sealed.tested)
    n_all = len(whole.state(found.branches[0]).measured) + len(whole.state(found.branches[0]).sealed.tested)
    assert found.n_left_out == 1
    assert n_kept == n_all - 1


@pytest.mark.parametrize(
    ("table", "changes"),
    [
        ("notes", {"tags": "{}"}),
        ("notes", {"tags": "[1]"}),
        ("notes", {"kind": "anything"}),
        ("names", {"kind": "poem"}),
        ("names", {"number": -1}),
        ("branches", {"stops": '"x"'}),
        ("branches", {"archived": 9}),
        ("measures", {"hits": '["x"]'}),
        ("measures", {"hits": f"[{'9' * 5000}]"}),
        ("openings", {"prompts": "[[]]"}),
        ("drafts", {"content": '{"is": "Task"}'}),
        ("spends", {"role": "nobody"}),
        ("tasks", {"content": '{"is": "Task"}'}),
    ],
)
def test_what_the_lab_could_not_read_is_refused_in_a_sentence(
    held: Lines, tmp_path: Path, table: str, changes: dict[str, object]
) -> None:
    target = Session(tmp_path / "two.sqlite")
    with pytest.raises(BookError, match=r"cannot be taken in: .* Nothing was changed"):
        take_in(target.book, packed(tmp_path / "bad.lab", changed(held, table, **changes)), OWNER)
    assert target.branches() == ()


def test_a_number_of_thousands_of_digits_is_refused_in_a_sentence(held: Lines, tmp_path: Path) -> None:
    row = held["moves.jsonl"][0].replace('"seq": 0', f'"seq": {"9" * 9_999}')
    assert row != held["moves.jsonl"][0]
    for name, line in (("moves.jsonl", row), (MANIFEST, f'{{"format": "prompt-lab", "version": {"9" * 9_999}}}')):
        with pytest.raises(BookError, match=r"cannot be taken in: .* Nothing was changed"):
            take_in(
                Session(tmp_path / "two.sqlite").book, packed(tmp_path / "x.lab", {**held, name: [line]}), OWNER
            )


def test_names_of_a_file_hold_nothing_that_a_terminal_or_a_browser_obeys(held: Lines, tmp_path: Path) -> None:
    hostile = "\x1b[31m\u202eevil\n<script>" + "x" * 500
    lines = changed(changed(held, "branches", name=hostile), "notes", note=hostile, tags=json.dumps([hostile]))
    session = Session(tmp_path / "two.sqlite")
    (first, *_) = take_in(session.book, packed(tmp_path / "x.lab", lines), OWNER).branches
    (note,) = session.notes(first)
    for text in (session.branch(first).name, note.note, *note.tags):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "evil" in text
    assert len(session.branch(first).name) <= 80
