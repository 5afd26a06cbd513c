"""Python that stands alone: what is known of a prompt as constants, a template, and the lab's own judging.

Each text of a person, a model or a file is written by `repr`, so that it is a value and never code.
"""

from __future__ import annotations

import sys
from importlib.resources import files

from lab.export.judging import asking_source, judging_source
from lab.export.taken import Taken
from lab.export.words import facts
from lab.i18n import use
from lab.models.plan import TARGET_MAX_TOKENS, TARGET_SEED, TARGET_TEMPERATURE
from lab.tasks.metrics import usual_reading

__all__ = ["constants", "literal", "program", "remarks"]

_LONGEST = 90  # characters of a line of a literal


@use("en")
def program(taken: Taken, template: str, packages: tuple[str, ...], more: str = "") -> str:
    """Return a program by the name of its template, with what it imports in one place; `more` are constants.

    Raises:
        MisuseError: when a metric of a person's own is not known here.
    """
    asking, judging = asking_source(), judging_source(taken.task)
    parts = [_template("rows"), _template(template)]
    imports = {line for part in parts for line in part[0]} | set(asking.imports) | set(judging.imports)
    needed = (*packages, *(("regex",) if "import regex" in imports else ()))
    main = 'if __name__ == "__main__":\n    main()\n'
    return "\n\n".join(
        (
            _header(taken, needed) + "\n" + _sorted(imports),
            constants(taken) + more,
            *(part[1] for part in reversed(parts)),
            "# How the model is asked: a text is put where the prompt has its slot, and nothing is rendered.\n\n\n"
            + asking.body,
            "# How a reply is read and judged, as the lab does.\n\n\n" + judging.body,
            main,
        )
    )


def constants(taken: Taken) -> str:
    """Return what is known of a prompt and its task as assignments."""
    how, task = taken.target.sampling, taken.task
    given = (
        ("INPUTS", repr(taken.columns), "the columns that an input is made of"),
        ("ANSWER", repr("answer"), "the column of the right answer"),
        ("LABELS", repr(task.labels), ""),
        ("METRIC", repr(task.metric), ""),
        ("READING", repr(task.reading or usual_reading(task.metric, task.labels)), "how a reply is read"),
        ("MODEL", repr(taken.model), ""),
        ("BASE_URL", repr(taken.base_url), "OPENAI_BASE_URL takes its place where it is set"),
        ("TEMPERATURE", repr(TARGET_TEMPERATURE if how.temperature is None else how.temperature), ""),
        ("MAX_TOKENS", repr(how.max_tokens or TARGET_MAX_TOKENS), ""),
        ("SEED", repr(TARGET_SEED), ""),
        ("STOP", repr(list(how.stop)), ""),
    )
    lines = (f"{name} = {value}{f'  # {said}' if said else ''}" for name, value, said in given)
    return "\n".join((f"PROMPT = {literal(taken.prompt)}", *lines)) + "\n"


def literal(text: str) -> str:
    """Write a text as Python: a long one line by line, each by `repr`."""
    if len(text) <= _LONGEST and "\n" not in text:
        return repr(text)
    lines = text.splitlines(keepends=True)
    pieces = [line[at : at + _LONGEST] for line in lines for at in range(0, len(line), _LONGEST)]
    return "(\n" + "".join(f"    {piece!r}\n" for piece in pieces) + ")"


def remarks(lines: tuple[str, ...]) -> str:
    """Write sentences as comments, each on one line: whatever they quote stays a comment."""
    return "".join(f"# {_one_line(line)}\n" for line in lines)


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in " ".join(text.split()))


def _header(taken: Taken, packages: tuple[str, ...]) -> str:
    notes = ["Exported from Prompt Lab; it does not need the lab.", *facts(taken)]
    if taken.target.endpoint.in_process:
        notes.append("The practice model is served by: prompt-lab practice-server --port 8001")
    if taken.target.endpoint.file:
        notes.append("The model is a file: serve it by llama-server -m FILE.")
    if taken.target.sampling.forced and taken.task.labels:
        notes.append("In the lab the model was made to answer with a label; here it answers as it likes.")
    listed = ", ".join(f'"{one}"' for one in packages)
    script = f'# /// script\n# requires-python = ">=3.11"\n# dependencies = [{listed}]\n# ///\n'
    return script + remarks(tuple(notes))


def _template(name: str) -> tuple[tuple[str, ...], str]:
    """Return the imports of a template and its body."""
    text = files("lab.export").joinpath("templates", f"{name}.txt").read_text(encoding="utf-8")
    imports, _, body = text.partition("\n\n\n")
    return tuple(imports.splitlines()), body


def _sorted(imports: set[str]) -> str:
    """Write imports as one would: what comes with Python first, names of one module together."""
    modules, names = set[str](), dict[str, set[str]]()
    for line in imports:
        if line.startswith("from "):
            module, _, name = line.removeprefix("from ").partition(" import ")
            names.setdefault(module, set()).update(name.split(", "))
        else:
            modules.add(line)
    lines = [
        *sorted(modules),
        *(f"from {module} import {', '.join(sorted(names[module]))}" for module in sorted(names)),
    ]
    others = [line for line in lines if line.split()[1].partition(".")[0] not in sys.stdlib_module_names]
    standard = [line for line in lines if line not in others]
    return "\n".join(("from __future__ import annotations", "", *standard, "", *others)) + "\n"
