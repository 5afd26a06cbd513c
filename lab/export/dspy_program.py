"""A DSPy program: a module with the prompt as the instructions of its signature, and the lab's metric."""

from __future__ import annotations

from lab.export.python import program
from lab.export.slots import identifiers
from lab.export.taken import Taken

_TAKEN = ("reply", "judged", "instructions", "self", "signature", "demos")


def dspy_program(taken: Taken) -> str:
    """Write the program; the key comes from the environment.

    Raises:
        MisuseError: when a metric of a person's own is not known here.
    """
    fields = dict(identifiers(taken.columns, _TAKEN))
    return program(taken, "dspy", ("dspy>=3",), f"FIELDS = {fields!r}  # a column -> the field of the signature\n")
