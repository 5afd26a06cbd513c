"""Every error the lab raises on purpose.

    LabError
    ├── MisuseError    we were asked for something that cannot be done (unknown node, settled proposal, bad setting)
    ├── DataError      a file or table of examples cannot be used
    ├── ModelError     a model endpoint refused, failed or could not be reached
    ├── BudgetError    the next call would break the ceiling on what may be spent
    └── BookError      a lab book cannot be opened, or its contents do not match their ids

Each message is whole sentences a person can act on: what happened, where, and what to do.
A reply that cannot be read is not an error: it becomes an item with a flaw.
"""


def unexpected(problem: Exception) -> str:
    """Describe a programming error to the person who met it; whoever catches one logs its traceback."""
    return f"The lab itself failed: {type(problem).__name__}: {problem}. The traceback is in the log."


class LabError(Exception):
    """What the faces show and the command line prints; never a programming error."""


class MisuseError(LabError):
    """The request does not fit the state of things; nothing was changed."""


class DataError(LabError):
    """Examples that cannot be used; nothing was changed."""


class ModelError(LabError):
    """A model call that failed for good; every reply that had arrived is kept.

    `status` is the HTTP status that the endpoint refused it with, 0 where none came.
    """

    def __init__(self, message: str, *, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class BudgetError(LabError):
    """A call that was not made, lest it break a ceiling; every reply that had arrived is kept."""


class BookError(LabError):
    """A lab book that cannot be opened or does not verify."""
