"""What a judge's scores are worth: how far it agrees with the person, and the card to rate some answers on."""

from __future__ import annotations

from lab.i18n import gettext, gettext_lazy, ngettext
from lab.session.rating import Judging, Rateable, Rated
from lab.session.state import State
from lab.tasks.agreement import Agreement
from lab.tasks.rubric import points_of
from lab.views.markup import button, details, esc, pre, table
from lab.views.names import model_name
from lab.views.numbers import coefficient, count
from lab.views.prose import in_a_row

__all__ = ["agreement_line", "brief", "judge_line", "mark", "rating"]

NO_RATINGS = gettext_lazy("No ratings yet: nobody has checked this judge.")
_SIMULATED = gettext_lazy(
    "It is the simulated judge, which compares words and reads no rubric: its scores say nothing of quality."
)
_SHOWN = 20  # ratings


def agreement_line(found: Agreement) -> str:
    """Say how far a judge agrees with the person who rated the same answers."""
    if not found.n:
        return str(NO_RATINGS)
    if found.kappa is None:
        return ngettext(
            "The judge agrees with you on {n_alike} of {n} rating; kappa cannot be told where all are alike.",
            "The judge agrees with you on {n_alike} of {n} ratings; kappa cannot be told where all are alike.",
            found.n, n_alike=count(found.n_alike),
        )  # fmt: skip
    kappa = coefficient(found.kappa)
    if not found.interval:
        return ngettext(
            "The judge's agreement with you: kappa {kappa}, too few for an interval on {n} rating.",
            "The judge's agreement with you: kappa {kappa}, too few for an interval on {n} ratings.",
            found.n, kappa=kappa,
        )  # fmt: skip
    low, high = map(coefficient, found.interval)
    return ngettext(
        "The judge's agreement with you: kappa {kappa} ({low} to {high}) on {n} rating.",
        "The judge's agreement with you: kappa {kappa} ({low} to {high}) on {n} ratings.",
        found.n, kappa=kappa, low=low, high=high,
    )  # fmt: skip


def brief(found: Agreement) -> str:
    """Say in a few words how far a judge agrees with the person."""
    if not found.n:
        return gettext("judge not checked yet")
    if found.kappa is None:
        return ngettext(
            "judge agrees on {n_alike} of {n} rating", "judge agrees on {n_alike} of {n} ratings",
            found.n, n_alike=count(found.n_alike),
        )  # fmt: skip
    kappa = coefficient(found.kappa)
    return ngettext(
        "judge: kappa {kappa} on {n} rating", "judge: kappa {kappa} on {n} ratings", found.n, kappa=kappa
    )


def judge_line(found: Judging) -> str:
    """Say who grades the answers, and what that is worth."""
    by = gettext("Graded by {model}.", model=model_name(found.judge))
    return in_a_row(by, agreement_line(found.agreement), _SIMULATED if found.is_simulated else "")


def rating(state: State, off: str = "") -> str:
    """Draw one answer to rate, without its verdict, and what was rated; nothing where no model grades."""
    found = state.judging
    if found is None:
        return ""
    card = (
        _card(found, found.open[0], off)
        if found.open
        else f'<p class="lab-muted">{gettext("No graded answer is left to rate.")}</p>'
    )
    body = (
        f"<p>{esc(judge_line(found))}</p>"
        f'<p class="lab-label">{gettext("The rubric")}</p>'
        f'<div class="lab-clip">{esc(found.rubric)}</div>{card}{_rated(found)}'
    )
    return details("rate", gettext("Rate some answers yourself"), body, not found.rated)


def mark(hit: float | None, most: int) -> str:
    """Word what an answer was given: pass or fail, or its points."""
    if hit is None:
        return gettext("no verdict")
    if most:
        return count(points_of(hit, most))
    return gettext("pass") if hit >= 1 else gettext("fail")


def _card(found: Judging, one: Rateable, off: str) -> str:
    either = [(gettext("Pass"), 1), (gettext("Fail"), 0)]
    levels = [(count(n), n) for n in range(1, found.most + 1)] if found.most else either
    buttons = "".join(
        button(
            name, "rate", kind="lab-small", off=off, data_example=one.example.id, data_answer=one.answer,
            data_given=given,
        )
        for name, given in levels
    )  # fmt: skip
    most = count(found.most)
    scale = gettext("1 does not meet the rubric, {most} meets it wholly.", most=most) if found.most else ""
    left = ngettext(
        "{n} answer to rate; the judge's verdict is shown after yours.",
        "{n} answers to rate; the judge's verdict is shown after yours.",
        len(found.open),
    )
    return (
        f'<div class="lab-use lab-rate"><p class="lab-label">{gettext("Input")}</p>{pre(one.example.input)}'
        f'<p class="lab-label">{gettext("Reference answer")}</p>{pre(one.example.answer)}'
        f'<p class="lab-label">{gettext("Answer to rate")}</p>{pre(one.answer)}'
        f'<div class="lab-row">{buttons}<span class="lab-muted">{esc(scale)} {left}</span></div></div>'
    )


def _rated(found: Judging) -> str:
    if not found.rated:
        return ""
    rows = [_row(one, found.most) for one in reversed(found.rated[-_SHOWN:])]
    return table((gettext("Answer"), gettext("Reference"), gettext("You"), gettext("The judge")), rows)


def _row(one: Rated, most: int) -> tuple[str, ...]:
    texts = (f'<div class="lab-clip">{esc(text)}</div>' for text in (one.answer, one.example.answer))
    return (*texts, esc(mark(one.rating, most)), esc(mark(one.verdict, most)))
