"""Changes between texts: both are held whole, one word is one word, and a sentence that moved is found."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lab.core.diff import Match, matches, spans

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


@given(st.one_of(st.text(), _PROSE), st.one_of(st.text(), _PROSE))
def test_what_matches_is_the_same_in_both_texts_and_taken_once(old: str, new: str) -> None:
    found = matches(spans(old, new))
    assert all(old[one.old : one.old + one.n] == new[one.new : one.new + one.n] for one in found)
    for side in ("old", "new"):
        taken = [at + i for one in found for at in (getattr(one, side),) for i in range(one.n)]
        assert len(taken) == len(set(taken))


def test_a_sentence_that_was_moved_is_found_in_its_new_place() -> None:
    old = "Read the review with care. Answer positive or negative. Give no reason."
    new = "Give no reason. Read the review with care. Answer positive or negative."
    found = matches(spans(old, new))
    moved = old.index("Give no reason.")
    assert Match(moved, 0, len("Give no reason")) in found


def test_a_short_sentence_that_stands_in_both_was_not_moved() -> None:
    found = matches(spans("Go on. Say it now.", "Say it now, or wait. Go on."))
    assert all(one.old >= len("Go on.") for one in found)
