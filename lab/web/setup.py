"""The set-up: which task, prompt, optimizer and models to begin with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from lab.core.task import Task
from lab.errors import DataError, LabError, MisuseError
from lab.models.endpoint import Endpoint
from lab.optimizers import OPTIMIZERS
from lab.practice import knows
from lab.session import Session
from lab.session.setup import RunSetup, checked_seed
from lab.tasks import bundled
from lab.tasks.loaders import Loaded, guess_mapping, load_task, read_table
from lab.tasks.metrics import METRICS
from lab.views.spending import rehearsed
from lab.views.work import failure, notice
from lab.web.choice import FIRST, Kind, advanced, ahead, answer, chosen_of, paper, preset_choices
from lab.web.connection import N_ASKED, Connecting, chosen, connecting

BUNDLED, OWN = "Bundled task", "Your own examples"
_NO_RULES = (
    "The practice model, a simulated one, has rules for the kinds of task of the bundled ones only. For these "
    "examples choose a real model.",
    "Write it as MODEL@URL under Optimizer model and Target model.",
)


@dataclass(frozen=True)
class _Own:
    """What is known of a person's file; `start` is the last prompt that was generated, whatever came after."""

    start: str = ""
    practised: bool = False  # whether the practice model has rules for it
    usable: bool = False
    columns: bool = False
    problem: str = ""


@dataclass(frozen=True)
class Form:
    """The components of the set-up."""

    source: gr.Radio
    task: gr.Dropdown
    about: gr.HTML
    file: gr.File
    report: gr.HTML
    columns: gr.Row
    input: gr.Dropdown
    answer: gr.Dropdown
    unfit: gr.HTML
    own: gr.State
    start: gr.Textbox
    optimizer: gr.Dropdown
    described: gr.HTML
    models: Connecting
    seed: gr.Number
    kinds: tuple[Kind, ...]
    expense: gr.HTML
    begin: gr.Button
    problem: gr.HTML

    @property
    def asked(self) -> list[Any]:
        """What `begin` reads, in its order; at its end the stops and settings of each optimizer."""
        return [*self.models.asked, *self.run]

    @property
    def run(self) -> list[Any]:
        """What is asked about all but the models."""
        return [
            self.source, self.task, self.file, self.input, self.answer, self.start, self.optimizer, self.seed,
            *(one for kind in self.kinds for one in kind.asked),
        ]  # fmt: skip


def setup(owner: gr.BrowserState, session: Callable[[str], Session]) -> Form:
    """Lay out the set-up and let its parts answer to each other; `session` opens the session of an owner."""
    first = bundled.load(bundled.names()[0])
    with gr.Row(elem_classes="lab-setup"):
        with gr.Column(scale=3, min_width=320):
            source = gr.Radio([BUNDLED, OWN], value=BUNDLED, label="Task", interactive=True, elem_id="source")
            task = gr.Dropdown(
                list(bundled.names()), value=first.name, label="Which task", interactive=True, elem_id="task"
            )
            told = gr.HTML(about_task(first))
            file = gr.File(
                label="A file of examples: CSV, TSV, JSON or JSONL, up to 50 MB", visible=False, type="filepath",
                file_types=[".csv", ".tsv", ".json", ".jsonl"], interactive=True, elem_id="file", height=150,
            )  # fmt: skip
            report = gr.HTML(visible=False, elem_id="report")
            with gr.Row(visible=False) as columns:
                column_of_input = gr.Dropdown(
                    [], label="Column of the input", interactive=True, elem_id="input-column"
                )
                column_of_answer = gr.Dropdown(
                    [], label="Column of the answer", interactive=True, elem_id="answer-column"
                )
            unfit = gr.HTML(visible=False, elem_id="unfit")
            own = gr.State(_Own())
            start = gr.Textbox(
                first.start, label="Start prompt", lines=4, interactive=True, elem_id="start",
                info="The instructions to begin with. Write {input} where the example goes, or leave it out.",
            )  # fmt: skip
        with gr.Column(scale=2, min_width=320):
            names = [(one.title, one.name) for one in OPTIMIZERS.values()]
            kind = gr.Dropdown(names, value=FIRST, label="Optimizer", interactive=True, elem_id="optimizer")
            described = gr.HTML(paper(FIRST), elem_id="paper")
            offered = preset_choices()
            with gr.Row():
                tops = ahead()
                with gr.Column(min_width=160):
                    seed = gr.Number(0, label="Seed", interactive=True, info="The same seed draws the same.")
    models = connecting()
    with gr.Accordion("Advanced", open=False):
        kinds = advanced(offered, tops)
    expense = gr.HTML(notice([rehearsed(RunSetup.of(first, FIRST).estimate())]), elem_id="expense")
    problem = gr.HTML(elem_id="problem")
    begin = gr.Button("Begin", variant="primary", interactive=False, elem_id="begin")
    made = Form(
        source, task, told, file, report, columns, column_of_input, column_of_answer, unfit, own, start, kind,
        described, models, seed, kinds, expense, begin, problem,
    )  # fmt: skip
    _answer(made, owner, session)
    return made


def about_task(task: Task) -> str:
    """Describe what a bundled task is, and how large."""
    sizes = f"{len(task.train)} train, {len(task.dev)} dev and {len(task.test)} test examples"
    answers = f"; the answers are: {', '.join(task.labels)}" if task.labels else ""
    return notice([task.about, f"{sizes}{answers}.", f"How it is judged: {METRICS[task.metric].about}"])


def begun(session: Session, asked: Sequence[Any]) -> str:
    """Begin what the form says and return the branch.

    Raises:
        LabError: in a sentence that says what to change in the form.
    """
    return session.begin(_read_form(asked))


def _read_form(asked: Sequence[Any]) -> RunSetup:
    """Read what all of `Form.asked` gave.

    Raises:
        LabError: in a sentence that says what to change in the form.
    """
    models = chosen(asked[:N_ASKED])
    source, task, file, column_of_input, column_of_answer, start, name, given, *kinds = asked[N_ASKED:]
    settings, pauses = chosen_of(name, kinds)
    seed = checked_seed(given)
    if source == BUNDLED:
        whole = replace(bundled.load(task), start=start or "")
    else:
        whole = loaded(file, column_of_input, column_of_answer, start, seed).task
    return RunSetup.of(
        whole, name, settings=settings, models=models.models, seed=seed, pauses=pauses, prices=models.prices
    )


def _expense(session: Session, asked: Sequence[Any]) -> str:
    """Describe what the run would take with these settings; nothing where the form is not complete."""
    try:
        return notice([rehearsed(_read_form(asked).estimate(session.book, session.owner))])
    except LabError:
        return ""


def loaded(
    file: str | None, column_of_input: str | None, column_of_answer: str | None, start: str, seed: int = 0
) -> Loaded:
    """Load the file that was chosen.

    Raises:
        DataError: when there is none, or it cannot be used.
    """
    if not file:
        raise DataError("No file is chosen yet. Choose one with your examples, or take a bundled task.")
    return load_task(
        file, input=column_of_input or None, answer=column_of_answer or None, start=start or "", seed=seed
    )


def _answer(made: Form, owner: gr.BrowserState, session: Callable[[str], Session]) -> None:
    """Let the form show what was chosen; a file is read as soon as it is there."""
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    shown = [made.task, made.about, made.file, made.report, made.columns, made.start, made.problem]
    made.source.change(_switched, [made.source, made.task, made.start, made.own], shown, **quiet)
    made.task.change(_chosen, [made.task, made.start, made.own], [made.about, made.start, made.problem], **quiet)
    read = [made.report, made.columns, made.input, made.answer, made.start, made.problem, made.own]
    made.file.change(_read_first, [made.file, made.start, made.own], read, **quiet)
    for column in (made.input, made.answer):
        column.input(_read, [made.file, made.input, made.answer, made.start, made.own], read, **quiet)
    fitting: list[Any] = [made.source, made.own, *(fold.model for fold in made.models.folds)]
    gr.on([one.change for one in fitting], _unfit, fitting, made.unfit, **quiet)
    filled = answer(made.optimizer, made.described, made.kinds)

    def expense(owner: str | None, *asked: Any) -> Any:
        return _expense(session(owner), asked) if owner else gr.skip()

    counted: dict[str, Any] = {"fn": expense, "inputs": [owner, *made.asked], "outputs": made.expense, **quiet}
    for event in filled:
        event.then(**counted)
    firsts = [kind.settings[0].change for kind in made.kinds]
    turned = [made.source.change, made.own.change, made.task.change, made.optimizer.change]
    gr.on([*turned, *firsts, *(fold.model.change for fold in made.models.folds)], **counted)


def _switched(source: str, task: str, box: str, own: _Own) -> tuple[Any, ...]:
    theirs = source == OWN
    unread = box if theirs else bundled.load(task).start
    return (
        gr.update(visible=not theirs),
        gr.update(visible=not theirs),
        gr.update(visible=theirs),
        gr.update(visible=theirs and own.usable),
        gr.update(visible=theirs and own.columns),
        _start(box, own.start if theirs and own.usable else unread, own),
        failure(own.problem) if theirs else "",
    )


def _chosen(task: str, box: str, own: _Own) -> tuple[str, str, str]:
    found = bundled.load(task)
    return about_task(found), _start(box, found.start, own), ""


def _start(box: str, new: str, own: _Own) -> str:
    """Return the start prompt that the box is to hold: the new one, unless a person typed what is there."""
    ours = {"", own.start, *(bundled.load(name).start for name in bundled.names())}
    return new if box.strip() in ours else box


def _read_first(file: str | None, box: str, own: _Own) -> tuple[Any, ...]:
    return _read(file, None, None, box, own)


def _read(
    file: str | None, column_of_input: str | None, column_of_answer: str | None, box: str, own: _Own
) -> tuple[Any, ...]:
    """Read the file; where it is a table that cannot be used, its columns are shown to choose others."""
    try:
        read = loaded(file, column_of_input, column_of_answer, "")
    except LabError as problem:
        names, chosen = _columns(file, column_of_input, column_of_answer)
        known = _Own(own.start, columns=bool(names), problem=str(problem) if file else "")
        report, start = "", box
    else:
        names, chosen = read.table.columns, (read.mapping.input, read.mapping.answer)
        known = _Own(read.task.start, knows(read.task), usable=True, columns=True)
        report, start = notice(read.report.sentences()), _start(box, read.task.start, own)
    return (
        gr.update(value=report, visible=known.usable),
        gr.update(visible=known.columns),
        *(gr.update(choices=list(names), value=one) for one in chosen),
        start,
        failure(known.problem),
        known,
    )


def _columns(
    file: str | None, column_of_input: str | None, column_of_answer: str | None
) -> tuple[tuple[str, ...], tuple[str | None, str | None]]:
    """Return the columns of a file and the two to choose; none where it is no table."""
    if not file:
        return (), (None, None)
    try:
        table = read_table(file)
    except DataError:
        return (), (None, None)
    guess = guess_mapping(table)
    return table.columns, (column_of_input or guess.input, column_of_answer or guess.answer)


def _unfit(source: str, own: _Own, by: str | None, on: str | None) -> Any:
    """Describe before the beginning that the practice model has no rules for a person's examples."""
    strange = source == OWN and own.usable and not own.practised
    told = strange and (_simulated(by) or _simulated(on))
    return gr.update(value=notice(_NO_RULES) if told else "", visible=told)


def _simulated(spec: str | None) -> bool:
    try:
        return Endpoint.of(spec or "").is_simulated
    except MisuseError:
        return False  # said when it begins
