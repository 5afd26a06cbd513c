"""The ledger of a lab book: payments, prices, spends and costs, whatever becomes of the process or the book."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from urllib.request import urlopen

import pytest
from support.scripted import TASK, run_of

from lab.core.asks import Candidate
from lab.core.history import Node
from lab.errors import MisuseError
from lab.models.calls import Answer, Call, Price, Spent
from lab.models.capabilities import Capabilities, Note
from lab.models.endpoint import Endpoint
from lab.models.roles import Role
from lab.optimizers import OPTIMIZERS
from lab.optimizers.protegi import Minibatch, Settings
from lab.store import Account, Book, Branch, Models, Spend, costs

RUN = run_of(OPTIMIZERS["protegi"])
MODEL = Endpoint("gpt-x", "http://x/v1").spec
Row = tuple[str, Call, Answer]


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path / "b.sqlite")


def begun(book: Book, id: str = "b1", work: str = "w") -> str:
    root = Node(book.add_context(TASK, "protegi", Settings(), 0), Minibatch(0, (Candidate("Say yes or no."),)))
    book.add_branch(Branch(id, "ann", work, "main", root.id, Models(), ()), root)
    return root.id


def answered(n: int, *, model: str = "gpt-x", first: int = 0, url: str = "http://x/v1") -> list[Row]:
    calls = [Call.of(url, {"model": model, "messages": [], "seed": i}) for i in range(first, first + n)]
    return [(call.key, call, Answer("é", None, 100, 10, i % 2 == 0, 0.5)) for i, call in enumerate(calls)]


def test_a_payment_is_booked_with_its_reply_at_the_price_of_that_moment(book: Book) -> None:
    account = Account(book, "b1", begun(book), "propose", 2)
    account.keep(answered(1), "optimizer")
    book.set_price(MODEL, Price(2.0, 10.0))
    account.keep(answered(3, first=1), "optimizer")
    book.set_price(MODEL, Price(99.0, 99.0))
    ((branch, spend),) = book.spends("w")
    assert (branch, spend.what, spend.sample, spend.role, spend.model) == ("b1", "propose", 2, "optimizer", MODEL)
    assert (spend.calls, spend.n_input_tokens, spend.n_output_tokens) == (4, 400, 40)
    assert (spend.n_estimated, spend.n_unpriced, spend.latency_s) == (3, 1, 0.5)
    assert spend.cost_usd == pytest.approx(3 * (100 * 2.0 + 10 * 10.0) / 1e6)
    assert account.spent() == book.spent() == Spent(4, 0, 400, 40, 3, spend.cost_usd, 1)


def test_a_reply_that_is_there_already_is_not_paid_for_again(book: Book) -> None:
    node = begun(book)
    Account(book, "b1", node, "propose").keep(answered(3))
    again = Account(book, "b1", node, "propose")
    again.keep([*answered(5), *answered(5)])
    again.close({"target": Spent(2, 3, model=MODEL)})
    assert [(spend.calls, spend.cached) for _, spend in book.spends("w")] == [(3, 0), (2, 3)]


def test_a_step_that_paid_nothing_says_what_it_was_saved(book: Book) -> None:
    account = Account(book, "b1", begun(book), "measure")
    account.close({"optimizer": Spent(), "target": Spent(n_cached=7, model="practice")})
    ((_, spend),) = book.spends("w")
    assert (spend.calls, spend.cached, spend.cost_usd, spend.model) == (0, 7, 0.0, "practice")


def test_what_all_branches_of_a_work_spend_is_seen_by_each_and_other_works_are_not(book: Book) -> None:
    node = begun(book)
    begun(book, "b2")
    begun(book, "other", "another work")
    mine = Account(book, "b1", node, "propose")
    assert mine.spent() == Spent()
    Account(book, "b2", node, "propose").keep(answered(2))
    Account(book, "other", node, "propose").keep(answered(9, first=2))
    assert mine.spent().n_paid == 2
    mine.keep(answered(3, first=20), "optimizer")
    assert mine.spent().n_paid == mine.spent().n_paid == 5


def test_costs_add_up_by_branch_step_role_and_model(book: Book) -> None:
    node = begun(book)
    begun(book, "b2")
    book.set_price(MODEL, Price(1.0, 1.0))
    roles: tuple[tuple[str, Role, str, int], ...] = (
        ("b1", "target", "gpt-x", 4),
        ("b1", "optimizer", "other", 2),
        ("b2", "target", "gpt-x", 1),
    )
    for i, (branch, role, model, n) in enumerate(roles):
        Account(book, branch, node, "propose").keep(answered(n, model=model, first=10 * i), role)
    by_model = {cost.model: cost for cost in book.costs("w", by=["model"])}
    other = Endpoint("other", "http://x/v1").spec
    assert (by_model[MODEL].calls, by_model[MODEL].cost_usd) == (5, pytest.approx(5 * 110 / 1e6))
    assert (by_model[other].calls, by_model[other].n_unpriced, by_model[other].cost_usd) == (2, 2, None)
    assert {cost.role: cost.calls for cost in book.costs("w", by=["role"])} == {"target": 5, "optimizer": 2}
    assert {cost.branch: cost.calls for cost in book.costs("w", by=["branch"])} == {"b1": 6, "b2": 1}
    assert len(book.costs("w")) == 3
    (all_of_it,) = costs(book.spends("w"), by=())
    assert (all_of_it.calls, all_of_it.n_estimated, all_of_it.latency_s) == (7, 4, 0.5)


def test_the_practice_model_is_free_and_other_prices_are_unknown_until_they_are_set(book: Book) -> None:
    assert book.price("practice-literal") == Price(0.0, 0.0)
    assert book.price(MODEL) is None
    book.set_price(MODEL, Price(0.15, 0.6))
    book.set_price(MODEL, Price(0.25, 0.6))
    assert book.prices() == {MODEL: Price(0.25, 0.6)}
    book.set_price(MODEL, None)
    assert book.price(MODEL) is None


@pytest.mark.parametrize("usd", [-0.01, float("nan"), float("inf"), 1e9])
def test_a_price_that_is_no_amount_is_refused(usd: float) -> None:
    with pytest.raises(MisuseError, match="must be from 0"):
        Price(1.0, usd)


def test_the_mean_reply_is_that_of_this_model_in_this_role(book: Book) -> None:
    account = Account(book, "b1", begun(book), "propose")
    account.keep(answered(4), "target")
    account.keep([(key, call, Answer("x", None, 1, 90)) for key, call, _ in answered(2, first=4)], "optimizer")
    assert book.mean_reply(MODEL, "target") == 10
    assert book.mean_reply(MODEL, "optimizer") == 90
    assert book.mean_reply("other", "target") is None


def test_a_book_from_before_payments_reads_as_it_did_and_goes_on(tmp_path: Path) -> None:
    old = Book(tmp_path / "old.sqlite")
    node = begun(old)
    old.add_spends("b1", [Spend(node, "propose", 0, "target", 5, 1, 10, 20)])
    old.close()
    _back_to_the_first_migration(old.path)
    book = Book(old.path)
    want = Spend(node, "propose", 0, "target", 5, 1, 10, 20, n_unpriced=5)
    assert book.spends("w") == (("b1", want),)
    account = Account(book, "b1", node, "propose")
    assert account.spent() == account.spent() == Spent(5, 0, 10, 20, n_unpriced=5)
    account.keep(answered(2))
    assert account.spent().n_paid == 7
    assert [spend.calls for _, spend in book.spends("w")] == [5, 2]


NEWEST = ("notes", "merges", "counterfactuals", "deleted_spends", "ratings")
INDEXES = ("branches_run", "nodes_parent", "proposals_node", "moves_node", "moves_pending", "spends_node")


def _back_to_the_first_migration(file: Path) -> None:
    """Undoes what the later migrations made, as if only the first had run."""
    with sqlite3.connect(file) as db:
        for table in (
            "payments",
            "prices",
            "findings",
            "wordings",
            "carried_marks",
            "steps",
            "missing",
            "names",
            "openings",
            *NEWEST,
        ):
            db.execute(f"DROP TABLE {table}")
        for column in ("forked", "archived"):
            db.execute(f"ALTER TABLE branches DROP COLUMN {column}")
        db.execute("ALTER TABLE spends DROP COLUMN model")
        for column in ("answer_id", "paid"):
            db.execute(f"ALTER TABLE calls DROP COLUMN {column}")
        for column in ("optimizer_model", "target_model"):
            db.execute(f"ALTER TABLE branches ADD COLUMN {column} TEXT NOT NULL DEFAULT 'practice'")
        for index in INDEXES:
            db.execute(f"DROP INDEX {index}")
        db.execute("ALTER TABLE branches RENAME COLUMN run TO work")
        db.execute("CREATE INDEX branches_work ON branches (work)")
        db.execute("ALTER TABLE branches DROP COLUMN models")
        db.execute("DELETE FROM migrations WHERE name <> 'm001_first_book'")


PAYING = """
import sys
from lab.models.calls import Answer, Call
from lab.store import Account, Book
book, n = Book(sys.argv[1]), 0
while True:
    account = Account(book, "b1", sys.argv[2], "propose")
    for _ in range(20):
        calls = [Call.of("http://x/v1", {"model": "m", "messages": [], "seed": n + i}) for i in range(16)]
        account.keep([(call.key, call, Answer("x", None, 3, 1)) for call in calls])
        n += 16
        print(n, flush=True)
"""


def test_after_kill_9_nothing_is_lost_or_paid_for_twice(book: Book) -> None:
    node = begun(book)
    for wanted in (200, 500):
        command = [sys.executable, "-c", PAYING, str(book.path), node]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        said = 0
        while said < wanted:
            said = int(process.stdout.readline())
        os.kill(process.pid, signal.SIGKILL)
        said = max([said, *map(int, process.stdout.read().split())])
        process.wait()
        with sqlite3.connect(book.path) as db:
            kept, paid, distinct, lost = db.execute(
                "SELECT (SELECT count(*) FROM calls), count(*), count(DISTINCT call),"
                " sum(call NOT IN (SELECT key FROM calls)) FROM payments"
            ).fetchone()
        assert kept == paid == distinct >= said
        assert lost == 0
        assert sum(spend.calls for _, spend in book.spends("w")) == book.spent().n_paid == kept
    assert book.verify()[1] == ()


def test_what_was_found_of_a_model_is_kept_and_the_sentences_of_an_older_book_stay_as_they_are(book: Book) -> None:
    found = Capabilities(checked=True, seed=True, notes=(Note("no_completions", 404), Note("unsteady")))
    book.keep_capabilities("http://x/v1", "m", found)
    assert book.capabilities("http://x/v1", "m") == found
    with closing(sqlite3.connect(book.path)) as db, db:
        old = json.dumps({"checked": True, "notes": ["Completions are not answered (404)."]})
        db.execute("UPDATE findings SET content = ?", (old,))
    read = book.capabilities("http://x/v1", "m")
    assert read == Capabilities(checked=True, notes=(Note("stored", text="Completions are not answered (404)."),))


FAULTY = """
from functools import partial
from lab.practice.protocol.faults import Conditions
from lab.practice.serve import serve
serve("127.0.0.1", 0, Conditions(fault_rate=0.35, latency_ms=5, slow_s=0.05), partial(print, flush=True))
"""

ASKING = """
import asyncio, sys
from lab.core.asks import Evaluate
from lab.models.endpoint import Endpoint
from lab.models.roles import Limits
from lab.models.roles import ModelConfig, Models
from lab.models.perform import Performer
from lab.store import Account, Book
from lab.tasks import bundled

path, node, url, n = sys.argv[1:]
task = bundled.load("sentiment")
models = Models.single(ModelConfig(Endpoint("practice", url), limits=Limits(tries=20, timeout_s=5)))
performer = Performer(task, models, Account(Book(path), "b1", node, "propose"))
prompts = tuple(f"Is it positive or negative? ({i})" for i in range(int(n) // 40))
scores = asyncio.run(performer(Evaluate(prompts, tuple(example.id for example in task.train[:40]))))
print(sum(len(score.hits) for score in scores))
"""


@pytest.mark.long
def test_every_call_of_a_faulty_server_is_paid_for_once_although_the_process_is_killed(book: Book) -> None:
    node, n = begun(book), 2000
    with subprocess.Popen([sys.executable, "-c", FAULTY], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            url = server.stdout.readline().strip()
            command = [sys.executable, "-c", ASKING, str(book.path), node, url, str(n)]
            killed = subprocess.Popen(command, stdout=subprocess.PIPE)
            while book.n_calls() < n // 4:
                time.sleep(0.05)
            killed.kill()
            killed.communicate()
            kept = book.n_calls()
            assert kept < n
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            assert int(done.stdout) == n
            with urlopen(url.removesuffix("/v1") + "/practice/ledger") as seen:
                answered = json.load(seen)["answered"]
        finally:
            server.terminate()
    assert book.n_calls() == book.spent().n_paid == n
    assert [spend.calls for _, spend in book.spends("w")] == [kept, n - kept]
    assert n <= answered
