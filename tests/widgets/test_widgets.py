"""The notebook panel without a browser: what a click sends goes in, the HTML that is drawn comes out."""

from __future__ import annotations

import asyncio
import gc
import re
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("anywidget")

from lab.core.asks import Candidate, Generate
from lab.core.review import Proposal
from lab.core.task import Example, Task
from lab.errors import MisuseError
from lab.i18n import use
from lab.optimizers import optimizer
from lab.session import Session
from lab.store import Models
from lab.tasks.bundled import load
from lab.widgets import Panel
from lab.widgets.face import PARTS

QUICK = optimizer("protegi").configure(
    rounds=2, beam=2, minibatch=16, groups=2, group_size=3, paraphrases=1,
    selection_rounds=2, selection_prompts=4, selection_rows=8,
)  # fmt: skip
HOSTILE = '</textarea></svg></pre><img src=x onerror=alert(1)><script>alert(2)</script>" onclick="alert(3)'


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(tmp_path / "book.sqlite")


@pytest.fixture(autouse=True)
def _no_callback_fails_unseen(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Widgets log what a callback raises and go on; here that fails the test."""
    yield
    assert not [record for record in caplog.records if record.exc_info]


async def told(story: Callable[[], Awaitable[None]]) -> None:
    """Runs a story in a loop of its own; what a task raised and nobody looked at fails the test."""
    unseen: list[Any] = []

    asyncio.get_running_loop().set_exception_handler(lambda loop, context: unseen.append(context))
    await story()
    gc.collect()
    assert not unseen


def begun(session: Session, task: Task | None = None, **more: Any) -> Panel:
    return Panel(session, session.begin(task or load("sentiment"), settings=QUICK, **more))


async def click(panel: Panel, act: str, **given: Any) -> None:
    """Lets an event arrive as the browser sends it, and waits until its step is done."""
    panel.face._handle_custom_msg({"act": act, **given}, [])
    await panel.idle()


async def until(panel: Panel, phase: str) -> Proposal:
    """Clicks on, accepting, until a phase waits for a verdict; gives its proposal."""
    while (state := panel.session.state(panel.branch)).proposal is None or type(state.node.phase).__name__ != phase:
        pending = state.branch.pending
        await click(panel, "accept", proposal=pending) if pending else await click(panel, "next")
    return state.proposal


def pending(panel: Panel) -> str:
    found = panel.session.branch(panel.branch).pending
    assert found is not None
    return found


def drawn(panel: Panel) -> dict[str, str]:
    return {name: getattr(panel.face, name) for name in PARTS}


class Tags(HTMLParser):
    """Takes down the elements and attributes that a browser would make."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}


async def test_an_edited_critique_stands_in_the_next_meta_prompt(session: Session) -> None:
    words = "Nothing says that hollow praise for a bad event is blame."

    async def story() -> None:
        panel = begun(session)
        await until(panel, "Criticise")
        await click(panel, "mark", proposal=pending(panel), place=0, keep=True, text=words)
        assert words in panel.face.board
        await click(panel, "accept", proposal=pending(panel), marks=[{"place": 0, "keep": True, "text": words}])
        state = session.state(panel.branch)
        assert type(state.node.phase).__name__ == "Edit"
        assert state.proposal is not None
        assert isinstance(state.proposal.ask, Generate)
        assert words in state.proposal.ask.requests[0].meta_prompt
        assert words in panel.face.drawer
        assert "Review edits" in panel.face.board

    await told(story)


async def test_a_rejected_edit_stays_out_and_its_reason_is_kept(session: Session) -> None:
    async def story() -> None:
        panel = begun(session)
        first = await until(panel, "Edit")
        at = session.branch(panel.branch).node
        await click(panel, "reject", proposal=pending(panel), why="It says too little.")
        state = session.state(panel.branch)
        assert type(state.node.phase).__name__ == "Edit"
        assert state.node.parent == at
        assert state.node.verdict is not None
        assert state.node.verdict.why == "It says too little."
        assert state.proposal is not None
        assert state.proposal.sample == first.sample + 1
        assert "rejected" in panel.face.board

    await told(story)


async def test_an_edit_that_is_left_out_reaches_no_later_phase(session: Session) -> None:
    async def story() -> None:
        panel = begun(session)
        edits = await until(panel, "Edit")
        out = next(i for i in range(len(edits.items)) if edits.default(i))
        await click(panel, "accept", proposal=pending(panel), marks=[{"place": out, "keep": False, "why": "no"}])
        limit = await until(panel, "Limit")
        texts = [item.text for item in limit.items if isinstance(item, Candidate) and item.origin == "edit"]
        assert edits.items[out].text not in texts

    await told(story)


async def test_a_branch_is_shown_at_once_and_the_old_one_stays_where_it_was(session: Session) -> None:
    async def story() -> None:
        panel = begun(session)
        await until(panel, "Criticise")
        old, at = panel.branch, session.branch(panel.branch).node
        await click(panel, "fork", node=session.state(old).path[0], name="again")
        assert panel.branch != old
        assert session.branch(panel.branch).name == "again"
        assert "again" in panel.face.header
        assert "Choose error samples" not in panel.face.board
        assert session.branch(old).node == at
        await click(panel, "switch", branch=old)
        assert "Review critiques" in panel.face.board

    await told(story)


async def test_undo_shows_the_place_before_and_redo_the_place_after(session: Session) -> None:
    async def story() -> None:
        panel = begun(session)
        await until(panel, "Criticise")
        before = unpriced(panel.face.board)
        await until(panel, "Edit")
        after = unpriced(panel.face.board)
        await click(panel, "undo")
        assert unpriced(panel.face.board) == before
        await click(panel, "redo")
        assert unpriced(panel.face.board) == after

    await told(story)


def unpriced(board: str) -> str:
    """Leaves out what the next step takes, which is less once its replies are known."""
    bare, n = re.subn(r"This takes [^<]*", "", board)
    assert n == 1
    return bare


async def test_a_stopped_step_says_so_and_can_be_begun_again(session: Session) -> None:
    async def story() -> None:
        panel = begun(session)
        panel.send({"act": "autopilot", "rounds": 2})
        while "lab-running" not in panel.face.progress:
            await asyncio.sleep(0.005)
        await click(panel, "stop")
        assert "Stopped" in panel.face.progress
        assert "lab-running" not in panel.face.progress
        assert session.state(panel.branch).node.phase.round < 2
        await click(panel, "autopilot", rounds=2)
        assert "Stopped" not in panel.face.progress
        assert session.state(panel.branch).done

    await told(story)


async def test_an_act_that_does_not_fit_is_refused_in_a_sentence_and_the_next_one_clears_it(
    session: Session,
) -> None:
    async def story() -> None:
        panel = begun(session)
        await until(panel, "Criticise")
        await click(panel, "accept", proposal=pending(panel), marks=[{"place": 0, "keep": True, "text": " "}])
        assert "empty" in panel.face.notice
        assert 'role="alert"' in panel.face.notice
        await click(panel, "no such act")
        assert "no such act" in panel.face.notice
        await click(panel, "accept", proposal=pending(panel), marks=[{"place": 0, "keep": False}])
        assert panel.face.notice == ""

    await told(story)


async def test_a_model_that_cannot_be_reached_is_shown_as_a_failed_step(session: Session) -> None:
    async def story() -> None:
        panel = begun(session, models=Models(target="nobody@http://127.0.0.1:9/v1"))
        await click(panel, "next")
        assert "The step failed." in panel.face.progress
        assert "127.0.0.1:9" in panel.face.progress
        await click(panel, "undo")
        assert "The step failed." not in panel.face.progress

    await told(story)


async def test_hostile_text_is_text_in_every_part(session: Session) -> None:
    plain = load("sentiment")
    odd = tuple(Example.of(f"{x.input} {HOSTILE}", x.answer) for x in plain.train)
    task = Task(f"task {HOSTILE}", f"{plain.start} {HOSTILE}", odd, plain.dev[:8], labels=plain.labels)

    async def story() -> None:
        panel = begun(session, task, name=HOSTILE)
        for phase in ("Groups", "Criticise", "Edit", "Limit", "NextBeam"):
            proposal = await until(panel, phase)
            if phase in ("Criticise", "Edit"):
                text = f"Answer positive or negative only. {HOSTILE}"
                await click(panel, "mark", proposal=pending(panel), place=0, keep=True, text=text, why=HOSTILE)
            assert proposal.items
            for name, html in drawn(panel).items():
                made = Tags(html)
                assert not made.names & {"script", "img"}, name
                assert not [attribute for attribute in made.attributes if attribute.startswith("on")], name
        await click(panel, "fork", node=session.branch(panel.branch).node, name=HOSTILE)
        await click(panel, "accept", proposal=HOSTILE)
        assert "alert(1)" in panel.face.header
        assert not Tags("".join(drawn(panel).values())).names & {"script", "img"}

    await told(story)


async def test_a_cell_that_is_run_again_shows_the_same_place(session: Session) -> None:
    async def story() -> None:
        panel = begun(session)
        await until(panel, "Edit")
        assert drawn(Panel(session, panel.branch)) == drawn(panel)
        assert Panel(session).branch == panel.branch

    await told(story)


async def test_a_second_panel_refuses_what_the_first_decided_and_shows_the_new_place(session: Session) -> None:
    async def story() -> None:
        one = begun(session)
        await until(one, "Criticise")
        other, decided = Panel(session, one.branch), pending(one)
        await click(one, "accept", proposal=decided)
        await click(other, "accept", proposal=decided)
        assert "decided already" in other.face.notice
        await click(other, "mark", proposal=pending(one), place=0, keep=False)
        one.refresh()
        assert other.face.notice == ""
        assert drawn(one) == drawn(other)

    await told(story)


async def test_a_panel_follows_a_step_that_was_begun_elsewhere(session: Session) -> None:
    async def story() -> None:
        branch = begun(session).branch
        session.start(branch, rounds=1)
        panel = Panel(session, branch)
        assert "lab-running" in panel.face.progress
        await panel.idle()
        assert "lab-running" not in panel.face.progress
        assert session.state(branch).node.phase.round == 1
        assert drawn(panel) == drawn(Panel(session, branch))

    await told(story)


async def test_the_chart_is_a_picture_and_a_saved_panel_stays_small(session: Session) -> None:
    async def story() -> None:
        panel = begun(session)
        assert panel.face.chart == ""
        await click(panel, "autopilot", rounds=2)
        assert "<svg" in panel.face.chart
        saved = (*drawn(panel).values(), panel.face._esm, panel.face._css)
        assert sum(map(len, saved)) < 100_000

    await told(story)


def test_without_any_work_or_with_a_wrong_branch_a_panel_says_what_to_do(session: Session) -> None:
    with pytest.raises(MisuseError, match="Begin with"):
        Panel(session)
    with pytest.raises(MisuseError):
        Panel(session, "nowhere")


@pytest.mark.parametrize("package", ["anywidget", "ipywidgets"])
def test_without_the_notebooks_extra_the_import_says_what_to_install(package: str) -> None:
    code = f"import sys; sys.modules[{package!r}] = None\nimport lab.widgets"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert ran.stderr.splitlines()[-1].startswith("lab.errors.MisuseError: The notebook panel needs")
    assert "pip install" in ran.stderr
    assert "During handling" not in ran.stderr


async def test_panels_follow_each_other_and_what_python_does_by_themselves(session: Session) -> None:
    async def story() -> None:
        one = begun(session)
        other = Panel(Session(session.book.path), one.branch)  # as a second kernel opens it
        await click(one, "next")
        assert await shows(other, "Choose error samples")
        session.rename(one.branch, "seen at once")
        assert await shows(other, "seen at once", "header")
        other.send({"act": "accept", "proposal": pending(one)})
        assert await shows(one, "Review critiques")
        for panel in (one, other):
            panel.close()

    await told(story)


async def shows(panel: Panel, text: str, part: str = "board") -> bool:
    """Waits a second at most until a part of a panel has a text."""
    for _ in range(50):
        if text in getattr(panel.face, part):
            return True
        await asyncio.sleep(0.02)
    return False


@pytest.mark.long
async def test_a_blocked_cell_holds_up_neither_the_step_nor_the_panel(session: Session) -> None:
    async def story() -> None:
        panel = begun(session)
        panel.send({"act": "autopilot", "rounds": 1})
        time.sleep(8)
        assert session.state(panel.branch).node.phase.round == 1
        assert "lab-running" not in panel.face.progress
        assert panel.face.beat >= 2
        panel.close()

    await told(story)


async def test_a_panel_speaks_the_language_of_the_moment_in_which_it_was_made(session: Session) -> None:
    async def story() -> None:
        with use("zh"):
            panel = begun(session)
        await click(panel, "next")
        assert panel.face.language == "zh"
        assert "它在本次运行中的名称" in panel.face.best
        assert "Its name in this run" in Panel(session, panel.branch).face.best

    await told(story)


def test_a_panel_is_told_in_a_line_and_shown_as_html_where_there_is_no_widget(session: Session) -> None:
    panel = begun(session, name=HOSTILE)
    bundle = panel._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", "application/vnd.jupyter.widget-view+json"}
    assert bundle["text/plain"] == repr(panel) == f"Panel({session.branch(panel.branch).name!r})"
    assert "object at" not in f"{panel!r}{panel.face!r}{panel.children!r}"
    made = Tags(bundle["text/html"])
    assert not made.names & {"script", "img", "link", "iframe"}
    assert "inert" in made.attributes
    assert "Next step" in bundle["text/html"]
    assert len(bundle["text/html"]) < 120_000
    panel.close()
