"""Moving a prompt to another model: measured on the same examples, set side by side, and gone on from there."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from support.drawn import HOSTILE, inert

from lab import Session
from lab.core.handover import held
from lab.core.task import Task
from lab.errors import BudgetError, MisuseError, ModelError
from lab.i18n import use
from lab.models.endpoint import Endpoint
from lab.models.roles import Ceiling, Limits, ModelConfig
from lab.optimizers import optimizer
from lab.session.acts import act
from lab.session.comparison import MOST, best_on, compared, default_prompts, place, standing
from lab.session.state import State
from lab.store import TRANSFER, Measure, Models, Spend
from lab.tasks import bundled
from lab.views.chart import chart, history
from lab.views.outcomes import line
from lab.views.transfer import as_data, as_text, transfer
from lab.views.tree import tree

TASK = bundled.load("word-problems")
LITERAL, HASTY = "practice-literal", "practice-hasty"


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book in which autopilot has tuned a prompt to the practice model."""
    path = tmp_path_factory.mktemp("tuned") / "lab.sqlite"
    session = Session(path)
    branch = session.begin(TASK, settings=optimizer("protegi").configure("quick", wording="paper"))
    asyncio.run(session.autopilot(branch, 2))
    session.book.close()
    return path


@pytest.fixture
def work(tuned: Path, tmp_path: Path) -> Iterator[tuple[Session, str]]:
    for part in tuned.parent.iterdir():
        shutil.copy(part, tmp_path / part.name)
    session = Session(tmp_path / tuned.name)
    yield session, session.branches()[0].id
    session.book.close()


async def scored(session: Session, branch: str, *names: str) -> State:
    state = session.state(branch)
    for name in names:
        await session.score_on(branch, default_prompts(state), state.branch.models.using("target", name))
    return session.state(branch)


async def test_a_prompt_scores_as_if_the_work_had_begun_on_the_other_model(work: tuple[Session, str]) -> None:
    session, branch = work
    state = await scored(session, branch, LITERAL)
    row = next(one for one in standing(state) if one.prompt == TASK.start)
    other = session.begin(TASK, models=Models(target=LITERAL))
    await session.advance(other)
    assert state.baseline == row.cells[0].measure
    assert session.state(other).baseline == row.cells[1].measure
    assert [cell.measure.n_rows for cell in row.cells if cell.measure] == [len(TASK.dev)] * 2


def test_the_default_prompts_are_the_start_and_the_best_on_the_way(work: tuple[Session, str]) -> None:
    session, branch = work
    state = session.state(branch)
    prompts = default_prompts(state)
    assert prompts[0] == TASK.start
    assert state.best is not None
    assert prompts[1] == state.best.prompt
    assert len(set(prompts)) == len(prompts) <= MOST
    scores = [state.measured[prompt].score for prompt in prompts[1:]]
    assert scores == sorted(scores, reverse=True)


def test_what_a_person_hid_is_neither_the_result_nor_scored_elsewhere(work: tuple[Session, str]) -> None:
    session, branch = work
    first, gone, *rest = default_prompts(session.state(branch))
    assert session.state(branch).result == gone
    session.constrain(branch, hidden=(gone,))
    state = session.state(branch)
    assert default_prompts(state) == (first, *rest)
    assert state.best is not None
    assert state.result == state.best.prompt == rest[0]
    held = state.node.phase.prompts
    session.constrain(branch, hidden=held)
    unmeasured = replace(session.state(branch), measured={})
    assert (unmeasured.best, unmeasured.result) == (None, held[0])
    session.constrain(branch, hidden=held[:1])
    assert replace(session.state(branch), measured={}).result == held[1]


async def test_what_was_tuned_to_one_model_loses_on_another_and_the_table_says_so(
    work: tuple[Session, str],
) -> None:
    session, branch = work
    state = await scored(session, branch, LITERAL, HASTY)
    rows = standing(state)
    assert [cell.model for cell in rows[0].cells] == ["practice", LITERAL, HASTY]
    tuned = rows[1]
    home, *others = tuned.cells
    assert home.fate == "home"
    assert "loses" in {cell.fate for cell in others}
    for cell in others:
        assert home.measure is not None
        assert cell.measure is not None
        assert cell.change == cell.measure.score - home.measure.score
        assert cell.change_interval is not None
        assert (cell.change_interval[1] < 0) == (cell.fate == "loses")


async def test_behind_each_score_on_another_model_stands_what_its_replies_came_to(
    work: tuple[Session, str],
) -> None:
    session, branch = work
    state = await scored(session, branch, LITERAL)
    rows = standing(state)
    start, n = state.context.task.start, len(state.context.task.dev)
    for model in ("practice", LITERAL):
        found = state.outcomes_by_model[model, start]
        assert sum(many for _, many in found.counts) == n
        measure = next(cell.measure for cell in rows[0].cells if cell.model == model)
        assert measure is not None
        assert found.count("right", "right_in_another_form") / n == pytest.approx(measure.score)
        said = line(found, state.context.task)
        assert said in as_text(state, rows)
        assert said in unescape(transfer(state, rows))
        scores = as_data(state, rows)["prompts"][0]["scores"]
        assert dict(found.counts) in [one["outcomes"] for one in scores]


async def test_the_same_work_gives_the_same_table_in_another_book(
    work: tuple[Session, str], tmp_path: Path
) -> None:
    session, branch = work
    again = Session(tmp_path / "again.sqlite")
    other = again.begin(TASK, settings=optimizer("protegi").configure("quick", wording="paper"))
    await again.autopilot(other, 2)
    first, second = (await scored(session, branch, HASTY)), (await scored(again, other, HASTY))
    assert standing(first) == standing(second)


async def test_what_is_known_is_not_paid_for_again_and_is_shown_all_the_same(work: tuple[Session, str]) -> None:
    session, branch = work
    first = [spend for _, spend in (await scored(session, branch, LITERAL)).spends if spend.what == TRANSFER]
    n = len(default_prompts(session.state(branch))) * len(TASK.dev)
    assert [(spend.calls, spend.cached, spend.model) for spend in first] == [(n, 0, LITERAL)]
    await scored(session, branch, LITERAL)
    second = session.begin(TASK, settings=optimizer("protegi").configure("quick", wording="paper"))
    await session.autopilot(second, 2)
    state = await scored(session, second, LITERAL)
    spent = [spend for _, spend in session.state(branch).spends + state.spends if spend.what == TRANSFER]
    assert [spend.calls for spend in spent] == [n, 0, 0]
    assert tuple(state.elsewhere) == (LITERAL,)


async def test_another_owner_does_not_see_which_models_were_tried(work: tuple[Session, str]) -> None:
    session, branch = work
    await scored(session, branch, LITERAL)
    guest = Session(session.book, owner="guest")
    theirs = guest.begin(TASK)
    assert tuple(guest.state(theirs).elsewhere) == ()
    with pytest.raises(MisuseError, match="no such branch"):
        await guest.score_on(branch, [TASK.start], Models(target=LITERAL))


def measure(prompt: str, right: int, of: int = 50) -> Measure:
    return Measure(prompt, right / of, of, (*[1.0] * right, *[0.0] * (of - right)))


@pytest.mark.parametrize(
    ("home", "there", "fate"),
    [(45, 30, "loses"), (20, 40, "gains"), (40, 40, "keeps"), (40, 39, "keeps"), (10, 8, "cannot tell")],
)
def test_the_interval_of_the_change_decides_who_keeps_and_who_loses(home: int, there: int, fate: str) -> None:
    examples = TASK.dev[:50]
    task = replace(TASK, dev=examples if fate != "cannot tell" else examples[:12])
    n = len(task.dev)
    rows = compared(task, ["p"], {"a": {"p": measure("p", home, n)}, "b": {"p": measure("p", there, n)}})
    assert rows[0].cells[1].fate == fate


def test_what_was_not_measured_on_a_side_is_said_and_not_taken_for_0() -> None:
    one = {"p": measure("p", 40, 60)}
    (there,) = compared(TASK, ["p"], {"a": {}, "b": one})
    assert [cell.fate for cell in there.cells] == ["not measured", "cannot tell"]
    assert there.cells[1].change is None
    (here,) = compared(TASK, ["p"], {"a": one, "b": {}})
    assert [cell.fate for cell in here.cells] == ["home", "not measured"]
    assert best_on([here], "b") is None


def test_a_metric_without_intervals_is_judged_by_single_examples() -> None:
    task = bundled.load("triage")
    rows = compared(task, ["p"], {"a": {"p": measure("p", 45)}, "b": {"p": measure("p", 20)}})
    cell = rows[0].cells[1]
    assert (cell.fate, cell.interval, cell.change_interval) == ("loses", None, None)


async def test_a_model_that_cannot_be_reached_is_one_sentence_and_nothing_changes(
    work: tuple[Session, str],
) -> None:
    session, branch = work
    before = session.state(branch)
    ghost = ModelConfig(Endpoint.of("ghost@http://127.0.0.1:9/v1"), limits=Limits(tries=1))
    models = before.branch.models.using("target", ghost)
    with pytest.raises(ModelError) as told:
        await session.score_on(branch, [TASK.start], models)
    assert "\n" not in str(told.value)
    after = session.state(branch)
    assert (after.branch, after.measured, after.nodes) == (before.branch, before.measured, before.nodes)
    assert session.book.measured(before.task_id, models.answering) == {}


async def test_the_ceiling_of_the_work_holds_for_other_models_too(work: tuple[Session, str]) -> None:
    session, branch = work
    state = session.state(branch)
    spent = sum(spend.calls for _, spend in state.spends)
    models = state.branch.models.using("target", LITERAL).with_ceiling(Ceiling(calls=spent + 10))
    with pytest.raises(BudgetError):
        await session.score_on(branch, [TASK.start], models)
    after = session.state(branch)
    assert sum(spend.calls for _, spend in after.spends) == spent + 10
    assert standing(after)[0].cells[1].fate == "not measured"


async def test_scoring_is_an_act_that_runs_as_a_job(work: tuple[Session, str]) -> None:
    session, branch = work
    await act(session, branch, {"act": "transfer", "model": LITERAL})
    with pytest.raises(MisuseError, match="is running"):
        await act(session, branch, {"act": "transfer", "model": HASTY})
    await session.jobs.ended(branch)
    progress = session.jobs.progress(branch)
    assert progress is not None
    assert (progress.state, progress.what) == ("done", f"Score on {LITERAL} (simulated)")
    assert tuple(session.state(branch).elsewhere) == (LITERAL,)
    for wrong in ("practice", "a b@c", ""):
        with pytest.raises(MisuseError):
            await act(session, branch, {"act": "transfer", "model": wrong})
    with pytest.raises(MisuseError, match="key"):
        await act(session, branch, {"act": "transfer", "model": "gpt-x"})
    assert not session.jobs.running(branch)


async def test_going_on_makes_a_branch_and_leaves_the_old_one_as_it_is(work: tuple[Session, str]) -> None:
    session, branch = work
    state = await scored(session, branch, HASTY)
    best = best_on(standing(state), HASTY)
    assert best is not None
    node = place(state, best)
    assert node is not None
    new = await act(session, branch, {"act": "moveto", "model": HASTY, "node": node})
    there = session.state(new)
    assert there.branch.models == state.branch.models.using("target", HASTY)
    assert there.node.phase.prompts[0] == best
    assert (there.node.parent, there.optimizer.name, there.context) == (node, "protegi", state.context)
    assert there.best is not None
    assert there.best.score == max(one.score for one in there.measured.values())

    await session.autopilot(new, 1)
    assert session.state(new).node.phase.round == 1
    assert session.branch(branch) == state.branch
    assert {one.id for one in session.state(branch).branches} == {branch, new}
    assert f"on {HASTY}" in tree(session.state(branch))
    assert session.book.verify()[1] == ()


@pytest.mark.parametrize(("role", "called"), [("target", "on"), ("optimizer", "with")])
def test_a_branch_is_called_the_same_whoever_goes_on(work: tuple[Session, str], role: str, called: str) -> None:
    session, branch = work
    at = session.branch(branch)
    with use("zh"):
        new = session.connect(branch, at.models.using(role, HASTY))
    assert session.branch(new).name == f"{called} {HASTY} (simulated)"


def test_going_on_can_be_undone_and_redone(work: tuple[Session, str]) -> None:
    session, branch = work
    node = session.branch(branch).node
    new = session.move_to(branch, node, session.branch(branch).models.using("target", LITERAL))
    there = session.branch(new).node
    session.undo(new)
    assert session.branch(new).node == node
    session.redo(new)
    assert session.branch(new).node == there


def test_the_place_of_a_prompt_is_the_last_on_the_way_that_holds_it(work: tuple[Session, str]) -> None:
    session, branch = work
    state = session.state(branch)
    places = {prompt: place(state, prompt) for prompt in default_prompts(state)}
    assert len(set(places.values())) > 1
    for prompt, node in places.items():
        assert node is not None
        later = state.path[state.path.index(node) + 1 :]
        assert prompt in held(state.nodes[node].phase)
        assert not any(prompt in held(state.nodes[id].phase) for id in later)
    assert place(state, "never held") is None


def test_the_optimizer_goes_on_with_what_scores_best_on_the_new_model_first(work: tuple[Session, str]) -> None:
    session, branch = work
    state = session.state(branch)
    prompts = held(state.node.phase)
    assert len(prompts) > 1
    models = state.branch.models.using("target", "practice-chatty")
    known = [measure(prompts[-1], 50, 60), measure(prompts[0], 10, 60)]
    session.book.add_measures(state.task_id, models.answering, "dev", known)
    new = session.move_to(branch, state.branch.node, models)
    assert session.state(new).node.phase.prompts[0] == prompts[-1]


def test_pins_and_what_is_hidden_go_along(work: tuple[Session, str]) -> None:
    session, branch = work
    gone = held(session.state(branch).node.phase)[0]
    node = session.constrain(branch, pinned=("mine",), hidden=(gone,))
    new = session.move_to(branch, node, session.branch(branch).models.using("target", HASTY), "opro")
    there = session.state(new).node
    assert there.constraints == session.book.node(node).constraints
    assert "mine" in held(there.phase)
    assert gone not in held(there.phase)


async def test_two_models_that_go_on_from_one_place_share_nothing_that_waits(work: tuple[Session, str]) -> None:
    session, branch = work
    here = session.branch(branch)
    first, second = (
        session.move_to(branch, here.node, here.models.using("target", name)) for name in (LITERAL, HASTY)
    )
    proposal = await session.advance(first)
    assert session.branch(first).pending == proposal
    assert session.branch(first).node != session.branch(second).node
    session.goto(second, session.branch(second).node)
    assert session.branch(second).pending is None


def test_going_on_pauses_where_a_person_wanted_to_pause(work: tuple[Session, str]) -> None:
    session, branch = work
    session.pause_at(branch, ["Groups"])
    here = session.branch(branch)
    assert session.branch(session.move_to(branch, here.node, here.models.using("target", HASTY))).stops == (
        "Groups",
    )


def test_going_on_may_change_the_optimizer(work: tuple[Session, str]) -> None:
    session, branch = work
    here = session.branch(branch)
    new = session.move_to(
        branch, here.node, here.models.using("target", HASTY), "opro", optimizer("opro").configure("quick")
    )
    there = session.state(new)
    assert there.optimizer.name == "opro"
    assert {phase.__name__ for phase in there.optimizer.phases if not phase.passes} <= set(there.branch.stops)
    assert there.node.phase.prompts == held(session.book.node(here.node).phase)


def test_there_is_no_going_on_from_a_strange_place_or_with_a_model_that_lacks_its_key(
    work: tuple[Session, str],
) -> None:
    session, branch = work
    here = session.branch(branch)
    for node, model, told in (("n-b2-0", HASTY, "no such place"), (here.node, "gpt-x", "key")):
        with pytest.raises(MisuseError, match=told):
            session.move_to(branch, node, here.models.using("target", model))
    assert [one.id for one in session.branches()] == [branch]


async def test_the_view_offers_to_score_and_to_go_on_from_the_best(work: tuple[Session, str]) -> None:
    session, branch = work
    before = transfer(session.state(branch), standing(session.state(branch)))
    assert "<table" not in before
    assert 'data-act="transfer"' in before
    state = await scored(session, branch, LITERAL, HASTY)
    rows = standing(state)
    drawn = transfer(state, rows)
    inert(drawn)
    assert drawn.count('data-act="moveto"') == 2
    assert f'data-model="{HASTY}" data-node="{place(state, str(best_on(rows, HASTY)))}"' in drawn
    assert "lab-loses" in drawn
    assert "simulated model (here)" in drawn
    assert "disabled" not in drawn
    assert transfer(state, rows, "A step is under way.").count("disabled") == 2 * 3  # each button, and for readers


@pytest.mark.parametrize("text", HOSTILE)
def test_names_of_models_and_prompts_stay_text(work: tuple[Session, str], text: str) -> None:
    session, branch = work
    state = session.state(branch)
    models = [text, f"{text}@http://127.0.0.1:9/v1"]
    measured = {name: {text: measure(text, 40, 60)} for name in ("practice", *models)}
    rows = compared(Task(text, text, (), TASK.dev, metric="numeric"), [text], measured)
    seen = inert(transfer(state, rows))
    assert text in seen.words
    assert text[:20] in as_text(state, rows)
    assert as_data(state, rows)["prompts"][0]["prompt"] == text


def test_calls_to_other_models_do_not_move_the_chart_and_its_best_points_have_intervals(
    work: tuple[Session, str],
) -> None:
    session, branch = work
    state = session.state(branch)
    before = list(history(state))
    elsewhere = Spend(state.path[0], TRANSFER, 0, "target", 500, 0, 0, 0)
    assert list(history(replace(state, spends=(*state.spends, (branch, elsewhere))))) == before
    for row in before:
        assert ("low" in row) == row["top"]
        assert not row["top"] or 0 <= row["low"] <= row["score"] <= row["high"] <= 1
    drawn = chart(state)
    assert drawn is not None
    assert "datum.low" in str(drawn)
