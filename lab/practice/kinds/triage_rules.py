"""Sorting a support ticket by rules: the words of each class, and four skills that may be on or off.

definitions adds the words a class does not carry in its name; precedence decides when several classes
apply; current leaves out what the writer says is settled; wishes sees that a thing which never existed
cannot be broken.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from lab.practice.kind import Cue, any_of

SKILLS = frozenset({"definitions", "precedence", "current", "wishes"})
PRECEDENCE = ("access", "billing", "bug", "feature", "question")

_SENTENCE = re.compile(r"(?<=[.!?;:])\s+|\n+")


_NEVER = Cue(r"(?!)")
# What anyone would know from the name of the class: clear signs count two, faint ones one.
_CLEAR: dict[str, Cue] = {
    "access": any_of(
        r"\b(?:can't|cannot|couldn't|unable to|nobody(?: \w+){1,3} can)(?: even| seem to)? (?:log|sign)\b",
        r"\black(?:ed|s)? access|\block(?:ed)? out|\bshut out|\bhacked\b|\b(?:stole\w*|steal\w*) my|\bsecurity",
        r"\bpassword\b.{0,20}\bwrong|\breset\b.{0,12}\bpassword|\bpassword reset\b|\breset link",
        r"\bforg[eo]t\w* my password",
        r"\baccount (?:is|was|got|has been) locked|\bsign-ins? (?:from|fails)|\blet me in\b|\bback into my account",
        r"\bsigned in to my account|\b(?:changed|stole) the password|\bbroke sign-in|\bneed access",
    ),
    "billing": any_of(
        r"\bcharg(?:ed?|es|ing)\b|\brefund\w*|\binvoic\w+(?! (?:template|layout|design|numbering))",
        r"\bpayments?\b|\bbill(?:ed|ing)\b|\boverdue|\bpaid twice",
    ),
    "bug": any_of(r"\bcrash\w*|\berrors?\b|\bbugs?\b|\bbroken\b"),
    "feature": any_of(
        r"\bplease add\b|\b(?:could|can|would) you add\b|\bfeature (?:request|idea)|\bsuggestion\b|\bwish list",
        r"\bwould (?:really )?be (?:great|nice|lovely|useful|good|handy|wonderful)\b",
        r"\b(?:would|'d) (?:like|love) to (?:have|see)\b",
    ),
    "question": any_of(
        r"\bhow (?:do|can|does) (?:i|we|one|the)\b|\bwhat (?:is|does)\b|\bquestion about\b|^which\b|[.!?] which\b"
    ),
}
_FAINT: dict[str, Cue] = {
    "access": any_of(r"\bpassword|\blog(?:ged|ging)?[- ]?in\b|\bsign(?:ed|ing)?[- ]in\b|\baccount\b|\baccess\b"),
    "billing": any_of(r"\bsubscription|\bprices?\b|\bpay(?:ing)?\b|\bcards?\b(?! as| in)|\bmoney\b|\bbill\b"),
    "bug": any_of(r"\bdoes(?:n't| not) work|\bnever worked|\bwrong\b|\bfails?\b|\bproblem\b|\bnothing happens"),
    "feature": any_of(r"\bfeatures?\b|\badd(?:ed)?\b|\bideas?\b"),
    "question": any_of(r"\bhow do i\b|\bwhere (?:can|are|do)\b|\bwhat (?:is|are|does)\b|\bwhich\b|\bquestion\b"),
}
# What has to be said: counts two once the classes are defined.
_TOLD: dict[str, Cue] = {
    "access": any_of(
        r"\bauthenticat\w+|\bcode never|\bphish\w+|\bcredential|\binvitation|\bsso\b|\bidentity provider",
        r"\bpermission",
        r"\brevoke|\bformer (?:employee|colleague|member)|\bfingerprint|\brecovery code|\bsecond step",
        r"\b(?:two|2|multi)[- ]?factor|\b2fa\b|\bremoved from the (?:team|workspace)|\bkicked out|\bone-time code",
        r"\b(?:unknown|strange) (?:device|login)|\bverification (?:code|mail|link)|\bdata leak|\banother customer",
        r"\bintrud\w+|\bface id\b|\bcaptcha|\b(?:can|could) (?:still )?(?:see|read|open) our\b",
    ),
    "billing": any_of(
        r"\bvat\b|\bcard expire|\byearly\b|\bannual\w*\b|\bseats?\b|\bdiscount|\bcoupon|\bvoucher|\btrial\b",
        r"\b(?:euros?|dollars?|pounds?)\b|\bpurchase order|\bdowngrade|\bupgraded?\b|\b(?:free|paid|pro) tier",
        r"\breceipt|\btax\b|\brenew\w*|\bdirect debit|\bquote for\b|\bdeducted|\bmoney back|[$€£]\s?\d",
        r"\b(?:pay|costs?)\b.{0,20}\b(?:per|a) month\b|\bcancel (?:my|our|the) plan|\bbank (?:statement|transfer)",
    ),
    "bug": any_of(
        r"\bdisappear\w*|\bvanish\w*|\bfreez\w+|\bfroze|\bno longer (?:match|load|open|show|work)|\bupside down",
        r"\bblank\b",
        r"\bturns? into\b|\bjumps? back|\b(?:hours?|days?|minutes?) late\b|\bflicker|\bhangs?\b|\bgarbled",
        r"\bduplicat\w+|\bstopped (?:work|load|sync)\w*|\bdo(?:es)?(?:n't| not) work|\bnever worked",
        r"\bnothing happens",
        r"\bgoes black|\bspins? (?:for ever|forever)|\bout of order\b|\blost (?:my|our|all|a)\b|\bcut off\b",
        r"\bunreadable|\bscrambl\w+|\bgone (?:missing|after)|\bwon't (?:load|open|start|save|print)",
    ),
    "feature": any_of(
        r"\bhave you thought\b|\bwe miss\b|\bintegration with\b|\bany plans\b|\bwould save\b|\bsupport for\b",
        r"\b(?:let|allow) (?:us|me|people|users)\b|\bconsider (?:add|mak|offer|build)\w+|\bwould help if\b",
        r"\bhow about\b|\bit'd be\b",
    ),
    "question": _NEVER,
}

_SETTLED = any_of(
    r"\b(?:is|was|been|that's|are|all) (?:now )?(?:settled|solved|resolved|fixed|answered|lifted|gone|over|done"
    r"|unlocked|sorted|returned|dealt with|repaired|closed|refunded)\b",
    r"\b(?:can be|now) closed\b|\bno longer shows|\bworks again\b|\bsorted out\b|\bforget my mail",
    r"\b(?:you|priya|your team) (?:\w+ )?(?:fixed|solved|answered|repaired|added|refunded)\b",
    r"\b(?:refund|invoice|payment|money) (?:has )?(?:arrived|came|went through)|\bno worries\b|\ball good\b",
    r"\bthanks? (?:you )?for (?:refund|fix|sort|solv|repair|unlock)\w+|\bcan (?:log|sign) in again\b",
    r"\bwas reset without|\basked for .{0,20}and got\b|\bi got the\b|\bsince you (?:repaired|fixed)",
)
_WISH = any_of(
    r"\b(?:is|was|simply is) (?:still )?no (?:\w+ ){0,3}(?:way|option|button|mode|layout|view|setting)\b",
    r"\bthere's no\b",
    r"\bhas no way\b|\black(?:s|ing)?\b|\b(?:does|do)(?:n't| not) offer|\bi (?:only )?wish\b|\bwhy can't i\b",
    r"\bwhy is there no\b|\bnever was one\b|\bno option\b|\breminders can't\b",
    r"\b(?:one|you) can't (?:print|schedule|choose|sort|move|share|set)\b",
)
_WITHOUT_NAMES = re.compile(r"\b(?:bugs?|broken|errors?|problem|mistake|useless|wrong|crash)\b")
_TICKET = re.compile(
    r"\b(?:app|account|page|button|screen|file|export|import|sync|update|calendar|notes?|photos?|list|board|folders?"
    r"|you|your|please|thanks|thank you|support|tablet|users?|pdf|tab|program|desktop|template|reminders?|wish"
    r"|interview|partnership|option|edit|podcast|guide|password|login|share|colour my)\b|\?"
)


def _weigh(text: str, defined: bool) -> dict[str, tuple[float, int]]:
    """Return for each class how much speaks for it and where its first sign stands."""
    found: dict[str, tuple[float, int]] = {}
    for label in PRECEDENCE:
        total = 0.0
        first = len(text)
        tables = ((_CLEAR, 2.0), (_FAINT, 1.0), (_TOLD, 2.0)) if defined else ((_CLEAR, 2.0), (_FAINT, 1.0))
        for table, value in tables:
            for sign in table[label].compiled.finditer(text):
                total += value
                first = min(first, sign.start())
        found[label] = (total, first)
    return found


def _parted(text: str) -> tuple[str, str]:
    """Part a ticket in what is open and what its writer says is settled."""
    parts = [part for part in _SENTENCE.split(text) if part.strip()]
    still_open = [part for part in parts if not _SETTLED.search(part)]
    settled = [part for part in parts if _SETTLED.search(part)]
    return (" ".join(still_open), " ".join(settled)) if still_open else (text, "")


def _topic(found: dict[str, tuple[float, int]]) -> str | None:
    best = max(PRECEDENCE, key=lambda label: (found[label][0], -found[label][1]))
    return best if found[best][0] else None


def _found(low: str, on: frozenset[str]) -> dict[str, tuple[float, int]]:
    still_open, settled = _parted(low)
    seen = still_open if "current" in on else low
    wished = "wishes" in on and _WISH.search(seen) is not None
    found = _weigh(_WITHOUT_NAMES.sub(" ", seen) if wished else seen, "definitions" in on)
    if wished:
        found["feature"] = (found["feature"][0] + 3.0, found["feature"][1])
    told = _topic(_weigh(settled, False)) if "current" not in on else None
    if told:
        # Who does not mind that it is over takes it for the matter.
        found[told] = (found[told][0] + 1.0, found[told][1])
    return found


def sort(text: str, on: frozenset[str], order: Sequence[str] = PRECEDENCE) -> str:
    """Name the class of a ticket as seen with the skills that are on; `order` is who goes first."""
    found = _found(text.lower().replace("’", "'"), on)
    clear = [label for label in order if found.get(label, (0.0, 0))[0] >= 2.0]
    if clear and "precedence" in on:
        return clear[0]
    # Nobody said who goes first: the matter that is told first does, and faint signs count where there is no other.
    if clear:
        return min(clear, key=lambda label: found[label][1])
    return "question" if "definitions" in on else _topic(found) or "question"


def needs(text: str) -> frozenset[str]:
    """Name the skills without which a ticket is missorted; where none is alone in that, those that may help."""
    right = sort(text, SKILLS)
    alone = frozenset(skill for skill in SKILLS if sort(text, SKILLS - {skill}) != right)
    if alone or sort(text, frozenset()) == right:
        return alone
    return frozenset(skill for skill in SKILLS if sort(text, frozenset({skill})) == right) or SKILLS


def evidence(text: str) -> int:
    """Count the signs that a text is a support ticket: words of a class, and things that tickets are about."""
    if len(text.split()) < 2:
        return 0
    low = text.lower()
    signs = sum(value >= 2.0 for value, _ in _weigh(low, True).values()) + (_WISH.search(low) is not None)
    return min(3, signs) + min(3, len(set(_TICKET.findall(low))))
