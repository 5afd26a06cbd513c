"""Where prompts go wrong: examples in groups, what is answered for what, who agrees against a label. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress, pairwise
from typing import Literal

from lab.core.task import Example, Task
from lab.tasks.numbers import read as number_of
from lab.tasks.statistics import Interval, mean_interval

__all__ = [
    "Answered", "Confusion", "Group", "GroupKind", "Heatmap", "Suspect", "by_likeness", "by_wrong_answer",
    "confusion", "good_prompts", "heatmap", "slices", "suspects", "values",
]  # fmt: skip

GroupKind = Literal["slice", "wrong_answer", "likeness"]

MOST_LABELS = 30  # different answers that make a confusion matrix, or values that make slices
_FEWEST_ALIKE = 6  # errors that are worth sorting by likeness
_MOST_ALIKE = 6
_WORD = r"(?u)\b\w+\b"  # also of one letter
_TERMS = 4  # words that say what errors have in common
_AGREE, _FEWEST_GOOD = 0.8, 3  # of good prompts, against a label
NO_LABEL = ""  # what was answered where that is none of the labels, or could not be read


@dataclass(frozen=True)
class Answered:
    """What prompts got on the examples of one split: a row a prompt, a place an example.

    A hit is None where it was not measured. `got` is what was understood, None for a prompt of which only the hits
    are known.
    """

    task: Task
    examples: tuple[Example, ...]
    prompts: tuple[str, ...]
    hits: tuple[tuple[float | None, ...], ...]
    got: tuple[tuple[str, ...] | None, ...]


@dataclass(frozen=True)
class Group:
    """Examples that have something in common, and how one prompt did on them.

    `texts` say what they have in common: a value, what was expected and what was answered, or words. `examples` and
    those of them that came out `wrong` are ids; `score` and its 95 % interval are those of the prompt.
    """

    kind: GroupKind
    texts: tuple[str, ...]
    examples: tuple[str, ...]
    wrong: tuple[str, ...]
    score: float
    interval: Interval | None


@dataclass(frozen=True)
class Confusion:
    """How often each answer was given for each label; the last column is NO_LABEL where that occurs."""

    labels: tuple[str, ...]
    given: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Heatmap:
    """Hits, ordered so that they read: the best prompt first, and the examples that most prompts get right first.

    `prompts` and `examples` are places in what was answered.
    """

    prompts: tuple[int, ...]
    examples: tuple[int, ...]
    hits: tuple[tuple[float | None, ...], ...]


@dataclass(frozen=True)
class Suspect:
    """An example whose label may be wrong: `n_agree` of `n_good` good prompts give the same other answer."""

    example: Example
    given: str
    n_agree: int
    n_good: int


def confusion(found: Answered, prompt: int = 0) -> Confusion | None:
    """Count what was answered for each label; None where answers are free text or were not kept.

    What counts as right counts as the label itself.

    Example:
        `confusion(found).counts[0][1]` is how often the second label was given for the first one.
    """
    labels, got = _labels(found), found.got[prompt]
    if labels is None or got is None:
        return None
    known = {_plain(label): label for label in labels}
    pairs = Counter(
        (example.answer, example.answer if hit == 1 else known.get(_plain(text), NO_LABEL))
        for example, hit, text in zip(found.examples, found.hits[prompt], got, strict=True)
        if hit is not None
    )
    given = (*labels, NO_LABEL) if any(text == NO_LABEL for _, text in pairs) else labels
    expected = tuple(label for label in labels if any(pairs[label, text] for text in given))
    return Confusion(expected, given, tuple(tuple(pairs[label, text] for text in given) for label in expected))


def _labels(found: Answered) -> tuple[str, ...] | None:
    """Return the labels of a task, or the answers that stand for labels because they are few and come again."""
    answers = sorted({example.answer for example in found.examples})
    if found.task.labels:
        return tuple(dict.fromkeys((*found.task.labels, *answers)))
    few = 1 < len(answers) <= min(MOST_LABELS, len(found.examples) // 2)
    return tuple(answers) if few else None


def slices(found: Answered, values: Sequence[str | None], prompt: int = 0) -> tuple[Group, ...]:
    """Return the examples by a value each, in the order of their numbers, or their texts; None is left out.

    Raises:
        ValueError: when there are not as many values as examples.
    """
    if len(values) != len(found.examples):
        raise ValueError("There must be one value for each example.")
    groups = _groups(found, prompt, "slice", [None if one is None else (one,) for one in values])
    return tuple(sorted(groups, key=lambda group: _in_order(group.texts[0])))


def _in_order(text: str) -> tuple[float, str]:
    try:
        return float(text.partition(" ")[0]), text
    except ValueError:
        return float("inf"), text


def values(task: Task, examples: Sequence[Example], column: str) -> tuple[str | None, ...] | None:
    """Return the value of each example in a column to make slices by, or None where there is none of that name.

    Columns are "answer", "length" (of the input, in words) and those of the input. Many numbers fall in quarters,
    many texts in quarters by their length.
    """
    cells: list[str]
    if column == "answer":
        cells = [one.answer for one in examples]
    elif column == "length":
        return _quarters([float(len(one.input.split())) for one in examples], "words")
    elif column in task.inputs:
        at = task.inputs.index(column)
        cells = [(one.fields or (one.input,))[at] for one in examples]
    elif column == "input":
        cells = [one.input for one in examples]
    else:
        return None
    if len(set(cells)) <= MOST_LABELS:
        return tuple(cells)
    numbers = [number_of(cell) for cell in cells]
    if all(number is not None for number in numbers):
        return _quarters([float(one.value) for one in numbers if one is not None], "")
    return _quarters([float(len(cell.split())) for cell in cells], "words")


def _quarters(sizes: Sequence[float], unit: str) -> tuple[str, ...]:
    """Return of each number in which quarter of all it falls."""
    import numpy as np

    edges = np.unique(np.quantile(sizes, (0.25, 0.5, 0.75))) if sizes else np.asarray([])
    places = np.searchsorted(edges, sizes, side="left")
    by_place = {int(at): [n for n, p in zip(sizes, places, strict=True) if p == at] for at in set(places)}
    names = {at: f"{min(some):g} to {max(some):g} {unit}".rstrip() for at, some in by_place.items()}
    return tuple(names[int(at)] for at in places)


def by_wrong_answer(found: Answered, prompt: int = 0) -> tuple[Group, ...]:
    """Return the errors by what was expected and what was answered, the commonest first; () where unknown."""
    got = found.got[prompt]
    if got is None:
        return ()
    labels = {_plain(label): label for label in found.task.labels}
    answers = [labels.get(_plain(text), NO_LABEL) for text in got] if labels else got
    rows = zip(found.examples, found.hits[prompt], answers, strict=True)
    keys = [(one.answer, text) if hit is not None and hit < 1 else None for one, hit, text in rows]
    groups = _groups(found, prompt, "wrong_answer", keys)
    return tuple(sorted(groups, key=lambda group: -len(group.wrong)))


def by_likeness(found: Answered, prompt: int = 0) -> tuple[Group, ...]:
    """Return the errors by how alike their inputs are: k-means over TF-IDF, named by the words that set them apart.

    The same errors make the same groups, the largest first; () for fewer than six of them.
    """
    inputs = tuple(one.input for one in found.examples)
    wrong = tuple(at for at, hit in enumerate(found.hits[prompt]) if hit is not None and hit < 1)
    if len(wrong) < _FEWEST_ALIKE:
        return ()
    keys: list[tuple[str, ...] | None] = [None] * len(inputs)
    for at, terms in zip(wrong, _alike(inputs, wrong), strict=True):
        keys[at] = terms
    groups = _groups(found, prompt, "likeness", keys)
    return tuple(sorted(groups, key=lambda group: -len(group.wrong)))


@lru_cache(32)
def _alike(inputs: tuple[str, ...], wrong: tuple[int, ...]) -> tuple[tuple[str, ...] | None, ...]:
    """Return of each wrong input the words that its cluster is named by; None where no input has a word."""
    import numpy as np
    from sklearn.cluster import KMeans
    from sklearn.feature_extraction.text import TfidfVectorizer

    weigh = TfidfVectorizer(sublinear_tf=True, max_features=4000, token_pattern=_WORD, stop_words="english")
    try:
        weights = weigh.fit_transform(inputs)
    except ValueError:  # nothing but punctuation and words such as “the”
        return (None,) * len(wrong)
    rows = weights[list(wrong)]
    # Compared as they are stored: with all their zeros, 10,000 errors of 4,000 terms are 320 MB.
    distinct = {(rows.indices[a:b].tobytes(), rows.data[a:b].tobytes()) for a, b in pairwise(rows.indptr)}
    n = min(_MOST_ALIKE, max(2, round((len(wrong) / 2) ** 0.5)), len(distinct))
    places = KMeans(n, n_init=3, random_state=0).fit_predict(rows)
    names, mean = weigh.get_feature_names_out(), np.asarray(weights.mean(axis=0)).ravel()
    terms: dict[int, tuple[str, ...]] = {}
    for place in range(n):
        above = np.asarray(rows[places == place].mean(axis=0)).ravel() - mean
        best = np.argsort(-above, kind="stable")[:_TERMS]
        terms[place] = tuple(str(names[at]) for at in best if above[at] > 0)
    return tuple(terms[int(place)] for place in places)


def _groups(
    found: Answered, prompt: int, kind: GroupKind, keys: Sequence[tuple[str, ...] | None]
) -> tuple[Group, ...]:
    """Group the examples that were measured by a key each, in the order in which the keys come."""
    hits, places = found.hits[prompt], defaultdict[tuple[str, ...], list[int]](list)
    for at, key in enumerate(keys):
        if key is not None and hits[at] is not None:
            places[key].append(at)
    return tuple(_group(found, kind, key, some, hits) for key, some in places.items())


def _group(
    found: Answered, kind: GroupKind, texts: tuple[str, ...], places: Sequence[int], hits: Sequence[float | None]
) -> Group:
    ids = tuple(found.examples[at].id for at in places)
    known = [hit for at in places if (hit := hits[at]) is not None]
    wrong = tuple(compress(ids, (hit < 1 for hit in known)))
    return Group(kind, texts, ids, wrong, sum(known) / len(known), mean_interval(known))


def heatmap(found: Answered) -> Heatmap:
    """Order hits so that they read; what was not measured counts as half right.

    Examples that equally many prompts get right stand together by which prompts these are, the best first.
    """
    import numpy as np

    if not found.prompts:
        return Heatmap((), (), ())
    table = np.asarray([[0.5 if hit is None else hit for hit in row] for row in found.hits])
    prompts = np.argsort(-table.mean(axis=1), kind="stable")
    ordered = table[prompts]
    # The last key counts most: how many are right, then the best prompt, then the next one.
    examples = np.lexsort((*-ordered[::-1], -ordered.sum(axis=0)))
    rows = tuple(tuple(found.hits[p][e] for e in examples) for p in prompts)
    return Heatmap(tuple(map(int, prompts)), tuple(map(int, examples)), rows)


def good_prompts(hits: Sequence[Sequence[float | None]]) -> tuple[int, ...]:
    """Return the places of the better half of the prompts, the best first; the earlier of equals."""
    means = [sum(known) / len(known) if (known := [hit for hit in row if hit is not None]) else 0.0 for row in hits]
    ranked = sorted(range(len(means)), key=lambda at: -means[at])
    return tuple(ranked[: (len(ranked) + 1) // 2])


def suspects(found: Answered) -> tuple[Suspect, ...]:
    """Return the examples whose label may be wrong, those on which most good prompts agree first.

    Four of five of the good prompts, and at least three, give the same answer, and it is none that is accepted.
    Good ones are the better half of those whose answers are known.
    """
    known = [at for at, got in enumerate(found.got) if got is not None]
    good = [known[at] for at in good_prompts([found.hits[at] for at in known])]
    if len(good) < _FEWEST_GOOD:
        return ()
    all_suspects = (_suspect(found, at, good) for at in range(len(found.examples)))
    return tuple(sorted((one for one in all_suspects if one), key=lambda one: -one.n_agree / one.n_good))


def _suspect(found: Answered, at: int, good: Sequence[int]) -> Suspect | None:
    answers = Counter(
        _plain(got[at])
        for prompt in good
        if (got := found.got[prompt]) is not None and found.hits[prompt][at] == 0 and got[at].strip()
    )
    answer, n = answers.most_common(1)[0] if answers else ("", 0)
    if n < max(_FEWEST_GOOD, _AGREE * len(good)):
        return None
    labels = {_plain(label): label for label in found.task.labels}
    if labels and answer not in labels:
        return None  # what is not a label says nothing against one
    return Suspect(found.examples[at], labels.get(answer, answer), n, len(good))


def _plain(text: str) -> str:
    return text.strip().removesuffix(".").rstrip().casefold()
