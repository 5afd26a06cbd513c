"""How long texts lie in a lab book: compressed, because most of one is in the row before it too."""

from __future__ import annotations

import zlib

from sqlalchemy import Dialect, Text, TypeDecorator

from lab.errors import BookError

PACKED_FROM = 1_000  # characters; what is shorter can be read and searched as it lies there


class PackedText(TypeDecorator[str]):
    """A column of text, in which a long one is a BLOB of zlib; text as older books have it is read as it is."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Pack a long text."""
        return value if value is None else packed(value)  # type: ignore[return-value]  # as SQLite takes both

    def process_result_value(self, value: str | bytes | None, dialect: Dialect) -> str | None:
        """Return the text.

        Raises:
            BookError: when it is damaged.
        """
        try:
            return value if value is None else unpacked(value)
        except ValueError as error:
            raise BookError(f"The lab book is damaged: {error}. `python -m lab verify` says where.") from None


def packed(text: str) -> str | bytes:
    """Compress a text that is long."""
    return text if len(text) < PACKED_FROM else zlib.compress(text.encode())


def unpacked(content: str | bytes) -> str:
    """Return the text that was packed, or that was not.

    Raises:
        ValueError: when it is damaged.
    """
    if isinstance(content, str):
        return content
    try:
        return zlib.decompress(content).decode()
    except zlib.error as error:
        raise ValueError(f"a text cannot be unpacked ({error})") from None
