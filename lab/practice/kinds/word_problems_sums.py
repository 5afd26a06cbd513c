"""Working out a word problem: its terms are summed step by step, and the end is what the question wants."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from types import MappingProxyType

from lab.practice.kinds.word_problems_plan import Plan, plan_of
from lab.practice.kinds.word_problems_rates import Rate, conversions, way
from lab.practice.kinds.word_problems_reading import read
from lab.practice.kinds.word_problems_terms import TURNED, Term, reader_of, signed, terms_of
from lab.practice.remembered import remembered

_MEAN = re.compile(r"\b(?:average|mean)\b")
_FULL = re.compile(
    r"\b(?:full|whole|complet\w+|at most|be filled|can (?:\w+ )*?(?:buy|make|fill|afford|get|pack|cut|bake|sew"
    r"|tie|form|build))\b"
)
_UP = re.compile(
    r"\b(?:need\w*|must|ha(?:s|ve) to|at least|requir\w+|enough|order|necessary|in how many|how long"
    r"|does it take|will it take)\b",
    re.I,
)
_OVER = re.compile(r"\b(?:left over|leftovers?|unpacked|do not fit|don't fit|without a full)\b")
_OPERATIONS: Mapping[str, Callable[[Fraction, Fraction], Fraction]] = MappingProxyType(
    {
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "×": lambda a, b: a * b,
        "÷": lambda a, b: a / b if b else a,
        "rest of ÷": lambda a, b: a % b if b else a,
    }
)


@dataclass(frozen=True)
class Step:
    """One operation as it is written down: left sign right = result."""

    left: Fraction
    sign: str
    right: Fraction
    result: Fraction


def _step(left: Fraction, sign: str, right: Fraction) -> Step:
    return Step(left, sign, right, _OPERATIONS[sign](left, right))


def _positive_first(terms: list[Term]) -> list[Term]:
    """Put what is taken away behind what it is taken from."""
    if any(term.sign not in TURNED for term in terms):
        first = next((term.sign for term in terms if term.sign in TURNED), "+")
        return [replace(t, sign=TURNED.get(t.sign, t.sign)) for t in terms] if first == "-" else terms
    total = sum((_amount(term) * (1 if term.sign == "+" else -1) for term in terms), Fraction(0))
    turned = [replace(term, sign=TURNED[term.sign]) for term in terms] if total < 0 else terms
    begin = next((i for i, term in enumerate(turned) if term.sign == "+"), 0)
    return turned[begin : begin + 1] + turned[:begin] + turned[begin + 1 :]


def _amount(term: Term) -> Fraction:
    return math.prod(term.factors, start=term.value) + term.plus


def _own_steps(term: Term) -> list[Step]:
    """Work out a term by itself."""
    steps: list[Step] = []
    value = term.value
    for factor in term.factors:
        if factor != 1:
            steps.append(_step(value, "×", factor) if value != 1 else Step(value, "×", factor, factor))
            value *= factor
    if term.plus:
        steps.append(_step(value, "+" if term.plus > 0 else "-", abs(term.plus)))
    return steps


def _evaluate(terms: Sequence[Term]) -> tuple[Fraction, list[Step]]:
    """Work out the terms one after the other."""
    steps: list[Step] = []
    total: Fraction | None = None
    for term in terms:
        if term.sign in ("+", "-", "="):
            steps += _own_steps(term)
            amount = _amount(term)
            if total is not None and term.sign != "=":
                steps.append(_step(total, term.sign, amount))
            total = amount if total is None or term.sign == "=" else steps[-1].result
        elif total is not None:
            steps.append(_step(total, "÷", term.value))
            if term.sign == "part":
                steps.append(_step(total, "-", steps[-1].result))
            total = steps[-1].result
    return total or Fraction(0), steps


@dataclass(frozen=True)
class Working:
    """How a problem was worked out: the steps written down and the result."""

    steps: tuple[Step, ...]
    result: Fraction


def _last_step(plan: Plan, idle: Mapping[int, Rate], total: Fraction, terms: int) -> Step | None:
    """Make the operation that the question itself asks for, if any: full boxes, the rest, the mean, a share."""
    if plan.last is not None:
        return _step(total, "÷", plan.last.value)
    if _OVER.search(plan.problem.asked):
        held = [rate.value for rate in idle.values() if way(rate.noun, plan.pool, plan.edges) is not None]
        return _step(total, "rest of ÷", held[0]) if held else None
    if _MEAN.search(plan.problem.asked) and terms > 1:
        return _step(total, "÷", Fraction(terms))
    return None


def _rounded(plan: Plan, step: Step | None, result: Fraction, on: frozenset[str]) -> Fraction:
    """Round to whole things where the question asks for such and the skill is on."""
    if step is not None and step.sign == "rest of ÷":
        return result if "rounding" in on else step.left / (step.right or 1)
    whole = "rounding" in on and step is not None and plan.last is not None
    if not whole or result.denominator == 1:
        return result
    if _FULL.search(plan.problem.asked):
        return Fraction(math.floor(result))
    asks_up = _UP.search(plan.problem.asked) or any(_UP.search(told) for told in plan.problem.told)
    return Fraction(math.ceil(result)) if asks_up else result


@remembered(1024)
def work(text: str, on: frozenset[str]) -> Working:
    """Work out a problem with the skills that are on; without "steps" only the first operation is carried out."""
    plan = plan_of(read(text), "units" in on)
    reader = reader_of(plan, on)
    terms = _positive_first(signed(plan, terms_of(reader)))
    total, steps = _evaluate(terms)
    last = _last_step(plan, reader.idle, abs(total), len(terms))
    steps += [last] if last else []
    if "steps" not in on and len(steps) > 1:
        return Working(tuple(steps[:1]), abs(steps[0].result))
    back = way(plan.last.per, plan.target, conversions("units" in on)) if plan.last else ()
    result = (last.result if last else abs(total)) * math.prod(
        (rate.value for rate in back or ()), start=Fraction(1)
    )
    return Working(tuple(steps), _rounded(plan, last, result, on))


def plain(number: Fraction) -> str:
    """Write a number with two decimals at most."""
    whole, rest = divmod(round(abs(number) * 100), 100)
    sign = "-" if number < 0 and (whole or rest) else ""
    return f"{sign}{whole}.{rest:02}".rstrip("0").rstrip(".")
