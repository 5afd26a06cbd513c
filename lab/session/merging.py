"""Taking over: a critique or prompt of another line, the parts of a candidate, the parts of two prompts.

What an optimizer is told of it is what it would be told of a person's edit.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from lab.core.asks import Candidate, Critique, Item, TrajectoryRow
from lab.core.constraints import flaw
from lab.core.diff import with_hunks
from lab.core.flaws import sentence
from lab.core.review import Mark
from lab.errors import MisuseError
from lab.i18n import gettext_lazy
from lab.session.branches import Branches
from lab.session.diff import place_called
from lab.session.drafts import Drafts
from lab.session.jobs import Jobs, Report
from lab.session.lineage import Lineage
from lab.session.measuring import Measuring
from lab.session.reader import StateReader
from lab.store import Book
from lab.store.merges import Merge

__all__ = ["Merging"]


@dataclass(frozen=True, eq=False, repr=False)
class Merging:
    """Takes over what was written elsewhere in a run."""

    _book: Book
    _branches: Branches
    _drafts: Drafts
    _measuring: Measuring
    _reader: StateReader
    _jobs: Jobs

    def cherry_pick(self, branch: str, name: str, like: int = 0) -> None:
        """Add a critique (C12) or a prompt (P7) of any line of the run to the step that waits, as if it were typed.

        Args:
            branch: where the step waits.
            name: of the critique or the prompt.
            like: the number of the item whose place and evidence it shares.

        Raises:
            MisuseError: when the run has nothing of that name, or no step waits that it fits; nothing was changed.
        """
        state = self._reader.state(branch)
        lineage = Lineage(state, self._book)
        critique = lineage.critique_called(name)
        origin = critique or lineage.called(name)
        if origin is None:
            raise MisuseError(
                gettext_lazy("This run has no critique or prompt “{name}”. Name one as C12 or P7.", name=name[:60])
            )
        kinds = (Critique,) if critique else (Candidate, TrajectoryRow)
        items = state.proposal.items if state.proposal else ()
        if not items or not isinstance(items[0], kinds):
            raise MisuseError(
                gettext_lazy(
                    "{name} is a critique, and no step waits here that it fits. Go on to the critiques first.",
                    name=name,
                )
                if critique
                else gettext_lazy(
                    "{name} is a prompt, and no step waits here that it fits. Go on to the candidates first.",
                    name=name,
                )
            )
        pending, draft = state.branch.pending or "", dict(state.draft)
        there = next((i for i, item in enumerate(items) if item.text == origin.text), None)
        if there is not None:
            self._drafts.mark(branch, pending, there, Mark(there))
        elif not any(mark.index is None and mark.text == origin.text for mark in draft.values()):
            place = min((0, *draft)) - 1
            self._drafts.mark(branch, pending, place, Mark(None, text=origin.text, like=like))

    def take_hunks(self, branch: str, proposal: str, place: int, taken: Collection[int]) -> None:
        """Take of a candidate only some of its changes to its parent, by their numbers from 0.

        Raises:
            MisuseError: when no such candidate waits, or it has no parent; nothing was changed.
        """
        self._branches.waiting(branch, proposal)
        items: tuple[Item, ...] = self._book.proposal(proposal).items
        item = items[place] if 0 <= place < len(items) else None
        if not isinstance(item, Candidate) or not item.parent:
            raise MisuseError(
                gettext_lazy("There is no candidate with a parent at that place. Nothing was changed.")
            )
        self._drafts.mark(branch, proposal, place, Mark(place, text=with_hunks(item.parent, item.text, taken)))

    def merged(self, branch: str, first: str, second: str, taken: Collection[int]) -> str:
        """Make a prompt of a first one and some of its differences to a second one, by their numbers; return it.

        It is named and has both as its parents.

        Raises:
            MisuseError: when the run has no such prompts, nothing of one would be left, or the prompt is of no use.
        """
        state = self._reader.state(branch)
        one, other = (place_called(state, self._book, name).prompt for name in (first, second))
        text = with_hunks(one, other, taken)
        if text in (one, other):
            raise MisuseError(
                gettext_lazy(
                    "That is one of the two prompts itself. Take some of the differences, not all or none."
                )
            )
        if not text.strip():
            raise MisuseError(gettext_lazy("Nothing would be left of the prompt. Take other parts."))
        if broken := flaw(text, state.constraints):
            raise MisuseError(
                gettext_lazy("The merged prompt cannot be used: {flaw}. Take other parts.", flaw=sentence(broken))
            )
        if not state.names.prompt(text):
            self._book.add_merge(state.branch.run, Merge(text, one, other))
        return text

    async def measure(self, branch: str, prompt: str, report: Report | None = None) -> None:
        """Measure a prompt on dev; what is known already costs nothing.

        Raises:
            MisuseError: while a step is under way.
            ModelError: when a model call failed for good; what had arrived is kept.
        """
        at = self._branches.position(branch)

        async def step(report: Report | None) -> None:
            if prompt not in self._book.measured(at.task_id, at.branch.models.answering):
                title = gettext_lazy("Score the merged prompt on dev")
                await self._measuring.measure(at, [prompt], at.branch.models, "measure", title, report)

        await self._jobs.attend(branch, step, report)

    def start_merge(self, branch: str, first: str, second: str, taken: Collection[int]) -> None:
        """Merge two prompts, and begin to measure what came of it, as a job.

        Raises:
            MisuseError: as `merged` does, or while a step is under way.
        """
        self._branches.check_idle(branch)
        prompt = self.merged(branch, first, second, taken)
        self._jobs.start(branch, lambda report: self.measure(branch, prompt, report))
