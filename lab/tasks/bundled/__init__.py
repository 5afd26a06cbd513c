"""The six tasks that come with the lab: a folder each, with examples, what the task says of itself, and a README.

`examples.jsonl` holds an example a line: its split, input, answer, further accepted answers, and the case it was
written for. `task.json` holds what the page and the practice rooms say: start prompt, metric, reading,
expert prompts; what the task is about stands here, where it can be translated.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import TypedDict

from lab.core.task import Example, Task
from lab.errors import MisuseError
from lab.i18n import Message, gettext_lazy, kept

_ABOUT: Mapping[str, Message] = MappingProxyType({
    "sentiment": gettext_lazy(
        "Reviews of films, hotels, meals, books, gadgets and services, to be called positive or negative. Hard "
        "are negated words, turns after but or although, sarcasm, and mixed feelings with a verdict; only the "
        "bare label counts."
    ),
    "triage": gettext_lazy(
        "Support tickets of a software firm, to be sorted into access, billing, bug, feature or question. Hard "
        "are words that do not name their class, tickets to which several classes apply, settled matters told "
        "along with the open one, and wishes that are called bugs."
    ),
    "dates": gettext_lazy(
        "Give the date in a short note as YYYY-MM-DD. Hard are figures that can be read in two ways, years of "
        "two digits, days that have to be counted from the day of writing, and notes with several dates."
    ),
    "word-problems": gettext_lazy(
        "Short arithmetic problems told as stories; the answer is a number. Some take several operations, mix "
        "units, tell numbers that do not matter, or ask for whole things such as buses."
    ),
    "contacts": gettext_lazy(
        "The people of a short message as a JSON list, each with name, email, phone and company as far as they "
        "are given. Hard are the names of the keys, messages with several people, missing fields, phone numbers "
        "without a country code, and people who are only mentioned."
    ),
    "hidden-rule": gettext_lazy(
        "Change a word by a rule that is seen only in pairs of an input and its output. Hard: the rule has three "
        "clauses, and a few pairs fit many other rules."
    ),
})  # fmt: skip
_NAMES = tuple(_ABOUT)


@dataclass(frozen=True)
class Sign:
    """How a person knows a kind of error, and what they say of it.

    Attributes:
        pattern: found in the input of such an error, in any case of letters; empty for any input.
        longer: True where such an answer is longer than the expected one.
        named: found in a critique that speaks of it.
        say: the critique, one sentence.
    """

    pattern: str
    longer: bool
    named: str
    say: str

    def fits(self, input: str, expected: str, given: str) -> bool:
        """Return whether an error is of this kind."""
        if self.longer and len(given.split()) <= len(expected.split()):
            return False
        return re.search(self.pattern, input, re.I) is not None

    def is_named_in(self, text: str) -> bool:
        """Return whether a critique or a prompt speaks of it."""
        return re.search(self.named, text, re.I) is not None


def names() -> tuple[str, ...]:
    """Return the names of the bundled tasks, in the order in which to show them."""
    return _NAMES


def about(name: str) -> Message:
    """Return what a task is about, for whoever reads it.

    Raises:
        MisuseError: when there is no such task.
    """
    return _ABOUT[_known(name)]


def _known(name: str) -> str:
    if name not in _NAMES:
        raise MisuseError(
            gettext_lazy(
                "There is no bundled task {name!r}. Choose one of these: {names}; or load your own file of "
                "examples.",
                name=name, names=", ".join(_NAMES),
            )
        )  # fmt: skip
    return name


def _text(name: str, file: str) -> str:
    return files(__package__).joinpath(_known(name), file).read_text(encoding="utf-8")


class _Description(TypedDict):
    """A task's own page, as `task.json` has it."""

    start: str
    metric: str
    reading: str
    labels: list[str]
    licence: str
    experts: dict[str, str]
    misleading: str
    hard: list[dict[str, str]]


def _description(name: str) -> _Description:
    page: _Description = json.loads(_text(name, "task.json"))
    return page


def load(name: str) -> Task:
    """Load a bundled task; its splits are the same everywhere.

    Raises:
        MisuseError: when there is no such task; the message lists those there are.
    """
    page = _description(name)
    rows = [json.loads(line) for line in _text(name, "examples.jsonl").splitlines()]
    train, dev, test = (
        tuple(
            Example.of(row["input"], row["answer"], tuple(row.get("accepted", ())))
            for row in rows
            if row["split"] == split
        )
        for split in ("train", "dev", "test")
    )
    return Task(
        name, page["start"], train, dev, test, metric=page["metric"],
        labels=tuple(page["labels"]), about=kept(about(name)), licence=page["licence"], reading=page["reading"],
    )  # fmt: skip


def expert_prompt(name: str, personality: str = "chatty") -> str:
    """Return the prompt by which a personality of the practice model does its best.

    Raises:
        MisuseError: when there is no such task or no such personality.
    """
    experts = _description(name)["experts"]
    if personality not in experts:
        raise MisuseError(
            gettext_lazy(
                "There is no expert prompt for {personality!r}. Choose a personality: {personalities}.",
                personality=personality, personalities=", ".join(experts),
            )
        )  # fmt: skip
    return experts[personality]


def misleading_prompt(name: str) -> str:
    """Return a prompt that sounds sensible and does harm.

    Raises:
        MisuseError: when there is no such task.
    """
    return _description(name)["misleading"]


def signs(name: str) -> tuple[Sign, ...]:
    """Return the kinds of errors a person would see in the task, errors of form first.

    Raises:
        MisuseError: when there is no such task.
    """
    every = (
        Sign(hard["sign"], hard.get("shape") == "longer", hard["named"], hard["say"])
        for hard in _description(name)["hard"]
    )
    return tuple(sorted(every, key=lambda sign: not sign.longer))
