"""An event becomes a command whole, or is refused whole; a command is one transaction of the lab book."""

from __future__ import annotations

import logging
from gettext import NullTranslations
from pathlib import Path
from typing import Any

import pytest

from lab.core.review import Mark
from lab.errors import BookError, MisuseError
from lab.i18n import gettext_lazy, use
from lab.models.calls import Price
from lab.models.roles import Ceiling, Limits
from lab.optimizers import optimizer
from lab.session import Session, commands
from lab.session.acts import ACTS, act, parse
from lab.session.jobs import Report
from lab.tasks.bundled import load

LIMITS = {"concurrency": 8, "timeout_s": "30", "requests_per_minute": "", "tokens_per_minute": None}


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(tmp_path / "lab.sqlite")


def begun(session: Session) -> str:
    return session.begin(load("sentiment"), settings=optimizer("protegi").configure("quick"))


@pytest.mark.parametrize(
    ("event", "command"),
    [
        ({"act": "next", "at": "n"}, commands.Next()),
        ({"act": "autopilot", "rounds": " 3 "}, commands.Autopilot(3)),
        (
            {"act": "accept", "proposal": "p", "marks": [{"place": "0", "keep": True, "text": "me", "why": " x "}]},
            commands.Accept("p", ((0, Mark(0, text="me", why="x")),)),
        ),
        ({"act": "reject", "proposal": "p", "why": " no "}, commands.Reject("p", "no")),
        (
            {"act": "mark", "proposal": "p", "place": -1, "keep": "true", "text": "", "like": "2"},
            commands.MarkItem("p", -1, Mark(text="", like=2)),
        ),
        ({"act": "unmark", "proposal": "p", "place": "4"}, commands.MarkItem("p", 4, None)),
        ({"act": "pin", "prompt": "a"}, commands.ListPrompt("a", "pinned", True)),
        (
            {"act": "show", "proposal": "p", "place": "1"},
            commands.ListPrompt(commands.OfferedPrompt("p", 1), "hidden", False),
        ),
        (
            {"act": "constrain", "frozen": "a\n\nb", "longest_words": "", "veto": False},
            commands.Constrain(("a", "b"), 0, False),
        ),
        (
            {"act": "use", "role": "target", **LIMITS, "sent": "2", "back": "3"},
            commands.SetLimits("target", Limits(8, timeout_s=30), Price(2, 3)),
        ),
        (
            {"act": "ceiling", "calls": "5", "tokens": "", "cost_usd": "0.5"},
            commands.SetCeiling(Ceiling(5, 0, 0.5)),
        ),
    ],
)  # fmt: skip
def test_an_event_becomes_a_command(event: dict[str, Any], command: object) -> None:
    assert parse(event) == (event["act"], command)


@pytest.mark.parametrize(
    ("event", "argument"),
    [
        ({"act": "accept"}, "proposal"),
        ({"act": "accept", "proposal": None}, "proposal"),
        ({"act": "accept", "proposal": {}}, "proposal"),
        ({"act": "accept", "proposal": "p", "marks": "all"}, "marks"),
        ({"act": "accept", "proposal": "p", "marks": [1]}, "marks"),
        ({"act": "accept", "proposal": "p", "marks": [{"place": 0}]}, "keep"),
        ({"act": "mark", "proposal": "p", "place": "x", "keep": True}, "place"),
        ({"act": "mark", "proposal": "p", "place": 1e400, "keep": True}, "place"),
        ({"act": "mark", "proposal": "p", "place": 0, "keep": "maybe"}, "keep"),
        ({"act": "mark", "proposal": "p", "place": -1, "keep": True}, "like"),
        ({"act": "autopilot"}, "rounds"),
        ({"act": "autopilot", "rounds": 2, "marks": [{"place": 0, "keep": True}]}, "proposal"),
        ({"act": "goto"}, "node"),
        ({"act": "look"}, "node"),
        ({"act": "pause", "stops": "Select"}, "stops"),
        ({"act": "pin"}, "prompt"),
        ({"act": "pin", "proposal": "p"}, "place"),
        ({"act": "lift", "what": "colour"}, "what"),
        ({"act": "lift", "what": "frozen", "number": "first"}, "number"),
        ({"act": "constrain", "longest_words": "", "veto": False}, "frozen"),
        ({"act": "use", "role": "critic", **LIMITS, "sent": "", "back": ""}, "role"),
        ({"act": "use", "role": "target", "concurrency": "8"}, "timeout_s"),
        ({"act": "ceiling", "calls": "5", "tokens": ""}, "cost_usd"),
        ({"act": "transfer", "model": "practice", "prompts": [1]}, "prompts"),
    ],
)
def test_an_argument_that_is_missing_or_wrong_is_named_in_one_sentence(
    event: dict[str, Any], argument: str
) -> None:
    with pytest.raises(MisuseError, match=f"“{argument}”") as refused:
        parse(event)
    assert str(refused.value).endswith("Nothing was changed.")


def test_every_act_says_in_a_line_what_it_does() -> None:
    assert all(name == one.name and one.help.endswith(".") and "\n" not in one.help for name, one in ACTS.items())


async def test_an_accept_whose_second_mark_is_malformed_keeps_nothing(session: Session) -> None:
    branch = begun(session)
    proposal = await session.advance(branch)
    before = session.state(branch)
    good = {"place": 0, "keep": True, "text": "mine"}
    for wrong in ({"place": "x"}, {"place": 1}, {"place": 10_000, "keep": True, "text": "y"}):
        with pytest.raises(MisuseError):
            await act(session, branch, {"act": "accept", "proposal": proposal, "marks": [good, wrong]})
        assert session.state(branch).draft == before.draft == ()
        assert session.branch(branch) == before.branch


async def test_an_error_after_the_decision_leaves_the_branch_where_it_was(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    branch = begun(session)
    proposal = await session.advance(branch)
    before = session.state(branch)

    def fails(branch: str, *, rounds: int | None = None) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(session, "start", fails)
    marks = [{"place": 0, "keep": False}]
    with pytest.raises(ZeroDivisionError):
        await act(session, branch, {"act": "accept", "proposal": proposal, "marks": marks})
    after = session.state(branch)
    assert (after.branch, after.nodes, after.draft) == (before.branch, before.nodes, ())


async def test_what_nobody_foresaw_in_a_step_is_in_the_log_and_said_in_a_sentence(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(report: Report) -> None:
        raise ZeroDivisionError("by nought")

    async def go() -> None:
        session.jobs.start("b", broken)
        await session.jobs.ended("b")

    with caplog.at_level(logging.ERROR):
        await go()
    progress = session.jobs.progress("b")
    assert progress is not None
    assert progress.state == "failed"
    assert progress.error == "The lab itself failed: ZeroDivisionError: by nought. The traceback is in the log."
    assert "Traceback" in caplog.text


async def test_words_that_come_along_with_another_act_are_kept_before_it_and_taken_along(session: Session) -> None:
    branch = begun(session)
    proposal = await session.advance(branch, stops=["Edit"])
    state = session.state(branch)
    prompt = state.node.phase.prompts[0]
    typed = [{"proposal": proposal, "place": 0, "keep": True, "text": "words of mine"}]
    await act(session, branch, {"act": "pin", "prompt": prompt, "typed": typed})
    await session.jobs.ended(branch)
    after = session.state(branch)
    assert after.constraints.pinned == (prompt,)
    assert [mark.text for _, mark in after.draft] == ["words of mine"]


async def test_typed_words_stay_where_the_act_is_refused_and_a_malformed_one_keeps_nothing(
    session: Session,
) -> None:
    branch = begun(session)
    proposal = await session.advance(branch, stops=["Criticise"])
    typed = {"proposal": proposal, "place": 0, "keep": True, "text": "words of mine"}
    with pytest.raises(MisuseError, match="“place”"):
        await act(session, branch, {"act": "undo", "typed": [typed, {**typed, "place": "x"}]})
    assert session.state(branch).draft == ()
    with pytest.raises(MisuseError, match="moved on"):
        await act(session, branch, {"act": "undo", "at": "n2-other", "typed": [typed]})
    assert [mark.text for _, mark in session.state(branch).draft] == ["words of mine"]


async def test_why_a_step_failed_is_kept_in_english_and_read_in_the_language_of_the_moment(
    session: Session,
) -> None:
    class Marked(NullTranslations):
        def gettext(self, message: str) -> str:
            return f"«{message}»" if message.startswith("A reply") else message

    async def broken(report: Report) -> None:
        report(gettext_lazy("A reply is read"), 0, 1, 0)
        raise BookError(gettext_lazy("A reply has at most {most:,} characters.", most=2000))

    with use("xx", Marked()):
        session.jobs.start("b", broken)
        await session.jobs.ended("b")
        here = session.jobs.progress("b")
        assert here is not None
        assert str(here.error) == "«A reply has at most 2,000 characters.»"
        assert str(here.what) == "«A reply is read»"
        kept = session.book.steps.progress("b")
        assert kept is not None
        assert (str(kept.what), str(kept.error)) == ("A reply is read", "A reply has at most 2,000 characters.")
    assert str(here.error) == kept.error
    session.jobs.forget("b")
    assert session.jobs.progress("b") is None
