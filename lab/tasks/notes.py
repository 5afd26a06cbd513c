"""What is said of a file as it was read: a code with what it speaks of, and the one place for its words.

Whoever reads a file names codes; whoever shows them asks for the `sentence`, which nobody compares or reads back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

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


def sentence(note: Note) -> str:
    """Return a note in words.

    Example:
        `sentence(Note("separated_by", texts=("semicolons",))) == "The columns are separated by semicolons."`
    """
    return _SENTENCES[note.code](note)


def rows_named(note: Note) -> str:
    """Name the rows that a note speaks of: the first few, and how many more.

    Example:
        `rows_named(Note("repeated", rows=((3,), (5,)))) == "rows 3, 5"`
    """
    shown = ", ".join("/".join(map(str, group)) for group in note.rows[:_SHOWN])
    more = f" and {len(note.rows) - _SHOWN} more" if len(note.rows) > _SHOWN else ""
    return f"{'row' if sum(map(len, note.rows)) == 1 else 'rows'} {shown}{more}"


def _says(text: str) -> Callable[[Note], str]:
    return lambda note: text


def _listed(texts: tuple[str, ...]) -> str:
    shown = ", ".join(repr(shortened(text, _NAME)) for text in texts[:_SHOWN])
    return shown if len(texts) <= _SHOWN else f"{shown} and {len(texts) - _SHOWN} more"


def _dropped(why: str) -> Callable[[Note], str]:
    def said(note: Note) -> str:
        n = sum(map(len, note.rows))
        return f"{n} {'row was' if n == 1 else 'rows were'} dropped: {why} ({rows_named(note)})."

    return said


def _columns(how: str) -> Callable[[Note], str]:
    def said(note: Note) -> str:
        *inputs, answer = note.texts
        are = f"The input is column {_listed(tuple(inputs))}"
        if len(inputs) > 1:
            are = f"The inputs are columns {_listed(tuple(inputs))}"
        return f"{are}, the answer is column {_listed((answer,))}{how}"

    return said


def _guessed(note: Note) -> str:
    """Say which parts were guessed from what the columns hold: 1 the input, 2 the answer, 3 both, 0 none."""
    content = [part for bit, part in ((1, "input"), (2, "answer")) if note.n & bit]
    how = f"the {' and the '.join(content)} from what the column holds" if content else "from their names"
    return _columns(f": guessed {how}.")(note)


def _answers_are(note: Note) -> str:
    kind, reading = note.texts
    title = READINGS[reading].title if reading in READINGS else "a regular expression"
    many = f"{note.n} " if note.n else ""
    return (
        f"The answers were taken for {many}{kind}; replies are read as {title[:1].lower()}{title[1:]} "
        f"({shortened(reading, _NAME)})."
    )


_SENTENCES: Mapping[NoteCode, Callable[[Note], str]] = MappingProxyType({
    "header_taken": _says("The first line was taken for column names."),
    "columns_numbered": _says("The first line looks like a row, so the columns were numbered."),
    "index_left_out": _says("A first column without a name only numbers the rows; it was left out."),
    "quotes_kept": _says("Quotation marks are part of the text in this file; they were kept."),
    "separated_by": lambda note: f"The columns are separated by {note.texts[0]}.",
    "beside_left_out": lambda note: f"Not used, beside the examples: {_listed(note.texts)}.",
    "title_left_out": lambda note: f"Above the column names stands {_listed(note.texts)}; it was left out.",
    "options_joined": lambda note: (
        f"Each row brings its options ({_listed(note.texts)}): they are part of the input, and the answer is the "
        "letter of the right one."
    ),
    "unreadable_characters": _says("Some characters cannot be read; they are shown as \ufffd."),
    "columns_named": _columns(", as you named them."),
    "start_from_file": _says("The file brings a prompt: it is the start prompt unless you give another."),
    "earlier_turns_left_out": lambda note: (
        f"In {note.n} {'row' if note.n == 1 else 'rows'} only the user's last turn is the input; what came before "
        "was left out."
    ),
    "assertions_unused": lambda note: f"Assertions that hold no answer were not used: {_listed(note.texts)}.",
    "sheets_left_out": lambda note: f"The sheet {note.texts[0]!r} was read; not {_listed(note.texts[1:])}.",
    "rows_capped": lambda note: f"Of {_listed(note.texts)} the first {note.n:,} rows were read.",
    "columns_of_format": _columns(", as the format says."),
    "columns_from_start": _columns(": the start prompt names the input."),
    "columns_guessed": _guessed,
    "text_unused": lambda note: (
        f"Column {_listed(note.texts)} holds text and is not used. To use it, name it as an input too, or write "
        f"{{{note.texts[0]}}} in the start prompt."
        if len(note.texts) == 1
        else f"Columns {_listed(note.texts)} hold text and are not used. To use them, name them as inputs too, or "
        f"write {{{note.texts[0]}}} in the start prompt."
    ),
    "slot_unknown": lambda note: (
        f"The start prompt has {', '.join(note.texts)}, but there is no such column: sent letter for letter."
    ),
    "slot_not_input": lambda note: (
        f"The start prompt has {', '.join(note.texts)}, but that column is not an input: sent letter for letter. "
        "Name it as an input too."
    ),
    "input_without_slot": lambda note: (
        f"The start prompt has no {{{note.texts[0]}}}, so what column {_listed(note.texts[:1])} holds is not sent."
        if len(note.texts) == 1
        else f"The start prompt has no slot for the columns {_listed(note.texts)}, so what they hold is not sent."
    ),
    "answers_are_lists": lambda note: (
        f"Column {_listed(note.texts)} holds lists: the first entry is the answer, the others are accepted too."
    ),
    "more_accepted": lambda note: (
        f"What {', '.join(shortened(text, _NAME) for text in note.texts)} lists is accepted as an answer too."
    ),
    "answers_are": _answers_are,
    "ragged": _dropped("another number of fields than the other rows"),
    "missing_input": _dropped("missing input"),
    "missing_answer": _dropped("missing answer"),
    "repeats_header": _dropped("the names of the columns once more"),
    "marked_bad": _dropped("an output that was marked as bad, and no better answer"),
    "not_a_label": _dropped("an answer that is none of the labels"),
    "no_part": _dropped("neither train, dev nor test"),
    "repeated": _dropped("repeated row"),
    "conflicting": _dropped("same input with conflicting answers"),
    "dev_capped": _says(
        "Each prompt is measured on all of dev, so of a file as large as this one more rows are train."
    ),
    "split_given": lambda note: f"The split is that of column {_listed(note.texts)}.",
    "dev_drawn_from_train": _says("The file has no dev split of its own; a third of train became dev."),
    "in_train_too": lambda note: (
        f"{note.n} of the {note.texts[0]} inputs {'is' if note.n == 1 else 'are'} in train too, but for case, "
        "spaces or final punctuation: scores there are too high."
    ),
    "ids_not_unique": lambda note: (
        f"Column {_listed(note.texts)} does not give every example a name of its own, so their content names them."
    ),
    "remarks_kept": lambda note: (
        f"Column {_listed(note.texts)} holds {note.n} {'remark' if note.n == 1 else 'remarks'} on answers. Add "
        "them where critiques are reviewed."
    ),
    "rare_labels": lambda note: f"Labels of one row only, perhaps mistakes: {_listed(note.texts)}.",
    "near_equal": lambda note: (
        f"{note.n} {'row differs' if note.n == 1 else 'rows differ'} from another one only in case, spaces or "
        f"final punctuation ({rows_named(note)}). They stay in one split with it."
    ),
    "near_train": lambda note: (
        f"{note.n} dev {'input is' if note.n == 1 else 'inputs are'} nearly the same as one in train, such as "
        f"{_listed(note.texts[:1])}: what is learned from train is easier there than on new examples."
    ),
    "imbalanced": lambda note: (
        f"{note.n} % of the answers are {_listed(note.texts)}: a prompt that always leads to it would score "
        f"{note.n} %. Macro-F1 lets every label count alike."
    ),
})  # fmt: skip
