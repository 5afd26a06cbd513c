"""Words changed by a rule that is seen only through inputs and outputs: clauses of a condition and an operation.

A skill is a clause, named "even:backwards". Any one that leads from an input to its output will do, so that a few
examples fit many rules, and an instruction written after them may be one that does not hold for the next word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lab.i18n import gettext_lazy
from lab.practice.kind import FORMAT, Cue, Kind, Skill, any_of
from lab.practice.kinds.operations import CONDITIONS, OPERATIONS, SOME_CONDITION, Condition, Operation
from lab.practice.remembered import remembered

__all__ = ["KIND"]

ALWAYS = "always"
OTHERWISE = "otherwise"

_OTHERWISE = (
    r"\botherwise\b|(?<!nothing )(?<!anything )(?<!something )\belse\b"
    r"|(?<!behind )\b(?:all|any|every|the) others?\b(?! way| letter)"
    r"|(?<!no )(?<!without )(?<!in )(?<!further )\bother (?:words?|inputs?|ones?|cases?)\b|(?<!the )\bothers\b"
    r"|^\W*rest\b|\bthe rest\b|\bremaining\b|\bif none\b|\bother cases\b|\bif not\b"
    r"|\bif (?:it|the word) (?:does not|doesn['’]t|is not|isn['’]t)(?=\W*$|,)"
)
_OTHERWISE_CUE = re.compile(_OTHERWISE)
# Where a sentence goes over to its next clause: before "otherwise", "and words that", "if it ends in e,".
_BOUNDARY = re.compile(
    r"[.!?;\n]+\s*|\s(?=otherwise\b|else\b)|(?:,|\s(?=and |but |while ))\s*+(?:and |but |while )?(?="
    r"(?:(?:for )?(?:words|those|all|any|every)|the (?:rest|others?)) (?!vowels?\b|letters|of\b|its\b|the\b)"
    r"|(?:\w+ )?words\b|(?:if|when|where|with)\b[^,:;.!?\n]{0,150}[,:]"
    r"|(?!if |when )[^,:;.!?\n]{1,150}\b(?:(?:if|when) (?:it|the|not)|(?:all|any|every) others?)\b)"
)
# Stands before a condition that must not hold.
_TURNED = re.compile(
    r"(?:\b(?:not|no|never|without|unless)|n['’]t)\b(?: (?!if\b|when\b|that\b|which\b|but\b)\w+){0,2} $"
)


@dataclass(frozen=True)
class Clause:
    """One clause of an instruction: what must hold, and what to do then.

    Attributes:
        conditions: each with the words that state it, and whether it has to hold or not to hold.
        operations: what to do, one after the other.
        name: "always" or "otherwise" where there are no conditions.
    """

    conditions: tuple[tuple[Condition, str, bool], ...]
    operations: tuple[Operation, ...]
    name: str = ""

    def skills(self) -> set[str]:
        """Name the skills, any of which makes a reader heed this clause."""
        names = [condition.name for condition, *_ in self.conditions] or [self.name]
        return {f"{name}:{operation.name}" for name in names for operation in self.operations}


@remembered(256)
def _clauses(instruction: str) -> tuple[Clause, ...]:
    """Read the clauses of a lower-case instruction: with a condition, then "otherwise", then without any."""
    first, last, default = list[Clause](), list[Clause](), list[Clause]()
    for part in _BOUNDARY.split(instruction):
        wanted = _DENIAL.sub("", part)
        operations = tuple(op for op in OPERATIONS if _OPERATION_CUES[op.name].search(wanted))
        found = [(condition, _CONDITION_CUES[condition.name].search(part)) for condition in CONDITIONS]
        conditions = tuple((each, at.group(), not _TURNED.search(part[: at.start()])) for each, at in found if at)
        if conditions:
            first.append(Clause(conditions, operations))
        elif _OTHERWISE_CUE.search(part):
            last.append(Clause((), operations, OTHERWISE))
        elif not SOME_CONDITION.search(part):
            default.append(Clause((), operations, ALWAYS))
    return tuple(clause for clause in (*first, *last, *default) if clause.operations)


def _is_followed(clause: Clause, on: frozenset[str]) -> bool:
    # What is asked for without a condition is the task itself: it is never missed.
    return clause.name == ALWAYS or not on.isdisjoint(clause.skills())


def solve(text: str, on: frozenset[str], instruction: str) -> str:
    """Change an input by the first clause that is heeded and holds; without one it stays as it is."""
    given = text.strip()
    for clause in _clauses(instruction.lower()):
        if _is_followed(clause, on) and all(
            condition.holds(given, said) == wanted for condition, said, wanted in clause.conditions
        ):
            made: str | None = given
            for operation in clause.operations:
                made = operation.apply(made) if made is not None else None
            if made is not None:
                return made
    return given


def needs(text: str, reference: str | None) -> frozenset[str]:
    """Name the clauses that lead from an input to its reference answer."""
    given, wanted = text.strip(), (reference or "").strip()
    if not wanted:
        return frozenset()
    able = {op.name for op in OPERATIONS if op.apply(given) == wanted}
    return frozenset(
        skill
        for skill, (condition, operation) in _PAIRS.items()
        if operation.name in able and (condition is None or condition.holds(given, condition.does[0]))
    )


def evidence(text: str) -> int:
    """See a weak sign in one to three plain words, and in one or two numbers."""
    parts = text.split()
    words = all(re.fullmatch(r"[A-Za-z][a-z'’-]*", part) for part in parts)
    numbers = all(re.fullmatch(r"-?[0-9]{1,9}", part) for part in parts)
    return int(bool(parts) and ((words and len(parts) <= 3) or (numbers and len(parts) <= 2)))


def slip(answer: str, text: str, chance: float) -> str:
    """Return a near miss: a number beside it, letters lost, doubled or swapped, or the input."""
    if re.fullmatch(r"-?[0-9]{1,30}", answer):
        return str(int(answer) + (1 if chance < 0.5 else -1))
    near = (answer[:-1], answer + answer[-1:], answer[:-2] + answer[-2:][::-1], text.strip())
    others = [other for other in near if other.strip() and other != answer] or [f"{answer}e"]
    return others[int(chance * len(others))]


def shows(text: str, answer: str) -> bool:
    """Return whether some operation leads from an input to an answer."""
    return bool(needs(text, answer))


_DENIAL = re.compile(
    r"(?<!that )(?<!which )(?<!they )\b(?:(?:do|must|should)(?: not|n['’]t)|never|avoid|stop)\b"
    r"(?! (?:start|begin|open|end|finish|say|tell|have|hold|contain)\b)([^,;:]*)"
)


def denies(sentence: str) -> frozenset[str]:
    """Name every clause with an operation that a lower-case sentence forbids."""
    found = _DENIAL.search(sentence)
    forbidden = {op.name for op in OPERATIONS if found and _OPERATION_CUES[op.name].search(found.group(1))}
    return frozenset(skill.name for skill in KIND.skills if skill.name.partition(":")[2] in forbidden)


_OPERATION_CUES = {op.name: Cue(f"^{op.spoken()}") for op in OPERATIONS}
_CONDITION_CUES = {condition.name: Cue(condition.cue) for condition in CONDITIONS}
_LEADS = (
    "If the {thing} {does},",
    "When the {thing} {does},",
    "For any {thing} that {does}:",
    "Where the {thing} {does},",
)
_PLAIN_LEADS = {
    ALWAYS: (("Always", "In every case,", "Each time,", "Whatever the input is,"), "every time"),
    OTHERWISE: (
        ("Otherwise,", "In all other cases,", "With any other word,", "For all other inputs:"),
        "in all other cases",
    ),
}
_CAUSES = (
    "The instructions do not say to {said} {when}{{quote}}.",
    "Nothing tells the model to {said} {when}{{quote}}.",
    "It is not said that the model should {said} {when}{{quote}}.",
)


def _skill(name: str, operation: Operation, leads: tuple[str, ...], when: str, cue: str) -> Skill:
    said = operation.said
    return Skill(
        f"{name}:{operation.name}",
        gettext_lazy("follows: {rule}", rule=f"{leads[0]} {said[0]}"),
        Cue(f"^{cue}{operation.spoken()}"),
        tuple(f"{lead} {said[i // 2 % 2]}." for i, lead in enumerate(leads)),
        tuple(cause.format(said=said[i % 2], when=when) for i, cause in enumerate(_CAUSES)),
        sense=0.0,
    )


def _conditional(condition: Condition, operation: Operation) -> Skill:
    thing, does = condition.thing, condition.does
    leads = tuple(lead.format(thing=thing, does=does[i % 2]) for i, lead in enumerate(_LEADS))
    return _skill(condition.name, operation, leads, f"if the {thing} {does[0]}", f"(?=.*(?:{condition.cue}))")


def _unconditional(name: str, operation: Operation) -> Skill:
    cue = f"(?=.*(?:{_OTHERWISE}))" if name == OTHERWISE else f"(?!.*(?:{SOME_CONDITION.pattern}|{_OTHERWISE}))"
    return _skill(name, operation, *_PLAIN_LEADS[name], cue)


_FORMAT = Skill(
    FORMAT,
    gettext_lazy("answers with the result and nothing around it"),
    any_of(
        r"\b(?:word|answer|result|output|it|letters?|number|sentence|form)s? (?:alone|only|by itself|on its own"
        r"|itself)\b",
        r"\b(?:only|just|solely|merely|nothing but|exactly) (?:with |give |write |answer |reply |return |print "
        r"|output )*(?:the|that|this|its|one|a single)\b",
        r"\b(?:answer|reply|respond|return|print|output|give|write)\w*(?: back)? (?:with )?(?:only|just|solely"
        r"|nothing but)\b",
        r"\b(?:answer|reply|respond) (?:with|in) (?:only |just |exactly )?(?:one|a single) word\b",
        r"nothing (?:else|more|before|after|around)|no (?:other|more|further|extra|additional) (?:word|text)",
        "without (?:any )?(?:explan|comment|introduc|further|extra|reason)"
        r"|\bno (?:explan|comment|introduc|full sentence|chat)",
        r"(?:\bnot\b|n['’]t\b|\bnever\b) (?:explain|add anything|comment|chat)|\bbare\b"
        "|(?:answer|reply|output) format",
        "how (?:the|an) (?:answer|reply|output) (?:should|must|has to) look|words? of its own|one word, please"
        r"|\bone-word",
    ),
    (
        "Answer with the result alone and nothing else.",
        "Write only the result, without any explanation.",
        "Give just the result: no comment, no full sentence.",
        "Reply with the bare result.",
        "Output only the result, nothing more.",
    ),
    (
        "The instructions do not say to answer with the result alone, so there are sentences around it{quote}.",
        "Nothing says how the answer should look: the bare result, with nothing else{quote}.",
        "The model adds comments because it was never asked for only the result{quote}.",
    ),
    sense=0.0,
)

_PAIRS: dict[str, tuple[Condition | None, Operation]] = {
    f"{ALWAYS}:{operation.name}": (None, operation) for operation in OPERATIONS
} | {
    f"{condition.name}:{operation.name}": (condition, operation)
    for condition in CONDITIONS
    for operation in OPERATIONS
    if operation.on == condition.on
}

KIND = Kind(
    name="hidden-rule",
    thing="word",
    skills=(
        *(_conditional(condition, operation) for condition, operation in _PAIRS.values() if condition),
        *(_unconditional(name, operation) for name in (ALWAYS, OTHERWISE) for operation in OPERATIONS),
        _FORMAT,
    ),
    words=(
        (r"(?<!one )(?<!single )(?<!1 )(?<!-case )\bwords?\b(?! problem)(?! and nothing| or phrase)", 1),
        (r"\bletters?\b", 1),
        (r"\binputs?\b.*\boutputs?\b|\binput[-/ ]output|\bthe (?:hidden |same )?rule\b", 1),
        (
            r"\bbackwards?\b|back to front|\bin reverse\b"
            r"|\brevers\w+ (?:the|it|its|each|every)\b(?! (?:label|answer))",
            2,
        ),
        (r"\bplural|\bwithout (?:its |the |any )?vowels|\bvowels?\b|\bupper[- ]?case|\balphabetical", 2),
        (r"\bnegat\w+ (?:of )?(?:the|this|that|each|every|a) (?:sentence|statement|input)", 3),
        (
            r"\b(?:sum|difference) of (?:the |both |these )?(?:two )?(?:numbers|inputs)|\bnumber (?:\w+ )?in words",
            3,
        ),
        (r"\b(?:add|subtract)\w* (?:\w+ ){0,2}(?:two |second )numbers?|\bspell out the number", 3),
    ),
    openings=(
        "Change each word by the rule.",
        "Turn the word into its output by the rule.",
        "Apply the rule to the word.",
        "Find the output that the rule gives for the word.",
    ),
    chatter=(
        "The answer is {answer}.",
        "Sure! Here you are: {answer}",
        "{answer} - that is what comes out.",
        "From this {thing} I get {answer}.",
        "The result would be **{answer}**.",
        "Output: {answer}",
    ),
    explained=(
        "I went through the {thing} step by step, and what comes out is {answer}.",
        "{answer}. I took the {thing}, looked for the part of the instruction that fits it, and followed it.",
        "Following the instruction from beginning to end, I get {answer}.",
    ),
    evidence=evidence,
    solve=solve,
    needs=needs,
    slip=slip,
    denies=denies,
    shows=shows,
    alternatives=True,
)
