"""Criticising as optimizer model: causes found by comparing the errors shown with what the shown prompt covers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from lab.practice.chance import pick, shuffled, unit
from lab.practice.kind import FORMAT, Kind, Rows
from lab.practice.kinds import KINDS
from lab.practice.kinds.own_labels import MOST_LABELS, unlisted
from lab.practice.metaprompt import Shown, labels_shown
from lab.practice.reading import kind_of, kind_of_labels, read
from lab.practice.wordings import GENERAL_CAUSES, WRONG_CAUSES

__all__ = ["contradicted", "inspection", "kind_shown", "reasons", "wrong_ideas"]

# Of the critiques: a superstition, or a cause that these errors do not have.
_SUPERSTITION = 0.33
_BESIDE_THE_POINT = 0.17
_QUOTED = 0.6
_QUOTED_WORDS = 9
# Meta-prompts remembered: many replies may be drawn to one.
_FEW = 4


@lru_cache(_FEW)
def kind_shown(prompt: str, rows: Rows, critique: str = "", labels: tuple[str, ...] = ()) -> Kind | None:
    """Describe which kind of task has such labels, else a prompt names, else most examples could be of."""
    if labels and (kind := kind_of_labels(labels)):
        return kind
    if named := kind_of(prompt):
        return named
    fits = [sum(kind.shown_by(text, answer) for text, answer in rows) for kind in KINDS]
    if rows and max(fits) > 0:
        return KINDS[fits.index(max(fits))]
    return kind_of(critique)


def contradicted(kind: Kind, skill: str, rows: Iterable[tuple[str, str]]) -> int:
    """Count the examples (input, answer) that a skill, alone, would get wrong by changing the answer."""
    rule = kind.by_name[skill].rules[0]
    n = 0
    for text, answer in rows:
        told = kind.solve(text, frozenset({skill, FORMAT}), rule)
        n += told != answer and told != kind.solve(text, frozenset({FORMAT}), "")
    return n


def _needed(kind: Kind, text: str, expected: str, given: str) -> set[str]:
    """Name what an error shows to be missing: the form where words surround the answer, else skills."""
    longer = len(given.split()) > len(expected.split())
    if longer and given.strip(" .").casefold() != expected.casefold():
        return {FORMAT}
    return set(kind.needs(text, expected))


def _is_strange(given: str, labels: tuple[str, ...]) -> bool:
    """Return whether an answer neither is one of the labels nor names one."""
    low = given.casefold()
    return not any(re.search(rf"(?<!\w){re.escape(label.casefold())}(?!\w)", low) for label in labels)


def _strange_answers(shown: Shown, labels: tuple[str, ...]) -> tuple[str, ...]:
    """Say that answers are none of the labels, where the prompt does not list those and an error shows it."""
    strange = next((given for *_, given in shown.errors if given and _is_strange(given, labels)), None)
    if strange is None or not labels or len(labels) > MOST_LABELS or not unlisted(shown.prompt, labels):
        return ()
    them = ", ".join(f"“{label}”" for label in labels)
    return (f"The model answers with “{_cut(strange)}”; the expected answers are {them}.",)


@lru_cache(_FEW)
def causes(shown: Shown, kind: Kind, labels: tuple[str, ...] = ()) -> tuple[tuple[str, str], ...]:
    """Find what the errors needed and the prompt does not speak of, the clearest first, each with an error."""
    covered = read(shown.prompt, kind).skills
    found: dict[str, list[str]] = {}
    for text, expected, given in shown.errors:
        if labels and given and _is_strange(given, labels) and unlisted(shown.prompt, labels):
            continue  # whatever skills it takes, they do not show as long as the answer is none of the labels
        needed = _needed(kind, text, expected, given)
        for skill in sorted(needed - covered):
            found.setdefault(skill, []).append(given if skill == FORMAT else text)
    rows = [(text, expected) for text, expected, _ in shown.errors]

    def clear(skill: str) -> int:
        against = contradicted(kind, skill, rows) if kind.alternatives else 0
        return len(found[skill]) - against

    return tuple((skill, found[skill][0]) for skill in sorted(found, key=lambda skill: (-clear(skill), skill)))


def _cut(text: str) -> str:
    words = text.split()
    return " ".join(words[:_QUOTED_WORDS]) + (" ..." if len(words) > _QUOTED_WORDS else "")


def _quote(text: str) -> str:
    return f" (“{_cut(text)}”)" if text else ""


def _said(wording: str, text: str, at: tuple[object, ...]) -> str:
    return wording.replace("{quote}", _quote(text) if unit("quote", *at) < _QUOTED else "")


def wrong_ideas(kind: Kind | None) -> tuple[str, ...]:
    """Name the superstitions that would be wrong of this kind of task."""
    return tuple(idea for idea in WRONG_CAUSES if not (idea == "explain" and kind and kind.wants_reasons))


def reasons(shown: Shown, n: int, at: tuple[object, ...]) -> list[str]:
    """Write up to `n` critiques: true causes, superstitions, and causes that the errors shown do not have."""
    return _reasons(shown, labels_shown(shown), n, at)


def _reasons(shown: Shown, labels: tuple[str, ...], n: int, at: tuple[object, ...]) -> list[str]:
    rows = tuple(error[:2] for error in shown.errors)
    kind = kind_shown(shown.prompt, rows, shown.critique, labels)
    found = causes(shown, kind, labels) if kind else ()
    true = [(pick(kind.by_name[skill].causes, skill, *at), text) for skill, text in found] if kind else []
    true += [(cause, "") for cause, _ in kind.learn(rows)] if kind else []
    if not true:
        example = shown.errors[0][0] if shown.errors else ""
        true = [(cause, example) for cause in shuffled(GENERAL_CAUSES, "general", *at)[:1]]
    beside = (
        [name for name, skill in kind.by_name.items() if skill.causes and name not in dict(found)]
        if kind and not kind.alternatives
        else []
    )
    wrong = [pick(WRONG_CAUSES[idea], idea, *at) for idea in shuffled(wrong_ideas(kind), "wrong", *at)]
    first = int(unit("first", *at) * min(len(true), 2))
    true = true[first:] + true[:first]
    said: list[str] = []
    plain = _strange_answers(shown, labels)  # what any reader sees: always said
    for i in range(n - len(plain)):
        turn = unit("is wrong", i, *at)
        if wrong and (turn < _SUPERSTITION or not (true or beside)):
            said.append(wrong.pop(0))
        elif kind and beside and (turn < _SUPERSTITION + _BESIDE_THE_POINT or not true):
            skill = pick(beside, "beside", i, *at)
            said.append(_said(pick(kind.by_name[skill].causes, "beside", *at), "", (i, *at)))
        elif true:
            said.append(_said(*true.pop(0), (i, *at)))
    at_place = int(unit("plain", *at) * (len(said) + 1))
    return [*said[:at_place], *plain, *said[at_place:]]


def inspection(shown: Shown, at: tuple[object, ...]) -> str:
    """Go through the errors one by one, as PE2's meta-prompt asks for, and suggests a change for each."""
    parts, labels = [], labels_shown(shown)
    for i, error in enumerate(shown.errors, 1):
        one = Shown(shown.prompt, (error,), "", (), (), False, 0, "")
        cause = next(iter(_reasons(one, labels, 1, (i, *at))), "")
        parts.append(
            f"Example {i}{_quote(error[0])}\n"
            f"- Is the output right? No, it differs from the reference.\n"
            f"- Does it follow the prompt? Yes, as far as the prompt goes.\n"
            f"- Does the prompt describe the task? Only in part.\n"
            f"- Should the prompt be edited? Yes.\n"
            f"- Suggestion: {cause}"
        )
    return "\n\n".join(parts)
