"""A text freed of what a chat model puts around it: fences, quotes, labels, a preface, what it says afterwards.

Each step takes off one layer from the outside, or nothing; they are tried until none does. What is inside a text is
never touched, and a text without such layers stays as it is, to the letter.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from lab.optimizers.reading import chatter

LAYERS = 24  # more than a person would put around a text
_EDGE = 2000  # characters at an edge that are looked at

_Peeled = tuple[str, str]  # what is left, and what was taken off

_ROLE = re.compile(
    r"\A(?:assistant|model|ai|answer|output|response|result|antwort|respuesta|réponse|risposta|resposta|ответ|回答|答案|답변)"
    r"[*_]{0,3}\s?[:：][*_]{0,3}\s+(?=\S)",
    re.IGNORECASE,
)
_FENCED = re.compile(r"\A(?P<fence>`{3,}|~{3,})[^\n`]{0,30}\n")
_BLOCK = re.compile(r"^(?P<fence>`{3,}|~{3,})[^\n`]{0,30}$", re.MULTILINE)
_QUOTES = {
    '"': '"', "'": "'", "“": "”", "„": "“", "”": "”", "«": "»", "»": "«", "‹": "›", "‘": "’", "「": "」",
    "『": "』", "`": "`",
}  # fmt: skip
# Fields and headings by which a template is known.
_FIELD = re.compile(
    r"^[ \t]{0,4}[*_]{0,3}[^\W\d_][^\n:]{0,30}:[*_]{0,3}[ \t]{0,4}(?:\{[^\n]{1,40}\}[ \t]{0,4})?$", re.MULTILINE
)
_SLOT = re.compile(r"\{[^{}\n]{1,40}\}")
_RULE = re.compile(r"\A(?:-{3,}|\*{3,}|_{3,}|={3,})[ \t]{0,4}\n\s*")
_LAST_RULE = re.compile(r"\n[ \t]{0,4}(?:-{3,}|\*{3,}|_{3,}|={3,})\Z")


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


def names_a_text(removed: str) -> bool:
    """Return whether what was taken off announces a text by its name: "New prompt:", "## Improved instruction"."""
    return (removed.startswith("#") or removed.rstrip("*_").endswith((":", "："))) and chatter.NAMES_A_TEXT.search(
        removed
    ) is not None


def without_role(text: str) -> str:
    """Return what stands behind "Assistant:" or "Answer:"; nothing without such a word, or of a template."""
    found = _ROLE.match(text.strip())
    rest = text.strip()[found.end() :] if found else ""
    return "" if _FIELD.search(rest[-_EDGE:]) else rest


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
    """Take off a fence around the whole, or one that has no other end; blocks within are the text's own."""
    opening = _FENCED.match(text)
    if opening:
        mark, inner = opening["fence"], text[opening.end() :]
        if inner.rstrip().endswith(mark):
            inside = inner.rstrip()[: -len(mark)]
            return (inside, f"{opening[0].strip()}…{mark}") if _holds_whole_blocks(inside, mark) else (text, "")
        return (text, "") if _BLOCK.search(inner) else (inner, opening[0])
    for mark in ("```", "~~~"):
        if text.endswith(mark) and text.count(mark) == 1:
            return text[: -len(mark)], mark
        if text.startswith(mark) and text.count(mark) == 1:
            return text[len(mark) :], mark
        if text.startswith(mark) and text.endswith(mark) and text.count(mark) == 2 and "\n" not in text:
            return text[len(mark) : -len(mark)], f"{mark}…{mark}"
    return text, ""


def _holds_whole_blocks(inside: str, around: str) -> bool:
    """Return whether each block within a fence is opened with its language, or by a shorter fence, and closed."""
    is_open = False
    for line in _BLOCK.finditer(inside):
        tells = bool(line[0].strip("`~ \t")) or len(line["fence"]) < len(around)
        if not is_open and not tells:
            return False
        is_open = not is_open
    return not is_open


def _after_fence(text: str) -> _Peeled:
    """Take off what is said after a fence that the text begins with."""
    opening = _FENCED.match(text)
    if not opening:
        return text, ""
    blocks = list(_BLOCK.finditer(text))
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


def _echoed_first(text: str) -> _Peeled:
    """Take off a tag of the question that leads; one that is closed before the end is the text's own."""
    found = chatter.ECHO_FIRST.match(text[:_EDGE])
    if not found:
        return text, ""
    name = found[0].strip(" <>/\t\n")
    closed = text.lower().find(f"</{name.lower()}>", found.end())
    return (text, "") if 0 <= closed < len(text) - len(name) - 3 else (text[found.end() :], found[0])


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
    for pattern in (chatter.LABEL, chatter.HEADING):
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
    """Take off a line that announces the text; one that may be a prompt itself only where more speaks for it."""
    found = chatter.ANNOUNCED.match(text[:_EDGE])
    if not found:
        return text, ""
    line = found[0]
    is_chatter = not chatter.MAY_BE_A_PROMPT.match(text) or (
        chatter.NAMES_A_TEXT_LAST.search(line.strip()) and chatter.SPEAKS_OF_ITSELF.search(line)
    )
    return (text[found.end() :], line) if is_chatter else (text, "")


def _afterwards(text: str) -> _Peeled:
    """Take off what speaks to whoever asked, up to the end."""
    found = chatter.AFTERWARDS.search(text, max(0, len(text) - _EDGE))
    if not found or _SLOT.search(text, found.start()):
        return text, ""
    before, after = text[: found.start()], text[found.start() :]
    named = chatter.HEADING.match(before)
    parts = before[named.end() :] if named else before
    is_section = after.lstrip().startswith("#") and re.search(
        r"^#{1,6} ", parts, re.MULTILINE
    )  # of a prompt in parts
    return (before, after) if before.strip() and not is_section else (text, "")


def _brackets(text: str) -> _Peeled:
    """Take off square brackets around sentences, as OPRO's authors ask for them."""
    inside = text[1:-1]
    is_text = text[:1] == "[" and text[-1:] == "]" and not any(mark in inside for mark in '[]"')
    return (inside, "[…]") if is_text and re.search(r"\s\S+\s[^\n]*[.!?。！？]\Z", inside) else (text, "")


_STEPS: tuple[Callable[[str], _Peeled], ...] = (
    _first(chatter.GREETING), _first(chatter.HERE_IS), _first(chatter.HERE_IS_SENTENCE), _preface, _afterwards,
    _after_fence, _fence, _echoed_first, _last(chatter.ECHO_LAST), _first(_RULE), _last(_LAST_RULE),
    _quotes, _brackets, _stars, _angle, _label, _first(chatter.LABEL_ELSEWHERE),
)  # fmt: skip
