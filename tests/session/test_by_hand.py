"""A person as the optimizer model: requests that wait, replies by page, Python and command line, and the same run."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lab
from lab.models.access import Access
from lab.models.calls import Call
from lab.models.connections import Connections
from lab.models.endpoint import BY_HAND, BY_HAND_URL
from lab.session.acts import act
from lab.session.pasted import OpenRequest, copied, pasted
from lab.store import OWNER
from lab.store.schema import unpacked
from lab.views.page import page

OPTIMIZERS = ("ape", "protegi", "opro", "pe2")


def replies_of(path: Path) -> dict[str, str]:
    """Return what the practice model replied in a book, by the keys that the same requests have by hand."""
    with sqlite3.connect(path) as db:
        rows = db.execute(
            "SELECT request, sample, answer FROM calls WHERE key IN (SELECT call FROM payments p "
            "JOIN spends s ON s.id = p.spend WHERE s.role = 'optimizer')"
        ).fetchall()
    found = {}
    for request, sample, answer in rows:
        body = {**json.loads(unpacked(request)), "model": BY_HAND}
        key = Call.of(BY_HAND_URL, body, sample).key
        found[key.removeprefix("c1:")[:8]] = json.loads(unpacked(answer))["text"]
    return found


def begun(optimizer: str = "protegi", **how: object) -> lab.Run:
    return lab.begin("sentiment", optimizer, preset="quick", rounds=1, name="hands", optimizer_model=BY_HAND, **how)


def waiting(run: lab.Run) -> list[OpenRequest]:
    """Go on as far as requests wait."""
    with pytest.raises(lab.AwaitedError):
        run.autopilot()
    return run.requests()


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_round_by_hand_is_the_round_that_a_model_with_the_same_replies_has(optimizer: str) -> None:
    undisturbed = lab.begin("sentiment", optimizer, preset="quick", rounds=1, name="by a model")
    undisturbed.autopilot()
    known = replies_of(undisturbed.session.book.path)
    run = begun(optimizer, pauses=())
    n_given = 0
    requests = waiting(run)
    while requests:
        n_given += len(requests)
        requests = run.reply({one.key: known[one.key] for one in requests})
    assert n_given
    assert run.node == undisturbed.node
    assert run.best.prompt == undisturbed.best.prompt
    spent = [spend for _, spend in run.session.state(run.id).spends if spend.role == "optimizer"]
    assert sum(one.calls for one in spent) == n_given
    assert sum(one.cost_usd or 0 for one in spent) == 0


def test_requests_stay_until_they_are_answered_also_in_another_process() -> None:
    run = begun("opro")
    requests = waiting(run)
    left = run.reply(requests[0].key, "<START>Answer positive or negative.<END>")
    assert left == requests[1:]
    assert list(lab.Session(run.session.book.path).requests(run.id)) == left


def test_a_reply_that_matches_nothing_is_refused_and_none_is_kept() -> None:
    run = begun("opro")
    first, *others = waiting(run)
    for wrong in ({"12345678": "x"}, {first.key: "x" * 100_001}, {first.key: "one", "12345678": "two"}):
        with pytest.raises(lab.MisuseError, match="Nothing was kept"):
            run.reply(wrong)
    with pytest.raises(lab.MisuseError, match="has two replies"):
        run.reply(f"=== reply {first.key} ===\na\n=== reply {first.key} ===\nb")
    assert run.requests() == [first, *others]


def test_a_reply_that_cannot_be_read_is_asked_for_once_more_and_then_told_as_it_is() -> None:
    run = begun("ape", pauses="candidates")
    requests = waiting(run)
    again = run.reply({one.key: "I cannot say." for one in requests})
    assert again
    assert {one.key for one in again}.isdisjoint({one.key for one in requests})
    assert run.reply({one.key: "I cannot say." for one in again}) == []
    assert run.step is not None
    assert all(item.flaw for item in run.step)


def test_the_page_shows_what_waits_in_the_place_of_the_decision_and_a_visitor_of_a_shared_page_may() -> None:
    shared = Connections(access=Access(is_shared=True))
    session = lab.Session(lab.begin("sentiment", name="x").session.book, "somebody", connections=shared)
    models = lab.Models(optimizer=BY_HAND)
    branch = session.begin(lab.load("sentiment"), optimizer_name="opro", models=models)
    with pytest.raises(lab.AwaitedError):
        asyncio.run(session.advance(branch, stops=()))
    state = session.state(branch)
    drawn = page(state).board
    assert len(state.requests) > 1
    for one in state.requests:
        assert f'data-request="{one.key}"' in drawn
    assert 'data-act="next"' not in drawn


async def test_replies_are_acts_and_after_the_last_one_the_step_goes_on_by_itself() -> None:
    run = begun("opro")
    session = run.session
    with pytest.raises(lab.AwaitedError):
        await run.aautopilot()
    first, *others = run.requests()
    with pytest.raises(lab.MisuseError, match="empty"):
        await act(session, run.id, {"act": "reply", "request": first.key, "text": " "})
    await act(session, run.id, {"act": "reply", "request": first.key, "text": "<START>Good or bad?<END>"})
    together = "".join(f"=== reply {one.key} ===\n<START>Say {one.key}.<END>\n" for one in others)
    with pytest.raises(lab.MisuseError, match="No request"):
        await act(session, run.id, {"act": "pastereplies", "text": f"{together}=== reply 00000000 ===\nx"})
    assert run.requests() == others
    await act(session, run.id, {"act": "pastereplies", "text": f"Here they are:\n{together}"})
    await session.jobs.ended(run.id)
    assert not run.requests()
    texts = [item.text for item in run.step or ()]
    assert "Good or bad?" in texts
    assert f"Say {others[0].key}." in texts


async def test_a_job_that_meets_requests_ends_waiting_and_the_page_says_so() -> None:
    run = begun("opro")
    run.session.start(run.id, rounds=1)
    await run.session.jobs.ended(run.id)
    progress = run.session.jobs.progress(run.id)
    assert progress is not None
    assert progress.state == "awaited"
    assert "replies you write" in page(run.session.state(run.id), progress).progress


def test_a_ceiling_does_not_count_what_was_written_by_hand() -> None:
    run = begun("opro", ceiling={"calls": 100_000})
    requests = waiting(run)
    before, _ = run.session.book.spent_since(run.id, -1)
    run.session.reply(run.id, {one.key: "<START>Good or bad?<END>" for one in requests})
    assert run.session.book.spent_since(run.id, -1)[0] == before


@pytest.mark.parametrize("how", [{"model": BY_HAND}, {"model": BY_HAND, "optimizer_model": "practice"}])
def test_a_person_cannot_be_the_target_model(how: dict[str, str]) -> None:
    with pytest.raises(lab.MisuseError, match="neither can be a person"):
        lab.begin("sentiment", "opro", preset="quick", **how)


@pytest.mark.long
def test_the_command_line_prints_each_request_and_reads_its_reply(tmp_path: Path) -> None:
    undisturbed = lab.begin("sentiment", "opro", preset="quick", rounds=1, name="by a model")
    undisturbed.autopilot()
    command = [
        *(sys.executable, "-m", "lab", "run", "--task", "sentiment", "--optimizer", "opro", "--preset", "quick"),
        *("--rounds", "1", "--optimizer-model", BY_HAND, "--book", str(tmp_path / "b.sqlite"), "--json"),
    ]
    known = replies_of(undisturbed.session.book.path)
    replies = "".join(f"{text}\n=== end ===\n" for text in known.values())
    early = subprocess.run(command, input="", capture_output=True, text=True, check=False)
    assert early.returncode == 1
    assert "wait for your repl" in early.stderr
    done = subprocess.run(command, input=replies, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["optimizer_model"] == BY_HAND
    assert "=== request " in done.stderr


KEYS = ("0a1b2c3d", "1a1b2c3d", "2a1b2c3d")
texts = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="=\r"), min_size=1).filter(
    str.strip
)


@given(
    st.dictionaries(st.sampled_from(KEYS), texts, min_size=1), st.sampled_from(("{}", "**{}**", "## {}", "> {}  "))
)
def test_replies_that_were_pasted_together_are_read_apart(replies: dict[str, str], style: str) -> None:
    text = "".join(f"{style.format(f'=== reply {key} ===')}\n{said}\n" for key, said in replies.items())
    requests = copied([OpenRequest(key, f"Request {key}") for key in KEYS])
    for whole in (text, f"Here you are.\n{text}=== end ===\nAnything else?", f"{requests}\n{text}"):
        found = pasted(whole, KEYS)
        assert found.replies == {key: said.strip() for key, said in replies.items()}
        assert not found.unmatched


@given(st.text())
def test_whatever_is_pasted_is_told_or_taken(text: str) -> None:
    found = pasted(text, KEYS)
    assert set(found.replies) <= set(KEYS)
    assert found.replies or found.unmatched


def test_one_open_request_takes_a_text_without_lines_and_equal_requests_stand_once() -> None:
    assert pasted("<START>a<END>", KEYS[:1]).replies == {KEYS[0]: "<START>a<END>"}
    assert pasted("a", KEYS).unmatched[0].code == "unnamed"
    assert copied([OpenRequest(key, "same") for key in KEYS]).count("same") == 1


async def test_the_replies_of_one_visitor_are_not_those_of_another(tmp_path: Path) -> None:
    book = lab.Book(tmp_path / "shared.sqlite")
    branches = {}
    for owner in ("ann", "bea", OWNER):
        session = lab.Session(book, owner)
        branch = session.begin(lab.load("sentiment"), settings="quick", models=lab.Models(optimizer=BY_HAND))
        with pytest.raises(lab.AwaitedError):
            await session.autopilot(branch, 1)
        branches[session] = branch
    (first, hers), *others = branches.items()
    told = [one.key for one in first.requests(hers)]
    first.reply(hers, dict.fromkeys(told, "<START>What Ann wrote.<END>"))
    for session, branch in others:
        waiting = [one.key for one in session.requests(branch)]
        assert len(waiting) == len(told)
        assert not set(waiting) & set(told)
