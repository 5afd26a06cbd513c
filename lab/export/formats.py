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
from lab.i18n import gettext_lazy

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
    "text": Format(gettext_lazy("Text: the prompt alone"), "prompt.txt", "text/plain", text),
    "markdown": Format(gettext_lazy("Markdown, with scores and lineage"), "prompt.md", "text/markdown", markdown),
    "html": Format(gettext_lazy("Report: one HTML file with all there is to show"), "report.html", "text/html",
                   report),
    "messages": Format(gettext_lazy("Messages, as JSON"), "messages.json", "application/json", messages_json),
    "python": Format(gettext_lazy("Python with the openai SDK"), "prompt.py", "text/x-python", openai_script),
    "dspy": Format(gettext_lazy("DSPy program"), "prompt_dspy.py", "text/x-python", dspy_program),
    "langchain": Format(gettext_lazy("LangChain"), "prompt_langchain.py", "text/x-python", langchain_chain),
    "inspect": Format(gettext_lazy("inspect_ai task"), "prompt_inspect.py", "text/x-python", inspect_task),
    "promptfoo": Format(gettext_lazy("promptfoo, with tests"), "promptfooconfig.yaml", "application/yaml",
                        promptfoo),
    "huggingface": Format(gettext_lazy("Hugging Face conversations, as JSONL"), "conversations.jsonl",
                          "application/jsonl", conversations),
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
        raise MisuseError(
            gettext_lazy(
                "There is no format “{format}”. Choose one of: {formats}.",
                format=name[:60], formats=", ".join(FORMATS),
            )
        )  # fmt: skip
    return FORMATS[name]


def of_path(path: str | Path) -> str:
    """Return the name of the format that a file of this name has.

    Raises:
        MisuseError: when its name does not say.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in _BY_SUFFIX:
        raise MisuseError(
            gettext_lazy(
                "The name “{file}” does not say the format. Name it with format=, one of: {formats}, or end it "
                "with {endings}.",
                file=Path(path).name, formats=", ".join(FORMATS), endings=", ".join(_BY_SUFFIX),
            )
        )  # fmt: skip
    return _BY_SUFFIX[suffix]


def export(taken: Taken, format: str) -> str:
    """Write what is taken along in a format, by its name.

    Raises:
        MisuseError: when there is none of that name, or a metric of a person's own is not known here.
    """
    return named(format).write(taken)
