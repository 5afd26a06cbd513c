"""What a word problem asks for, and the graph of rates and units by which its quantities lead there."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction

from lab.practice.kinds.word_problems_rates import Rate, conversions, marks, rates_of, way
from lab.practice.kinds.word_problems_reading import STOP, TIME, Problem, at, head, is_unit, stem

_PERSONS = (
    "person child pupil student teacher adult guest visitor passenger boy girl man woman friend tourist "
    "traveller parent player member worker colleague classmate cousin neighbour sister brother runner "
    "scout"
)
PEOPLE = frozenset(_PERSONS.split())
_ANYONE = frozenset({"person", "passenger", "guest", "visitor", "traveller", "child", "tourist"})


_MANY = re.compile(
    r"\bhow many (?:(?:more|other|full|whole|complete|fewer|extra|such|new|smaller|small) )*(.*)", re.I | re.S
)


@dataclass(frozen=True)
class Plan:
    """What is asked of a problem: its target, what is summed for it, and the rate to divide by in the end."""

    problem: Problem
    target: str
    pool: str
    rates: tuple[Rate, ...]
    edges: tuple[Rate, ...]
    used: frozenset[int]
    last: Rate | None


def _first_counted(problem: Problem) -> str:
    nouns = [q.noun for m in marks("".join(problem.told) + problem.asked) if (q := problem.quantities[at(m)]).noun]
    inner = re.search("[\ue000-\uf8ff] (?:of|with|holding|containing) ([\ue000-\uf8ff])", "".join(problem.told))
    nouns = [problem.quantities[at(inner[1])].noun, *nouns] if inner else nouns
    counted = [noun for noun in nouns if noun not in PEOPLE and noun not in ("", "times")]
    return (counted or nouns or [""])[0]


def _asked_unit(asked: str) -> str:
    for word in reversed(re.findall(r"\bin ([a-z]+)\b", asked)):
        if is_unit(stem(word)):
            return stem(word)
    return ""


def target_of(problem: Problem) -> str:
    """Name what is asked for: a unit or the stem of a thing."""
    asked = problem.asked
    if many := _MANY.search(asked):
        words = re.findall(r"[A-Za-z'-]+", re.split(r"[,.?\ue000-\uf8ff]", many[1])[0])
        named = head(words)[0] or (stem(words[0]) if words and words[0].lower() not in STOP else "")
        return named or _first_counted(problem)
    if unit := _asked_unit(asked):
        return unit
    nouns = {q.noun for q in problem.quantities}
    if re.search(r"\bhow (?:long|much time)\b", asked, re.I):
        return next((noun for noun in ("minute", "hour", "day", "week", "month") if noun in nouns), "hour")
    money = re.search(r"\b(?:money|costs?|pays?|spend|earn|change|price|bill|owe|charge)\b", asked)
    if money or (re.search(r"\bhow much\b", asked, re.I) and "dollar" in nouns):
        return "dollar" if "dollar" in nouns or "cent" not in nouns else "cent"
    return _first_counted(problem)


def plan_of(problem: Problem, units: bool) -> Plan:
    target = target_of(problem)
    rates, used = rates_of(problem, target, units)
    known = {q.noun for q in problem.quantities} | {rate.per for rate in rates}
    held = {rate.noun for rate in rates if rate.noun}
    if target not in known | held and not is_unit(target) and len(held) == 1:
        target = held.pop()
    taken = {"", target, "times"} | {rate.per for rate in rates}
    other = next((q.noun for q in problem.quantities if q.noun not in taken), "")
    rates = tuple(replace(r, noun=r.noun or (other if r.per == target else target)) for r in rates)
    scheduled = {rate.per for rate in rates if rate.per in TIME and rate.noun in TIME}
    edges = rates + tuple(rate for rate in conversions(units) if rate.per not in scheduled)
    own = {rate.owner for rate in rates}
    free = [q.noun for i, q in enumerate(problem.quantities) if i not in used | own and q.noun and not q.aside]
    direct = any(way(noun, target, edges) is not None for noun in free)
    back = [
        r
        for r in sorted(rates, key=lambda rate: rate.owner >= 0)
        if way(r.per, target, conversions(units)) is not None and r.noun != target
    ]
    if not back or direct:
        return _linked(Plan(problem, target, target, rates, edges, used, None))
    return _linked(Plan(problem, target, back[0].noun, rates, edges, used, back[0]))


def _related_nouns(plan: Plan) -> frozenset[str]:
    """Return the nouns to take for the pool where no word leads there: pupils are people, hens are animals."""
    free = {q.noun for i, q in enumerate(plan.problem.quantities) if i not in plan.used and not q.aside} - {
        "",
        "times",
    }
    leading = {noun for noun in free if way(noun, plan.pool, plan.edges) is not None}
    if plan.pool in _ANYONE or plan.pool in PEOPLE:
        exact = plan.pool in free and plan.pool not in _ANYONE
        others = free & PEOPLE or {noun for noun in free if not is_unit(noun) and not leading}
        return frozenset(free & {"person"} if exact else others)
    return frozenset() if leading else frozenset(noun for noun in free if not is_unit(noun))


def _linked(plan: Plan) -> Plan:
    """Add what goes without saying: one ticket a person, pupils as people."""
    alike = _related_nouns(plan)
    counted = {q.noun for i, q in enumerate(plan.problem.quantities) if i not in plan.used}
    idle = [r for r in plan.rates if r.per not in counted and way(r.noun, plan.pool, plan.edges) is not None]
    goal = idle[0].per if idle and plan.last is None and is_unit(plan.pool) else plan.pool
    extra = tuple(Rate(noun, Fraction(1), goal) for noun in sorted(alike - {goal}))
    return replace(plan, edges=plan.edges + extra)
