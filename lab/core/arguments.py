"""Checks of what people type in Python: one sentence that names the argument and what it takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import TypeVar

from lab.errors import MisuseError
from lab.text import shortened

__all__ = ["flag", "mapping", "one_of", "path", "text", "texts", "whole", "wrong"]

Word = TypeVar("Word", bound=str)


def wrong(name: str, wanted: str, given: object) -> MisuseError:
    """Make the error for an argument of another kind than wanted; what was given is quoted, and shortened."""
    try:
        said = repr(given)
    except Exception:
        said = "what cannot be shown"
    return MisuseError(f"{name} must be {wanted}, not {type(given).__name__} {shortened(said, 60)}.")


def text(name: str, given: object, wanted: str = "a text", *, empty: bool = True) -> str:
    """Return a text.

    Raises:
        MisuseError: when it is not one, or is empty where it must not be.
    """
    if not isinstance(given, str) or not (empty or given.strip()):
        raise wrong(name, wanted, given)
    return given


def flag(name: str, given: object) -> bool:
    """Return True or False.

    Raises:
        MisuseError: when it is neither.
    """
    if not isinstance(given, bool):
        raise wrong(name, "True or False", given)
    return given


def texts(name: str, given: object, wanted: str) -> tuple[str, ...]:
    """Return one text or several as several.

    Raises:
        MisuseError: when it is neither.
    """
    if isinstance(given, str):
        return (given,)
    found = tuple(given) if isinstance(given, Iterable) and not isinstance(given, Mapping | bytes) else ()
    if not found or not all(isinstance(one, str) for one in found):
        raise wrong(name, wanted, given)
    return found


def whole(name: str, given: object, lowest: int, highest: int) -> int:
    """Return a whole number within a range.

    Raises:
        MisuseError: when it is not one.
    """
    try:
        fits = not isinstance(given, bool | str | bytes) and lowest <= given == int(given) <= highest  # type: ignore[call-overload, operator]
    except (TypeError, ValueError, OverflowError):
        fits = False
    if not fits:
        raise wrong(name, f"a whole number from {lowest} to {highest}", given)
    return int(given)  # type: ignore[call-overload, no-any-return]


def wholes(name: str, given: object) -> tuple[int, ...]:
    """Return whole numbers from 0 on, one or several or none.

    Raises:
        MisuseError: when they are not.
    """
    some = given if isinstance(given, Iterable) and not isinstance(given, str | bytes) else (given,)
    return tuple(whole(name, one, 0, 10**6) for one in some)


def one_of(name: str, given: object, choices: Iterable[Word]) -> Word:
    """Return one of some words.

    Raises:
        MisuseError: when it is none of them.
    """
    known = tuple(choices)
    for word in known:
        if isinstance(given, str) and word == given:
            return word
    raise wrong(name, f"one of {', '.join(map(repr, known))}", given)


def mapping(name: str, given: object, wanted: str) -> dict[str, object]:
    """Return a mapping with texts as keys.

    Raises:
        MisuseError: when it is not one.
    """
    if not isinstance(given, Mapping) or not all(isinstance(key, str) for key in given):
        raise wrong(name, wanted, given)
    return dict(given)


def path(name: str, given: object, wanted: str) -> str:
    """Return a path as a text.

    Raises:
        MisuseError: when it is not one, or holds half a character.
    """
    try:
        found = given if isinstance(given, str) else str(PurePath(given))  # type: ignore[arg-type]  # it may be any
        found.encode("utf-8", "surrogateescape")
    except (TypeError, UnicodeError):
        raise wrong(name, wanted, given) from None
    if not found.strip() or "\0" in found:
        raise wrong(name, wanted, given)
    return found
