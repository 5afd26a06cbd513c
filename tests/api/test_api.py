"""The Python that people type: found again, moved about, interrupted, shown; a metric and an optimizer of one's own."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from support.own import OWN, for_a_while

import lab
from lab.core.asks import Evaluate
from lab.models.perform import Performer
from lab.optimizers import load, optimizer
from lab.tasks import metrics

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def run() -> lab.Run:
    return lab.begin("sentiment", preset="quick", name="by hand")


# Names


def test_dir_and_completion_show_the_public_names_and_nothing_else() -> None:
    assert [name for name in dir(lab) if not name.startswith("__")] == sorted(lab.__all__)
    assert lab.__all__ == sorted(lab.__all__, key=lambda name: (name.upper() != name, name[0].islower(), name))
    for name in lab.__all__:
        assert getattr(lab, name) is not None


def test_the_lab_is_imported_in_no_time_and_brings_nothing_heavy() -> None:
    program = (
        "import sys, time; began = time.perf_counter(); import lab; took = time.perf_counter() - began;"
        "heavy = {'pandas', 'openai', 'altair', 'gradio', 'sqlalchemy', 'numpy', 'ipywidgets'} & set(sys.modules);"
        "print(took, heavy); assert took < 0.3 and not heavy"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_run_on_the_practice_model_imports_nothing_that_only_a_network_a_page_or_a_table_needs() -> None:
    program = (
        "import sys, lab; lab.begin('sentiment', preset='quick').next();"
        "heavy = {'pandas', 'openai', 'aiohttp', 'altair', 'gradio', 'numpy', 'ipywidgets'} & set(sys.modules);"
        "print(heavy); assert not heavy"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


# Found again


def test_a_run_of_a_name_is_found_again_and_without_a_name_another_begins(run: lab.Run) -> None:
    assert lab.begin("sentiment", preset="quick", name="by hand") == run
    assert lab.begin("sentiment", settings="quick", name="by hand") == run
    assert lab.open(name="by hand") == lab.open() == run
    assert lab.begin("sentiment", preset="quick") != lab.begin("sentiment", preset="quick")


@pytest.mark.parametrize(
    ("how", "difference"),
    [
        ({"preset": "thrifty"}, "other settings (rounds 2, not 3"),
        ({"optimizer": "ape"}, "another optimizer (protegi, not ape)"),
        ({"seed": 3}, "another seed (0, not 3)"),
        ({"task": "dates"}, "other examples or another start prompt (task “sentiment”)"),
        ({"model": "practice-hasty", "optimizer_model": "practice"}, "another target model"),
        ({"optimizer_model": "practice-literal"}, "another optimizer model"),
    ],
)
def test_another_run_of_the_name_is_refused_with_what_differs(
    run: lab.Run, how: dict[str, object], difference: str
) -> None:
    with pytest.raises(lab.MisuseError) as refused:
        lab.begin(**{"task": "sentiment", "preset": "quick", "name": "by hand", **how})
    assert difference in str(refused.value)
    assert "lab.open(name='by hand')" in str(refused.value)


def test_a_branch_of_a_name_is_found_again_and_so_is_the_run_behind_it(run: lab.Run) -> None:
    run.next()
    other = run.fork(name="my way")
    assert run.fork(name="my way") == other != run
    assert run.fork() != run.fork()
    assert lab.open(name="my way") == other


def test_all_cells_run_twice_leave_what_they_left_once(run: lab.Run) -> None:
    def cells() -> str:
        again = lab.begin("sentiment", preset="quick", name="by hand")
        again.goto(again.root)
        step = again.next(until="critiques")
        step[0].edit("Sarcasm is not named.")
        step.add("Nothing is said about negation.")
        again.accept()
        again.autopilot(rounds=1)
        return again.node

    first = cells()
    n_calls = run.calls()["calls"].sum()
    assert cells() == first
    assert run.calls()["calls"].sum() == n_calls
    assert len(run.session.branches()) == 1


# Steps


def test_a_loop_over_the_steps_ends_where_the_optimizer_does(run: lab.Run) -> None:
    seen = []
    while step := run.next():
        seen.append(step.phase)
        run.accept()
    assert seen.count("Criticise") == 2
    assert run.done
    assert step.done
    assert (len(step), list(step), repr(step)) == (0, [], "Step(done)")
    with pytest.raises(lab.MisuseError, match="has ended"):
        _ = step[0]


@pytest.mark.parametrize("name", ["ape", "protegi", "opro", "pe2"])
def test_every_optimizer_is_gone_through_by_hand_and_shows_what_it_says(name: str) -> None:
    run = lab.begin("sentiment", name, preset="quick", rounds=1)
    kinds = set()
    while step := run.next():
        kinds.add(step.kind)
        assert step.kind
        assert repr(step).count("\n") == 0
        assert all("\n" not in repr(item) for item in step)
        assert len(step.frame()) == len(step)
        run.accept()
    assert "candidates" in kinds
    assert run.best.score is not None
    for frame in (run.scores(), run.errors(), run.critiques(), run.history(), run.calls()):
        assert isinstance(frame, pd.DataFrame)
    assert len(run.scores()) > 1


@pytest.mark.parametrize(
    ("until", "phase"),
    [("errors", "Groups"), ("critiques", "Criticise"), ("Textual Gradients", "Criticise"), ("candidates", "Edit"),
     ("scores", "Minibatch"), ("NextBeam", "NextBeam"), (["critiques", "errors"], "Groups")],
)  # fmt: skip
def test_a_step_is_gone_to_by_what_it_shows_or_by_its_name(run: lab.Run, until: str, phase: str) -> None:
    assert run.next(until=until).phase == phase
    assert run.next(until=until).phase == phase  # it waits


def test_on_the_way_to_a_step_what_waits_is_taken_as_it_is_marked(run: lab.Run) -> None:
    run.next(until="critiques")[0].edit("Sarcasm is not named.")
    run.next(until="candidates")
    assert run.critiques()["critique"].tolist()[0] == "Sarcasm is not named."
    assert run.history().iloc[-1]["verdict"] == "edit"


def test_marks_are_in_the_book_where_any_face_sees_them(run: lab.Run) -> None:
    step = run.next(until="critiques")
    step[0].edit("Sarcasm is not named.", why="too vague")
    step[1].drop()
    step.add("Negation.")
    step.add("Negation.")
    state = run.session.state(run.id)
    assert [(place, mark.text, mark.keep, mark.why) for place, mark in state.draft] == [
        (0, "Sarcasm is not named.", True, "too vague"), (1, None, False, ""), (-1, "Negation.", True, ""),
    ]  # fmt: skip
    assert next((item.text, item.kept) for item in run.step or ()) == ("Sarcasm is not named.", True)
    step[0].reset()
    assert step[0].text == step[0].proposed
    assert not step[0].edited
    step[1].keep()
    step[-1].drop()
    run.accept()
    assert run.critiques()["edited"].sum() == 0


def test_a_step_is_gone_back_to_and_waits_as_it_was_left(run: lab.Run) -> None:
    errors = run.next(until="errors")
    errors[0].drop("noise")
    run.next(until="candidates")
    run.goto(errors)
    assert run.step is not None
    assert run.step.kind == "errors"
    assert not run.step[0].kept
    other = run.fork(name="afresh", node=errors)
    assert other.step is not None
    assert other.step[0].kept  # marks are of a branch


def test_a_refusal_draws_another_and_undo_brings_the_first_back(run: lab.Run) -> None:
    first = run.next(until="critiques")
    texts = [item.text for item in first]
    run.again()
    run.next()
    assert run.step is not None
    run.undo()
    assert [item.text for item in run.step] == texts
    run.reject("all wrong")
    assert run.history().iloc[-1][["verdict", "why"]].tolist() == ["reject", "all wrong"]
    with pytest.raises(lab.MisuseError, match="decided already"):
        first[0].edit("too late")
    with pytest.raises(lab.MisuseError, match=r"No step waits .* run.next\(\)"):
        run.accept()


# The loop


async def test_a_blocked_cell_blocks_no_step_and_a_waiting_one_lets_others_work(run: lab.Run) -> None:
    waiting = asyncio.create_task(run.anext(until="critiques"))
    await asyncio.sleep(0)
    time.sleep(3)  # the cell is blocked
    assert run.session.branch(run.id).pending is not None
    assert (await waiting).kind == "critiques"


def test_threads_share_a_run(run: lab.Run) -> None:
    other = lab.begin("sentiment", preset="quick", name="beside")
    threads = [threading.Thread(target=one.autopilot) for one in (run, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert run.node == other.node


@contextmanager
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """No call is answered in here; the event is set when the first is asked."""
    asked = threading.Event()

    async def hang(self: Performer, ask: Evaluate, sample: str) -> None:
        asked.set()
        await asyncio.sleep(60)

    with monkeypatch.context() as patch:
        patch.setattr(Performer, "__call__", hang)
        yield asked


def test_what_is_stopped_says_so_and_goes_on(run: lab.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with hanging(monkeypatch) as asked:
        stopper = threading.Thread(target=lambda: asked.wait(30) and run.stop())
        stopper.start()
        with pytest.raises(lab.LabError, match="stopped"):
            run.next()
        stopper.join()
    assert run.next().kind == "errors"


# Shown


def test_what_is_shown_is_one_line_and_html_without_a_script_where_texts_are_hostile() -> None:
    rows = [{"text": f"{HOSTILE} {i}", "label": f"{HOSTILE}{i % 2}"} for i in range(40)]
    task = lab.Task.from_records(rows, input="text", answer="label", start=HOSTILE, name=HOSTILE)
    run = lab.begin(task, preset="quick", name=HOSTILE)
    step = run.next(until="critiques")
    step[0].edit(HOSTILE)
    compared = lab.compare(task, [HOSTILE, f"{HOSTILE} {HOSTILE}"])
    shown = (
        task, task.train[0], run, step, step[0], run.best, run.best.score, compared, run.session, run.session.book,
        lab.connect("practice"), lab.Models(), lab.Ceiling(), lab.Verdict("reject", why=HOSTILE), lab.Mark(0, text=HOSTILE),
        optimizer("ape"),
    )  # fmt: skip
    for one in shown:
        assert "\n" not in repr(one)
        assert len(repr(one)) < 300
        drawn = one._repr_html_()
        assert "<img" not in drawn
        assert "<script" not in drawn
        assert "http://" not in drawn.replace("http://www.w3.org", "")
        assert "https://" not in drawn
    assert len(repr(run.session.state(run.id))) < 200


def test_a_score_is_a_number_with_its_interval(run: lab.Run) -> None:
    assert run.best.score is None
    run.next()
    score = run.best.score
    assert isinstance(score, float)
    assert score.interval is not None
    assert score.interval[0] < score < score.interval[1]
    assert score.n_examples == 50
    assert json.loads(json.dumps(score)) == score


def test_changes_are_paired_on_the_same_examples_and_have_intervals(run: lab.Run) -> None:
    prompts = ["Is this review positive or negative?", "Answer with one lower-case word, positive or negative."]
    frame = lab.compare("sentiment", prompts).frame()
    assert frame["change"].isna().tolist() == [True, False]
    assert frame.loc[1, "change_low"] < frame.loc[1, "change"] < frame.loc[1, "change_high"]
    assert frame.loc[1, "change"] == pytest.approx(frame.loc[1, "score"] - frame.loc[0, "score"])
    assert lab.compare("sentiment", prompts).n_calls == 0  # known replies cost nothing
    run.autopilot()
    scores = run.scores()
    assert scores["is_start"].sum() == 1
    assert scores.loc[~scores["is_start"], "change_low"].notna().all()


def test_a_score_that_is_no_mean_of_hits_has_an_interval_too() -> None:
    run = lab.begin("triage", preset="quick", rounds=1)
    run.autopilot()
    assert run.best.score is not None
    assert run.best.score.interval is not None
    assert run.scores()[["low", "high"]].notna().all(axis=None)
    assert run.scores().loc[~run.scores()["is_start"], ["change_low", "change_high"]].notna().all(axis=None)


@pytest.mark.long
def test_an_interrupt_stops_the_step_and_the_next_one_goes_on(
    run: lab.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with hanging(monkeypatch) as asked:
        threading.Thread(target=lambda: asked.wait(30) and signal.raise_signal(signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            run.next()
    assert run.next().kind == "errors"


# A metric of one's own


def lenient(reply: str, example: lab.Example) -> float:
    """The answer stands somewhere in the reply."""
    return float(example.answer in reply.lower())


@pytest.fixture
def _own_metrics(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(metrics, "_own", {})
    return


TASK = lab.load("sentiment")
ROWS = [{"text": one.input, "label": one.answer} for one in (*TASK.train, *TASK.dev)]


@pytest.mark.usefixtures("_own_metrics")
def test_a_function_of_ones_own_judges_and_the_book_knows_which() -> None:
    close = lab.metric(lenient)
    task = lab.Task.from_records(ROWS, input="text", answer="label", start="Positive or negative?", metric=close)
    assert task.metric == close.name == lab.metric(lenient).name
    run = lab.begin(task, preset="quick", name="close")
    run.next(until="errors")
    assert run.baseline.score is not None
    assert run.baseline.score == lab.compare(task, [task.start]).rows[0].score
    metrics._own.clear()  # another process, which does not define it
    with pytest.warns(UserWarning, match="does not know"):
        again = lab.open(name="close")
    again.session._answers._known.clear()
    assert again.best.score == run.best.score  # what was measured is shown
    assert len(again.scores()) == 1
    with pytest.raises(lab.MisuseError, match=r"the metric “lenient” .* is not known here"):
        again.autopilot()
    lab.metric(lenient)
    again.autopilot()


@pytest.mark.usefixtures("_own_metrics")
@pytest.mark.parametrize(
    ("returned", "said"),
    [("yes", "must return a number from 0 to 1, not str 'yes'"), (2, "not int 2"), (None, "not NoneType None"),
     (float("nan"), "not float nan"), (ZeroDivisionError("oh"), "failed on the reply")],
)  # fmt: skip
def test_what_a_metric_does_wrong_is_said_in_a_sentence(returned: object, said: str) -> None:
    def strange(reply: str, example: lab.Example) -> object:
        if isinstance(returned, Exception):
            raise returned
        return returned

    task = lab.Task.from_records(ROWS, input="text", answer="label", start="Positive or negative?", metric=strange)
    with pytest.raises(lab.MisuseError, match="The metric “strange”") as refused:
        lab.compare(task, ["Good?"])
    assert said in str(refused.value)


def test_another_source_is_another_metric_and_another_comment_is_not() -> None:
    def made(source: str) -> str:
        import linecache

        file = f"<cell {hash(source)}>"
        linecache.cache[file] = (len(source), None, source.splitlines(True), file)
        names: dict[str, object] = {}
        exec(compile(source, file, "exec"), names)
        return lab.metric(names["close"]).name  # type: ignore[arg-type]

    plain = made("def close(reply, example):\n    return 1.0\n")
    assert made("def close(reply, example):\n    # all is well\n    return  1.0\n") == plain
    assert made("def close(reply, example):\n    return 0.5\n") != plain


# An optimizer of one's own


def test_an_optimizer_is_registered_twice_and_the_later_one_is_what_runs() -> None:
    with for_a_while():
        load(OWN)
        run = lab.begin("sentiment", "climb", name="mine")
        assert run.next()
        run.accept()
        kind = optimizer("climb")
        load(OWN)  # the cell, or the file, is run once more
        assert optimizer("climb") is not kind
        assert type(run.session.book.node(run.node).phase) in optimizer("climb").phases
        assert run.next() is not None
        assert lab.register(replace(optimizer("climb"), title="Climb anew")).title == "Climb anew"
        assert optimizer("climb").title == "Climb anew"
        with pytest.raises(lab.MisuseError, match="“protegi” already"):
            lab.register(replace(optimizer("climb"), name="protegi"))


# The whole loop


def test_optimize_runs_to_the_end_and_finds_its_run_again() -> None:
    run = lab.optimize("sentiment", preset="thrifty", rounds=1, name="whole")
    assert run.done
    node = run.node
    assert lab.optimize("sentiment", preset="thrifty", rounds=1, name="whole") == run
    assert run.node == node


def test_the_run_of_python_is_the_run_of_the_session(tmp_path: Path) -> None:
    run = lab.optimize("sentiment", preset="thrifty", rounds=1, book=tmp_path / "one.sqlite")
    session = lab.Session(tmp_path / "other.sqlite")
    branch = session.begin(lab.load("sentiment"), settings=run.session.state(run.id).context.settings)
    asyncio.run(session.autopilot(branch, 1))
    assert session.branch(branch).node == run.node


def test_a_cell_that_optimizes_without_a_name_finds_its_run_again_and_another_one_gets_a_number() -> None:
    def cell(**more: object) -> lab.Run:
        return lab.optimize("sentiment", **{"preset": "thrifty", "rounds": 1, **more})  # type: ignore[arg-type]

    first, other = cell(), cell(seed=7)
    assert (first.name, other.name) == ("protegi on sentiment", "protegi on sentiment (2)")
    assert (cell(), cell(seed=7)) == (first, other)
    assert [one.name for one in first.session.branches()] == [first.name, other.name]
    assert lab.open(name="protegi on sentiment (2)") == other


def test_a_run_that_stopped_at_its_ceiling_goes_on_where_the_cell_gives_a_higher_one() -> None:
    with pytest.raises(lab.BudgetError):
        lab.optimize("sentiment", preset="thrifty", rounds=1, ceiling=40)
    run = lab.optimize("sentiment", preset="thrifty", rounds=1, ceiling=5_000)
    assert run.done
    assert len(run.session.branches()) == 1
