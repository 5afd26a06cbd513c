"""`verify` finds whatever was changed in a lab book behind the lab's back, and leaves the file as it is.

Each tampering is done to a book of the practice model by SQL, or to the bytes of its file.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from support.paths import GOLDEN

from lab.core.codec import canonical, content_id
from lab.core.review import Mark
from lab.errors import BookError
from lab.i18n import gettext_lazy
from lab.models.calls import Answer, Call
from lab.session import Session
from lab.store.schema import answer_id, packed, unpacked
from lab.store.verify import Verified, Wrong, sentence, verify
from lab.tasks.bundled import load

Tampering = Callable[[sqlite3.Connection], object]
TAMPERINGS: dict[str, tuple[str, str | Tampering]] = {}  # name: (the code that tells, SQL or what is done)


def tampering(code: str) -> Callable[[Tampering], Tampering]:
    def added(change: Tampering) -> Tampering:
        TAMPERINGS[change.__name__] = (code, change)
        return change

    return added


FIRST_PAID = "(SELECT min(id) FROM payments)"
TAMPERINGS |= {
    # content that is named by its hash
    "a_word_of_a_task": ("content", "UPDATE tasks SET content = x'00' || content"),
    "a_set_up_gets_another_seed": ("content", """UPDATE runs SET content = replace(content, '"seed":0', '"seed":1')"""),
    "a_nodes_content_is_anothers": (
        "content",
        "UPDATE nodes SET content = (SELECT content FROM nodes ORDER BY id DESC) WHERE id = (SELECT min(id) FROM nodes)",
    ),
    "a_proposal_is_no_json": ("content", "UPDATE proposals SET content = 'nonsense'"),
    "a_node_gets_another_name": (
        "content", "UPDATE nodes SET id = 'n2-b2-00' WHERE id = (SELECT max(id) FROM nodes)",
    ),
    "a_request_is_another": ("request", "UPDATE calls SET request = '{}' WHERE key = (SELECT min(key) FROM calls)"),
    "a_call_was_to_another_address": ("request", "UPDATE calls SET endpoint = 'http://evil/v1'"),
    "a_call_is_another_sample": ("request", "UPDATE calls SET sample = '9' WHERE key = (SELECT max(key) FROM calls)"),
    "an_answer_gets_another_name": ("answer", "UPDATE calls SET answer_id = 'a-b2-00'"),
    "an_answers_bytes_are_damaged": ("answer", "UPDATE calls SET answer = x'789c00'"),
    # what repeats the content
    "a_node_hangs_elsewhere": (
        "column", "UPDATE nodes SET parent = (SELECT id FROM nodes WHERE parent IS NULL) WHERE parent IS NOT NULL",
    ),
    "a_task_has_another_name": ("column", "UPDATE tasks SET name = 'other'"),
    "a_proposal_hangs_elsewhere": (
        "column",
        "UPDATE proposals SET node = (SELECT max(id) FROM nodes) WHERE node <> (SELECT max(id) FROM nodes)",
    ),
    # what is named and is not there
    "a_node_in_the_middle_is_gone": (
        "missing", "DELETE FROM nodes WHERE id IN (SELECT parent FROM nodes) AND parent IS NOT NULL",
    ),
    "the_proposals_are_gone": ("missing", "DELETE FROM proposals"),
    "a_proposal_is_gone": (
        "missing", "DELETE FROM proposals WHERE node = (SELECT id FROM nodes WHERE parent IS NULL)",
    ),
    "the_task_is_gone": ("missing", "DELETE FROM tasks"),
    "the_set_up_is_gone": ("missing", "DELETE FROM runs"),
    "a_call_that_was_paid_for_is_gone": ("missing", "DELETE FROM calls WHERE key = (SELECT min(key) FROM calls)"),
    "the_branch_is_gone": ("missing", "DELETE FROM branches"),
    "a_spend_is_gone": ("missing", "DELETE FROM spends WHERE id = (SELECT min(id) FROM spends)"),
    "a_draft_is_of_no_proposal": ("missing", "UPDATE drafts SET proposal = 'p2-b2-00'"),
    # branches
    "a_branch_stands_nowhere": ("cursor", "UPDATE branches SET cursor = 99"),
    "a_move_is_gone": ("moves", "DELETE FROM moves WHERE seq = 1"),
    "what_waits_was_proposed_elsewhere": (
        "place",
        "UPDATE moves SET pending = (SELECT id FROM proposals p WHERE p.node <> moves.node) WHERE pending IS NOT NULL",
    ),
    "the_models_of_a_branch_are_no_json": ("unreadable", "UPDATE branches SET models = '{'"),
    "a_draft_is_no_json": ("unreadable", "UPDATE drafts SET content = '?'"),
    # scores
    "a_score_is_better": ("score", "UPDATE measures SET score = score + 0.01"),
    "a_score_is_no_share": ("score", "UPDATE measures SET score = 7"),
    "the_rows_of_a_score_are_fewer": ("score", "UPDATE measures SET n_rows = n_rows - 1"),
    "the_hits_of_a_score_are_fewer": ("score", "UPDATE measures SET hits = '[1.0]', n_rows = 1, score = 1.0"),
    "a_score_is_of_another_prompt": ("score", "UPDATE measures SET prompt = 'Say yes.', score = 2"),
    # payments
    "a_payment_is_gone": ("unpaid", f"DELETE FROM payments WHERE id = {FIRST_PAID}"),
    "a_call_is_paid_twice": (
        "paid_twice",
        "INSERT INTO payments (spend, call, n_input_tokens, n_output_tokens, estimated, cost_usd, latency_s)"
        f" SELECT spend, call, n_input_tokens, n_output_tokens, estimated, cost_usd, latency_s FROM payments"
        f" WHERE id = {FIRST_PAID}",
    ),
    "a_payment_is_for_a_reply_that_cost_nothing": ("not_to_pay", "UPDATE calls SET paid = 0"),
    "fewer_tokens_were_sent": ("payment", f"UPDATE payments SET n_input_tokens = 1 WHERE id = {FIRST_PAID}"),
    "more_tokens_came": ("payment", "UPDATE payments SET n_output_tokens = n_output_tokens + 1"),
    "a_call_took_no_time": ("payment", "UPDATE payments SET latency_s = latency_s + 1"),
    "another_model_was_paid": ("payment", "UPDATE spends SET model = 'practice-hasty'"),
    "a_payment_gave_money_back": ("amount", "UPDATE payments SET cost_usd = -1"),
    "a_step_spent_more_in_all": ("amount", "UPDATE spends SET calls = calls + 5 WHERE id IN (SELECT spend FROM payments)"),
    # the file
    "a_table_is_gone": ("no_table", "DROP TABLE findings"),
    "a_table_is_another": ("no_table", "ALTER TABLE prices RENAME COLUMN input_usd TO usd"),
    "a_trigger_was_put_in": (
        "foreign_object", "CREATE TRIGGER t AFTER INSERT ON nodes BEGIN DELETE FROM calls; END",
    ),
}  # fmt: skip


@tampering("answer")
def an_answer_says_something_else(db: sqlite3.Connection) -> None:
    key, answer = db.execute("SELECT key, answer FROM calls ORDER BY key").fetchone()
    told = json.loads(unpacked(answer)) | {"text": "positive!"}
    db.execute("UPDATE calls SET answer = ? WHERE key = ?", (packed(json.dumps(told)), key))


@tampering("score")
def answers_and_their_names_are_changed_together(db: sqlite3.Connection) -> None:
    for key, answer in db.execute("SELECT key, answer FROM calls").fetchall():
        told = json.dumps(json.loads(unpacked(answer)) | {"text": "neither"})
        db.execute("UPDATE calls SET answer = ?, answer_id = ? WHERE key = ?", (packed(told), answer_id(told), key))


@tampering("score")
def hits_and_score_are_changed_together(db: sqlite3.Connection) -> None:
    prompt, hits = db.execute("SELECT prompt, hits FROM measures").fetchone()
    all_right = json.dumps([1.0] * len(json.loads(hits)))
    db.execute("UPDATE measures SET hits = ?, score = 1.0 WHERE prompt = ?", (all_right, prompt))


@tampering("missing")
def a_node_with_a_right_name_names_a_run_that_is_not_there(db: sqlite3.Connection) -> None:
    content = {"parent": None, "run": "r-b2-00", "phase": {}, "sample": 0, "proposal": None, "verdict": None}
    row = (content_id("n2", content), canonical(content))
    db.execute("INSERT INTO nodes (id, parent, content, made) VALUES (?, NULL, ?, '')", row)


@tampering("damaged")
def an_index_lacks_a_row(db: sqlite3.Connection) -> None:
    db.execute("PRAGMA writable_schema=ON")
    db.execute(
        "UPDATE sqlite_schema SET sql = 'CREATE INDEX branches_owner ON branches (name)' WHERE name = 'branches_owner'"
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A book that has edits, a draft, scores, and a proposal that waits; the bytes of its one file."""
    path = tmp_path_factory.mktemp("book") / "b.sqlite"
    session = Session(path)

    async def walk() -> None:
        branch = session.begin(load("sentiment"))
        proposal = await session.advance(branch, stops=["Criticise"])
        assert proposal is not None
        session.mark(branch, proposal, 0, Mark(0, text="It does not say what sarcasm means."))

    asyncio.run(walk())
    session.book.close()
    return path.read_bytes()


@pytest.fixture
def book(whole: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "b.sqlite"
    path.write_bytes(whole)
    return path


def test_an_untouched_book_passes_with_all_its_scores_recomputed(book: Path) -> None:
    found = verify(book)
    assert found.wrong == ()
    assert found.n_unmeasured == 0
    assert min(found.counts.values()) > 0


@pytest.mark.parametrize("version", sorted(path.name[:3] for path in (GOLDEN / "books").glob("*.gz")))
def test_a_book_of_an_earlier_version_passes_and_is_not_brought_up_to_date(version: str, tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite"
    path.write_bytes(before := gzip.decompress((GOLDEN / "books" / f"{version}.sqlite.gz").read_bytes()))
    found = verify(path)
    assert (found.wrong, found.n_unmeasured) == ((), 0)
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", TAMPERINGS)
def test_a_tampering_is_found(name: str, book: Path) -> None:
    code, change = TAMPERINGS[name]
    with closing(sqlite3.connect(book, isolation_level=None)) as db:
        before = list(db.iterdump())
        if callable(change):
            change(db)
        else:
            db.execute(change)
        if code not in ("damaged", "no_table", "foreign_object"):
            assert list(db.iterdump()) != before, "the tampering did nothing"
    found = verify(book)
    assert code in {wrong.code for wrong in found.wrong}, found.wrong
    assert all("\n" not in line and line.endswith(".") for line in map(sentence, found.wrong))


@pytest.mark.parametrize("at", [0.2, 0.5, 0.9])
def test_a_page_of_the_file_that_was_written_over_is_found(book: Path, at: float) -> None:
    content = bytearray(book.read_bytes())
    page = int(len(content) * at) // 4096 * 4096
    content[page : page + 4096] = b"\xff" * 4096
    book.write_bytes(content)
    assert _is_refused_or_wrong(book)


@pytest.mark.parametrize("share", [0.3, 0.8])
def test_a_file_that_was_cut_off_is_found(book: Path, share: float) -> None:
    content = book.read_bytes()
    book.write_bytes(content[: int(len(content) * share)])
    assert _is_refused_or_wrong(book)


def _is_refused_or_wrong(book: Path) -> bool:
    try:
        return bool(verify(book).wrong)
    except BookError:
        return True


def _of_another_program(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE music (name TEXT)")


def _without_tables(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 1")


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (lambda path: path.write_bytes(b""), "empty"),
        (_without_tables, "not a lab book"),
        (_of_another_program, "not a lab book"),
        (lambda path: path.write_text("Dear diary, " * 900), "cannot be read"),
        (lambda path: path.mkdir(), "cannot be read"),
        (lambda path: None, "cannot be read"),
    ],
)
def test_what_is_not_a_lab_book_is_refused_and_left_as_it_is(
    made: Callable[[Path], object], says: str, tmp_path: Path
) -> None:
    path = tmp_path / "x.sqlite"
    made(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(BookError, match=says):
        verify(path)
    assert (path.read_bytes() if path.is_file() else None) == before
    assert [one.name for one in tmp_path.iterdir()] in ([], ["x.sqlite"])


def test_verifying_leaves_the_file_as_it_is_and_nothing_beside_it(book: Path) -> None:
    before = hashlib.sha256(book.read_bytes()).digest()
    book.chmod(0o444)
    assert verify(book).wrong == ()
    assert hashlib.sha256(book.read_bytes()).digest() == before
    assert [one.name for one in book.parent.iterdir()] == ["b.sqlite"]


def test_a_book_that_is_open_and_written_to_is_verified(book: Path) -> None:
    session = Session(book)
    session.rename(session.branches()[0].id, "another name")
    assert verify(book).wrong == ()


def test_a_reply_that_nobody_paid_for_is_nothing_wrong(book: Path) -> None:
    session = Session(book)
    call = Call.of("http://x/v1", {"model": "m", "messages": []})
    session.book.keep([(call.key, call, Answer("a"))])
    assert verify(book).wrong == ()


def test_a_name_of_several_lines_is_said_in_one() -> None:
    draft = gettext_lazy("a draft of {branch}", branch="two\nlines")
    assert sentence(Wrong("missing", "drafts", draft, "one\r\n more")) == (
        "drafts: a draft of two lines names one more, which is not there."
    )


def test_what_is_wrong_is_said_in_one_line_each_with_how_many_of_each_there_are(book: Path) -> None:
    import subprocess

    with closing(sqlite3.connect(book, isolation_level=None)) as db:
        db.execute("UPDATE measures SET score = 0.123")
    done = subprocess.run(
        [sys.executable, "-m", "lab", "verify", book], capture_output=True, text=True, check=False
    )
    found: Verified = verify(book)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [f"lab: {sentence(wrong)}" for wrong in found.wrong]
    assert f"{found.counts['payments']} payments" in done.stdout
    assert done.stdout.endswith(f": {len(found.wrong)} wrong\n")
