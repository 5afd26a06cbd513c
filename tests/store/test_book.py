"""The lab book: content ids, branches, drafts, replies, migrations, and what verify finds."""

from __future__ import annotations

import json
import sqlite3
import zlib
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import MetaData, create_engine
from support.scripted import TASK, run_of

from lab.core.asks import Candidate, Pick
from lab.core.codec import canonical, content_id, decode, encode
from lab.core.history import Node, path, with_ancestors
from lab.core.review import ACCEPT, Mark, Proposal
from lab.errors import BookError, MisuseError
from lab.models.calls import Answer, Call
from lab.models.endpoint import Endpoint
from lab.models.roles import Ceiling, Limits, ModelConfig, Sampling
from lab.optimizers import OPTIMIZERS
from lab.optimizers.protegi import Minibatch, Settings
from lab.store import Book, Branch, Models
from lab.store.schema import MIGRATIONS, branches

RUN = run_of(OPTIMIZERS["protegi"])
WRITES = ModelConfig(Endpoint.of("big@http://localhost:9/v1"), Sampling(0.5, 90), Limits(8, 60, 9000, 30, 2))
LEAD = Minibatch(0, (Candidate("Say yes or no."),))


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path / "b.sqlite")


def begun(book: Book, id: str = "b1", owner: str = "ann") -> tuple[Branch, Node]:
    root = Node(book.add_context(TASK, "protegi", Settings(), 0), LEAD)
    branch = Branch(id, owner, f"work of {owner}", "main", root.id, Models(), ("Groups",))
    book.add_branch(branch, root)
    return book.branch(id, owner), root


def child(book: Book, branch: str, owner: str, text: str) -> str:
    here = book.branch(branch, owner)
    node = book.node(here.node)
    made = book.add_proposal(branch, here.node, Proposal(Pick((Candidate(text),), (0,)), 0, (Candidate(text),)))
    phase = replace(LEAD, round=node.phase.round + 1, beam=(Candidate(text),))
    return book.record_verdict(branch, made, Node(node.context, phase, 0, here.node, made, ACCEPT))


def test_equal_content_has_one_id_and_another_parent_another_id() -> None:
    assert Node("r", LEAD).id == Node("r", LEAD).id
    assert Node("r", LEAD).id != Node("r", LEAD, parent="n").id
    assert Node("r", LEAD).id.startswith("n2-b2-")


def test_the_id_of_known_content_never_changes() -> None:
    assert content_id("x", {"b": [1, 0.5, None], "a": "é"}) == "x-b2-1bc5fade1b3e1f24296f7b23dffb2bfe"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_canonical_json_reads_back_and_is_stable(value: Any) -> None:
    assert canonical(json.loads(canonical(value))) == canonical(value)


@given(st.text(), st.text(), st.integers(0, 9))
def test_any_text_survives_encoding(text: str, why: str, place: int) -> None:
    mark = Mark(place, False, text, why)
    assert decode(json.loads(canonical(encode(mark)))) == mark


def test_an_unknown_kind_of_value_is_refused_in_a_sentence() -> None:
    with pytest.raises(BookError, match="does not know"):
        decode({"is": "os.system", "command": "true"})
    with pytest.raises(BookError, match="another version"):
        decode({"is": "Mark", "colour": "red"})


def test_the_path_leads_from_the_root() -> None:
    nodes = {"a": Node("r", LEAD), "b": Node("r", LEAD, parent="a"), "c": Node("r", LEAD, parent="b")}
    assert path(nodes, "c") == ("a", "b", "c")
    assert with_ancestors({"a": None, "b": "a", "c": "b", "d": "a"}, ["c", "d"]) == ("c", "b", "a", "d")


def test_undo_and_redo_move_the_pointer_and_a_new_move_ends_redo(book: Book) -> None:
    _, root = begun(book)
    one = child(book, "b1", "ann", "one")
    two = child(book, "b1", "ann", "two")
    book.undo("b1")
    assert book.branch("b1", "ann").node == one
    book.redo("b1")
    assert book.branch("b1", "ann").node == two
    book.undo("b1")
    book.undo("b1")
    book.undo("b1")
    assert book.branch("b1", "ann").node == root.id
    other = child(book, "b1", "ann", "other")
    here = book.branch("b1", "ann")
    assert (here.node, here.can_redo, here.can_undo) == (other, False, True)
    assert set(book.visited("work of ann")) == {root.id, one, two, other}, "history only grows"


def test_a_settled_or_unknown_proposal_is_refused_and_nothing_changes(book: Book) -> None:
    begun(book)
    here = book.branch("b1", "ann")
    made = book.add_proposal("b1", here.node, Proposal(Pick((), ()), 0, ()))
    after = Node(book.node(here.node).context, replace(LEAD, round=1), 0, here.node, made, ACCEPT)
    book.record_verdict("b1", made, after)
    before = _dump(book.path)
    for proposal in (made, "p-unknown"):
        with pytest.raises(MisuseError):
            book.record_verdict("b1", proposal, after)
    assert _dump(book.path) == before


def test_a_proposal_for_a_place_the_branch_has_left_is_refused(book: Book) -> None:
    _, root = begun(book)
    child(book, "b1", "ann", "one")
    with pytest.raises(MisuseError, match="moved meanwhile"):
        book.add_proposal("b1", root.id, Proposal(Pick((), ()), 1, ()))


def test_owners_do_not_see_each_others_branches_or_nodes(book: Book) -> None:
    _, root = begun(book)
    begun(book, "b2", "bob")
    child(book, "b1", "ann", "ann's secret")
    assert [branch.id for branch in book.branches("bob")] == ["b2"]
    assert book.visited("work of bob") == (root.id,)
    with pytest.raises(MisuseError):
        book.branch("b1", "bob")


def test_a_draft_is_kept_changed_and_dropped(book: Book) -> None:
    begun(book)
    book.set_draft("b1", "p", 1, Mark(1, keep=False))
    book.set_draft("b1", "p", 0, Mark(0, text="é"))
    book.set_draft("b1", "p", 1, Mark(1, keep=False, why="wrong"))
    book.set_draft("b1", "p", -1, Mark(text="added", like=0))
    assert [place for place, _ in book.draft("b1", "p")] == [0, 1, -1]
    book.set_draft("b1", "p", 0, None)
    assert [mark.why for _, mark in book.draft("b1", "p")] == ["wrong", ""]
    assert book.draft("b1", "q") == ()


def test_replies_are_kept_once_and_found_by_key(book: Book) -> None:
    call = Call.of("http://x/v1", {"model": "m", "messages": [{"role": "user", "content": "é"}]})
    book.keep([(call.key, call, Answer("first"))])
    book.keep([(call.key, call, Answer("second"))])
    assert book.find([call.key, "nope"]) == {call.key: Answer("first")}
    assert book.n_calls() == 1


def test_a_closed_book_opens_with_everything_in_it(book: Book, tmp_path: Path) -> None:
    begun(book)
    child(book, "b1", "ann", "one")
    book.close()
    again = Book(tmp_path / "b.sqlite")
    assert again.branch("b1", "ann").name == "main"
    assert again.verify()[1] == ()


def test_verify_finds_a_changed_row(book: Book) -> None:
    _, root = begun(book)
    child(book, "b1", "ann", "one")
    call = Call.of("http://x/v1", {"model": "m", "messages": []})
    book.keep([(call.key, call, Answer("a"))])
    n, wrong = book.verify()
    assert (n, wrong) == (6, ())
    with sqlite3.connect(book.path) as db:
        db.execute("UPDATE nodes SET content = replace(content, 'Say yes', 'Say Yes') WHERE id = ?", [root.id])
        db.execute("UPDATE calls SET request = '{}'")
        db.execute("UPDATE proposals SET content = 'not json'")
    assert len(book.verify()[1]) == 3


CONTEXT = content_id(
    "r", {"task": content_id("t", encode(TASK)), "optimizer": "protegi", "settings": encode(Settings()), "seed": 0}
)
LONG = Node(CONTEXT, replace(LEAD, beam=tuple(Candidate(f"{i}: Say yes or no. é") for i in range(100))))


def test_long_content_is_packed_read_back_and_named_as_if_it_were_not(book: Book) -> None:
    begun(book)
    book.move("b1", LONG)
    with sqlite3.connect(book.path) as db:
        ((content,),) = db.execute("SELECT content FROM nodes WHERE id = ?", [LONG.id])
    assert isinstance(content, bytes)
    assert len(content) < len(canonical(LONG.content)) / 5
    assert Book(book.path).node(LONG.id) == LONG
    assert content_id("n2", json.loads(zlib.decompress(content))) == LONG.id
    assert book.verify()[1] == ()


def test_a_row_that_an_older_version_wrote_at_full_length_is_read_and_verified(book: Book) -> None:
    begun(book)
    book.move("b1", LONG)
    with sqlite3.connect(book.path) as db:
        db.execute("UPDATE nodes SET content = ? WHERE id = ?", [canonical(LONG.content), LONG.id])
    assert book.node(LONG.id) == LONG
    assert book.verify()[1] == ()


def test_verify_finds_damaged_bytes_and_reading_them_is_refused_in_a_sentence(book: Book) -> None:
    begun(book)
    book.move("b1", LONG)
    with sqlite3.connect(book.path) as db:
        db.execute("UPDATE nodes SET content = x'789c00' WHERE id = ?", [LONG.id])
    assert any(LONG.id in wrong for wrong in book.verify()[1])
    with pytest.raises(BookError, match="damaged"):
        book.node(LONG.id)


def test_migrating_twice_changes_nothing(book: Book) -> None:
    before = _dump(book.path)
    book.close()
    Book(book.path).close()
    assert _dump(book.path) == before


def test_the_migrations_make_the_tables_that_the_code_names(book: Book) -> None:
    made = MetaData()
    made.reflect(create_engine(f"sqlite:///{book.path}"))
    told = branches.metadata
    shape = {
        t: {c.name: (str(c.type), c.nullable, c.primary_key) for c in told.tables[t].columns} for t in told.tables
    }
    real = {
        t: {
            c.name: (str(c.type).replace("REAL", "FLOAT"), c.nullable, c.primary_key)
            for c in made.tables[t].columns
        }
        for t in made.tables
    }
    assert real == shape


@pytest.mark.parametrize(
    ("written", "want"),
    [
        ({}, Models(optimizer=WRITES.endpoint.spec)),
        (
            {
                "optimizer": WRITES.spec, "target": "practice", "optimizer_sampling": asdict(WRITES.sampling),
                "target_sampling": {"temperature": None, "max_tokens": 7},
                "optimizer_limits": asdict(WRITES.limits), "ceiling": {"calls": 9, "tokens": 0, "cost_usd": 0.5},
            },
            Models(
                optimizer=WRITES, target=ModelConfig(Endpoint.of("practice"), Sampling(max_tokens=7)),
                ceiling=Ceiling(9, 0, 0.5),
            ),
        ),
    ],
)  # fmt: skip
def test_the_models_of_an_older_book_are_read_by_role(tmp_path: Path, written: Any, want: Models) -> None:
    file = tmp_path / "old.sqlite"
    Book(file).close()
    with sqlite3.connect(file) as db:
        db.executescript("DROP TABLE branches; DELETE FROM migrations WHERE name IN ('m003_roles', 'm011_history')")
        db.executescript("DROP TABLE notes; DROP TABLE merges; DROP TABLE counterfactuals")
        db.execute(
            "CREATE TABLE branches (id TEXT PRIMARY KEY NOT NULL, owner TEXT NOT NULL, work TEXT NOT NULL,"
            " name TEXT NOT NULL, optimizer_model TEXT NOT NULL, target_model TEXT NOT NULL, stops TEXT NOT NULL,"
            " cursor INTEGER NOT NULL, made TEXT NOT NULL, models TEXT NOT NULL DEFAULT '{}')"
        )
        db.execute("CREATE INDEX branches_work ON branches (work)")
        row = ("b", "ann", "w", "main", WRITES.spec, "practice", "[]", 0, "", json.dumps(written))
        db.execute(f"INSERT INTO branches VALUES ({','.join('?' * len(row))})", row)
    branch = Book(file).branch("b", "ann")
    assert (branch.run, branch.models) == ("w", want)


def test_a_book_of_a_newer_version_is_refused(book: Book) -> None:
    with sqlite3.connect(book.path) as db:
        db.execute("INSERT INTO migrations VALUES ('m999_from_the_future', '')")
    with pytest.raises(BookError, match="newer version"):
        Book(book.path)
    assert len({change.__name__ for change in MIGRATIONS}) == len(MIGRATIONS)


@pytest.mark.parametrize(
    "content", [b"this is not a database, but long enough to be looked at " * 9, b"\x89PNG\r\n"]
)
def test_a_file_that_is_no_book_is_refused_in_a_sentence_and_left_alone(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.sqlite"
    file.write_bytes(content)
    with pytest.raises(BookError, match=r"x\.sqlite.*cannot be opened"):
        Book(file)
    assert file.read_bytes() == content


def _dump(file: Path) -> list[str]:
    with sqlite3.connect(file) as db:
        return list(db.iterdump())
