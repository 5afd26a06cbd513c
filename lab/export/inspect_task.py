"""A task of inspect_ai: a solver that asks with the prompt, and a scorer that judges as the lab does."""

from __future__ import annotations

from lab.export.python import program
from lab.export.taken import Taken


def inspect_task(taken: Taken) -> str:
    """Write the task; the key comes from the environment.

    Raises:
        MisuseError: when a metric of a person's own is not known here.
    """
    return program(taken, "inspect_ai", ("inspect-ai>=0.3.100", "openai>=1.40"))
