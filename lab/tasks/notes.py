"""What is said of a file as it was read: a code with what it speaks of, and the one place for its words.

Whoever reads a file names codes; whoever shows them asks for the `sentence`, which nobody compares or reads back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

from lab.i18n import Message, gettext_lazy, ngettext_lazy
from lab.tasks.readings import READINGS
from lab.text import shortened

__all__ = ["CODES", "Note", "NoteCode", "rows_named", "sentence"]

NoteCode = Literal[
    # how it was read
    "header_taken", "columns_numbered", "index_left_out", "quotes_kept", "separated_by", "beside_left_out",
    "title_left_out",
    "unreadable_characters", "start_from_file", "earlier_turns_left_out", "assertions_unused", "sheets_left_out",
    "rows_capped", "options_joined",
    # which columns are what
    "columns_named", "columns_of_format", "columns_from_start", "columns_guessed", "text_unused",
    "slot_unknown", "slot_not_input", "input_without_slot", "answers_are_lists", "more_accepted",
    "answers_are",
    # what was left out, with the numbers of the rows
    "repeats_header", "ragged", "missing_input", "missing_answer", "marked_bad", "not_a_label", "no_part",
    "repeated", "conflicting",
    # what to know of what was kept
    "rare_labels", "near_equal", "near_train", "imbalanced", "dev_capped", "split_given", "dev_drawn_from_train",
    "in_train_too", "ids_not_unique", "remarks_kept",
]  # fmt: skip
CODES: tuple[NoteCode, ...] = get_args(NoteCode)
_SHOWN = 12
_NAME = 60


@dataclass(frozen=True)
class Note:
    """Something to say of a file: `n` of what there are, the `texts` and the `rows` that the code speaks of.

    Rows are counted from 1, the header not. They stand in groups: one row, or all that contradict each other.
    """

    code: NoteCode
    n: int = 0
    texts: tuple[str, ...] = ()
    rows: tuple[tuple[int, ...], ...] = ()


def sentence(note: Note) -> Message:
    """Return a note in words.

    Example:
        `sentence(Note("separated_by", texts=("semicolons",))) == "The columns are separated by semicolons."`
    """
    return _SENTENCES[note.code](note)


def rows_named(note: Note) -> Message:
    """Name the rows that a note speaks of: the first few, and how many more.

    Example:
        `rows_named(Note("repeated", rows=((3,), (5,)))) == "rows 3, 5"`
    """
    shown = ", ".join("/".join(map(str, group)) for group in note.rows[:_SHOWN])
    if (n_more := len(note.rows) - _SHOWN) > 0:
        return gettext_lazy("rows {rows} and {n_more} more", rows=shown, n_more=n_more)
    return ngettext_lazy("row {rows}", "rows {rows}", sum(map(len, note.rows)), rows=shown)


def _says(text: Message) -> Callable[[Note], Message]:
    return lambda note: text


def _listed(texts: tuple[str, ...]) -> str:
    shown = ", ".join(repr(shortened(text, _NAME)) for text in texts[:_SHOWN])
    if (n_more := len(texts) - _SHOWN) > 0:
        return gettext_lazy("{names} and {n_more} more", names=shown, n_more=n_more)
    return shown


def _dropped(why: Message) -> Callable[[Note], Message]:
    def said(note: Note) -> Message:
        n = sum(map(len, note.rows))
        return ngettext_lazy(
            "{n_rows} row was dropped: {why} ({rows}).", "{n_rows} rows were dropped: {why} ({rows}).",
            n, n_rows=n, why=why, rows=rows_named(note),
        )  # fmt: skip

    return said


def _columns(note: Note) -> Message:
    *inputs, answer = note.texts
    return ngettext_lazy(
        "The input is column {inputs}, the answer is column {answer}",
        "The inputs are columns {inputs}, the answer is column {answer}",
        len(inputs), inputs=_listed(tuple(inputs)), answer=_listed((answer,)),
    )  # fmt: skip


def _guessed(note: Note) -> Message:
    """Say which parts were guessed from what the columns hold: 1 the input, 2 the answer, 3 both, 0 none."""
    columns = _columns(note)
    match note.n:
        case 1:
            return gettext_lazy("{columns}: guessed the input from what the column holds.", columns=columns)
        case 2:
            return gettext_lazy("{columns}: guessed the answer from what the column holds.", columns=columns)
        case 3:
            return gettext_lazy(
                "{columns}: guessed the input and the answer from what the column holds.", columns=columns
            )
        case _:
            return gettext_lazy("{columns}: guessed from their names.", columns=columns)


def _answers_are(note: Note) -> Message:
    kind, reading = note.texts
    title = READINGS[reading].title if reading in READINGS else gettext_lazy("A regular expression")
    is_name = title[1:2].isupper()  # as JSON is
    return gettext_lazy(
        "The answers were taken for {kind}; replies are read as {title} ({reading}).",
        kind=gettext_lazy("{n_labels} labels", n_labels=note.n) if note.n else _KINDS.get(kind, kind),
        title=title if is_name else f"{title[:1].lower()}{title[1:]}",
        reading=shortened(reading, _NAME),
    )


_KINDS: Mapping[str, Message] = MappingProxyType({
    "numbers": gettext_lazy("numbers"),
    "free text": gettext_lazy("free text"),
})  # fmt: skip
_PARTS: Mapping[str, Message] = MappingProxyType({"dev": gettext_lazy("dev"), "test": gettext_lazy("test")})

_SENTENCES: Mapping[NoteCode, Callable[[Note], Message]] = MappingProxyType({
    "header_taken": _says(gettext_lazy("The first line was taken for column names.")),
    "columns_numbered": _says(gettext_lazy("The first line looks like a row, so the columns were numbered.")),
    "index_left_out": _says(
        gettext_lazy("A first column without a name only numbers the rows; it was left out.")
    ),
    "quotes_kept": _says(gettext_lazy("Quotation marks are part of the text in this file; they were kept.")),
    "separated_by": lambda note: gettext_lazy("The columns are separated by {signs}.", signs=note.texts[0]),
    "beside_left_out": lambda note: gettext_lazy(
        "Not used, beside the examples: {names}.", names=_listed(note.texts)
    ),
    "title_left_out": lambda note: gettext_lazy(
        "Above the column names stands {lines}; it was left out.", lines=_listed(note.texts)
    ),
    "options_joined": lambda note: gettext_lazy(
        "Each row brings its options ({columns}): they are part of the input, and the answer is the letter of the "
        "right one.",
        columns=_listed(note.texts),
    ),
    "unreadable_characters": _says(gettext_lazy("Some characters cannot be read; they are shown as \ufffd.")),
    "columns_named": lambda note: gettext_lazy("{columns}, as you named them.", columns=_columns(note)),
    "start_from_file": _says(
        gettext_lazy("The file brings a prompt: it is the start prompt unless you give another.")
    ),
    "earlier_turns_left_out": lambda note: ngettext_lazy(
        "In {n_rows} row only the user's last turn is the input; what came before was left out.",
        "In {n_rows} rows only the user's last turn is the input; what came before was left out.",
        note.n, n_rows=note.n,
    ),
    "assertions_unused": lambda note: gettext_lazy(
        "Assertions that hold no answer were not used: {assertions}.", assertions=_listed(note.texts)
    ),
    "sheets_left_out": lambda note: gettext_lazy(
        "The sheet {sheet!r} was read; not {others}.", sheet=note.texts[0], others=_listed(note.texts[1:])
    ),
    "rows_capped": lambda note: gettext_lazy(
        "Of {part} the first {n_rows:,} rows were read.", part=_listed(note.texts), n_rows=note.n
    ),
    "columns_of_format": lambda note: gettext_lazy("{columns}, as the format says.", columns=_columns(note)),
    "columns_from_start": lambda note: gettext_lazy(
        "{columns}: the start prompt names the input.", columns=_columns(note)
    ),
    "columns_guessed": _guessed,
    "text_unused": lambda note: ngettext_lazy(
        "Column {names} holds text and is not used. To use it, name it as an input too, or write {slot} in the "
        "start prompt.",
        "Columns {names} hold text and are not used. To use them, name them as inputs too, or write {slot} in the "
        "start prompt.",
        len(note.texts), names=_listed(note.texts), slot=f"{{{note.texts[0]}}}",
    ),
    "slot_unknown": lambda note: gettext_lazy(
        "The start prompt has {slots}, but there is no such column: sent letter for letter.",
        slots=", ".join(note.texts),
    ),
    "slot_not_input": lambda note: gettext_lazy(
        "The start prompt has {slots}, but that column is not an input: sent letter for letter. Name it as an "
        "input too.",
        slots=", ".join(note.texts),
    ),
    "input_without_slot": lambda note: ngettext_lazy(
        "The start prompt has no {slot}, so what column {names} holds is not sent.",
        "The start prompt has no slot for the columns {names}, so what they hold is not sent.",
        len(note.texts), names=_listed(note.texts), slot=f"{{{note.texts[0]}}}",
    ),
    "answers_are_lists": lambda note: gettext_lazy(
        "Column {column} holds lists: the first entry is the answer, the others are accepted too.",
        column=_listed(note.texts),
    ),
    "more_accepted": lambda note: gettext_lazy(
        "What {columns} lists is accepted as an answer too.",
        columns=", ".join(shortened(text, _NAME) for text in note.texts),
    ),
    "answers_are": _answers_are,
    "ragged": _dropped(gettext_lazy("another number of fields than the other rows")),
    "missing_input": _dropped(gettext_lazy("missing input")),
    "missing_answer": _dropped(gettext_lazy("missing answer")),
    "repeats_header": _dropped(gettext_lazy("the names of the columns once more")),
    "marked_bad": _dropped(gettext_lazy("an output that was marked as bad, and no better answer")),
    "not_a_label": _dropped(gettext_lazy("an answer that is none of the labels")),
    "no_part": _dropped(gettext_lazy("neither train, dev nor test")),
    "repeated": _dropped(gettext_lazy("repeated row")),
    "conflicting": _dropped(gettext_lazy("same input with conflicting answers")),
    "dev_capped": _says(
        gettext_lazy(
            "Each prompt is measured on all of dev, so of a file as large as this one more rows are train."
        )
    ),
    "split_given": lambda note: gettext_lazy("The split is that of column {column}.", column=_listed(note.texts)),
    "dev_drawn_from_train": _says(
        gettext_lazy("The file has no dev split of its own; a third of train became dev.")
    ),
    "in_train_too": lambda note: ngettext_lazy(
        "{n_inputs} of the {part} inputs is in train too, but for case, spaces or final punctuation: scores there "
        "are too high.",
        "{n_inputs} of the {part} inputs are in train too, but for case, spaces or final punctuation: scores there "
        "are too high.",
        note.n, n_inputs=note.n, part=_PARTS.get(note.texts[0], note.texts[0]),
    ),
    "ids_not_unique": lambda note: gettext_lazy(
        "Column {column} does not give every example a name of its own, so their content names them.",
        column=_listed(note.texts),
    ),
    "remarks_kept": lambda note: ngettext_lazy(
        "Column {column} holds {n} remark on answers. Add them where critiques are reviewed.",
        "Column {column} holds {n} remarks on answers. Add them where critiques are reviewed.",
        note.n, column=_listed(note.texts),
    ),
    "rare_labels": lambda note: gettext_lazy(
        "Labels of one row only, perhaps mistakes: {labels}.", labels=_listed(note.texts)
    ),
    "near_equal": lambda note: ngettext_lazy(
        "{n_rows} row differs from another one only in case, spaces or final punctuation ({rows}). They stay in "
        "one split with it.",
        "{n_rows} rows differ from another one only in case, spaces or final punctuation ({rows}). They stay in "
        "one split with it.",
        note.n, n_rows=note.n, rows=rows_named(note),
    ),
    "near_train": lambda note: ngettext_lazy(
        "{n_inputs} dev input is nearly the same as one in train, such as {input}: what is learned from train is "
        "easier there than on new examples.",
        "{n_inputs} dev inputs are nearly the same as one in train, such as {input}: what is learned from train is "
        "easier there than on new examples.",
        note.n, n_inputs=note.n, input=_listed(note.texts[:1]),
    ),
    "imbalanced": lambda note: gettext_lazy(
        "{share} of the answers are {label}: a prompt that always leads to it would score {share}. Macro-F1 "
        "lets every label count alike.",
        share=f"{note.n} %", label=_listed(note.texts),
    ),
})  # fmt: skip
