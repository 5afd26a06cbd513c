"""The views: pure functions from what the lab knows to HTML that is safe to show."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import fields, replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.asks import Candidate, Critique, ErrorSample, Generate, Pick, Reply, Request, Run, Score
from lab.history import Node, path
from lab.jobs import Progress
from lab.optimizers import optimizer, protegi
from lab.optimizers.bandits import Arms
from lab.review import Mark, Proposal, Verdict
from lab.session import Session
from lab.state import State
from lab.store import Branch, Measure, Models, Spend
from lab.tasks.task import Example, Task
from lab.views.chart import chart, history
from lab.views.diff import spans
from lab.views.markup import esc
from lab.views.page import Page, page
from lab.views.progress import running_line
from lab.views.settings import form
from lab.views.spending import target_calls
from lab.views.tree import layout
from lab.views.verdicts import sentence
from lab.views.work import failure, notice

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' autofocus onfocus='alert(1)",
    "</textarea><script>alert(1)</script>",
    "{{ value }} ${alert(1)} **bold** [a](javascript:alert(1))",
)
SMALL = protegi.Settings(
    rounds=2, beam=2, minibatch=12, groups=2, group_size=2, paraphrases=1, selection_rounds=2, selection_prompts=2,
    selection_rows=4,
)  # fmt: skip
ALL = tuple(phase.__name__ for phase in protegi.PHASES)


class Tags(HTMLParser):
    """Takes down every tag, its attributes and the text around them."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.names: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.names += [name for name, _ in attrs]

    def handle_data(self, data: str) -> None:
        self.words += data


def inert(text: str) -> Tags:
    seen = Tags(text)
    assert not {"script", "img", "iframe", "object", "a"} & set(seen.tags)
    assert not [name for name in seen.names if name.startswith("on") or name in ("autofocus", "href", "src")]
    return seen


def whole(drawn: Page) -> str:
    return "".join(
        str(getattr(drawn, field.name))
        for field in fields(drawn)
        if field.name not in ("chart", "branch", "best_prompt")
    )


def task(text: str = "Is it good?") -> Task:
    rows = tuple(Example.of(f"{text} {i}", "yes" if i % 2 else "no") for i in range(24))
    return Task(text, text, rows[:16], rows[16:], labels=("yes", "no"))


def begun(tmp_path: Path, text: str = "Is it good?", **given: object) -> tuple[Session, str]:
    session = Session(tmp_path / "lab.sqlite")
    return session, session.begin(task(text), settings=SMALL, **given)  # type: ignore[arg-type]


def state_of(
    phase: protegi.Minibatch | object, *, run_task: Task | None = None, proposal: Proposal | None = None
) -> State:
    """Makes a state by hand, at one node."""
    node = Node("r", phase)
    branch = Branch("b", "me", node.id, "main", node.id, Models(), ALL, "p" if proposal else None)
    run = Run(run_task or task(), SMALL, 0)
    return State(
        branch, (branch,), optimizer("protegi"), run, "t", {node.id: node}, (node.id,), proposal, (), {}, ()
    )


def hostile_states(text: str) -> Iterator[State]:
    beam = (Candidate(text),)
    errors = (
        ErrorSample(text, (text,), text, "e1", text, text, 0, 0),
        ErrorSample(text, (), None, "e2", text, text),
    )
    critiques = (Critique(text, (text,), text, 0, errors), Critique("plain", ("e1",), None, 0, errors))
    candidates = (
        Candidate(text, (text,), text, text + " before", "edit", 0, 0.5, 4),
        Candidate(text + " 2", (text,), None, text, "paraphrase"),
    )
    asked = Generate((Request(text, about=text),))
    replies = ((Reply(text, text),),)
    scores = (Score(text, (text,), text, (1.0, None), (text, text)),)
    evaluated = protegi.Minibatch(0, beam).ask(state_of(protegi.Minibatch(0, beam)).run)
    assert not isinstance(evaluated, protegi.Done)
    hostile = replace(task(text), name=text)
    for phase, proposal in (
        (protegi.Minibatch(0, beam), Proposal(evaluated, 0, scores)),
        (protegi.Groups(0, beam, errors), Proposal(Pick(errors, (0,)), 0, errors)),
        (protegi.Criticise(0, beam, (errors,)), Proposal(asked, 0, critiques, replies)),
        (protegi.Edit(0, beam, critiques), Proposal(asked, 0, candidates, replies)),
        (protegi.Paraphrase(0, beam, candidates), Proposal(asked, 0, candidates, replies)),
        (protegi.Limit(0, beam, candidates), Proposal(Pick(candidates, (0,)), 0, candidates)),
        (protegi.NextBeam(0, beam, candidates, (0, 1)), Proposal(Pick(candidates, (0,)), 0, candidates)),
    ):
        state = state_of(phase, run_task=hostile, proposal=proposal)
        branch = replace(state.branch, name=text, models=Models(text + "@http://x/v1", "practice"))
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


_PROSE = st.lists(st.sampled_from(["good", "bad ", "\n", " ", "<b>", "é", "{x}", ".", "why"]), max_size=30).map(
    "".join
)


@given(st.one_of(st.text(), _PROSE), st.one_of(st.text(), _PROSE))
def test_a_diff_holds_both_texts_whole(old: str, new: str) -> None:
    found = spans(old, new)
    assert "".join(span.text for span in found if span.kind != "deleted") == new
    assert "".join(span.text for span in found if span.kind != "inserted") == old
    assert all(span.text for span in found)


def test_a_diff_marks_the_one_word_that_changed() -> None:
    assert [(s.kind, s.text) for s in spans("Say the label.", "Say one label.")] == [
        ("kept", "Say"), ("deleted", " the"), ("inserted", " one"), ("kept", " label."),
    ]  # fmt: skip


def test_every_phase_has_a_page_and_the_way_through_all_of_them(tmp_path: Path) -> None:
    session, branch = begun(tmp_path, stops=ALL)
    seen: list[str] = []

    async def through() -> None:
        first = page(session.state(branch))
        assert 'data-act="next"' in first.board
        assert "not measured yet" in first.header
        assert first.chart is None
        while (proposal := await session.advance(branch)) is not None:
            state = session.state(branch)
            phase = type(state.node.phase).__name__
            seen.append(phase)
            drawn = page(state)
            inert(whole(drawn))
            assert f'data-proposal="{state.branch.pending}"' in drawn.board
            assert 'data-act="accept"' in drawn.board
            assert 'aria-current="step"' in drawn.track
            session.decide(branch, proposal)

    asyncio.run(through())
    assert list(dict.fromkeys(seen)) == list(ALL)
    last = page(session.state(branch))
    assert 'data-act="more"' in last.board
    assert "All 2 rounds are done" in last.track
    assert last.chart is not None
    assert "simulated model" in last.header


def test_a_running_step_shows_its_calls_and_stop_and_keeps_the_board_still(tmp_path: Path) -> None:
    session, branch = begun(tmp_path)
    drawn = page(session.state(branch), Progress("running", "Try the prompts", 3, 12, 2))
    assert drawn.running
    assert "3 of 12 calls, 2 known already" in drawn.progress
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
    assert page(state).tree.count('data-act="goto"') == 1


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
    assert len({(dot.column, dot.lane) for dot in dots}) == len(dots)
    drawn = page(state).tree
    assert drawn.count('data-act="goto"') == len(dots)
    assert "second" in drawn
    assert drawn.count("lab-present") == 1
    assert "✎" in Tags(drawn[drawn.index("<svg") :]).words


def test_target_calls_of_a_step_done_twice_are_counted_once() -> None:
    spends = [
        ("a", Spend("n", "propose", 0, "target", 10, 0, 0, 0)),
        ("b", Spend("n", "propose", 0, "target", 5, 20, 0, 0)),
        ("b", Spend("n", "propose", 1, "target", 3, 0, 0, 0)),
        ("b", Spend("n", "propose", 0, "optimizer", 99, 0, 0, 0)),
    ]
    assert target_calls(spends) == {"n": {"propose": 28}}


def test_the_chart_holds_the_start_and_every_round_it_measured(tmp_path: Path) -> None:
    session, branch = begun(tmp_path)
    asyncio.run(session.autopilot(branch, 2))
    state = session.state(branch)
    rows = list(history(state))
    assert {row["round"] for row in rows} == {0, 1, 2}
    for name in ("best", "calls"):
        values = [row[name] for row in rows]
        assert values == sorted(values)
    assert state.best is not None
    assert rows[-1]["best"] == state.best.score
    drawn = chart(state)
    assert drawn is not None
    assert drawn["background"] == "transparent"
    assert "url" not in str(drawn.get("data"))


def test_a_verdict_reads_as_what_a_person_did() -> None:
    marks = (Mark(0, True, "new"), Mark(1, False), Mark(None, True, "mine", like=0))
    assert sentence(Verdict("edit", marks)) == "1 item changed, 1 item left out, 1 item added"
    assert sentence(Verdict("reject", why="too vague")) == "rejected: too vague"


def test_every_setting_says_what_it_means_and_its_range() -> None:
    found = form(optimizer("protegi"))
    assert [field.name for field in found] == [field.name for field in fields(protegi.Settings)]
    assert all(field.meaning for field in found)
    assert all(field.choices or field.lowest <= float(field.default) <= field.highest for field in found)


def test_numbers_are_formatted_in_one_place_only() -> None:
    """A format code such as {x:.1f} or round() stands in numbers.py alone; a face may not have one."""
    root = Path(__file__).parents[1] / "lab"
    pattern = re.compile(r"\{[^{}\"']*:[,.+ ]?\d*[,.]?\d*[fgde%]\}|\bround\(|:,\}|%\.\d")
    places = [*(root / "views").glob("*.py"), *(root / "web").glob("*.py")]
    guilty = [file.name for file in places if file.name != "numbers.py" and pattern.search(file.read_text("utf-8"))]
    assert len(places) > 15
    assert not guilty
