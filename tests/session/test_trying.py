"""A prompt tried on an input that is in no split: what comes back, what it costs, what it leaves alone."""

from __future__ import annotations

import pytest

import lab
from lab.errors import BudgetError, MisuseError
from lab.models.roles import Ceiling
from lab.session import Session
from lab.store import TRIAL, Book
from lab.tasks import bundled

PROMPT = "Is it positive or negative? Answer with one word, positive or negative."


@pytest.fixture
def session(tmp_path) -> Session:
    return Session(Book(tmp_path / "trying.sqlite"))


async def test_a_trial_is_the_reply_and_what_is_read_in_it_and_is_paid_for_once(session) -> None:
    branch = session.begin(bundled.load("sentiment"))
    before = session.state(branch)
    found = await session.try_on(branch, PROMPT, "What a treat, I loved it.")
    assert found.reply.strip()
    assert found.read in ("positive", "negative")
    assert await session.try_on(branch, PROMPT, "What a treat, I loved it.") == found
    state = session.state(branch)
    assert [(spend.what, spend.calls) for _, spend in state.spends if spend.what == TRIAL and spend.calls] == [
        (TRIAL, 1)
    ]
    assert (state.nodes, state.measured, state.proposal) == (before.nodes, before.measured, before.proposal)


@pytest.mark.parametrize(("prompt", "text"), [("", "x"), (PROMPT, "  "), (PROMPT, "x" * 20_001)])
async def test_an_empty_or_endless_trial_is_refused(session, prompt, text) -> None:
    branch = session.begin(bundled.load("sentiment"))
    with pytest.raises(MisuseError):
        await session.try_on(branch, prompt, text)


async def test_a_trial_keeps_to_the_ceiling(session) -> None:
    branch = session.begin(bundled.load("sentiment"))
    session.set_ceiling(branch, Ceiling(calls=1))
    await session.try_on(branch, PROMPT, "One.")
    with pytest.raises(BudgetError):
        await session.try_on(branch, PROMPT, "Two.")


async def test_an_input_of_several_columns_is_a_line_for_each(session) -> None:
    rows = [{"a": f"text {i}", "b": f"more {i}", "label": ("yes", "no")[i % 2]} for i in range(40)]
    task = lab.Task.from_records(rows, input=["a", "b"], answer="label", start="Is {a} like {b}? yes or no")
    branch = session.begin(task)
    with pytest.raises(MisuseError, match="a line for each of a, b"):
        await session.try_on(branch, task.start, "only one")
