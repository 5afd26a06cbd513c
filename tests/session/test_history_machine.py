"""Whatever is done to a history in whatever order, it keeps its laws: names stay, blame covers, a file is the run."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from support.drawn import SMALL

from lab.core.asks import Candidate, Critique, Generate
from lab.core.diff import Hunk, hunks
from lab.core.review import Mark, Verdict
from lab.errors import MisuseError
from lab.session import Session
from lab.session.lineage import Lineage
from lab.session.state import State
from lab.store import OWNER, Book
from lab.store.lab_file import take_in, write_lab
from lab.tasks.bundled import load

ANY = st.integers(0, 1_000)


def rows(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


class HistoryMachine(RuleBasedStateMachine):
    """A run of ProTeGi with the practice model, and all that a person may do to its history."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.session = Session(self.folder / "lab.sqlite")
        self.names: dict[str, str] = {}
        self.tips: dict[str, str] = {}

    @initialize(kind=st.sampled_from(("protegi", "pe2")))
    def begin(self, kind: str) -> None:
        task = load("sentiment")
        small = replace(task, train=task.train[:16], dev=task.dev[:6], test=())
        chosen = SMALL if kind == "protegi" else None
        self.branch = self.session.begin(small, optimizer_name=kind, settings=chosen, stops=())
        asyncio.run(self.session.autopilot(self.branch, 1))

    def state(self) -> State:
        return self.session.state(self.branch)

    def a_node(self, n: int) -> str:
        nodes = list(self.state().nodes)
        return nodes[n % len(nodes)]

    def refused(self, act: Callable[[], object]) -> None:
        """Does it; what is refused changes nothing."""
        before = self.session.branch(self.branch)
        try:
            act()
        except MisuseError:
            assert self.session.branch(before.id) == before

    @rule(text=st.sampled_from(("Mind irony.", "Sarcasm is not named.", "Answer with one lower-case word.")))
    def step(self, text: str) -> None:
        """Takes a step with an edit of its first text, where it has one."""
        if self.state().done:
            return
        waits = asyncio.run(self.session.propose(self.branch))
        proposal = self.session.book.proposal(waits)
        item = proposal.items[0] if proposal.items else None
        edits = isinstance(proposal.ask, Generate) and isinstance(item, Critique | Candidate)
        verdict = Verdict("edit", (Mark(0, text=f"{item.text} {text}"),)) if edits and item else Verdict()
        self.refused(lambda: self.session.decide(self.branch, waits, verdict))

    @rule()
    def reject(self) -> None:
        if waits := self.session.branch(self.branch).pending:
            self.session.decide(self.branch, waits, Verdict("reject", why="no"))

    @rule()
    def undo(self) -> None:
        self.branch = self.session.undo(self.branch)

    @rule()
    def redo(self) -> None:
        self.branch = self.session.redo(self.branch)

    @rule(n=ANY)
    def goto(self, n: int) -> None:
        self.session.goto(self.branch, self.a_node(n))

    @rule(n=ANY)
    def fork(self, n: int) -> None:
        if len(self.session.branches()) < 6:
            self.branch = self.session.fork(self.branch, self.a_node(n))

    @rule()
    def put_away_and_take_out(self) -> None:
        """Takes out what was put away, and nothing that was undone."""
        shown = self.session.branches()
        self.session.archive(self.branch)
        assert self.session.branches() == ()
        self.session.archive(self.branch, False)
        assert self.session.branches() == shown

    @rule()
    def delete_a_run_of_the_same_beginning(self) -> None:
        """Begins another run in the same way and deletes it: what this one holds stays."""
        state, spent = self.state(), self.session.book.spent()
        start = self.session.book.whole_task(state.nodes[state.path[0]].context)
        other = self.session.begin(start, settings=SMALL, stops=(), name="another")
        asyncio.run(self.session.propose(other))
        more = self.session.book.spent()
        self.session.delete(other, self.session.at_stake(other))
        assert self.session.book.spent() == more
        assert more.n_paid >= spent.n_paid
        after = self.state()
        assert (after.nodes, after.measured, after.names) == (state.nodes, state.measured, state.names)

    @rule(n=ANY)
    def cherry_pick(self, n: int) -> None:
        names = sorted(one.name for one in self.state().names.by_subject.values())
        self.refused(lambda: self.session.cherry_pick(self.branch, names[n % len(names)]))

    @rule(n=ANY, m=ANY)
    def merge(self, n: int, m: int) -> None:
        prompts = sorted(self.state().measured)
        one, other = prompts[n % len(prompts)], prompts[m % len(prompts)]
        if sum(isinstance(part, Hunk) for part in hunks(one, other)) > 1:
            made = self.session.merged(self.branch, one, other, {0})
            asyncio.run(self.session.measure(self.branch, made))
            assert self.state().measured[made]

    @rule(n=ANY)
    def counterfactual(self, n: int) -> None:
        node = self.a_node(n)
        with suppress(MisuseError):
            found = asyncio.run(self.session.counterfactual(self.branch, node))
            verdict = self.state().nodes[node].verdict
            assert (found.other == node) == (verdict is not None and verdict.kind == "accept")

    @invariant()
    def names_and_tips_never_change(self) -> None:
        if not hasattr(self, "branch"):
            return
        state = self.state()
        named = {one.name: subject for subject, one in state.names.by_subject.items()}
        assert len(named) == len(state.names.by_subject), "no two things have one name"
        assert self.names.items() <= named.items()
        self.names = named
        for node, name in state.tips.items():
            assert self.tips.setdefault(name, node) == node

    @invariant()
    def blame_covers_what_the_line_holds(self) -> None:
        if not hasattr(self, "branch"):
            return
        state = self.state()
        lineage = Lineage(state, self.session.book)
        for prompt in {*state.node.prompts, *state.merged}:
            assert "".join(one.text for one in lineage.blamed(prompt)) == prompt

    def teardown(self) -> None:
        try:
            if hasattr(self, "branch"):
                self.check_whole()
        finally:
            self.session.book.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def check_whole(self) -> None:
        book, run = self.session.book, self.session.branch(self.branch).run
        assert book.verify()[1] == ()
        write_lab(book, self.folder / "one.lab", run)
        other = Book(self.folder / "other.sqlite")
        take_in(other, self.folder / "one.lab", OWNER)
        write_lab(other, self.folder / "two.lab", run)
        assert rows(self.folder / "one.lab") == rows(self.folder / "two.lab")
        other.close()


@pytest.mark.long
def test_a_history_keeps_its_laws_whatever_is_done_to_it() -> None:
    from hypothesis.stateful import run_state_machine_as_test

    checks = settings(
        max_examples=8,
        stateful_step_count=20,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    run_state_machine_as_test(HistoryMachine, settings=checks)


def test_a_run_is_deleted_beside_one_of_the_same_beginning_and_an_undone_fork_stays_away() -> None:
    history = HistoryMachine()
    history.begin(kind="protegi")
    history.fork(n=3)
    history.undo()
    history.put_away_and_take_out()
    history.delete_a_run_of_the_same_beginning()
    history.redo()
    history.put_away_and_take_out()
    history.blame_covers_what_the_line_holds()
    history.teardown()


def test_moves_of_several_branches_travel_in_the_order_in_which_they_came() -> None:
    history = HistoryMachine()
    history.begin(kind="protegi")
    history.fork(n=1000)
    history.undo()
    history.goto(n=282)
    history.teardown()
