"""The rates of a word problem: how much of one thing goes with one of another, found by patterns around marks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from lab.practice.kinds.word_problems_reading import LADDER, STOP, TIME, Problem, Quantity, at, is_unit, stem

_V = "(?P<v>[\ue000-\uf8ff])"
_N = "(?P<n>[\ue000-\uf8ff])"
_W = r"(?P<w>[A-Za-z'-]+)"
_UNMARKED = "[^\ue000-\uf8ff.;]"
_OWN = r"(?:the |his |her |their |these |those |its )?"
_EACH = r"each\b(?=\W*$|[.,;:?!]| (?:and|but|can|which|he|she|does|do|from|at|in|day)\b)"
_PRICE = r"(?:costs?|is|are|(?:is|are) sold for|sells? for|is priced at)"
_HOLD = (
    r"(?:holds?|contains?|carries|seats?|sleeps?|fits?|covers?|is enough for|lasts(?: for)?|ha(?:s|ve)(?: room"
    r"| space)?(?: for)?"
    r"|weighs?|needs?|takes?|makes?|gives?|eats?|uses?|fills?|brings?)"
)
_SPAN = "second|minute|hour|day|week|month|year|morning|evening|night"
_FEW = r"(?: (?:only|just|about|exactly|up to|then|also|can|at most))*"
_BY_A = rf"{_V}(?: of [a-z]+)? an? {_W}"
_OF_ONE = rf"\b[Aa]n? (?:[a-z-]+ )??{_W}(?: of [\w\ue000-\uf8ff]+)? (?:{_PRICE}|{_HOLD}){_FEW} {_V}"
_OF_THE = rf"\b(?:[Ii]t|[Tt]he {_W}) costs {_V}"
# Named groups: v what belongs to one, n the counted thing it belongs to, w the word for it.
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"[Ee]ach of {_OWN}{_N}(?: (?!and\b)\w+){{0,4}}? {_V}",
        rf"{_V}(?: of \w+| \w+)? (?:to|for|in|on|from|at|into) each of {_OWN}{_N}",
        rf"{_V} of (?:them|the \w+) (?:to|for|in|on) each of {_OWN}{_N}",
        rf"{_N}{_UNMARKED}{{0,40}}? {_V}(?: \w+)?(?: (?:in|on|at|to))? {_EACH}",
        rf"{_W}(?: (?:at|for|of|costing|that (?:cost|weigh|hold)))? {_V} each\b",
        rf"\b{_W} (?:cost|weigh|hold|contain|need|eat|get|make|last|seat) {_V} each\b",
        rf"\b(?P<w>[A-Za-z-]+s) (?:cost|are sold at|are sold for) {_V}",
        rf"\b(?:[Ee]ach|[Ee]very"
        rf"|[Oo]ne) (?:[a-z]+ )??(?P<w>[a-z-]+)(?: of \w+)?{_FEW} [a-z]+(?: \w+ for)?{_FEW} {_V}",
        _OF_ONE,
        _OF_THE,
        rf"{_V}(?: of [a-z]+| [a-z]+)? (?:per|every|each|(?:for|in|on|to|from|into|at|with) (?:each|every"
        rf"|one)) (?:single )?{_W}",
        rf"{_V}(?: [a-z']+){{1,4}} (?:per|every|each) (?P<w>{_SPAN})\b",
        rf"\b(?:[Ee]very|[Ee]ach|[Pp]er|[Ii]n one|[Oo]n each|[Ii]n each"
        rf"|[Ff]or each) {_W},?(?: [\w']+){{0,5}}? {_V}",
        _BY_A,
        rf"{_N}(?: of [a-z]+)? (?:of|with|holding|containing|that (?:each )?(?:hold|contain)|at|costing"
        rf"|that cost) {_V}",
        rf"\b(?P<w>[a-z-]+s) of {_V}",
        rf"[Ee]ach of them(?: \w+){{1,3}}? {_V}",
    )
)
_USED_UP = re.compile(r"\b(?:needs?|takes?|uses?|eats?|drinks?|spends?|requires?|burns?|loses?|gives?)\b")
_ODD_PER = frozenset({"way", "time", "other", "one", "them"})


@dataclass(frozen=True)
class Rate:
    """How much of `noun` goes with one `per`.

    Attributes:
        index: the quantity that says so; -1 for units.
        sign: -1 where it is used up, else 0.
        also: a second thing that it is reckoned by: kg per horse and day.
        owner: the quantity that alone it belongs to, or -1.
        single: whether it was said of one thing, with "a" or "the".
    """

    per: str
    value: Fraction
    noun: str
    index: int = -1
    sign: int = 0
    also: str = ""
    owner: int = -1
    single: bool = False


def value_of(quantity: Quantity, units: bool) -> Fraction:
    """Return the number, dozens counted out if units are minded."""
    return quantity.value * 12 if quantity.dozen and units else quantity.value


def _per(match: re.Match[str], quantities: Sequence[Quantity], last: str) -> str:
    groups = match.groupdict()
    if groups.get("n"):
        return quantities[at(groups["n"])].noun
    word = groups.get("w")
    return last if word is None else "" if word.lower() in STOP else stem(word)


def _fits(match: re.Match[str], per: str, v: Quantity) -> bool:
    """Return whether a match can be a rate at all."""
    if not per or per in _ODD_PER or v.aside or per == v.noun:
        return False
    if match.re.pattern == _BY_A:
        return is_unit(per) or v.noun in ("dollar", "cent")
    measured = match.groupdict().get("n") is not None and is_unit(per)
    return not measured


def _found(sentence: str, quantities: Sequence[Quantity], last: str, units: bool) -> Iterator[Rate]:
    for pattern in _PATTERNS:
        for match in pattern.finditer(sentence):
            per, index = _per(match, quantities, last), at(match["v"])
            if _fits(match, per, quantities[index]):
                owner = at(match["n"]) if match.groupdict().get("n") else -1
                before = sentence[max(0, match.start() - 20) : match.start("v")]
                single = pattern.pattern in (_OF_ONE, _OF_THE)
                yield Rate(
                    per, value_of(quantities[index], units), quantities[index].noun, index,
                    -1 if _USED_UP.search(before) else 0, owner=owner, single=single,
                )  # fmt: skip


def _merged(found: Sequence[Rate]) -> Iterator[Rate]:
    """Keep one rate for each quantity; a second one, by time, becomes what it is also reckoned by."""
    for index in dict.fromkeys(rate.index for rate in found):
        of_it = [rate for rate in found if rate.index == index]
        first = next((rate for rate in of_it if rate.per not in TIME), of_it[0])
        times = [rate.per for rate in of_it if rate.per in TIME and first.per not in TIME]
        yield replace(first, also=times[0]) if times else first


def _shared(problem: Problem, target: str, taken: frozenset[int]) -> Iterator[tuple[Rate, int]]:
    """Find "6 eggs for 4 people" where the question gives another number of people."""
    wanted = {problem.quantities[at(m)].noun for m in marks(problem.asked)} - {"", target}
    for sentence in problem.told:
        indices = [at(m) for m in marks(sentence) if at(m) not in taken]
        by = [i for i in indices if problem.quantities[i].noun in wanted]
        of = [i for i in indices if problem.quantities[i].noun == target]
        if len(by) == 1 and len(of) == 1 and problem.quantities[by[0]].value:
            a, b = problem.quantities[of[0]], problem.quantities[by[0]]
            yield Rate(b.noun, a.value / b.value, a.noun, of[0]), by[0]


def marks(text: str) -> list[str]:
    """List the marks in a text."""
    return re.findall("[\ue000-\uf8ff]", text)


def _several(problem: Problem, target: str) -> frozenset[str]:
    """Return what there is more than one of, as far as the words tell."""
    words = re.findall(r"[A-Za-z'-]+", " ".join((*problem.told, problem.asked)))
    plural = {stem(word) for word in words if stem(word) != word.lower()}
    return frozenset(plural | {target} | {quantity.noun for quantity in problem.quantities})


def rates_of(problem: Problem, target: str, units: bool) -> tuple[tuple[Rate, ...], frozenset[int]]:
    """Return the rates of a problem, and the quantities that they use up."""
    shared = list(_shared(problem, target, frozenset()))
    used = {by for _, by in shared} | {rate.index for rate, _ in shared}
    found: list[Rate] = [rate for rate, _ in shared]
    several = _several(problem, target)
    last = ""
    for sentence in (*problem.told, problem.asked):
        rates = [r for r in _found(sentence, problem.quantities, last, units) if r.index not in used]
        found += _merged([r for r in rates if not r.single or r.noun in ("dollar", "cent") or r.per in several])
        counted = [q.noun for m in marks(sentence) if (q := problem.quantities[at(m)]).noun and not is_unit(q.noun)]
        last = counted[0] if counted else last
    return tuple(found), frozenset(used | {rate.index for rate in found})


def conversions(units: bool) -> tuple[Rate, ...]:
    """Return the units as rates in both directions; all are 1 where units are not minded."""
    pairs = [(big, small, Fraction(n if units else 1)) for big, small, n in LADDER]
    return tuple(Rate(a, n, b) for a, b, n in pairs) + tuple(Rate(b, 1 / n, a) for a, b, n in pairs)


def way(start: str, goal: str, rates: Sequence[Rate]) -> tuple[Rate, ...] | None:
    """Find the shortest way of rates from one noun to another; said ones go before units."""
    ways: dict[str, tuple[Rate, ...]] = {start: ()}
    for noun in (queue := [start]):
        if noun == goal:
            return ways[noun]
        for rate in rates:
            if rate.per == noun and rate.noun not in ways:
                ways[rate.noun] = (*ways[noun], rate)
                queue.append(rate.noun)
    return None
