"""JSON as models write it: in a text, in Python's way or JavaScript's, and cut off before its end."""

from __future__ import annotations

import ast
import json
import math
import re

__all__ = ["closed", "finite", "json_in", "loosely", "refused"]

_LONGEST = 20_000  # characters that are read in a way that is not JSON's own
_MOST_STARTS = 50  # places in a text at which JSON may begin
_STRING = r'"(?:[^"\\]|\\.)*+"?'
_CURLY = str.maketrans(dict.fromkeys("“”„‟", '"'))
_JAVASCRIPT = re.compile(
    rf'(?P<string>{_STRING})|(?:^|(?<=[\s,{{\[]))//[^\n"]*$|(?P<name>(?<![\w.])[^\W\d]\w{{0,60}})(?=\s*:)|,(?=\s*[}}\]])',
    re.MULTILINE | re.DOTALL,
)
_CLOSES = {"{": "}", "[": "]"}
_TOKEN = re.compile(rf"{_STRING}|[{{}}\[\],]", re.DOTALL)
_ENDED = re.compile(r'(?<!\\)(?:\\\\)*"\Z')
_BEGINS = re.compile(r"^[ \t]{0,8}[{\[]", re.MULTILINE)


def finite(text: str) -> float:
    """Return a number of JSON.

    Raises:
        ValueError: when it is out of range.
    """
    if math.isinf(value := float(text)):
        raise ValueError("A number is out of range.")
    return value


def refused(constant: str) -> float:
    """Refuse NaN and Infinity, which are not JSON.

    Raises:
        ValueError: always.
    """
    raise ValueError(f"{constant} is not JSON.")


_DECODER = json.JSONDecoder(parse_float=finite, parse_constant=refused)


def json_in(text: str) -> object | None:
    """Return the longest JSON object or list that stands in a text, by value; None without one.

    Of one that ends before it is closed, what is whole is read.
    """
    bare = text.strip().strip("`").removeprefix("json").strip()
    if bare[:1] in ("{", "[") and (value := loosely(bare)) is not None:
        return value
    starts = [match.start() for match, _ in zip(re.finditer(r"[{\[]", text), range(_MOST_STARTS), strict=False)]
    best, longest, after = None, 0, 0
    for start in starts:
        if start < after:
            continue
        value, after = _decoded(text, start)
        if after - start > longest:
            best, longest = value, after - start
    begun = _BEGINS.search(text)
    if begun and _decoded(text, begun.end() - 1)[1] < 0:  # it may hold what is whole
        cut = closed(text[begun.end() - 1 :].rstrip("` \n"))
        return best if cut is None else cut
    return best


def _decoded(text: str, start: int) -> tuple[object, int]:
    """Return the JSON that begins at a place, and where it ends: -1 where there is none."""
    try:
        return _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None, -1


def loosely(text: str) -> object | None:
    """Read a text that is JSON, or is it but for the manners of Python or JavaScript; None where it is neither."""
    return next((value for parse in (_parsed, _literal, _relaxed) if (value := parse(text)) is not None), None)


def closed(text: str, *, keep: bool = False) -> object | None:
    """Read an object or list that ends before it is closed, without the string that it ends in or, to `keep`, with.

    None where nothing is left open, or what is there is no JSON.

    Example:
        `closed('{"label": "bug", "why": "It cra') == {"label": "bug"}`
    """
    if len(text) > _LONGEST:
        return None
    owed: list[str] = []  # what closes what is open, the innermost last
    whole, closing = 0, ""  # up to where members are whole, and what closes there
    is_cut = False
    for token in _TOKEN.finditer(text):
        sign = token[0]
        if sign in "}]" and (not owed or owed.pop() != sign):
            return None
        if sign in _CLOSES:
            owed.append(_CLOSES[sign])
        if sign in _CLOSES or sign == ",":
            whole, closing = token.end() - (sign == ","), "".join(reversed(owed))
        is_cut = sign[0] == '"' and (len(sign) == 1 or not _ENDED.search(sign))
    if not owed:
        return None
    end = '"' * is_cut + "".join(reversed(owed))
    value = None if is_cut and not keep else _relaxed(text.removesuffix("\\") + end)
    return _relaxed(text[:whole] + closing) if value is None else value


def _parsed(text: str) -> object | None:
    try:
        value: object = json.loads(text, parse_float=finite, parse_constant=refused)
    except (ValueError, RecursionError):
        return None
    return value


def _literal(text: str) -> object | None:
    """Read what a model writes in Python's way: single quotes, True, None, a set."""
    if len(text) > _LONGEST:
        return None
    try:
        value: object = ast.literal_eval(text)
        if isinstance(value, tuple):  # what only ends in a comma
            return None
        value = list(dict.fromkeys(value)) if isinstance(value, set) else value
        json.dumps(value, allow_nan=False)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
    return value


def _relaxed(text: str) -> object | None:
    """Read JSON with what JavaScript allows and a word processor makes of it: comments, new lines, curly quotes."""
    if len(text) > _LONGEST:
        return None
    text = text if '"' in text else text.translate(_CURLY)
    text = _JAVASCRIPT.sub(lambda found: found["string"] or (f'"{found["name"]}"' if found["name"] else ""), text)
    try:
        value: object = json.loads(text, strict=False, parse_float=finite, parse_constant=refused)
    except (ValueError, RecursionError):
        return None
    return value
