"""`python -m lab bench practice`: what the practice model claims, measured from fixed seeds.

Reference answers are seen by the metric and in the errors that are shown, nowhere else; prompts come from the
tasks' own pages.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from lab.bench.direct import Direct, autopilot, best_at, score
from lab.bench.person import review
from lab.bench.tables import spread_out, table
from lab.core.asks import Context
from lab.optimizers import OPTIMIZERS
from lab.practice.personality import PERSONALITIES
from lab.tasks import bundled

__all__ = ["MEASURES", "measure", "tables"]

IRRELEVANT = "Write a haiku about the sea."
_PERSON_ROUNDS = 2
_PARAPHRASES = 10
_SPEED_S = 2.0
_CLIENT_CALLS = 2000

# Fitting instructions for files of Instruction Induction, and the least they should reach.
FILES: Mapping[str, tuple[str, float]] = {
    "first_word_letter": ("Write the first letter of the word. Answer with that letter alone, nothing else.", 0.90),
    "singular_to_plural": ("Write the plural of the word. Answer with that word alone, nothing else.", 0.90),
    "sum": ("Add the two numbers. Answer with the sum alone, nothing else.", 0.90),
    "num_to_verbal": ("Write the number in words. Answer with the words alone, nothing else.", 0.90),
    "negation": ("Negate the sentence. Answer with the negated sentence alone, nothing else.", 0.75),
    "sentiment": (
        "Decide whether the sentence is positive or negative. Answer with one word, positive or negative, and "
        "nothing else.",
        0.65,
    ),
}


def _model(personality: str) -> str:
    return f"practice-{personality}"


def prompts(seeds: int) -> dict[str, Any]:
    """Score start, expert, empty, irrelevant and misleading prompts by task and personality."""
    found: dict[str, Any] = {}
    for name in bundled.names():
        task = bundled.load(name)
        given = {
            "start": task.start,
            "empty": "",
            "irrelevant": IRRELEVANT,
            "misleading": bundled.misleading_prompt(name),
        }
        found[name] = {
            who.name: {
                label: score(task, text, _model(who.name))
                for label, text in {**given, "expert": bundled.expert_prompt(name, who.name)}.items()
            }
            for who in PERSONALITIES
        }
    return found


def transfer(seeds: int) -> dict[str, Any]:
    """Score each personality's expert prompt on every personality; `loses` is the most that one loses."""
    found: dict[str, Any] = {}
    for name in bundled.names():
        task = bundled.load(name)
        rows = {
            a.name: {
                b.name: score(task, bundled.expert_prompt(name, a.name), _model(b.name)) for b in PERSONALITIES
            }
            for a in PERSONALITIES
        }
        found[name] = {"scores": rows, "loses": max(rows[a][a] - min(rows[a].values()) for a in rows)}
    return found


def paraphrases(seeds: int) -> dict[str, Any]:
    """Score ten paraphrases of one prompt; `spread` is the best less the worst."""
    from lab.practice.rewriting import reworded

    found: dict[str, Any] = {}
    for name in bundled.names():
        task = bundled.load(name)
        for who in PERSONALITIES:
            said: dict[str, None] = {}
            prompt = bundled.expert_prompt(name, who.name)
            for k in range(200):
                said.setdefault(reworded(prompt, ("paraphrase", k)))
                if len(said) == _PARAPHRASES:
                    break
            reached = [score(task, text, _model(who.name)) for text in said]
            found.setdefault(name, {})[who.name] = {"n": len(said), "spread": max(reached) - min(reached)}
    return found


def _optimized(given: tuple[str, str, int]) -> tuple[str, str, float, int, int]:
    optimizer, name, seed = given
    kind, task = OPTIMIZERS[optimizer], bundled.load(name).sealed()
    direct = Direct(task, seed=seed)
    way = autopilot(kind, Context(task, kind.settings(), seed), direct)
    return optimizer, name, way[-1].best, direct.calls["optimizer"], direct.calls["target"]


def optimizers(seeds: int) -> dict[str, Any]:
    """Run every optimizer on autopilot with its default settings; dev scores of the best prompt found."""
    jobs = [(kind, name, seed) for kind in OPTIMIZERS for name in bundled.names() for seed in range(seeds)]
    rows = spread_out(_optimized, jobs)
    found: dict[str, Any] = {}
    for kind in OPTIMIZERS:
        found[kind] = {}
        for name in bundled.names():
            mine = [row for row in rows if row[:2] == (kind, name)]
            task = bundled.load(name)
            found[kind][name] = {
                "start": score(task, task.start, "practice"),
                "expert": score(task, bundled.expert_prompt(name), "practice"),
                "median": median(row[2] for row in mine),
                "least": min(row[2] for row in mine),
                "most": max(row[2] for row in mine),
                "optimizer_calls": median(row[3] for row in mine),
                "target_calls": median(row[4] for row in mine),
            }
    return found


def _against(given: tuple[str, int]) -> tuple[str, float, float, int]:
    name, seed = given
    kind, task, signs = OPTIMIZERS["protegi"], bundled.load(name).sealed(), bundled.signs(name)
    context = Context(task, replace(kind.settings(), rounds=_PERSON_ROUNDS), seed)
    alone = autopilot(kind, context, Direct(task, seed=seed))
    helped = autopilot(
        kind, context, Direct(task, seed=seed), lambda phase, proposal: review(signs, phase, proposal)
    )
    return name, alone[-1].best, best_at(helped, alone[-1].calls), alone[-1].calls


def person(seeds: int) -> dict[str, Any]:
    """Run ProTeGi for two rounds with the scripted person and without.

    What the person reaches counts as far as no more target answers were asked for than autopilot asked for.
    """
    rows = spread_out(_against, [(name, seed) for name in bundled.names() for seed in range(seeds)])
    found: dict[str, Any] = {}
    for name in bundled.names():
        mine = [row for row in rows if row[0] == name]
        found[name] = {
            "autopilot": median(row[1] for row in mine),
            "person": median(row[2] for row in mine),
            "wins": sum(row[2] > row[1] for row in mine),
            "losses": sum(row[2] < row[1] for row in mine),
            "seeds": len(mine),
            "target_calls": median(row[3] for row in mine),
        }
    return found


def speed(seeds: int) -> dict[str, Any]:
    """Count target answers a second on one core below the client, and through the client."""
    from lab.core.layout import messages
    from lab.practice import respond
    from lab.practice.target import Draw

    found = {}
    for name in bundled.names():
        task, expert = bundled.load(name), bundled.expert_prompt(name)
        n, start = 0, time.perf_counter()
        while (taken := time.perf_counter() - start) < _SPEED_S / len(bundled.names()):
            example = task.train[n % len(task.train)]
            prompt = f"{expert}\nVersion {n // len(task.train)}."
            respond("practice", messages(prompt, example.input), Draw())
            n += 1
        found[name] = n / taken
    return {"below_client_per_s": found, "through_client_per_s": _through_client()}


def _through_client() -> float:
    import asyncio

    from lab.core.asks import Evaluate
    from lab.models.calls import MemoryCache
    from lab.models.perform import Performer
    from lab.models.roles import Models

    task = bundled.load("triage")
    ids = tuple(example.id for example in task.train)
    texts = tuple(f"{task.start} Version {i}." for i in range(_CLIENT_CALLS // len(ids)))

    async def go() -> float:
        performer = Performer(task, Models(), MemoryCache())
        start = time.perf_counter()
        await performer(Evaluate(texts, ids))
        taken = time.perf_counter() - start
        await performer.aclose()
        return len(texts) * len(ids) / taken

    return asyncio.run(go())


def files(seeds: int) -> dict[str, Any]:
    """Score fitting and irrelevant instructions on real files of Instruction Induction, where they are present."""
    from lab.tasks.loaders import load_task

    found: dict[str, Any] = {}
    for name, (prompt, least) in FILES.items():
        path = Path("../shared/data/instruction_induction/execute") / f"{name}.json"
        if path.is_file():
            task = load_task(path, start=prompt).task
            whole = replace(task, dev=(*task.train, *task.dev, *task.test), train=(), test=())
            found[name] = {
                "fitting": score(whole, prompt, "practice"),
                "irrelevant": score(whole, IRRELEVANT, "practice"),
                "least": least,
                "n": len(whole.dev),
            }
    return found


MEASURES: Mapping[str, Callable[[int], dict[str, Any]]] = {
    "prompts": prompts, "transfer": transfer, "paraphrases": paraphrases, "optimizers": optimizers,
    "person": person, "speed": speed, "files": files,
}  # fmt: skip


def measure(only: Iterable[str] = (), seeds: int = 10) -> dict[str, Any]:
    """Take the measures named, or all."""
    return {name: MEASURES[name](seeds) for name in (tuple(only) or MEASURES)}


def tables(found: Mapping[str, Any]) -> str:
    """Write what was measured as Markdown tables."""
    return "\n\n".join(_TABLES[name](rows) for name, rows in found.items() if name in _TABLES and rows)


def _prompt_table(found: Mapping[str, Any]) -> str:
    labels = ("start", "expert", "empty", "irrelevant", "misleading")
    return table(
        "Prompts: dev score", ("task", "personality", *labels),
        ((task, who, *(row[label] for label in labels)) for task, by in found.items() for who, row in by.items()),
    )  # fmt: skip


def _transfer_table(found: Mapping[str, Any]) -> str:
    names = [who.name for who in PERSONALITIES]
    return table(
        "Transfer: the expert prompt of one personality on another, dev score",
        ("task", "written for", *(f"on {name}" for name in names), "most lost on the task"),
        (
            (task, a, *(row["scores"][a][b] for b in names), row["loses"])
            for task, row in found.items() for a in names
        ),
    )  # fmt: skip


def _paraphrase_table(found: Mapping[str, Any]) -> str:
    names = [who.name for who in PERSONALITIES]
    return table(
        "Paraphrases: best less worst dev score of ten wordings of the expert prompt", ("task", *names),
        ((task, *(by[name]["spread"] for name in names)) for task, by in found.items()),
    )  # fmt: skip


def _optimizer_table(found: Mapping[str, Any]) -> str:
    heads = ("start", "median", "least", "most", "expert", "optimizer_calls", "target_calls")
    return table(
        "Optimizers on autopilot, default settings: best dev score", ("optimizer", "task", *heads),
        ((kind, task, *(row[head] for head in heads)) for kind, by in found.items() for task, row in by.items()),
    )  # fmt: skip


def _person_table(found: Mapping[str, Any]) -> str:
    heads = ("autopilot", "person", "wins", "losses", "seeds", "target_calls")
    return table(
        f"The scripted person against autopilot, ProTeGi, {_PERSON_ROUNDS} rounds: best dev score, median",
        ("task", *heads), ((task, *(row[head] for head in heads)) for task, row in found.items()),
    )  # fmt: skip


def _speed_table(found: Mapping[str, Any]) -> str:
    rows = [(task, f"{n:,.0f}") for task, n in found["below_client_per_s"].items()]
    return table(
        "Speed: target answers a second on one core, in process", ("task", "answers a second"),
        [*rows, ("triage, through the client", f"{found['through_client_per_s']:,.0f}")],
    )  # fmt: skip


def _file_table(found: Mapping[str, Any]) -> str:
    heads = ("fitting", "irrelevant", "least", "n")
    return table(
        "Files of Instruction Induction: share right", ("file", *heads),
        ((name, *(row[head] for head in heads)) for name, row in found.items()),
    )  # fmt: skip


_TABLES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "prompts": _prompt_table, "transfer": _transfer_table, "paraphrases": _paraphrase_table,
    "optimizers": _optimizer_table, "person": _person_table, "speed": _speed_table, "files": _file_table,
}  # fmt: skip
