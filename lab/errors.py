"""Every error the lab raises on purpose.

    LabError
    ├── MisuseError    we were asked for something that cannot be done (unknown node, settled proposal, bad setting)
    ├── DataError      a file or table of examples cannot be used
    ├── ModelError     a model endpoint refused, failed or could not be reached
    ├── UnreadError    hardly a reply to the start prompt could be read, so that no score would mean anything
    ├── AwaitedError   the optimizer model is a person, whose replies are not all there yet
    ├── RecordedError  a recording, whose model is not asked, holds no reply to what is asked
    ├── AskedError     autopilot stopped to ask a person, as it was told to
    ├── BudgetError    the next call would break the ceiling on what may be spent
    └── BookError      a lab book cannot be opened, or its contents do not match their ids

Each message is whole sentences a person can act on: what happened, where, and what to do.
A reply that cannot be read is not an error: it becomes an item with a flaw.
"""

from __future__ import annotations

import re
from typing import Literal

from lab.i18n import Message, gettext_lazy, ngettext_lazy

_SHOWN = 200  # characters of a word that is longer than any path or address that a person gives
_LONG_WORD = re.compile(r"\S{1000,}")


def unexpected(problem: Exception) -> str:
    """Describe a programming error to the person who met it; whoever catches one logs its traceback."""
    return gettext_lazy(
        "The lab itself failed: {kind}: {problem}. The traceback is in the log.",
        kind=type(problem).__name__, problem=str(problem),
    )  # fmt: skip


def _readable(text: str) -> str:
    if isinstance(text, Message):
        return text.with_values(_readable)
    return _LONG_WORD.sub(lambda word: f"{word[0][:_SHOWN]}…", text)


class LabError(Exception):
    """What the faces show and the command line prints; never a programming error.

    Example:
        >>> try:
        ...     lab.open("mine.sqlite", name="by hand")
        ... except lab.LabError as problem:
        ...     print(type(problem).__name__)
        MisuseError
    """

    def __init__(self, *told: object) -> None:
        """Keep a sentence that can be read: what was given is quoted in it, and may be of any length."""
        super().__init__(*(_readable(one) if isinstance(one, str) else one for one in told))

    @property
    def told(self) -> str:
        """What it says, for whoever will read it."""
        told: str = self.args[0] if self.args else ""
        return told

    def __str__(self) -> str:
        return str(self.told)


class MisuseError(LabError):
    """The request does not fit the state of things; nothing was changed.

    Example:
        >>> lab.load("sentimental")
        Traceback (most recent call last):
        lab.errors.MisuseError: There is no bundled task 'sentimental'. Choose one of these: sentiment, ...
    """


class DataError(LabError):
    """Examples that cannot be used; nothing was changed.

    Example:
        >>> lab.Task.from_records([{"text": "A fine film.", "label": "good"}], start="Good or bad?")
        Traceback (most recent call last):
        lab.errors.DataError: The argument 'records' has 1 usable row; at least 8 are needed. ...
    """


class ModelError(LabError):
    """A model call that failed for good; every reply that had arrived is kept.

    `status` is the HTTP status that the endpoint refused it with, 0 where none came.

    Example:
        >>> model = lab.connect("llama3.2", "http://127.0.0.1:9/v1", tries=1)
        >>> lab.begin("sentiment", model=model).next()
        Traceback (most recent call last):
        lab.errors.ModelError: Nothing answers at http://127.0.0.1:9/v1 ...
    """

    def __init__(self, message: str, *, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class UnreadError(LabError):
    """A first measurement in which hardly a reply could be read; it is kept, and going on is allowed."""


class AwaitedError(LabError):
    """Requests that wait for replies by hand: the step goes on once they are there.

    Attributes:
        n_requests: how many.

    Example:
        >>> run = lab.begin("sentiment", "opro", preset="quick", optimizer_model="by-hand", name="by hand")
        >>> run.autopilot()
        Traceback (most recent call last):
        lab.errors.AwaitedError: 4 requests wait for your replies: you are the optimizer model here. ...
    """

    def __init__(self, n_requests: int) -> None:
        self.n_requests = n_requests
        super().__init__(n_requests)

    @property
    def told(self) -> str:
        """What it says, for whoever will read it: the one place for its words."""
        return ngettext_lazy(
            "{n} request waits for your reply: you are the optimizer model here. "
            "Answer in the page, the panel, or by run.reply(…).",
            "{n} requests wait for your replies: you are the optimizer model here. "
            "Answer in the page, the panel, or by run.reply(…).",
            self.n_requests,
        )


class RecordedError(LabError):
    """A call that a recording holds no reply to; all that it holds can be looked at and branched from as before.

    Example:
        >>> run = lab.open(lab.learn.recording())
        >>> run.goto(run.root)
        >>> run.next(until="critiques")[0].edit("The categories overlap.")
        >>> run.accept()
        >>> run.next()
        Traceback (most recent call last):
        lab.errors.RecordedError: This recording holds no reply to that; connect a model to go on. ...
    """

    @property
    def told(self) -> str:
        """What it says, for whoever will read it: the one place for its words."""
        return gettext_lazy(
            "This recording holds no reply to that; connect a model to go on. In Python: "
            'run.connect(optimizer_model="NAME@URL"); in the page and the panel, under Models.'
        )


class AskedError(LabError):
    """Autopilot stopped to ask a person, as it was told to; what it had done is kept."""


class BudgetError(LabError):
    """A call that was not made, lest it break a ceiling; every reply that had arrived is kept.

    Attributes:
        limit: what is limited, or "price" where one in money needs the price of `model`, which nobody has set.
        most: the ceiling.
        spent: what was spent of it.
        next: the most that the next call may take.
        model: whose call it is, as its endpoint is spelt.

    Example:
        >>> lab.begin("sentiment", ceiling={"calls": 3}).next()
        Traceback (most recent call last):
        lab.errors.BudgetError: The limit of 3 calls is reached: 3 were made. ...
    """

    def __init__(
        self,
        limit: Literal["calls", "tokens", "cost_usd", "price"],
        most: float,
        spent: float = 0,
        next: float = 0,
        model: str = "",
    ) -> None:
        self.limit, self.most, self.spent, self.next, self.model = limit, most, spent, next, model
        super().__init__(limit, most, spent, next, model)

    @property
    def told(self) -> str:
        """What it says, for whoever will read it: the one place for its words."""
        go_on = gettext_lazy("Raise it to go on (in the page, under Models).")
        match self.limit:
            case "price":
                return gettext_lazy(
                    "The spending limit of ${most:,.2f} needs the price of {model}, which is not set. "
                    "Set it under Models, or remove the limit.",
                    most=self.most, model=self.model,
                )  # fmt: skip
            case "calls":
                calls = ngettext_lazy("{n} call", "{n} calls", int(self.most))
                return ngettext_lazy(
                    "The limit of {calls} is reached: {n} was made. {go_on}",
                    "The limit of {calls} is reached: {n} were made. {go_on}",
                    int(self.spent), calls=calls, go_on=go_on,
                )  # fmt: skip
            case "tokens":
                return gettext_lazy(
                    "The limit of {most:,} tokens leaves no room for the next call, which may take "
                    "{next:,}: {spent:,} have been used. {go_on}",
                    most=self.most, next=self.next, spent=self.spent, go_on=go_on,
                )  # fmt: skip
            case "cost_usd":
                return gettext_lazy(
                    "The limit of ${most:,.4f} leaves no room for the next call, which may cost "
                    "${next:,.4f}: ${spent:,.4f} has been spent. {go_on}",
                    most=self.most, next=self.next, spent=self.spent, go_on=go_on,
                )  # fmt: skip


class BookError(LabError):
    """A lab book that cannot be opened or does not verify.

    Example:
        >>> _ = pathlib.Path("notes.sqlite").write_text("These are notes, and no lab book.")
        >>> lab.Book("notes.sqlite")
        Traceback (most recent call last):
        lab.errors.BookError: The lab book “notes.sqlite” cannot be opened, read or written: ...
    """
