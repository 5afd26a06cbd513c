"""What the phases of the optimizers share: pairing replies, groups, and flaws in order."""

from __future__ import annotations

from collections.abc import Set

import pytest

from lab.core.asks import Candidate, Demonstration, ErrorSample, Flaw, Reply
from lab.optimizers.replies import checked, each
from lab.optimizers.steps import grouped


def shown(name: str, group: int | None) -> Demonstration:
    return Demonstration(name, example=name, group=group)


def names(groups: tuple[tuple[Demonstration, ...], ...]) -> list[str]:
    return ["".join(one.example for one in group) for group in groups]


def test_each_reply_comes_with_its_number_and_what_it_was_asked_for() -> None:
    one, two, three = Reply("1"), Reply("2"), Reply("3")
    assert list(each("ab", ((one, two), (three,)))) == [("a", 0, one), ("a", 1, two), ("b", 2, three)]
    with pytest.raises(ValueError, match="shorter"):
        list(each("ab", ((one,),)))


def test_groups_stay_in_order_and_what_was_picked_by_hand_joins_the_smallest() -> None:
    kept = (shown("x", None), shown("a", 1), shown("b", 0), shown("c", 1), shown("y", None), shown("z", None))
    groups = grouped(kept)
    assert names(groups) == ["bxy", "acz"]
    assert [{one.group for one in group} for group in groups] == [{0}, {1}]


def test_with_no_group_left_what_was_picked_by_hand_begins_the_first() -> None:
    assert names(grouped((shown("x", None), shown("y", None)))) == ["xy"]
    assert grouped(()) == ()


def test_an_error_joins_a_group_of_its_own_prompt_alone() -> None:
    errors = (
        ErrorSample("a", example="a", prompt=0, group=0), ErrorSample("x", example="x", prompt=1),
        ErrorSample("b", example="b", prompt=1, group=3), ErrorSample("y", example="y", prompt=2),
    )  # fmt: skip
    groups = grouped(errors, lambda error: range(error.prompt * 2, error.prompt * 2 + 2))
    assert [[(one.example, one.group) for one in group] for group in groups] == [
        [("a", 0)], [("b", 3), ("x", 3)], [("y", 4)],
    ]  # fmt: skip


def test_the_first_of_two_equal_texts_stays_and_a_flawed_one_takes_no_place() -> None:
    def find(item: Candidate, seen: Set[str]) -> Flaw | None:
        return Flaw("duplicate") if item.text.lower() in seen else None

    items = (Candidate("A", flaw=Flaw("cut_off")), Candidate("A"), Candidate("a"), Candidate("known"))
    told = checked(items, find, ("known",), str.lower)
    assert [item.flaw and item.flaw.code for item in told] == ["cut_off", None, "duplicate", "duplicate"]
