"""What a kind of task is to the practice model: how it is recognised, what may have to be said, how it is solved.

A kind is data and a few pure functions in one file of `kinds/`; everything that is the same for all kinds
(reading an instruction, personalities, chatter, critiques, edits) stands outside and knows no kind by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

FORMAT = "format"
# Characters that are read, of an input and of an instruction: what is behind them is lost.
LONGEST_TEXT = 4000
LONGEST_INSTRUCTION = 8000


Rows = tuple[tuple[str, str], ...]  # examples: input and answer


@dataclass(frozen=True)
class Cue:
    """A pattern for lower-case text, compiled when it is first looked for: a run is of one kind of task."""

    pattern: str

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        return re.compile(self.pattern)

    def search(self, text: str) -> re.Match[str] | None:
        """Find the first place where the pattern matches."""
        return self.compiled.search(text)


def any_of(*patterns: str) -> Cue:
    """Make one cue of patterns, any of which will do."""
    return Cue("|".join(f"(?:{pattern})" for pattern in patterns))


def straight(text: str) -> str:
    """Write a curly apostrophe as a straight one: cues know only the straight one."""
    return text.replace("’", "'")


@dataclass(frozen=True)
class Skill:
    """One thing that an instruction may have to say.

    Attributes:
        name: one word, unique in its kind; every kind has one named "format".
        about: what a reader with this skill does, for people: "turns negated words round".
        cue: finds a lower-case sentence, of an instruction or a critique, that speaks of it in any wording.
        rules: sentences of an instruction that state it; each speaks of this skill alone and says what to do.
        causes: sentences of a critique that miss it in an instruction; `{quote}` is where an error may be quoted.
        sense: share of inputs, 0 to 1, on which it is at work without having been asked for.
        deniable: False where telling to ignore its subject states the skill: "ignore what is settled".
    """

    name: str
    about: str
    cue: Cue
    rules: tuple[str, ...]
    causes: tuple[str, ...]
    sense: float = 0.4
    deniable: bool = True


def _no_denials(sentence: str) -> frozenset[str]:
    return frozenset()


def _unchanged(skill: str, wording: str, source: str) -> str:
    return wording


def _no_rules(rows: Rows) -> tuple[tuple[str, str], ...]:
    return ()


def _no_signs(critique: str) -> tuple[str, ...]:
    return ()


def _plain_word(answer: str, instruction: str, on: frozenset[str], chance: float) -> str:
    return answer


@dataclass(frozen=True)
class Kind:
    """A kind of task.

    `chance` is a number in [0, 1) that is the same for the same request: the only randomness there is.

    Attributes:
        name: the name of its bundled task.
        thing: what an input is called: "review".
        skills: what may have to be said, format among them.
        labels: the answers there are, in lower case; empty where the answer is free text.
        words: (pattern, weight) by which a lower-case instruction names the kind; 2 in sum are enough.
        openings: first sentences of an instruction, as someone would write them who saw only examples.
        chatter: answers with words around them, `{answer}`, `{Answer}` and `{thing}` filled in; wrong in form.
        explained: the same with reasons given, for instructions that ask for reasons.
        evidence: counts the signs that an input is of this kind; 0 for none, 2 a clear sign.
        solve: (input, skills at work, instruction) -> the answer, in the form it has when the form was said.
        needs: (input, reference answer or None) -> the skills that it cannot be answered rightly without.
        slip: (answer, input, chance) -> a near miss.
        word: (answer, instruction, skills at work, chance) -> how the answer is put where nothing is added.
        denies: the skills that a lower-case sentence tells to leave alone.
        fill: (skill, wording of a rule, text it comes of) -> the rule; for rules that hold a particular.
        shows: says whether an example, input and answer, is of this kind.
        say: (answer, input, instruction, skills at work, chance) -> the whole reply, or None for the usual way.
        learn: examples -> (cause, rule) for what no skill states and only they show, the clearest first.
        hear: critique -> the rules of that sort that it names.
        alternatives: True where any one of the skills needed is enough.
        wants_reasons: True where asking for reasons helps, so that "explain" does no harm of itself.
    """

    name: str
    thing: str
    skills: tuple[Skill, ...]
    words: tuple[tuple[str, int], ...]
    openings: tuple[str, ...]
    chatter: tuple[str, ...]
    explained: tuple[str, ...]
    evidence: Callable[[str], int]
    solve: Callable[[str, frozenset[str], str], str]
    needs: Callable[[str, str | None], frozenset[str]]
    slip: Callable[[str, str, float], str]
    labels: tuple[str, ...] = ()
    word: Callable[[str, str, frozenset[str], float], str] = _plain_word
    denies: Callable[[str], frozenset[str]] = _no_denials
    fill: Callable[[str, str, str], str] = _unchanged
    shows: Callable[[str, str], bool] | None = None
    say: Callable[[str, str, str, frozenset[str], float], str | None] | None = None
    learn: Callable[[Rows], tuple[tuple[str, str], ...]] = _no_rules
    hear: Callable[[str], tuple[str, ...]] = _no_signs
    alternatives: bool = False
    wants_reasons: bool = False

    def __hash__(self) -> int:
        return hash(self.name)

    @cached_property
    def by_name(self) -> dict[str, Skill]:
        return {skill.name: skill for skill in self.skills}

    @cached_property
    def sensible(self) -> tuple[Skill, ...]:
        """The skills that may be at work without having been asked for."""
        return tuple(skill for skill in self.skills if skill.sense > 0)

    @cached_property
    def cues(self) -> tuple[tuple[re.Pattern[str], int], ...]:
        return tuple((re.compile(pattern), weight) for pattern, weight in self.words)

    def named_by(self, low: str) -> int:
        """Count how much a lower-case instruction names this kind."""
        return sum(weight for cue, weight in self.cues if cue.search(low))

    def shown_by(self, text: str, answer: str) -> bool:
        """Return whether an example could be of this kind."""
        if self.shows is not None:
            return self.shows(text, answer)
        fits = answer.strip().casefold() in self.labels if self.labels else True
        return fits and self.evidence(text) > 0
