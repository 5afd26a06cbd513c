"""What a face compares to know whether it shows a branch as it is now, whoever changed it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from lab.session.jobs import Jobs
from lab.store import Book, Progress


@dataclass(frozen=True)
class Version:
    """A state of a branch: `place` is another text where all is to be drawn anew; `progress` is of the step."""

    place: str
    progress: Progress | None

    @property
    def running(self) -> bool:
        """Whether a step is under way."""
        return self.progress is not None and self.progress.state == "running"

    @property
    def tag(self) -> str:
        """A short text that stands for both."""
        return f"{self.place}.{hashlib.sha256(repr(self.progress).encode()).hexdigest()[:8]}"


def version(book: Book, jobs: Jobs, branch: str) -> Version:
    """Return the version of a branch; cheap enough to be asked for several times a second."""
    progress = jobs.progress(branch)  # first: what moves on in between is seen the next time
    return Version(f"{book.stamp(branch)}/{progress.state if progress else ''}", progress)
