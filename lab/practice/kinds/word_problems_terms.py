"""The terms of a word problem in the order told: what counts, how often, and with which sign.

A quantity counts as a term if a way of rates leads from what it counts to what is asked for; without the skill
"distractor" every other number is drawn in, too.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from types import MappingProxyType

from lab.practice.kinds.word_problems_plan import PEOPLE, Plan
from lab.practice.kinds.word_problems_rates import Rate, conversions, marks, value_of, way
from lab.practice.kinds.word_problems_reading import TIME, at, stem
from lab.practice.kinds.word_problems_signs import BOUGHT, SOLD, sign_of

_SHARED = re.compile(r"\b(?:shar(?:es?|ed|ing)|splits?|divided?s?|distributed?s?|deals?|evenly|equally|fairly)\b")
_AMONG = re.compile(
    "\\b(?:among|between|amongst)(?: \\w+){0,2} ([\ue000-\uf8ff])|\\b(?:in|into|onto|on|to) ([\ue000-\uf8ff])"
)
_SHARERS = re.compile("([\ue000-\uf8ff])(?: \\w+){0,2} (?:shar|split|divid)")
_PART = re.compile(r"\b(half|a third|one third|a quarter|a fifth)(?: of (?:the |them|his|her|it|these)| the)?")
_PARTS: Mapping[str, int] = MappingProxyType({"half": 2, "third": 3, "quarter": 4, "fifth": 5})
_TIMES_AS = re.compile("([\ue000-\uf8ff]) (?:as (?:many|much)|the (?:number|amount))")
_THAN = re.compile("([\ue000-\uf8ff]) (?:(more|fewer|less)|\\w+ (more|fewer|less))(?: [\\w ]+?)? than\\b")
_MORE = re.compile(
    r"\bhow m(?:any|uch) (?:\w+ )?(?:more|fewer|less|(?:long|furth|farth|heavi|high|tall|old|young|fast|deep|wid|"
    r"cheap|short|light|bigg|larg|small)er)\b|\bdifference\b",
    re.I,
)
_LACKED = re.compile(r"\b(?:needs?|needed|missing|must|ha(?:s|ve) to|until|to reach|to have|lacks?)\b")
_TOGETHER = re.compile(r"\b(?:altogether|together|in all|in total|both|they|total|combined|all of them)\b", re.I)
_FIRST = re.compile(r"\b(?:at first|to start with|to begin with|originally|in the beginning|at the start|before)\b")
_GONE = re.compile(r"\bdid (?:\w+ ){1,2}(?:use|lose|sell|eat|give|spend|drink|break|take)\b")
_GOAL = re.compile(r"\b(?:enough|save|afford|reach)\b")
_BEGINNINGS = "a an the he she it they there each every one in on at of for today tonight now how if his her"
_NO_NAMES = frozenset(_BEGINNINGS.split())
_ITEM = re.compile(rf"{_PART.pattern}|[\ue000-\uf8ff]")
TURNED: Mapping[str, str] = MappingProxyType({"+": "-", "-": "+"})


@dataclass(frozen=True)
class Term:
    """A part of the sum: (value × factors + plus), or what is done to all before it.

    Signs: "+" and "-"; "=" stands in the place of all before; "÷" divides it, "keep" keeps only a part of it and
    "part" takes a part away, one in `value`.
    """

    sign: str
    value: Fraction
    factors: tuple[Fraction, ...] = ()
    where: int = -1
    plus: Fraction = Fraction(0)


def _divisor(plan: Plan, sentence: str, divided: bool) -> int:
    """Find the quantity by which a sentence shares out, or -1."""
    if divided or not _SHARED.search(sentence):
        return -1
    quantities = plan.problem.quantities
    told = [m[1] or m[2] for m in _AMONG.finditer(sentence)] + [m[1] for m in _SHARERS.finditer(sentence)]
    fit = [at(m) for m in told if quantities[at(m)].noun not in (plan.target, "") and at(m) not in plan.used]
    return fit[0] if fit else _sharers(plan)


def _sharers(plan: Plan) -> int:
    """Find how many "each" in the question is one of, or -1."""
    each = re.search(r"\b(?:each|every|per|one)(?: of the)? (\w+)", plan.problem.asked)
    free = [i for i, q in enumerate(plan.problem.quantities) if i not in plan.used and not q.aside]
    named = [i for i in free if each and plan.problem.quantities[i].noun == stem(each[1])]
    people = [i for i in free if plan.problem.quantities[i].noun in PEOPLE and "each" in plan.problem.asked]
    return (named or people or [-1])[0]


def _routes(plan: Plan, without: frozenset[int]) -> dict[int, tuple[Rate, ...]]:
    """Return for every quantity that counts its way to the pool."""
    routes: dict[int, tuple[Rate, ...]] = {}
    last = ""
    for mark in marks("".join((*plan.problem.told, plan.problem.asked))):
        quantity = plan.problem.quantities[at(mark)]
        noun = quantity.noun or last or plan.pool
        own = [rate for rate in plan.rates if rate.owner == at(mark)]
        found = way(noun, plan.pool, (*own, *plan.edges))
        last = noun if noun not in TIME and not quantity.aside and found is not None else last
        if at(mark) not in plan.used | without and not quantity.aside and found is not None:
            routes[at(mark)] = found
    times = {rate.also for route in routes.values() for rate in route if rate.also}
    return {i: route for i, route in routes.items() if plan.problem.quantities[i].noun not in times}


def _factors(plan: Plan, route: tuple[Rate, ...]) -> tuple[Fraction, tuple[Fraction, ...]]:
    """Split a way into what units do to a number, and what it is multiplied by."""
    silent = math.prod((rate.value for rate in route if rate.index < 0), start=Fraction(1))
    told = [rate.value for rate in route if rate.index >= 0]
    for also in (rate.also for rate in route if rate.also):
        for quantity in plan.problem.quantities:
            steps = way(quantity.noun, also, conversions(True)) if quantity.noun and not quantity.aside else None
            if steps is not None:
                told.append(quantity.value * math.prod((step.value for step in steps), start=Fraction(1)))
                break
    return silent, tuple(told)


def _bought(plan: Plan, rate: Rate) -> bool:
    """Return whether the one thing of a rate is part of the sum: it is bought or hold what is asked for."""
    if not rate.single or way(rate.noun, plan.pool, plan.edges) is None:
        return False
    if rate.noun not in ("dollar", "cent"):
        return True
    sentences = [*plan.problem.told, plan.problem.asked]
    others = [s for s in sentences if not any(at(m) == rate.index for m in marks(s)) and BOUGHT.search(s)]
    named = any(stem(word) == rate.per for s in others for word in re.findall(r"[A-Za-z']+", s))
    asks_to_buy = re.search(r"\bafford\b|\bbuy\b", plan.problem.asked)
    named = named or bool(
        asks_to_buy and any(stem(w) == rate.per for w in re.findall(r"[a-z]+", plan.problem.asked))
    )
    return named or bool(_GOAL.search(plan.problem.asked))


@dataclass(frozen=True)
class Reader:
    """What is fixed while the terms of one problem are read."""

    plan: Plan
    routes: Mapping[int, tuple[Rate, ...]]
    idle: Mapping[int, Rate]
    distractor: bool
    units: bool

    def term(self, sentence: str, where: int, mark: str, divided: str) -> Term | None:
        """Make the term of a quantity, or None where it is none."""
        i = at(mark)
        quantity = self.plan.problem.quantities[i]
        before, after = sentence[:where], sentence[where + 1 :]
        sign = sign_of(before, after, self._money(i))
        value = value_of(quantity, self.units)
        if i in self.routes:
            silent, factors = _factors(self.plan, self.routes[i])
            used_up = any(rate.sign < 0 for rate in self.routes[i]) and not SOLD.search(before)
            return Term("-" if used_up else sign, value * silent, factors, i)
        rate = self.idle.get(i)
        if rate is not None and (rate.per == divided or _bought(self.plan, rate)):
            silent, _ = _factors(self.plan, way(rate.noun, self.plan.pool, self.plan.edges) or ())
            return Term(sign, value * silent, (), i)
        drawn_in = not self.distractor and (i in self.idle or i not in self.plan.used) and quantity.noun != "times"
        return Term("+", value, (), i) if drawn_in else None

    def _money(self, i: int) -> bool:
        return "dollar" in (self.plan.pool, self.plan.problem.quantities[i].noun) or "cent" in (
            self.plan.pool, self.plan.problem.quantities[i].noun,
        )  # fmt: skip


def _name(sentence: str, where: int, last: str) -> str:
    """Return the name that a place in a sentence speaks of: the last one before it."""
    names = re.findall(r"\b[A-Z][a-z]+\b(?=[^A-Z]*$)", sentence[:where])
    return names[-1] if names and names[-1].lower() not in _NO_NAMES else last


def _compared(sentence: str, where: int, value: Fraction, told: Sequence[tuple[str, Term]]) -> Term | None:
    """Make the term of "three times as many" or "5 more than", which stands on a term before."""
    found = _TIMES_AS.match(sentence, where) or _THAN.match(sentence, where)
    if not found or not told:
        return None
    named = re.search(r"\b(?:as|than) ([A-Z][a-z]+)", sentence[where:])
    base = ([term for name, term in told if named and name == named[1]] or [told[-1][1]])[-1]
    start = math.prod(base.factors, start=base.value) + base.plus
    if found.re is _TIMES_AS:
        return Term("+", start, (value,))
    return Term("+", start, plus=value if "more" in found.groups() else -value)


def terms_of(reader: Reader) -> list[tuple[str, Term]]:
    """Read the terms in the order told, each with the name of whom it is told."""
    plan = reader.plan
    told: list[tuple[str, Term]] = []
    name, divided = "", ""
    alone = not (_TOGETHER.search(plan.problem.asked) or _MORE.search(plan.problem.asked))
    for sentence in (*plan.problem.told, plan.problem.asked):
        divisor = _divisor(plan, sentence, bool(divided))
        for found in _ITEM.finditer(sentence):
            name = _name(sentence, found.start(), name)
            if found[1]:
                sign = "part" if sign_of(sentence[: found.start()], "", False) == "-" else "keep"
                told += [(name, Term(sign, Fraction(_PARTS[found[1].split()[-1]])))] if told else []
                continue
            value = plan.problem.quantities[at(found[0])].value
            if term := _compared(sentence, found.start(), value, told):
                told.append((name, replace(term, sign="=") if alone else term))
            elif at(found[0]) != divisor and (term := reader.term(sentence, found.start(), found[0], divided)):
                told.append((name, term))
        if divisor >= 0:
            divided = plan.problem.quantities[divisor].noun
            told.append((name, Term("÷", plan.problem.quantities[divisor].value)))
    return told


def signed(plan: Plan, told: Sequence[tuple[str, Term]]) -> list[Term]:
    """Set the signs as the question wants them: a difference, what there was at first, what has gone."""
    asked = plan.problem.asked
    if _MORE.search(asked) and not _LACKED.search(asked):
        than = re.search(r"\bthan (?:the )?([A-Za-z]+)", asked)
        other = than[1] if than else ""
        against = [name == other or _noun(plan, term) == stem(other) for name, term in told] if other else []
        if not any(against) or all(against):
            against = [i > 0 for i in range(len(told))]
        return [
            replace(t, sign="-" if minus else "+") if t.sign in "+-" else t
            for (_, t), minus in zip(told, against, strict=True)
        ]
    terms = [term for _, term in told]
    remained = _GONE.search(asked) and any(" left" in sentence for sentence in plan.problem.told)
    if terms and (remained or _FIRST.search(asked)):
        return [*terms[:-1], replace(terms[-1], sign="-")]
    return terms


def _noun(plan: Plan, term: Term) -> str:
    return plan.problem.quantities[term.where].noun if term.where >= 0 else ""


def reader_of(plan: Plan, on: frozenset[str]) -> Reader:
    divisors = {_divisor(plan, sentence, False) for sentence in (*plan.problem.told, plan.problem.asked)}
    routes = _routes(plan, frozenset(divisors))
    busy = {rate.index for route in routes.values() for rate in route} | ({plan.last.index} if plan.last else set())
    idle = {rate.index: rate for rate in plan.rates if rate.index not in busy}
    return Reader(plan, MappingProxyType(routes), MappingProxyType(idle), "distractor" in on, "units" in on)
