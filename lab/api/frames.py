"""What a run knows, as DataFrames."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from lab.core.asks import Critique, Score
from lab.core.flaws import sentence
from lab.session.lineage import Blamed, Lineage
from lab.session.reviewed import reviewed, steps
from lab.session.state import State
from lab.store import Book, Measure
from lab.store.records import COST_KEYS
from lab.tasks.statistics import difference, interval

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["blame", "calls", "critiques", "errors", "history", "scores"]

_SCORES = (
    "name", "prompt", "score", "low", "high", "n", "change", "change_low", "change_high", "is_start", "is_best",
    "words", "parent", "fixed", "broken",
)  # fmt: skip
_ERRORS = ("round", "prompt", "example", "input", "answer", "got", "hit")
_CRITIQUES = (
    "name",
    "round",
    "critique",
    "proposed",
    "kept",
    "edited",
    "why",
    "flaw",
    "n_errors",
    "prompt",
    "is_waiting",
)
_HISTORY = (
    "name",
    "node",
    "round",
    "step",
    "phase",
    "verdict",
    "n_items",
    "n_edited",
    "n_dropped",
    "n_added",
    "why",
    "is_here",
)
_BLAME = (
    "text", "by", "prompt", "step", "round", "phase", "critique", "critique_name", "critique_by", "examples",
    "change",
)  # fmt: skip
_CALLS = (
    "branch", "step", "node", "role", "model", "calls", "cached", "input_tokens", "output_tokens", "cost_usd",
    "latency_s",
)  # fmt: skip


def _frame(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(list(rows), columns=list(columns))


def scores(state: State, book: Book, got: Mapping[str, Sequence[str] | None]) -> pd.DataFrame:
    """Return the prompts on the way here that were measured on dev, best first, with their intervals.

    `change` is from the start prompt, on the same examples, with the interval of the paired difference; `got` are
    the understood answers by prompt, where the metric is not a mean of hits. Where a model grades the answers, the
    columns `judge_…` have Cohen's kappa of its verdicts and a person's ratings, with its interval and their number.
    """
    start, best = state.baseline, state.best
    ranked = sorted(state.on_the_way, key=lambda one: -one.score)
    lineage = Lineage(state, book)
    rows = ((*_score(state, one, start, best, got), *_against_parent(lineage, one)) for one in ranked)
    found = _frame(_SCORES, rows)
    if state.judging is not None:
        checked = state.judging.agreement
        low, high = checked.interval or (None, None)
        found = found.assign(judge_kappa=checked.kappa, judge_low=low, judge_high=high, judge_n=checked.n)
    return found


def _against_parent(lineage: Lineage, one: Measure) -> tuple[object, ...]:
    found = lineage.flips(one.prompt)
    return ("", None, None) if found is None else (found[0], *found[1])


def _score(
    state: State,
    one: Measure,
    start: Measure | None,
    best: Measure | None,
    got: Mapping[str, Sequence[str] | None],
) -> tuple[object, ...]:
    task, mine = state.context.task, got.get(one.prompt)
    low, high = interval(task, task.dev, one.hits, mine) or (None, None)
    change: float | None = None
    less, more = None, None
    if start is not None and one is not start:
        change = one.score - start.score
        both = got.get(start.prompt)
        pair = None if both is None or mine is None else (both, mine)
        less, more = difference(task, task.dev, start.hits, one.hits, pair) or (None, None)
    name = state.names.prompt(one.prompt)
    return (
        name,
        one.prompt,
        one.score,
        low,
        high,
        one.n_rows,
        change,
        less,
        more,
        one is start,
        one is best,
        len(one.prompt.split()),
    )


def errors(state: State, book: Book) -> pd.DataFrame:
    """Return the answers on train that were not wholly right, of each prompt that was tried on the way here."""
    known = {example.id: example for example in state.context.task.train}

    def rows() -> Iterator[tuple[object, ...]]:
        for step in steps(state, book):
            for item in step.proposal.items:
                if not isinstance(item, Score) or item.by != "answers":
                    continue
                for id, hit, got in zip(item.about, item.hits, item.got, strict=False):
                    if hit is not None and hit < 1 and (example := known.get(id)):
                        yield step.round, item.text, id, example.input, example.answer, got, hit

    return _frame(_ERRORS, rows())


def critiques(state: State, book: Book) -> pd.DataFrame:
    """Return the critiques on the way here: as kept, as proposed, and what a person made of them.

    Those of a step that waits are there as they are marked now.
    """

    def rows() -> Iterator[tuple[object, ...]]:
        for step in steps(state, book):
            for one in reviewed(step.proposal, step.marks):
                if isinstance(item := one.item, Critique):
                    flaw, n = sentence(item.flaw) if item.flaw else "", len(item.errors)
                    about = item.errors[0].prompt if item.errors else item.prompt
                    edited, name = item.text != one.proposed, state.names.critique(item.text)
                    yield (
                        name, step.round, item.text, one.proposed, one.kept, edited, one.why, flaw, n, about,
                        step.waits,
                    )  # fmt: skip

    return _frame(_CRITIQUES, rows())


def history(state: State, book: Book) -> pd.DataFrame:
    """Return what was decided on the way here, a row a step; `node` is where `run.goto` goes back to."""

    def rows() -> Iterator[tuple[object, ...]]:
        for id in state.path:
            node = state.nodes[id]
            before = state.nodes[node.parent] if node.parent else None
            proposal = book.proposal(node.proposal) if node.proposal else None
            phase = before.phase if before else node.phase
            marks = node.verdict.marks if node.verdict else ()
            kind = node.verdict.kind if node.verdict else ("begin" if before is None else "change")
            n_edited = sum(mark.text is not None and mark.index is not None for mark in marks)
            yield (
                state.names.step(node.proposal), id, phase.round + 1,
                phase.title if proposal else kind.capitalize(), type(phase).__name__, kind,
                len(proposal.items) if proposal else 0, n_edited,
                sum(not m.keep for m in marks), sum(m.index is None for m in marks),
                node.verdict.why if node.verdict else "", id == state.branch.node,
            )  # fmt: skip

    return _frame(_HISTORY, rows())


def blame(stretches: Iterable[Blamed]) -> pd.DataFrame:
    """Return the stretches of a prompt, in their order, each with how it came to be."""
    return _frame(_BLAME, ([getattr(one, column) for column in _BLAME] for one in stretches))


def calls(state: State, book: Book) -> pd.DataFrame:
    """Return what all branches of the run have paid for, by branch, step, role and model."""
    names = {branch.id: branch.name for branch in state.branches}
    return _frame(
        _CALLS,
        (
            (
                names.get(one.branch, one.branch), one.what, one.node, one.role, one.model, one.calls, one.cached,
                one.n_input_tokens, one.n_output_tokens, one.cost_usd, one.latency_s,
            )
            for one in book.costs(state.branch.run, COST_KEYS)
        ),
    )  # fmt: skip
