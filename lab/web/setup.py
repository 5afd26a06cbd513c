"""The set-up: which task, prompt, optimizer and models to begin with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import gradio as gr
from gradio.blocks import Block
from gradio.components import Component

from lab.core.task import Task
from lab.errors import LabError, MisuseError
from lab.i18n import gettext, gettext_lazy
from lab.models.access import ANYTHING, Access
from lab.models.endpoint import Endpoint
from lab.optimizers import OPTIMIZERS
from lab.practice import answers
from lab.session import Session
from lab.session.commands import LONGEST_TEXT
from lab.session.setup import RunSetup, checked_seed
from lab.tasks import bundled
from lab.tasks.formats.file import MAX_BYTES
from lab.tasks.loaders import Chosen
from lab.tasks.metrics import METRICS
from lab.tasks.readings import check
from lab.tasks.rubric import points
from lab.views.markup import esc, part
from lab.views.methods import methods
from lab.views.notices import failure, notice
from lab.views.readings import judged, readings_offered
from lab.views.settings import first_preset
from lab.views.spending import rehearsed
from lab.views.unfit import unfit
from lab.web import choice, connection
from lab.web.blocks import drawn, html
from lab.web.choice import FIRST, Kind, advanced, ahead, paper, preset_choices
from lab.web.connection import Connecting, connecting
from lab.web.events import Updates, Values, listen
from lab.web.files import Files
from lab.web.room import wired
from lab.web.upload import size_limit

# What a file is, its content says.
ENDINGS = (".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".txt", ".xlsx", ".parquet", ".yaml", ".yml")
_FILE_TYPES = [*ENDINGS, *map(str.upper, ENDINGS)]
_INCOMPLETE = gettext_lazy(
    "Choose a file of examples, or drop one anywhere on this page. Then it stands here what a run takes."
)
BUNDLED, OWN = "bundled", "own"


@dataclass(frozen=True)
class _Own:
    """What is known of a person's file; `start` is the last prompt that was generated, whatever came after."""

    start: str = ""
    unfit: str = ""  # what is said where the practice model has no rules for it
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
    metric: gr.Dropdown
    unfit: gr.HTML
    own: gr.State
    start: gr.Textbox
    reading: gr.Dropdown
    optimizer: gr.Dropdown  # not shown: the cards are
    cards: gr.HTML
    described: gr.HTML
    models: Connecting
    seed: gr.Number
    kinds: tuple[Kind, ...]
    expense: gr.HTML
    begin: gr.Button
    problem: gr.HTML

    @property
    def asked(self) -> list[Component]:
        """What a run begins with."""
        return [
            self.source, self.task, self.file, self.input, self.answer, self.metric, self.start, self.reading,
            self.optimizer, self.seed,
            *self.models.asked, *(one for kind in self.kinds for one in kind.asked),
        ]  # fmt: skip

    @property
    def following_file(self) -> list[Block]:
        """What follows the file."""
        return [self.report, self.columns, self.input, self.answer, self.start, self.problem, self.own]

    @property
    def reading_file(self) -> list[Component]:
        """What says how the file is read."""
        return [self.source, self.file, self.input, self.answer, self.metric, self.start, self.own]


def setup(access: Access = ANYTHING) -> Form:
    """Lay out the set-up."""
    first = bundled.load(bundled.names()[0])
    quick = OPTIMIZERS[FIRST].configure(first_preset(OPTIMIZERS[FIRST]) or "")
    with gr.Row(elem_classes="lab-setup lab-stages"):
        with gr.Column(min_width=320, elem_classes="lab-stage"):
            _stage(1, gettext_lazy("Data"), gettext_lazy("A task with examples, and the prompt to begin with."))
            source = gr.Radio(
                [(gettext_lazy("Bundled task"), BUNDLED), (gettext_lazy("Your own examples"), OWN)],
                value=BUNDLED, label=gettext_lazy("Task"), interactive=True, elem_id="source",
            )  # fmt: skip
            task = gr.Dropdown(
                list(bundled.names()), value=first.name, label=gettext_lazy("Which task"), interactive=True,
                elem_id="task",
            )  # fmt: skip
            about = html(partial(about_task, first))
            file = gr.File(
                label=gettext_lazy(
                    "A file of examples: CSV, TSV, JSON, JSONL, Excel or Parquet, up to {megabytes} MB",
                    megabytes=MAX_BYTES // 10**6,
                ),
                visible=False, type="filepath", file_types=_FILE_TYPES, interactive=True, elem_id="file",
                height=150,
            )  # fmt: skip
            size_limit("file")
            report = gr.HTML(visible=False, elem_id="report")
            with gr.Row(visible=False) as columns:
                # What was chosen of one file may arrive when another is there: it is looked up, not refused.
                column_of_input = gr.Dropdown(
                    [], label=gettext_lazy("Input columns"), multiselect=True, allow_custom_value=True,
                    interactive=True, elem_id="input-column",
                )  # fmt: skip
                column_of_answer = gr.Dropdown(
                    [], label=gettext_lazy("Answer column"), allow_custom_value=True, interactive=True,
                    elem_id="answer-column",
                )  # fmt: skip
                metric = gr.Dropdown(
                    [
                        (gettext_lazy("As the answers look"), ""), *((name, name) for name in METRICS),
                        (gettext_lazy("judge, 1 to 5 points"), "judge:5"),
                    ],
                    value="", label=gettext_lazy("How it is judged"), interactive=True, elem_id="metric",
                )  # fmt: skip
            unfit = gr.HTML(visible=False, elem_id="unfit")
            own = gr.State(_Own())
            start = gr.Textbox(
                first.start, label=gettext_lazy("Start prompt"), lines=4, interactive=True, elem_id="start",
                info=gettext_lazy(
                    "The instructions to begin with. {input} or {column} is where the example goes, if anywhere."
                ),
            )  # fmt: skip
        with gr.Column(min_width=320, elem_classes="lab-stage"):
            _stage(
                2, gettext_lazy("Models"),
                gettext_lazy("One writes prompts, the other is the one that the prompt is for."),
            )  # fmt: skip
            models = connecting(access)
        with gr.Column(min_width=320, elem_classes="lab-stage"):
            _stage(3, gettext_lazy("Method"), gettext_lazy("How new prompts are found."))
            cards = wired("methods", partial(methods, FIRST))
            names = [(one.title, one.name) for one in OPTIMIZERS.values()]
            kind = gr.Dropdown(
                names, value=FIRST, label=gettext_lazy("Optimizer"), interactive=True, elem_id="optimizer",
                elem_classes="lab-off",
            )  # fmt: skip
            described = html(partial(paper, FIRST), elem_id="paper")
            offered = preset_choices()
            with gr.Row():
                tops = ahead()
                with gr.Column(min_width=160):
                    seed = gr.Number(
                        0, label=gettext_lazy("Seed"), interactive=True,
                        info=gettext_lazy("The same seed makes the same random choices."),
                    )  # fmt: skip
    with gr.Row(elem_classes="lab-start"):
        begin = gr.Button(
            gettext_lazy("Begin"), variant="primary", interactive=False, elem_id="begin", scale=0, min_width=220
        )
        taken = RunSetup.of(first, FIRST, settings=quick).estimate()
        with gr.Column(min_width=160):
            problem = gr.HTML(elem_id="problem")
            expense = html(lambda: notice([rehearsed(taken)]), elem_id="expense")
    with gr.Accordion(gettext_lazy("Advanced"), open=False):
        reading = drawn(
            gr.Dropdown(
                readings_offered(), value="", label=gettext_lazy("How replies are read"), interactive=True,
                elem_id="reading", allow_custom_value=True,
                info=gettext_lazy("Before they are judged. regex:PATTERN is an expression of your own."),
            ),
            choices=readings_offered,
        )  # fmt: skip
        kinds = advanced(offered, tops)
    return Form(
        source, task, about, file, report, columns, column_of_input, column_of_answer, metric, unfit, own, start,
        reading, kind, cards, described, models, seed, kinds, expense, begin, problem,
    )  # fmt: skip


def _stage(number: int, title: str, about: str) -> None:
    html(partial(_stage_head, number, title, about))


def _stage_head(number: int, title: str, about: str) -> str:
    return part(
        "stage-head",
        f'<h2><span class="lab-number">{number}</span> {esc(title)}</h2><p class="lab-muted">{esc(about)}</p>',
    )


def about_task(task: Task) -> str:
    """Describe what a bundled task is, and how large."""
    sizes = {"n_train": len(task.train), "n_dev": len(task.dev), "n_test": len(task.test)}
    size = gettext("{n_train} train, {n_dev} dev and {n_test} test examples.", **sizes)
    if task.labels:
        size = gettext(
            "{n_train} train, {n_dev} dev and {n_test} test examples; the answers are: {labels}.",
            labels=", ".join(task.labels), **sizes,
        )  # fmt: skip
    return notice([task.about, size, gettext("How it is judged: {how}", how=judged(task))])


async def read(form: Form, values: Values, files: Files, owner: str) -> RunSetup:
    """Read what the form of an owner says, and their file.

    Raises:
        LabError: in a sentence that says what to change in the form.
    """
    name, seed, start = values[form.optimizer], checked_seed(values[form.seed]), values[form.start] or ""
    if len(start) > LONGEST_TEXT:
        raise MisuseError(
            gettext_lazy(
                "The start prompt has {n_characters:,} characters; at most {most:,} are taken.",
                n_characters=len(start), most=LONGEST_TEXT,
            )
        )  # fmt: skip
    settings, pauses = choice.chosen(name, form.kinds, values)
    reading = check(str(values[form.reading] or "").strip())
    if values[form.source] == BUNDLED:
        task = replace(bundled.load(values[form.task]), start=start)
    else:
        rubric = str(values[form.models.rubric] or "")
        chosen: Chosen = {**_chosen(form, values), "start": start, "seed": seed, "rubric": rubric}
        task = (await files.read(owner, values[form.file], chosen)).taken()
    made = RunSetup.of(
        replace(task, reading=reading or task.reading), name, settings=settings, seed=seed, pauses=pauses,
        models=connection.chosen_models(form.models, values, points(task.metric) is not None),
        prices=connection.chosen_prices(form.models, values),
    )  # fmt: skip
    if made.models["target"].endpoint.in_process and not answers(task):
        raise MisuseError(unfit(made.task))
    return made


def _chosen(form: Form, values: Values) -> Chosen:
    return {
        "input": values[form.input] or None,
        "answer": values[form.answer] or None,
        "metric": values[form.metric] or None,
    }


def answer(form: Form, owner: gr.BrowserState, session: Callable[[str], Session], files: Files) -> None:
    """Let the form follow what is chosen; `session` opens the session of an owner, once the page knows whose it is.

    A file is read as soon as it is there, and what the run would take is said anew with every choice.
    """

    def does(handler: Callable[[Form, Values], Updates]) -> Callable[[Values], Updates]:
        return partial(handler, form)

    shown = [form.task, form.about, form.file, form.report, form.columns, form.start, form.problem]
    listen(form.source.change, does(_switched), [form.source, form.task, form.start, form.own], shown)
    described = [form.about, form.start, form.problem]
    listen(form.task.change, does(_task_chosen), [form.task, form.start, form.own], described)

    async def file_chosen(values: Values) -> Updates:
        return await _read(form, values, {"metric": values[form.metric] or None}, files, values[owner])

    async def columns_chosen(values: Values) -> Updates:
        mine = values[form.source] == OWN and values[form.file]
        return await _read(form, values, _chosen(form, values), files, values[owner]) if mine else {}

    first = [owner, form.file, form.metric, form.start, form.own]
    listen(form.file.change, file_chosen, first, form.following_file)
    again = [form.input.input, form.answer.input, form.metric.input, form.start.blur]
    listen(again, columns_chosen, [owner, *form.reading_file], form.following_file)
    by, on = form.models.optimizer.model, form.models.target.model
    fitting = [form.source.change, form.own.change, by.change, on.change]
    listen(fitting, does(_warned), [form.source, form.own, by, on], [form.unfit])

    judged_by = [form.source, form.metric]
    listen(
        [form.source.change, form.metric.change],
        lambda values: {form.models.judging: gr.update(visible=_graded(form, values))},
        judged_by,
        [form.models.judging],
    )

    async def estimate(values: Values) -> Updates:
        if not values[owner]:
            return {}
        mine = session(values[owner])
        try:
            made = await read(form, values, files, mine.owner)
            found = await asyncio.to_thread(made.estimate, mine.book, mine.owner)
            return {form.expense: notice([rehearsed(found)])}
        except LabError:
            return {form.expense: notice([_INCOMPLETE]) if _waits(form, values) else ""}

    counting = [owner, *form.asked], [form.expense]
    for filled in choice.answer(form.optimizer, form.cards, form.described, form.kinds):
        listen(filled.then, estimate, *counting)
    firsts = [next(iter(kind.settings.values())).change for kind in form.kinds]
    turned = [
        form.source.change,
        form.own.change,
        form.task.change,
        form.metric.change,
        form.optimizer.change,
        *firsts,
    ]
    listen([*turned, *(fold.model.change for fold in form.models.folds)], estimate, *counting)
    connection.answer(form.models, owner, session)


def _waits(form: Form, values: Values) -> bool:
    """Return whether nothing is missing but the file."""
    return values[form.source] == OWN and not values[form.file]


def _graded(form: Form, values: Values) -> bool:
    """Return whether a model is to grade the answers."""
    return values[form.source] == OWN and points(str(values[form.metric] or "")) is not None


def _switched(form: Form, values: Values) -> Updates:
    theirs, own, box = values[form.source] == OWN, values[form.own], values[form.start]
    start = box if theirs else bundled.load(values[form.task]).start
    return {
        form.task: gr.update(visible=not theirs),
        form.about: gr.update(visible=not theirs),
        form.file: gr.update(visible=theirs),
        form.report: gr.update(visible=theirs and (own.usable or bool(own.problem))),
        form.columns: gr.update(visible=theirs and own.columns),
        form.start: _start(box, own.start if theirs and own.usable else start, own),
        form.problem: failure(own.problem) if theirs else "",
    }


def _task_chosen(form: Form, values: Values) -> Updates:
    found = bundled.load(values[form.task])
    start = _start(values[form.start], found.start, values[form.own])
    return {form.about: about_task(found), form.start: start, form.problem: ""}


def _start(box: str, new: str, own: _Own) -> str:
    """Return the start prompt that the box is to hold: the new one, unless a person typed what is there."""
    ours = {"", own.start, *(bundled.load(name).start for name in bundled.names())}
    return new if box.strip() in ours else box


async def _read(form: Form, values: Values, wanted: Chosen, files: Files, owner: str) -> Updates:
    """Read the file; where it is a table that cannot be used, its columns are shown to choose others."""
    file, box, own = values[form.file], values[form.start], values[form.own]
    typed = box if _start(box, "", own) else ""
    read = await files.read(owner, file, {**wanted, "start": typed})
    if read.task is None:
        known = _Own(own.start, columns=bool(read.columns), problem=str(read.problem) if file else "")
        start = box
    else:
        known = _Own(read.task.start, "" if read.practised else unfit(read.task), usable=True, columns=True)
        start = _start(box, read.task.start, own)
    return {
        form.report: gr.update(
            value=read.report or failure(known.problem), visible=known.usable or bool(known.problem)
        ),
        form.columns: gr.update(visible=known.columns),
        form.input: gr.update(choices=list(read.columns), value=list(read.inputs)),
        form.answer: gr.update(choices=list(read.columns), value=read.answer),
        form.start: start,
        form.problem: failure(known.problem),
        form.own: known,
    }


def _warned(form: Form, values: Values) -> Updates:
    """Say before the beginning that the practice model has no rules for a person's examples."""
    own = values[form.own]
    strange = values[form.source] == OWN and own.usable and own.unfit
    warns = bool(strange) and any(_simulated(values[fold.model]) for fold in form.models.folds[:2])
    return {form.unfit: gr.update(value=notice([own.unfit]) if warns else "", visible=warns)}


def _simulated(spec: str | None) -> bool:
    try:
        return Endpoint.of(spec or "").is_simulated
    except MisuseError:
        return False  # said when it begins
