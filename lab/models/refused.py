"""Which fields of a request an error refuses, where it says so in words alone. Pure; what a server says is data."""

from __future__ import annotations

import re

__all__ = ["fields_named"]

LONGEST_SEARCHED = 2000  # characters of an error
_NAMES = (
    "temperature", "top_p", "max_tokens", "max_completion_tokens", "logprobs", "top_logprobs", "stream_options",
    "frequency_penalty", "presence_penalty",
)  # fmt: skip
_WORDS = "|".join(("seed", "stop", "n", "stream"))  # of everyday language, too: they must stand as a name does
_REFUSING = re.compile(
    r"unknown|unrecogni[sz]ed|unsupported|not support|does not accept|not permitted|not allowed|unexpected"
    r"|cannot find|cannot unmarshal|deprecated|no longer|not (?:a )?valid|invalid (?:field|param|arg|name)"
    r"|additional propert|only the default",
    re.IGNORECASE,
)
_NAMED = re.compile(
    rf"""
    (?<![\w-]) (?P<name> {"|".join(sorted(_NAMES, key=len, reverse=True))} ) (?![\w-])
    | (?: ["'`‘“.] | \b(?:name|field|param(?:eter)?|argument|property|keyword|supplied|input)s?\b [:\s]{{1,3}} )
      (?P<behind> {_WORDS} ) \b
    | (?<![\w-]) (?P<before> {_WORDS} ) (?: ["'`’”] | \s(?:is\snot|parameter|argument|field)\b | :\s )
    | :\s (?P<last> {_WORDS} ) [\s.]* $
    """,
    re.IGNORECASE | re.VERBOSE,
)
_STREAM_ONLY = re.compile(
    r"\b(?:only|must|requires?|enable|set)\b[^.]{0,60}\bstream"
    r"|\bstream\w*\b[^.]{0,60}\b(?:only|must|required|true)\b",
    re.IGNORECASE,
)


def fields_named(message: str) -> tuple[str, ...]:
    """Find the fields of ours that an error refuses; `stream` where nothing but a stream is answered.

    Example:
        `fields_named('Unknown name "seed": Cannot find field.') == ("seed",)`
    """
    message = message[:LONGEST_SEARCHED]
    if _STREAM_ONLY.search(message):
        return ("stream",)
    if not _REFUSING.search(message):
        return ()
    found = (match[match.lastgroup or 0] for match in _NAMED.finditer(message))
    return tuple(dict.fromkeys(name.lower() for name in found))
