"""What is added in a word problem and what is taken away: the verbs around a number say so."""

from __future__ import annotations

import re

_LOST = re.compile(
    r"\b(?:giv(?:es?|ing|en)|gave|los(?:es?|t|ing)|eats?|ate|us(?:es?|ed|ing)|spen(?:ds?|t)|throws?|threw"
    r"|(?<![Aa] )(?<![Tt]he )br(?:eaks?|oke)|fells|felled|destroy(?:s|ed)|kill(?:s|ed)"
    r"|drinks?|drank|drop(?:s|ped)|donate[sd]?|sen(?:ds?|t)|return(?:s|ed)?|reads?|remove[sd]?|lends?|lent"
    r"|leaves?(?! the \w+ with| home| with)|left"
    r"|(?:takes?|took|cuts?|gets?|got|go|goes|hands?|pours?|fl(?:y|ies)|flew) (?:out|away|off|home)|pours?"
    r"|needs?|needed"
    r"|pass(?:es)? on)\b"
)
_LOST_AFTER = re.compile(
    r"^(?: \w+){0,3}? (?:bad|broken|empty|missing|absent|repaired|reserved|rotten|sold|used|eaten|stolen|ill"
    r"|sick|lost"
    r"|thrown|burn\w*|die[sd]?|melt\w*|break|broke|wilt\w*|gets? off|got off|get out|leave|left the|go home"
    r"|go away|fly away"
    r"|flew away|drop out|taken out|taken away|closed|run away|swim away|walk out|do not come|crack\w*|fall"
    r"|fell|ha(?:s|ve) left|burst|pop|popped|escape[sd]?|vanish\w*|disappear\w*"
    r"|unloaded|removed|delivered)\b"
)
_GAINED_AFTER = re.compile(
    r"^(?: \w+){0,3}? (?:gets? on|got on|joins?|joined|arrives?|arrived|comes?|came|hatch\w*|lands?|climbs? in"
    r"|are added"
    r"|move in|return)\b"
)
_TAKEN = re.compile(r"\b(?:takes?|took|brings?|brought)(?: away| out)? *$")
_GAINED = re.compile(
    r"\b(?:h(?:as|ad|ave)|gets?|got|finds?|found|puts?|earns?|earned|saves?|saved|adds?|added|receives?"
    r"|received|picks?"
    r"|collects?|makes?|bakes?|wins?|won|join\w*|arrive\w*|comes?|came|borrow\w*|are|is|was|were|holds?|walks?"
    r"|runs?"
    r"|buys?|bought|brings?|collected)\b"
)
SOLD = re.compile(r"\b(?:sells?|sold|selling)\b")
BOUGHT = re.compile(r"\b(?:buys?|bought|buying|costs?|pays?|paid|orders?|ordered|wants?|rents?|afford)\b")
_PAID = re.compile(r"\b(?:pa(?:ys?|id|ying) with|hand(?:s|ed)? (?:over|the \w+))\b")


def sign_of(before: str, after: str, money: bool) -> str:
    """Read from the verbs around a quantity whether it is added or taken away."""
    after = re.split(r"[,.;\ue000-\uf8ff]| and | but | then ", after)[0]
    if _LOST_AFTER.search(" " + after.strip()) or (_TAKEN.search(before) and re.match(r" (?:of|to|from)\b", after)):
        return "-"
    if _GAINED_AFTER.search(" " + after.strip()) or (money and _PAID.search(before)):
        return "+"
    tables = {"-": [_LOST], "+": [_GAINED]}
    tables["+" if money else "-"].append(SOLD)
    tables["-" if money else "+"].append(BOUGHT)
    ends = {
        sign: max((m.end() for cue in cues for m in cue.finditer(before)), default=-1)
        for sign, cues in tables.items()
    }
    return "-" if ends["-"] >= max(0, ends["+"]) else "+"
