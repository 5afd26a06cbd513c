"""Changes between texts: both are held whole, one word is one word, and a sentence that moved is found."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lab.core.diff import Hunk, Match, hunks, matches, spans, with_hunks

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


@given(st.one_of(st.text(), _PROSE), st.one_of(st.text(), _PROSE), st.sets(st.integers(0, 8)))
def test_hunks_none_of_which_are_taken_leave_the_old_text_and_all_of_them_make_the_new_one(
    old: str, new: str, some: set[int]
) -> None:
    found = [one for one in hunks(old, new) if isinstance(one, Hunk)]
    assert with_hunks(old, new, ()) == old
    assert with_hunks(old, new, range(len(found))) == new
    assert "".join(one if isinstance(one, str) else one.old for one in hunks(old, new)) == old
    rest = with_hunks(old, new, some)
    assert len(rest) == len(old) + sum(len(one.new) - len(one.old) for i, one in enumerate(found) if i in some)
