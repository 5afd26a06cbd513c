"""Which fields of a request an error refuses, where it says so in words alone. Pure; what a server says is data."""

from __future__ import annotations

import re

__all__ = ["ABOVE_ZERO", "SYSTEM", "fields_named", "most_tokens_named"]

ABOVE_ZERO, SYSTEM = "temperature above 0", "system"  # what is taken but for one value, or in another place

LONGEST_SEARCHED = 2000  # characters of an error
_NAMES = (
    "temperature", "top_p", "max_tokens", "max_completion_tokens", "logprobs", "top_logprobs", "stream_options",
    "frequency_penalty", "presence_penalty",
)  # fmt: skip
_WORDS = "|".join(("seed", "stop", "n", "stream"))  # of everyday language, too: they must stand as a name does
_REFUSING = re.compile(
    r"unknown|unrecogni[sz]ed|unsupported|not support|does not accept|not permitted|not allowed|unexpected"
    r"|cannot find|cannot unmarshal|deprecated|no longer|not (?:a )?valid|invalid (?:field|param|arg|name)"
    r"|additional propert|only the default|\bonly\b[^.]{0,20}\b(?:allowed|supported|accepted)",
    re.IGNORECASE,
)
_NAMED = re.compile(
    rf"""
    (?<![\w-]) (?P<name> {"|".join(sorted(_NAMES, key=len, reverse=True))} ) (?![\w-])
    | (?: ["'`‘“.\[] | \b(?:name|field|param(?:eter)?|argument|property|keyword|supplied|input)s?\b [:\s]{{1,3}} )
      (?P<behind> {_WORDS} ) \b
    | (?<![\w-]) (?P<before> {_WORDS} ) (?: ["'`’”] | \s(?:is\snot|parameter|argument|field)\b | :\s )
    | :\s (?P<last> {_WORDS} ) [\s.]* $
    """,
    re.IGNORECASE | re.VERBOSE,
)
_ABOVE_ZERO = re.compile(
    r"temperature\W[^.]{0,60}(?:strictly positive|(?:greater|larger|more|bigger) than 0|above 0|> 0|\(0)",
    re.IGNORECASE,
)
_NO_SYSTEM = re.compile(
    r"\b(?:system|developer)\W{1,3}(?:role|message|prompt|instruction)s?\b[^.]{0,60}\bnot\b[^.]{0,20}"
    r"\b(?:support|allow|enabled|permit|accept)"
    r"|\bnot (?:support|allow|accept)\w*[^.]{0,30}\bsystem\W{1,3}(?:role|message|prompt|instruction)",
    re.IGNORECASE,
)
_MOST_TOKENS = re.compile(
    r"(?:at most|maximum (?:value|allowed)?[^\d.]{0,40}|less than or equal to|<=|up to)\s?(?P<n>\d{1,7})\b",
    re.IGNORECASE,
)
_NAMES_LIMIT = re.compile(r"max_(?:completion_|output_|new_)?tokens", re.IGNORECASE)
_OF_CONTEXT = re.compile(r"context|input", re.IGNORECASE)
_STREAM_ONLY = re.compile(
    r"\b(?:only|must|requires?|enable|set)\b[^.]{0,60}\bstream"
    r"|\bstream\w*\b[^.]{0,60}\b(?:only|must|required|true)\b",
    re.IGNORECASE,
)


def fields_named(message: str) -> tuple[str, ...]:
    """Find the fields of ours that an error refuses; `stream` where nothing but a stream is answered.

    `SYSTEM` is a message that has to come as a person's, `ABOVE_ZERO` a temperature that may not be 0.

    Example:
        `fields_named('Unknown name "seed": Cannot find field.') == ("seed",)`
    """
    message = message[:LONGEST_SEARCHED]
    if _STREAM_ONLY.search(message):
        return ("stream",)
    if _NO_SYSTEM.search(message):
        return (SYSTEM,)
    if _ABOVE_ZERO.search(message):
        return (ABOVE_ZERO,)
    if not _REFUSING.search(message):
        return ()
    found = (match[match.lastgroup or 0] for match in _NAMED.finditer(message))
    return tuple(dict.fromkeys(name.lower() for name in found))


def most_tokens_named(message: str) -> int:
    """Find how many tokens a reply may have at most, where an error says that more were asked for; else 0.

    Example:
        `most_tokens_named("max_tokens is too large: 256. At most 100 tokens.") == 100`
    """
    message = message[:LONGEST_SEARCHED]
    if not _NAMES_LIMIT.search(message) or _OF_CONTEXT.search(message):
        return 0
    found = _MOST_TOKENS.search(message)
    return int(found["n"]) if found else 0
