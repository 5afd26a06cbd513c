"""What stands around an answer: marks, quotes, prefixes, asides, taken off step by step.

Nothing here knows what is right: `forms` gives what is left after each step, from the reply as it is to its bare
words, and whoever reads tries each against what may be said. A label that itself holds a bracket or a full stop is
therefore found before it is taken apart. All of it is linear in the length of a reply.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterator

from lab.core.reasoning import without_reasoning
from lab.core.turn_marks import END_MARKS, START_MARKS

__all__ = ["after_answer", "forms", "key", "lines", "marked", "plain", "visible_text"]

Omits = Callable[[str], bool]

LONGEST = 2000  # characters; what is longer is not a short answer in a wrapping

_QUOTES = str.maketrans({
    **dict.fromkeys("‘’‚‛´′ʼ＇", "'"), **dict.fromkeys("“”„‟«»″〝〞〟＂", '"'), **dict.fromkeys("‐‑‒–—―−﹣－", "-"),
})  # fmt: skip
_VARIANTS = frozenset("\ufe0e\ufe0f")  # how an emoji is drawn
_SPACES = re.compile(r"\s+")
_FENCE = re.compile(r"^[ \t]*(?:`{3,}|~{3,})[ \t]*[\w+-]*[ \t]*$", re.MULTILINE)

# Pairs that enclose a whole text; longer marks come first.
_PAIRS = (
    ("```", "```"), ("***", "***"), ("**", "**"), ("__", "__"), ("~~", "~~"), ("``", "``"), ("$$", "$$"),
    ("*", "*"), ("_", "_"), ("`", "`"), ('\\"', '\\"'), ('"', '"'), ("'", "'"), ("`", "'"), ("$", "$"), ("|", "|"),
    ("\\(", "\\)"), ("\\[", "\\]"), ("(", ")"), ("[", "]"), ("{", "}"), ("<", ">"), ("「", "」"), ("『", "』"),
    ("【", "】"), ("《", "》"), ("〈", "〉"), ("‹", "›"), ("〔", "〕"), ("==", "=="),
)  # fmt: skip
_TAGGED = re.compile(r"<([A-Za-z][\w-]{0,30})(?:\s[^<>]{0,80})?>(.*)</\1\s*>", re.DOTALL)
_LATEX = re.compile(
    r"\\(?:boxed|fbox|text(?:bf|it|rm|tt|sf|normal)?|math(?:bf|rm|it|tt|sf)|mbox|emph)\s*\{(.*)\}", re.DOTALL
)
_BULLET = re.compile(r"(?:[-*+•‣▪◦·>#→➜=]{1,6}|\(?(?:\d{1,3}|[a-zA-Z])[.)]|\([a-zA-Z0-9]\)|=>|->)\s+(?=\S)")
_STRAY = re.compile(r"\A[*_`~\s]+(?=\w)|(?<=\w)[*_`~]+(?=[^\w\s]*\Z)")
_EMPHASIS = re.compile(r"(?<!\w)(\*{1,3}|__)(\w[^*_\n]{0,60}?)\1")
_NAME = r"[^\W\d_][^\n:=.!?;,<>{}\"]{0,40}?"
_PREFIX = re.compile(rf"[\"'*_`\[(]*(?P<name>{_NAME})[\"'*_`\])]*\s?(?::|=>?|->|→)\s*[*_`]*\s*(?=\S)")
_DENIES = re.compile(
    r"\b(?:not|no|never|non|n't|isn't|isnt|cannot|can't|neither|nor|opposite|wrong|incorrect"
    r"|other than|anything but|nicht|keine?|pas|n[aã]o|nunca|не|ни|inte|ikke|niet)\b",
    re.I,
)
_IS = re.compile(
    r"(?:(?:based on|given|considering|according to|after reading|looking at)\b[^,\n]{1,120},\s+)?"
    r"(?:(?:so|thus|therefore|hence|ok|okay|sure|well|overall|here|yes)\s*[,!.]?\s+)?"
    r"(?:(?P<subject>(?:the|this|that|its|it|my|your|la|le|el|il|lo|o|a|os|as|die|der|das|de|het|den|det)"
    r"(?:\s+[^\W\d_][\w'-]*){0,10}?)\s+"
    r"(?:(?:is|are) (?:mainly |mostly |primarily )?about|concerns|relates to|deals with|indicates"
    r"|is|are|was|would be|should be|will be|seems|is therefore|est|es|ist|lautet|é|è|är|er"
    r"|(?:best )?(?:belongs to|falls (?:under|into|in)|fits(?: (?:best )?(?:in|into|under))?|corresponds to)"
    r"|expresses|conveys|has|shows|reflects)|it's|that's)"
    r"(?:\s+(?:therefore|clearly|thus|classified as|labell?ed as|labell?ed|categori[sz]ed as|considered|most likely"
    r"|likely))?"
    r"\s*:?\s+(?=\S)",
    re.IGNORECASE,
)
_SAY = re.compile(
    r"(?:i (?:think|believe|would say|guess)|i'd say|in my opinion)(?:\s+that)?\s*[,:]?\s+(?=\S)"
    r"|(?:i|i'd|i would|we|we can)\s+(?:would\s+)?(?:classify|label|categori[sz]e|rate|call|judge)\s+"
    r"(?:this|it|the|that)"
    r"(?:(?:\s+[^\W\d_][\w'-]*){0,3}?\s+as(?:\s+an?)?\s*:?\s+|\s+)(?=\S)"
    r"|(?:i|i'd|i would|i'll|i will|we)\s+(?:choose|pick|select|go with|opt for|vote for|answer)\s*:?\s+(?=\S)"
    r"|(?:sure|ok|okay|well|certainly|of course|alright)\s*[,!.:]\s+(?=\S)",
    re.IGNORECASE,
)
_IS_CJK = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af ]{1,16}?(?:是|为|為|は|:|[은는]\s)\s*(?=\S)"
    r"|(?:故|应|應|我)?[选選](?:择|擇|项|項)?\s*(?=\S)"
)
_CJK_END = re.compile(r"(?<=.)(?:です|である|でした|だ|입니다|이에요|예요|이다)\Z")
_CONFIDENT = re.compile(
    r"(?:\s*[-,;:|/]\s*|\s+)(?:with\s+)?(?:an?\s+)?(?:\d{1,3}(?:\.\d+)?\s?%|[01]?\.\d+|(?:very |high |low )?"
    r"(?:confidence|confident|probability|certainty|conf|score)\b[^\n]{0,40})(?:\s+(?:confidence|confident|sure|certain))?\s*\Z",
    re.IGNORECASE,
)
_OPENED = {")": "(", "]": "[", "}": "{", ">": "<", "」": "「", "』": "『", "】": "【", "》": "《"}
_ASIDE = re.compile(r"\s*[(\[]([^()\[\]]{0,400})[)\]]\s*\Z")
_NOUNS = r"(?:sentiment|label|class|category|intent|topic|answer|option|choice|type|tone|polarity|stars?|points?)"
_THINGS = r"(?:review|comment|text|message|statement|sentence|tweet|post|e?-?mail|ticket|question|article|feedback)"
_NOUN = re.compile(rf"\A(?:the\s+)?{_NOUNS}\s+(?=\S)|(?<=\S)\s+(?:{_NOUNS}|{_THINGS})\Z", re.IGNORECASE)
_ESCAPED = re.compile(r"\\(?=[_*#~`&$%-])")
_ANSWER = re.compile(
    r"(?:\b(?:final|correct|my|the)?\s*(?:answer|ans|antwort|respuesta|r[eé]ponse|risposta|resposta|label|verdict"
    r"|classification|prediction)\b|答案|回答|ответ|الجواب|الإجابة)"
    r"[*_\"'`)\]]*\s*(?:\bis\b|[:=：]|是|为|-+>|=>|[-–—]\s)+[ \t*_`\"']*",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[.,;:!?\n]")
_MARKED = re.compile(
    r"<(answer|final_answer|final|label|output|result|response|class|category|sentiment|prediction)>(.*?)</\1>",
    re.IGNORECASE | re.DOTALL,
)


def visible_text(reply: str) -> str:
    """Return what a reply says: without thinking aloud, and without what follows the mark of its end."""
    text = START_MARKS.sub("", without_reasoning(reply)[0])
    end = next((mark.start() for mark in END_MARKS.finditer(text) if text[: mark.start()].strip()), len(text))
    return END_MARKS.sub("", text[:end]) if end < len(text) or "<" in text or "[" in text else text


def plain(text: str) -> str:
    """Write a text in one way where Unicode has several: widths, quotes, dashes, invisible marks, spaces."""
    if not text.isascii():
        # Invisible marks say how a text runs and where it may break, never what it says.
        kept = "".join(c for c in text if unicodedata.category(c) != "Cf" and c not in _VARIANTS)
        text = unicodedata.normalize("NFKC", kept.translate(_QUOTES)).translate(_QUOTES)
    return _SPACES.sub(" ", text).strip()


def key(text: str) -> str:
    """Return what two texts have in common that differ in case, width, quotes or space."""
    return plain(text).casefold()


def lines(text: str) -> tuple[str, ...]:
    """Return the lines that say something; the marks of a code block are none."""
    if "```" in text or "~~~" in text:
        text = _FENCE.sub("", text)
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def marked(text: str) -> str | None:
    r"""Return what a text marks as its answer: the last `\boxed{}`, else `<answer>` and the like; None without."""
    if (at := text.rfind("\\boxed")) >= 0 and (inside := _braced(text, at + 6)) is not None:
        return inside
    if "</" not in text or text.count("<") > LONGEST:
        return None
    tagged = [found[2] for found in _MARKED.finditer(text)]
    return tagged[-1] if tagged else None


def after_answer(text: str) -> str | None:
    """Return the line behind the last "answer:", the next line where that one ends there; None without one."""
    found = None
    for match in _ANSWER.finditer(text):
        if not _DENIES.search(_CLAUSE.split(text[max(0, match.start() - 25) : match.start()])[-1]):
            found = match
    if found is None:
        return None
    rest = lines(text[found.end() :])
    return rest[0] if rest else None


def forms(text: str, omits: Omits = lambda aside: True) -> Iterator[str]:
    """Return a short text as it is, and then as it reads with one wrapping after another taken off.

    `omits` tells of an aside at the end, in brackets, whether it may be left out.

    Example:
        `list(forms("**Label**: Positive.")) == ["**Label**: Positive.", "Positive.", "Positive"]`
    """
    text = plain(text[: LONGEST + 1])
    if not text or len(text) > LONGEST:
        return
    yield text
    for _ in range(30):
        peeled = _peeled(text, omits)
        if not peeled or peeled == text:
            return
        text = peeled
        yield text


def _peeled(text: str, omits: Omits) -> str:
    """Take one wrapping off; the text itself where there is none."""
    for peel in (_out_of_pair, _out_of_tag, _behind_name, _before_aside, _without_marks):
        if (peeled := peel(text, omits)) != text:
            return peeled.strip()
    return text


def _out_of_pair(text: str, omits: Omits) -> str:
    for opened, closed in _PAIRS:
        if text.startswith(opened) and text.endswith(closed) and len(text) > len(opened) + len(closed):
            inside = text[len(opened) : -len(closed)]
            if _is_one(inside, opened, closed):
                return inside
    return text


def _is_one(inside: str, opened: str, closed: str) -> bool:
    """Return whether what stands between two marks is one text, not the end of one and the begin of another."""
    if opened == closed:
        return opened not in inside or not (inside[0].isalnum() or inside[-1].isalnum())
    return inside.count(opened) == inside.count(closed) and inside.find(closed) >= inside.find(opened)


def _out_of_tag(text: str, omits: Omits) -> str:
    enclosed = _TAGGED.fullmatch(text) or _LATEX.fullmatch(text)
    return enclosed[enclosed.lastindex or 1] if enclosed else text


def _behind_name(text: str, omits: Omits) -> str:
    leading = _BULLET.match(text) or _prefix(text) or _SAY.match(text) or _copula(text)
    return text[leading.end() :] if leading else text


def _before_aside(text: str, omits: Omits) -> str:
    aside = _ASIDE.search(text) if text.endswith((")", "]")) else None
    if aside and text[: aside.start()].strip() and omits(aside[1]):
        return text[: aside.start()]
    confident = _CONFIDENT.search(text[-120:])
    before = text[: len(text) - len(confident[0])] if confident else ""
    return before if before.strip() else text


def _without_marks(text: str, omits: Omits) -> str:
    changes = (_without_emphasis, _without_end, _without_start, _bare, _without_escapes, html.unescape)
    return next((changed for change in changes if (changed := change(text)) != text), text)


def _prefix(text: str) -> re.Match[str] | None:
    """Find `Label:` and its like, of up to five words that deny nothing."""
    found = _PREFIX.match(text)
    name = found["name"] if found else ""
    is_name = len(name.split()) <= 5 and not _DENIES.search(name) and name.count("(") == name.count(")")
    return found if is_name else None


def _copula(text: str) -> re.Match[str] | None:
    """Find "The answer is" and its like, which deny nothing and leave nothing open."""
    found = _IS.match(text)
    if found:
        subject = found["subject"] or ""
        return (
            None
            if _DENIES.search(subject) or re.search(r"\b(?:if|whether|which|what|less|least)\b", subject)
            else found
        )
    return _IS_CJK.match(text)


def _without_emphasis(text: str) -> str:
    return _EMPHASIS.sub(r"\2", _STRAY.sub("", text))


def _without_end(text: str) -> str:
    """Take off what closes a sentence, in any script, one mark at a time; a bracket that closes one stays."""
    if said := _CJK_END.search(text[-8:]):
        return text[: len(text) - len(said[0])].rstrip()
    last = text[-1]
    if last in _OPENED and _OPENED[last] not in text:
        return text[:-1].rstrip()
    if unicodedata.category(last) not in ("Po", "Pd", "So", "Sk") and last not in "\"'~^|*_\\`的":
        return text
    return text[:-1].rstrip()


def _without_start(text: str) -> str:
    first = text[0]
    category = unicodedata.category(first)
    is_hashtag = first == "#" and text[1:2].isalnum()
    return text[1:] if is_hashtag or category in ("So", "Sk") or first in "¿¡.,:;\"'|…" else text


def _without_escapes(text: str) -> str:
    """Take off the backslashes by which Markdown shows a sign as it is."""
    return _ESCAPED.sub("", text)


def _bare(text: str) -> str:
    return _NOUN.sub("", text, count=1)


def _braced(text: str, start: int) -> str | None:
    """Return what stands between the braces that open at or after `start`."""
    opened = text.find("{", start, start + 3)
    if opened < 0:
        return None
    depth = 0
    for at in range(opened, min(len(text), opened + LONGEST)):
        depth += (text[at] == "{") - (text[at] == "}")
        if not depth:
            return text[opened + 1 : at]
    return None
