"""Frozen values as JSON and back, and the ids that are made of it.

A value is written as an object that names its type by a tag; lists stand for tuples. A type is known once it is
registered: those of the core by `stored`, those of an optimizer when the optimizer is. Tags are stored, so a class
may move or be renamed, but its tag stays.
"""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from hashlib import blake2b
from typing import Any, TypeVar

from lab.errors import BookError
from lab.text import whole

__all__ = ["canonical", "content_id", "decode", "encode", "forget", "register", "stored"]

T = TypeVar("T")

_by_tag: dict[str, type[Any]] = {}
_tags: dict[type[Any], str] = {}


def register(tag: str, kind: type[Any]) -> None:
    """Make a type known by its tag; a tag that is known already stands for the new type from here on."""
    _by_tag[tag] = kind
    _tags[kind] = tag


def forget(tag: str) -> None:
    """Make a tag unknown again."""
    _by_tag.pop(tag, None)


def stored(kind: type[T]) -> type[T]:
    """Register a type of the core by its name.

    Example:
        `@stored` above `@dataclass(frozen=True)`
    """
    register(kind.__name__, kind)
    return kind


def encode(value: Any) -> Any:
    """Turn a frozen value into plain JSON: a tagged object, lists for tuples, the rest as it is."""
    if is_dataclass(value):
        content = {field.name: encode(getattr(value, field.name)) for field in fields(value)}
        return {"is": _tag_of(type(value)), **content}
    if isinstance(value, (tuple, list)):
        return [encode(item) for item in value]
    return whole(value) if isinstance(value, str) else value


def _tag_of(kind: type[Any]) -> str:
    """Return the tag of a type, or of the nearest type that it refines."""
    return next(_tags[one] for one in kind.mro() if one in _tags)


def decode(data: Any) -> Any:
    """Turn what `encode` made back into the value it was.

    Raises:
        BookError: when it names a type or a field that this version does not know.
    """
    if isinstance(data, list):
        return tuple(decode(item) for item in data)
    if isinstance(data, dict):
        kind = _by_tag.get(data.get("is", ""))
        if kind is None:
            raise BookError(
                f"The book holds a “{data.get('is')}”, which this version of the lab does not know. "
                "If it belongs to an optimizer of your own, register that first."
            )
        try:
            return kind(**{name: decode(item) for name, item in data.items() if name != "is"})
        except TypeError as error:
            raise BookError(f"The book was written by another version of the lab: {error}.") from None
    return data


def canonical(data: Any) -> str:
    """Write JSON in the one form that ids are made of: keys sorted, no spaces, text as it is."""
    return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def content_id(prefix: str, content: Any) -> str:
    """Name content by its hash: `prefix` says what it is, `b2` how it was hashed."""
    digest = blake2b(canonical(content).encode("utf-8", "surrogatepass"), digest_size=16)
    return f"{prefix}-b2-{digest.hexdigest()}"
