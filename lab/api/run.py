"""A run: an optimizer on a task, step by step, with a person in between."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab import i18n
from lab.api import frames
from lab.api.analysis import Analysis
from lab.api.diff import Diff
from lab.api.door import ModelLike, model_of
from lab.api.human import HumanReport, Tried
from lab.api.judging import Judge
from lab.api.look import Looked
from lab.api.progress import progress_bar
from lab.api.step import Step
from lab.api.task import Task
from lab.api.values import MeasuredScore, ScoredPrompt, TestResult
from lab.core import arguments
from lab.core.review import Verdict
from lab.errors import AwaitedError, MisuseError
from lab.session import Session
from lab.session.asking import check_when, sentence
from lab.session.background import call, run, run_async
from lab.session.diff import node_diff, place_called, places
from lab.session.human import Counterfactual, human_report
from lab.session.jobs import Report
from lab.session.lineage import Lineage
from lab.session.looking import look, node_called
from lab.session.pasted import OpenRequest, pasted, unmatched
from lab.session.state import State
from lab.session.variations import KINDS, Kind, Varied
from lab.store import Branch, Measure
from lab.store.deletion import Stake
from lab.store.lab_file import write_lab
from lab.tasks.statistics import is_mean
from lab.text import whole
from lab.views import no_gain
from lab.views.chart import chart
from lab.views.markup import esc, pre, value
from lab.views.numbers import counted, known_percent
from lab.views.runs import at_stake

if TYPE_CHECKING:
    import pandas as pd

    from lab.api.chart import Chart
    from lab.export import Taken
    from lab.widgets import Panel

__all__ = ["Run"]

_Work = Callable[[Report | None], Awaitable[object]]

MOST_ROUNDS = 10_000
_WORDING = "texts by the number of the item, such as {0: 'Sarcasm is not named.'}"
_PROMPT = "the name of a prompt, such as 'P7', or its text"
_PLACE = "the id of a node, as run.history() has it, a step, or a run"


class Run:
    """One branch of a run in a lab book, which is where everything is kept: this only says which one.

    `next` goes on until something waits for you; `accept`, `reject` and `again` say what becomes of it. What takes
    time has a form to await, with an `a` in front, for code that runs in an event loop of its own.

    Example:
        >>> run = lab.begin("sentiment", "protegi", preset="quick", name="by hand")
        >>> step = run.next(until="critiques")
        >>> step[0].edit("The prompt does not say that the answer is one lower-case word and nothing else.")
        >>> run.accept()
        >>> run.autopilot(rounds=1)
        >>> run.best.score > run.baseline.score
        True
    """

    def __init__(self, session: Session, branch: str) -> None:
        self._session = session
        self._branch = branch

    # Where it is

    @property
    def session(self) -> Session:
        """The session behind it: every verb of the lab, one level down."""
        return self._session

    @property
    def id(self) -> str:
        """The id of the branch, as the address of the page has it."""
        return self._branch

    @property
    def name(self) -> str:
        """What the branch is called."""
        return self._row.name

    @property
    def node(self) -> str:
        """The id of the node at which it stands."""
        return self._row.node

    @property
    def root(self) -> str:
        """The id of the node at which it began."""
        return call(lambda: self._session.book.visited(self._row.run)[0])

    @property
    def task(self) -> Task:
        """The task, with its test split sealed."""
        return Task.of(self._read().context.task)

    @property
    def round(self) -> int:
        """How many rounds are complete."""
        return self._read().node.phase.round

    @property
    def done(self) -> bool:
        """Whether the optimizer has ended here."""
        return self._read().done

    @property
    def step(self) -> Step | None:
        """The step that waits for a verdict; None where none does."""
        state = self._read()
        return Step(self._session, self._branch, state) if state.proposal is not None else None

    @property
    def best(self) -> ScoredPrompt:
        """The prompt with the best dev score on the way here; before any score, the start prompt."""
        state = self._read()
        found = state.best
        if found is None:
            return self._unscored(state.result)
        return self._scored(state, found)

    @property
    def best_of_run(self) -> ScoredPrompt:
        """The prompt with the best dev score on any line of the run; `best` is that of this line."""
        state = self._read()
        found = state.best_of_run
        return self.best if found is None else self._scored(state, found)

    @property
    def baseline(self) -> ScoredPrompt:
        """The start prompt, with its dev score."""
        state = self._read()
        known = state.baseline
        start = state.context.task.start
        return self._unscored(start) if known is None else self._scored(state, known)

    # Going on

    def next(self, until: str | Iterable[str] | None = None) -> Step:
        """Go on until a step waits for you, and return it; what waits on the way to `until` is accepted.

        Args:
            until: what to stop at: "errors", "critiques", "candidates", "scores" or a phase, or several of these.
                Without it, where the run pauses.

        Returns:
            The step that waits; one that is `done`, and false, where the optimizer has ended.

        Raises:
            MisuseError: when the optimizer has nothing of that name.
            ModelError: when a model call failed for good; what had arrived is kept.
            BudgetError: when the ceiling is reached; so too.
        """
        stops = self._stops(until)
        self._wait(self._next(stops))
        return Step(self._session, self._branch, self._read())

    async def anext(self, until: str | Iterable[str] | None = None) -> Step:
        """Go on as `next` does, and let other work go on meanwhile."""
        stops = self._stops(until)
        await self._await(self._next(stops))
        return Step(self._session, self._branch, self._read())

    def accept(self) -> None:
        """Take the step that waits as it is marked: items that are not marked as the optimizer would.

        Raises:
            MisuseError: when none waits, or an item cannot be kept as it is; nothing was changed.
        """
        call(lambda: self._session.accept(self._branch, self._waiting()))

    def reject(self, why: str = "") -> None:
        """Refuse the step that waits, for a reason that is kept; `next` draws another one.

        Raises:
            MisuseError: when none waits.
        """
        arguments.text("why", why, "a reason, as a text")
        call(lambda: self._session.decide(self._branch, self._waiting(), Verdict("reject", why=why)))

    def again(self) -> None:
        """Put the step that waits aside; `next` draws another one, and `undo` brings it back.

        Raises:
            MisuseError: when none waits.
        """
        call(lambda: self._session.again(self._branch, self._waiting()))

    def autopilot(self, rounds: int = 1, ask_when: str | Iterable[str] = (), *, same: bool = False) -> str | None:
        """Go on for so many rounds as a reviewer who accepts everything; what waits is taken as it is marked.

        Args:
            rounds: how many.
            ask_when: when to stop and ask you: "drop" (a score drops), "break" (an example that must not break is
                broken), "no-gain" (for two rounds), "half" (of the spending limit is spent), "mend" (a text has a
                flaw that you could mend), "unread" (the optimizer model's replies stop being usable).
            same: whether a branch that was forked from another draws what was drawn there. Otherwise it explores:
                where it would only repeat the line that it came from, it draws anew.

        Returns:
            Why it stopped to ask you; None where it came to its end.

        Raises:
            MisuseError: when the number is none, or there is no such reason.
            ModelError: when a model call failed for good; what had arrived is kept.
            BudgetError: when the ceiling is reached; so too.
        """
        arguments.whole("rounds", rounds, 1, MOST_ROUNDS)
        reasons: list[str] = []
        self._wait(self._autopilot(rounds, ask_when, same, reasons))
        return reasons[0] if reasons else None

    async def aaccept(self) -> None:
        """Take the step that waits, as `accept` does."""
        self.accept()

    async def areject(self, why: str = "") -> None:
        """Refuse the step that waits, as `reject` does."""
        self.reject(why)

    async def aagain(self) -> None:
        """Put the step that waits aside, as `again` does."""
        self.again()

    async def aautopilot(
        self, rounds: int = 1, ask_when: str | Iterable[str] = (), *, same: bool = False
    ) -> str | None:
        """Go on as `autopilot` does, and let other work go on meanwhile."""
        arguments.whole("rounds", rounds, 1, MOST_ROUNDS)
        reasons: list[str] = []
        await self._await(self._autopilot(rounds, ask_when, same, reasons))
        return reasons[0] if reasons else None

    def test(self, prompts: Iterable[str] | str | None = None, *, reason: str = "") -> TestResult:
        """Open the sealed test split for prompts: measure them on examples that nothing has read or chosen by.

        It is kept with the time and the reason, and counted: what is chosen after a look at the test is chosen by
        the test, so that a second look says less than the first, and says so.

        Args:
            prompts: those to measure; without them the start prompt and the best one.
            reason: why it is opened now.

        Raises:
            MisuseError: when the task has no test examples, or an argument is not of its kind.
            ModelError: when a model call failed for good; what had arrived is kept.
            BudgetError: when the ceiling is reached; so too.

        Example:
            >>> run = lab.begin("sentiment", "protegi", preset="quick", name="by hand")
            >>> run.test([run.task.start], reason="the example of a docstring").n_openings
            1
        """
        asked = self._to_test(prompts, reason)
        self._wait(self._test(asked, reason))
        return self._tested(asked)

    async def atest(self, prompts: Iterable[str] | str | None = None, *, reason: str = "") -> TestResult:
        """Open the sealed test split as `test` does, and let other work go on meanwhile."""
        asked = self._to_test(prompts, reason)
        await self._await(self._test(asked, reason))
        return self._tested(asked)

    # By hand

    def requests(self) -> list[OpenRequest]:
        """Return the requests that wait for your replies, where you are the optimizer model (`by-hand`).

        Each has a `key`, its `text`, and the same as chat `messages`. They stay until they are answered, also after
        a restart.

        Example:
            >>> run = lab.begin("sentiment", "opro", preset="quick", optimizer_model="by-hand", name="by hand")
            >>> try:
            ...     run.autopilot()
            ... except lab.LabError:
            ...     len(run.requests())
            4
        """
        return list(call(lambda: self._session.requests(self._branch)))

    def reply(self, replies: str | Mapping[str, str], text: str | None = None) -> list[OpenRequest]:
        """Reply to requests; after the last one the step goes on by itself. Return the requests that wait then.

        Args:
            replies: the key of a request, with its reply as `text`; or a dict from keys to replies; or, alone, one
                text that holds replies, each under a line such as `=== reply KEY ===`.
            text: the reply.

        Raises:
            MisuseError: when a reply matches no request that waits; nothing was kept.
            ModelError: when the step goes on and a call of the target model failed for good.

        Example:
            >>> run = lab.begin("sentiment", "opro", preset="quick", optimizer_model="by-hand", name="by hand")
            >>> try:
            ...     run.autopilot()
            ... except lab.LabError:
            ...     first, *others = run.requests()
            >>> run.reply(first.key, "<START>Positive or negative?<END>") == others
            True
        """
        given = self._replies(replies, text)
        if not call(lambda: self._session.reply(self._branch, given)):
            with suppress(AwaitedError):  # the next requests, which are returned
                self._wait(self._next(None))
        return self.requests()

    async def areply(self, replies: str | Mapping[str, str], text: str | None = None) -> list[OpenRequest]:
        """Reply as `reply` does, and let other work go on meanwhile."""
        given = self._replies(replies, text)
        if not call(lambda: self._session.reply(self._branch, given)):
            with suppress(AwaitedError):
                await self._await(self._next(None))
        return self.requests()

    # Moving about

    def look(self, node: str | Step | Run) -> Looked:
        """Look at a node of this run as it was: what was held, proposed and made of it; nothing is moved.

        Args:
            node: its id, the step that led there (S31), a branch, or a line that was left (main@17).

        Raises:
            MisuseError: when there is no such node.
        """
        state, at = self._read(), self._called(node)
        return Looked(state, call(lambda: look(state, self._session.book, at)))

    def fork(self, name: str = "", node: str | Step | Run | None = None) -> Run:
        """Make a branch here, or at another node; one of this run that has the name already is returned as it is.

        Args:
            name: of the branch.
            node: where, as `look` takes it; here where it is not given.

        Raises:
            MisuseError: when there is no such node.
        """
        arguments.text("name", name, "a name, as a text")
        at = self.node if node is None else self._called(node)

        def forked() -> str:
            mine = [one for one in self._session.branches() if one.run == self._row.run and one.name == name]
            return mine[-1].id if name and mine else self._session.fork(self._branch, at, name)

        return Run(self._session, call(forked))

    def goto(self, node: str | Step | Run) -> None:
        """Go to a node of this run, or to a step, which then waits again; `undo` comes back.

        Args:
            node: as `look` takes it.

        Raises:
            MisuseError: when there is no such node.
        """
        at = self._called(node)
        call(lambda: self._session.goto(self._branch, at))

    def cherry_pick(self, name: str, like: int = 0) -> None:
        """Add a critique (C12) or a prompt (P7) of any line of this run to the step that waits, as if you typed it.

        Args:
            name: its short name, as `critiques`, `scores` and the page have it.
            like: the number of the item whose place and evidence it shares.

        Raises:
            MisuseError: when the run has nothing of that name, or no step waits that it fits; nothing was changed.
        """
        arguments.text("name", name, "the name of a critique or prompt, such as 'C12'", empty=False)
        arguments.whole("like", like, 0, 10_000)
        call(lambda: self._session.cherry_pick(self._branch, name, like))

    def merge(self, first: str, second: str, hunks: Iterable[int]) -> ScoredPrompt:
        """Make a prompt of a first one and some of its differences to a second one, and measure it on dev.

        It has a name of its own and two parents, and can be cherry-picked where candidates wait.

        Args:
            first: the name (P7) or the text of a prompt of this run.
            second: likewise.
            hunks: the numbers from 0 of the differences to take, as `run.diff(first, second).hunks` has them.

        Raises:
            MisuseError: when the run has no such prompts, or what comes out is one of them or of no use.
            ModelError: when a model call failed for good; what had arrived is kept.
        """
        arguments.text("first", first, _PROMPT, empty=False)
        arguments.text("second", second, _PROMPT, empty=False)
        taken = arguments.wholes("hunks", hunks)
        prompt = call(lambda: self._session.merged(self._branch, first, second, taken))
        self._wait(lambda report: self._session.measure(self._branch, prompt, report))
        state = self._read()
        measure = state.measured.get(prompt)
        return ScoredPrompt(prompt) if measure is None else self._scored(state, measure)

    def counterfactual(self, step: str | Step | Run, wording: Mapping[int, str] | None = None) -> Tried:
        """Make a step again without what you did in it, or in other words, and compare both on dev.

        The other line is a branch of its own and goes on by itself to the end of the round; what is known already
        costs nothing.

        Args:
            step: its name (S31), or the node that it led to.
            wording: other texts, by the number of the item; without, as the optimizer proposed it.

        Raises:
            MisuseError: when there is no such step, its round is not over, or the words do not fit.
            ModelError: when a model call failed for good; what had arrived is kept.
        """
        named = _node(step)
        if not isinstance(wording, Mapping | None):
            raise arguments.wrong("wording", _WORDING, wording)
        texts = {
            arguments.whole("wording", place, 0, 10_000): arguments.text("wording", text, _WORDING, empty=False)
            for place, text in (wording or {}).items()
        }
        found: list[Counterfactual] = []

        async def work(report: Report | None) -> None:
            found.append(await self._session.counterfactual(self._branch, named, texts, report))

        self._wait(work)
        return Tried(Run(self._session, found[0].branch or self._branch), found[0])

    def human_report(self) -> HumanReport:
        """Return all that you did in this run, on any line, with what each step changed, where that was tried."""
        state = self._read()
        return HumanReport(call(lambda: human_report(state, self._session.book)))

    def export(self, path: str | Path) -> Path:
        """Write the whole run with its replies to one file that travels: my-run.lab. There are no keys in it.

        `lab.import_run` and `prompt-lab import` take it in, in any other book; it goes on there without a model as
        far as it went here. To take only a prompt along: `run.best.export`.

        Raises:
            BookError: when the file cannot be written.
        """
        file = Path(arguments.path("path", path, "the path of a file, such as 'my-run.lab'"))
        call(lambda: write_lab(self._session.book, file, self._row.run))
        return file

    def note(
        self,
        on: str | Step | Run = "",
        text: str | None = None,
        *,
        name: str | None = None,
        tags: str | Iterable[str] | None = None,
        star: bool | None = None,
    ) -> None:
        """Write on a thing of this run: what is not given stays as it was, an empty text takes it away.

        Args:
            on: a prompt (P7) or critique (C12), a node or step (S31), a branch; the run itself where not given.
            text: a note.
            name: what it is called.
            tags: words to find it by.
            star: whether it is starred.

        Raises:
            MisuseError: when the run has nothing of that name; nothing was changed.
        """
        thing = "" if isinstance(on, str) and not on else _node(on)
        none = isinstance(tags, str | list | tuple) and not tags
        words = (
            None if tags is None else () if none else arguments.texts("tags", tags, "words, such as 'try again'")
        )
        for argument, given in (("text", text), ("name", name)):
            if given is not None:
                arguments.text(argument, given)
        if star is not None:
            arguments.flag("star", star)
        call(lambda: self._session.note(self._branch, thing, name=name, tags=words, starred=star, note=text))

    def notes(self) -> pd.DataFrame:
        """Return what is written on the things of this run, a row a thing."""
        import pandas as pd

        columns = ["kind", "subject", "name", "tags", "starred", "note"]
        found = call(lambda: self._session.notes(self._branch))
        return pd.DataFrame([[getattr(one, name) for name in columns] for one in found], columns=columns)

    def archive(self, on: bool = True) -> None:
        """Put this run with all its branches away, so that no list shows it; `archive(False)` takes it out again.

        Raises:
            MisuseError: while a step is under way on one of them.
        """
        arguments.flag("on", on)
        call(lambda: self._session.archive(self._branch, on))

    def connect(self, model: ModelLike | None = None, optimizer_model: ModelLike | None = None) -> Run:
        """Go on from here with models that are asked, on a branch of its own; a recording stays as it is.

        Args:
            model: the target model; that of this run where not given. With another one the optimizer begins again.
            optimizer_model: the model that writes critiques and prompts; that of this run where not given.

        Raises:
            MisuseError: when one of them is not a model, or lacks its key; nothing was changed.

        Example:
            >>> run = lab.open(lab.learn.recording())
            >>> run.connect(optimizer_model="practice")
            Run('with practice (simulated)', protegi on triage, ended after 2 rounds, best 0.80 (0.69 to 0.92))
        """
        models = self._row.models
        if optimizer_model is not None:
            models = models.using("optimizer", model_of("optimizer_model", self._session, optimizer_model))
        if model is not None:
            models = models.using("target", model_of("model", self._session, model))
        return Run(self._session, call(lambda: self._session.connect(self._branch, models)))

    def stake(self) -> Stake:
        """Return what would go if this run were deleted, and what would stay."""
        return call(lambda: self._session.at_stake(self._branch))

    def delete(self, stake: Stake | None = None) -> None:
        """Delete this run with all its branches, for good: the places, replies and notes that no other run holds.

        What was paid stays on the account of the book.

        Args:
            stake: what `run.stake()` says; without it nothing is deleted, and the error says what would go.

        Raises:
            MisuseError: without the stake, when something else would go by now, or while a step is under way in the
                run; nothing was deleted.

        Example:
            >>> run = lab.begin("sentiment", preset="quick", name="a try")
            >>> run.delete(run.stake())
        """
        if not isinstance(stake, Stake):
            told = at_stake(self.stake())
            raise MisuseError(f"{told} Nothing was deleted; to go on: run.delete(run.stake()).")
        call(lambda: self._session.delete(self._branch, stake))

    def undo(self) -> None:
        """Go back to where it was before its last move; nothing is lost.

        A branch on which nothing was done yet is put away: this is then the one that it was made from.
        """
        self._branch = call(lambda: self._session.undo(self._branch))

    def redo(self) -> None:
        """Go to where it was before the last undo; a branch that it took back is there again: this is it."""
        self._branch = call(lambda: self._session.redo(self._branch))

    def stop(self) -> None:
        """Stop the step under way; what had arrived is kept."""
        call(lambda: self._session.stop(self._branch))

    # Looking

    def scores(self) -> pd.DataFrame:
        """Return the prompts measured on dev, best first, with intervals and the change from the start."""
        state = self._read()
        return frames.scores(
            state, self._session.book, {one.prompt: self._got(state, one.prompt) for one in state.on_the_way}
        )

    def errors(self) -> pd.DataFrame:
        """Return the answers on train that were not wholly right, of each prompt that was tried."""
        return frames.errors(self._read(), self._session.book)

    def critiques(self) -> pd.DataFrame:
        """Return the critiques: as kept, as proposed, and what you made of them."""
        return frames.critiques(self._read(), self._session.book)

    def answers(
        self, path: str | Path | None = None, *, prompts: Iterable[str] | None = None, split: str = "dev"
    ) -> pd.DataFrame:
        """Return what prompts got on each example: the reply, what was read of it, and its hit; nothing is asked.

        Args:
            path: of a file to write them to as well: .csv, .json or .parquet. Texts stay as they are: in a
                spreadsheet, import the columns as text.
            prompts: whose answers; else those of the start prompt and the best one.
            split: "dev" or "train".

        Raises:
            MisuseError: when an argument is not of its kind, or the file cannot be written.
        """
        import pandas as pd

        from lab.export import answers
        from lab.export.writing import write

        arguments.one_of("split", split, ("dev", "train"))
        state = self._read()
        task = state.context.task
        wanted = (task.start, state.result) if prompts is None else arguments.texts("prompts", prompts, "prompts")
        texts = tuple(dict.fromkeys(map(whole, wanted)))
        rows = call(lambda: list(answers.answered(self._session, self._branch, texts, split)))
        if path is not None:
            path = arguments.path("path", path, "the path of a file, such as 'answers.csv'")
            kind = arguments.one_of("path", Path(path).suffix.lower().removeprefix("."), answers.FORMATS)
            write(path, answers.write(task, rows, kind))
        return pd.DataFrame(answers.records(task, rows), columns=list(answers.columns(task)))

    @property
    def judge(self) -> Judge:
        """The model that grades the answers, and how far it agrees with you.

        Raises:
            MisuseError: when no model grades the answers of this task.
        """
        found = self._read().judging
        if found is None:
            raise MisuseError(
                f"The answers of this task are measured by {self.task.metric}: there is no judge. "
                "Take metric='judge' for one."
            )
        return Judge(found)

    def rate(self, example: str, answer: str, given: str | bool | int) -> None:
        """Give an answer what you would, so that `judge` says how far the judge agrees with you.

        Args:
            example: the id of an example of train or dev, as `run.judge.to_rate()` has it.
            answer: the answer, word for word.
            given: "pass" or "fail", or points from 1 where the metric has them, as `judge:5`; the last one counts.

        Raises:
            MisuseError: when an argument is not of its kind or not on the scale; nothing was kept.
        """
        arguments.text("example", example, "the id of an example", empty=False)
        arguments.text("answer", answer, "the answer that is rated", empty=False)
        points = {"pass": 1, "fail": 0}.get(given.lower().strip()) if isinstance(given, str) else given
        if not isinstance(points, int):
            raise arguments.wrong("given", "'pass' or 'fail', or a whole number of points", given)
        call(lambda: self._session.rate(self._branch, example, answer, int(points)))

    def history(self) -> pd.DataFrame:
        """Return what was decided on the way here, a row a step, with the node that `goto` takes."""
        return frames.history(self._read(), self._session.book)

    def blame(self, prompt: str = "") -> pd.DataFrame:
        """Return where each stretch of a prompt comes from: who wrote it, in which step, on which critique.

        Args:
            prompt: the text of a prompt of this run, or its name, such as "P7"; the best one where it is not given.

        Raises:
            MisuseError: when the run has no such prompt.
        """
        state, book = self._read(), self._session.book
        named = arguments.text("prompt", prompt, _PROMPT)
        text = place_called(state, book, named).prompt if named else state.result
        return frames.blame(Lineage(state, book).blamed(text))

    def diff(self, before: str | Step | Run = "", after: str | Step | Run = "") -> Diff:
        """Return what changed from one place to another: prompts, scores, fixed and broken examples, edits.

        Args:
            before: a node, a step, a run, or the name or the text of a prompt; the start prompt where not given.
            after: likewise; the best prompt where not given.

        Raises:
            MisuseError: when this run has nothing of that name.
        """
        state, book = self._read(), self._session.book
        named = ("" if isinstance(one, str) and not one else _node(one) for one in (before, after))
        first, second = places(state, book, *named)
        got = {one: self._session.got(self._branch, one) for one in (first.prompt, second.prompt)}
        return Diff(node_diff(state, book, first, second, got))

    def analysis(self, prompt: str = "", split: str = "dev") -> Analysis:
        """Return where a prompt errs: confusion, slices, groups of errors, a heat map, labels that may be wrong.

        Args:
            prompt: the text of a prompt of this run, or its name, such as "P7"; else the best one on dev, on train
                the one that was tried on most examples.
            split: "dev", or "train", of which an optimizer has tried a part.

        Raises:
            MisuseError: when the run has no such prompt, or nothing was measured yet.
        """
        arguments.one_of("split", split, ("dev", "train"))
        named = arguments.text("prompt", prompt, _PROMPT)
        text = place_called(self._read(), self._session.book, named).prompt if named else ""
        found = call(lambda: self._session.answered(self._branch, text, split))
        if found is None:
            raise MisuseError(f"Nothing was measured on {split} that could be analysed. Go on by run.next().")
        return Analysis(found, split)

    def choose_errors(self, examples: Iterable[str]) -> None:
        """Make these examples, by their ids, the only errors that are kept of the step that waits.

        Raises:
            MisuseError: when no errors wait, or none of these is among them; nothing was changed.
        """
        ids = arguments.texts("examples", examples, "ids of examples")
        call(lambda: self._session.choose_errors(self._branch, ids))

    def protect(self, examples: Iterable[str]) -> None:
        """Let no prompt break any of these examples, by their ids, from here on; `undo` takes it back.

        Raises:
            MisuseError: when there is no such example in train or dev; nothing was changed.
        """
        ids = arguments.texts("examples", examples, "ids of examples")
        call(lambda: self._session.protect(self._branch, ids))

    def calls(self) -> pd.DataFrame:
        """Return what all branches of this run have paid for, by branch, step, role and model."""
        return frames.calls(self._read(), self._session.book)

    def why_no_gain(self) -> tuple[str, ...]:
        """Return why this branch has no gain over its start prompt that is sure; nothing where it has one.

        Example:
            >>> run = lab.begin("sentiment", preset="quick", name="why")
            >>> run.why_no_gain()[0]
            'The start prompt was not measured on dev, so there is nothing to compare with.'
        """
        return tuple(map(no_gain.sentence, call(lambda: self._session.no_gain(self._branch))))

    def chart(self) -> Chart:
        """Return the dev scores against the answers of the target model, with intervals, as an altair chart.

        It shows itself as a picture, which needs no network.

        Raises:
            MisuseError: while nothing was measured.
        """
        from lab.api.chart import chart_of

        drawing = chart(self._read())
        if drawing is None:
            raise MisuseError("Nothing has been measured yet, so there is no chart. Go on by run.next().")
        return chart_of(drawing)

    def panel(self, language: str = "en") -> Panel:
        """Return the panel of this run, to be the last line of a cell; `language` "zh" has it in Chinese.

        Raises:
            MisuseError: for another language, or when the packages of the notebook face are not installed.
        """
        arguments.one_of("language", language, i18n.LANGUAGES)
        from lab.widgets import Panel

        with i18n.use(language):
            return Panel(self._session, self._branch)

    # Within

    @property
    def _row(self) -> Branch:
        return call(lambda: self._session.branch(self._branch))

    def _called(self, node: Any) -> str:
        """Return the id of a node that is named."""
        named = _node(node)
        return call(lambda: node_called(self._session.state(self._branch), self._session.book, named)) or named

    def _read(self) -> State:
        return call(lambda: self._session.state(self._branch))

    def _scored(self, state: State, measure: Measure) -> ScoredPrompt:
        got = self._got(state, measure.prompt)
        score = MeasuredScore.of(measure, state.context.task, got)
        outcomes = state.outcomes.get(measure.prompt)
        return replace(self._unscored(measure.prompt), score=score, outcomes=outcomes)

    def _unscored(self, prompt: str) -> ScoredPrompt:
        return ScoredPrompt(prompt, source=self._taken(prompt), vary=self._varying(prompt))

    def _varying(self, prompt: str) -> Callable[[Kind], Varied]:
        """Return what measures the variants of a prompt, when they are wanted."""

        def vary(kind: Kind) -> Varied:
            arguments.one_of("kind", kind, KINDS)
            self._wait(lambda report: self._session.vary(self._branch, kind, prompt, report))
            return call(lambda: self._session.varied(self._branch, kind, prompt))

        return vary

    def _taken(self, prompt: str) -> Callable[[], Taken]:
        """Return what reads all there is to take along of a prompt, when it is wanted."""
        from lab.export import take

        return lambda: call(lambda: take(self._session, self._branch, prompt))

    def _got(self, state: State, prompt: str) -> tuple[str, ...] | None:
        """Return what was understood of the replies, where hits alone do not give an interval (macro-F1)."""
        return None if is_mean(state.context.task.metric) else call(lambda: self._session.got(self._branch, prompt))

    def _waiting(self) -> str:
        pending = self._session.branch(self._branch).pending
        if pending is None:
            raise MisuseError("No step waits for a verdict here. Go on by run.next() first.")
        return pending

    def _stops(self, until: str | Iterable[str] | None) -> tuple[str, ...] | None:
        if until is None:
            return None
        kind = self._read().optimizer
        named = arguments.texts("until", until, "what to stop at, such as 'critiques', or several of these")
        return tuple(dict.fromkeys(phase for one in named for phase in kind.phases_called(one)))

    def _next(self, stops: tuple[str, ...] | None) -> _Work:
        async def step(report: Report | None) -> None:
            state = self._session.branch(self._branch)
            if stops is not None and state.pending is not None:
                phase = type(self._session.book.node(state.node).phase).__name__
                if phase not in stops:
                    self._session.accept(self._branch, state.pending)
            await self._session.advance(self._branch, stops=stops, report=report)

        return step

    def _replies(self, replies: object, text: object) -> Mapping[str, str]:
        if isinstance(replies, str) and text is not None:
            return {replies: arguments.text("text", text, "the reply, as a text")}
        if isinstance(replies, str):
            found = pasted(replies, [one.key for one in self.requests()])
            if found.unmatched:
                raise MisuseError(f"{' '.join(map(unmatched, found.unmatched))} Nothing was kept.")
            return found.replies
        if not isinstance(replies, Mapping) or not all(
            isinstance(one, str) for pair in replies.items() for one in pair
        ):
            raise arguments.wrong("replies", "a dict from the keys of requests to replies", replies)
        return replies

    def _to_test(self, prompts: Iterable[str] | str | None, reason: object) -> tuple[str, ...]:
        arguments.text("reason", reason, "a reason, as a text")
        if prompts is None:
            return call(lambda: self._session.to_test(self._branch))
        return arguments.texts("prompts", prompts, "prompts to test, such as [run.best.prompt]")

    def _test(self, prompts: tuple[str, ...], reason: str) -> _Work:
        return lambda report: self._session.open_test(self._branch, prompts, report, reason)

    def _tested(self, prompts: tuple[str, ...]) -> TestResult:
        state = self._read()
        known = {one.prompt: one for one in state.sealed.tested}
        return TestResult(
            tuple(known[text] for text in prompts if text in known), state.sealed.openings, state.context.task.start
        )

    def _autopilot(self, rounds: int, ask_when: str | Iterable[str], same: bool, reasons: list[str]) -> _Work:
        when = tuple(ask_when) if not isinstance(ask_when, str) else (ask_when,) if ask_when else ()
        check_when(arguments.texts("ask_when", when, "reasons to ask, such as 'drop'") if when else ())

        async def step(report: Report | None) -> None:
            reason = await self._session.autopilot(self._branch, rounds, report, ask_when=when, explores=not same)
            if reason is not None:
                reasons.append(sentence(reason))

        return step

    def _wait(self, step: _Work) -> None:
        with progress_bar(lambda: self._session.jobs.progress(self._branch)) as look:
            run(self._job(step), look)

    async def _await(self, step: _Work) -> None:
        with progress_bar(lambda: self._session.jobs.progress(self._branch)) as look:
            await run_async(self._job(step), look)

    async def _job(self, step: _Work) -> None:
        """Do a step that panels follow, after the one that may be under way."""
        self._session.branch(self._branch)
        while self._session.jobs.running(self._branch):
            await self._session.jobs.ended(self._branch)
        await self._session.jobs.attend(self._branch, step)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Run) and (self._branch, self._session) == (other._branch, other._session)

    def __hash__(self) -> int:
        return hash(self._row.run)

    def __repr__(self) -> str:
        try:
            state = self._read()
        except Exception as problem:
            return f"Run({self._branch!r}, {type(problem).__name__})"
        score = "" if self.best.score is None else f", best {self.best.score}"
        what = f"{state.optimizer.name} on {state.context.task.name}{_recorded(state)}"
        return f"Run({state.branch.name!r}, {what}, {_place(state)}{score})"

    def _repr_html_(self) -> str:
        state, best, start = self._read(), self.best, self.baseline
        what = f"{state.optimizer.title} on {state.context.task.name}{_recorded(state)}, {_place(state)}"
        scores = f"<p>Dev score: start {esc(_said(start))}, best {esc(_said(best))}</p>"
        named = f"<p><b>{esc(state.branch.name)}</b> <small>{esc(what)}</small></p>"
        return value(f"{named}{scores}{pre(best.prompt)}")


def _said(one: ScoredPrompt) -> str:
    return known_percent(None) if one.score is None else one.score.words


def _recorded(state: State) -> str:
    return ", a recording" if state.branch.models.are_recorded else ""


def _place(state: State) -> str:
    if state.done and state.proposal is None:
        return f"ended after {counted(state.node.phase.round, 'round')}"
    waits = "waits: " if state.proposal is not None else "next: "
    return f"round {state.node.phase.round + 1}, {waits}{state.node.phase.title}"


def _node(given: Any) -> str:
    if isinstance(given, Run | Step):
        return given.node
    return arguments.text("node", given, _PLACE, empty=False)
