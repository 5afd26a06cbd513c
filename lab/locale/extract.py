"""What `pybabel extract` finds texts with: Babel's own way misses those within f-strings before Python 3.12."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from typing import IO

__all__ = ["extract"]

_Found = tuple[int, str, str | tuple[str, ...], list[str]]


def extract(
    file: IO[bytes], keywords: Mapping[str, object], comment_tags: Collection[str], options: Mapping[str, object]
) -> Iterator[_Found]:
    """Yield the line, the function and the texts of each call of one of the `keywords` (Babel's interface)."""
    for node in ast.walk(ast.parse(file.read())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in keywords:
            texts = tuple(
                one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)
            )
            if texts:
                yield node.lineno, node.func.id, texts if len(texts) > 1 else texts[0], []
