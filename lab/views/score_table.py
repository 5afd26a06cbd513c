"""Scores that were just measured: to read, not to edit."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import TypeGuard, cast

from lab.core.asks import Candidate, Evaluate, Item, Score
from lab.i18n import gettext, gettext_lazy, ngettext
from lab.session.state import State
from lab.views.examples import asked, given
from lab.views.markup import details, esc, table
from lab.views.numbers import count, mean, nats
from lab.views.outcomes import made_of
from lab.views.prose import in_a_row

_FIXED = gettext_lazy("Scores are measured and cannot be edited: accept them.")
_REDRAWN = gettext_lazy(
    "Scores are measured and cannot be edited: accept them, or reject them to measure on other examples."
)
_CANNOT_TELL = gettext_lazy("This endpoint cannot score a given answer; measured by execution accuracy.")
_LOG_P = gettext_lazy(
    "log P is the mean log-probability, in nats, of a token of the right answer: the nearer to 0, the better."
)


def score_table(state: State) -> str:
    """Draw one row a prompt with its score, and below how it did on each example."""
    assert state.proposal is not None
    scores = cast("tuple[Score, ...]", state.proposal.items)
    body = table(
        (gettext("Prompt"), gettext("Score"), gettext("Measured on")),
        (
            (
                _prompt(state.names.prompt(score.text) or count(i), score),
                esc(mean(score.mean, score.by)),
                ngettext("{n} train example", "{n} train examples", _known(score)),
            )
            for i, score in enumerate(scores, 1)
        ),
        short=(1,),
    )
    each = (_answers if scores[0].by == "answers" else _likelihoods)(scores, state.branch.pending or "")
    forced = state.branch.models["target"].sampling.forced
    note = in_a_row(
        _REDRAWN if state.can_redraw else _FIXED, gettext("Answers forced to be a label.") if forced else ""
    )
    head = f'<p class="lab-muted">{note}</p>{scored_by(state, scores)}'
    return f"{head}{body}{_outcomes(state)}{each}{asked(state, scores[0].about)}"


def _outcomes(state: State) -> str:
    """Draw what became of the replies behind each score."""
    rows = ((count(i), found) for i, found in enumerate(state.item_outcomes, 1))
    title = gettext("What the scores are made of")
    return made_of(f"{state.branch.pending}/replies", title, rows, state.context.task)


def scored_by(state: State, items: Sequence[Item]) -> str:
    """Describe what scores by likelihood mean, or that answers were judged where likelihood was asked for."""
    measured = {one.by for one in items if _is_measured(one)}
    if "likelihood" in measured:
        return f'<p class="lab-muted">{_LOG_P}</p>'
    return f"<p>{_CANNOT_TELL}</p>" if measured and _likelihood_unavailable(state) else ""


def _likelihood_unavailable(state: State) -> bool:
    ask = state.proposal and state.proposal.ask
    if isinstance(ask, Evaluate):
        return ask.by == "likelihood"
    # A choice may rest on errors that were tried, which is by answers anywhere: what the endpoint can do decides.
    unable = any(
        one.role == "target" and one.found.checked and not one.found.likelihood for one in state.model_status
    )
    return unable and state.optimizer.compares_by(state.context.settings) == "likelihood"


def _is_measured(item: Item) -> TypeGuard[Score | Candidate]:
    return isinstance(item, Score) or (isinstance(item, Candidate) and item.score is not None)


def _prompt(name: str, score: Score) -> str:
    return f'<div class="lab-clip" tabindex="0"><b>{esc(name)}</b> {esc(score.text)}</div>'


def _known(score: Score) -> int:
    return sum(hit is not None for hit in score.hits)


def _answers(scores: tuple[Score, ...], key: str) -> str:
    cells = [
        (count(i), esc(id), given(got, flaw), _judged(hit))
        for i, score in enumerate(scores, 1)
        for id, got, hit, flaw in zip_longest(score.about, score.got, score.hits, score.flaws)
    ]
    heads = (gettext("Prompt"), gettext("Example"), gettext("Given answer"), gettext("Judged"))
    title = ngettext("All {n} answer", "All {n} answers", len(cells))
    return details(f"{key}/answers", title, table(heads, cells))


def _likelihoods(scores: tuple[Score, ...], key: str) -> str:
    """Draw what each reference answer was given; no answer was asked for."""
    cells = [
        (count(i), esc(id), gettext("not measured") if hit is None else nats(hit))
        for i, score in enumerate(scores, 1)
        for id, hit in zip(score.about, score.hits, strict=True)
    ]
    log_p = gettext("Log-probability of the reference answer, a token")
    title = ngettext("All {n} log-probability", "All {n} log-probabilities", len(cells))
    return details(f"{key}/answers", title, table((gettext("Prompt"), gettext("Example"), log_p), cells))


def _judged(hit: float | None) -> str:
    if hit is None or 0 < hit < 1:
        return gettext("not measured") if hit is None else gettext("partly right")
    return gettext("right") if hit else gettext("wrong")
