"""Two prompts of a run beside each other: as `run.diff` has it, and inert whatever they hold."""

from __future__ import annotations

from pathlib import Path

from support.drawn import inert

import lab
from lab.i18n import use
from lab.session.diff import node_diff, places
from lab.views.comparing import compared, form
from lab.views.page import page

HOSTILE = "<script>alert(1)</script>"


def test_a_comparison_shows_both_prompts_their_scores_and_which_examples_flipped(tmp_path: Path) -> None:
    run = lab.begin("sentiment", "protegi", preset="thrifty", rounds=1, book=tmp_path / "lab.sqlite")
    run.next(until="critiques")[0].edit("The answer must be one lower-case word and nothing else.")
    run.accept()
    run.autopilot(rounds=1)
    session, state = run.session, run.session.state(run.id)
    before, after = places(state, session.book)
    got = {one: session.got(run.id, one) for one in (before.prompt, after.prompt)}
    found = node_diff(state, session.book, before, after, got)
    drawn = compared(state, found, ("", HOSTILE))
    told = inert(drawn)
    assert "script" not in told.tags
    assert before.prompt in told.words
    assert run.diff().sentence in told.words
    assert len(run.diff().fixed()) == 0 or f"{len(run.diff().fixed())} example" in told.words
    assert "What you did between" in told.words
    with use("zh"):
        assert "已修改" in inert(compared(state, found, ("", ""))).words, (
            "what was edited, in the words of the reader"
        )
    assert "data-compared" in told.names
    assert 'data-act="compare"' in form()
    assert 'data-act="compare"' not in page(state).drawer, "the form is drawn once, and keeps what is typed"
