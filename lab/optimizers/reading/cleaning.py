"""A text freed of what a chat model puts around it: fences, quotes, labels, a preface, what it says afterwards.

Each step takes off one layer from the outside, or nothing; they are tried until none does. What is inside a text is
never touched, and a text without such layers stays as it is, to the letter.
"""

# ruff: noqa: E501  # a pattern reads best in one line
from __future__ import annotations

import re
from collections.abc import Callable

LAYERS = 24  # more than a person would put around a text
_EDGE = 2000  # characters at an edge that are looked at

_Peeled = tuple[str, str]  # what is left, and what was taken off

_FENCED = re.compile(r"\A(?P<fence>`{3,}|~{3,})[^\n`]{0,30}\n")
_BLOCK = re.compile(r"^(?P<fence>`{3,}|~{3,})[^\n`]{0,30}$", re.MULTILINE)
_ECHOED = (
    r"INSTRUCTIONS?|TEXT|INS|PROMPTS?|NEW|NEW_PROMPT|NEW_INSTRUCTIONS?|CRITIQUE|REASON|SO_FAR|OUTPUT|ANSWER|RESULT|RESPONSE"
    r"|VERSION|VARIATION|START|END"
)
_ECHO_FIRST = re.compile(rf"\A<[ \t]{{0,3}}/?(?:{_ECHOED})(?:[ _]?\d)?[ \t]{{0,3}}/?>\s*", re.IGNORECASE)
_ECHO_LAST = re.compile(rf"\s*<[ \t]{{0,3}}/?(?:{_ECHOED})(?:[ _]?\d)?[ \t]{{0,3}}/?>\Z", re.IGNORECASE)
_QUOTES = {
    '"': '"',
    "'": "'",
    "“": "”",
    "„": "“",
    "”": "”",
    "«": "»",
    "»": "«",
    "‹": "›",
    "‘": "’",
    "「": "」",
    "『": "』",
    "`": "`",
}
_NOUN = (
    r"(?:instructions?|prompts?|wordings?|versions?|variations?|variants?|rewrites?|paraphrases?|rephrasings?|rewordings?"
    r"|alternatives?|reformulations?|proposals?|critiques?|reasons?|templates?)"
)
_ADJECTIVE = (
    r"(?:new|improved|revised|updated|rewritten|reworded|rephrased|paraphrased|better|final|modified|refined|alternative"
    r"|optimi[sz]ed|corrected|possible|suggested|proposed|complete|different|single|varied)"
)
# A label by itself, or before the text on its line. Without an adjective only where it is no field of a template.
_LABEL = re.compile(
    rf"\A(?:#{{1,6}}[ \t]{{1,3}})?(?P<bold>[*_]{{0,3}})(?:(?:the|my|your|an?|here is|here['’]s)[ \t])?(?P<adjective>(?:{_ADJECTIVE}[ \t]){{0,3}})"
    rf"(?:instruction |prompt |task )?{_NOUN}(?:[ \t]\#?\d{{1,2}})?(?:[ \t]\([^)\n]{{0,40}}\))?"
    r"(?:[*_]{0,3}[ \t]{0,2}[:：][*_]{0,3}[ \t]{0,4}\n?|[*_]{1,3}[ \t]{0,4}\n)\s*",
    re.IGNORECASE,
)
_HEADING = re.compile(
    rf"\A#{{1,6}}[ \t]{{1,3}}[*_]{{0,3}}(?:(?:the|my|your|an?)[ \t])?(?P<adjective>(?:{_ADJECTIVE}[ \t]){{0,3}})(?:instruction |prompt |task )?"
    rf"{_NOUN}(?:[ \t]\#?\d{{1,2}})?[*_]{{0,3}}[:：]?[ \t]{{0,4}}\n\s*",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"^[ \t]{0,4}[*_]{0,3}[^\W\d_][^\n:]{0,30}:[*_]{0,3}[ \t]{0,4}(?:\{[^\n]{1,40}\}[ \t]{0,4})?$", re.MULTILINE
)
_GREETING = re.compile(
    r"\A(?:sure(?: thing)?|certainly|of course|absolutely|gladly|okay|ok|alright|got it|great|understood|no problem|yes"
    r"|thanks?(?: you)?|hello|hi|hi there|natürlich|gerne?|claro|bien sûr)(?:[!,.:—–-]{1,3}(?:[ \t]{1,4}|\s*\n+)|\s*\n+)"
    r"(?=\S)",
    re.IGNORECASE,
)
_HERE = re.compile(
    rf"\A(?:here (?:you go|it is|they are|goes)\b[^\n:]{{0,40}}|(?:here(?:['’]s| is| are)|below (?:is|are)|this is)\b[^\n:]{{0,120}}"
    rf"\b(?:{_NOUN}|{_ADJECTIVE}|another|attempt|suggestions?|options?|try|what i|one|results?|answers?|outputs?|response)\b[^\n:]{{0,120}}"
    r"|(?:voici|hier (?:ist|sind)|aquí (?:está|tienes|tiene))\b[^\n:]{0,120})"
    r"[:：][*_]{0,3}(?=\s|\Z|[\"“«`*])\s*",
    re.IGNORECASE,
)
_HERE_STOPS = re.compile(
    rf"\A(?:here(?:['’]s| is| are)|below (?:is|are))\b[^\n:]{{0,200}}\b{_NOUN}\b[^\n:]{{0,120}}[.!]?[ \t]{{0,4}}\n+\s*",
    re.IGNORECASE,
)
_SPOKEN_OF = re.compile(
    rf"\A(?=[^\n]{{0,600}}\b{_NOUN}\b)(?:i(?:['’](?:ve|d|ll|m)| have| would| will| suggest| propose| aim| rewrote)|(?:an?|the|my|one)"
    rf" (?:{_ADJECTIVE}\b|{_NOUN} (?:is|would|could|might|that))|looking at|based on|since|given|considering|after|to |by |these |the )"
    rf"[^\n]{{0,600}}\b(?:would be|is|are|be|follows|below|following|this|one|{_NOUN})\b[^\n:.]{{0,60}}[:：][*_]{{0,3}}[ \t]{{0,4}}\n\s*",
    re.IGNORECASE,
)
_IMPERATIVE_TO = re.compile(
    rf"\A(?:(?:to|by|these|given|since|after|considering) |the (?!{_ADJECTIVE}\b))", re.IGNORECASE
)
_AFTERWARDS = re.compile(
    r"(?:\n[ \t]{0,4}\n|\n)[ \t]{0,4}[*_(\[]{0,3}(?:please )?(?:let me know\b|i hope (?:this|that|it)\b|hope (?:this|that|it)\b|feel free to (?:ask|adjust|modify|let|change|use|reach|tweak|edit)\b"
    r"|would you like\b|do you want (?:me|any)\b|is there anything\b|if you(?:['’]d| would)? (?:like|want|need|prefer)\b[^\n]{0,80}\b(?:let me|i can|just|feel|me to)\b"
    rf"|(?:this|the|my|these|it) (?:{_ADJECTIVE} |above ){{0,2}}(?:{_NOUN}|rewrite|revision|change|approach|makes|keeps|should help|addresses|preserves|retains)s?\b"
    r"(?: now)? ?(?:asks?|makes?|keeps?|tells?|is |are |adds?|clarif|explicit|ensures?|addresses|preserves?|maintains?|retains?|should|uses?|works?"
    r"|covers?|defines?|removes?|includes?|gives?|states?|focuses|emphasi|reflects|solves|fixes|aims|follows|incorporates|avoids|specif|conveys|the |all |it |both )"
    r"|explanation:|rationale:|changes made|key changes|why this works|note: (?:i|this|the) (?:have|ve|kept|version|re\w+|original|instructions?)|note that i\b|i (?:have |['’]ve )?(?:kept|tried|changed|made|added|removed|preserved)\b"
    r"|i['’](?:ve|m happy)\b|happy to\b)",
    re.IGNORECASE,
)
_RULE = re.compile(r"\A(?:-{3,}|\*{3,}|_{3,}|={3,})[ \t]{0,4}\n\s*")
_LAST_RULE = re.compile(r"\n[ \t]{0,4}(?:-{3,}|\*{3,}|_{3,}|={3,})\Z")
_WHITE = re.compile(r"\s+")


def cleaned(text: str) -> tuple[str, tuple[str, ...]]:
    r"""Return a text without what stands around it, and what that was, from the outside in.

    Example:
        `cleaned('Here is a variation:\n"Say yes."') == ("Say yes.", ("Here is a variation:", "“…”"))` with the
        quotes as they stood
    """
    text, removed = text.strip(), list[str]()
    for _ in range(LAYERS):
        for peel in _STEPS:
            left, off = peel(text)
            if off and left.strip():
                text = left.strip()
                removed.append(off.strip())
                break
        else:
            break
    return text, tuple(removed)


def _first(pattern: re.Pattern[str]) -> Callable[[str], _Peeled]:
    def peel(text: str) -> _Peeled:
        found = pattern.match(text[:_EDGE])
        return (text[found.end() :], found[0]) if found else (text, "")

    return peel


def _last(pattern: re.Pattern[str]) -> Callable[[str], _Peeled]:
    def peel(text: str) -> _Peeled:
        at = max(0, len(text) - _EDGE)
        found = pattern.search(text, at)
        return (text[: found.start()], found[0]) if found else (text, "")

    return peel


def _fence(text: str) -> _Peeled:
    """Take off a fence around the whole, or one that has no other end."""
    opening = _FENCED.match(text)
    if opening:
        mark, inner = opening["fence"], text[opening.end() :]
        if inner.rstrip().endswith(mark):
            inside = inner.rstrip()[: -len(mark)]
            return (inside, f"{opening[0].strip()}…{mark}") if not _BLOCK.search(inside) else (text, "")
        return (text, "") if _BLOCK.search(inner) else (inner, opening[0])
    for mark in ("```", "~~~"):
        if text.endswith(mark) and text.count(mark) == 1:
            return text[: -len(mark)], mark
        if text.startswith(mark) and text.count(mark) == 1:
            return text[len(mark) :], mark
        if text.startswith(mark) and text.endswith(mark) and text.count(mark) == 2 and "\n" not in text:
            return text[len(mark) : -len(mark)], f"{mark}…{mark}"
    return text, ""


def _after_fence(text: str) -> _Peeled:
    """Take off what is said after a fence that the text begins with."""
    opening = _FENCED.match(text)
    if not opening:
        return text, ""
    blocks = [one for one in _BLOCK.finditer(text)]
    if len(blocks) == 2 and (after := text[blocks[1].end() :]).strip() and len(after) < _EDGE:
        return text[: blocks[1].end()], after
    return text, ""


def _quotes(text: str) -> _Peeled:
    """Take off quotes around the whole, or one that has no other end; quotes of words within are left alone."""
    first, last = text[:1], text[-1:]
    for mark in ('"""', "'''", "''", "``"):
        if text.startswith(mark) and len(text) > 2 * len(mark):
            close = "''" if mark == "``" else mark
            if text.endswith(close) and mark not in text[len(mark) : -len(close)]:
                return text[len(mark) : -len(close)], f"{mark}…{close}"
    if first in _QUOTES and len(text) > 2:
        close, inner = _QUOTES[first], text[1:-1]
        if last == close and _wraps(inner, first, close):
            return inner, f"{first}…{close}"
        if first in '"“„«`' and not any(mark in text[1:] for mark in (first, close)):
            return text[1:], first
    if last in '"”»`' and not any(
        mark in text[:-1] for mark in {last, *(a for a, b in _QUOTES.items() if b == last)}
    ):
        return text[:-1], last
    return text, ""


def _wraps(inner: str, first: str, close: str) -> bool:
    """Return whether the outer quotes belong together: the first one within opens, and the last one closes."""
    if first == close:
        marks = [i for i, one in enumerate(inner) if one == first]
        if first == "'":  # an apostrophe is no quote
            marks = [i for i in marks if not (inner[i - 1 : i].isalnum() and inner[i + 1 : i + 2].isalnum())]
        if not marks:
            return True
        if first == "`" or len(marks) % 2:
            return False
        opens = not inner[marks[0] - 1 : marks[0]].strip("([{ \n\t") if marks[0] else False
        return opens and not inner[marks[0] + 1 : marks[0] + 2].isspace()
    depth = 0
    for one in inner:
        depth += (one == first) - (one == close)
        if depth < 0:
            return False
    return depth == 0


def _stars(text: str) -> _Peeled:
    """Take off bold or italics around the whole, and marks of it that have no other end."""
    for mark in ("***", "**", "__", "*", "_"):
        inner = text[len(mark) : -len(mark)]
        around = text.startswith(mark) and text.endswith(mark) and len(text) > 2 * len(mark)
        if around and mark not in inner and inner[:1].strip() and inner[-1:].strip():
            return inner, f"{mark}…{mark}"
    if text.count("**") % 2:
        if re.match(r"\*\*(?=\s)", text) or (text.startswith("**") and text.count("**") == 1):
            return text[2:], "**"
        if text.endswith("**"):
            return text[:-2], "**"
    if re.match(r"\*\*\s+\S", text) and text.endswith("**"):
        return text[2:], "**"
    return text, ""


def _angle(text: str) -> _Peeled:
    """Take off the marks of a quotation, and a stray “>” or “<” at an edge."""
    if text.startswith(">") and not re.match(r"> ?[\d=]", text):
        lines = text.split("\n")
        if all(line.startswith(">") or not line.strip() for line in lines):
            return "\n".join(re.sub(r"\A> ?", "", line) for line in lines), ">"
        return text[1:], ">"
    if re.search(r"(?:\n|[.!?\"]\s?)>\Z", text[-10:]):
        return text[:-1], ">"
    return text, ""


def _label(text: str) -> _Peeled:
    for pattern in (_LABEL, _HEADING):
        found = pattern.match(text[:_EDGE])
        if not found:
            continue
        rest = text[found.end() :]
        spoken = found["adjective"] or ("bold" in found.groupdict() and found["bold"]) or re.search(r"\d", found[0])
        template = _FIELD.search(rest[-_EDGE:]) or re.search(r"^#{1,6} ", rest, re.MULTILINE)
        if spoken or not template:
            return rest, found[0]
    return text, ""


def _preface(text: str) -> _Peeled:
    if found := _SPOKEN_OF.match(text[:_EDGE]):
        says = re.search(rf"\b{_NOUN}\b[^\n]{{0,80}}\Z", found[0].strip(), re.IGNORECASE)
        if not _IMPERATIVE_TO.match(text) or (
            says
            and re.search(
                r"\b(?:i|my|would be|could be|here|new wording|this one|all of them|above)\b",
                found[0],
                re.IGNORECASE,
            )
        ):
            return text[found.end() :], found[0]
    return text, ""


def _afterwards(text: str) -> _Peeled:
    """Take off the last paragraph, or line, where it speaks to whoever asked."""
    at = max(0, len(text) - _EDGE)
    found = None
    for one in _AFTERWARDS.finditer(text, at):
        paragraph = text[one.start() :].strip()
        if "\n\n" not in paragraph or found is None:
            found = one
            break
    if found is None or not text[: found.start()].strip():
        return text, ""
    return text[: found.start()], text[found.start() :]


_STEPS: tuple[Callable[[str], _Peeled], ...] = (
    _first(_GREETING), _first(_HERE), _first(_HERE_STOPS), _preface, _afterwards, _after_fence, _fence,
    _first(_ECHO_FIRST), _last(_ECHO_LAST), _first(_RULE), _last(_LAST_RULE), _quotes, _stars, _angle, _label,
)  # fmt: skip
