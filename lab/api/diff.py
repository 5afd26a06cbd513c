"""What changed between two places of a run, as Python gives it back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lab.core.diff import Hunk, hunks
from lab.session.diff import NodeDiff
from lab.text import shortened
from lab.views.diff import diff
from lab.views.lineage import record, verdict
from lab.views.markup import esc, rows_of_value, value
from lab.views.numbers import counted

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Diff"]

_SHOWN = 10  # examples of each kind in the HTML


class Diff:
    """Two prompts of a run beside each other: words, settings, scores, examples, and what a person did between.

    Example:
        >>> run = lab.begin("sentiment", preset="quick", name="by hand")
        >>> run.autopilot()
        >>> found = run.diff()
        >>> (found.before, found.after) == (run.baseline.prompt, run.best.prompt)
        True
        >>> found.sentence.endswith("came out alike.")
        True
        >>> len(found.edits()), list(found.fixed().columns)[:3]
        (0, ['example', 'input', 'answer'])
    """

    def __init__(self, found: NodeDiff) -> None:
        self._found = found
        self.before: str = found.before
        self.after: str = found.after

    @property
    def sentence(self) -> str:
        """How the second one does against the first on the same dev examples, and how sure that is."""
        return verdict(self._found)

    def record(self) -> dict[str, object]:
        """Return all of it as plain values."""
        return record(self._found)

    @property
    def settings(self) -> Mapping[str, tuple[object, object]]:
        """What differs in the settings, the seed and the task, as {name: (before, after)}."""
        return {name: (before, after) for name, before, after in self._found.settings}

    @property
    def hunks(self) -> tuple[tuple[str, str], ...]:
        """Where the two prompts differ: the words of the first one, and those of the second in their place."""
        return tuple((one.old, one.new) for one in hunks(self.before, self.after) if isinstance(one, Hunk))

    def fixed(self) -> pd.DataFrame:
        """Return the dev examples that the second prompt answers better, with both answers."""
        return self._flips(+1)

    def broken(self) -> pd.DataFrame:
        """Return the dev examples that the second prompt answers worse, with both answers."""
        return self._flips(-1)

    def edits(self) -> pd.DataFrame:
        """Return what a person did on the way from the first place to the second, a row an item."""
        import pandas as pd

        columns = ["step", "round", "phase", "did", "before", "after", "why"]
        rows = [
            (one.name, one.round, one.step, one.did, one.before, one.after, one.why) for one in self._found.edits
        ]
        return pd.DataFrame(rows, columns=columns)

    def _flips(self, sign: int) -> pd.DataFrame:
        import pandas as pd

        columns = ["example", "input", "answer", "before", "after", "got_before", "got_after"]
        rows = [
            (one.example, one.input, one.answer, one.before, one.after, one.got_before, one.got_after)
            for one in self._found.flips
            if (one.after - one.before) * sign > 0
        ]
        return pd.DataFrame(rows, columns=columns)

    def __repr__(self) -> str:
        return f"Diff({shortened(self.before, 40)!r}, {shortened(self.after, 40)!r}, {self.sentence!r})"

    def _repr_html_(self) -> str:
        tables = _table("Fixed", self.fixed()) + _table("Broken", self.broken())
        return value(f"{diff(self.before, self.after)}<p>{esc(self.sentence)}</p>{tables}")


def _table(title: str, rows: pd.DataFrame) -> str:
    """Draw the first of the examples that flipped."""
    if rows.empty:
        return ""
    n = counted(len(rows), "example")
    columns = ["input", "answer", "got_before", "got_after"]
    cells = ([esc(str(cell)) for cell in row] for row in rows[columns].head(_SHOWN).itertuples(index=False))
    return f"<p>{title}: {n}</p>{rows_of_value(('input', 'answer', 'before', 'after'), cells)}"
