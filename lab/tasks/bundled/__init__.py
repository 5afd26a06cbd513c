"""The two tasks that come with the lab, written by hand for it, each with fixed splits of 50/25/25 percent.

`sentiment`: 160 reviews of films, hotels, meals, books, gadgets and apps, `positive` or `negative`. Rules:
a negated word counts the other way; after "but", "however" or "although", what it turns to wins; hollow
praise and mock complaint mean their opposite; where feelings are mixed, the stated verdict wins.

`triage`: 160 support tickets, one of five classes. Only what is still open counts, not what the writer
says is settled. What never existed is a wish, whatever it is called. When several classes apply, the
first of these wins:

    access    cannot get in, or security: sign-in, password, codes, invitations, rights, intruders, leaks
    billing   money: charges, invoices, refunds, cards, prices, plans, tax, trials, discounts
    bug       something that exists misbehaves: crashes, errors, wrong or lost data, freezing, blank pages
    feature   a wish for something that does not exist yet
    question  everything else: how-to, general questions, praise, offers

Each line of a data file has the split, the answer, the input, and the case it was written for.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import NamedTuple

from lab.errors import MisuseError
from lab.tasks.task import Example, Task


class _About(NamedTuple):
    start: str
    labels: tuple[str, ...]
    about: str
    expert: str


_TASKS: dict[str, _About] = {
    "sentiment": _About(
        start="Is this review positive or negative?",
        labels=("positive", "negative"),
        about=(
            "Reviews of films, hotels, meals, books, gadgets and apps, positive or negative. Hard are negation, "
            "turns after but or however, sarcasm, and mixed feelings with a verdict. Only the bare label counts."
        ),
        expert=(
            "Decide whether a review is positive or negative.\n"
            'Negation flips a word: "not bad" is praise, "isn\'t good" is not.\n'
            'What comes after "but", "however" or "although ..." counts more than what comes before it.\n'
            "Sarcasm means the opposite of what it says: hollow praise for a bad event is negative.\n"
            "When feelings are mixed, the overall verdict of the writer decides.\n"
            "Answer with one lower-case word, positive or negative, and nothing else."
        ),
    ),
    "triage": _About(
        start="Sort this support ticket into access, billing, bug, feature or question.",
        labels=("access", "billing", "bug", "feature", "question"),
        about=(
            "Support tickets in five classes: access, billing, bug, feature, question. Hard are tickets to which "
            "several classes apply, settled matters told along with the open one, and wishes that are called bugs. "
            "Only the bare label counts."
        ),
        expert=(
            "Sort a support ticket into access, billing, bug, feature or question.\n"
            "access: cannot sign in, passwords, codes, invitations, rights, anything about security.\n"
            "billing: money, such as charges, invoices, refunds, cards, plans, tax.\n"
            "bug: something that exists is broken, shows errors, loses data or freezes.\n"
            "feature: a wish for something new.\n"
            "question: anything else, such as how-to questions, praise and offers.\n"
            "When several classes apply, take the first in this order: access, billing, bug, feature, question.\n"
            "Leave out what is already solved; only the current problem counts.\n"
            "What never existed is a feature, even if the writer calls it a bug or broken.\n"
            "Answer with the class name alone, in lower case, and nothing else."
        ),
    ),
}


def names() -> tuple[str, ...]:
    """Gives the names of the bundled tasks."""
    return tuple(_TASKS)


def _known(name: str) -> _About:
    if name not in _TASKS:
        raise MisuseError(
            f"There is no bundled task {name!r}. Choose one of these: {', '.join(names())}; "
            "or load your own file of examples."
        )
    return _TASKS[name]


def load(name: str) -> Task:
    """Loads a bundled task; its splits are the same everywhere.

    Raises:
        MisuseError: when there is no such task; the message lists those there are.
    """
    known = _known(name)
    text = files(__package__).joinpath(f"{name}.jsonl").read_text(encoding="utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    train, dev, test = (
        tuple(Example.of(row["input"], row["answer"]) for row in rows if row["split"] == split)
        for split in ("train", "dev", "test")
    )
    return Task(
        name, known.start, train, dev, test,
        labels=known.labels, about=known.about, licence="MIT, written for Prompt Lab",
    )  # fmt: skip


def expert_prompt(name: str) -> str:
    """Gives the prompt that says everything the task asks for: what a search may hope to find.

    Raises:
        MisuseError: when there is no such task.
    """
    return _known(name).expert
