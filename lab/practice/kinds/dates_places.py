"""Signs in a note of where it was written, and so of which figure is the day."""

from __future__ import annotations

import re

from lab.practice.kind import any_of

__all__ = ["is_day_first"]

_DAY_FIRST = any_of(
    r"\bdd[/.-]mm",
    r"\b(?:uk|u\.k\.|british|britain|england|english|scotland|scottish|wales|welsh|ireland|irish|europ\w+)\b",
    r"\b(?:german\w*|austria\w*|swiss|switzerland|fr(?:ance|ench)|ital\w+|spa(?:in|nish)|dutch|netherlands"
    r"|belgi\w+|portug\w+|pol(?:and|ish)|czech|danish|denmark|norw\w+|swed\w+|finnish|finland|greek|greece"
    r"|austral\w+|indian?)\b",
    r"\b(?:london|manchester|leeds|bristol|oxford|cambridge|edinburgh|glasgow|cardiff|belfast|dublin|liverpool"
    r"|york(?<!new york)|berlin|hamburg|munich|cologne|frankfurt|vienna|salzburg|zurich|geneva|paris|lyon|madrid"
    r"|barcelona|rome|milan|bologna|lisbon|porto|amsterdam|rotterdam|brussels|prague|warsaw|athens|copenhagen"
    r"|oslo|stockholm|helsinki|budapest|sydney|melbourne|auckland|mumbai|delhi)\b",
    r"[£€]|\beuros?\b|\bpence\b",
    r"\bmum\b|\bcolour|\bfavour|\bcentre\b|\bcheque\b|\bprogramme\b|\blorry|\btyre|\bfortnight",
)
_MONTH_FIRST = any_of(
    r"\bmm[/.-]dd",
    r"\busa\b|\bu\.s\.|\bamerica\w*|\bunited states",
    r"\b(?:new york|chicago|boston|texas|seattle|denver|atlanta|miami|california|florida|ohio|oregon|dallas"
    r"|houston|austin|los angeles|san francisco|philadelphia|detroit|portland|phoenix|nashville|washington"
    r"|brooklyn|virginia|nevada)\b",
    r"\$|\bdollars?\b|\bcents\b",
    r"\bmom\b|\bcolor|\bfavor|\bcenter\b|\bzip code|\bapartment|\bvacation|\bthanksgiving",
)


def is_day_first(note: str) -> bool:
    """Return whether the signs in a note put the day before the month; without signs only figures with dots do."""
    low = re.sub(r"\bUS\b", "USA", note).lower()
    said = {"dd/mm": 9, "dd.mm": 9, "mm/dd": -9}
    votes = sum(weight for form, weight in said.items() if form in low)
    votes += len(set(_DAY_FIRST.compiled.findall(low))) - len(set(_MONTH_FIRST.compiled.findall(low)))
    return votes > 0 or (votes == 0 and bool(re.search(r"\b\d{1,2}\.\s?\d{1,2}\.\s?(?:\d{4}|\d\d)\b", low)))
