"""A configuration of promptfoo: the prompt, a test for each dev example, and the lab's own judging as assertion.

promptfoo renders prompts and assertions by Nunjucks, and changes some texts of tests too: what it would change is
kept from it, so that each text arrives as it stands in the lab.
"""

from __future__ import annotations

import json
import re

import yaml

from lab.core.task import Example
from lab.export.judging import judging_source
from lab.export.python import literal, remarks
from lab.export.slots import identifiers, templated
from lab.export.taken import Taken
from lab.export.words import facts
from lab.i18n import use
from lab.models.plan import TARGET_MAX_TOKENS, TARGET_SEED, TARGET_TEMPERATURE
from lab.tasks.metrics import usual_reading

_TAG = re.compile(r"\{(?:[{%#]|\Z)")  # the last brace would begin a mark with that of a slot behind it
_CHANGED = re.compile(r"\{\{|\{%|\{#|\A(?:file|package):|\n\Z")
_LIKE_A_NUMBER = re.compile(r"[-+.]*\d")
_ANSWER, _ACCEPTED = "expected_answer", "accepted_answers"
_ASSERTION = """import sys, types
source = {source}
lab = types.ModuleType("judging")
sys.modules["judging"] = lab
exec(source, lab.__dict__)
given = context["vars"]
plain = lambda value: value["text"] if isinstance(value, dict) else value
right = [plain(given["{answer}"]), *json.loads(plain(given.get("{accepted}", "[]")))]
example = lab.Example("", right[0], tuple(right[1:]))
judged = lab.judge({metric!r}, {labels!r}, example, output, {reading!r})
return {{"pass": judged.hit >= 1, "score": judged.hit, "reason": f"read: {{judged.got}}"}}
"""


@use("en")
def promptfoo(taken: Taken) -> str:
    """Write the configuration; the key comes from OPENAI_API_KEY, and Python judges, with the package `regex`.

    Raises:
        MisuseError: when a metric of a person's own is not known here.
    """
    names = dict(identifiers(taken.columns, (_ANSWER, _ACCEPTED, "env")))
    tests = [_test(taken, example, names) for example in taken.task.dev]
    guarded = any(isinstance(value, dict) for test in tests for value in test["vars"].values())

    def slot(column: str) -> str:
        name = names[column]
        return f"{{{{ {name}.text or {name} }}}}" if guarded else f"{{{{ {name} }}}}"

    messages = templated(taken.prompt, taken.columns, _text, slot)
    content = {
        "description": f"{taken.task.name}: {taken.run}",
        "prompts": [{"label": "prompt", "raw": json.dumps(messages, ensure_ascii=False)}],
        "providers": [{"id": f"openai:chat:{taken.model}", "config": _config(taken)}],
        "defaultTest": {"assert": [{"type": "python", "value": _assertion(taken)}]},
        "tests": tests,
    }
    notes = (
        "Run by: npx promptfoo@latest eval -c THIS_FILE",
        "The key is taken from OPENAI_API_KEY. Replies are judged in Python as in the lab: pip install regex.",
        *facts(taken),
    )
    body = yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)
    return f"# yaml-language-server: $schema=https://promptfoo.dev/config-schema.json\n{remarks(notes)}{body}"


def _config(taken: Taken) -> dict[str, object]:
    how = taken.target.sampling
    stop = {"stop": list(how.stop)} if how.stop else {}
    return {
        "apiBaseUrl": taken.base_url,
        "temperature": TARGET_TEMPERATURE if how.temperature is None else how.temperature,
        "max_tokens": how.max_tokens or TARGET_MAX_TOKENS,
        "seed": TARGET_SEED,
        **stop,
    }


def _test(taken: Taken, example: Example, names: dict[str, str]) -> dict[str, dict[str, object]]:
    fields = taken.task.fields(example) or ((taken.columns[0], example.input),)
    given: dict[str, object] = {names[column]: _value(text) for column, text in fields}
    given[_ANSWER] = _value(example.answer)
    if example.accepted:
        given[_ACCEPTED] = _value(json.dumps(example.accepted, ensure_ascii=False))
    return {"vars": given}


def _value(text: str) -> object:
    """Write a text as it is, or inside a mapping where promptfoo would take it for more than a text."""
    return {"text": text} if _CHANGED.search(text) else text


def _text(text: str) -> str:
    """Keep the marks of Nunjucks in a prompt from being read as such."""
    return _TAG.sub(lambda tag: f'{{{{ "{tag[0]}" }}}}', text)


def _assertion(taken: Taken) -> str:
    task, judging = taken.task, judging_source(taken.task)
    source = "\n".join(("from __future__ import annotations", *judging.imports, "", "", judging.body))
    body = _ASSERTION.format(
        source=literal(source),
        answer=_ANSWER,
        accepted=_ACCEPTED,
        metric=task.metric,
        labels=task.labels,
        reading=task.reading or usual_reading(task.metric, task.labels),
    )
    unended = body.replace("{%", r"{\x25")  # in a literal: a label, an expression, a metric of a person's own
    return f"{{% raw %}}{unended}{{% endraw %}}"


class _Dumper(yaml.SafeDumper):
    """Writes a text of several lines as one would: as a block, where YAML can."""


def _lines(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # What YAML 1.2 takes for a number, such as 1e3 or 089, PyYAML would leave without quotes.
    style = "|" if "\n" in text else "'" if _LIKE_A_NUMBER.match(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _lines)
