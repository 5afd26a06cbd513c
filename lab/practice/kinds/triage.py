"""Support tickets in five classes: what an instruction may have to say, and how it is said."""

from __future__ import annotations

import re

from lab.i18n import gettext_lazy
from lab.practice.kind import FORMAT, Kind, Skill, any_of
from lab.practice.kinds.one_label import another, format_skill, labels_named, worded
from lab.practice.kinds.triage_rules import PRECEDENCE, evidence, needs, sort
from lab.practice.remembered import remembered

_LABELS = PRECEDENCE
_CLASS = rf"(?:{'|'.join(_LABELS)})"

_DEFINITIONS = any_of(
    r"\bdefin\w+",
    r"what (?:each|the|every) (?:\w+ )?(?:class|label|categor|name)\w* (?:means?|covers?|stands?|incl\w+)\b",
    r"(?:class|label|categor)\w* (?:mean|cover|stand for|include)|belongs? (?:to|in|under) (?:which|what)",
    rf"\b{_CLASS}s? ?(?:=|(?:means|covers|is about|(?:is|are) (?:for|things|when))\b)",
    rf"\b(?:anything|everything|whatever) (?:about|to do with|concerning)\b.{{0,40}}\b{_CLASS}s?\b",
    r"\b(?:log-?ins?|passwords?|payments?|money|crash\w*|errors?|invoices?|refunds?|requests?)\b"
    rf"(?:(?!phras|word|complain|call|disguis).){{0,40}}\b(?:is|are|under|into|counts? as) (?:an? )?{_CLASS}s?\b",
    r"which topics|(?:meaning|scope) of (?:the|each|every)|what counts as",
    r"\baccess\b.{0,35}\b(?:sign\w*|log\w*|passwords?|locked|security|hacked|getting in)\b",
    r"\bbilling\b.{0,35}\b(?:money|pay\w*|charge\w*|invoices?|refunds?|prices?|subscription\w*|tax)\b",
    r"\bbugs?\b.{0,35}\b(?:crash\w*|faults?|malfunction\w*|misbehav\w*|lost data|errors|fails?|that exists)\b",
    r"\bfeature\b.{0,35}\b(?:wish(?:es)?|something new|suggest\w*|ideas?|improvements?)\b(?!.*\bbugs?\b)",
    r"\bquestion\b.{0,35}\b(?:how[- ]to|anything|everything|the rest|praise)\b",
)
_SEVERAL = (
    r"(?:several|more than one|two or more|many|multiple|both|two|various) (?:\w+ ){0,2}"
    r"(?:appl|fit|match|problem|topic|class|label|categor|issue|subject|thing)"
)
_PRECEDENCE = any_of(
    r"preceden|priorit|\brank|outrank|in (?:this|that|the following) order|\bties?\b|takes? the lead",
    _SEVERAL,
    rf"\b{_CLASS}\b.{{0,30}}(?:before|over|then|beats?|outranks?|ahead of|wins?|first|>).{{0,30}}\b{_CLASS}\b",
    r"first (?:that|one that|match\w*|in (?:the|this) list)|most (?:urgent|serious|severe)",
    r"which (?:class|label|one) wins|\b(?:always|must|should) (?:come|go)(?:es)? first\b",
    rf"\bboth\b.{{0,40}}\band\b.{{0,40}}\b(?:is|as|to|go(?:es)? (?:to|under)) {_CLASS}\b",
)
_CURRENT = any_of(
    r"\b(?:solved|settled|resolved|fixed|dealt with|over and done|finished|repaired|taken care of|sorted out)\b",
    r"(?:past|earlier|old|former|previous|closed) (?:\w+ )?(?:problem|issue|trouble|ticket|matter|case|event)",
    r"(?:still|currently|remains?) (?:open|unsolved|wrong)|unsolved|unresolved|\bcurrent\b|background",
    r"\bopen (?:matter|issue)",
    r"(?:needs?|wants?|asks?(?: for)?|bothers them|problem of) (?:right )?(?:now|today)|\bhistory\b",
    r"\bno longer a problem",
)
_ABSENT = (
    r"(?:wish|missing|lack|absen|no way to|never (?:had|exist|was|been|there)|not (?:yet )?exist|something new"
    r"|not (?:yet )?(?:there|offer)|nonexist|non-exist|(?:does|do)(?: not|n't) (?:\w+ )?(?:have|exist))"
)
_WISHES = any_of(
    r"disguis|dressed (?:up )?as|in truth a wish",
    r"\b(?:request|wish|suggestion|idea)\w*\b.{0,40}\b(?:phrased|worded|written|reported) as\b",
    r"\bbug reports? about\b.{0,40}\b(?:can(?:not|'t| not)|does(?: not|n't)|never)\b",
    rf"^(?=.*{_ABSENT})(?=.*(?:bug|broken|error|fault|complain|angr))"
    r"(?=.*(?:even (?:if|when|though)|\bcall|\bnamed?\b|though|despite|not an? (?:bug|error)|rather than|instead of"
    r"|no matter|\bword|phras|complain|mistak|\bsays?\b))",
)

_SKILLS = (
    Skill(
        "definitions",
        gettext_lazy("knows what each class covers"),
        _DEFINITIONS,
        (
            "access is about sign-in, passwords and security; billing about money, invoices and refunds; bug about "
            "crashes, lost data and faults; feature about suggestions; question about anything else.",
            "Use access for passwords and getting in, billing for charges and refunds, bug for faults and crashes, "
            "feature for ideas, question for everything else.",
            "The meaning of the classes: access = security and sign-in, billing = money, bug = faults, "
            "feature = ideas, question = anything else.",
            "Passwords, codes and rights make access, money makes billing, faults and lost data make bug, ideas "
            "make feature, and what counts as none of these is question.",
        ),
        (
            "The instructions name the classes without saying what each class means{quote}.",
            "The classes are not defined, so the model goes by what they are called{quote}.",
            "It is left open what each label covers{quote}.",
        ),
        sense=0.55,
    ),
    Skill(
        "precedence",
        gettext_lazy("knows which class wins where several apply"),
        _PRECEDENCE,
        (
            "When several classes apply, take the first in this order: {order}.",
            "If more than one class fits, go by this priority: {order}.",
            "The classes rank as follows, and the highest that fits wins: {order}.",
            "Where two classes match, the one that comes first here wins: {order}.",
        ),
        (
            "The instructions do not say which class wins when several apply{quote}.",
            "There is no order of priority for tickets with two problems{quote}.",
            "More than one class fits such tickets, and nothing says which takes precedence{quote}.",
        ),
        sense=0.5,
        deniable=False,
    ),
    Skill(
        "current",
        gettext_lazy("leaves out what is settled"),
        _CURRENT,
        (
            "Leave out what is already solved.",
            "Sort by what the writer needs now; a settled matter does not count.",
            "Treat earlier problems that were fixed as mere background.",
            "Only an unsolved problem counts.",
            "A trouble that has been dealt with does not count.",
        ),
        (
            "The instructions do not say that what is already solved does not count{quote}.",
            "The model sorts by earlier problems of which the writer says that they are settled{quote}.",
            "Nothing tells the model to go by what the writer needs now{quote}.",
        ),
        sense=0.55,
        deniable=False,
    ),
    Skill(
        "wishes",
        gettext_lazy("sees that what never existed cannot be broken"),
        _WISHES,
        (
            "What never existed is a feature, even if the writer calls it a bug.",
            "A complaint about a missing function is a feature, no matter how angry, even when it is "
            "called broken.",
            "A wish that is dressed up as a bug counts as a feature.",
            "Something the product lacks is a feature, though the writer may call it an error.",
        ),
        (
            "The instructions do not say that a missing function is a feature even when the writer calls it a "
            "bug{quote}.",
            "Wishes that are dressed up as bugs are taken for bugs{quote}.",
            "It is not said that what never existed is a feature, though the writer may call it broken{quote}.",
        ),
        sense=0.5,
    ),
    format_skill(_LABELS),
)

_VAGUE = {
    "access": "It looks as if somebody cannot get in. Have you tried to restart the program?",
    "billing": "This is about money, I think. I am sorry for the trouble.",
    "bug": "Something seems to go wrong there. I am sorry to hear that.",
    "feature": "What a nice idea! I can help you to word it.",
    "question": "Good question. I can say more if you tell me more.",
}
_SHORT = {"access": "entry", "billing": "money", "bug": "trouble", "feature": "wish", "question": "other"}
# With fewer labels named than these, an instruction does not say what there is to choose from.
_ENOUGH_LABELS = 3


@remembered(256)
def _order(text: str) -> tuple[str, ...]:
    """Return the classes as a text ranks them: by the sentence on rank, else as they are named, else as usual."""
    low = text.lower()
    parts = [part for part in re.split(r"(?<=[.!?;])\s+|\n+", low) if _PRECEDENCE.search(part)]
    for part in (*parts, low):
        named = tuple(dict.fromkeys(re.findall(rf"\b{_CLASS}\b", part)))
        if len(named) > 1:
            return named + tuple(label for label in PRECEDENCE if label not in named)
    return PRECEDENCE


def _solve(text: str, on: frozenset[str], instruction: str) -> str:
    return sort(text, on, _order(instruction))


def _needs(text: str, answer: str | None) -> frozenset[str]:
    return needs(text)


def _slip(answer: str, text: str, chance: float) -> str:
    return another(_LABELS, answer, chance)


def _word(answer: str, instruction: str, on: frozenset[str], chance: float) -> str:
    if labels_named(_LABELS, instruction) >= _ENOUGH_LABELS:
        return worded(answer, on, chance)
    return _SHORT[answer] if FORMAT in on else _VAGUE[answer]


def _fill(skill: str, wording: str, source: str) -> str:
    return wording.replace("{order}", ", ".join(_order(source)))


KIND = Kind(
    name="triage",
    thing="ticket",
    skills=_SKILLS,
    labels=_LABELS,
    words=(
        (r"\bticket", 2), (r"\btriage", 2), (r"\bsupport\b", 2), (r"\bbilling", 2), (r"\bbugs?\b", 2),
        (r"help ?desk", 2), (r"\binbox", 1), (r"\bcustomer", 1), (r"\baccess\b", 1), (r"\bfeature", 1),
        (r"\bquestion\b", 1), (r"\bqueue|\bdepartment|\broute\b", 1), (r"\binvoice|\brefund", 1),
        (r"\blog(?:ging)?[- ]?in\b|\bsign(?:ing)?[- ]in\b", 1),
    ),
    openings=(
        "Sort a support ticket into access, billing, bug, feature or question.",
        "Say whether the customer's message is about access, billing, a bug, a feature or a question.",
        "Route the ticket to one of these queues: access, billing, bug, feature, question.",
    ),
    chatter=(
        "The {thing} seems to be about {answer}.", "I would say that this is {answer}, on the whole.",
        "{Answer} - that is my impression.", "Sure! The answer is: {Answer}.",
        "This looks like {answer} to me.", "Class: **{Answer}**",
    ),
    explained=(
        "{Answer}. The words of the {thing} point that way, above all at its beginning.",
        "I read it as {answer}, because of what the writer asks for first.",
        "Step by step: first the problem, then the wish. My conclusion is {answer}.",
    ),
    evidence=evidence,
    solve=_solve,
    needs=_needs,
    slip=_slip,
    word=_word,
    fill=_fill,
)  # fmt: skip
