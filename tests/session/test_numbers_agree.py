"""Numbers agree: header, chart, tree, table, report, Python and command line say the same of every optimizer's run."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from support.drawn import inert

import lab
from lab.cli.main import main
from lab.core.asks import Candidate
from lab.export import export, take
from lab.optimizers import OPTIMIZERS
from lab.session import Session
from lab.session.listing import listed
from lab.store.records import costs
from lab.tasks.bundled import load
from lab.views.cards import estimate
from lab.views.chart import history
from lab.views.header import best, header
from lab.views.numbers import counted, percent
from lab.views.runs import scored
from lab.views.spending import spending
from lab.views.tree import tree

N_DEV = 8


async def run_to_its_end(path: Path, name: str) -> tuple[Session, str]:
    session, task, kind = Session(path), load("sentiment"), OPTIMIZERS[name]
    small = replace(task, train=task.train[:24], dev=task.dev[:N_DEV], test=task.test[:4])
    preset = "thrifty" if "thrifty" in kind.presets else "quick"
    settings = kind.configure(preset, rounds=2)
    branch = session.begin(small, optimizer_name=name, settings=settings, name="main", stops=())
    await session.autopilot(branch, 2)
    return session, branch


@pytest.mark.parametrize("name", ["ape", "protegi", "opro", "pe2"])
async def test_every_face_says_the_same_numbers_of_a_run(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    session, branch = await run_to_its_end(tmp_path / "lab.sqlite", name)
    state = session.state(branch)
    assert state.done
    assert state.best is not None
    assert state.baseline is not None
    shown, start = percent(state.best.score), percent(state.baseline.score)
    run = lab.open(tmp_path / "lab.sqlite", name="main")

    told = inert(header(state)).words
    assert f"Score on dev {start if state.best is state.baseline else f'{start} → {shown}'}" in told
    assert f"on {counted(N_DEV, 'example')}" in told
    assert f"{shown} on {counted(N_DEV, 'example')} of dev" in inert(best(state)).words
    drawn = tree(state)
    (last,) = re.findall(r'class="lab-round">Result <b>(.*?)</b>', drawn)
    assert last == shown, "the last score of the tree is the one of the header"
    assert f"on {counted(N_DEV, 'example')} of dev" in inert(drawn).words

    points = list(history(state))
    assert points[-1]["best"] == state.best.score
    table = run.scores()
    (row,) = table[table["is_best"]].to_dict("records")
    assert (row["score"], row["n"], row["prompt"]) == (state.best.score, N_DEV, state.best.prompt)
    assert {point["score"] for point in points} == set(table["score"])
    assert run.best.score is not None
    assert float(run.best.score) == state.best.score
    assert f"{shown}" in inert(export(take(session, branch, state.best.prompt), "html")).words
    (card,) = listed(session)
    assert scored(card) in (f"{start} on dev", f"{start} → {shown} on dev")
    assert card.best is None or card.best <= state.best.score
    assert card.bests == tuple(sorted(card.bests)), "the best so far never falls"
    assert card.best is None or (card.bests[0], card.bests[-1]) == (card.start, card.best)

    by_role = {one.role: one for one in costs(state.spends, by=("role",))}
    n_calls, n_reused = sum(one.calls for one in by_role.values()), sum(one.cached for one in by_role.values())
    assert f"Spent {counted(n_calls, 'call')}" in told
    assert f"Target calls made{by_role['target'].calls}" in told
    assert f"Optimizer calls made{by_role['optimizer'].calls}" in told
    assert f"Calls reused{n_reused}" in told
    assert "Calls madeCalls reused" in inert(spending(state)).words
    assert (run.calls()["calls"].sum(), run.calls()["cached"].sum()) == (n_calls, n_reused)
    assert session.book.n_calls() == n_calls
    assert session.at_stake(branch).n_paid == n_calls
    measured = {point["prompt"]: point["answers"] for point in points}
    target = by_role["target"]
    assert max(measured.values()) <= target.calls + target.cached, "answers are calls made and calls reused"
    assert points[-1]["answers"] == target.calls + target.cached

    capsys.readouterr()
    assert main(["runs", "--book", str(tmp_path / "lab.sqlite"), "--json"]) == 0
    (listed_row,) = json.loads(capsys.readouterr().out)["runs"]
    assert listed_row["start"] == state.baseline.score


def test_repeats_of_an_example_are_answers_and_no_examples() -> None:
    assert estimate(Candidate("x", score=0.5, n_rows=256)) == "50 % on 256 answers on train"
