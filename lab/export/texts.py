"""The prompt alone: as a text, as messages, and as conversations of Hugging Face's kind."""

from __future__ import annotations

import json

from lab.core.layout import messages
from lab.core.task import Example
from lab.export.slots import as_it_is, templated
from lab.export.taken import Taken

__all__ = ["conversations", "messages_json", "text"]


def text(taken: Taken) -> str:
    """Write the prompt, and nothing else."""
    return taken.prompt


def messages_json(taken: Taken) -> str:
    """Write the messages that a model is sent; `{column}` stands where the text of a column is put, as it is."""
    made = templated(taken.prompt, taken.columns, as_it_is, lambda column: f"{{{column}}}")
    content = {"model": taken.model, "messages": made, "variables": list(taken.columns)}
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def conversations(taken: Taken) -> str:
    """Write a conversation a line for each example of train and dev: what is asked, and the right answer.

    It is what `datasets` loads and a tokenizer's chat template takes.
    """
    splits = (("train", taken.task.train), ("dev", taken.task.dev))
    return "".join(_conversation(taken, split, one) for split, examples in splits for one in examples)


def _conversation(taken: Taken, split: str, one: Example) -> str:
    asked = messages(taken.prompt, one.input, taken.task.fields(one))
    told = {"messages": [*asked, {"role": "assistant", "content": one.answer}], "split": split, "id": one.id}
    return json.dumps(told, ensure_ascii=False) + "\n"
