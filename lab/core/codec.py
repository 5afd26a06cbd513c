"""Frozen values as JSON and back, and the ids that are made of it.

A value is written as an object that names its type by a tag; lists stand for tuples. A type is known once it is
registered: those of the core by `stored`, those of an optimizer when the optimizer is. Tags and names of fields are
stored: a type that gets another name, or other names or values in its fields, says so when it is registered, and
what was stored before reads as it does now.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from hashlib import blake2b
from types import MappingProxyType
from typing import Any, TypeVar, overload

from lab.errors import BookError
from lab.i18n import gettext_lazy
from lab.text import whole

__all__ = ["canonical", "content_id", "decode", "encode", "forget", "named", "register", "stored"]

T = TypeVar("T")
Content = Mapping[str, Any]  # {field: value}, decoded


@dataclass(frozen=True)
class _Known:
    """A type and how it reads what was stored before: fields by the names they had, and values that were others."""

    kind: type[Any]
    renamed: Mapping[str, str]
    upgraded: Callable[[Content], Content] | None
    added: Content

    def of(self, content: Content) -> Any:
        return self.kind(**{**self.added, **content})

    def of_old(self, content: Content) -> Any:
        content = {self.renamed.get(name, name): value for name, value in content.items()}
        return self.of(self.upgraded(content) if self.upgraded else content)


@dataclass(frozen=True)
class _Form:
    """How a type is written: its tag, the names of its fields, and those that are left out at these values."""

    tag: str
    names: tuple[str, ...]
    added: Content


_by_tag: dict[str, _Known] = {}
_tags: dict[type[Any], str] = {}
_added: dict[type[Any], Content] = {}
_NOTHING = object()


def register(
    tag: str,
    kind: type[Any],
    *,
    was: tuple[str, ...] = (),
    renamed: Mapping[str, str] = MappingProxyType({}),
    upgraded: Callable[[Content], Content] | None = None,
    added: Content = MappingProxyType({}),
) -> None:
    """Make a type known by its tag; a tag that is known already stands for the new type from here on.

    Args:
        tag: how it is written from here on.
        kind: the type.
        was: tags by which older books know it.
        renamed: the names that its fields have now, by those that older books know them by.
        upgraded: makes of the content of an older book what the fields hold now; called for old content.
        added: fields that came later, with the values that content without them stands for. One that holds this
            value is not written, so that what was stored before it came keeps its id.
    """
    for name in (tag, *was):
        _by_tag[name] = _Known(kind, renamed, upgraded, added)
    _tags.setdefault(kind, tag)  # what is shared by several optimizers is written as it was first
    _added[kind] = added
    _form.cache_clear()


def forget(tag: str) -> None:
    """Make a tag unknown again, and the types that are written by it."""
    _by_tag.pop(tag, None)
    for kind in [one for one, its in _tags.items() if its == tag]:
        del _tags[kind]
    _form.cache_clear()


@overload
def stored(kind: type[T]) -> type[T]: ...


@overload
def stored(
    *,
    was: tuple[str, ...] = (),
    renamed: Mapping[str, str] = MappingProxyType({}),
    upgraded: Callable[[Content], Content] | None = None,
    added: Content = MappingProxyType({}),
) -> Callable[[type[T]], type[T]]: ...


def stored(kind: type[T] | None = None, **before: Any) -> type[T] | Callable[[type[T]], type[T]]:
    """Register a type of the core by its name, and how it reads what was stored `before`, as `register` says.

    Example:
        `@stored` above `@dataclass(frozen=True)`, or `@stored(was=("Break",))` above one that was called so
    """

    def registered(kind: type[T]) -> type[T]:
        register(kind.__name__, kind, **before)
        return kind

    return registered if kind is None else registered(kind)


def encode(value: Any) -> Any:
    """Turn a frozen value into plain JSON: a tagged object, lists for tuples, the rest as it is."""
    if (form := _form(value.__class__)) is not None:
        held = {name: getattr(value, name) for name in form.names}
        content = {name: encode(one) for name, one in held.items() if form.added.get(name, _NOTHING) != one}
        return {"is": form.tag, **content}
    if isinstance(value, (tuple, list)):
        return [encode(item) for item in value]
    return whole(value) if isinstance(value, str) else value


@cache
def _form(kind: type[Any]) -> _Form | None:
    """Return how values of a dataclass or a named tuple are written: as those of the nearest type that is known."""
    names = tuple(one.name for one in fields(kind)) if is_dataclass(kind) else getattr(kind, "_fields", ())
    if not names:
        return None
    known = next(one for one in kind.mro() if one in _tags)
    return _Form(_tags[known], names, _added[known])


def decode(data: Any, *, old: bool = False) -> Any:
    """Turn what `encode` made back into the value it was; what an `old` form has otherwise is read as it is now.

    Raises:
        BookError: when it names a type or a field that this version does not know.
    """
    if isinstance(data, list):
        return tuple([decode(item, old=old) for item in data])
    if isinstance(data, dict):
        known = _by_tag.get(data.get("is", ""))
        if known is None:
            raise BookError(
                gettext_lazy(
                    "The book holds a “{kind}”, which this version of the lab does not know. "
                    "If it belongs to an optimizer of your own, register that first.",
                    kind=data.get("is"),
                )
            )
        try:
            content = {name: decode(item, old=old) for name, item in data.items() if name != "is"}
            return known.of_old(content) if old else known.of(content)
        except TypeError as error:
            raise BookError(
                gettext_lazy("The book was written by another version of the lab: {problem}.", problem=str(error))
            ) from None
    return data


def canonical(data: Any) -> str:
    """Write JSON in the one form that ids are made of: keys sorted, no spaces, text as it is."""
    return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def named(prefix: str, content: Any) -> tuple[str, str]:
    """Return the id of content, and the canonical text that it is made of and stored as.

    `prefix` says what the content is and in which form, `b2` how it was hashed.
    """
    text = canonical(content)
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16)
    return f"{prefix}-b2-{digest.hexdigest()}", text


def content_id(prefix: str, content: Any) -> str:
    """Return the id of content alone."""
    return named(prefix, content)[0]
