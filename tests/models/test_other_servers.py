"""Servers that were not written here: what they do to a client, and what ours makes of it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from support.flaws import in_words
from support.servers.asking import KEY, ONE_SENTENCE, answered, body, measured, outcomes, reported, task_of

from lab.models.calls import Answer, MemoryCache
from lab.models.capabilities import Note
from lab.models.connections import Connections
from lab.models.endpoint import Endpoint
from lab.models.roles import Limits, ModelConfig
from lab.models.tries import SPARED

if TYPE_CHECKING:
    from llmock.pytest_plugin import LLMock

SEA = "The sea is wide, and it is deep, and nobody has ever seen all of it."


# llmock, from PyPI: scripted faults, and a verdict on the client that met them. Its own fixture starts it.


def test_llmocks_plain_answers_arrive_whole_and_counted(llmock: LLMock) -> None:
    llmock.reply("Positive", times=None)
    for found in outcomes(llmock.base_url(), [body(i) for i in range(20)]):
        assert isinstance(found, Answer)
        assert (found.text, found.flaw, found.model, found.tokens_estimated) == ("Positive", None, "m", False)
        assert found.n_input_tokens > 0
        assert found.n_output_tokens > 0
    assert [record.body for record in llmock.requests].count(body(7)) == 1, "sent as it is, and once"
    llmock.assert_resilient(strict=True)


def test_a_rate_limit_is_waited_for_as_long_as_llmock_asks(llmock: LLMock) -> None:
    llmock.rate_limit(times=2, retry_after=0.3).reply("Positive")
    assert answered(llmock.base_url(), body()).text == "Positive"
    assert [record.status for record in llmock.requests] == [429, 429, 200]
    assert [record.body for record in llmock.requests] == [body()] * 3, "the same request every time"
    llmock.assert_resilient(strict=True)


@pytest.mark.parametrize(
    "status", [500, 503, *(pytest.param(status, marks=pytest.mark.long) for status in (408, 409, 502, 504, 529))]
)
def test_what_may_pass_is_tried_again(llmock: LLMock, status: int) -> None:
    llmock.fail(status).reply("Positive")
    assert answered(llmock.base_url(), body()).text == "Positive"
    assert [record.status for record in llmock.requests] == [status, 200]
    llmock.assert_resilient(strict=True)


@pytest.mark.parametrize(
    ("status", "said"),
    [(400, "did not accept"), (401, "refused the key"), (403, "refused the key"), (404, "no model"), (422, "422")],
)
def test_what_cannot_heal_is_asked_once_and_reported(llmock: LLMock, status: int, said: str) -> None:
    llmock.fail(status, message=f"No, not with {KEY}.")
    assert said in reported(llmock.base_url(), body())
    assert [record.status for record in llmock.requests] == [status]
    llmock.assert_resilient(strict=True)


@pytest.mark.long
def test_an_outage_is_reported_after_the_tries_that_were_given(llmock: LLMock) -> None:
    llmock.outage(status=503)
    assert "tried 3 times" in reported(llmock.base_url(), body(), Limits(tries=3))
    assert len(llmock.requests) == 3
    llmock.assert_resilient(strict=True)


def test_a_prompt_that_is_too_long_is_reported_in_the_servers_words(llmock: LLMock) -> None:
    llmock.limits(context_window=5)
    assert "maximum context length is 5 tokens" in reported(llmock.base_url(), body())
    assert len(llmock.requests) == 1
    llmock.assert_resilient(strict=True)


def test_a_server_that_has_no_completions_is_reported_and_asked_once(llmock: LLMock) -> None:
    request = {"model": "m", "prompt": "The film was", "max_tokens": 1}
    assert "404" in reported(llmock.base_url(), request)
    assert [record.path for record in llmock.requests] == ["/v1/completions"]
    llmock.assert_resilient(strict=True)


def test_a_slow_answer_is_asked_for_again_and_then_reported(llmock: LLMock) -> None:
    slow = Limits(timeout_s=0.4, tries=2)
    llmock.delay(0.8).reply("Positive", times=None)
    assert answered(llmock.base_url(), body(), slow).text == "Positive"
    llmock.reset().delay(0.8, times=None)
    assert re.search(r"no answer within 0\.4 s.*tried 2 times", reported(llmock.base_url(), body(), slow))
    llmock.assert_resilient()


@pytest.mark.parametrize(
    ("text", "finish", "flaw"),
    [
        ("Posi", "length", "cut off at the token limit"),
        ("", None, "empty reply"),
        ("Positive", "content_filter", "refused: stopped by the server's content filter"),
    ],
)
def test_a_reply_that_is_not_whole_says_so(llmock: LLMock, text: str, finish: str | None, flaw: str) -> None:
    from llmock.scenarios import Reply

    llmock.add(Reply(text, finish_reason=finish))
    found = answered(llmock.base_url(), body())
    assert (found.text, in_words(found.flaw)) == (text, flaw)
    llmock.assert_resilient(strict=True)


@pytest.mark.long
def test_the_calls_beyond_a_quota_wait_their_turn(llmock: LLMock) -> None:
    llmock.limits(rpm=60).reply("Positive", times=None)  # a bucket of 60 calls, and one more each second
    found = outcomes(llmock.base_url(), [body(i) for i in range(62)], Limits(tries=6))
    assert [one.text if isinstance(one, Answer) else str(one) for one in found] == ["Positive"] * 62
    assert Counter(record.status for record in llmock.requests)[429] > 0
    llmock.assert_resilient(strict=True)


@pytest.mark.long
def test_llmock_has_nothing_to_say_against_a_client_on_its_worst_day() -> None:
    from llmock.chaos import ChaosSettings
    from llmock.scenarios import Reply
    from llmock.testing import LLMockServer
    from llmock.verdict import judge

    # A 429 of llmock's asks everyone to wait a second, hence few of them.
    worst = ChaosSettings(error_rates={429: 0.02, 500: 0.1, 502: 0.1, 400: 0.02})
    with LLMockServer(chaos=worst) as server:
        server.state.scenarios.add(Reply("Positive", times=None))
        found = outcomes(server.base_url(), [body(i) for i in range(150)])
        verdict = judge(server.state.journal.records(wait=2))
    assert {one.text for one in found if isinstance(one, Answer)} == {"Positive"}
    assert all(isinstance(one, Answer) or ONE_SENTENCE.fullmatch(str(one)) for one in found)
    assert sum(isinstance(one, Answer) for one in found) > 100
    assert verdict.faults > 0
    verdict.assert_ok()


def test_a_step_on_llmock_pays_each_call_once_through_all_faults(llmock: LLMock) -> None:
    task, cache = task_of(40), MemoryCache()
    llmock.rate_limit(times=5, retry_after=0.2).fail(503, times=3).fail(500, times=1).reply("Positive", times=None)
    limits = Limits(concurrency=16)
    assert measured(llmock.base_url(), task, cache, limits).mean == 1
    assert len(cache.rows) == 40
    n_sent = len(llmock.requests)
    assert measured(llmock.base_url(), task, cache, limits).mean == 1
    assert len(llmock.requests) == n_sent, "what is known is not asked again"
    paid = Counter(record.fingerprint for record in llmock.requests if record.status == 200)
    assert list(paid.values()) == [1] * 40
    llmock.assert_resilient(strict=True)


# aimock, from npm: it breaks connections and answers with broken JSON.


@dataclass(frozen=True)
class Aimock:
    url: str

    def breaks(self, **chaos: float) -> None:
        self._post("reset/journal")
        self._post("chaos", **chaos)

    def journal(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = httpx2.get(f"{self.url}/__aimock/journal").json()
        return [entry for entry in found if entry["path"].startswith("/v1/")]

    def _post(self, path: str, **content: float) -> None:
        httpx2.post(f"{self.url}/__aimock/{path}", json=content).raise_for_status()


@pytest.fixture(scope="session")
def aimock_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aimock]:
    program = shutil.which("aimock")
    if program is None:
        pytest.skip("no aimock on PATH (npm install -g @copilotkit/aimock; it wants Node 20.15 or later)")
    folder: Path = tmp_path_factory.mktemp("aimock")
    said = [
        {"match": {"model": "any"}, "response": {"content": SEA}},
        {"match": {"userMessage": "film"}, "response": {"content": "Positive"}},
    ]
    (folder / "fixtures.json").write_text(json.dumps({"fixtures": said}))
    (folder / "aimock.json").write_text(json.dumps({"llm": {"fixtures": str(folder / "fixtures.json")}}))
    command = [program, "--config", str(folder / "aimock.json"), "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found, "aimock did not start: see its own words above"
        yield Aimock(found[0])
    finally:
        process.terminate()
        process.communicate(timeout=10)


@pytest.fixture
def aimock(aimock_server: Aimock) -> Aimock:
    aimock_server.breaks()
    return aimock_server


def test_aimocks_plain_answers_arrive_whole(aimock: Aimock) -> None:
    found = outcomes(f"{aimock.url}/v1", [body(i) for i in range(20)])
    assert [one.text if isinstance(one, Answer) else str(one) for one in found] == ["Positive"] * 20
    assert len(aimock.journal()) == 20


@pytest.mark.parametrize(
    ("chaos", "said"),
    [
        ({"rateLimitRate": 1}, "takes no more calls for now (429), tried 2 times"),
        ({"dropRate": 1}, "failed on its side (500), tried 2 times"),
        ({"disconnectRate": 1}, "it broke), tried 2 times"),
        ({"malformedRate": 1}, "answered, but not as a chat model does"),
        ({"latencyMs": 900}, "gave no answer within 0.3 s, tried 2 times"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_each_of_aimocks_faults_is_reported_in_one_sentence(
    aimock: Aimock, chaos: dict[str, float], said: str
) -> None:
    aimock.breaks(**chaos)
    limits = Limits(tries=2, timeout_s=0.3 if "latencyMs" in chaos else 10)
    assert said in reported(f"{aimock.url}/v1", body(), limits)
    sent = [{**entry["body"], "_endpointType": None} for entry in aimock.journal()]
    assert sent == [{**body(), "_endpointType": None}] * len(sent), "the same request every time"
    assert len(sent) == (0 if "latencyMs" in chaos else 2)


def test_what_aimock_does_not_know_is_reported_at_once(aimock: Aimock) -> None:
    request = body(messages=[{"role": "user", "content": "Nothing fits this."}])
    assert "No fixture matched" in reported(f"{aimock.url}/v1", request)
    assert len(aimock.journal()) == 1


@pytest.mark.long
def test_every_call_is_answered_or_reported_when_connections_drop_and_replies_break(aimock: Aimock) -> None:
    aimock.breaks(dropRate=0.1, malformedRate=0.1, disconnectRate=0.1, rateLimitRate=0.02)
    found = outcomes(f"{aimock.url}/v1", [body(i) for i in range(120)])
    assert {one.text for one in found if isinstance(one, Answer)} == {"Positive"}
    assert all(isinstance(one, Answer) or ONE_SENTENCE.fullmatch(str(one)) for one in found)
    assert sum(isinstance(one, Answer) for one in found) > 90
    sent = [(json.dumps(entry["body"]), entry["response"]["status"]) for entry in aimock.journal()]
    assert len({request for request, _ in sent}) == 120
    tries = Counter(
        request for request, status in sent if status != 429
    )  # the crowd takes none while others go well
    assert max(tries.values()) <= Limits().tries
    assert max(Counter(request for request, _ in sent).values()) <= (1 + SPARED) * Limits().tries


@pytest.mark.long
def test_a_step_on_aimock_is_whole_in_the_end_and_no_answer_is_paid_twice(aimock: Aimock) -> None:
    aimock.breaks(dropRate=0.05, malformedRate=0.1, disconnectRate=0.1)
    task, cache = task_of(60), MemoryCache()
    assert measured(f"{aimock.url}/v1", task, cache, Limits(concurrency=8)).mean == 1
    assert len(cache.rows) == 60
    aimock.breaks(disconnectRate=1)
    assert measured(f"{aimock.url}/v1", task, cache, Limits(concurrency=8)).mean == 1
    assert aimock.journal() == []


# What these servers can do, as the lab finds it.


async def test_the_lab_finds_what_llmock_cannot_do(llmock: LLMock) -> None:
    llmock.reply(SEA, times=None)
    await takes_no_notice(llmock.base_url())


async def test_the_lab_finds_what_aimock_cannot_do(aimock: Aimock) -> None:
    await takes_no_notice(f"{aimock.url}/v1")


async def takes_no_notice(url: str) -> None:
    found = await Connections().check(ModelConfig(Endpoint("any", url)))
    assert found.checked
    assert (found.likelihood, found.log_probabilities, found.infill) == (None, "", False)
    assert found.token_limit == "", "a limit is taken and ignored"
    assert not found.stop
    assert Note("no_completions", 404) in found.notes
