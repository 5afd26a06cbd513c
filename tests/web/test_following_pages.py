"""Pages that follow a step take what is left: what people do themselves goes first."""

from __future__ import annotations

from pathlib import Path

from lab.store import Book
from lab.web import following
from lab.web.build import build
from lab.web.following import Following


def test_one_page_at_a_time_is_drawn_and_then_there_is_a_rest_as_long_as_that_took(monkeypatch) -> None:
    now = 100.0
    monkeypatch.setattr(following, "monotonic", lambda: now)
    pages = Following()
    with pages.turn() as mine:
        now = 100.3
        with pages.turn() as another:
            assert (mine, another) == (True, False)
    now = 100.5
    with pages.turn() as mine:
        assert not mine
    now = 100.6
    with pages.turn() as mine:
        assert mine


def test_a_page_that_fails_gives_its_turn_back(monkeypatch) -> None:
    now = 100.0
    monkeypatch.setattr(following, "monotonic", lambda: now)
    pages = Following()
    try:
        with pages.turn():
            raise ValueError
    except ValueError:
        pass
    with pages.turn() as mine:
        assert mine


def test_a_mark_and_a_step_that_moved_on_change_two_parts_and_no_part_carries_the_whole_script(
    tmp_path: Path,
) -> None:
    """What Gradio spends on an answer grows with the parts that it may change, and with the text of their scripts."""
    book = Book(tmp_path / "b.sqlite")
    demo, _ = build(book)
    may_change = {
        event: len(one.outputs) for one in demo.fns.values() for _, event in one.targets if event.startswith("lab_")
    }
    assert (may_change["lab_mark"], may_change["lab_moved"]) == (2, 2)
    scripts = [
        getattr(one, "js_on_load", "") or "" for one in demo.blocks.values() if one.get_block_name() == "html"
    ]
    assert not any("function wire" in one for one in scripts)
    book.close()
