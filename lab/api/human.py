"""What a person did in a run and what it changed, as Python gives it back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lab.api.diff import Diff
from lab.session.human import Counterfactual, Deed
from lab.views.human import COLUMNS, lines, outcome, records, report
from lab.views.markup import esc, value
from lab.views.numbers import counted

if TYPE_CHECKING:
    import pandas as pd

    from lab.api.run import Run

__all__ = ["HumanReport", "Tried"]


class Tried:
    """A step beside the same step without a person's edit, at the end of its round; `run` is the other line.

    Example:
        >>> run = lab.begin("sentiment", preset="quick", name="by hand")
        >>> run.next(until="critiques")[0].edit("Sarcasm is not named.")
        >>> run.accept()
        >>> run.autopilot()
        >>> tried = run.counterfactual(run.human_report().frame()["step"][0])
        >>> tried.run.name, tried.step, tried.is_same
        ('without S3', 'S3', False)
    """

    def __init__(self, run: Run, found: Counterfactual) -> None:
        self._found = found
        self.run: Run = run
        self.step: str = found.step
        self.sentence: str = outcome(found)
        self.diff: Diff = Diff(found.found)
        self.change: float | None = found.found.paired.change if found.found.paired else None

    @property
    def is_same(self) -> bool:
        """Whether nothing differs: the step was accepted as it was proposed."""
        return self._found.node == self._found.other

    def __repr__(self) -> str:
        return f"Tried({self.step!r}, {self.sentence!r})"

    def _repr_html_(self) -> str:
        return value(f"<p>{esc(self.sentence)}</p>{self.diff._repr_html_()}")


class HumanReport(Sequence[str]):
    """All that a person did in a run, a line each, with what each step changed, where that was tried.

    Example:
        >>> run = lab.begin("sentiment", preset="quick", name="left alone")
        >>> run.autopilot()
        >>> run.human_report(), len(run.human_report())
        (HumanReport(nothing), 0)
    """

    def __init__(self, deeds: Sequence[Deed]) -> None:
        self._deeds = tuple(deeds)

    def __len__(self) -> int:
        return len(self._deeds)

    def __getitem__(self, index):  # type: ignore[no-untyped-def]  # an index or a slice, as of any sequence
        return [next(iter(lines((one,)))) for one in self._deeds][index]

    def frame(self) -> pd.DataFrame:
        """Return a row for each thing that was done; what was not tried has no scores."""
        import pandas as pd

        return pd.DataFrame(records(self._deeds), columns=list(COLUMNS))

    def json(self) -> str:
        """Return the rows as JSON."""
        return json.dumps(records(self._deeds), ensure_ascii=False)

    def __repr__(self) -> str:
        return f"HumanReport({counted(len(self._deeds), 'edit') if self._deeds else 'nothing'})"

    def _repr_html_(self) -> str:
        return value(report(self._deeds) or "<p>Nobody changed anything.</p>")
