"""The views: pure functions from what the lab knows to HTML that is safe to show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.drawn import HOSTILE, SMALL, Tags, drawn_board, inert, state_of, task, whole
from support.paths import ROOT

from lab.core.asks import (
    Ask,
    Candidate,
    Critique,
    Demonstration,
    ErrorSample,
    Evaluate,
    Generate,
    Phase,
    Pick,
    Reply,
    Request,
    Score,
    TrajectoryRow,
)
from lab.core.flaws import Flaw
from lab.core.history import Node, path
from lab.core.review import Mark, Proposal, Verdict
from lab.models.capabilities import Capabilities
from lab.models.endpoint import Endpoint
from lab.models.perform import Estimate
from lab.models.roles import Ceiling, Limits, ModelConfig
from lab.models.status import ModelStatus
from lab.optimizers import OPTIMIZERS, Optimizer, ape, opro, optimizer, pe2, protegi
from lab.optimizers.bandits import Arms
from lab.session import Session
from lab.session.jobs import Progress
from lab.session.state import State
from lab.store import Measure, Models, Spend
from lab.tasks import bundled
from lab.views.chart import chart, history
from lab.views.markup import esc
from lab.views.names import model_name
from lab.views.notices import failure, notice
from lab.views.page import page
from lab.views.progress import running_line
from lab.views.settings import about, default_preset, form, pauses, presets
from lab.views.spending import estimated, spending, target_answers
from lab.views.tree import layout
from lab.views.verdicts import sentence

# Settings with which every phase is come to, in little time.
EVERY: dict[str, dict[str, object]] = {
    "ape": {"rounds": 2, "subsamples": 2, "demos": 3, "proposals": 4, "stage_rows": 6, "finalists": 2,
            "paraphrases": 3, "patience": 0},
    "protegi": {"rounds": 2, "beam": 2, "minibatch": 24, "groups": 2, "group_size": 2, "expansion": 1,
                "selection_rounds": 2, "selection_prompts": 2, "selection_rows": 4, "reject_on_errors": "on"},
    "opro": {"rounds": 2, "proposals": 4, "rows": 10},
    "pe2": {"rounds": 2, "beam": 2, "expand": 2, "rows": 60, "init": "induction", "init_prompts": 2,
            "history": "on"},
}  # fmt: skip


def begun(tmp_path: Path, text: str = "Is it good?", **given: object) -> tuple[Session, str]:
    session = Session(tmp_path / "lab.sqlite")
    return session, session.begin(task(text), settings=SMALL, **given)  # type: ignore[arg-type]


def hostile_states(text: str) -> Iterator[State]:
    beam, flaw = (Candidate(text),), Flaw("stored", texts=(text,))
    errors = (
        ErrorSample(text, (text,), flaw, "e1", text, text, 0, 0),
        ErrorSample(text, (), None, "e2", text, text),
    )
    critiques = (Critique(text, (text,), flaw, 0, errors), Critique("plain", ("e1",), None, 0, errors))
    candidates = (
        Candidate(text, (text,), flaw, text + " before", "edit", 0, 0.5, 4),
        Candidate(text + " 2", (text,), None, text, "paraphrase"),
    )
    asked = Generate((Request(text, about=text),))
    replies = ((Reply(text, flaw),),)
    scores = (Score(text, (text,), flaw, (1.0, None), (text, text)),)
    evaluated = protegi.Minibatch(0, beam).ask(state_of(protegi.Minibatch(0, beam)).context)
    assert not isinstance(evaluated, protegi.Done)
    hostile = replace(task(text), name=text)
    shown = (Demonstration(text, (text,), None, "e1", text, 0), Demonstration(text, (), flaw, "e2", text))
    tried = (TrajectoryRow(text, (text,), score=0.5), TrajectoryRow(text + " 2", (), flaw, step=1))
    induced = tuple(replace(one, parent="", origin="induced") for one in candidates)
    reasons = (Critique(text, (text,), flaw), Critique(f"{text}\n" * 9, (text,), None, 0, errors))
    for phase, proposal in (
        (ape.Demonstrations(0, beam), Proposal(Pick(shown, (0,)), 0, shown)),
        (ape.Survivors(0, beam, 0, induced, Arms.unmeasured(2)), Proposal(Pick(induced, (0,)), 0, induced)),
        (opro.Trajectory(0, tried, ("", "")), Proposal(Pick(tried, (0,)), 0, tried)),
        (pe2.Reason(0, beam, beam=(text,), batches=(errors,)), Proposal(asked, 0, reasons, replies)),
        (protegi.Minibatch(0, beam), Proposal(evaluated, 0, scores)),
        (protegi.Groups(0, beam, errors), Proposal(Pick(errors, (0,)), 0, errors)),
        (protegi.Criticise(0, beam, (errors,)), Proposal(asked, 0, critiques, replies)),
        (protegi.Edit(0, beam, critiques), Proposal(asked, 0, candidates, replies)),
        (protegi.Paraphrase(0, beam, candidates), Proposal(asked, 0, candidates, replies)),
        (protegi.Limit(0, beam, candidates), Proposal(Pick(candidates, (0,)), 0, candidates)),
        (protegi.NextBeam(0, beam, candidates, (0, 1)), Proposal(Pick(candidates, (0,)), 0, candidates)),
    ):
        kind = next(one.name for one in OPTIMIZERS.values() if type(phase) in one.phases)
        state = state_of(phase, run_task=hostile, proposal=proposal, kind=kind)
        branch = replace(
            state.branch, name=text, models=Models(optimizer=ModelConfig(Endpoint(text, "http://x/v1")))
        )
        marks = (
            ()
            if isinstance(phase, protegi.Minibatch)
            else ((0, Mark(0, False, text, text)), (-1, Mark(None, True, text, text, 0)))
        )
        measured = {text: Measure(text, 0.5, 8, (1.0,) * 8)}
        yield replace(
            state, branch=branch, branches=(branch, replace(branch, id="c")), draft=marks, measured=measured
        )


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_inert_in_every_field_of_every_phase(text: str) -> None:
    for state in hostile_states(text):
        drawn = page(state, Progress("failed", error=text))
        seen = inert(whole(drawn))
        assert text in seen.words
        assert drawn.best_prompt == text


@pytest.mark.parametrize("text", HOSTILE)
def test_notices_progress_and_settings_are_inert_too(text: str) -> None:
    for drawn in (notice([text, text]), failure(text), running_line(Progress("running", text, 1, 2, 1))):
        assert text in inert(drawn).words


@given(st.text())
def test_escaped_text_reads_as_it_was_written(text: str) -> None:
    text = text.replace("\r", "").replace("\x00", "")
    assert Tags(f"<p>{esc(text)}</p>").words == text


@pytest.mark.long
@pytest.mark.parametrize("kind", OPTIMIZERS.values(), ids=lambda one: one.name)
async def test_every_phase_has_a_page_and_the_way_through_all_of_them(tmp_path: Path, kind: Optimizer) -> None:
    every = [phase.__name__ for phase in kind.phases]
    session = Session(tmp_path / "lab.sqlite")
    settings = kind.configure(**EVERY[kind.name])
    branch = session.begin(bundled.load("triage"), optimizer_name=kind.name, settings=settings, stops=every)
    seen: list[str] = []

    first = page(session.state(branch))
    assert 'data-act="next"' in first.board
    assert "not measured yet" in first.header
    assert first.chart is None
    while (proposal := await session.advance(branch)) is not None:
        state = session.state(branch)
        seen.append(type(state.node.phase).__name__)
        drawn = page(state)
        inert(whole(drawn))
        assert f'data-proposal="{state.branch.pending}"' in drawn.board
        assert 'data-act="accept"' in drawn.board
        assert drawn.track.count('aria-current="step"') == 1
        session.decide(branch, proposal)
    assert list(dict.fromkeys(seen)) == every
    last = page(session.state(branch))
    assert 'data-act="more"' in last.board
    assert "Finished after 2 rounds" in last.track
    assert last.track.count("lab-done") == len(every)
    assert last.tree.count(">✓<") == 1
    assert last.chart is not None
    assert "simulated model" in last.header


def test_a_running_step_shows_its_calls_and_stop_and_keeps_the_board_still(tmp_path: Path) -> None:
    session, branch = begun(tmp_path)
    drawn = page(session.state(branch), Progress("running", "Try the prompts", 3, 12, 2))
    assert drawn.running
    assert "3 of 12 calls, 2 already known" in drawn.progress
    assert 'data-act="stop"' in drawn.progress
    assert re.search(r"<button[^>]*data-act=\"next\"[^>]*disabled", drawn.board)


def test_a_failed_step_says_why_and_that_nothing_is_lost(tmp_path: Path) -> None:
    session, branch = begun(tmp_path)
    drawn = page(session.state(branch), Progress("failed", error="The model refused. Try later."))
    assert "The model refused. Try later." in drawn.progress
    assert "kept" in drawn.progress


def test_the_board_shows_what_a_person_left_out_and_what_was_added() -> None:
    for state in hostile_states("plain words"):
        if isinstance(state.node.phase, protegi.Edit):
            drawn = page(state)
            assert "added by you" in drawn.board
            assert drawn.board.count("data-place=") >= 4  # two proposed, one added, the Restore of each


def test_the_tree_of_one_node_can_be_drawn() -> None:
    state = state_of(protegi.Minibatch(0, (Candidate("p"),)))
    assert len(layout(state)) == 1
    assert page(state).tree.count('data-act="look"') == 1


def long_state(rounds: int, pulls: int) -> State:
    """Makes a long line of work with a second branch in the middle, by hand."""
    beam = (Candidate("p"),)
    first = Node("r", protegi.Minibatch(0, beam))
    nodes = {first.id: first}
    last, middle = first, first
    for round in range(rounds):
        phases = [
            protegi.Groups(round, beam), protegi.Criticise(round, beam), protegi.Edit(round, beam),
            *(protegi.Select(round, beam, arms=Arms((), (), pull)) for pull in range(pulls)),
            protegi.NextBeam(round, beam), protegi.Minibatch(round + 1, beam),
        ]  # fmt: skip
        for phase in phases:
            last = Node("r", phase, 0, last.id, "p", Verdict())
            nodes[last.id] = last
        if round == rounds // 2:
            middle = last
    other = Node("r", protegi.Groups(rounds, beam), 0, middle.id, "q", Verdict("edit", (Mark(0, False),)))
    nodes[other.id] = other
    state = state_of(protegi.Minibatch(0, beam))
    here = replace(state.branch, node=last.id)
    return replace(
        state, branch=here, branches=(here, replace(here, id="c", name="second", node=other.id)), nodes=nodes,
        path=path(nodes, last.id),
    )  # fmt: skip


def test_a_tree_of_400_nodes_gathers_the_pulls_and_loses_no_branch() -> None:
    state = long_state(rounds=31, pulls=8)
    assert len(state.nodes) > 400
    dots = layout(state)
    assert sum(dot.n for dot in dots) == len(state.nodes)
    assert len(dots) == 31 * 6 + 2
    assert [dot.row for dot in dots] == list(range(len(dots)))
    drawn = page(state).tree
    assert drawn.count('data-act="look"') == len(dots)
    assert "second" in drawn
    assert drawn.count("lab-present") == 1
    assert "✎" in Tags(drawn[drawn.index("lab-history") :]).words


def reached(state: State) -> set[str]:
    """The nodes that a person can go to at once."""
    return {dot.id for dot in layout(state)}


def test_rounds_of_a_long_history_share_dots_and_all_that_a_person_did_keeps_its_own() -> None:
    state = long_state(rounds=60, pulls=2)
    on_the_way = list(state.path)
    early = on_the_way[35]
    edited = replace(state.nodes[early], verdict=Verdict("edit", (Mark(0, False),)))
    rejected = replace(state.nodes[on_the_way[50]], verdict=Verdict("reject", why="no"))
    state = replace(state, nodes={**state.nodes, early: edited, on_the_way[50]: rejected})
    dots = layout(state)
    assert len(dots) < 120 < len(state.nodes)
    assert sum(dot.n for dot in dots) == len(state.nodes)
    assert [dot.row for dot in dots] == list(range(len(dots)))
    alone = {dot.id for dot in dots if not dot.is_round}
    heads = {branch.node for branch in state.branches}
    children = [node.parent for node in state.nodes.values()]
    forks = {id for id in state.nodes if children.count(id) > 1}
    assert alone >= {state.path[0], early, on_the_way[50], *heads, *forks}
    drawn = page(state).tree
    assert drawn.count('data-act="look"') == len(dots)
    assert drawn.count("lab-present") == 1
    shared = next(dot for dot in dots if dot.is_round and dot.begins)
    row = Tags(drawn[drawn.index(f'data-node="{shared.id}"') - 200 :]).words
    assert f"Round {state.nodes[shared.id].phase.round + 1}" in row
    assert f"{shared.n} steps" in row
    for sign in "✎✕":
        assert sign in Tags(drawn[drawn.index("lab-history") :]).words


def test_a_dot_of_many_steps_stands_at_their_first_and_who_goes_there_finds_them_apart() -> None:
    state = long_state(rounds=60, pulls=2)
    shared = next(dot for dot in layout(state) if dot.is_round)
    there = state.path.index(shared.id)
    steps = state.path[there : there + shared.n]
    assert len({state.nodes[id].phase.round for id in steps}) == 1
    assert not reached(state).issuperset(steps)
    gone = replace(state, branch=replace(state.branch, node=shared.id), path=state.path[: there + 1])
    here = {dot.id for dot in layout(gone) if not dot.is_round}
    pulls = [id for id in steps if isinstance(state.nodes[id].phase, protegi.Select)]
    assert here >= set(steps) - set(pulls[:-1])


def test_every_round_of_a_long_history_can_be_gone_to_at_its_beginning() -> None:
    state = long_state(rounds=60, pulls=2)
    begins = {id for id in state.path if isinstance(state.nodes[id].phase, protegi.Minibatch)}
    assert reached(state) >= begins


def test_each_branch_is_named_whole_in_the_row_where_it_stands() -> None:
    state = long_state(rounds=1, pulls=1)
    last, before = state.path[-1], state.path[-2]
    names = ("on a model of long name", "main")
    branches = tuple(
        replace(state.branch, id=name, name=name, node=node)
        for name, node in zip(names, (last, before), strict=True)
    )
    drawn = page(replace(state, branch=branches[0], branches=branches)).tree
    rows = re.findall(r'data-node="([^"]+)".*?(?=data-node|$)', drawn)
    named = re.findall(r'data-node="([^"]+)"(?:(?!data-node).)*class="lab-name">([^<]+)<', drawn)
    assert sorted(named) == sorted([(last, names[0]), (before, names[1])])
    assert len(rows) == len(layout(state))


def test_the_history_says_where_each_round_begins_and_where_another_optimizer_goes_on() -> None:
    state = long_state(rounds=3, pulls=1)
    began = [dot.row for dot in layout(state) if dot.begins]
    assert len(began) == 5 == page(state).tree.count('class="lab-round"')
    last = Node("s", opro.Trajectory(0, (TrajectoryRow("p", score=0.5),), ("0",)), 0, state.path[-1], "p", None)
    nodes = {**state.nodes, last.id: last}
    after = replace(state, optimizer=optimizer("opro"), context=replace(state.context, settings=opro.Settings()))
    here = replace(state.branch, node=last.id)
    gone = replace(after, nodes=nodes, branch=here, branches=(here,), path=path(nodes, last.id))
    assert 'class="lab-round">OPRO, round 1' in page(gone).tree


def test_one_row_of_the_history_is_a_tab_stop_and_it_is_the_current_one() -> None:
    drawn = page(long_state(rounds=2, pulls=1)).tree
    assert drawn.count('role="treeitem"') == drawn.count('tabindex="-1"') + 1
    assert re.search(r'tabindex="0"[^>]*aria-current="true"', drawn)


def test_target_answers_of_a_step_done_twice_are_counted_once() -> None:
    spends = [
        ("a", Spend("n", "propose", 0, "target", 10, 0, 0, 0)),
        ("b", Spend("n", "propose", 0, "target", 5, 20, 0, 0)),
        ("b", Spend("n", "propose", 1, "target", 3, 0, 0, 0)),
        ("b", Spend("n", "propose", 0, "optimizer", 99, 0, 0, 0)),
    ]
    assert target_answers(spends) == {"n": {"propose": 28}}


async def test_the_chart_holds_the_start_and_every_round_it_measured(tmp_path: Path) -> None:
    session, branch = begun(tmp_path)
    await session.autopilot(branch, 2)
    state = session.state(branch)
    rows = list(history(state))
    assert {row["round"] for row in rows} == {0, 1, 2}
    for name in ("best", "answers"):
        values = [row[name] for row in rows]
        assert values == sorted(values)
    assert state.best is not None
    assert rows[-1]["best"] == state.best.score
    drawn = chart(state)
    assert drawn is not None
    assert drawn["background"] == "transparent"
    assert "url" not in str(drawn.get("data"))
    reaches = {tuple(layer["encoding"]["x"]["scale"]["domain"]) for layer in drawn["layer"][1:]}
    assert len(reaches) == 1
    assert reaches.pop()[1] > max(row["answers"] for row in rows), "the last point is not on the edge"


def test_a_long_chart_holds_every_prompt_once_and_the_best_of_every_round() -> None:
    state = long_state(rounds=150, pulls=1)
    texts = [f"prompt {i}" for i in range(20)]
    hits = (1.0,) * len(state.context.task.dev)
    measured = {text: Measure(text, i / 20, len(hits), hits) for i, text in enumerate(texts)}
    held = tuple(Candidate(text) for text in reversed(texts[:4]))
    nodes = {id: replace(node, phase=replace(node.phase, beam=held)) for id, node in state.nodes.items()}
    start = state.context.task.start
    state = replace(state, nodes=nodes, measured={**measured, start: Measure(start, 0.1, len(hits), hits)})
    every, brief = list(history(state)), list(history(state, brief=True))
    assert len(every) > 200
    assert len(brief) < len(every) / 2
    assert {row["prompt"] for row in brief} == {row["prompt"] for row in every}
    assert [row for row in brief if row["top"]] == [row for row in every if row["top"]]
    drawn = chart(state)
    assert drawn is not None
    assert drawn["data"]["values"] == brief


def test_of_a_long_run_the_last_steps_are_told_and_what_came_before_is_summed() -> None:
    state = long_state(rounds=60, pulls=2)
    spends = tuple(("b", Spend(id, "propose", 0, "target", 1, 0, 2, 3)) for id in state.path)
    drawn = spending(replace(state, spends=spends))
    assert drawn.count("<tr>") < 110 < len(spends)
    assert "The steps before" in drawn
    assert f">{len(spends) - 100}</td>" in drawn
    few = spending(replace(state, spends=spends[:100]))
    assert "The steps before" not in few


def test_the_header_says_what_the_brackets_of_a_score_hold_and_where_there_are_none_nothing() -> None:
    phase = protegi.Minibatch(0, (Candidate("Is it good?"),))
    run_task = replace(task(), start="Is it good?")
    measured = {"Is it good?": Measure("Is it good?", 0.5, 8, (1.0, 0.0) * 4)}
    state = replace(state_of(phase, run_task=run_task), measured=measured)
    assert "; 95 % interval in brackets" in page(state).header
    odd = replace(state_of(phase, run_task=replace(run_task, metric="macro_f1")), measured=measured)
    assert "brackets" not in page(odd).header


def test_a_simulated_model_says_where_it_answers_unless_it_is_this_process() -> None:
    assert model_name("practice") == "practice · simulated model"
    assert model_name("practice@http://127.0.0.1:8101/v1") == "practice at 127.0.0.1:8101 · simulated model"
    assert model_name("m@http://127.0.0.1:8101/v1") == "m at 127.0.0.1:8101"


def test_before_any_reply_is_known_an_estimate_says_that_it_is_the_most() -> None:
    some = Estimate("target", 64, 0, 1800, 16000, 16000, 0.17)
    assert estimated(some) == "64 calls to the target model; at most about 18,000 tokens, at most about $0.17"
    assert "at most" not in estimated(replace(some, n_output_tokens_expected=400))


@pytest.mark.parametrize(("calls", "said"), [(0, False), (29, True), (30, False)])
def test_a_ceiling_that_the_next_step_may_break_is_said_before(calls: int, said: bool) -> None:
    start = task().start
    state = state_of(protegi.Minibatch(0, (Candidate(start),)))
    paid = Spend(state.node.id, "propose", 0, "target", 10, 0, 5, 5)
    known = {start: Measure(start, 0.5, 8, (1.0,) * 8)}
    here = replace(state.branch, models=state.branch.models.with_ceiling(Ceiling(calls=calls)))
    state = replace(state, branch=here, branches=(here,), spends=(("b", paid),), measured=known)
    drawn = page(replace(state, estimate=Estimate("target", 24, 4))).board
    assert ("The spending limit leaves 19 calls: the step may stop there" in drawn) == said
    assert ("The spending limit" in drawn) == said


@pytest.mark.parametrize(
    ("by", "likelihood", "checked", "said"),
    [
        ("likelihood", None, True, "log P is the mean"),
        ("answers", None, True, "cannot score a given answer"),
        ("answers", "echo", True, ""),
        ("answers", None, False, ""),
    ],
)
def test_a_choice_says_what_its_scores_are_where_likelihood_was_asked_for(by, likelihood, checked, said) -> None:
    items = (Candidate("a", score=-0.5 if by == "likelihood" else 0.5, n_rows=8, by=by), Candidate("b"))
    ask: Ask = Pick(items, (0,))
    phase = protegi.NextBeam(0, (Candidate("start"),), items, (0, 1))
    state = state_of(phase, proposal=Proposal(ask, 0, items))
    found = Capabilities(checked=checked, likelihood=likelihood)
    target = ModelStatus("target", Endpoint.of("practice"), Limits(), None, found, False, False)
    wanted = replace(state.context, settings=replace(SMALL, score="likelihood"))
    board = page(replace(state, context=wanted, model_status=(target,))).board
    for one in ("log P is the mean", "cannot score a given answer"):
        assert (one in board) == (one == said)
    plain = page(replace(state, model_status=(target,))).board
    assert "cannot score" not in plain


@pytest.mark.long
def test_an_error_says_why_its_answer_did_not_arrive_whole() -> None:
    errors = (
        ErrorSample(
            "x", (), None, "e1", "yes", "I would", 0, 0, answer_flaw=Flaw("stored", texts=("cut off <b>",))
        ),
        ErrorSample("y", (), None, "e2", "yes", "", 0, 0, answer_flaw=Flaw("stored", texts=("refused",))),
        ErrorSample("z", (), None, "e3", "yes", "", 0, 0),
    )
    drawn = drawn_board(protegi.Groups(0, (Candidate("p"),), errors), errors, (0, 1, 2))
    for told in ("I would <em>cut off &lt;b&gt;</em>", "<em>refused</em>", "<em>nothing</em>"):
        assert drawn.count(told) == 1
    critique = (Critique("c", (), None, 0, errors),)
    assert "<em>refused</em>" in drawn_board(protegi.Criticise(0, (Candidate("p"),), (errors,)), critique, (0,))


def test_a_verdict_reads_as_what_a_person_did() -> None:
    marks = (Mark(0, True, "new"), Mark(1, False), Mark(None, True, "mine", like=0))
    assert sentence(Verdict("edit", marks)) == "1 item changed, 1 item left out, 1 item added"
    assert sentence(Verdict("reject", why="too vague")) == "rejected: too vague"


@pytest.mark.parametrize("kind", OPTIMIZERS.values(), ids=lambda one: one.name)
def test_every_setting_says_what_it_means_and_its_range(kind: Optimizer) -> None:
    found = form(kind)
    assert [field.name for field in found] == [field.name for field in fields(kind.settings)]
    assert all(field.meaning for field in found)
    assert all(field.choices or field.lowest <= float(field.default) <= field.highest for field in found)


def test_numbers_are_formatted_in_one_place_only() -> None:
    """A format code such as {x:.1f} or round() stands in numbers.py alone; a face may not have one."""
    root = ROOT / "lab"
    pattern = re.compile(r"\{[^{}\"']*:[,.+ ]?\d*[,.]?\d*[fgde%]\}|\bround\(|:,\}|%\.\d")
    places = [*(root / "views").glob("*.py"), *(root / "web").glob("*.py")]
    guilty = [file.name for file in places if file.name != "numbers.py" and pattern.search(file.read_text("utf-8"))]
    assert len(places) > 15
    assert not guilty


def test_demonstrations_stand_by_group_and_the_spare_ones_in_a_fold() -> None:
    rows = tuple(
        Demonstration(f"input {i}", (), None, f"e{i}", f"answer {i}", group) for i, group in enumerate((7, 9, None))
    )
    drawn = drawn_board(ape.Demonstrations(0, (Candidate("p"),)), rows, (0, 1))
    first, fold = drawn.split("<details")[:2]
    assert all(f">{head}<" in first for head in ("Keep", "Group", "Input", "Answer"))
    for i, group in ((0, "1"), (1, "2")):
        assert f'data-label="Group">{group}</td><td data-label="Input">input {i}<' in first
    assert first.count(" checked") == 2
    assert "1 further example in no group" in fold
    assert "input 2" in fold
    assert " checked" not in fold


def test_a_trajectory_row_says_its_score_and_the_round_it_is_from() -> None:
    rows = (TrajectoryRow("old", score=0.125), TrajectoryRow("fresh", step=3), TrajectoryRow("pale", score=0.0))
    drawn = drawn_board(opro.Trajectory(3, rows, ("", "", "")), rows, (0, 1))
    first, fold = drawn.split("<details")[:2]
    assert "12.5 %" in first
    assert 'data-label="Round">start<' in first
    assert "not measured<" in first
    assert 'data-label="Round">3<' in first
    assert "pale" in fold
    assert "0 %" in fold
    assert "Add a prompt" in drawn


def test_a_prompt_that_was_typed_into_the_trajectory_is_a_card_below_it() -> None:
    rows = (TrajectoryRow("old", score=0.5),)
    state = state_of(opro.Trajectory(1, rows, ("",)), proposal=Proposal(Pick(rows, (0,)), 0, rows), kind="opro")
    drawn = page(replace(state, draft=((-1, Mark(None, True, "typed", like=0)),))).board
    assert drawn.count("<article") == 1
    assert "added by you" in drawn


@pytest.mark.parametrize(
    ("origin", "noun"),
    [
        ("start", "Prompt 1"),
        ("edit", "Edit 1"),
        ("paraphrase", "Paraphrase 1"),
        ("induced", "Induced prompt 1"),
        ("proposal", "Proposal 1"),
    ],
)
def test_a_candidate_is_called_by_its_origin_and_offers_no_empty_comparison(origin: str, noun: str) -> None:
    phase = ape.Resample(0, (Candidate("p"),))
    alone = drawn_board(phase, (Candidate("words", origin=origin),))
    assert f"<h4>{noun}<" in alone
    assert "Compared with" not in alone
    assert "Add a prompt" in alone
    child = drawn_board(phase, (Candidate("words", (), None, "before", origin),))
    assert "Compared with" in child


def test_a_prompt_may_be_added_on_its_own_beside_versions_of_others() -> None:
    items = (Candidate("one"), Candidate("two", parent="one", origin="paraphrase"))
    drawn = Tags(drawn_board(ape.Best(0, (Candidate("p"),), 0, items), items, (0, 1))).words
    assert "a prompt of its own" in drawn
    assert "a new version of: one" in drawn


def test_what_an_induced_prompt_was_made_from_is_shown() -> None:
    one, two = task().train[:2]
    drawn = drawn_board(ape.Induce(0, (Candidate("p"),)), (Candidate("w", (one.id, two.id), None, "", "induced"),))
    assert "The 2 demonstrations it was made from" in drawn
    assert one.input in drawn


def test_the_many_prompts_that_a_choice_leaves_out_are_in_a_fold() -> None:
    items = tuple(Candidate(f"words {i}", origin="induced", score=0.5, n_rows=20) for i in range(12))
    drawn = drawn_board(ape.Survivors(0, (Candidate("p"),), 0, items, Arms.unmeasured(12)), items, (0, 1, 2))
    assert "9 further prompts that the optimizer would leave out" in drawn
    assert drawn.split("<details")[0].count("<article") == 3
    assert drawn.count("<article") == 12
    assert "50 % on 20 answers on train" in drawn


def test_a_critique_is_called_what_the_phase_says_it_is() -> None:
    wrong = (ErrorSample("text", (), None, "e1", "yes", "no"),)
    long = Critique("first line\n" * 12, ("e1",), None, 0, wrong)
    beam = (Candidate("p"),)
    reasoning = drawn_board(pe2.Reason(0, beam, beam=("p",), batches=(wrong,)), (long,))
    assert "<h4>Reasoning 1<" in reasoning
    assert "Add a reasoning" in reasoning
    assert 'rows="13"' in reasoning
    assert "Critique" not in Tags(reasoning).words
    assert "<h4>Critique 1<" in drawn_board(protegi.Criticise(0, beam, (wrong,)), (long,))
    made = (Candidate("better", (), None, "p", "edit"),)
    note = drawn_board(pe2.History(0, beam, beam=("p",), made=made), (Critique("it says more", ("better",)),))
    assert "<h4>Note 1<" in note
    assert "0 errors" not in note
    assert "About: better" in note


@pytest.mark.parametrize(
    ("phase", "other"),
    [
        (protegi.Minibatch(0, (Candidate("p"),)), True),
        (opro.Measure(0, (TrajectoryRow("p"),), ("",), tuple(one.id for one in task().train), ("q",)), False),
    ],
)
def test_other_examples_are_promised_only_where_another_draw_has_them(phase: Phase, other: bool) -> None:
    kind = next(one.name for one in OPTIMIZERS.values() if type(phase) in one.phases)
    ask = phase.ask(state_of(phase, kind=kind).context)
    assert isinstance(ask, Evaluate)
    n = len(ask.examples)
    scores = tuple(Score(text, ask.examples, None, (1.0,) * n, ("yes",) * n) for text in ask.prompts)
    drawn = page(state_of(phase, proposal=Proposal(ask, 0, scores), kind=kind)).board
    assert ("measure on other examples" in drawn) == other
    assert ('data-act="again"' in drawn) == other


def test_the_track_shows_what_this_round_came_to_and_how_often() -> None:
    pool, arms = (Candidate("p"),), Arms.unmeasured(0)
    walked = [
        ape.Induce(0, pool), ape.Stage(0, pool), ape.Survivors(0, pool), ape.Stage(0, pool, 0, (), arms, ("e1",)),
    ]  # fmt: skip
    again = [ape.Resample(1, pool), ape.Stage(1, pool)]
    nodes: dict[str, Node] = {}
    for phase in (*walked, *again):
        node = Node("r", phase, 0, next(reversed(nodes), None), "p", Verdict())
        nodes[node.id] = node

    def stages(n: int) -> tuple[list[str], str]:
        line = list(nodes)[:n]
        state = state_of(walked[0], kind="ape")
        there = replace(state.branch, node=line[-1])
        drawn = page(replace(state, branch=there, branches=(there,), nodes=nodes, path=tuple(line))).track
        return re.findall(r"lab-step lab-(\w+)", drawn), drawn

    first, drawn = stages(4)
    assert first == ["ahead", "done", "here", "done", "ahead", "ahead"]
    assert "staged scoring · 2×" in drawn
    second, drawn = stages(6)
    assert second == ["ahead", "ahead", "here", "ahead", "ahead", "done"]
    assert "2×" not in drawn
    assert "Round 2 of" in drawn


def test_the_track_begins_anew_where_the_optimizer_began_again() -> None:
    pool = (Candidate("p"),)
    walked: list[tuple[Phase, Verdict | None]] = [
        (ape.Demonstrations(0, pool), None), (ape.Induce(0, pool), Verdict()), (ape.Stage(0, pool), Verdict()),
        (ape.Demonstrations(0, pool), None), (ape.Induce(0, pool), Verdict()),
    ]  # fmt: skip
    nodes: dict[str, Node] = {}
    for i, (phase, verdict) in enumerate(walked):
        node = Node("r", phase, i, next(reversed(nodes), None), "p", verdict)
        nodes[node.id] = node
    state = state_of(walked[0][0], kind="ape")
    there = replace(state.branch, node=list(nodes)[-1])
    drawn = page(replace(state, branch=there, branches=(there,), nodes=nodes, path=tuple(nodes))).track
    assert re.findall(r"lab-step lab-(\w+)", drawn)[:4] == ["done", "here", "ahead", "ahead"]
    assert "2×" not in drawn


def test_an_optimizer_that_ended_early_offers_no_round_that_would_change_nothing() -> None:
    best = (Candidate("p", score=1.0),)
    scores = (Score("p", ("e1",), None, (1.0,), ("yes",)),)
    drawn = page(state_of(pe2.Beam(1, best, scores, ("e1",)), kind="pe2"))
    assert "Ended after 1 round of 3" in drawn.track
    assert 'data-act="more"' not in drawn.board
    assert "by its own rule" in drawn.board
    rounds_over = page(state_of(pe2.Beam(3, (Candidate("p", score=0.5),), scores, ("e1",)), kind="pe2"))
    assert 'data-act="more"' in rounds_over.board


@pytest.mark.parametrize("kind", OPTIMIZERS.values(), ids=lambda one: one.name)
def test_every_optimizer_says_what_it_is_and_its_presets_can_be_begun_with(kind: Optimizer) -> None:
    assert about(kind).endswith(".")
    assert [name for _, name, _ in pauses(kind)] == [phase.__name__ for phase in kind.phases]
    for values in presets(kind).values():
        assert list(values) == [field.name for field in form(kind)]
        kind.configure(**values)


def test_a_preset_is_filled_up_with_the_defaults_and_the_defaults_are_found_among_them() -> None:
    kind = replace(optimizer("opro"), presets={"quick": {"rounds": 5}, "paper": {}}, about="")
    assert presets(kind)["quick"] == {**presets(kind)["paper"], "rounds": 5}
    assert default_preset(kind) == "paper"
    assert default_preset(replace(kind, presets={"quick": {"rounds": 5}})) is None
    assert "score the start prompt; choose what is shown" in about(kind)


def test_a_page_with_hundreds_of_demonstrations_stays_light() -> None:
    rows = tuple(Demonstration(f"input {i}", (), None, f"e{i}", "yes", i % 20) for i in range(300))
    drawn = drawn_board(ape.Demonstrations(0, (Candidate("p"),)), rows, tuple(range(300)))
    assert drawn.count("data-place=") == 300
    assert len(drawn) < 450 * 300  # characters a row, with its tick and its flag


def test_no_view_and_no_face_asks_which_optimizer_it_is() -> None:
    root = ROOT / "lab"
    names = "|".join(OPTIMIZERS)
    pattern = re.compile(rf"[=!]= *[\"']({names})[\"']|lab\.optimizers\.({names})|import .*\b({names})\b")
    files = [file for room in ("views", "web", "widgets") for file in (root / room).glob("*.py")]
    assert len(files) > 25
    assert not [file.name for file in files if pattern.search(file.read_text("utf-8"))]
