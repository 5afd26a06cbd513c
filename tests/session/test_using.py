"""Limits, prices and ceilings: as the set-up reads them, changed on the way; what was spent, as people see it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.layout import bare_layout, drawn

from lab.core.asks import Evaluate, Pick
from lab.errors import LabError, MisuseError
from lab.models.calls import Price
from lab.models.connect import connect, use
from lab.models.endpoint import Endpoint
from lab.models.perform import Estimate
from lab.models.roles import Ceiling, Limits, ModelConfig, Models, Sampling
from lab.optimizers import optimizer
from lab.session import Session
from lab.session.acts import act
from lab.session.commands import number, whole
from lab.session.estimate import reply_lengths
from lab.store import Spend
from lab.tasks import bundled
from lab.views.models import models
from lab.views.numbers import dollars
from lab.views.spending import cost, estimated, left, spending

TASK = bundled.load("sentiment")
REAL = "m@http://example.test/v1"
FIELDS = {
    "concurrency": "8", "timeout_s": "30", "requests_per_minute": "", "tokens_per_minute": "9000",
    "sent": "2", "back": "10.5",
}  # fmt: skip
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def session(tmp_path) -> Session:
    return Session(tmp_path / "book.sqlite")


@pytest.mark.parametrize(
    ("field", "wrong", "said"),
    [
        ("temperature", "3", "A temperature must be from 0 to 2"),
        ("temperature", "warm", "Temperature: “warm” is not a number"),
        ("longest_reply", "0.5", "Longest reply: write a whole number"),
        ("concurrency", "5000", "concurrency must be from 1 to 1024"),
        ("concurrency", "", "concurrency must be from 1 to 1024"),
        ("timeout_s", "nan", "Timeout: “nan” is not a number"),
        ("requests_per_minute", "-1", "requests per minute must be from 0"),
        ("tokens_per_minute", "1,000", "Tokens per minute: “1,000” is not a number"),
        ("input_price", "1", "A price needs both parts"),
        ("model", "m@nowhere", "MODEL@URL"),
        ("model", "", "No model is named"),
    ],
)
def test_what_the_set_up_cannot_use_is_said_in_a_sentence(field, wrong, said) -> None:
    from lab.web.connection import chosen_models, chosen_prices

    form = bare_layout().form.models
    values = drawn(*form.asked)
    assert chosen_models(form, values) == Models()
    assert chosen_prices(form, values) == ()
    read = chosen_prices if field == "input_price" else chosen_models
    with pytest.raises(MisuseError, match=said):
        read(form, {**values, getattr(form.target, field): wrong})


def test_the_set_up_reads_each_model_with_its_own_sampling_limits_and_price() -> None:
    from lab.web.connection import chosen_models, chosen_prices

    form = bare_layout().form.models
    written = {
        "model": REAL, "temperature": "0.7", "longest_reply": "900", "concurrency": "8", "timeout_s": "30",
        "requests_per_minute": "60", "tokens_per_minute": "9000", "lost_after_s": "", "most_failed": "25",
        "input_price": "2", "output_price": "10",
    }  # fmt: skip
    optimizer = {getattr(form.optimizer, name): value for name, value in written.items()}
    values = {**drawn(*form.asked), **optimizer, form.most_calls: "100", form.most_usd: "1.5"}
    writes = ModelConfig(Endpoint.of(REAL), Sampling(0.7, 900), Limits(8, 60, 9000, 30.0, most_failed=0.25))
    assert chosen_models(form, values) == Models(optimizer=writes, target="practice", ceiling=Ceiling(100, 0, 1.5))
    assert chosen_prices(form, values) == ((REAL, Price(2, 10)),)


async def test_limits_and_price_of_one_model_change_and_the_other_stays(session) -> None:
    branch = session.begin(TASK, models=Models(optimizer=REAL))
    await act(session, branch, {"act": "use", "role": "optimizer", **FIELDS})
    kept = session.branch(branch).models
    assert kept == Models(optimizer=ModelConfig(Endpoint.of(REAL), limits=Limits(8, 0, 9000, 30.0)))
    assert session.book.price(REAL) == Price(2, 10.5)
    await act(session, branch, {"act": "use", "role": "optimizer", **FIELDS, "sent": "", "back": ""})
    assert session.book.price(REAL) is None


async def test_when_an_endpoint_is_lost_can_be_changed_on_the_way_and_else_stays(session) -> None:
    branch = session.begin(TASK)
    await act(session, branch, {"act": "use", "role": "target", **FIELDS, "lost_after_s": "7", "most_failed": "25"})
    await act(session, branch, {"act": "use", "role": "target", **FIELDS, "lost_after_s": "", "most_failed": None})
    limits = session.branch(branch).models["target"].limits
    assert (limits.lost_after_s, limits.most_failed) == (7, 0.25)
    shown = models(session.state(branch))
    assert 'value="25"' in shown
    assert 'data-arg="lost_after_s"' in shown
    with pytest.raises(MisuseError, match="most failed must be from 0 to 1"):
        await act(session, branch, {"act": "use", "role": "target", **FIELDS, "most_failed": "250"})


@pytest.mark.parametrize(
    "wrong", [{"role": "judge"}, {"concurrency": "0"}, {"sent": "-1"}, {"back": ""}, {"timeout_s": "soon"}]
)
async def test_a_change_that_is_refused_changes_nothing(session, wrong) -> None:
    branch = session.begin(TASK)
    before = session.branch(branch).models
    with pytest.raises(MisuseError):
        await act(session, branch, {"act": "use", "role": "target", **FIELDS, **wrong})
    with pytest.raises(MisuseError):
        await act(session, branch, {"act": "ceiling", "calls": "-1", "tokens": "", "cost_usd": ""})
    assert session.branch(branch).models == before
    assert session.book.price("practice") == Price(0, 0)


async def test_a_ceiling_holds_for_all_branches_of_one_work_and_for_no_other(session) -> None:
    branch, other = session.begin(TASK), session.begin(TASK)
    forked = session.fork(branch, session.branch(branch).node)
    await act(session, forked, {"act": "ceiling", "calls": "100", "tokens": "", "cost_usd": "0.5"})
    assert session.branch(branch).models.ceiling == Ceiling(100, 0, 0.5)
    assert session.branch(forked).models.ceiling == Ceiling(100, 0, 0.5)
    assert session.branch(other).models.ceiling == Ceiling()


async def test_a_step_under_way_keeps_the_limits_that_it_began_with(session) -> None:
    branch = session.begin(TASK)
    session.start(branch)
    with pytest.raises(MisuseError, match="is running"):
        await act(session, branch, {"act": "use", "role": "target", **FIELDS})
    with pytest.raises(MisuseError, match="is running"):
        await act(session, branch, {"act": "ceiling", "calls": "1", "tokens": "", "cost_usd": ""})
    session.stop(branch)
    await session.jobs.ended(branch)
    await act(session, branch, {"act": "use", "role": "target", **FIELDS})


async def test_a_step_stops_at_the_ceiling_and_goes_on_from_there_when_it_is_raised(session) -> None:
    branch = session.begin(TASK, models=use(session, connect("practice"), ceiling=Ceiling(calls=30)))
    with pytest.raises(LabError, match="limit of 30 calls"):
        await session.advance(branch)
    assert session.book.n_calls() == 30
    assert "30 calls of 30, 0 left" in models(session.state(branch))
    await act(session, branch, {"act": "ceiling", "calls": "500", "tokens": "", "cost_usd": ""})
    await session.advance(branch)
    paid = [spend for _, spend in session.state(branch).spends]
    assert sum(one.calls for one in paid) == session.book.n_calls() > 30
    drawn = spending(session.state(branch))
    for told in ("Try the prompts", "Score on the dev split", "practice · simulated model", "$0", "main"):
        assert told in drawn


def test_what_is_known_of_a_models_key_is_shown_and_no_key_is(session, monkeypatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-environment-4711")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://example.test/v1")
    branch = session.begin(TASK, models=Models(optimizer=REAL))
    drawn = models(session.state(branch))
    assert "The key of OPENAI_API_KEY is used for example.test" in drawn
    assert "needs no key" in drawn
    session.connections.keys.hold("http://example.test/v1", "sk-held-4712")
    drawn = models(session.state(branch))
    assert "A key for example.test is held in memory" in drawn
    assert "4711" not in drawn
    assert "4712" not in drawn


def test_hostile_names_are_inert_wherever_models_and_spending_are_shown(session) -> None:
    branch = session.begin(TASK, models=Models(optimizer=f"{HOSTILE}@http://example.test/v1"))
    state = session.state(branch)
    paid = Spend(state.branch.node, HOSTILE, 0, HOSTILE, 1, 0, 5, 5, f"{HOSTILE}@http://example.test/v1")
    state = replace(state, spends=((branch, paid),))
    drawn = models(state)
    assert "onerror" in drawn
    assert "<img" not in drawn


def test_tokens_that_were_guessed_and_prices_that_are_not_known_are_said(session) -> None:
    branch = session.begin(TASK)
    state = session.state(branch)
    one = Spend(state.branch.node, "propose", 0, "target", 10, 3, 100, 50, "practice", 0, 10, None, 0.25)
    half = replace(one, n_estimated=4, n_unpriced=4, cost_usd=0.5)

    def drawn(*spends: Spend) -> str:
        return spending(replace(state, spends=tuple((branch, spend) for spend in spends)))

    assert "price unknown" in drawn(one)
    assert "0.25 s" in drawn(one)
    assert "estimated" not in drawn(one)
    assert "150 partly estimated" in drawn(half)
    assert "$0.50, not counting 4 calls whose price is not known" in drawn(half)
    assert "150 estimated" in drawn(replace(one, n_estimated=10))
    assert drawn() == ""
    assert left(Ceiling(), ((branch, one),)) == "So far: 10 calls; 150 tokens; price unknown."
    assert left(Ceiling(12, 200, 1), ((branch, half),)) == (
        "So far: 10 calls of 12, 2 left; 150 tokens of 200, 50 left; "
        "$0.50 of $1.00, $0.50 left, not counting 4 calls whose price is not known."
    )


def test_an_estimate_says_calls_those_known_tokens_and_money() -> None:
    some = Estimate("optimizer", 13, 4, 9000, 5000, 3000, 0.0123)
    assert (
        estimated(some)
        == "13 calls to the optimizer model, 4 of them already known; about 12,000 tokens, about $0.012"
    )
    assert estimated(replace(some, n_cached=13)) == "13 calls to the optimizer model, all already known"
    assert (
        estimated(replace(some, n_cached=0, cost_usd=None))
        == "13 calls to the optimizer model; about 12,000 tokens"
    )
    assert estimated(replace(some, cost_usd=0.0)).endswith("no cost")
    ask = Evaluate(("a", "b"), ("1", "2", "3"), "dev")
    assert cost(ask) == "6 calls to the target model"
    assert cost(ask, Estimate("target", 6, 6)) == "6 calls to the target model, all already known"
    assert cost(Pick((), ()), Estimate(None)) == "no model call"


def test_money_is_never_rounded_to_nothing() -> None:
    assert [dollars(usd) for usd in (None, 0, 0.00000001, 0.0123, 0.5, 1, 12345.678)] == [
        "price unknown", "$0", "under $0.0001", "$0.012", "$0.50", "$1.00", "$12,345.68",
    ]  # fmt: skip


def test_numbers_are_read_as_they_are_meant_or_refused() -> None:
    assert number(" 0.5 ", "x") == 0.5
    assert number("", "x") is None
    assert number(None, "x") is None
    assert whole("1e3", "x") == 1000
    for wrong in ("0,5", "1,000", "$5", "inf", "nan", "١٢.x", HOSTILE):
        with pytest.raises(MisuseError, match="is not a number"):
            number(wrong, "x")


async def test_the_length_of_replies_is_told_by_phase_of_the_optimizer_and_for_the_target(session: Session) -> None:
    kind = optimizer("protegi")
    assert reply_lengths(session.book, session.owner, Models(), kind) == {}
    branch = session.begin(TASK, settings=kind.configure("quick"))
    await session.advance(branch, stops=["Paraphrase"])
    told = reply_lengths(session.book, session.owner, Models(), kind)
    state = session.state(branch)
    paid = {spend.node: spend for _, spend in state.spends if spend.role == "optimizer" and spend.calls}
    assert len(paid) == 3
    for node, spend in paid.items():
        assert told[type(state.nodes[node].phase).__name__] == spend.n_output_tokens / spend.calls
    assert set(told) == {"Criticise", "Edit", "Paraphrase", "target"}
    assert set(reply_lengths(session.book, session.owner, Models(), optimizer("opro"))) == {"target"}
    others = Models(optimizer="practice-hasty", target="practice-literal")
    assert reply_lengths(session.book, session.owner, others, kind) == {}
    assert reply_lengths(session.book, "another", Models(), kind).keys() == {"target"}
