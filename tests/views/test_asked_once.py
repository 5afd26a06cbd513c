"""Reading a state and drawing its page asks each phase once and decides a draft once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.core.review import Mark
from lab.optimizers import OPTIMIZERS, Optimizer, optimizer
from lab.session import Session, state
from lab.session.setup import RunSetup
from lab.tasks.bundled import load
from lab.views.page import page

# What is drawn where the optimizer has ended says whether a further round would lead on: the phase that ended is
# asked that as well.
AT_THE_END = 2


class Counted:
    """Counts how often each phase is asked, and how often a draft is decided."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, kind: Optimizer) -> None:
        self.asked: Counter[int] = Counter()
        self.decided = 0
        self._kept: list[object] = []  # so that no id is given twice
        for phase in kind.phases:
            monkeypatch.setattr(phase, "ask", self._counting(phase.ask))
        decide = state.decide

        def counting(*given: Any) -> Any:
            self.decided += 1
            return decide(*given)

        monkeypatch.setattr(state, "decide", counting)

    def _counting(self, ask: Any) -> Any:
        def counting(phase: object, *given: Any, **named: Any) -> Any:
            self._kept.append(phase)
            self.asked[id(phase)] += 1
            return ask(phase, *given, **named)

        return counting

    def clear(self) -> None:
        self.asked.clear()
        self.decided = 0


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    made = Session(tmp_path / "lab.sqlite")
    yield made
    made.book.close()


@pytest.mark.long
@pytest.mark.parametrize("kind", OPTIMIZERS.values(), ids=list(OPTIMIZERS))
async def test_a_page_asks_each_phase_once_and_decides_a_draft_once(
    session: Session, kind: Optimizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    branch = session.begin(RunSetup.of(load("sentiment"), kind.name, preset="quick", settings={"rounds": 1}))
    counted = Counted(monkeypatch, kind)

    def drawn() -> bool:
        counted.clear()
        seen = session.state(branch)
        page(seen)
        most = AT_THE_END if seen.done else 1
        assert counted.asked, "where nothing is asked, nothing is counted"
        assert max(counted.asked.values()) <= most, type(seen.node.phase).__name__
        assert counted.decided == (1 if seen.proposal else 0)
        return seen.done

    while not drawn():
        proposal = await session.propose(branch)
        drawn()
        items = session.book.proposal(proposal).items
        if items and items[0].flaw is None and type(items[0]).__name__ in ("Critique", "Candidate"):
            session.mark(branch, proposal, 0, Mark(0, text=f"{items[0].text} Mind that."))
            drawn()
        session.decide(branch, proposal)


async def test_words_that_wait_are_drawn_beside_what_the_optimizer_would_ask(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = optimizer("protegi")
    branch = session.begin(RunSetup.of(load("sentiment"), kind.name, preset="quick"))
    await session.advance(branch, stops=("Criticise",))
    session.reword(branch, 0, "Say why it failed. Put it between <START> and <END>.")
    counted = Counted(monkeypatch, kind)
    counted.clear()
    drawn = page(session.state(branch)).drawer
    assert "worded by you" in drawn
    assert "Say why it failed." in drawn
    assert max(counted.asked.values()) == 1
