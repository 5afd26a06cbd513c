"""A run that was recorded: replayed without its model, marked as what it is, and branched as far as it is known."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.serving import serving

import lab
from lab.learn.recording import NAME, NOTE, record
from lab.models.client import Client
from lab.practice.protocol.app import app
from lab.session.acts import act
from lab.session.jobs import Progress
from lab.session.listing import listed
from lab.store.verify import verify
from lab.views.page import page
from lab.views.runs import runs_list

MINE = "The categories overlap."


@pytest.fixture
def real(tmp_path: Path) -> lab.Run:
    """A run whose models answered over HTTP, at an address where nothing answers any more."""
    with serving(app()) as url:
        run = lab.begin(
            "sentiment",
            preset="thrifty",
            rounds=1,
            model=f"practice@{url}",
            name="real",
            book=tmp_path / "a.sqlite",
        )
        step = run.next(until="critiques")
        step[0].edit("The answer must be one lower-case word and nothing else.", why="the form")
        run.accept()
        run.autopilot(rounds=1)
    return run


@pytest.fixture
def no_model(real: lab.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """No model can be asked from here on, but for the practice model, which is a part of the lab."""
    answer = Client.answer

    async def nobody(self: Client, *given: object, **more: object) -> object:
        assert self.endpoint.in_process, "a model was asked"
        return await answer(self, *given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Client, "answer", nobody)


def steps(run: lab.Run) -> list[tuple[object, ...]]:
    table = run.history()
    return list(table[["name", "step", "verdict", "n_items", "n_edited"]].itertuples(index=False, name=None))


@pytest.mark.usefixtures("no_model")
def test_a_run_with_a_real_model_is_replayed_without_it_as_it_was(real: lab.Run, tmp_path: Path) -> None:
    run = lab.open(real.export(tmp_path / "recorded.lab"))
    assert "a recording" in repr(run)
    assert "a recording" in run._repr_html_()
    assert (steps(run), run.best.prompt, run.best.score) == (steps(real), real.best.prompt, real.best.score)
    assert run.scores()["score"].tolist() == real.scores()["score"].tolist()
    assert run.calls()["calls"].sum() == real.calls()["calls"].sum()
    run.goto(run.root)
    again = run.next(until="critiques")
    again[0].edit("The answer must be one lower-case word and nothing else.")
    run.accept()
    run.autopilot(rounds=1)
    assert run.best.prompt == real.best.prompt
    assert verify(run.session.book.path).wrong == ()


@pytest.mark.usefixtures("no_model")
def test_where_no_reply_is_known_a_sentence_says_so_and_nothing_is_lost(real: lab.Run, tmp_path: Path) -> None:
    run = lab.open(real.export(tmp_path / "recorded.lab"))
    branch = run.fork(name="mine", node=run.root)
    branch.goto(run.root)
    branch.next(until="critiques")[0].edit(MINE)
    branch.accept()
    with pytest.raises(lab.RecordedError, match="holds no reply to that; connect a model to go on"):
        branch.next()
    drawn = page(branch.session.state(branch.id), Progress("recorded"))
    assert "This recording holds 1 of the 2 replies that this step needs. Connect a model" in drawn.board
    assert "This takes" not in drawn.board
    assert "This is a recording, and the replies that this step needs are not in it." in drawn.progress
    assert "failed" not in drawn.progress
    assert branch.critiques()["critique"].str.contains(MINE).any()
    on = branch.connect(model="practice")
    assert on.next().items or on.next().done
    assert "a recording" not in repr(on)
    assert "a recording" in repr(branch)


@pytest.mark.long
def test_the_recording_of_the_course_is_branched_and_gone_on_from() -> None:
    run = lab.open(lab.learn.recording())
    run.goto(run.root)
    step = run.next(until="critiques")
    assert len(step) == 4
    fewer = run.fork(name="fewer", node=step)
    fewer.goto(step)
    fewer.step[1].drop("too general")  # type: ignore[index]
    fewer.step[3].drop("wrong")  # type: ignore[index]
    fewer.accept()
    fewer.autopilot(rounds=2)
    assert fewer.done
    best = fewer.best.prompt
    fewer.goto(step)
    fewer.autopilot(rounds=2)
    assert fewer.best.prompt == best, "done once more it asks for no other replies, for there are none"
    step[0].edit(MINE)
    run.accept()
    with pytest.raises(lab.RecordedError):
        run.next()
    assert run.requests() == [], "no person is asked either"
    assert run.connect(optimizer_model="practice").next(until="candidates").items
    by_hand = run.connect()
    with pytest.raises(lab.AwaitedError):
        by_hand.next()
    assert by_hand.requests()


@pytest.mark.long
def test_opened_again_it_is_where_it_was_left_and_the_run_that_was_recorded_stays_as_it_is(tmp_path: Path) -> None:
    mine = lab.begin("sentiment", preset="thrifty", name="mine")
    mine.next(until="errors")
    file = mine.export(tmp_path / "mine.lab")
    run = lab.open(file, name="mine")
    assert run != mine
    assert "a recording" not in repr(mine)
    run.goto(run.root)
    assert lab.open(file) == run
    assert lab.open(file).node == run.root
    again = lab.open(run.export(tmp_path / "again.lab"))
    assert again == run, "a recording that is opened once more is the same"
    with pytest.raises(lab.MisuseError, match="Choose one of: “mine”"):
        lab.open(file, name="another")
    broken = tmp_path / "broken.lab"
    broken.write_bytes(file.read_bytes()[:-200] + bytes(200))
    with pytest.raises(lab.BookError):
        lab.open(broken)


@pytest.mark.long
async def test_the_page_and_the_panel_mark_it_and_have_a_form_that_goes_on() -> None:
    run = lab.open(lab.learn.recording())
    session = run.session
    drawn = page(session.state(run.id))
    assert ">recording</span>" in drawn.header
    assert "by hand, recorded" in drawn.header
    assert 'data-act="connect"' in drawn.drawer
    new = await act(session, run.id, {"act": "connect", "optimizer": "practice", "target": "practice"})
    assert new != run.id
    after = page(session.state(new))
    assert ">recording</span>" not in after.header
    assert 'data-act="connect"' not in after.drawer
    assert "simulated model · recording · 2 rounds, ended" in runs_list(listed(session))


@pytest.mark.long
def test_the_recording_of_the_course_is_what_its_replies_make_and_says_who_wrote_them(tmp_path: Path) -> None:
    kept = lab.open(lab.learn.recording())
    assert (kept.name, list(kept.notes()["note"])) == (NAME, [NOTE])
    made = lab.import_run(record(tmp_path / "made.lab"), book=tmp_path / "made.sqlite")
    assert steps(made) == steps(kept), "record it anew: see lab/learn/recording.py"
    columns = ["prompt", "score"]
    assert made.scores()[columns].equals(kept.scores()[columns]), "record it anew: see lab/learn/recording.py"
    assert round(float(kept.best_of_run.score or 0), 2) == 0.80, "as lesson 07 says"
    assert lab.learn.recording().stat().st_size < 200_000
