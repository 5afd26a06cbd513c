"""The list of a person's runs: searched, put away, deleted after two presses, taken in; and notes beside the history."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.browser import free_port, person
from support.drawn import inert

from lab.errors import BookError, MisuseError
from lab.session import Session
from lab.session.acts import act_now
from lab.session.listing import Listed
from lab.session.looking import look
from lab.store import Book
from lab.store.lab_file import write_lab
from lab.tasks.bundled import load
from lab.views.page import place_part
from lab.views.runs import runs_list, stake_code
from lab.views.sparkline import sparkline
from lab.web.my_runs import acted, drawn, taken_in

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def session(tmp_path: Path) -> Session:
    session = Session(tmp_path / "lab.sqlite")
    task = load("sentiment")
    session.begin(replace(task, train=task.train[:24], dev=task.dev[:8], test=()), name="first")
    session.begin(load("triage"), optimizer_name="opro", name="second")
    return session


def named(session: Session, name: str) -> str:
    return next(one.id for one in (*session.branches(), *session.branches(True)) if one.name == name)


def test_what_is_written_on_runs_is_on_their_cards_as_text_and_finds_them(session: Session) -> None:
    session.note(named(session, "first"), note=HOSTILE, tags=(HOSTILE,), starred=True)
    seen = inert(drawn(session))
    assert "script" not in seen.tags
    assert HOSTILE in seen.words
    assert seen.words.index("sentiment") < seen.words.index("triage"), "what is starred comes first"
    found = inert(drawn(session, {"act": "runs", "text": "ALERT("})).words
    assert "sentiment" in found
    assert "triage" not in found
    assert "No run here holds" in inert(drawn(session, {"act": "runs", "text": "nowhere"})).words


def test_a_run_says_when_it_was_worked_on_and_shows_its_best_score_by_step() -> None:
    row = Listed("b", "r", "main", "sentiment", "OPRO", "practice", 2, made="2026-11-27T14:05:09.120+01:00")
    rising = replace(row, start=0.4, best=0.5, bests=(0.4, 0.4, 0.45, 0.45, 0.5))
    drawn = runs_list([rising])
    assert "27 November 2026, 13:05 UTC" in inert(drawn).words
    assert 'datetime="2026-11-27T14:05:09.120+01:00"' in drawn
    assert 'role="img" aria-label="Best score on dev by step: from 40 % to 50 % in 4 steps"' in drawn
    assert '<path d="M2,22H48V12H94V2H94"/>' in drawn
    assert "<svg" not in runs_list([row]), "of what was not measured there is no line"
    assert '<path d="M2,12H94"/>' in sparkline((0.5, 0.5)), "a score that stays is a level line in the middle"


def test_a_run_is_put_away_and_taken_out_by_a_press_and_deleted_by_two(session: Session) -> None:
    first = named(session, "first")
    assert "Put away: 1" in inert(acted(session, {"act": "archive", "branch": first})).words
    away = {"branch": first, "text": "", "archived": True}
    assert "sentiment" in inert(drawn(session, {"act": "runs", **away})).words
    asked = acted(session, {"act": "askdelete", **away})
    assert "The run “first” goes for good" in inert(asked).words
    with pytest.raises(MisuseError, match="has changed since"):
        acted(session, {"act": "delete", "stake": "9.9.9.9.9", **away})
    assert len(session.branches(True)) == 1
    stake = stake_code(session.at_stake(first))
    assert stake in asked
    assert "No run is put away" in inert(acted(session, {"act": "delete", "stake": stake, **away})).words
    assert [one.name for one in session.branches()] == ["second"]


def test_a_visitor_does_nothing_to_the_runs_of_others_and_takes_files_in_as_their_own(
    session: Session, tmp_path: Path
) -> None:
    ann, first = Session(session.book, "ann"), named(session, "first")
    for act in ("archive", "unarchive", "askdelete", "delete"):
        with pytest.raises(MisuseError, match="no such branch"):
            acted(ann, {"act": act, "branch": first, "stake": stake_code(session.at_stake(first))})
    file = tmp_path / "run.lab"
    write_lab(session.book, file, session.branch(first).run)
    assert taken_in(ann, str(file)) == "1 branch taken in."
    assert not file.exists(), "what was sent is not kept"
    (mine,) = ann.branches()
    assert (mine.owner, mine.name) == ("ann", "first")
    assert mine.id != first
    (tmp_path / "bad.lab").write_text("no zip")
    with pytest.raises(BookError, match="not a whole"):
        taken_in(ann, str(tmp_path / "bad.lab"))
    assert not (tmp_path / "bad.lab").exists()


def test_the_node_that_is_looked_at_has_a_form_for_notes_and_shows_them_as_text(session: Session) -> None:
    branch = named(session, "first")
    node = session.branch(branch).node
    event = {
        "act": "note",
        "node": node,
        "name": "turn",
        "tags": f"a, {HOSTILE},",
        "starred": True,
        "text": HOSTILE,
    }
    act_now(session, branch, event)
    (note,) = session.notes(branch)
    assert (note.name, note.tags, note.starred, note.note) == ("turn", ("a", HOSTILE), True, HOSTILE)
    state = session.state(branch)
    seen = inert(place_part(state, look(state, session.book, node), False))
    assert "script" not in seen.tags
    assert {HOSTILE, "turn", "a"} <= set(seen.words.splitlines()) or HOSTILE in seen.words
    with pytest.raises(MisuseError, match="no such place"):
        act_now(session, branch, {**event, "node": "n2-b2-nowhere"})
    act_now(session, branch, {"act": "note", "node": node})
    assert session.notes(branch) == (), "empty fields take away what was there"


@pytest.fixture
def served(session: Session) -> Iterator[str]:
    from lab.web.build import launch

    demo, url = launch(session.book, port=free_port())
    yield url
    demo.close()


@pytest.mark.browser
@pytest.mark.long
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore:.*:UserWarning")
def test_a_page_follows_what_a_notebook_puts_away_and_deletes_and_takes_in_runs(
    session: Session, served: str, tmp_path: Path, browser: Any, seen: Any
) -> None:
    write_lab(session.book, tmp_path / "run.lab", session.branch(named(session, "first")).run)
    page = person(browser, seen).new_page()
    page.goto(served)
    page.wait_for_selector(".lab-run")
    time = page.locator(".lab-run time").first
    here = page.evaluate("made => new Date(made).toTimeString().slice(0, 5)", time.get_attribute("datetime"))
    assert time.inner_text() in (f"today {here}", f"yesterday {here}")
    Session(Book(session.book.path)).archive(named(session, "second"))
    page.wait_for_function("() => document.querySelectorAll('.lab-run').length === 1")
    page.locator(".lab-run summary").click()
    page.locator("[data-act=askdelete]").click()
    page.locator("[data-act=delete]").click()
    page.wait_for_function("() => document.querySelectorAll('.lab-run').length === 0")
    assert session.branches() == ()
    page.set_input_files("input[type=file][accept='.lab']", str(tmp_path / "run.lab"))
    page.wait_for_selector(".lab-run")
    assert [one.name for one in session.branches()] == ["first"]
