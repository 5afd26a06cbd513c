"""The loading of real files: formats, encodings, columns, reports and refusals."""

from __future__ import annotations

import codecs
import csv
import io
import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from support.paths import ROOT

from lab.errors import DataError
from lab.tasks.loaders import Loaded, guess_mapping, load_records, load_task, read_table
from lab.tasks.notes import Note, sentence
from lab.tasks.task import Task

DATA = ROOT.parent / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the public data sets are not at ../shared/data")

ADJECTIVES = (
    "good",
    "bad",
    "fine",
    "poor",
    "great",
    "awful",
    "nice",
    "dull",
    "fresh",
    "stale",
    "bright",
    "grim",
)
PAIRS = [(f"a {word} film", ("positive", "negative")[at % 2]) for at, word in enumerate(ADJECTIVES)]


def write(folder: Path, content: str | bytes, name: str = "rows.txt") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def lines(rows: Any, delimiter: str = ",") -> str:
    return "".join(delimiter.join(row) + "\n" for row in rows)


def inputs(loaded: Loaded) -> set[str]:
    task = loaded.task
    return {example.input for example in task.train + task.dev + task.test}


def loaded_of(folder: Path, rows: Any, **named: Any) -> Loaded:
    return load_task(write(folder, json.dumps(rows)), **named)


def refusal(path: str | Path, **named: Any) -> str:
    with pytest.raises(DataError) as caught:
        load_task(path, **named)
    return str(caught.value)


# Round trips

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
TABLES = st.integers(2, 5).flatmap(
    lambda width: st.lists(
        st.tuples(*[CELLS] * width).filter(lambda row: any(cell.strip() for cell in row)),
        min_size=1,
        max_size=8,
    )
)
quick = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def header(width: int) -> tuple[str, ...]:
    return ("input", "label", *(f"more {at}" for at in range(width - 2)))


@quick
@given(rows=TABLES, delimiter=st.sampled_from(",\t"), end=st.sampled_from(["\n", "\r\n"]), quoted=st.booleans())
def test_a_written_csv_or_tsv_is_read_back(
    tmp_path: Path, rows: list[tuple[str, ...]], delimiter: str, end: str, quoted: bool
) -> None:
    # A tab and a line end inside one quoted field of a TSV cannot be told from two rows with bare quotes.
    assume(delimiter == "," or not any("\t" in cell and "\n" in cell for row in rows for cell in row))
    # A lone carriage return ends a line for the writer's reader too, unless it is quoted.
    assume(quoted or not any("\r" in cell for row in rows for cell in row))
    text = io.StringIO(newline="")
    writer = csv.writer(
        text, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    )
    writer.writerows([header(len(rows[0])), *rows])
    table = read_table(write(tmp_path, text.getvalue()))
    assert table.columns == header(len(rows[0]))
    assert table.rows == tuple(rows)
    assert table.format == ("csv" if delimiter == "," else "tsv")
    assert table.ragged == ()


@quick
@given(
    rows=TABLES,
    form=st.sampled_from(["lines", "list", "examples", "numbered", "columns"]),
    ascii=st.booleans(),
)
def test_a_written_json_or_jsonl_is_read_back(
    tmp_path: Path, rows: list[tuple[str, ...]], form: str, ascii: bool
) -> None:
    columns = header(len(rows[0]))
    records = [dict(zip(columns, row, strict=True)) for row in rows]
    value: Any = {
        "lines": None,
        "list": records,
        "examples": {"canary": "keep", "examples": records},
        "numbered": {"metadata": {"n": 1}, "examples": {str(at): r for at, r in enumerate(records, 1)}},
        "columns": {name: {str(at): r[name] for at, r in enumerate(records)} for name in columns},
    }[form]
    if form == "lines":
        text = "".join(json.dumps(record, ensure_ascii=ascii) + "\n" for record in records)
    else:
        text = json.dumps(value, ensure_ascii=ascii, indent=1)
    table = read_table(write(tmp_path, text))
    assert (table.columns, table.rows) == (columns, tuple(rows))
    assert table.format == ("jsonl" if form == "lines" and len(rows) > 1 else "json")


@quick
@given(content=st.binary(max_size=200))
def test_any_bytes_are_a_table_or_a_refusal(tmp_path: Path, content: bytes) -> None:
    path = write(tmp_path, content)
    with suppress(DataError):
        table = read_table(path)
        assert all(len(row) == len(table.columns) >= 2 for row in table.rows)


@quick
@given(content=st.text('{}[]":,;\t\n\r ab1|\\', max_size=60))
def test_any_punctuation_is_a_table_or_a_refusal(tmp_path: Path, content: str) -> None:
    with suppress(DataError):
        table = read_table(write(tmp_path, content))
        assert all(len(row) == len(table.columns) >= 2 for row in table.rows)


# Formats and encodings


@pytest.mark.parametrize("name", ["rows.json", "rows.jsonl", "rows.csv", "rows"])
def test_the_content_decides_the_format_not_the_extension(tmp_path: Path, name: str) -> None:
    text = "".join(json.dumps({"text": text, "label": label}) + "\n" for text, label in PAIRS)
    assert read_table(write(tmp_path, text, name)).format == "jsonl"
    assert read_table(write(tmp_path, lines(PAIRS, "\t"), name)).format == "tsv"


def test_a_tsv_without_header_keeps_its_first_row(tmp_path: Path) -> None:
    loaded = load_task(write(tmp_path, lines(PAIRS, "\t")))
    assert loaded.table.columns == ("column 1", "column 2")
    assert inputs(loaded) == {text for text, _ in PAIRS}
    assert any("first line looks like a row" in sentence for sentence in loaded.report.sentences())


def test_label_before_text_is_recognised_by_content(tmp_path: Path) -> None:
    mapping = guess_mapping(read_table(write(tmp_path, lines([(b, a) for a, b in PAIRS], "\t"))))
    assert (mapping.input, mapping.answer) == ("column 2", "column 1")


def test_unknown_names_above_sentences_are_a_header(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, lines([("Zitat", "Urteil"), *PAIRS])))
    assert table.columns == ("Zitat", "Urteil")
    assert table.rows == tuple(PAIRS)


def test_a_first_line_of_words_above_words_is_never_lost_in_silence(tmp_path: Path) -> None:
    rows = [(word, word[::-1]) for word in ADJECTIVES]
    as_tsv, as_csv = (read_table(write(tmp_path, lines(rows, delimiter))) for delimiter in "\t,")
    assert as_tsv.rows == tuple(rows)
    assert as_tsv.notes == (Note("columns_numbered"),)
    assert (as_csv.columns, as_csv.rows) == (rows[0], tuple(rows[1:]))
    assert as_csv.notes == (Note("header_taken"),)


def test_rows_that_are_json_lists_may_begin_with_names(tmp_path: Path) -> None:
    named = read_table(write(tmp_path, json.dumps([("text", "label"), *PAIRS])))
    bare = read_table(write(tmp_path, json.dumps(PAIRS)))
    assert (named.columns, named.rows) == (("text", "label"), tuple(PAIRS))
    assert (bare.columns, bare.rows) == (("column 1", "column 2"), tuple(PAIRS))


def test_a_label_that_happens_to_be_a_column_name_is_not_a_header(tmp_path: Path) -> None:
    rows = [(text, ("request", "claim")[at % 2]) for at, (text, _) in enumerate(PAIRS)]
    assert len(read_table(write(tmp_path, lines(rows, "\t"))).rows) == len(PAIRS)


def test_semicolons_separate_even_where_texts_hold_commas(tmp_path: Path) -> None:
    rows = [
        ("comment", "isHate"),
        *((f"{text}, really, it is", str(at % 2)) for at, (text, _) in enumerate(PAIRS)),
    ]
    loaded = load_task(write(tmp_path, "sep=;\r\n" + lines(rows, ";")))
    assert loaded.table.columns == ("comment", "isHate")
    assert loaded.task.labels == ("0", "1")
    assert "The columns are separated by semicolons." in loaded.report.sentences()


def test_an_unnamed_index_column_is_left_out(tmp_path: Path) -> None:
    rows = [("", "input", "reasoning", "label"), *((str(at), a, "as", b) for at, (a, b) in enumerate(PAIRS))]
    loaded = load_task(write(tmp_path, lines(rows)))
    assert loaded.table.columns == ("input", "reasoning", "label")
    assert (loaded.mapping.input, loaded.mapping.answer) == ("input", "label")
    assert any("only numbers the rows" in sentence(note) for note in loaded.table.notes)


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
    ],
)
def test_a_byte_order_mark_names_the_encoding_and_is_not_text(tmp_path: Path, mark: bytes, encoding: str) -> None:
    text = lines([("text", "label"), *PAIRS, ("né à l’été", "positive")])
    table = read_table(write(tmp_path, mark + text.encode(encoding)))
    assert table.columns == ("text", "label")
    assert table.rows[-1][0] == "né à l’été"
    as_json = json.dumps([{"text": "é", "label": "a"}], ensure_ascii=False)
    assert read_table(write(tmp_path, mark + as_json.encode(encoding))).rows == (("é", "a"),)


def test_an_unknown_encoding_is_refused_at_its_byte(tmp_path: Path) -> None:
    path = write(tmp_path, "text,label\ncafé,good\n".encode("latin-1"))
    assert "byte 14 (0xe9)" in refusal(path)
    assert "Save it as UTF-8" in refusal(path)


def test_a_quoted_field_may_span_lines(tmp_path: Path) -> None:
    rows = [("question", "answer"), ("one\n\ntwo, three\r\nfour", 'a "b" c'), ("five", "six")]
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    assert read_table(write(tmp_path, text.getvalue())).rows == tuple(rows[1:])


def test_line_separators_inside_a_field_are_text(tmp_path: Path) -> None:
    odd = "a\u2028b\u2029c\u0085d\x0be\x1cf"
    for delimiter in ",\t":
        assert read_table(write(tmp_path, lines([("text", "label"), (odd, "x")], delimiter))).rows == ((odd, "x"),)
    text = json.dumps({"text": odd, "label": "x"}, ensure_ascii=False) + "\n"
    assert read_table(write(tmp_path, text * 2)).rows == ((odd, "x"),) * 2


def test_bare_quotes_in_a_tsv_lose_no_row(tmp_path: Path) -> None:
    rows = [
        ('"Great film', "positive"),
        ("it says nothing", "negative"),
        ('so they say"', "negative"),
        ('"No" he said', "x"),
    ]
    table = read_table(write(tmp_path, lines([("text", "label"), *rows], "\t")))
    assert table.rows == tuple(rows)
    assert any("Quotation marks are part of the text" in sentence(note) for note in table.notes)


def test_a_quote_that_swallows_whole_rows_is_text(tmp_path: Path) -> None:
    rows = [('"Great film', "good"), ("in between", "bad"), ("the end", 'good"'), ("last", "bad")]
    assert read_table(write(tmp_path, lines([("text", "label"), *rows], "\t"))).rows == tuple(rows)


def test_tripled_quotes_in_a_tsv_are_quoting(tmp_path: Path) -> None:
    text = 'tweet\tlabel\n"""so it goes"""\tpos\nplain\tneg\n'
    assert read_table(write(tmp_path, text)).rows == (('"so it goes"', "pos"), ("plain", "neg"))


def test_crlf_rows_are_read_like_lf_rows(tmp_path: Path) -> None:
    text = lines([("text", "label"), *PAIRS])
    unix, dos = (
        read_table(write(tmp_path, text)),
        read_table(write(tmp_path, text.replace("\n", "\r\n"), "dos")),
    )
    assert (unix.columns, unix.rows) == (dos.columns, dos.rows)


def test_a_headerless_table_with_a_bytes_literal_is_mapped_to_question_and_number(tmp_path: Path) -> None:
    rows = [
        (f"How many are {at} and {at * at}, friend?", str(at + at * at), f"b'{'so ' * 40}'") for at in range(12)
    ]
    loaded = load_task(write(tmp_path, lines(rows, "\t")))
    assert (loaded.mapping.input, loaded.mapping.answer) == ("column 1", "column 2")
    assert loaded.task.metric == "numeric"


def test_six_columns_without_header_end_in_the_letter(tmp_path: Path) -> None:
    rows = [
        (f"Which is {text}?", f"{text} w", f"{text} x", f"{text} y", f"{text} z", "ABCD"[at % 4])
        for at, (text, _) in enumerate(PAIRS)
    ]
    loaded = load_task(write(tmp_path, lines(rows)))
    assert (loaded.mapping.input, loaded.mapping.answer) == ("column 1", "column 6")
    assert loaded.task.labels == ("A", "B", "C", "D")


def test_a_list_of_answers_is_one_answer_and_others_accepted(tmp_path: Path) -> None:
    rows = [
        {"input": text, "target": [str(at), f"number {at}"] if at % 2 else str(at)}
        for at, (text, _) in enumerate(PAIRS)
    ]
    task = loaded_of(tmp_path, {"examples": rows}).task
    found = {e.answer: e.accepted for e in task.train + task.dev + task.test}
    assert found == {str(at): ((f"number {at}",) if at % 2 else ()) for at in range(len(PAIRS))}


def test_choices_with_the_highest_score_are_the_answers(tmp_path: Path) -> None:
    rows = [
        {"input": text, "target_scores": {"yes": at % 2, "no": 1 - at % 2}} for at, (text, _) in enumerate(PAIRS)
    ]
    assert loaded_of(tmp_path, {"examples": rows}).task.labels == ("no", "yes")


def test_lists_written_as_text_in_a_csv_are_read_as_lists(tmp_path: Path) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([("input", "label"), *((text, f"['{text} 1', \"it's 2\"]") for text, _ in PAIRS)])
    loaded = load_task(write(tmp_path, text.getvalue()))
    assert {(e.input, e.answer, e.accepted) for e in loaded.task.train} <= {
        (t, f"{t} 1", ("it's 2",)) for t, _ in PAIRS
    }
    assert any("holds lists" in note for note in loaded.report.sentences())


def test_lists_of_further_answers_are_accepted_and_lists_of_other_things_are_not(tmp_path: Path) -> None:
    rows = [
        {"input": a, "output": f"{a} 0", "possible_outputs": ["x y"], "other_rhymes": [f"{a} 0", "z"],
         "other_categories": ["food"], "options": [f"{a} 0", "no"]}
        for a, _ in PAIRS
    ]  # fmt: skip
    assert {e.accepted for e in loaded_of(tmp_path, rows).task.train} == {("x y", "z")}


def test_numbers_in_json_keep_their_digits(tmp_path: Path) -> None:
    rows = ('"text": 1e400, "label": 39.0', '"text": 12345678901234567890123, "label": true')
    text = "".join(f"{{{row}}}\n" for row in (*rows, '"text": NaN, "label": null'))
    table = read_table(write(tmp_path, text))
    assert table.rows == (("1e400", "39.0"), ("12345678901234567890123", "true"), ("", ""))


def test_half_a_character_in_json_is_replaced_and_reported(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, r'[{"text": "a\ud800b", "label": "\ud83d\ude00"}]'))
    assert table.rows == (("a\ufffdb", "😀"),)
    assert table.notes == (Note("unreadable_characters"),)


# Columns


@pytest.mark.parametrize(
    ("columns", "input", "answer"),
    [
        (("input", "reasoning", "label"), "input", "label"),
        (("label", "text", "label_text"), "text", "label"),
        (("Type", "Category", "Question", "Best Answer"), "Question", "Best Answer"),
        (("Tweet index", "Tweet", "Sentiment"), "Tweet", "Sentiment"),
        (("question", "options", "rationale", "correct"), "question", "correct"),
        (("iIndex", "sQuestion", "lSolutions"), "sQuestion", "lSolutions"),
        (("review_id", "review", "stars"), "review", "stars"),
        (("expectedOutput", "inputText"), "inputText", "expectedOutput"),
        (("cause", "effect"), "cause", "effect"),
        (("items", "concept"), "items", "concept"),
        (("word", "opposite"), "word", "opposite"),
    ],
)
def test_columns_are_guessed_from_their_names(
    tmp_path: Path, columns: tuple[str, ...], input: str, answer: str
) -> None:
    rows = [{name: f"{name} text {at}" for name in columns} for at in range(9)]
    mapping = guess_mapping(read_table(write(tmp_path, json.dumps(rows))))
    assert (mapping.input, mapping.answer) == (input, answer)
    assert sentence(mapping.why).endswith(".")


def test_a_guess_can_be_changed_by_naming_either_column(tmp_path: Path) -> None:
    rows = [{"text": a, "summary": f"{a} it is", "label": b} for a, b in PAIRS]
    assert loaded_of(tmp_path, rows).mapping.answer == "label"
    assert loaded_of(tmp_path, rows, answer="Summary").mapping.answer == "summary"
    assert loaded_of(tmp_path, rows, input="summary").mapping.input == "summary"
    assert loaded_of(tmp_path, rows, input="summary", answer="label").mapping.why.code == "columns_named"


# Tasks and reports


def test_classes_make_labels_and_a_start_prompt(tmp_path: Path) -> None:
    task = loaded_of(tmp_path, [{"text": a, "label": b} for a, b in PAIRS]).task
    assert (task.metric, task.labels) == ("exact", ("negative", "positive"))
    assert task.start == "Classify the input as one of: negative, positive."
    assert task.name == "rows"


def test_labels_are_spelled_as_most_rows_spell_them(tmp_path: Path) -> None:
    rows = [{"text": a, "label": b.upper() if at == 0 else b} for at, (a, b) in enumerate(PAIRS)]
    assert loaded_of(tmp_path, rows).task.labels == ("negative", "positive")


def test_numbers_are_judged_as_numbers_and_texts_exactly(tmp_path: Path) -> None:
    numbers = loaded_of(tmp_path, [{"question": a, "answer": [at * 1.5]} for at, (a, _) in enumerate(PAIRS)]).task
    texts = loaded_of(tmp_path, [{"question": a, "answer": f"{a}!"} for a, _ in PAIRS]).task
    assert (numbers.metric, numbers.labels, numbers.start) == ("numeric", (), "Answer the question.")
    assert (texts.metric, texts.labels) == ("exact", ())


def test_numbers_that_stand_for_classes_are_labels_in_order(tmp_path: Path) -> None:
    rows = [{"text": f"{a} {again}", "stars": at % 3 * 5} for again in range(2) for at, (a, _) in enumerate(PAIRS)]
    assert loaded_of(tmp_path, rows).task.labels == ("0", "5", "10")


def test_what_is_given_is_kept(tmp_path: Path) -> None:
    rows = [{"text": a, "label": b} for a, b in PAIRS]
    task = loaded_of(tmp_path, rows, start="Well?", name="films", fractions=(0.75, 0.25, 0)).task
    assert (task.start, task.name, len(task.train), len(task.dev), task.test) == ("Well?", "films", 9, 3, ())
    assert Task.from_file(tmp_path / "rows.txt", seed=4) == loaded_of(tmp_path, rows, seed=4).task


def test_space_around_an_input_is_kept_and_around_an_answer_is_not(tmp_path: Path) -> None:
    rows = [{"text": f" {a}\n", "label": f" {b} "} for a, b in PAIRS]
    loaded = loaded_of(tmp_path, rows)
    assert inputs(loaded) == {f" {a}\n" for a, _ in PAIRS}
    assert loaded.task.labels == ("negative", "positive")


def test_what_was_dropped_is_reported_by_reason_and_row(tmp_path: Path) -> None:
    rows = [("text", "label"), *PAIRS]  # rows 1 to 12
    rows += [("odd", "positive"), ("odd ", "negative"), PAIRS[2], ("no label", ""), (" ", "positive")]
    text = lines(rows) + "too,many,fields,here\n\ntoo few\n"
    loaded = load_task(write(tmp_path, text))
    assert loaded.report.n_rows == 19
    assert loaded.report.n_kept == 12
    assert {dropped.code: dropped.rows for dropped in loaded.report.dropped} == {
        "conflicting": ((13, 14),),
        "repeated": ((15,),),
        "missing_answer": ((16,),),
        "missing_input": ((17,),),
        "ragged": ((18,), (19,)),
    }
    sentences = loaded.report.sentences()
    assert sentences[0] == "19 rows were read, 12 kept: 6 train, 3 dev, 3 test."
    assert "2 rows were dropped: same input with conflicting answers (rows 13/14)." in sentences
    assert "1 row was dropped: repeated row (row 15)." in sentences
    assert any("counted from 1" in sentence for sentence in sentences)
    assert all(sentence.endswith(".") for sentence in sentences)


def test_the_report_adds_up(tmp_path: Path) -> None:
    rows = [{"text": f"text {at % 40}", "label": "ab"[at % 3 % 2]} for at in range(60)]
    report = loaded_of(tmp_path, rows).report
    assert report.n_kept == report.n_train + report.n_dev + report.n_test
    assert report.n_rows == report.n_kept + sum(dropped.n for dropped in report.dropped)


def test_a_label_of_one_row_is_pointed_out(tmp_path: Path) -> None:
    rows = [{"text": a, "label": b} for a, b in [*PAIRS, ("another film", "postive")]]
    notes = loaded_of(tmp_path, rows).report.sentences()
    assert "Labels of one row only, perhaps mistakes: 'postive'." in notes


def test_what_stands_beside_the_examples_is_named(tmp_path: Path) -> None:
    rows = [{"input": a, "target": b} for a, b in PAIRS]
    notes = loaded_of(tmp_path, {"canary": "keep", "examples": rows}).report.sentences()
    assert "Not used, beside the examples: 'canary'." in notes


# Refusals


def test_a_file_that_is_no_file_is_refused(tmp_path: Path) -> None:
    assert "There is no file 'gone.csv'" in refusal(tmp_path / "gone.csv")
    assert "is a folder" in refusal(tmp_path)
    assert "There is no file 'a?b.csv'" in refusal("a\0b.csv")
    os.mkfifo(tmp_path / "pipe")
    assert "not an ordinary file" in refusal(tmp_path / "pipe")


def test_a_name_in_a_message_is_short_and_holds_no_path_or_control_character(tmp_path: Path) -> None:
    said = refusal(tmp_path / ("\x1b[31m\n\u202e" + "x" * 150))
    assert str(tmp_path) not in said
    assert said.isprintable()
    assert len(said) < 200


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b" \n\t\n", "is empty"),
        (codecs.BOM_UTF8, "is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "is binary: byte 8"),
        (b"PK\x03\x04....", "is an archive"),
        (codecs.BOM_UTF16_LE + b"a\0b", "is not UTF-16-LE text"),
        (b"text\ngood\nbad\n", "only one column"),
        (b'[{"text": "a"}, {"text": "b"}]', "only one column"),
        (b"text,label\n", "no rows"),
        (b"text,label,text\na,b,c\n", "two columns named 'text'"),
        (b'[{"text": 1, "label": 2, "text": 3}]', "names 'text' twice"),
        (b'{"examples": [\n  {"input": "a" "b"}\n]}', "line 2, column 17"),
        (b'{"text": "a", "label": "b"}\n\n{"text": "a", label}\n', "line 3, column 15"),
        (b'{"canary": "x", "examples": []}', "holds no rows"),
        (b"[[]]", "holds no rows"),
        (b'[{"a": 1}, 2]', "row 2 is a text or a number"),
        (b'{"reviews": [{"text": 1}], "users": [{"text": 2}]}', "several tables: 'reviews', 'users'"),
        (b';""', "one column"),
        (b'{"x":' * 100_000, "nested too deeply"),
        (b"text,label\na,b\n" + b"a" * 1_100_000 + b",c\n", "more than 1,000,000 characters"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_table_is_refused_with_its_reason(tmp_path: Path, content: bytes, says: str) -> None:
    path = write(tmp_path, content)
    said = refusal(path)
    assert says in said
    assert "'rows.txt'" in said
    assert said.endswith(".")
    assert path.read_bytes() == content


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(200_000_000)
    assert "200 MB; at most 50 MB are read" in refusal(path)


def test_a_column_that_does_not_exist_is_refused_with_the_columns(tmp_path: Path) -> None:
    path = write(tmp_path, lines([("text", "label"), *PAIRS]))
    assert refusal(path, input="txt") == "There is no column 'txt'. Choose one of: text, label."
    assert "Name two different columns" in refusal(path, input="text", answer="TEXT")


def test_rows_that_cannot_make_a_task_are_refused(tmp_path: Path) -> None:
    blank = write(tmp_path, lines([("text", "label"), *((a, "") for a, _ in PAIRS)]))
    assert "blank in every row" in refusal(blank, answer="label")
    few = write(tmp_path, lines([("text", "label"), *PAIRS[:7], ("x", "")]))
    assert "7 usable rows; at least 8" in refusal(few)
    assert "missing answer (row 8)" in refusal(few)
    contrary = write(tmp_path, lines([("text", "label"), *(("same", str(at)) for at in range(9))]))
    assert "no usable row" in refusal(contrary)
    single = write(tmp_path, lines([("text", "label"), *((a, "good") for a, _ in PAIRS)]))
    assert "every answer is 'good'" in refusal(single)


def test_nested_values_are_refused_where_they_are_needed_only(tmp_path: Path) -> None:
    rows = [{"question": {"stem": a}, "answerKey": b, "plain": a, "meta": {"k": [1]}} for a, b in PAIRS]
    path = write(tmp_path, json.dumps(rows))
    assert "'question' holds nested values" in refusal(path)
    assert load_task(path, input="plain").table.nested == ("question", "meta")


def test_loading_imports_no_heavy_library() -> None:
    heavy = "{'pandas', 'numpy', 'openai', 'pydantic'}"
    code = f"import sys, lab.tasks.loaders; print(sorted({heavy} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


# Public data sets


@needs_data
@pytest.mark.parametrize("path", sorted(DATA.glob("**/*.json*")), ids=lambda path: path.stem)
def test_every_public_file_loads_whole(path: Path) -> None:
    loaded = load_task(path)
    assert loaded.mapping.input in ("input", "question", "cause", "items")
    assert loaded.mapping.answer in ("target", "output", "answer", "effect", "concept")
    assert loaded.report.n_kept + sum(dropped.n for dropped in loaded.report.dropped) == loaded.report.n_rows


@needs_data
def test_known_oddities_of_public_files_are_reported() -> None:
    causal = load_task(DATA / "bbh" / "causal_judgement.json").report
    assert [(d.code, d.rows) for d in causal.dropped] == [("conflicting", ((33, 120), (37, 105)))]
    sports = load_task(DATA / "bbh" / "sports_understanding.json").report
    assert [(d.code, d.n) for d in sports.dropped] == [("repeated", 2)]
    movies = load_task(DATA / "bbh" / "movie_recommendation.json").report
    assert any("Monsters, Inc" in note for note in movies.sentences())


@needs_data
def test_gsm8k_is_numeric_with_every_row_kept() -> None:
    loaded = load_task(DATA / "gsm8k" / "test.jsonl")
    assert (loaded.table.format, loaded.task.metric, loaded.report.n_kept) == ("jsonl", "numeric", 1319)


@pytest.mark.parametrize("value", ["date", "Date", "url", "link", "time"])
def test_a_date_or_a_link_beside_a_text_is_what_is_asked_of_it(value: str) -> None:
    rows = [{"note": f"The plumber comes on {i + 1} May 2024.", value: f"2024-05-{i + 1:02}"} for i in range(20)]
    mapping = load_records(rows).mapping
    assert (mapping.inputs, mapping.answer) == (("note",), value)
    labelled = [{value: f"2024-05-{i + 1:02}", "label": "ab"[i % 2]} for i in range(20)]
    assert load_records(labelled).mapping.answer == "label"
