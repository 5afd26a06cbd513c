"""Sorting a support ticket by rules: the words of each class, and four skills that may be on or off.

definitions adds the words a class does not carry in its name; precedence decides when several classes
apply; current leaves out what the writer says is settled; wishes sees that a thing which never existed
cannot be broken.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_SENTENCE = re.compile(r"(?<=[.!?;:])\s+|\n+")


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


# What anyone would know from the name of the class: clear signs count two, faint ones one.
_CLEAR: dict[str, re.Pattern[str]] = {
    "access": _any(
        r"\b(?:can't|cannot|can not|couldn't|unable to|nobody \w+ can) (?:log|sign)\b|\black(?:ed|s)? access",
        r"\block(?:ed)? out|\bshut out|\bhacked\b|\bstole\w* my|\bpassword\b.{0,20}\bwrong"
        r"|\breset\b.{0,12}\bpassword",
        r"\bpassword reset\b|\baccount is locked|\bsign-ins? (?:from|fails)|\bsecurity|\blet me in\b"
        r"|\bback into my account",
        r"\breset link|\bsigned in to my account|\b(?:changed|stole) the password|\bbroke sign-in"
        r"|\bneed access",
    ),
    "billing": _any(
        r"\bcharg(?:ed?|es|ing)\b",
        r"\brefund\w*",
        r"\binvoic\w+",
        r"\bpayments?\b",
        r"\bbill(?:ed|ing)\b",
        r"\boverdue",
    ),
    "bug": _any(r"\bcrash\w*", r"\berrors?\b", r"\bbugs?\b", r"\bbroken\b"),
    "feature": _any(
        r"\bplease add\b|\bcould you add\b|\bwould (?:really )?be (?:great|nice|lovely|useful|good)\b"
        r"|\bfeature (?:request|idea)",
        r"\bsuggestion\b|\b(?:would|'d) (?:like|love) to (?:have|see)\b|\bwish list",
    ),
    "question": _any(r"(?!)"),
}
_FAINT: dict[str, re.Pattern[str]] = {
    "access": _any(
        r"\bpassword", r"\blog(?:ged|ging)?[- ]?in\b", r"\bsign(?:ed|ing)?[- ]in\b", r"\baccount\b", r"\baccess\b"
    ),
    "billing": _any(
        r"\bsubscription", r"\bprices?\b", r"\bpay(?:ing)?\b", r"\bcards?\b(?! as| in)", r"\bmoney\b", r"\bbill\b"
    ),
    "bug": _any(
        r"\bdoes(?:n't| not) work",
        r"\bnever worked",
        r"\bwrong\b",
        r"\bfails?\b",
        r"\bproblem\b",
        r"\bnothing happens",
    ),
    "feature": _any(r"\bfeatures?\b", r"\badd\b", r"\bideas?\b"),
    "question": _any(
        r"\bhow do i\b", r"\bwhere (?:can|are|do)\b", r"\bwhat (?:is|are|does)\b", r"\bwhich\b", r"\bquestion\b"
    ),
}
# What has to be said: counts two once the classes are defined.
_TOLD: dict[str, re.Pattern[str]] = {
    "access": _any(
        r"\bauthenticat\w+|\bcode never|\bphish\w+|\bcredential|\binvitation|\bsso\b|\bidentity provider"
        r"|\bpermission|\brevoke",
        r"\bformer (?:employee|colleague|member)|\bfingerprint|\brecovery code|\bsecond step|\b(?:two|2"
        r"|multi)[- ]?factor|\b2fa\b",
        r"\bremoved from the (?:team|workspace)|\b(?:unknown|strange) (?:device|login)"
        r"|\bverification (?:code|mail|link)|\bdata leak",
        r"\banother customer|\bintrud\w+|\bkicked out|\bpasskey|\bone-time code|\bface id\b",
    ),
    "billing": _any(
        r"\bvat\b|\bcard expire|\byearly\b|\bannual\w*\b|\bseats?\b|\bdiscount|\bcoupon|\bvoucher"
        r"|\btrial\b|\b(?:euros?|dollars?|pounds?)\b",
        r"\bpurchase order|\bdowngrade|\bupgraded?\b|\b(?:free|paid|pro) tier|\breceipt|\btax\b|\brenew\w*"
        r"|\bdirect debit|\bbookkeep\w+",
        r"\bquote for\b|\bper month\b|\bcancel (?:my|our|the) plan|\bdeducted|\bmoney back|[$€£]\s?\d",
    ),
    "bug": _any(
        r"\bdisappear\w*|\bvanish\w*|\bfreez\w+|\bfroze|\bno longer (?:match|load|open|show|work)"
        r"|\bupside down|\bblank\b|\bturns? into\b",
        r"\bjumps? back|\b(?:hours?|days?|minutes?) late\b|\bflicker|\bhangs?\b|\bgarbled|\bduplicat\w+"
        r"|\bstopped (?:work|load|sync)\w*",
        r"\bgoes black|\bspins? (?:for ever|forever)|\bout of order\b|\blost (?:my|our|all|a)\b"
        r"|\bcut off\b|\bunreadable|\bscrambl\w+",
    ),
    "feature": _any(
        r"\bhave you thought\b|\bwe miss\b|\bintegration with\b|\bany plans\b|\bwould save\b|\blet (?:us"
        r"|me|people|users)\b",
        r"\ballow (?:us|me|people|users)\b|\bsupport for\b|\bconsider (?:add|mak|offer|build)\w+"
        r"|\bwould help if\b|\bhow about\b|\bit'd be\b",
    ),
    "question": _any(r"(?!)"),
}  # fmt: skip

_SETTLED = _any(
    r"\b(?:is|was|been|that's|are|all) (?:now )?(?:settled|solved|resolved|fixed|answered|lifted|gone|over"
    r"|done|unlocked|sorted|returned"
    r"|dealt with|repaired|closed)\b",
    r"\b(?:can be|now) closed\b|\b(?:you|priya|your team) (?:\w+ )?(?:fixed|solved|answered|repaired|added"
    r"|refunded)\b",
    r"\b(?:refund|invoice|payment|money) (?:has )?(?:arrived|came|went through)|\bno worries\b"
    r"|\ball good\b|\bno longer shows",
    r"\bthanks? (?:you )?for (?:refund|fix|sort|solv|repair|unlock)\w+|\bworks again\b|\bcan (?:log"
    r"|sign) in again\b",
    r"\bwas reset without|\basked for .{0,20}and got\b|\bi got the\b|\bsince you (?:repaired|fixed)"
    r"|\bsorted out\b|\bforget my mail",
)
_WISH = _any(
    r"\b(?:is|was|simply is) (?:still )?no (?:\w+ ){0,3}(?:way|option|button|mode|layout|view|setting)\b"
    r"|\bthere's no\b|\bhas no way\b",
    r"\blacks?\b|\bdo(?:es)? not offer|\bdon't offer|\bdoesn't offer|\bi (?:only )?wish\b|\bwhy can't i\b"
    r"|\bwhy is there no\b",
    r"\bnever was one\b|\bno option\b|\b(?:one|you) can't (?:print|schedule|choose|sort|move|share|set)\b"
    r"|\breminders can't\b",
)
_WITHOUT_NAMES = re.compile(r"\b(?:bugs?|broken|errors?|problem|mistake|useless|wrong|crash)\b")
_TICKET = re.compile(
    r"\b(?:app|account|page|button|screen|file|export|import|sync|mail|team|version|update|calendar|notes?"
    r"|photos?|list|board|folders?"
    r"|plan|you|your|please|thank(?:s| you)|support|tablet|users?|pdf|tab|program|office|desktop|shared?"
    r"|interview|partnership"
    r"|option|firms?|lists?|edit|import|podcast|owner|guide|password|login|sort)\b"
)
PRECEDENCE = ("access", "billing", "bug", "feature", "question")


def _weigh(text: str, defined: bool) -> dict[str, tuple[float, int]]:
    """Gives for each class how much speaks for it and where its first sign stands."""
    found: dict[str, tuple[float, int]] = {}
    for label in PRECEDENCE:
        total = 0.0
        first = len(text)
        tables = ((_CLEAR, 2.0), (_FAINT, 1.0), (_TOLD, 2.0)) if defined else ((_CLEAR, 2.0), (_FAINT, 1.0))
        for table, value in tables:
            for sign in table[label].finditer(text):
                total += value
                first = min(first, sign.start())
        found[label] = (total, first)
    return found


def _open_part(text: str) -> str:
    parts = [part for part in _SENTENCE.split(text) if part.strip()]
    kept = [part for part in parts if not _SETTLED.search(part)]
    return " ".join(kept) if kept else text


def sort(text: str, on: frozenset[str], order: Sequence[str] = PRECEDENCE) -> str:
    """Names the class of a ticket as seen with the skills that are on; `order` is who goes first."""
    low = text.lower().replace("’", "'")
    if "current" in on:
        low = _open_part(low)
    wished = bool(_WISH.search(low))
    if "wishes" in on and wished:
        low = _WITHOUT_NAMES.sub(" ", low)
    found = _weigh(low, "definitions" in on)
    if "wishes" in on and wished:
        found["feature"] = (found["feature"][0] + 3.0, found["feature"][1])
    if "precedence" in on:
        for label in order:
            if found.get(label, (0.0, 0))[0] >= 2.0:
                return label
    best = max(PRECEDENCE, key=lambda label: (found[label][0], -found[label][1]))
    return best if found[best][0] else "question"


def needs(text: str) -> frozenset[str]:
    """Names the skills that a ticket cannot be sorted without."""
    low = text.lower().replace("’", "'")
    every = frozenset({"definitions", "precedence", "current", "wishes"})
    right = sort(text, every)
    found = {skill for skill in every if sort(text, every - {skill}) != right}
    if _open_part(low) != low:
        found.add("current")
    if sum(value >= 2.0 for value, _ in _weigh(_open_part(low), True).values()) > 1 and right != "feature":
        found.add("precedence")
    return frozenset(found)


def evidence(text: str) -> int:
    """Counts the signs that a text is a support ticket at all."""
    low = text.lower()
    signs = sum(bool(value) for value, _ in _weigh(low, True).values())
    return 2 * signs + len(set(_TICKET.findall(low)))
