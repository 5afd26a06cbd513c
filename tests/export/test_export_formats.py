"""What every format of an export keeps to: texts stay data, nothing of this machine is told, and slots are mapped."""

from __future__ import annotations

import ast
import json
import linecache
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml

import lab
from lab.core.layout import messages
from lab.core.lineage import Origin
from lab.core.task import Example, Task
from lab.errors import MisuseError
from lab.export import FORMATS, Taken, export, of_path
from lab.export.markdown import fenced
from lab.export.python import literal, remarks
from lab.export.slots import identifiers, templated
from lab.export.taken import Scored
from lab.models.roles import ModelConfig
from lab.session.lineage import Made
from lab.session.reviewed import Edit
from lab.store import Measure

HOSTILE = (
    'Say "yes" or \'no\'. {{ 7 * 7 }} {% raw %} {# gone #} ${HOME} {x!r} """ \\n\n```\n</main><script>alert(1)</script>\n'
    "- a: b # c\r\n%s {0} \u2028 import os; os.abort()\x85end"
)
TASK = Task(
    'a "task"\n"""; import os',
    "Is it?",
    tuple(Example.of(f"input {i} {HOSTILE}", "yes" if i % 2 else "no") for i in range(4)),
    tuple(Example.of(f"dev {i} {HOSTILE}", "yes" if i % 2 else "no") for i in range(4)),
    metric="accuracy",
    labels=("yes", "no"),
    reading="label",
)
MEASURE = Measure(HOSTILE, 0.75, 4, (1.0, 1.0, 1.0, 0.0))


CRITIQUE = Origin(HOSTILE, "person", HOSTILE[::-1], kind="critique")
MADE = Made(Origin(HOSTILE, "person", "Is it?", "n", "p"), "P4", "S3", HOSTILE, 1, "ProTeGi", CRITIQUE, "C2")


def taken(prompt: str = HOSTILE, task: Task = TASK, model: str = "llama@http://127.0.0.1:9/v1") -> Taken:
    scored = Scored(replace(MEASURE, prompt=prompt), (0.3, 0.95))
    return Taken(
        prompt, HOSTILE, "ProTeGi", task, (("optimizer", "o"), ("target", "t")), ModelConfig.of(model), 0, 1, scored,
        Scored(Measure(task.start, 0.5, 4, (1.0, 1.0, 0.0, 0.0)), None), (scored,), None,
        (Made(Origin(task.start, "start"), "P0"), MADE),
        (Edit(1, HOSTILE, "edited", HOSTILE, HOSTILE[::-1], HOSTILE), Edit(1, "step", "left out", HOSTILE)),
    )  # fmt: skip


def constants(source: str) -> dict[str, Any]:
    """Return what a program says in its constants, without running it."""
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            try:
                found[node.targets[0].id] = ast.literal_eval(node.value)
            except ValueError:
                continue
    return found


@pytest.mark.parametrize("format", FORMATS)
def test_a_format_tells_no_key_and_no_place_on_this_machine(format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-not-to-be-told-0123456789")
    told = export(taken(model="gguf:/somewhere/private/model.gguf"), format)
    assert "sk-not" not in told
    assert "/somewhere" not in told
    assert str(Path.home()) not in told
    assert "lab.sqlite" not in told


@pytest.mark.parametrize("format", FORMATS)
def test_a_format_is_the_same_text_each_time(format: str) -> None:
    assert export(taken(), format) == export(taken(), format)


@pytest.mark.parametrize("format", ["python", "dspy", "langchain", "inspect"])
def test_a_program_holds_the_prompt_as_a_value_and_imports_no_lab(format: str) -> None:
    source = export(taken(), format)
    assert constants(source)["PROMPT"] == HOSTILE
    assert constants(source)["LABELS"] == ("yes", "no")
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(source))
        for name in ([one.name for one in node.names] if isinstance(node, ast.Import) else
                     [node.module or ""] if isinstance(node, ast.ImportFrom) else [])
    }  # fmt: skip
    assert "lab" not in imported
    first = source.split("from __future__")[0]
    assert all(line.startswith("#") for line in first.strip().splitlines())


def test_the_text_is_the_prompt_and_nothing_else() -> None:
    assert export(taken(), "text") == HOSTILE


def test_messages_have_their_texts_as_they_are_and_slots_by_the_names_of_columns() -> None:
    nli = replace(TASK, inputs=("premise", "hypothesis"))
    told = json.loads(export(taken("Does {premise} imply {{hypothesis}}? {% x %}", nli), "messages"))
    assert told["messages"] == [{"role": "user", "content": "Does {premise} imply {hypothesis}? {% x %}"}]
    assert told["variables"] == ["premise", "hypothesis"]
    assert json.loads(export(taken(), "messages"))["messages"][0] == {"role": "system", "content": HOSTILE}


def test_promptfoo_is_yaml_whose_prompt_and_tests_say_what_the_lab_says() -> None:
    told = yaml.safe_load(export(taken(), "promptfoo"))
    rendered = json.loads(told["prompts"][0]["raw"])
    assert [nunjucks(one["content"]) for one in rendered] == [HOSTILE, "{{ input.text or input }}"]
    assert len(told["tests"]) == 4
    given = [one["vars"]["input"] for one in told["tests"]]
    assert [one["text"] for one in given] == [example.input for example in TASK.dev]
    assert told["providers"][0]["config"]["apiBaseUrl"] == "http://127.0.0.1:9/v1"


def nunjucks(template: str) -> str:
    """Render what quotes a mark, and leave slots: all that is used of Nunjucks."""
    return re.sub(r'\{\{ "(\{[{%#])" \}\}', r"\1", template)


def test_texts_that_promptfoo_leaves_alone_are_plain_in_its_tests() -> None:
    tame = replace(TASK, dev=tuple(Example.of(f"a thing: {i}", "yes", ("y",)) for i in range(3)))
    told = yaml.safe_load(export(taken("Is it?", tame), "promptfoo"))
    assert told["tests"][0]["vars"] == {
        "input": "a thing: 0", "expected_answer": "yes", "accepted_answers": '["y"]',
    }  # fmt: skip
    assert json.loads(told["prompts"][0]["raw"])[1]["content"] == "{{ input }}"


@pytest.mark.parametrize(
    ("output", "answer", "passes"), [("**Yes**.", "yes", True), ("no", "yes", False), ("No", "no", True)]
)
def test_the_assertion_of_promptfoo_judges_as_the_lab(output: str, answer: str, passes: bool) -> None:
    told = yaml.safe_load(export(taken(), "promptfoo"))
    given = {"input": {"text": HOSTILE}, "expected_answer": answer}
    assert asserted(told, output, given)["pass"] is passes


def asserted(told: dict[str, Any], output: str, given: dict[str, object]) -> dict[str, Any]:
    """Do what promptfoo does with a Python assertion of several lines: indent it, and call it."""
    (one,) = told["defaultTest"]["assert"]
    assert one["type"] == "python"
    code = one["value"].removeprefix("{% raw %}").removesuffix("{% endraw %}")
    body = "\n".join(f"    {line}" for line in code.split("\n"))
    names: dict[str, Any] = {}
    exec(f"import json\n\ndef main(output, context):\n{body}\n", names)
    found: dict[str, Any] = names["main"](output, {"vars": given})
    return found


@pytest.mark.parametrize("hostile", ["{% endraw %}{{ 7 * 7 }}", "{%- endraw -%}", "'''\"\"\"\\", "a\0b"])
def test_what_is_judged_by_cannot_end_what_promptfoo_leaves_unrendered(hostile: str) -> None:
    told = yaml.safe_load(export(taken(task=replace(TASK, labels=("yes", hostile))), "promptfoo"))
    (one,) = told["defaultTest"]["assert"]
    assert one["value"].count("{%") == 2
    assert asserted(told, hostile, {"input": "", "expected_answer": hostile})["pass"] is True


@pytest.mark.parametrize("triple", ["'''", '"""'])
def test_a_metric_of_ones_own_with_quotes_of_any_kind_judges_in_promptfoo(triple: str) -> None:
    names: dict[str, Any] = {}
    source = f'def quotes(reply, example):\n    return float(reply == {triple}it\'s "{{% endraw %}}" {triple})\n'
    lines = source.splitlines(keepends=True)
    linecache.cache[f"<{triple}>"] = len(source), None, lines, f"<{triple}>"
    exec(compile(source, f"<{triple}>", "exec"), names)
    task = replace(TASK, metric=lab.metric(names["quotes"]).name, reading="")
    told = yaml.safe_load(export(taken(task=task), "promptfoo"))
    given = {"input": "", "expected_answer": "yes"}
    assert asserted(told, 'it\'s "{% endraw %}" ', given)["pass"] is True
    assert asserted(told, "other", given)["pass"] is False


@pytest.mark.parametrize("number", ["1e3", "089", "0o17", "+5", "-.5", "1_000", "12:30", "2020-01-01", "0x1F"])
def test_a_text_like_a_number_is_in_quotes_whichever_yaml_reads_it(number: str) -> None:
    task = replace(TASK, labels=(), reading="", dev=(Example.of(number, number),))
    told = export(taken("Is it?", task), "promptfoo")
    assert f"expected_answer: '{number}'" in told
    assert f"input: '{number}'" in told


def test_a_brace_before_a_slot_does_not_become_a_mark_of_promptfoo() -> None:
    tame = replace(TASK, dev=(Example.of("a thing", "yes"),))
    told = yaml.safe_load(export(taken("Fill {{{input}}} in.", tame), "promptfoo"))
    assert json.loads(told["prompts"][0]["raw"])[0]["content"] == 'Fill {{ "{" }}{{ input }}} in.'


def test_conversations_are_loaded_again_as_examples() -> None:
    rows = [json.loads(line) for line in export(taken(), "huggingface").split("\n") if line]
    assert len(rows) == 8
    assert [one["role"] for one in rows[0]["messages"]] == ["system", "user", "assistant"]
    assert rows[0]["messages"][2]["content"] == TASK.train[0].answer


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def test_the_report_needs_no_script_and_no_network() -> None:
    told, tags = export(taken(), "html"), Tags()
    tags.feed(told)
    assert {tag for tag, _ in tags.seen}.isdisjoint({"script", "img", "link", "iframe", "object", "base", "form"})
    assert not [given for _, given in tags.seen if {"src", "href", "onclick", "onerror"} & set(given)]
    assert "url(" not in told
    assert "default-src 'none'" in told
    assert "75 % (30 to 95) on 4 dev examples" in told


def test_a_fence_cannot_be_closed_by_what_is_in_it() -> None:
    assert fenced("a\n````\nb").startswith("`````text\n")


def test_a_remark_stays_one_line_and_a_literal_one_value() -> None:
    assert remarks((HOSTILE,)).count("\n") == 1
    assert ast.literal_eval(literal(HOSTILE)) == HOSTILE
    assert ast.literal_eval(literal("x" * 1000 + "\n" + "y" * 300)) == "x" * 1000 + "\n" + "y" * 300


@pytest.mark.parametrize("prompt", ["Is it?", "{a} and {{ b c }} {% {other}", "{input}!", "", HOSTILE])
def test_a_template_renders_to_the_messages_of_the_lab(prompt: str) -> None:
    for columns in (("a",), ("a", "b c")):
        fields = tuple((name, f"<{name}>") for name in columns)
        whole = fields[0][1] if len(fields) == 1 else "\n".join(f"{name}: {text}" for name, text in fields)
        made = templated(prompt, columns, str, lambda name: f"<{name}>")
        assert made == messages(prompt, whole, fields)


def test_each_column_has_an_identifier_of_its_own() -> None:
    found = identifiers(["text", "my text", "my-text", "1", "class", "ä", "reply"], ["reply"])
    assert found["text"] == "text"
    assert len(set(found.values())) == 7
    assert all(name.isidentifier() and name != "reply" for name in found.values())


def test_the_end_of_a_files_name_says_the_format() -> None:
    assert [of_path(f"a.{end}") for end in ("md", "PY", "yaml", "html")] == [
        "markdown",
        "python",
        "promptfoo",
        "html",
    ]
    with pytest.raises(MisuseError, match="does not say the format"):
        of_path("prompt")
