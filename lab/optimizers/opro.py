"""OPRO: a language model as optimizer (Yang et al., ICLR 2024, "Large Language Models as Optimizers").

One trajectory of instructions and their scores grows, step by step (section 2 and figure 3; section 4.2):

    Baseline         score the start prompt on a fixed subset of train
    for step in 1..rounds, or until no better one is found for a while:
        Trajectory   show the best instructions so far, ascending by score
        Exemplars    show a few problems of the task with their answers
        Propose      ask for new instructions, several times with one meta-prompt
        Measure      score them on the same subset; they join the trajectory
    keep the best instruction of the trajectory

Where the instruction stands (`position`, section 5.1): the lab puts a prompt before the input unless the prompt
says with `{input}` where the input goes. So a candidate is always the whole prompt of the target model: the
bare instruction for "before_question", else a frame around it, such as `{input}` and the instruction below.
What the meta-prompt shows, and what `longest` counts, is the instruction inside. A proposal or an edit without
`{input}` is put into the frame; one that has `{input}` places itself.

differs: "most frequent" exemplars are those answered wrongly most often, ties drawn by chance, and where too few
were the rest is drawn by chance (the authors' code draws evenly from all that were ever wrong, or shows fewer); a
proposal that cannot be used stays as an item with its flaw (their code drops it, and takes the whole of an
untagged reply for an instruction); digits, capitals and asterisks in a proposal are left alone; the start prompt
counts when duplicates are sought; `shown` and `threshold` hold for both meta-prompts, and the best instruction is
shown even when it is below the threshold; an instruction that nothing was measured of has no score and is not
shown; the best of the trajectory is kept (their code names no winner); a linear temperature reaches its end in the
last step; of a long trajectory only the best rows are carried on, the others stay in the history; a meta-prompt
without exemplars does not name the task, the instructions shown do; patience.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal, get_args

from lab.core.asks import (
    Candidate,
    Context,
    Demonstration,
    Done,
    Evaluate,
    Flaw,
    Generate,
    Pick,
    Reply,
    Request,
    Score,
    Shown,
    TrajectoryRow,
    Worked,
)  # fmt: skip
from lab.core.layout import placeholders
from lab.i18n import gettext_lazy
from lab.optimizers import fitting
from lab.optimizers.fitting import Wording, wording
from lab.optimizers.meta_prompts import fill
from lab.optimizers.placing import PLACES, Position, bare, framed
from lab.optimizers.replies import (
    TAGS,
    candidate_flaw,
    checked,
    each,
    flawed,
    not_empty,
    prompts,
    read_from,
    unflawed,
)
from lab.optimizers.rows import present, subset
from lab.optimizers.settings import Presets, choice, in_both, in_code, longest_text, number
from lab.optimizers.steps import Plain, best_first

INS = "<INS>"
HELD = 4  # prompts worth measuring on dev: as many as a usual beam
SPARE = 50  # options offered beside those chosen
REMEMBERED = 100  # rows of the trajectory that are carried on, the best; more where more are shown
WORD = 6  # characters of a word with its space, to say a length in words


Criteria = Literal["random", "constant", "accumulative_most_frequent", "current_most_frequent"]
Parts = Literal["both", "instructions_only"]
Schedule = Literal["constant", "linear"]


@dataclass(frozen=True)
class Settings:
    """Every setting of OPRO, with its range and source; "paper" is section 5.1, "code" the authors' defaults."""

    rounds: int = number(200, 1, 1000, gettext_lazy("steps, {range}"), in_both(200))
    proposals: int = number(8, 1, 64, gettext_lazy("new instructions asked for in a step, {range}"), in_both(8))
    shown: int = number(
        20, 1, 200, gettext_lazy("instructions shown with their scores, the best, {range}"), in_both(20)
    )
    buckets: int = number(
        100, 1, 1000, gettext_lazy("whole numbers that scores are shown as, from 0 to this, {range}"), in_both(100)
    )
    threshold: float = number(
        0.0,
        0,
        1,
        gettext_lazy("score below which an instruction is not shown, {range}"),
        gettext_lazy("0 is off; code: 0, or .3 for GPT targets"),
    )
    exemplars: int = number(3, 0, 64, gettext_lazy("problems shown, {range}"), in_both(3))
    criteria: Criteria = choice(
        "random",
        get_args(Criteria),
        gettext_lazy(
            'which problems are shown: drawn anew each step ("random", paper and code), the same ones ("constant"),'
            ' those answered wrongly most often by all instructions so far ("accumulative_most_frequent") or by '
            'those now shown ("current_most_frequent")'
        ),
    )
    meta_prompt: Parts = choice(
        "both",
        get_args(Parts),
        gettext_lazy(
            '"both" shows instructions and problems (paper, tuned models), "instructions_only" no problems (paper, '
            "pre-trained models)"
        ),
    )
    position: Position = choice(
        "before_question",
        get_args(Position),
        gettext_lazy(
            'where the instruction stands: "before_question", "question_start", "question_end" or "answer_start"'
        ),
        gettext_lazy('paper: by model, code: "answer_start"; here "before_question", the lab\'s usual layout'),
    )
    schedule: Schedule = choice(
        "constant",
        get_args(Schedule),
        gettext_lazy('"constant" temperature (paper) or "linear" from `temperature` to `temperature_end` (code)'),
    )
    temperature: float = number(1.0, 0, 2, gettext_lazy("of the optimizer model, {range}"), in_both(1))
    temperature_end: float = number(1.0, 0, 2, gettext_lazy("of the last step of a linear schedule, {range}"), "1")
    patience: int = number(
        0,
        0,
        1000,
        gettext_lazy("steps without a better best after which the search ends, {range}"),
        gettext_lazy("0 is off, as in the paper"),
        never=0,
    )
    rows: int = number(
        50,
        1,
        10_000,
        gettext_lazy("train examples that every instruction is scored on, {range}"),
        gettext_lazy("paper: 50, a fifth of a BBH task"),
    )
    longest: int = longest_text(500, gettext_lazy("characters an instruction may have, {range}"), in_code(500))
    wording: Wording = wording()


# Settings by the name of a preset, over the defaults, which are the paper's.
PRESETS: Presets = {
    "paper": {},
    "quick": {"rounds": 5, "proposals": 4, "shown": 8, "rows": 24},
    "thrifty": {"rounds": 10, "proposals": 2, "shown": 8, "rows": 16, "patience": 3},
}


def start(context: Context[Settings], handed: tuple[str, ...] = ()) -> Baseline:
    """Begin with the task's start prompt, or those handed over, in the frame of its position."""
    texts = dict.fromkeys(_framed(text, context) for text in handed or (context.task.start,))
    return Baseline(0, tuple(TrajectoryRow(text) for text in texts), ("",) * len(texts))


# Where phases are skipped


def _after_trajectory(
    search: Trajectory, context: Context[Settings], shown: tuple[TrajectoryRow, ...], typed: tuple[str, ...]
) -> Exemplars | Propose:
    """Go to the problems, or on to the proposals where none are to be shown or none are left."""
    known = (search.round, search.rows, search.marks, search.examples, shown, typed)
    if Exemplars.applies(context.settings) and present(context, search.examples):
        return Exemplars(*known, forgotten=search.forgotten)
    return Propose(*known, forgotten=search.forgotten)


@dataclass(frozen=True)
class _Search(Plain):
    """What every phase knows: the trajectory in the order made, and the examples it is scored on.

    `marks` has a text for each row: for each of `examples` "1" is a wrong answer, "0" a right one, "-" none.
    """

    round: int
    rows: tuple[TrajectoryRow, ...]
    marks: tuple[str, ...]
    examples: tuple[str, ...] = ()
    forgotten: tuple[int, ...] = field(default=(), kw_only=True)  # wrong answers an example of rows let go

    @property
    def prompts(self) -> tuple[str, ...]:
        """The best prompts of the trajectory; those that were not measured come last."""
        return tuple(row.text for row in best_first(self.rows)[:HELD])

    def next_step(self) -> Trajectory:
        """Go on to the next step with the trajectory as it is."""
        return Trajectory(self.round + 1, self.rows, self.marks, self.examples, forgotten=self.forgotten)


@dataclass(frozen=True)
class Baseline(_Search):
    title: ClassVar[str] = gettext_lazy("Score the start prompt")
    term: ClassVar[str] = gettext_lazy("initial instruction")
    shows: ClassVar[Shown] = "scores"
    about: ClassVar[str] = gettext_lazy(
        "The target model answers a fixed subset of train with the start prompt; all later prompts get the same."
    )
    passes: ClassVar[bool] = True

    def ask(self, context: Context[Settings], sample: int = 0) -> Evaluate:
        return Evaluate(tuple(row.text for row in self.rows), subset(context, sample))

    def tell(self, context: Context[Settings], kept: tuple[Score, ...]) -> Trajectory:
        examples = kept[0].about if kept else subset(context, 0)
        told = tuple(_row(score, 0) for score in kept) or self.rows
        marks = tuple(_marks(score, examples) for score in kept) or self.marks
        return Trajectory(0, told, marks, examples)


@dataclass(frozen=True)
class Trajectory(_Search):
    """The rows to show, ascending, then spare ones; what a person types is scored before it can be shown."""

    title: ClassVar[str] = gettext_lazy("Choose what is shown")
    term: ClassVar[str] = gettext_lazy("optimization trajectory")
    shows: ClassVar[Shown] = "trajectory"
    about: ClassVar[str] = gettext_lazy(
        "The best prompts so far are shown to the optimizer model with their scores, ascending."
    )

    def ask(self, context: Context[Settings], sample: int = 0) -> Pick | Done:
        best = best_first(self.rows)
        idle = self.round - best[0].step
        if self.round >= context.settings.rounds or 0 < context.settings.patience <= idle:
            return Done(best[0].text)
        shown = self._shown(context)
        texts = {row.text for row in shown}
        spare = [row for row in best if row.text not in texts][:SPARE]
        return Pick((*shown, *spare), tuple(range(len(shown))))

    def _shown(self, context: Context[Settings]) -> tuple[TrajectoryRow, ...]:
        measured = [row for row in self.rows if row.score is not None]
        good = [row for row in measured if (row.score or 0) >= context.settings.threshold]
        return _ascending(good or best_first(self.rows)[:1])[-context.settings.shown :]

    def check(self, context: Context[Settings], items: tuple[TrajectoryRow, ...]) -> tuple[TrajectoryRow, ...]:
        """Return a row its own score back; a text that was not scored has none, whatever stood there before."""
        own, seen, told = {row.text: row for row in self.rows}, set[str](), []
        for item in items:
            text = _framed(item.text, context)
            row = own.get(text) or replace(item, text=text, flaw=None, score=None, step=self.round + 1)
            stays = text in own and _bare(text, context) not in seen  # a long start prompt, for one
            told.append(row if stays else flawed(row, _flaw(text, seen, context)))
            seen.add(_bare(text, context))
        return tuple(told)

    def tell(self, context: Context[Settings], kept: tuple[TrajectoryRow, ...]) -> Exemplars | Propose:
        """Show what was kept and has a score; where nothing has, the best row: nothing can be learned of none."""
        own = {row.text: row for row in self.rows}
        shown = _ascending(own[row.text] for row in kept if row.text in own) or best_first(self.rows)[:1]
        typed = tuple(dict.fromkeys(row.text for row in kept if row.text not in own))
        return _after_trajectory(self, context, shown, typed)


@dataclass(frozen=True)
class _Step(_Search):
    """What a step knows once its rows are chosen: `shown`, and the prompts `typed` that wait to be scored."""

    shown: tuple[TrajectoryRow, ...] = ()
    typed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Exemplars(_Step):
    title: ClassVar[str] = gettext_lazy("Choose the problems")
    term: ClassVar[str] = gettext_lazy("exemplars")
    shows: ClassVar[Shown] = "demonstrations"
    example: ClassVar[Worked] = (
        (gettext_lazy("“the party is on 3/4/21” → 2021-04-03"), gettext_lazy("the prompts so far")),
        gettext_lazy("a problem that the optimizer model sees beside the scores"),
    )
    about: ClassVar[str] = gettext_lazy(
        "A few train examples with their reference answers show what the instruction is for."
    )

    @staticmethod
    def applies(settings: Settings) -> bool:
        return settings.meta_prompt == "both" and settings.exemplars > 0

    def ask(self, context: Context[Settings], sample: int = 0) -> Pick:
        s, known, missed = context.settings, present(context, self.examples), self._missed(context)
        rng = context.rng(*(() if s.criteria == "constant" else (self.round,)), "exemplars", sample=sample)
        drawn = sorted(rng.sample(known, len(known)), key=lambda example: -missed[example.id])
        options = tuple(
            Demonstration(
                one.input, _about(missed[one.id]), None, one.id, one.answer, 0 if i < s.exemplars else None
            )
            for i, one in enumerate(drawn[: s.exemplars + SPARE])
        )
        return Pick(options, tuple(range(min(s.exemplars, len(options)))))

    def _missed(self, context: Context[Settings]) -> Counter[str]:
        """Count the wrong answers of each example; no counts where they do not matter."""
        criteria, shown = context.settings.criteria, {row.text for row in self.shown}
        past = self.forgotten if criteria == "accumulative_most_frequent" else ()
        return Counter(dict(zip(self.examples, past, strict=False))) + Counter(
            id
            for row, marks in zip(self.rows, self.marks, strict=True)
            if criteria == "accumulative_most_frequent"
            or (criteria == "current_most_frequent" and row.text in shown)
            for id, mark in zip(self.examples, marks, strict=False)
            if mark == "1"
        )

    def check(self, context: Context[Settings], items: tuple[Demonstration, ...]) -> tuple[Demonstration, ...]:
        return not_empty(items)

    def tell(self, context: Context[Settings], kept: tuple[Demonstration, ...]) -> Propose:
        known = (self.round, self.rows, self.marks, self.examples)
        return Propose(*known, self.shown, self.typed, kept, forgotten=self.forgotten)


@dataclass(frozen=True)
class Propose(_Step):
    exemplars: tuple[Demonstration, ...] = ()

    title: ClassVar[str] = gettext_lazy("Review proposals")
    term: ClassVar[str] = gettext_lazy("new solutions")
    shows: ClassVar[Shown] = "candidates"
    example: ClassVar[Worked] = (
        (gettext_lazy("“Give the date.” 42"), gettext_lazy("“Give the date as YYYY-MM-DD.” 71")),
        gettext_lazy("“Give the date as YYYY-MM-DD and nothing else.”"),
    )
    about: ClassVar[str] = gettext_lazy(
        "The optimizer model writes instructions that should score higher than all it was shown."
    )
    writes_prompts: ClassVar[bool] = True

    def ask(self, context: Context[Settings], sample: int = 0) -> Generate:
        s, put = context.settings, fitting.delimited(context)
        slots: dict[str, str | int] = {
            "where": PLACES[s.position].words,
            "trajectory": "\n\n".join(
                f"<TEXT>{_bare(row.text, context)}</TEXT>\nScore: {_points(row.score, s.buckets)}"
                for row in self.shown
            ),
            "exemplars": "\n\n".join(
                PLACES[s.position].problem.format(input=put(one.text), answer=put(one.answer))
                for one in self.exemplars
            ),
            "buckets": s.buckets,
            "length": _length(context),
            "aim": self._request(context),
            "keep": "" if fitting.is_fitted(context) else _keep(context),
            "judged": fitting.judging(context),
            "stays": fitting.stays(context, _start(context), "the instructions above"),
        }
        name = "opro_both" if self.exemplars else "opro_instructions_only"
        about = gettext_lazy(
            "{n_proposals} proposals after {n_prompts} scored prompts and {n_problems} problems",
            n_proposals=s.proposals, n_prompts=len(self.shown), n_problems=len(self.exemplars),
        )  # fmt: skip
        return Generate(
            (Request(fill(name, **slots), s.proposals, _temperature(self.round, context), about=about, tags=TAGS),)
        )

    def _request(self, context: Context[Settings]) -> str:
        """Say what is to be written; above the highest score there is nothing, so that another way is asked for."""
        of = "" if self.exemplars else " for the same task"
        if fitting.is_fitted(context) and any(row.score == 1 for row in self.shown):
            return (
                f"The highest score there is has been reached. Write one new instruction{of} that asks for the "
                "same in a way unlike all of the above, so that it holds for problems that are not shown as well."
            )
        higher = "that is unlike all of the above and will score higher than every one of them."
        return f"Write one instruction{of} {higher}"

    def read(self, context: Context[Settings], replies: tuple[tuple[Reply, ...], ...]) -> tuple[Candidate, ...]:
        made = tuple(
            read_from(Candidate(one.text, parent=self.prompts[0], origin="proposal"), one, i)
            for _, i, reply in each(("",), replies)
            for one in prompts(reply)
        )
        return self._checked(made, context)

    def check(self, context: Context[Settings], items: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        return self._checked(unflawed(items), context)

    def _checked(self, made: tuple[Candidate, ...], context: Context[Settings]) -> tuple[Candidate, ...]:
        """Frame each and mark what cannot be used."""
        taken = (_bare(text, context) for text in (*(row.text for row in self.rows), *self.typed))
        framed = (replace(item, text=_framed(item.text, context)) for item in made)
        return checked(
            framed, lambda item, seen: _flaw(item.text, seen, context), taken, lambda text: _bare(text, context)
        )

    def tell(self, context: Context[Settings], kept: tuple[Candidate, ...]) -> Measure | Trajectory:
        own = {row.text for row in self.rows}
        texts = dict.fromkeys((*self.typed, *(item.text for item in kept)))
        new = tuple(text for text in texts if text not in own)
        if not (new and present(context, self.examples)):
            return self.next_step()
        return Measure(self.round, self.rows, self.marks, self.examples, new, forgotten=self.forgotten)


@dataclass(frozen=True)
class Measure(_Search):
    texts: tuple[str, ...] = ()

    title: ClassVar[str] = gettext_lazy("Score the proposals")
    term: ClassVar[str] = gettext_lazy("scoring")
    shows: ClassVar[Shown] = "scores"
    about: ClassVar[str] = gettext_lazy("The target model answers the fixed subset of train with each new prompt.")
    passes: ClassVar[bool] = True

    def ask(self, context: Context[Settings], sample: int = 0) -> Evaluate:
        return Evaluate(self.texts, tuple(example.id for example in present(context, self.examples)))

    def tell(self, context: Context[Settings], kept: tuple[Score, ...]) -> Trajectory:
        rows = (*self.rows, *(_row(score, self.round + 1) for score in kept))
        marks = (*self.marks, *(_marks(score, self.examples) for score in kept))
        return _remembered(self, rows, marks, context).next_step()


PHASES = (Baseline, Trajectory, Exemplars, Propose, Measure)


def _remembered(
    known: Measure, rows: tuple[TrajectoryRow, ...], marks: tuple[str, ...], context: Context[Settings]
) -> Measure:
    """Carry the best rows on; of the others only how often each example was answered wrongly."""
    most = max(REMEMBERED, 2 * context.settings.shown)
    ranked = sorted(range(len(rows)), key=lambda i: (rows[i].score is None, -(rows[i].score or 0)))
    kept, let_go = sorted(ranked[:most]), ranked[most:]
    past = known.forgotten or (0,) * len(known.examples)
    wrong = tuple(n + sum(marks[i][k : k + 1] == "1" for i in let_go) for k, n in enumerate(past))
    return replace(
        known,
        rows=tuple(rows[i] for i in kept),
        marks=tuple(marks[i] for i in kept),
        forgotten=wrong if let_go else known.forgotten,
    )


def _row(score: Score, step: int) -> TrajectoryRow:
    return TrajectoryRow(score.text, score=score.mean, step=step)


def _marks(score: Score, examples: tuple[str, ...]) -> str:
    hits = dict(zip(score.about, score.hits, strict=True))
    return "".join("-" if (hit := hits.get(id)) is None else "1" if hit < 1 else "0" for id in examples)


def _ascending(rows: Iterable[TrajectoryRow]) -> tuple[TrajectoryRow, ...]:
    return tuple(sorted(rows, key=lambda row: row.score or 0))


def _points(score: float | None, buckets: int) -> str:
    return "not measured" if score is None else str(round(score * buckets))


def _temperature(round: int, context: Context[Settings]) -> float:
    s = context.settings
    gone = round / (s.rounds - 1) if s.schedule == "linear" and s.rounds > 1 else 0.0
    return float(s.temperature + gone * (s.temperature_end - s.temperature))


def _framed(text: str, context: Context[Settings]) -> str:
    return framed(text, context.settings.position, context.task.inputs)


def _bare(text: str, context: Context[Settings]) -> str:
    return bare(text, context.settings.position, context.task.inputs)


def _flaw(text: str, seen: Iterable[str], context: Context[Settings]) -> Flaw | None:
    if INS in text.upper():
        return Flaw("position_mark", texts=(INS,))
    longest, task = context.settings.longest, context.task
    return candidate_flaw(_bare(text, context), _start(context), seen, longest, task.inputs, task.start)


def _start(context: Context[Settings]) -> str:
    return _bare(_framed(context.task.start, context), context)


def _length(context: Context[Settings]) -> str:
    """Say how long an instruction may be: in the unit that is checked, and in words, which a model can count."""
    longest = context.settings.longest
    words = f"{max(1, longest // WORD)} words"
    return f"{words} ({longest} characters)" if fitting.is_fitted(context) else words


def _keep(context: Context[Settings]) -> str:
    slots = ", ".join(placeholders(_start(context), context.task.inputs))
    return f" Keep {slots} in it as it stands." if slots else ""


def _about(missed: int) -> tuple[str, ...]:
    return (gettext_lazy("answered wrongly by {n} of the prompts", n=missed),) if missed else ()
