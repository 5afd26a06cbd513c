"""The sealed test split: opened for named prompts by one act, with time and reason, counted, and told with its gap."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import lab
from lab.export import export, take
from lab.session import sealed
from lab.session.acts import act
from lab.store.schema import MIGRATIONS
from lab.store.verify import verify
from lab.tasks.outcomes import judged
from lab.views.page import page


@pytest.fixture
def run() -> lab.Run:
    """A run whose best prompt is another one than its start prompt."""
    run = lab.begin("sentiment", "protegi", preset="quick", name="by hand")
    run.autopilot(rounds=1)
    assert run.best.prompt != run.task.start
    return run


def test_a_run_that_never_opened_it_knows_how_many_examples_there_are_and_no_more(run: lab.Run) -> None:
    known = run.session.state(run.id).sealed
    assert known.n_examples > 0
    assert (known.openings, known.tested) == ((), ())
    assert "nobody has opened it" in str(run.best.export(format="markdown"))
    assert "Open the sealed test" in page(run.session.state(run.id)).drawer


def test_opening_it_is_recorded_with_its_prompts_its_time_and_its_reason(run: lab.Run) -> None:
    found = run.test(reason="the run has ended")
    (one,) = found.openings
    assert one.prompts == (run.task.start, run.best.prompt)
    assert one.reason == "the run has ended"
    assert one.made.startswith("20")
    assert found.n_openings == 1
    assert [tested.prompt for tested in found.tested] == list(one.prompts)
    frame = found.frame()
    assert list(frame.test_n) == [run.session.state(run.id).sealed.n_examples] * 2
    assert (frame.test_low <= frame.test).all()
    assert (frame.gap == frame.dev - frame.test).all()


def test_prompts_are_named_and_one_alone_may_be(run: lab.Run) -> None:
    found = run.test("Answer positive or negative.", reason="a prompt of my own")
    assert [one.prompt for one in found.tested] == ["Answer positive or negative."]
    assert found.tested[0].dev is None


def test_a_second_opening_counts_and_says_so(run: lab.Run) -> None:
    first, second = run.test(), run.test(reason="once more")
    assert (first.n_openings, second.n_openings) == (1, 2)
    assert not any("more than once" in line for line in first.sentences())
    assert any("more than once" in line for line in second.sentences())
    assert run.session.state(run.id).sealed.openings[0].reason == ""


def test_what_was_seen_is_shown_in_page_exports_and_elsewhere_in_the_run(run: lab.Run) -> None:
    run.test(reason="<b>why</b> not")
    other = run.fork(name="other")
    shown = page(other.session.state(other.id)).drawer
    assert "opened 1 time" in shown
    assert "&lt;b&gt;why&lt;/b&gt; not" in shown
    assert "<b>why</b>" not in shown
    taken = take(run.session, run.id)
    for format in ("markdown", "html", "python"):
        assert "opened 1 time" in export(taken, format), format


def test_the_score_on_train_is_what_known_replies_say_and_nothing_is_asked_for_it(run: lab.Run) -> None:
    found = run.test()
    start = found.tested[0]
    calls = run.calls()
    on_test = calls[calls.step == "test"]
    assert on_test.calls.sum() + on_test.cached.sum() == 2 * start.test.n_all
    assert start.train is None or start.train.n <= start.train.n_all == len(run.task.train)


def test_macro_f1_has_its_intervals_on_the_test_split_too() -> None:
    run = lab.begin("triage", "opro", preset="quick", name="f1")
    run.next()
    (one,) = run.test().tested
    assert one.test.interval is not None
    assert one.test.interval[0] < one.test.score < one.test.interval[1]


@pytest.mark.parametrize(
    ("prompts", "reason", "said"),
    [
        ([], "", "prompts"),
        ([" "], "", "Name the prompts"),
        (None, "x" * 501, "500 characters"),
        (None, 3, "reason"),
    ],
)
def test_a_wrong_call_opens_nothing(run: lab.Run, prompts: list[str] | None, reason: str, said: str) -> None:
    with pytest.raises(lab.MisuseError, match=said):
        run.test(prompts, reason=reason)
    assert run.session.state(run.id).sealed.openings == ()


def test_a_task_without_test_examples_has_nothing_to_open() -> None:
    rows = [lab.Example.of(f"thing {i}", "good" if i % 2 else "bad") for i in range(30)]
    run = lab.begin(
        lab.Task("t", "Good or bad?", tuple(rows[:15]), tuple(rows[15:]), labels=("good", "bad")), "opro"
    )
    with pytest.raises(lab.MisuseError, match="no test examples"):
        run.test()
    assert "sealed test" not in page(run.session.state(run.id)).drawer


async def test_the_button_asks_for_a_reason_and_opens_as_a_job(run: lab.Run) -> None:
    session, version = run.session, run.session.version(run.id).place
    with pytest.raises(lab.MisuseError, match="Say why"):
        await act(session, run.id, {"act": "test", "reason": "  "})
    await act(session, run.id, {"act": "test", "reason": "the page asks"})
    await session.jobs.ended(run.id)
    (one,) = session.state(run.id).sealed.openings
    assert one.reason == "the page asks"
    assert session.version(run.id).place != version


def test_verify_knows_scores_on_test_that_nobody_opened(run: lab.Run) -> None:
    run.test()
    path = run.session.book.path
    run.session.book.checkpoint()
    assert verify(path).wrong == ()
    with sqlite3.connect(path) as db:
        db.execute("DELETE FROM openings")
    assert {one.code for one in verify(path).wrong} == {"unopened"}


def test_verify_works_out_scores_on_the_test_split_anew(run: lab.Run) -> None:
    run.test()
    path = run.session.book.path
    with sqlite3.connect(path) as db:
        db.execute("UPDATE measures SET score = 0.123 WHERE split = 'test'")
    assert "score" in {one.code for one in verify(path).wrong}


def test_a_book_of_before_has_its_openings_with_their_time_and_no_reason(run: lab.Run) -> None:
    run.test(reason="told")
    path = run.session.book.path
    run.session.book.close()
    with sqlite3.connect(path) as db:
        db.execute("DROP TABLE openings")
        db.execute("DELETE FROM migrations WHERE name = ?", ("m010_openings",))
    assert "m010_openings" in {change.__name__ for change in MIGRATIONS}
    again = lab.Session(path)
    state = again.state(again.branches()[0].id)
    (one,) = state.sealed.openings
    assert one.reason == ""
    assert set(one.prompts) == {state.context.task.start, state.result}
    assert verify(path).wrong == ()


def command(*given: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "lab", *map(str, given)], capture_output=True, text=True)


@pytest.mark.long
def test_the_command_opens_it_and_run_with_test_does_it_the_same_way(tmp_path: Path) -> None:
    book = tmp_path / "book.sqlite"
    small = ("--rounds", 1, "--preset", "thrifty", "--optimizer", "opro", "--book", book)
    ran = command("run", "--task", "sentiment", *small, "--test", "--json")
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["n_test_openings"] == 1
    ran = command("test", "--book", book, "--branch", "main", "--reason", "a second look", "--json")
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told["n_openings"] == 2
    assert told["openings"][0]["reason"] == "asked for with the run, by --test"
    assert told["openings"][1]["reason"] == "a second look"
    assert told["prompts"][0]["test"]["n"] == told["n_test"]
    ran = command("test", "--book", book, "--branch", "main", "--prompt", "Positive or negative?")
    assert "opened 3 times" in ran.stdout


def test_train_is_read_anew_only_where_replies_have_come_since(
    run: lab.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.test([run.task.start])
    n_judged = Counter[str]()
    monkeypatch.setattr(sealed, "judged", lambda *given: n_judged.update(["judged"]) or judged(*given))
    first = run.session.state(run.id).sealed
    n = n_judged.total()
    assert run.session.state(run.id).sealed == first
    assert n_judged.total() == n
    run.test([run.best.prompt])
    assert len(run.session.state(run.id).sealed.tested) == 2
    assert n_judged.total() > n
