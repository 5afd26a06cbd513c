"""The formats in which a prompt can be taken along: one table, which all faces read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from lab.errors import MisuseError
from lab.export.dspy_program import dspy_program
from lab.export.inspect_task import inspect_task
from lab.export.langchain_chain import langchain_chain
from lab.export.markdown import markdown
from lab.export.openai_script import openai_script
from lab.export.promptfoo import promptfoo
from lab.export.report import report
from lab.export.taken import Taken
from lab.export.texts import conversations, messages_json, text

__all__ = ["FORMATS", "Format", "export", "named", "of_path"]


@dataclass(frozen=True)
class Format:
    """A way to write a prompt that is taken along.

    Attributes:
        title: what it is called, in a few words.
        file: what the file is called.
        media: its media type.
        write: what writes it; pure.
    """

    title: str
    file: str
    media: str
    write: Callable[[Taken], str]


FORMATS: Mapping[str, Format] = MappingProxyType({
    "text": Format("Text: the prompt alone", "prompt.txt", "text/plain", text),
    "markdown": Format("Markdown, with scores and lineage", "prompt.md", "text/markdown", markdown),
    "html": Format("Report: one HTML file with all there is to show", "report.html", "text/html", report),
    "messages": Format("Messages, as JSON", "messages.json", "application/json", messages_json),
    "python": Format("Python with the openai SDK", "prompt.py", "text/x-python", openai_script),
    "dspy": Format("DSPy program", "prompt_dspy.py", "text/x-python", dspy_program),
    "langchain": Format("LangChain", "prompt_langchain.py", "text/x-python", langchain_chain),
    "inspect": Format("inspect_ai task", "prompt_inspect.py", "text/x-python", inspect_task),
    "promptfoo": Format("promptfoo, with tests", "promptfooconfig.yaml", "application/yaml", promptfoo),
    "huggingface": Format("Hugging Face conversations, as JSONL", "conversations.jsonl", "application/jsonl",
                          conversations),
})  # fmt: skip

_BY_SUFFIX = {
    ".txt": "text", ".md": "markdown", ".html": "html", ".htm": "html", ".json": "messages", ".py": "python",
    ".yaml": "promptfoo", ".yml": "promptfoo", ".jsonl": "huggingface",
}  # fmt: skip


def named(name: str) -> Format:
    """Return a format by its name.

    Raises:
        MisuseError: when there is none of that name.
    """
    if name not in FORMATS:
        raise MisuseError(f"There is no format “{name[:60]}”. Choose one of: {', '.join(FORMATS)}.")
    return FORMATS[name]


def of_path(path: str | Path) -> str:
    """Return the name of the format that a file of this name has.

    Raises:
        MisuseError: when its name does not say.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in _BY_SUFFIX:
        raise MisuseError(
            f"The name “{Path(path).name}” does not say the format. Name it with format=, one of: "
            f"{', '.join(FORMATS)}, or end it with {', '.join(_BY_SUFFIX)}."
        )
    return _BY_SUFFIX[suffix]


def export(taken: Taken, format: str) -> str:
    """Write what is taken along in a format, by its name.

    Raises:
        MisuseError: when there is none of that name, or a metric of a person's own is not known here.
    """
    return named(format).write(taken)
