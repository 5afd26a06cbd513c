"""Verifying a lab book: every id is recomputed from the content that it names."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import Column, Connection, Text, TypeCoerce, select, type_coerce

from lab.core.codec import content_id
from lab.core.history import NODES, PROPOSALS
from lab.models.calls import Call
from lab.store.file import BookFile
from lab.store.schema import calls, nodes, proposals, runs, tasks, unpacked

_NAMED = ((tasks, ("t",)), (runs, ("r",)), (nodes, NODES), (proposals, PROPOSALS))  # by which prefixes of ids


def verify(file: BookFile) -> tuple[int, tuple[str, ...]]:
    """Recompute every id; return how many there are and a sentence for each that does not match."""
    with file.reading() as db:
        checked = [*_content(db), *_requests(db)]
        return len(checked), (*filter(None, checked), *_parents(db))


def _content(db: Connection) -> Iterator[str]:
    for table, prefixes in _NAMED:
        for id, content in db.execute(select(table.c.id, _raw(table.c.content))):
            prefix = id.partition("-")[0]
            right = prefix in prefixes and _id_of(prefix, content) == id
            yield "" if right else f"{table.name}: {id} does not match its content."


def _requests(db: Connection) -> Iterator[str]:
    c = calls.c
    for key, endpoint, request, sample in db.execute(select(c.key, c.endpoint, _raw(c.request), c.sample)):
        yield "" if _key_of(endpoint, request, sample) == key else f"calls: {key} does not match its request."


def _parents(db: Connection) -> Iterator[str]:
    for id, parent, content in db.execute(select(nodes.c.id, nodes.c.parent, _raw(nodes.c.content))):
        if _parent_of(content) != parent:
            yield f"nodes: {id} hangs from another parent than its content says."


def _raw(column: Column[str]) -> TypeCoerce[str]:
    """Read a text, or its bytes, as it lies there: what is damaged is to be found, not stumbled over."""
    return type_coerce(column, Text)


def _id_of(prefix: str, content: str | bytes) -> str:
    try:
        return content_id(prefix, json.loads(unpacked(content)))
    except ValueError:
        return "unreadable"


def _key_of(endpoint: str, request: str | bytes, sample: str) -> str:
    try:
        return Call(endpoint, unpacked(request), sample).key
    except ValueError:
        return "unreadable"


def _parent_of(content: str | bytes) -> object:
    try:
        return json.loads(unpacked(content)).get("parent")
    except (ValueError, AttributeError):
        return "unreadable"
