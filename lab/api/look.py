"""A place of a run as it was, as Python gives it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.session.looking import Look
from lab.session.reviewed import reviewed
from lab.session.state import State
from lab.views.looking import as_it_was, title
from lab.views.markup import esc, value

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Looked"]


class Looked:
    """A node of the history, to read: `prompts` were held there, `items` were proposed and decided there.

    Example:
        >>> run = lab.begin("sentiment", preset="quick", name="by hand")
        >>> run.autopilot()
        >>> then = run.look(run.root)
        >>> then.title, then.prompts == (run.task.start,), run.look("S1").id != then.id
        ('Round 1, Try the prompts', True, True)
    """

    def __init__(self, state: State, found: Look) -> None:
        self._state, self._found = state, found
        self.id: str = found.id
        self.round: int = found.node.phase.round + 1
        self.title: str = title(found)
        self.prompts: tuple[str, ...] = tuple(one.prompt for one in found.prompts)

    @property
    def items(self) -> pd.DataFrame:
        """What was proposed in each step that was decided here, as it was left, a row an item."""
        import pandas as pd

        columns = ["step", "text", "proposed", "kept", "edited", "why"]
        rows = [
            (name, one.item.text, one.proposed, one.kept, one.is_edited or one.is_added, one.why)
            for name, step in zip(self._found.names, self._found.steps, strict=True)
            for one in reviewed(step.proposal, step.marks)
        ]
        return pd.DataFrame(rows, columns=columns)

    def __repr__(self) -> str:
        return f"Looked({self.title!r})"

    def _repr_html_(self) -> str:
        return value(f"<p><b>{esc(self.title)}</b></p>{as_it_was(self._state, self._found)}")
