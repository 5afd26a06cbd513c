"""A script with the openai SDK that answers, and measures the prompt on a file."""

from __future__ import annotations

from lab.export.python import program
from lab.export.taken import Taken


def openai_script(taken: Taken) -> str:
    """Write the script; the key comes from the environment.

    Raises:
        MisuseError: when a metric of a person's own is not known here.
    """
    return program(taken, "openai", ("openai>=1.40",))
