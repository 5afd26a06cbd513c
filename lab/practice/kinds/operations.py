"""What a rule for words and short inputs is made of: conditions, and operations that change an input.

Every cue is for one lower-case sentence or clause. What an operation must not be taken for stands in `unless`:
"double the last letter" speaks of the last letter, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from lab.practice.kinds.negation import negated

if TYPE_CHECKING:
    import inflect

__all__ = ["CONDITIONS", "OPERATIONS", "SOME_CONDITION", "Condition", "Operation"]

_VOWELS = "aeiouAEIOU"
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_NUMBER = re.compile(r"-?[0-9]{1,30}")


@dataclass(frozen=True)
class Operation:
    """One way to change an input.

    Attributes:
        name: one word.
        apply: input -> output, or None where it does not apply.
        cue: a pattern for what speaks of it.
        unless: a pattern for what speaks of something else that the cue finds, too.
        said: how it is asked for, as it follows "always" or "to".
        on: what it is for: "word", "number", "numbers" or "sentence".
    """

    name: str
    apply: Callable[[str], str | None]
    cue: str
    said: tuple[str, ...]
    unless: str = r"(?!)"
    on: str = "word"

    def spoken(self) -> str:
        """Return the pattern, for the start of a sentence, of what speaks of this operation and no other."""
        return rf"(?!.*(?:{self.unless}))(?=.*(?:{self.cue}))"


@dataclass(frozen=True)
class Condition:
    """When a rule holds.

    Attributes:
        name: one word.
        holds: (input, the words of the instruction that state it) -> whether it holds.
        cue: a pattern for what speaks of it.
        does: how it is said of `thing`, twice over: "starts with a vowel".
        on: what its operations are for.
        thing: what an input is called in its rules.
    """

    name: str
    holds: Callable[[str, str], bool]
    cue: str
    does: tuple[str, str]
    on: str = "word"
    thing: str = "word"


@cache
def _english() -> inflect.engine:
    # Its import takes more than a second, and most tasks have no use for it.
    import inflect

    return inflect.engine()


def _is_word(text: str) -> bool:
    return _WORD.fullmatch(text) is not None


def _of_word(change: Callable[[str], str]) -> Callable[[str], str | None]:
    return lambda text: change(text) if _is_word(text) else None


def _of_two(change: Callable[[int, int], int]) -> Callable[[str], str | None]:
    def apply(text: str) -> str | None:
        numbers = _NUMBER.findall(text)
        return str(change(int(numbers[0]), int(numbers[1]))) if len(numbers) == 2 else None

    return apply


def _plural(text: str) -> str:
    return _english().plural(text)


def _second(text: str) -> str | None:
    return text[1] if _is_word(text) and len(text) > 1 else None


def _in_words(text: str) -> str | None:
    return str(_english().number_to_words(text)) if _NUMBER.fullmatch(text) else None


_ANY = r"(?:the |its |all |any |every |each |this |that |a |an |whole |given |both |these |two |of |out |input )*"
_LAST = r"(?:last|final) (?:letter|character|one)"
_DROP = r"(?:drop|remov|delet|leav|strip|omit|eras|skip|cut|tak|throw)\w*"
_CAPITAL = r"(?:capital|upper[- ]?case|big|large)"
_CAPITALISED = (
    r"capitali[sz](?:e|es|ed|ing)\b(?! (?:all|every letter|each letter)\b)"
    rf"|(?:first letter|(?<!vowel.)(?<!consonant.)initial)\b(?:(?!vowel|consonant|,).){{0,20}}{_CAPITAL}"
    rf"|{_CAPITAL} (?:first|initial)"
    r"|with an? (?:capital|upper[- ]?case|big)\b(?! ?letters)|title[- ]?case"
    rf"|{_CAPITAL} letter at the (?:start|beginning|front)"
)
_BACKWARDS = (
    r"\bbackwards?\b|\brevers(?:e|es|ed|ing|al)\b|back to front"
    r"|from (?:the )?(?:end|last letter|back|right) to (?:the )?(?:start|beginning|first|front|left)|\bmirror"
    r"|other way (?:a?round|about)|last letter first|(?:from|starting (?:from|at)) (?:the )?(?:end|back)\b"
    r"|right to left|end first|\bflip\w* (?:it|(?:the |this |each )?(?:word|letters|input))\b"
    r"|\bturn\w* (?:it|(?:the |this |each )?(?:word|letters|input)) a?round"
)
_DOUBLED = (
    rf"doubl\w* {_ANY}{_LAST}"
    rf"|{_LAST} (?:of \w+ \w+ )?(?:\w+ ){{0,2}}(?:twice|doubled|again|once more|two times|repeated)"
    rf"|(?:repeat|duplicat|doubl)\w* {_ANY}{_LAST}|\b(?:add|append|attach|put)\w* (?:\w+ ){{0,4}}{_LAST}"
    rf"|{_LAST} a second time|last twice"
)
_MOVED = (
    r"(?:mov|shift|put|send|bring|carr|tak|plac)\w* (?:\w+ ){0,2}first (?:letter|one|character) (?:\w+ ){0,8}?(?:to"
    r"|at|behind|last)\b|first letter (?:\w+ ){0,3}(?:at|to) the (?:\w+ )?(?:end|back)|\brotat"
    "|first letter (?:goes|comes|stands) last"
)
_CONTEXT = (
    r"(?<!look at the )(?<!check the )(?<!by the )(?<!on the )(?<!if the )(?<!when the )(?<!whose )(?<!where the )"
)
_NOT_SAID = r"(?!(?: of (?:the|a|each) (?:word|input))? (?:is|are|was|decides|tells)\b)"

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "plural", _of_word(_plural),
        r"\bplural|pluralis|pluraliz|more than one of|(?:two|several|many) of (?:it|them)"
        "|form for (?:two|several|many)",
        ("write its plural", "give the plural form"),
    ),
    Operation(
        "negated", negated,
        r"\bnegat(?:e|es|ed|ing|ion)\b|opposite (?:of|meaning)"
        r"|(?:say|state|mean|express|write)\w* the (?:opposite|contrary)"
        r"|make (?:it|\w+ sentence) (?:negative|untrue|false)|\bdeny\b|\bdenies\b"
        r"|(?:insert|add|put)\w* (?:the word |a )?[\"“'‘]?not[\"”'’]?(?=\W*$| (?:to|in|after|where))",
        ("write the negation of the sentence", "say the opposite of the sentence"), on="sentence",
    ),
    Operation(
        "sum", _of_two(lambda one, other: one + other),
        rf"\bsum\b|\badd(?:s|ed|ing)? (?:up )?{_ANY}numbers|\badd\w* (?:them|it|these)(?: up| together)\b"
        r"|\btotal of|\bplus\b|\baddition\b|numbers (?:\w+ )?together",
        ("add the two numbers", "give the sum of the two numbers"), on="numbers",
    ),
    Operation(
        "difference", _of_two(lambda one, other: one - other),
        r"\bdifference|\bsubtract|\bminus\b|take (?:away )?the second (?:number )?(?:away )?from",
        ("subtract the second number from the first", "give the difference of the two numbers"), on="numbers",
    ),
    Operation(
        "in_words", _in_words,
        r"(?<!consists )\b(?:in|as|into|with|using) (?:english "
        rf"|plain )?words\b(?! (?:that|which|with|of|start|end|whose|long))|\bspell\w* (?:out )?{_ANY}number"
        rf"|\bspell\w* {_ANY}number out|\bverbal|\bwritten[- ]out|\bwrite out {_ANY}number|name of {_ANY}number"
        "|number name",
        ("write the number in words", "spell out the number"), on="number",
    ),
    Operation(
        "without_vowels", _of_word(lambda word: "".join(letter for letter in word if letter not in _VOWELS)),
        rf"(?:without|no|{_DROP}) (?:out |away |off )?{_ANY}vowels?\b"
        r"|vowels? (?:\w+ )?(?:left out|removed|dropped|deleted|gone|omitted)"
        r"|(?:only|just|keep) (?:\w+ ){0,2}consonants|vowel-?less|disemvowel",
        ("leave out its vowels", "write it without vowels"),
    ),
    Operation(
        "sorted", _of_word(lambda word: "".join(sorted(word, key=str.lower))),
        r"sort\w* (?:\w+ ){0,2}letters|letters (?:\w+ ){0,2}sorted|alphabetical|order of the alphabet"
        r"|alphabet order|from a to z\b|\ba-z order",
        ("put its letters in alphabetical order", "write its letters sorted from a to z"),
    ),
    Operation(
        "doubled", _of_word(lambda word: word + word[-1]), _DOUBLED,
        ("double the last letter", "write the last letter twice"),
    ),
    Operation(
        "moved", _of_word(lambda word: word[1:] + word[0]), _MOVED,
        ("move the first letter to the end", "put the first letter at the end"),
    ),
    Operation(
        "backwards", lambda text: text[::-1] if text else None, _BACKWARDS,
        ("write it backwards", "reverse the order of the letters"),
    ),
    Operation(
        "first", _of_word(lambda word: word[0]),
        rf"{_CONTEXT}\bfirst (?:letter|character)\b{_NOT_SAID}|letter (?:that )?it (?:starts|begins) with"
        r"|(?<!with the )\b(?:its|the) initial\b(?! vowel| consonant)",
        ("write its first letter", "give the first letter"), unless=f"{_MOVED}|{_CAPITALISED}",
    ),
    Operation(
        "second", _second,
        rf"\b(?:second|2nd) (?:letter|character)\b{_NOT_SAID}|letter (?:number|no\.?) (?:two|2)\b",
        ("write its second letter", "give the second letter"),
    ),
    Operation(
        "last", _of_word(lambda word: word[-1]),
        rf"{_CONTEXT}\b{_LAST}\b{_NOT_SAID}|letter (?:that )?it ends (?:with|in|on)",
        ("write its last letter", "give the last letter"), unless=f"{_DOUBLED}|{_BACKWARDS}",
    ),
    Operation(
        "spaced", _of_word(" ".join),
        r"\bletters? apart|letters? separat|separat\w+ (?:\w+ ){0,3}letters?"
        r"|spaces? (?:\w+ ){0,2}(?:between|after)|letter by letter|letters? one by one|spaced out"
        r"|list (?:\w+ ){0,2}letters|letters? (?:\w+ ){0,5}(?:by|with) (?:a )?(?:spaces?|blanks?)"
        r"|split (?:\w+ ){0,2}into (?:\w+ )?letters|blanks? between",
        ("write its letters apart, with spaces between", "write its letters separated by spaces"),
    ),
    Operation(
        "twice", _of_word(lambda word: word + word),
        r"\b(?:word|input|it|text|whole)(?: down| out)? (?:two times|twice)\b"
        r"|\brepeat\w* (?:it|the (?:word|input|text|whole))|doubl\w* the (?:whole )?(?:word|input)|two copies"
        r"|duplicat\w* (?:it|the (?:word|whole|input))|\btwice (?:in a row )?without",
        ("write it twice without a gap", "repeat the whole word at once"), unless=_DOUBLED,
    ),
    Operation(
        "counted", _of_word(lambda word: str(sum(map(str.isalpha, word)))),
        rf"\bcount\w* {_ANY}letters|how many letters"
        rf"|(?<!even )(?<!odd )(?<!uneven )number of {_ANY}letters(?! (?:\w+ ){{0,3}}(?:is|are|exceeds)\b)"
        r"|letter count\b(?! is)|(?:write|give|state|say) (?:its|the) length|length as a number",
        ("count its letters", "give the number of its letters"),
    ),
    Operation(
        "upper", lambda text: text.upper() if text else None,
        r"\bupper[- ]?case|\bcapital letters|\b(?:all|in) (?:caps|capitals)\b|\bcapitals\b|\bblock letters"
        rf"|\bbig letters|capitali[sz]e (?:all|every|each)|{_CAPITAL}-only",
        ("write it in upper case", "write it in capital letters"), unless=_CAPITALISED,
    ),
    Operation(
        "capitalised", lambda text: text[:1].upper() + text[1:] if text else None, _CAPITALISED,
        ("write it capitalised", "write it with a capital at the start"),
    ),
)  # fmt: skip

_NUMBER_NAMES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_DIGITS = {word: i for i, word in enumerate(_NUMBER_NAMES, 1)}
_N = rf"(?:\d{{1,2}}|{'|'.join(_DIGITS)})"
_LETTERS = r"(?: letters| characters)?"


def _limit(said: str) -> int:
    found = re.search(_N, said)
    return (_DIGITS.get(found.group()) or int(found.group())) if found else 5


def _long(text: str, said: str) -> bool:
    inclusive = re.search(r"at least|fewer|or (?:more|longer)", said) is not None
    return len(text) >= _limit(said) + (not inclusive)


def _short(text: str, said: str) -> bool:
    inclusive = re.search(r"at most|no |up to|or (?:fewer|less|shorter)", said) is not None
    return len(text) < _limit(said) + inclusive


def _ends(letter: str) -> str:
    quoted = rf"(?:the letter |an? )?[\"“'‘`]?{letter}\b(?!['’]\w)"
    return (
        rf"(?:end|finish|clos)\w* (?:in|with|on) {quoted}|{_LAST} (?:of (?:the|a) word )?is {quoted}"
        rf"|\bfinal {quoted}|\b[\"“'‘`]?{letter}[\"”'’`]? (?:at|as) (?:the|its) (?:\w+ )?(?:end|last)"
    )


def _starts(what: str) -> str:
    return (
        rf"(?<!not )(?<!n't )(?<!never )(?:start|begin|open)\w* (?:with|in|on|by) (?:an? |one of the )?{what}"
        rf"|first letter (?:of (?:the|a) word )?is (?:an? )?{what}|\b(?:initial|leading) {what}"
        rf"|\b{what}s?[- ](?:first|initial|words?)\b|\b{what} (?:at|as|in) (?:the|its) (?:start|begin|front|first)"
    )


_VOWEL = r"(?:vowel|[\"“']?a[\"”']?, [\"“']?e\b)"
_NOT_VOWEL = (
    r"(?:not|n't|no|never) (?:\w+ )?(?:start|begin|open)\w* (?:with|in|on|by) (?:an? )?vowel"
    r"|is(?: not|n't) (?:an? )?vowel"
)
_SHORTER = (
    rf"(?:at most|no more than|not more than|no longer than|fewer than|less than|up to|shorter than|under) {_N}"
)

CONDITIONS: tuple[Condition, ...] = (
    Condition(
        "even", lambda text, said: len(text) % 2 == 0,
        r"(?<!not )\beven\b(?! (?:if|when|though|so|where|the|for)\b)|(?<!not )divisible by (?:two|2)"
        "|multiple of (?:two|2)",
        ("has an even number of letters", "is of even length"),
    ),
    Condition(
        "odd", lambda text, said: len(text) % 2 == 1,
        r"\b(?:odd|uneven)\b(?! one out)|\bnot even\b|not divisible by (?:two|2)",
        ("has an odd number of letters", "is of odd length"),
    ),
    Condition(
        "vowel", lambda text, said: text[:1] in _VOWELS and bool(text),
        _starts(_VOWEL),
        ("starts with a vowel", "begins with a vowel"),
    ),
    Condition(
        "consonant", lambda text, said: text[:1].isalpha() and text[:1] not in _VOWELS,
        rf"{_starts('consonant')}|{_NOT_VOWEL}",
        ("starts with a consonant", "does not begin with a vowel"),
    ),
    Condition(
        "ends_s", lambda text, said: text[-1:] in ("s", "S"),
        _ends("s"),
        ("ends in s", "ends with the letter s"),
    ),
    Condition(
        "ends_e", lambda text, said: text[-1:] in ("e", "E"),
        _ends("e"),
        ("ends in e", "ends with the letter e"),
    ),
    Condition(
        "long", _long,
        r"(?<!no )(?<!not )\b(?:more than|longer than|at least|no fewer than|over|greater than"
        rf"|exceed\w*) {_N}\b(?! (?:words?|of)\b)|\b{_N}{_LETTERS} or (?:more|longer)(?! words)|\blong words?"
        r"|\bword is long\b",
        ("has more than five letters", "is longer than five letters"),
    ),
    Condition(
        "short", _short,
        rf"\b{_SHORTER}\b|\b{_N}{_LETTERS} or (?:fewer|less|shorter)|\bshort words?|\bword is short\b",
        ("has fewer than five letters", "is shorter than five letters"),
    ),
    Condition(
        "double", lambda text, said: re.search(r"([^\W\d_])\1", text.lower()) is not None,
        r"\b(?:double|doubled|twin) (?:letter|consonant|vowel)s?\b"
        r"|\btwo (?:equal|identical|same|like|of the same) letters|same letter (?:\w+ )?(?:twice|two times)"
        r"|letters? (?:\w+ ){0,2}twice (?:in a row|running|in succession)|repeated letters?\b",
        ("has a double letter", "holds the same letter twice in a row"),
    ),
    Condition(
        "number", lambda text, said: _NUMBER.fullmatch(text) is not None,
        r"\b(?:input|it|this|that|text|word|you (?:see|get)) (?:is|are)? ?(?:just "
        r"|only )?(?:an? )?(?:single )?(?:number|numeral)\b(?! of)|(?:inputs|words) that are numbers"
        r"|\bfor (?:a |an |single )?numbers?\b|\bif .{0,15}\bnumbers?\b(?! of)"
        r"|\b(?:given|written|consists?|contains?|made) (?:in|of|only|up of)? ?digits|\bnumeric",
        ("is a number", "is given in digits"), "number", "input",
    ),
    Condition(
        "several", lambda text, said: len(text.split()) > 1,
        r"\b(?:several|multiple|two or more|many) words\b|more than one word"
        r"|\b(?:is|for) (?:an? )?(?:whole |full )?(?:sentence|phrase)|\bholds? (?:a )?spaces?\b",
        ("is more than one word", "consists of several words"), "sentence", "input",
    ),
)  # fmt: skip

# What makes a clause hold for some inputs only, whether or not the condition is one of those above.
SOME_CONDITION = re.compile(
    r"\bif\b(?! (?:you|needed|possible))|\bunless\b"
    r"|\b(?:when|where|whenever|should) (?:the|it(?! belongs)|a|an|its)\b"
    r"|\bwhose\b|\bwords? (?:that|which) (?!is given|are given|follow|you)"
    r"|\bwords? (?:with|of|ending|starting|beginning|longer|shorter)\b(?! an? (?:capital|big|large|upper))"
    + "".join(f"|(?:{condition.cue})" for condition in CONDITIONS)
)
