"""Arithmetic word problems: what an instruction may have to say, and how a reply is put."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

from lab.i18n import gettext_lazy
from lab.practice.chance import pick, unit
from lab.practice.kind import FORMAT, Cue, Kind, Skill, any_of
from lab.practice.kinds.word_problems_sums import Step, plain, work

_ALL = frozenset({"steps", "distractor", "units", "rounding"})
_BAD = (
    r"(?:irrelevant|needless|unneeded|unnecessary|unrelated|extra|superfluous|useless|spare|distracting"
    r"|misleading|red[- ]herring)"
)
_DATA = r"(?:numbers?|figures?|information|facts?|details?|quantit\w+|data|values?|prices?|ages?|dates?|years?)"
_ANSWER = r"(?:answer|result|number|solution|total)"

_STEPS = Skill(
    "steps",
    gettext_lazy("carries a problem through all its operations"),
    any_of(
        r"\bstep[- ]by[- ]step|\b(?:in|by|one|each|every|all|several|single|small|more|first|second|multiple"
        r"|the|your|with)"
        r" (?:the )?steps?\b|\bsteps? (?:after|at a time|first|in order)|\bstepwise|\bmulti[- ]?step",
        r"\bshow(?:ing|s)? (?:\w+ )?(?:work|working|calculation|reasoning|solution path|how)|\byour working\b"
        r"|\bthe working\b|\bworking out\b",
        r"\b(?:think|reason|calculate|work|solve|explain|go)\b.{0,25}\b(?:through|aloud|out loud|carefully"
        r"|first|before)\b",
        r"\breason(?:ing|s)?\b|\bchain of thought|\bderiv(?:e|ation)|\bintermediate|\bpartial results?",
        r"\b(?:one|each|every|all|first|several|second|next|single) (?:of )?(?:the )?(?:operations?|calculations?"
        r"|computations?)\b"
        r"|\bone (?:operation|calculation|thing) after (?:the other|another)",
        r"\bto the (?:very )?end\b(?! (?:of|with))|\bbreak (?:it|the|each|every)\b.{0,20}\b(?:down|up|parts|pieces)"
        r"|\bdo not stop\b|\bdon't stop\b|\bsub[- ]?(?:problem|goal|result|question)s?",
        r"\bwrite (?:down |out )?(?:\w+ )?(?:equation|calculation|operation|intermediate)",
    ),
    (
        "Work step by step and show your working.",
        "Write down each calculation, one operation after the other, and carry on to the end.",
        "Reason through the problem before you answer: first one operation, then the next.",
        "Break the problem down into small steps and solve them in turn.",
        "Show the working for every operation; do not stop at the first.",
    ),
    (
        "The instructions do not ask for the working, so the model stops after the first operation{quote}.",
        "Nothing tells the model to go step by step; the problem takes several operations{quote}.",
        "The problem has more than one step, and the reasoning breaks off too early{quote}.",
    ),
    sense=0.75,
)
_DISTRACTOR = Skill(
    "distractor",
    gettext_lazy("leaves out numbers that do not matter"),
    any_of(
        rf"\b{_BAD}\b|\birrelevan|\brelevan(?:t|ce)\b|\bdistract(?:or|ion|ing|ed)?s?\b|\bred herring",
        rf"\b{_DATA}\b.{{0,40}}(?:\bnot?\b|n't\b|\bnever\b|\bnothing\b).{{0,15}}\b(?:matter|need|used?|count"
        rf"|help|belong"
        r"|contribut|bear|part|do with|play|relate|to do|connect|ask)",
        rf"\b(?:leave out|skip|drop|set aside|discard|omit|disregard|ignore|exclude|pass over|cross out"
        rf"|filter out|strike out"
        rf"|overlook|throw out|leave aside)\b.{{0,40}}\b(?:{_DATA}|whatever|what|everything|anything)\b",
        r"\b(?:use|take|keep|consider|count|pick|choose|select) (?:\w+ )?(?:only|just"
        r"|solely)\b.{0,25}\b(?:numbers?|figures?"
        r"|facts?|information|data|quantit\w+)\b|\bonly (?:use|take|the (?:numbers?|figures?|facts?"
        r"|quantities))\b(?!.{0,4}$)"
        r"(?=.{0,60}\b(?:ask|need|matter|question|belong|count|lead|bear))",
        r"\b(?:numbers|figures|facts|details)\b.{0,30}\b(?:matter|needed|bear on|belong to the question"
        r"|beside the point"
        r"|drawn in|just (?:there|background)|only background|for show)\b",
        r"\b(?:ages?|dates?|years|birthdays?|opening (?:hours|times)|prices of other)\b.{0,50}\b(?:matter|count"
        r"|out|aside|ignor"
        r"|needed|background|belong|drawn)",
        r"\b(?:used|uses|added|adds|took) (?:an?|the|his|her|their) (?:age|date|year|house number)\b",
        r"\bbeside the point\b|\bnothing to do with\b|\bnot (?:every|all) (?:the )?(?:numbers?|figures?)",
    ),
    (
        "Leave out numbers that do not matter for the question, such as ages, dates and prices of other things.",
        "Use only the numbers that the question needs; skip the rest.",
        "Some figures are irrelevant: drop ages, years and whatever has nothing to do with the question.",
        "Leave out every detail that plays no part in what is asked; skip such facts.",
    ),
    (
        "The instructions do not say that numbers may be irrelevant, and the model draws one in{quote}.",
        "An age, a date or another price is used although it does not matter{quote}.",
        "Nothing tells the model to leave out figures that have nothing to do with the question{quote}.",
    ),
    sense=0.75,
    deniable=False,
)
_UNITS = Skill(
    "units",
    gettext_lazy("converts mixed units to the one asked for"),
    any_of(
        r"\bunits?\b(?! price)|\bconver(?:t|sion)|\bmeasure(?:s|ments?)\b",
        r"\b(?:turn|chang|translat|bring|express|put)\w*\b.{0,40}\b(?:into|to|in)\b.{0,25}\b(?:minutes?|hours?"
        r"|days|weeks|cents?"
        r"|dollars?|metres?|meters?|cm|km|grams?|kg|litres?|same (?:measure|scale))",
        r"\bdozens?\b|\bcents? (?:and|to|are|into|or|with) (?:\w+ )?dollars?\b|\bdollars? (?:and|to|into|or"
        r"|with) cents?\b"
        r"|\bminutes? (?:and|to|into|or|with) hours?\b|\bhours? (?:and|to|into|or|with) minutes?\b"
        r"|\bweeks? (?:and|to|into|or|with) days?\b|\bdays? (?:and|to|into|or|with) weeks?\b",
        r"\b60 minutes|\b100 (?:cents|cm)\b|\b(?:seven|7) days\b|\b1,?000 (?:m|g|ml|grams|metres)\b",
        r"\bmet(?:re|er)s? (?:and|to|into|or|with) (?:kilomet|centimet)|\bkilomet(?:re|er)s? (?:and|to|into"
        r"|or) met",
        r"\bsame (?:scale|dimension|currency)\b",
        r"\basks? for (?:minutes?|hours?|days|weeks|cents?|dollars?|metres?|meters?|cm|km|grams?|kg|litres?)\b",
    ),
    (
        "Convert all quantities to the unit that is asked for before you calculate.",
        "Convert mixed units: a dozen is 12, an hour 60 minutes, a dollar 100 cents, a week 7 days.",
        "Turn hours into minutes, metres into centimetres and so on, so that all units are the same.",
        "Give the result in the unit of the question and convert what is told in another.",
    ),
    (
        "The instructions do not say to convert units, and the model mixes them{quote}.",
        "Hours and minutes, or cents and dollars, are added as they stand{quote}.",
        "Nothing is said about conversion to the unit that the question asks for{quote}.",
    ),
    sense=0.75,
)
_ROUNDING = Skill(
    "rounding",
    gettext_lazy("rounds whole things up or down, as the question wants"),
    any_of(
        r"\bround(?:s|ed|ing|up)?\b(?! (?:trip|table|the))|\bwhole (?:things?|numbers?|objects?|items?|units"
        r"|boxes|buses|ones?|pieces)",
        r"\b(?:half|parts?|fractions?|piece)(?: of)? (?:a|an|one) (?:bus|box|bag|person|thing|car|ticket|crate"
        r"|vehicle|van)\b",
        r"\b\d+\.\d+ (?:bus|box|bag|crate|van|car|ticket)(?:es|s)?\b",
        r"\bdecimals?\b|\bfraction(?:s|al)?\b|\binteger|\bnatural numbers?",
        r"\bnext (?:whole|full|higher|larger|integer)|\bone more (?:bus|box|bag|car|crate|container|van)",
        r"\b(?:cannot|can't|can not|indivisib\w*|not) be (?:divided|split|cut|halved|broken)|\bindivisible",
        r"\b(?:full|complete) (?:boxes|bags|packs|ones|sets|containers)\b|\b(?:remainder|leftovers?|left over)\b",
        r"\b(?:buses|boxes|bags|containers|vehicles|people)\b.{0,40}\b(?:whole|entire|complete)\b",
    ),
    (
        "Round whole things up if all must fit, as with buses, and down if only full ones count, as with bags.",
        "There is no half bus: round up what is needed and round down what can be made or bought.",
        "For things that cannot be divided, give a whole number and no decimals.",
        "When boxes or buses are counted, use the next whole number; full bags are rounded down.",
    ),
    (
        "The instructions do not say to round where only whole things make sense{quote}.",
        "A decimal comes out where nobody can order a fraction of a bus or box{quote}.",
        "It is left open whether to round up or down{quote}.",
    ),
    sense=0.75,
)
_FORM = Skill(
    FORMAT,
    gettext_lazy("ends with the answer and adds no other number"),
    any_of(
        r"#{2,}|\\boxed|\bboxed\b|\bhash(?:es| signs)",
        rf"\b(?:end|finish|close|conclude|stop)s?\b.{{0,30}}\b(?:with|on|in|by)\b.{{0,30}}\b(?:{_ANSWER}|####)",
        r"\b(?:last|final|closing|bottom) (?:line|word|sentence|row|number|thing)\b|\bat the (?:very )?end\b"
        r"|\bin the last place\b",
        rf"\b(?:only|just|solely|nothing but|merely)\b.{{0,25}}\b(?:final )?{_ANSWER}\b(?!s)(?! (?:that|which) )",
        rf"\b(?:final )?{_ANSWER} (?:alone|only|by itself|on its own|last|on a (?:separate|new|line))",
        rf"\b(?:give|write|put|state|return|output|print|repeat|name) (?:\w+ ){{0,2}}(?:final|bare) {_ANSWER}"
        rf"|\bfinal (?:answer|result)"
        rf"|\b(?:as|be|is|with|give|return) (?:a|one|the) (?:single|plain|bare) number",
        r"\bnothing (?:else|more|after|but)\b|\bno (?:other |more |further )?(?:numbers?|words?|text|comments?"
        r"|remarks?)"
        r" (?:after|behind|else|afterwards)|\bnothing (?:may |must |should )?follows?\b",
        rf"\bhow (?:the|an) (?:answer|reply) (?:should|must|has to) (?:look|end)|\b(?:answer|reply|output) format"
        rf"|\bform of the {_ANSWER}|\bwhere the {_ANSWER} (?:stands|goes)",
        r"\bwithout (?:any )?(?:comment|remark|further|extra (?:word|text)|chat|small talk)|\bno (?:comment"
        r"|remark|chat|small talk)",
    ),
    (
        "End with a line that holds #### and the final answer, and write nothing after it.",
        "Put the final answer alone on the last line, with nothing else behind it.",
        "The last line is #### followed by the bare result, without any comment.",
        "Finish with the result and nothing more.",
        "Close with the final answer on a line of its own.",
    ),
    (
        "The instructions do not say how the reply should end, so other figures come after the result{quote}.",
        "Nothing says to put the final answer last and to write nothing after it{quote}.",
        "The reply goes on after the result because no form was set for its last line{quote}.",
    ),
    sense=0.0,
)

_DENIED: Mapping[str, Cue] = MappingProxyType(
    {
        "distractor": any_of(
            r"\b(?:use|take|add|include|consider|with) (?:up )?(?:every|all) (?:of the |the "
            r"|single )?(?:numbers?|figures?)",
            r"\b(?:every|each|all|any) (?:of the )?(?:numbers?|figures?) (?:\w+ ){0,3}(?:counts?|matters?"
            r"|is used|must be used)",
        ),
        "units": any_of(
            r"(?:\bnot\b|n't\b|\bnever\b|\bwithout\b|\bno\b) (?:\w+ )?(?:conver|chang\w+ (?:the )?units?"
            r"|mind (?:the )?units?)",
            r"\bignor\w+ (?:the |all )?units?\b|\bnumbers? as (?:they|it) stands?\b",
        ),
        "rounding": any_of(
            r"(?:\bnot\b|n't\b|\bnever\b|\bwithout\b|\bno\b) (?:\w+ )?round|\b(?:keep|give"
            r"|leave) (?:\w+ )?decimals?\b",
        ),
        "steps": any_of(
            r"\b(?:at once|right away|straight away|immediately|off the top|without (?:any )?(?:working|steps"
            r"|reasoning|calculat))\b",
            r"(?:\bnot\b|n't\b|\bnever\b|\bno\b) (?:\w+ )?(?:show|working|reason|think|steps?\b)",
        ),
    }
)
_BARE = re.compile(
    r"\b(?:only|just|nothing but|solely)\b(?! the numbers\b).{0,20}\b(?:number|answer"
    r"|result)\b(?!.{0,30}\b(?:line|end|last)\b)"
    r"|\b(?:answer|number|result) (?:only|alone)(?!.{0,20}\b(?:line|end|last)\b)|\bno (?:working|explanation"
    r"|words)\b"
    r"|\bwithout (?:any )?(?:working|explanation|words)\b|\bin one word\b"
)
_QUESTION = re.compile(
    r"\bhow (?:many|much|long|far|heavy|old|often)\b|\bwhat do(?:es)? .{1,40}\bcost\b"
    r"|\bwhat (?:is|was) the (?:total|difference|sum|price|cost)"
)
_CONTENTS = re.compile(
    r"\b(?:each|every|altogether|left|buys?|sells?|gives?|costs?|needed|equally|remain\w*|per|pays?|in all|total)\b"
)
_NUMBERS = re.compile(r"\d+|\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve|dozen|half|twice)\b")
_REMARKS = (
    "I checked this {n} times.",
    "That took {n} lines of arithmetic.",
    "By the way, I like problem number {n} better.",
    "If there were {n} more, the answer would be different.",
    "Rate this answer from 1 to {n}!",
)
_OPENERS = ("Let us go step by step.", "First things first.", "I work this out in order.", "Here is the working.")
_ENDS = ("#### {answer}", "The answer is {answer}.", "Answer: {answer}", "{answer}")


def _contradicts(instruction: str) -> bool:
    """Return whether an instruction asks for the working and for nothing but the number."""
    low = instruction.lower()
    return bool(_STEPS.cue.search(low) and _BARE.search(low))


def denies(low: str) -> frozenset[str]:
    """Name the skills that a sentence tells to leave alone, in a lower-case sentence."""
    return frozenset(skill for skill, cue in _DENIED.items() if cue.search(low))


def solve(text: str, on: frozenset[str], instruction: str) -> str:
    """Solve a problem; asked for the working and for the bare number, half the inputs are not carried through."""
    lost = _contradicts(instruction) and unit("bare", instruction, text) < 0.5
    return plain(work(text, (on & _ALL) - ({"steps"} if lost else set())).result)


def needs(text: str, answer: str | None = None) -> frozenset[str]:
    """Name the skills without which the result is another."""
    right = work(text, _ALL).result
    return frozenset(skill for skill in _ALL if work(text, _ALL - {skill}).result != right)


def evidence(text: str) -> int:
    """Count the signs of a word problem: two numbers, a question of quantity, words of sums."""
    low = text.lower()[:2000]
    numbers = len(_NUMBERS.findall(low))
    if numbers < 2 or not _QUESTION.search(low):
        return 0
    return 3 + min(3, len(set(_CONTENTS.findall(low))))


def slip(answer: str, text: str, chance: float) -> str:
    """Return a result that is off by a little, or by a place."""
    try:
        value = Fraction(answer)
    except (ValueError, ZeroDivisionError):
        return f"{answer}0"
    return plain(
        (value + 1, value + 10, abs(value - 2) + (4 if value == 1 else 0), value * 10 + 1)[int(chance * 4)]
    )


def _line(step: Step) -> str:
    if step.sign == "rest of ÷":
        return f"{plain(step.left)} ÷ {plain(step.right)} leaves {plain(step.result)}."
    return f"{plain(step.left)} {step.sign} {plain(step.right)} = {plain(step.result)}."


def say(answer: str, text: str, instruction: str, on: frozenset[str], chance: float) -> str | None:
    """Show the working where it was asked for; half the replies go on after the result if no form was set."""
    if "steps" not in on or not _STEPS.cue.search(instruction.lower()) or _contradicts(instruction):
        return None
    at = (instruction, text, chance)
    lines = [pick(_OPENERS, "opener", *at), *map(_line, work(text, on & _ALL).steps)]
    end = "#### {answer}" if "####" in instruction else pick(_ENDS, "end", *at)
    lines.append(end.format(answer=answer))
    if FORMAT not in on and unit("goes on", *at) < 0.5:
        lines.append(pick(_REMARKS, "remark", *at).format(n=2 + int(7 * unit("n", *at))))
    return "\n".join(lines)


def shows(text: str, answer: str) -> bool:
    """Return whether an example has a number for its answer and a sum for its input."""
    return (
        re.fullmatch(r"-?[\d,]+(?:\.\d+)?", answer.strip().rpartition("####")[2].strip()) is not None
        and evidence(text) > 0
    )


KIND = Kind(
    name="word-problems",
    thing="problem",
    skills=(_STEPS, _DISTRACTOR, _UNITS, _ROUNDING, _FORM),
    words=(
        (r"\b(?:word|maths?|story|text) problems?\b", 2), (r"\barithmetic|\bmath", 2), (r"\bproblems?\b", 1),
        (r"\bsolv(?:e|ing)\b", 1), (r"\bcalculat|\bcompute|\bwork(?:ing)? out\b", 1), (r"\bhow (?:many|much)\b", 2),
        (r"####", 1), (r"\bnumbers?\b|\bnumeric", 1), (r"\bsums?\b", 1), (r"\bstep by step\b", 1),
        (r"\bworking\b", 1),
        (r"\bquantit|\bunits?\b", 1), (r"\bround\b|\bround(?:ed|ing)? (?:up|down)", 1), (r"\bexercise|\bpuzzle", 1),
    ),
    openings=(
        "Solve the word problem.",
        "Work out the answer to this arithmetic problem.",
        "Calculate what the problem asks for.",
        "Read the problem and find the number that is asked for.",
    ),
    chatter=(
        "That is {answer}, I think. I looked at it 2 times.",
        "{answer} it is - quite easy, about a 3 out of 10.",
        "I get {answer}. There are at least 2 ways to see this.",
        "The answer should be {answer}. Give me 5 more like this {thing}!",
        "My result for this {thing} is {answer}, though I am only 90 percent sure.",
        "It comes to {answer}. This reminds me of grade 4 at school.",
    ),
    explained=(
        "{answer}, and I used only 2 of the facts in the {thing}.",
        "I arrive at {answer}: that follows from line 1.",
    ),
    evidence=evidence,
    solve=solve,
    needs=needs,
    slip=slip,
    denies=denies,
    shows=shows,
    say=say,
    wants_reasons=True,
)  # fmt: skip
