"""Which examples a text quotes: a prompt that holds what it is measured on knows the answers by heart.

Runs of words are compared by their hashes, so that time grows with the length of the texts alone. A run that many
examples share is the task's own wording and counts for none of them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from lab.core.task import Example, Task

__all__ = ["Quoted", "near", "quoted"]

RUN, STRIDE = 8, 4  # words: of an example every fourth run of eight is known, so a copy of eleven holds one
SHORT = 3  # words from which an input counts as a whole
MANY = 3  # examples that share a run
_LONG_ANSWER = 5  # words from which an answer that is no label counts
_GAP = 3  # words between a very short input and its answer
_NEAR, _OWN = 0.7, 0.5  # shares of the runs of an example: found in another text, and not shared by many
# Characters of scripts that are written without spaces are words of their own.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_\u3040-\u30ff\u3400-\u9fff]+")

Words = tuple[str, ...]


@dataclass(frozen=True)
class Quoted:
    """Examples of one split that a text quotes, in the order of the split."""

    split: str
    examples: tuple[Example, ...]


def quoted(text: str, task: Task) -> tuple[Quoted, ...]:
    """Return the examples of train and dev whose input, or whose long answer, a text holds word for word.

    Case and punctuation do not count. An input of one or two words counts with its answer behind it.

    Example:
        A prompt that says `'So very dull.' is negative` quotes the example with the input `So very dull.`
    """
    said = _words(text)
    found = {split: frozenset(_held(said, index)) for split, index in _indexes(_Same(task)).items()}
    return tuple(
        Quoted(split, tuple(one for at, one in enumerate(task.split(split)) if at in places))
        for split, places in found.items()
        if places
    )


def near(examples: Sequence[Example], others: Iterable[Example]) -> tuple[int, ...]:
    """Return the places of the examples whose input is nearly that of one of the others."""
    index = _Index.of((_words(one.input) for one in examples), whole_only=True)
    found = set[int]()
    for other in others:
        said = _words(other.input)
        hits = Counter(_runs(said, index))
        found.update(at for at, n in hits.items() if n >= _NEAR * index.sizes[at])
        found.update(at for at in _wholes(said, index) if index.lengths[at] + 2 >= len(said))
    return tuple(sorted(found))


@dataclass
class _Index:
    """The runs of words of texts, by their hashes: -1 stands for a run that many texts share."""

    runs: dict[int, int] = field(default_factory=dict)
    wholes: dict[int, dict[int, int]] = field(default_factory=dict)  # by their length: of texts shorter than a run
    pairs: dict[Words, list[tuple[Words, int]]] = field(
        default_factory=dict
    )  # very short inputs with their answers
    sizes: dict[int, int] = field(default_factory=dict)  # how many runs of a text are its own
    lengths: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, texts: Iterable[Words], *, whole_only: bool = False) -> _Index:
        index = cls()
        held: dict[int, set[int]] = {}
        all_runs = Counter[int]()
        for at, words in enumerate(texts):
            index.lengths[at] = len(words)
            if SHORT <= len(words) < RUN:
                index.wholes.setdefault(len(words), {}).setdefault(hash(words), at)
            for start in range(0, len(words) - RUN + 1, STRIDE):
                held.setdefault(hash(words[start : start + RUN]), set()).add(at)
                all_runs[at] += 1
        for run, places in held.items():
            if len(places) < MANY:
                for at in places:
                    index.sizes[at] = index.sizes.get(at, 0) + 1
                index.runs[run] = min(places)
        if whole_only:
            own = {at for at, n in index.sizes.items() if n >= _OWN * all_runs[at]}
            index.runs = {run: at for run, at in index.runs.items() if at in own}
        return index


def _held(said: Words, index: _Index) -> Iterator[int]:
    yield from _runs(said, index)
    yield from _wholes(said, index)
    for n in (1, 2):
        for start in range(len(said) - n + 1):
            for answer, at in index.pairs.get(said[start : start + n], ()):
                behind = said[start + n : start + n + _GAP + len(answer)]
                if any(behind[i : i + len(answer)] == answer for i in range(len(behind) - len(answer) + 1)):
                    yield at


def _runs(said: Words, index: _Index) -> Iterator[int]:
    hashes = {hash(said[start : start + RUN]) for start in range(len(said) - RUN + 1)}
    return (index.runs[run] for run in hashes if run in index.runs)


def _wholes(said: Words, index: _Index) -> Iterator[int]:
    for n, known in index.wholes.items():
        for start in range(len(said) - n + 1):
            at = known.get(hash(said[start : start + n]))
            if at is not None:
                yield at


def _words(text: str) -> Words:
    return tuple(_WORD.findall(text.casefold()))


@dataclass(frozen=True, eq=False)
class _Same:
    """A task, compared by being the same one: to compare it by content would cost more than it saves."""

    task: Task

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.task is other.task

    def __hash__(self) -> int:
        return id(self.task)


@lru_cache(8)
def _indexes(same: _Same) -> dict[str, _Index]:
    return {split: _index(same.task.split(split), same.task.labels) for split in ("train", "dev")}


def _index(examples: Sequence[Example], labels: tuple[str, ...]) -> _Index:
    inputs = [_words(example.input) for example in examples]
    index = _Index.of(inputs)
    if not labels:
        answers = [words if len(words := _words(one.answer)) >= _LONG_ANSWER else () for one in examples]
        more = _Index.of(answers)
        index.runs = {**more.runs, **index.runs}
        index.wholes = {n: {**more.wholes.get(n, {}), **index.wholes.get(n, {})} for n in range(SHORT, RUN)}
    for at, words in enumerate(inputs):
        answer = _words(examples[at].answer)
        if 0 < len(words) < SHORT and answer:
            index.pairs.setdefault(words, []).append((answer, at))
    return index
