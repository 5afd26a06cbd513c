"""The judge of a run as Python shows it: what it is worth, what you rated, and what there is to rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.core import arguments
from lab.session.rating import Judging
from lab.tasks.statistics import Interval
from lab.views.markup import esc, rows_of_value, value
from lab.views.rating import agreement_line, judge_line, mark

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Judge"]


@dataclass(frozen=True, repr=False)
class Judge:
    """The model that grades the answers of a run, and how far it agrees with you.

    Example:
        >>> from dataclasses import replace
        >>> task = replace(lab.load("dates"), metric="judge", reading="text")
        >>> run = lab.begin(task, "opro", preset="quick", name="graded")
        >>> _ = run.next()
        >>> run.judge
        Judge('practice', No ratings yet: nobody has checked this judge.)
        >>> one = run.judge.to_rate().iloc[0]
        >>> run.rate(one.example, one.answer, "pass")
        >>> run.judge.n
        1
    """

    found: Judging

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa of your ratings and its verdicts; None where it cannot be told."""
        return self.found.agreement.kappa

    @property
    def interval(self) -> Interval | None:
        """The 95 % bootstrap interval of kappa; None of fewer than five ratings."""
        return self.found.agreement.interval

    @property
    def n(self) -> int:
        """How many of your ratings have a verdict beside them."""
        return self.found.agreement.n

    def to_rate(self, n: int = 10) -> pd.DataFrame:
        """Return answers that the judge has graded and you have not; its verdicts are not told.

        Raises:
            MisuseError: when n is not a whole number from 1.
        """
        import pandas as pd

        some = self.found.open[: arguments.whole("n", n, 1, 1000)]
        rows = [(one.example.id, one.example.input, one.example.answer, one.answer) for one in some]
        return pd.DataFrame(rows, columns=["example", "input", "reference", "answer"])

    def frame(self) -> pd.DataFrame:
        """Return what you rated, each beside the judge's verdict, in [0, 1]."""
        import pandas as pd

        rows = [
            (one.example.id, one.example.input, one.answer, one.rating, one.verdict, one.made)
            for one in self.found.rated
        ]
        return pd.DataFrame(rows, columns=["example", "input", "answer", "rating", "verdict", "made"])

    def __repr__(self) -> str:
        return f"Judge({self.found.judge!r}, {agreement_line(self.found.agreement)})"

    def _repr_html_(self) -> str:
        rows = (
            (
                esc(one.example.input),
                esc(one.answer),
                esc(mark(one.rating, self.found.most)),
                esc(mark(one.verdict, self.found.most)),
            )
            for one in self.found.rated
        )
        return value(
            f"<p>{esc(judge_line(self.found))}</p>{rows_of_value(('input', 'answer', 'you', 'judge'), rows)}"
        )
