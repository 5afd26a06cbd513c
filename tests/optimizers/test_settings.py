"""Settings are declared once: from the declaration come the default, the form, and what is refused."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from inspect import getsource

import pytest
from support.scripted import KINDS

from lab.core.codec import decode, encode
from lab.errors import MisuseError
from lab.optimizers import Optimizer, optimizer, register
from lab.optimizers.settings import Setting, choice, declared, number
from lab.views.settings import form


@dataclass(frozen=True)
class Own:
    rounds: int = number(3, 1, 99, "steps, {range}", "this project's own")
    share: float = number(0.5, 0, 1, "a share, {range}")
    way: str = choice("up", ("up", "down"), "the way")


@dataclass(frozen=True)
class Undeclared:
    rounds: int = 3


def test_a_declaration_is_the_default_the_range_and_the_words() -> None:
    assert Own() == Own(3, 0.5, "up")
    assert [one.meaning for one in declared(Own).values()] == [
        "steps, 1 or more; this project's own.", "a share, 0 to 1.", "the way.",
    ]  # fmt: skip
    assert declared(Own)["share"] == Setting(0.5, "a share, {range}", lowest=0, highest=1)


@pytest.mark.parametrize(
    ("name", "given", "told"),
    [
        ("rounds", "", "Rounds is empty. Write a whole number from 1 to 99."),
        ("rounds", "1.5", "rounds must be a whole number from 1 to 99, not “1.5”."),
        ("rounds", 100, "rounds must be from 1 to 99, not 100."),
        ("share", "half", "share must be a number from 0 to 1, not “half”."),
        ("share", "nan", "share must be from 0 to 1, not nan."),
        ("way", "left", "way must be one of up, down, not “left”."),
    ],
)
def test_a_value_that_does_not_fit_is_refused_in_words(name: str, given: object, told: str) -> None:
    with pytest.raises(MisuseError) as refused:
        declared(Own)[name].parse(name, given)
    assert str(refused.value) == told


def test_a_value_is_read_as_its_kind() -> None:
    given = {"rounds": " 7 ", "share": 1, "way": "down"}
    read = [declared(Own)[name].parse(name, value) for name, value in given.items()]
    assert read == [7, 1.0, "down"]
    assert [type(one) for one in read] == [int, float, str]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_an_estimate_is_told_what_ends_a_run_early_and_what_limits_a_prompt(kind: Optimizer) -> None:
    settings, early = kind.settings(), kind.name in ("ape", "opro")
    assert kind.longest_run(settings) == (replace(settings, patience=0) if early else settings)
    words = {"words": 50} if kind.name == "pe2" else {}
    assert kind.longest_prompt(settings) == {**words, "characters": settings.longest}
    assert kind.compares_by(settings) == "answers"


def test_no_limit_of_words_is_no_limit() -> None:
    pe2 = optimizer("pe2")
    assert pe2.longest_prompt(pe2.configure(max_words=0)) == {"characters": 4000}


def test_an_optimizer_with_a_setting_that_is_not_declared_is_not_registered() -> None:
    with pytest.raises(MisuseError, match="The setting “rounds” has no range or choices"):
        register(Optimizer("vague", "Vague", "", Undeclared, (), lambda new, handed=(): new))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_form_and_the_defaults_come_from_the_same_declaration(kind: Optimizer) -> None:
    assert [one.name for one in form(kind)] == [one.name for one in fields(kind.settings)]
    assert [one.default for one in form(kind)] == [one.default for one in fields(kind.settings)]
    assert "Attributes:" not in getsource(kind.settings)


def test_a_run_that_was_begun_before_there_was_a_wording_keeps_the_papers() -> None:
    for kind in KINDS:
        told = encode(kind.settings())
        assert told.pop("wording") == "fitted"
        assert decode(told).wording == "paper"
        assert decode(encode(kind.configure(wording="paper"))).wording == "paper"
