"""The names that columns of inputs and answers go by, the likeliest first."""

from __future__ import annotations

import re

__all__ = [
    "ACCEPTED",
    "ANSWERS",
    "BAD",
    "CORRECTIONS",
    "GOOD",
    "IDS",
    "INPUTS",
    "MARKS",
    "MAYBE_ACCEPTED",
    "OUTPUTS",
    "REMARKS",
    "SPLITS",
    "TOGETHER",
    "VALUES",
    "known",
    "plain",
    "words",
]

INPUTS = (
    "input", "inputs", "text", "question", "sentence", "review", "ticket", "message", "prompt", "query",
    "comment", "tweet", "post", "document", "content", "body", "email", "utterance", "problem", "passage",
    "statement", "premise", "source", "article", "paragraph", "headline", "subject", "title", "claim",
    "description", "request", "instruction", "cause", "items", "x",
)  # fmt: skip
ANSWERS = (
    "label", "answer", "output", "target", "class", "sentiment", "labels", "answers", "outputs", "targets",
    "expected", "ideal", "gold", "truth", "category", "intent", "ground_truth", "expected_output",
    "expected_answer", "final_answer", "correct_answer", "answer_key", "correct", "gold_label", "completion",
    "response", "reply", "result", "reference", "solution", "solutions", "translation", "summary", "topic",
    "rating", "stars", "score", "priority", "department", "queue", "emotion", "effect", "concept", "y",
    "target_scores",
)  # fmt: skip
# Names of columns that make up an input only together.
TOGETHER = (
    ("premise", "hypothesis"), ("sentence_1", "sentence_2"), ("text_1", "text_2"), ("text_a", "text_b"),
    ("question_1", "question_2"), ("question", "context"), ("question", "passage"), ("body", "question"),
    ("instruction", "input"), ("article", "question"), ("sent_1", "sent_2"),
)  # fmt: skip
# Columns of stored feedback: what people wrote on an output, how they marked it, and what it should have been.
REMARKS = frozenset(
    ("feedback", "output_feedback", "human_feedback", "feedback_text", "remark", "remarks", "critique", "critiques",
     "reviewer_comment", "annotator_comment")
)  # fmt: skip
MARKS = frozenset(("rating", "mark", "grade", "output_rating", "feedback_rating", "human_rating", "thumbs", "vote"))
GOOD = frozenset(("good", "up", "thumbs up", "thumbs_up", "positive", "pass", "correct", "yes", "true", "1", "👍"))
BAD = frozenset(("bad", "down", "thumbs down", "thumbs_down", "negative", "fail", "incorrect", "no", "false", "0",
                 "-1", "👎"))  # fmt: skip
OUTPUTS = frozenset(("output", "response", "completion", "reply", "model_output", "generation", "answer"))
CORRECTIONS = (
    "expected", "ideal", "expected_output", "expected_answer", "corrected", "correction", "corrected_output",
    "reference", "gold", "ground_truth", "label", "target",
)  # fmt: skip
SPLITS = ("split", "partition", "subset")
IDS = frozenset(
    ("id", "ids", "idx", "index", "uid", "uuid", "guid", "no", "nr", "row", "date", "time", "timestamp",
     "url", "link", "split")
)  # fmt: skip
# Names of what may be asked for of a text, where nothing else stands beside it.
VALUES = frozenset(("date", "time", "url", "link"))
ACCEPTED = frozenset(("accepted", "acceptable", "alias", "aliases", "alternative", "alternatives", "possible"))
MAYBE_ACCEPTED = frozenset(("all", "other", "others", "valid", "correct", "synonyms", "references", "variants"))

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+")


def words(name: str) -> tuple[str, ...]:
    """Split a column name at spaces, underscores and capitals: `sQuestion` has the word question."""
    return tuple(word.casefold() for word in _WORD.findall(name))


def plain(name: str) -> str:
    """Return the form in which names are compared: `Ground Truth` and `groundTruth` are ground_truth."""
    return "_".join(words(name))


def known(name: str) -> bool:
    """Return whether a cell is the name of a column rather than a value."""
    return len(name) <= 40 and plain(name) in INPUTS + ANSWERS
