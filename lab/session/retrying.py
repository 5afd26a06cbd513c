"""Asking anew for the replies that never came: of a run's scores, and of the proposal that waits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lab.core.asks import Score
from lab.core.flaws import Flaw
from lab.core.review import Proposal
from lab.errors import MisuseError
from lab.i18n import gettext_lazy
from lab.session.branches import Branches, Position
from lab.session.jobs import Jobs, Report
from lab.session.loop import Loop
from lab.session.measuring import Measuring
from lab.session.performers import Performers
from lab.store import Book

__all__ = ["Retrying"]


@dataclass(frozen=True, eq=False, repr=False)
class Retrying:
    """Retries the calls of one owner's runs that no reply came to."""

    _book: Book
    _branches: Branches
    _measuring: Measuring
    _performers: Performers
    _loop: Loop
    _jobs: Jobs

    async def retry_unanswered(self, branch: str, report: Report | None = None) -> int:
        """Ask anew for the replies that never came, and return how many are missing still.

        Scores that lack rows are measured again, and a waiting proposal that lacks a reply is made again; what had
        arrived costs nothing. What was decided before stays as it was decided.

        Raises:
            MisuseError: when no reply is missing.
            ModelError: when the endpoint is lost; what had arrived is kept.
        """
        at = self._branches.position(branch)
        self._check(at)
        run = at.branch.run
        await self._resend(at, report)
        await self._measuring.measure_missing(at, report)
        if at.branch.pending and _lacks(self._book.proposal(at.branch.pending)):
            self._book.draw_again(branch, at.branch.node, self._book.proposal(at.branch.pending).sample)
            await self._loop.propose(branch, report)
        return len(self._book.missing(run))

    async def _resend(self, at: Position, report: Report | None) -> None:
        missing = self._book.missing(at.branch.run)
        self._book.forget_missing(at.branch.run)
        try:
            async with self._performers.open(
                at, "retry", gettext_lazy("Ask again what was not answered"), report
            ) as performer:
                for role in dict.fromkeys(one.role for one in missing):
                    await performer.resend(role, [one.call for one in missing if one.role == role])
        except BaseException:
            self._book.keep_missing(at.branch.id, missing)  # those that were answered meanwhile are not listed
            raise

    def start_retry(self, branch: str) -> None:
        """Begin `retry_unanswered` as a job.

        Raises:
            MisuseError: when no reply is missing.
        """
        self._check(self._branches.position(branch))
        self._jobs.start(branch, lambda report: self.retry_unanswered(branch, report))

    def _check(self, at: Position) -> None:
        if not self._book.missing(at.branch.run):
            raise MisuseError(gettext_lazy("Every call of this run was answered. Nothing was changed."))


def _lacks(proposal: Proposal) -> bool:
    return any(flaw is not None and flaw.code == "not_answered" for flaw in _flaws(proposal))


def _flaws(proposal: Proposal) -> Iterator[Flaw | None]:
    for item in proposal.items:
        yield item.flaw
        if isinstance(item, Score):
            yield from item.flaws
    for texts in proposal.replies:
        for reply in texts:
            yield reply.flaw
