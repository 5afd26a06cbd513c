"""Where an export becomes a file."""

from __future__ import annotations

from pathlib import Path

from lab.core import arguments
from lab.errors import MisuseError
from lab.i18n import gettext_lazy
from lab.text import visible

__all__ = ["write"]


def write(path: str | Path, content: str | bytes) -> Path:
    """Write a file and return its path.

    Raises:
        MisuseError: when it cannot be written.
    """
    file = Path(arguments.path("path", path, "the path of a file to write"))
    try:
        file.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    except (OSError, ValueError) as error:  # a name with a character that no name has is a ValueError
        reason = error.strerror if isinstance(error, OSError) else error
        raise MisuseError(
            gettext_lazy(
                "The file “{file}” cannot be written: {reason}.", file=visible(file.name), reason=str(reason)
            )
        ) from None
    return file
