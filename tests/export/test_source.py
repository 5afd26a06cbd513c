"""The lab's own judging as Python that stands alone: it judges as the lab does, by every metric and reading."""

from __future__ import annotations

import itertools
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

import lab
from lab.core.layout import messages
from lab.core.task import Example, Task
from lab.errors import MisuseError
from lab.export.judging import asking_source, judging_source
from lab.export.source import Source, extract
from lab.tasks.metrics import METRICS, judge, total
from lab.tasks.readings import READINGS

LABELS = ((), ("positive", "negative"))
READ = (*READINGS, r"regex:\d+")
JUDGED = (*(name for name in METRICS if name != "judge"), "numeric:0.5", "numeric:1%")
ANSWERS = ("positive", "42", "1000", '[{"a": 1, "b": 2}]', "(B)", "red, blue", r"^\d{4}")
REPLIES = (
    "**Label:** Positive.", "positive", "I would call this positive, not negative.", r"\boxed{42}", "B. Paris",
    "The answer is 1,000.00", '```json\n[{"a": 1, "b": 2}]\n```', "", "<think>hm</think>positive", "red; blue",
    "-5 %", "2024-05", "Answer: B", "# not a comment { or a slot }",
)  # fmt: skip


@contextmanager
def loaded(source: Source) -> Iterator[Any]:
    """Run the source as a module that has nothing else in it."""
    module = types.ModuleType("exported")
    sys.modules["exported"] = module
    text = "\n".join(("from __future__ import annotations", *source.imports, source.body))
    assert "lab" not in {word for line in source.imports for word in line.replace(".", " ").split()}
    exec(compile(text, "exported", "exec"), module.__dict__)
    try:
        yield module
    finally:
        del sys.modules["exported"]


def agree(metric: str, reading: str, labels: tuple[str, ...]) -> None:
    task = Task("t", "s", (), (), metric=metric, labels=labels, reading=reading)
    with loaded(judging_source(task)) as there:
        for answer, reply in itertools.product(ANSWERS, REPLIES):
            ours = judge(metric, labels, Example.of("i", answer), reply, reading)
            theirs = there.judge(metric, labels, there.Example("i", answer), reply, reading)
            assert (ours.got, ours.hit, ours.form) == (theirs.got, theirs.hit, theirs.form), (answer, reply)
        hits = [float(i % 2) for i in range(len(ANSWERS))]
        examples = [there.Example("i", answer) for answer in ANSWERS]
        summed = there.total(metric, labels, examples, ANSWERS, hits)
        assert summed == total(metric, labels, [Example.of("i", one) for one in ANSWERS], ANSWERS, hits)


@pytest.mark.parametrize("metric", JUDGED)
def test_a_metric_judges_as_in_the_lab(metric: str) -> None:
    agree(metric, "", ())


@pytest.mark.parametrize("reading", READ)
def test_a_reading_reads_as_in_the_lab(reading: str) -> None:
    agree("accuracy", reading, LABELS[1])


@pytest.mark.long
@pytest.mark.parametrize("metric", JUDGED)
def test_each_metric_with_each_reading_judges_as_in_the_lab(metric: str) -> None:
    for reading, labels in itertools.product(READ, LABELS):
        agree(metric, reading, labels)


def test_a_prompt_and_an_input_become_the_same_messages() -> None:
    with loaded(asking_source()) as there:
        for prompt in ("Is it?", "Does {premise} imply {{ hypothesis }}?", "{input}", "", "{{x}} {% raw %} {y}"):
            fields = (("premise", "It {hypothesis}."), ("hypothesis", "{{premise}}"))
            assert there.messages(prompt, "whole", fields) == messages(prompt, "whole", fields)


def test_a_metric_of_ones_own_comes_along_with_its_source() -> None:
    @lab.metric
    def begins(reply: str, example: lab.Example) -> float:
        return float(reply.startswith(example.answer))

    with loaded(judging_source(Task("t", "s", (), (), metric=begins.name))) as there:
        assert there.judge(begins.name, (), there.Example("i", "yes"), "yes it is").hit == 1.0
        assert there.judge(begins.name, (), there.Example("i", "yes"), "no").hit == 0.0


def test_a_metric_of_ones_own_may_have_the_name_of_something_that_is_exported() -> None:
    @lab.metric
    def judge(reply: str, example: lab.Example, deep: bool = True) -> float:
        return judge(reply, example, False) if deep else float("judge(lab.Example)" in reply)  # type: ignore[call-arg]

    with loaded(judging_source(Task("t", "s", (), (), metric=judge.name))) as there:
        assert there.judge(judge.name, (), there.Example("i", "yes"), "a judge(lab.Example)").hit == 1.0


def test_a_lambda_is_said_to_have_no_source_that_can_be_exported() -> None:
    shortest = lab.metric(lambda reply, example: 1.0)
    with pytest.raises(MisuseError, match="is not known here"):
        judging_source(Task("t", "s", (), (), metric=shortest.name))


def test_a_metric_that_is_not_known_here_is_said_to_be_missing() -> None:
    with pytest.raises(MisuseError, match="“gone” is not known here"):
        judging_source(Task("t", "s", (), (), metric="own:gone:00000000"))


def test_two_things_of_one_name_are_told_apart() -> None:
    source = extract(
        [("lab.tasks.numbers", "read"), ("lab.core.loose_json", "json_in"), ("lab.tasks.overlap", "choice")]
    )
    with loaded(source) as there:
        assert str(there.read("So it is 42.")) == "42"
        assert there.json_in('{"a": 1}') == {"a": "1"} or there.json_in('{"a": 1}') == {"a": 1}
        assert there.choice("(b)") == "B"
