"""Where the words of the best prompt come from, as the page shows it; and names where things are reviewed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from support.drawn import inert

from lab.core.review import Mark
from lab.session import Session
from lab.session.lineage import Blamed
from lab.store import Measure, flips
from lab.tasks.bundled import load
from lab.views.lineage import blame_fold
from lab.views.page import page

CRITIQUE = "The prompt does not say that sarcasm <script>alert(1)</script> means the opposite."


async def test_the_page_shows_where_the_words_of_the_best_prompt_come_from_and_names_what_it_shows(
    tmp_path: Path,
) -> None:
    task = load("sentiment")
    session = Session(tmp_path / "lab.sqlite")
    branch = session.begin(replace(task, train=task.train[:30], dev=task.dev[:10], test=()))
    assert blame_fold(session.state(branch)) == ""  # all of it is the start prompt's
    waiting = await session.advance(branch, stops=("Criticise",))
    assert ">C1</span>" in page(session.state(branch)).board
    session.accept(branch, waiting or "", ((0, Mark(0, text=CRITIQUE)),))
    await session.autopilot(branch, 1)
    state = session.state(branch)
    assert "".join(one.text for one in state.blame) == state.result
    drawn = page(state)
    assert f"Best prompt so far {state.names.prompt(state.result)}" in inert(drawn.best).words
    assert "Where its words come from" in inert(drawn.drawer).words


def test_words_of_one_origin_share_a_row_and_texts_are_inert() -> None:
    class Drawn:
        blame = tuple(
            Blamed(text, by, name, "S1", 1, "Review edits", CRITIQUE, "C1", "person", (), 0.5)
            for text, by, name in (("Say ", "start", "P0"), ("<b>one</b> ", "model", "P1"), ("two", "model", "P1"))
        )

    seen = inert(blame_fold(Drawn()))  # type: ignore[arg-type]  # all that is asked of a state
    assert "<b>one</b> … two" in seen.words
    assert seen.words.count("P1: model, S1, round 1, Review edits, dev +50 points") == 1
    assert "C1 (edited by a person)" in seen.words
    assert "b" not in seen.tags


def test_what_a_prompt_fixed_and_broke_is_counted_on_the_examples_that_both_answered() -> None:
    before = Measure("one", 0.5, 3, (1.0, 0.0, None, 0.0, 0.5))
    after = Measure("two", 0.5, 4, (0.0, 1.0, 1.0, 1.0, 0.5))
    assert flips(before, after) == (2, 1)
    assert flips(before, before) == (0, 0)
