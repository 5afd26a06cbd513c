"""A LangChain chain: the prompt as a chat template, a model, and the lab's metric beside it."""

from __future__ import annotations

from lab.export.python import literal, program
from lab.export.slots import identifiers, templated
from lab.export.taken import Taken

_ROLES = {"system": "system", "user": "human"}


def langchain_chain(taken: Taken) -> str:
    """Write the chain; braces of the prompt that are not slots are doubled, so that they stay what they are.

    Raises:
        MisuseError: when a metric of a person's own is not known here.
    """
    names = dict(identifiers(taken.columns, ("stop",)))
    made = templated(taken.prompt, taken.columns, _text, lambda column: f"{{{names[column]}}}")
    rows = "".join(f"    ({_ROLES[one['role']]!r}, {_indented(one['content'])}),\n" for one in made)
    more = f"VARIABLES = {names!r}  # a column -> the variable of the template\nTEMPLATE = [\n{rows}]\n"
    return program(taken, "langchain", ("langchain-core>=0.3", "langchain-openai>=0.3"), more)


def _text(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _indented(text: str) -> str:
    return literal(text).replace("\n", "\n    ") if "\n" in text or len(text) > 90 else literal(text)
