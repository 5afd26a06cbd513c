"""A prompt of another tool is a start: what DSPy, LangChain and promptfoo keep is read, and hostile data is only data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.errors import DataError
from lab.tasks.formats.prompts import prompt_of, read_prompt

LANGCHAIN = {
    "lc": 1, "type": "constructor", "id": ["langchain", "prompts", "chat", "ChatPromptTemplate"],
    "kwargs": {"messages": [{"lc": 1, "kwargs": {"prompt": {"lc": 1, "kwargs": {"template": "Rate {text}."}}}}]},
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "suffix", "found"),
    [
        (json.dumps({"predict": {"signature": {"instructions": "Name the mood."}, "demos": []}}), ".json", "Name the mood."),
        (json.dumps(LANGCHAIN), ".json", "Rate {text}."),
        (json.dumps({"_type": "prompt", "template": "Say it: {x}"}), ".json", "Say it: {x}"),
        ("_type: prompt\ntemplate: 'Say it: {x}'\n", ".yaml", "Say it: {x}"),
        ("prompts:\n  - 'Is {{text}} good?'\n  - other\nproviders: []\n", ".yaml", "Is {{text}} good?"),
        ("prompts:\n  - file://x.txt\n  - raw: Rate it.\n", ".yml", "Rate it."),
        ("  Plain text.\n", ".txt", "Plain text."),
        ("{not json", ".json", "{not json"),
        ('"Only a text."', ".json", "Only a text."),
        ('{"metadata": {}}', ".json", ""),
        ("[" * 100_000, ".json", "[" * 100_000),
    ],
)  # fmt: skip
def test_the_prompt_of_a_tool_is_read(text: str, suffix: str, found: str) -> None:
    assert prompt_of(text, suffix) == found


@given(st.text(), st.sampled_from((".json", ".yaml", ".txt")))
def test_any_text_has_a_prompt_or_none_and_nothing_is_raised(text: str, suffix: str) -> None:
    assert isinstance(prompt_of(text, suffix), str)


def test_a_file_without_a_prompt_or_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "none.json").write_text("{}", "utf-8")
    for name in ("none.json", "missing.json"):
        with pytest.raises(DataError, match=name):
            read_prompt(tmp_path / name)
