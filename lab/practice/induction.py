"""Writing instructions as optimizer model: from examples alone (APE), and from scored instructions (OPRO)."""

from __future__ import annotations

import re
from functools import lru_cache

from lab.practice.chance import pick, shuffled, unit
from lab.practice.critiques import contradicted, kind_shown, wrong_ideas
from lab.practice.kind import FORMAT, Kind, Rows
from lab.practice.kinds.own_labels import list_rule, unlisted
from lab.practice.metaprompt import Shown, labels_shown
from lab.practice.reading import mentions, sentences
from lab.practice.rewriting import paraphrase, rule, shortened_to
from lab.practice.wordings import VAGUE_INSTRUCTIONS, WRONG_RULES

__all__ = ["induced", "proposal"]

_FORM_NOTICED = 0.55
_WRONG_IDEA = 0.15
_LEARNED = 0.5
_LABELS_NOTICED = 0.5
_MOST_CLAUSES = 4
_BEST = 4


@lru_cache(4)
def _seen(kind: Kind, rows: Rows) -> dict[str, int]:
    """Count in how many examples each skill was needed."""
    counts: dict[str, int] = {}
    for text, answer in rows:
        for skill in sorted(kind.needs(text, answer) - {FORMAT}):
            counts[skill] = counts.get(skill, 0) + 1
    return counts


def _cover(kind: Kind, rows: Rows, at: tuple[object, ...]) -> list[str]:
    """Find alternatives that explain the examples one after the other; equally good ones are guessed among."""
    left, chosen = list(rows), list[str]()
    while left and len(chosen) < _MOST_CLAUSES:
        counts = _seen(kind, tuple(left))
        worth = {skill: n - contradicted(kind, skill, left) for skill, n in counts.items()}
        if not worth:
            break
        best = max(worth.values())
        if best <= 0 and chosen:
            break
        chosen.append(pick([skill for skill, value in worth.items() if value == best], "guess", len(chosen), *at))
        left = [(text, answer) for text, answer in left if chosen[-1] not in kind.needs(text, answer)]
    return chosen


def _likely_skills(kind: Kind, rows: Rows, at: tuple[object, ...]) -> list[str]:
    """Return the skills that a look at the examples brings up: the more often needed, the likelier."""
    if kind.alternatives:
        return _cover(kind, rows, at)
    counts = _seen(kind, rows)
    skills = [s for s, n in counts.items() if unit("notice", s, *at) < 0.15 + 0.7 * n / len(rows)]
    return list(shuffled(skills, "order", *at))


def _learned(kind: Kind, rows: Rows, at: tuple[object, ...]) -> list[str]:
    """Return some of the rules that no skill states and only the examples show."""
    return [said for i, (_, said) in enumerate(kind.learn(rows)) if unit("learn", i, *at) < _LEARNED]


def _written(
    opening: str, skills: list[str], learned: list[str], kind: Kind, source: str, at: tuple[object, ...]
) -> str:
    rules = [rule(kind, skill, source, *at) for skill in skills if kind.by_name[skill].rules] + learned
    if unit("form", *at) < _FORM_NOTICED:
        rules.append(rule(kind, FORMAT, source, *at))
    if unit("wrong", *at) < _WRONG_IDEA:
        rules.append(pick(WRONG_RULES[pick(wrong_ideas(kind), "idea", *at)], "bad rule", *at))
    return " ".join([opening, *rules])


def induced(shown: Shown, at: tuple[object, ...]) -> str:
    """Write the instruction that examples (input, output) may have come of."""
    kind = kind_shown("", shown.demonstrations, labels=labels_shown(shown))
    if kind is None:
        return pick(VAGUE_INSTRUCTIONS, "vague", *at)
    opening = pick(kind.openings, "opening", *at)
    learned = _learned(kind, shown.demonstrations, at)
    text = _written(opening, _likely_skills(kind, shown.demonstrations, at), learned, kind, "", at)
    return shortened_to(shown.most_words, text, *at)


def _mixed(best: str, other: str, kind: Kind) -> str:
    """Add to an instruction the first rule of another that speaks of what it does not."""
    spoken = frozenset[str]().union(*(mentions(part, kind) for part in sentences(best)))
    for part in sentences(other)[1:]:
        if mentions(part, kind) - spoken:
            return f"{best} {part}"
    return best


def _less(text: str, at: tuple[object, ...]) -> str:
    parts = list(sentences(text))
    if len(parts) > 2:
        parts.pop(1 + int(unit("drop", *at) * (len(parts) - 1)))
    return " ".join(parts)


def proposal(shown: Shown, at: tuple[object, ...]) -> str:
    """Write an instruction that should score higher: of the best ones, their mixture, and the examples."""
    ranked = [text for text, _ in sorted(shown.scored, key=lambda row: -row[1])][:_BEST]
    base = ranked[int(unit("base", *at) ** 3 * len(ranked))]
    labels = labels_shown(shown)
    kind = kind_shown(base, shown.demonstrations, labels=labels)
    turn = unit("turn", *at)
    if kind is None or turn < 0.2:
        return paraphrase(base, at)
    spoken = frozenset[str]().union(*(mentions(part, kind) for part in sentences(base)))
    if unlisted(base, labels) and unit("labels", *at) < _LABELS_NOTICED:
        return shortened_to(shown.most_words, f"{base} {list_rule(labels)}", *at)
    learned = [said for said in _learned(kind, shown.demonstrations, at) if said not in base]
    fresh = [skill for skill in _likely_skills(kind, shown.demonstrations, at) if skill not in spoken]
    new = [*learned, *(rule(kind, skill, "", *at) for skill in fresh)]
    if turn < 0.4:
        made = _mixed(base, pick(ranked, "other", *at), kind)
    elif turn < 0.5:
        made = _less(base, at)
    elif new:
        made = f"{base} {new[0]}"
    elif FORMAT not in spoken:
        made = f"{base} {rule(kind, FORMAT, '', *at)}"
    else:
        made = paraphrase(base, at)
    if unit("wrong", *at) < _WRONG_IDEA:
        made += " " + pick(WRONG_RULES[pick(wrong_ideas(kind), "idea", *at)], "bad rule", *at)
    made = re.sub(r"[ \t]+", " ", made)
    return shortened_to(shown.most_words, made, *at)
