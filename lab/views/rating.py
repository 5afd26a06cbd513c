"""What a judge's scores are worth: how far it agrees with the person, and the card to rate some answers on."""

from __future__ import annotations

from lab.session.rating import Judging, Rateable, Rated
from lab.session.state import State
from lab.tasks.agreement import Agreement
from lab.tasks.rubric import points_of
from lab.views.markup import button, details, esc, pre, table
from lab.views.names import model_name
from lab.views.numbers import coefficient, count, counted

__all__ = ["agreement_line", "brief", "judge_line", "mark", "rating"]

NO_RATINGS = "No ratings yet: nobody has checked this judge."
_SIMULATED = (
    "It is the simulated judge, which compares words and reads no rubric: its scores say nothing of quality."
)
_SHOWN = 20  # ratings


def agreement_line(found: Agreement) -> str:
    """Say how far a judge agrees with the person who rated the same answers."""
    if not found.n:
        return NO_RATINGS
    on = counted(found.n, "rating")
    if found.kappa is None:
        alike = f"{count(found.n_alike)} of {on}"
        return f"The judge agrees with you on {alike}; kappa cannot be told where all are alike."
    span = (
        f" ({coefficient(found.interval[0])} to {coefficient(found.interval[1])})"
        if found.interval
        else ", too few for an interval"
    )
    return f"The judge's agreement with you: kappa {coefficient(found.kappa)}{span} on {on}."


def brief(found: Agreement) -> str:
    """Say in a few words how far a judge agrees with the person."""
    if not found.n:
        return "judge not checked yet"
    if found.kappa is None:
        return f"judge agrees on {count(found.n_alike)} of {counted(found.n, 'rating')}"
    return f"judge: kappa {coefficient(found.kappa)} on {counted(found.n, 'rating')}"


def judge_line(found: Judging) -> str:
    """Say who grades the answers, and what that is worth."""
    simulated = f" {_SIMULATED}" if found.is_simulated else ""
    return f"Graded by {model_name(found.judge)}. {agreement_line(found.agreement)}{simulated}"


def rating(state: State, off: str = "") -> str:
    """Draw one answer to rate, without its verdict, and what was rated; nothing where no model grades."""
    found = state.judging
    if found is None:
        return ""
    card = (
        _card(found, found.open[0], off)
        if found.open
        else '<p class="lab-muted">No graded answer is left to rate.</p>'
    )
    body = (
        f"<p>{esc(judge_line(found))}</p>"
        f'<p class="lab-label">The rubric</p><div class="lab-clip">{esc(found.rubric)}</div>{card}{_rated(found)}'
    )
    return details("rate", "Rate some answers yourself", body, not found.rated)


def mark(hit: float | None, most: int) -> str:
    """Word what an answer was given: pass or fail, or its points."""
    if hit is None:
        return "no verdict"
    return count(points_of(hit, most)) if most else ("pass" if hit >= 1 else "fail")


def _card(found: Judging, one: Rateable, off: str) -> str:
    levels = [(count(n), n) for n in range(1, found.most + 1)] if found.most else [("Pass", 1), ("Fail", 0)]
    buttons = "".join(
        button(
            name, "rate", kind="lab-small", off=off, data_example=one.example.id, data_answer=one.answer,
            data_given=given,
        )
        for name, given in levels
    )  # fmt: skip
    scale = f"1 does not meet the rubric, {count(found.most)} meets it wholly." if found.most else ""
    return (
        f'<div class="lab-use lab-rate"><p class="lab-label">Input</p>{pre(one.example.input)}'
        f'<p class="lab-label">Reference answer</p>{pre(one.example.answer)}'
        f'<p class="lab-label">Answer to rate</p>{pre(one.answer)}'
        f'<div class="lab-row">{buttons}<span class="lab-muted">{esc(scale)} {counted(len(found.open), "answer")} '
        "to rate; the judge's verdict is shown after yours.</span></div></div>"
    )


def _rated(found: Judging) -> str:
    if not found.rated:
        return ""
    rows = [_row(one, found.most) for one in reversed(found.rated[-_SHOWN:])]
    return table(("Answer", "Reference", "You", "The judge"), rows)


def _row(one: Rated, most: int) -> tuple[str, ...]:
    texts = (f'<div class="lab-clip">{esc(text)}</div>' for text in (one.answer, one.example.answer))
    return (*texts, esc(mark(one.rating, most)), esc(mark(one.verdict, most)))
