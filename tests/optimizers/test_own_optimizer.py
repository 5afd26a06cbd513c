"""A fifth optimizer in one file: registered, it keeps the whole contract and works in both faces as it stands."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support import contract
from support.browser import free_port
from support.own import OWN, for_a_while
from support.paths import ROOT
from support.scripted import run_of

from lab.core.asks import Candidate
from lab.core.codec import canonical, decode, encode
from lab.errors import BookError, MisuseError
from lab.optimizers import OPTIMIZERS, Optimizer, load, optimizer, register, unregister
from lab.session import Session
from lab.session.acts import act
from lab.tasks import bundled
from lab.views.page import page
from lab.views.settings import form, pauses

HELD = {
    name: test
    for name, test in vars(contract).items()
    if name.startswith("test_") and "kind" in inspect.signature(test).parameters
}


@pytest.fixture(scope="module")
def kind() -> Iterator[Optimizer]:
    with for_a_while():
        load(OWN)
        yield optimizer("climb")


def test_the_whole_file_has_less_than_sixty_lines() -> None:
    assert len(OWN.read_text(encoding="utf-8").splitlines()) < 60


@pytest.mark.parametrize("holds", HELD.values(), ids=HELD)
def test_it_keeps_the_contract(holds: Callable[..., None], kind: Optimizer) -> None:
    assert len(HELD) >= 11
    holds(kind=kind)


def test_its_settings_are_documented_and_have_a_range(kind: Optimizer) -> None:
    contract.check_every_setting_is_documented_and_has_a_range()
    assert [(field.name, field.default, field.lowest) for field in form(kind)] == [
        ("rounds", 3, 1),
        ("rows", 24, 1),
    ]
    assert form(kind)[0].meaning == "Steps up the hill, 1 or more."
    assert [name for _, name, waits in pauses(kind) if waits] == ["Propose", "Keep"]


async def test_with_the_practice_model_it_climbs_and_every_place_is_drawn(kind: Optimizer, tmp_path: Path) -> None:
    session = Session(tmp_path / "book.sqlite")
    settings = kind.configure(rounds=2, rows=12)
    branch = session.begin(bundled.load("sentiment"), optimizer_name="climb", settings=settings)
    drawn, items = [page(session.state(branch))], []
    await act(session, branch, {"act": "next"})
    await session.jobs.ended(branch)
    while pending := session.branch(branch).pending:
        state = session.state(branch)
        assert state.proposal is not None
        drawn.append(page(state))
        items += state.proposal.items
        await act(session, branch, {"act": "accept", "proposal": pending, "marks": []})
        await session.jobs.ended(branch)
    state = session.state(branch)
    drawn.append(page(state))
    assert state.done
    assert {type(state.nodes[id].phase) for id in state.path} == set(kind.phases)
    assert all(phase.title in drawn[0].track for phase in kind.phases)
    assert [phase for phase in kind.phases if any(phase.title in one.board for one in drawn)] == list(
        kind.phases[::2]
    )
    assert state.best is not None
    assert state.baseline is not None
    assert state.best.score >= state.baseline.score
    texts = {item.text for item in items if isinstance(item, Candidate) and item.flaw is None}
    assert len(texts) > 4, "the practice model understands what it is asked for"
    assert session.book.verify()[1] == ()


async def test_another_optimizer_hands_over_to_it_and_takes_over_from_it(kind: Optimizer, tmp_path: Path) -> None:
    session = Session(tmp_path / "book.sqlite")
    settings = run_of(OPTIMIZERS["opro"], rounds=1).settings
    branch = session.begin(bundled.load("sentiment"), optimizer_name="opro", settings=settings)
    await session.autopilot(branch, 1)
    best = session.state(branch).node.phase.prompts[0]
    session.switch(branch, "climb", kind.configure(rounds=1, rows=12))
    assert session.state(branch).node.phase.prompts == (best,)
    await session.autopilot(branch, 1)
    climbed = session.state(branch).node.phase.prompts[0]
    session.switch(branch, "opro", settings)
    assert climbed in session.state(branch).node.phase.prompts
    assert page(session.state(branch)).track
    assert session.book.verify()[1] == ()


async def test_the_control_of_the_page_switches_to_it_although_it_has_no_presets(
    kind: Optimizer, tmp_path: Path
) -> None:
    session = Session(tmp_path / "lab.sqlite")
    branch = session.begin(bundled.load("triage"))
    await act(session, branch, {"act": "optimizer", "name": kind.name, "preset": "quick"})
    assert session.state(branch).optimizer is kind


@pytest.mark.long
async def test_a_notebook_draws_it(kind: Optimizer, tmp_path: Path) -> None:
    from lab.widgets import Panel

    session = Session(tmp_path / "book.sqlite")
    branch = session.begin(bundled.load("hidden-rule"), optimizer_name="climb")
    panel = Panel(session, branch)
    panel.send({"act": "next"})
    await panel.idle()
    assert "Review new wordings" in panel.face.board
    assert "Keep the best" in panel.face.track


@pytest.mark.long
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore:.*:UserWarning")
def test_the_page_offers_it_when_its_file_is_named(tmp_path: Path) -> None:
    port = free_port()
    command = [
        sys.executable,
        "app.py",
        "--port",
        str(port),
        "--optimizer",
        str(OWN),
        "--book",
        str(tmp_path / "b"),
    ]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        assert "Prompt Lab is at" in server.stdout.readline()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/config") as config:
            said = config.read().decode()
        assert '"climb"' in said
        assert "Steps up the hill" in said
    finally:
        server.terminate()
        server.wait()


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("nowhere.py", None, "There is no Python file"),
        ("notes.txt", "climb", "There is no Python file"),
        ("json.py", "", "Python has a module “json” already"),
        ("mine.py", "x = 1", "registers no optimizer"),
        ("mine.py", "1 / 0", "“mine.py” failed: ZeroDivisionError: division by zero"),
        ("mine.py", "def", "“mine.py” failed: SyntaxError"),
        ("mine.py", "from lab.optimizers import *; register(optimizer('ape'))", "an optimizer “ape” already"),
    ],
)
def test_a_file_that_brings_no_optimizer_is_refused_in_one_sentence(
    tmp_path: Path, name: str, text: str | None, sentence: str
) -> None:
    file = tmp_path / name
    if text is not None:
        file.write_text(text, encoding="utf-8")
    before = dict(OPTIMIZERS)
    for _ in range(2):  # a file that was mended can be given again
        with for_a_while(), pytest.raises(MisuseError, match=sentence) as refused:
            load(file)
        assert "\n" not in str(refused.value)
    assert dict(OPTIMIZERS) == before
    ran = subprocess.run([sys.executable, "app.py", "--optimizer", str(file), "--port", str(free_port())],
                         cwd=ROOT, capture_output=True, text=True)  # fmt: skip
    assert (ran.returncode, ran.stdout) == (1, "")
    assert sentence in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def test_a_name_of_the_lab_is_taken_and_one_of_your_own_is_replaced_and_a_plain_word(kind: Optimizer) -> None:
    with pytest.raises(MisuseError, match="There is an optimizer “protegi” already"):
        register(replace(kind, name="protegi"))
    register(replace(kind, title="Climb anew"))
    assert optimizer("climb").title == "Climb anew"
    register(kind)
    for strange in ("", "my own", "a.b", "climb\n"):
        with pytest.raises(MisuseError, match="cannot name an optimizer"):
            register(replace(kind, name=strange))
    assert optimizer("climb") is kind


def test_a_book_that_holds_an_optimizer_that_is_not_registered_says_what_to_do(kind: Optimizer) -> None:
    written = encode(kind.start(run_of(kind)))
    assert written["is"] == "climb.Propose"
    assert canonical(encode(decode(written))) == canonical(written)
    unregister("climb")
    try:
        with pytest.raises(BookError, match="register that first"):
            decode(written)
    finally:
        register(kind)


def test_the_page_on_writing_ones_own_quotes_the_file_as_it_stands() -> None:
    told = (ROOT / "lab" / "optimizers" / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", told, re.DOTALL)
    assert len(blocks) == 5
    for block in blocks:
        assert block in OWN.read_text(encoding="utf-8")
