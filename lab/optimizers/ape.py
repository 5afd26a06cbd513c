"""APE: large language models as prompt engineers (Zhou et al., ICLR 2023).

Algorithm 1 with the staged scoring of section 3.2 and the resampling of section 3.3, one phase a line:

    Demonstrations   draw groups of input-output pairs             section 3.1
    Induce           U = instructions that explain a group         Alg. 1, l. 1; forward, reverse or custom
    while not converged:                                           Alg. 1, l. 2
        Stage        score U on a small part of train              Alg. 1, l. 3-6; section 3.2
        Survivors    keep the best share; score on fresh rows      section 3.2, until few are left
        Stage        score the few on the whole of train           section 3.2
        Best         U_k = the k best                              Alg. 1, l. 7
        Resample     U = U_k and its paraphrases                   Alg. 1, l. 8; section 3.3
    the first of U_k is the result                                 Alg. 1, the return

differs: all candidates of a stage see the same rows (the authors' code draws rows for each, so that luck is
compared too). The start prompt competes with the induced ones. The k best keep their score on the whole of
train, and only what is new goes through the stages, so that no round can lose the best by a bad draw.
Rows of the last stage that were used before are asked for again: every finalist is measured on the whole,
one that a person wrote on the way as well. A prompt that was not measured is never ranked (their code scores
it 0, which as a log-probability is the best there is). A reply that cannot be used stays as an item with its
flaw (theirs is not looked at), and none is cut off at 50 tokens. Likelihood is the mean over the rows (theirs
may be a median or another figure), and what was measured by another score than the latest is measured anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass, replace
from typing import ClassVar, Literal, get_args

from lab.core.asks import (
    By,
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
    Worked,
)  # fmt: skip
from lab.i18n import gettext_lazy
from lab.optimizers import fitting
from lab.optimizers.bandits import Arms
from lab.optimizers.fitting import Wording, wording
from lab.optimizers.meta_prompts import fill
from lab.optimizers.replies import TAGS, candidate_flaw, checked, each, prompts, read_from, unflawed
from lab.optimizers.settings import Presets, choice, in_both, in_code, longest_text, number
from lab.optimizers.steps import Plain, best_first, grouped

GAP = "[BLANK]"  # where an instruction is missing in ape_reverse.md
SPARE = 20  # further train examples offered as demonstrations


Mode = Literal["forward", "reverse", "custom"]


@dataclass(frozen=True)
class Settings:
    """Every setting of APE, with its range and source; "code" is the authors' `simple_ape`."""

    rounds: int = number(
        1,
        1,
        100,
        gettext_lazy("rounds of scoring, {range}: the first, and one for each resampling"),
        gettext_lazy("paper: 1, and with resampling about 3 more until nothing changes"),
    )
    mode: Mode = choice(
        "forward",
        get_args(Mode),
        gettext_lazy('"forward", "reverse" or "custom", the meta-prompt that asks for candidates'),
        gettext_lazy("paper: all three"),
    )
    subsamples: int = number(
        5, 1, 64, gettext_lazy("groups of demonstrations, and so requests for candidates, {range}"), in_code(5)
    )
    demos: int = number(5, 1, 64, gettext_lazy("train examples in a group, {range}"), in_both(5))
    proposals: int = number(
        10,
        1,
        64,
        gettext_lazy("candidates asked for per group, {range}"),
        gettext_lazy("code: 10, which makes the paper's 50"),
    )
    stage_rows: int = number(
        20,
        1,
        10_000,
        gettext_lazy("fresh train examples per stage, {range}"),
        gettext_lazy("code (instruction induction): 20, in one stage"),
    )
    survive: float = number(
        0.5,
        0,
        1,
        gettext_lazy("share of the candidates that go on from stage to stage, {range}"),
        gettext_lazy("0.5, this project's own (the paper leaves the threshold open)"),
    )
    finalists: int = number(
        5,
        1,
        64,
        gettext_lazy(
            "candidates that are scored on the whole of train, and prompts kept and resampled (the paper's k), "
            "{range}"
        ),
        gettext_lazy("5, this project's own"),
    )
    full_rows: int = number(
        10_000,
        1,
        10_000,
        gettext_lazy("train examples in the last stage, {range}"),
        gettext_lazy("paper: all, as here where train has no more"),
    )
    score: By = choice(
        "answers",
        get_args(By),
        gettext_lazy(
            'what candidates are compared by: "answers" is execution accuracy, "likelihood" the mean log-'
            "probability of a token of the reference answer, where the endpoint of the target model can tell it"
        ),
        gettext_lazy("paper (section 3.2): both, with execution accuracy the better one; code: likelihood"),
    )
    paraphrases: int = number(
        10,
        1,
        64,
        gettext_lazy("paraphrases asked for per kept prompt, {range}"),
        gettext_lazy("10, so that U is as large as at first"),
    )
    patience: int = number(
        1,
        0,
        100,
        gettext_lazy("resampling rounds without a better prompt after which it ends, 0 to go on"),
        gettext_lazy('1, as in "until convergence"'),
        never=0,
    )
    temperature: float = number(0.9, 0, 2, gettext_lazy("of the optimizer model, {range}"), in_code(0.9))
    longest: int = longest_text()
    wording: Wording = wording()


# Settings by the name of a preset, over the defaults, which are the paper's.
PRESETS: Presets = {
    "paper": {},
    "quick": {"subsamples": 2, "proposals": 5, "stage_rows": 10, "finalists": 3, "full_rows": 40},
    "thrifty": {"subsamples": 2, "proposals": 4, "stage_rows": 8, "finalists": 2, "full_rows": 24},
}


def start(context: Context[Settings], handed: tuple[str, ...] = ()) -> Demonstrations:
    """Begin with the task's start prompt, or those handed over, which will compete with what is induced."""
    return Demonstrations(0, tuple(Candidate(text) for text in handed or (context.task.start,)))


# Where phases are skipped, and how a round ends


def _to_scoring(phase: _Pool, made: tuple[Candidate, ...]) -> Stage | Resample:
    """Begin the scoring of what is not measured: prompts of the pool, then those that were made."""
    waiting = tuple(prompt for prompt in phase.pool if prompt.score is None)
    candidates = (*waiting, *made)
    if not candidates:
        return _next_round(phase, ())
    return Stage(phase.round, phase.pool, phase.stale, candidates, Arms.unmeasured(len(candidates)))


def _next_round(phase: _Pool, kept: tuple[Candidate, ...]) -> Resample:
    """End a round: what was kept is the pool; without a better or a yet unmeasured prompt nothing was gained."""
    before = max((prompt.score for prompt in phase.pool if prompt.score is not None), default=None)
    gained = before is None or any(prompt.score is None or prompt.score > before for prompt in kept)
    return Resample(phase.round + 1, kept or phase.pool, 0 if gained else phase.stale + 1)


@dataclass(frozen=True)
class _Pool(Plain):
    """What every phase knows: the k best prompts, best first, and how many rounds brought no better one."""

    round: int
    pool: tuple[Candidate, ...]
    stale: int = 0

    @property
    def prompts(self) -> tuple[str, ...]:
        """The best prompts of the last round, best first; the start prompt before that."""
        return tuple(prompt.text for prompt in self.pool)


@dataclass(frozen=True)
class _Proposing(_Pool):
    """What the phases have in common whose items are prompts that nothing is known of yet."""

    def check(self, context: Context[Settings], items: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        return _checked(unflawed(items), context, taken=self.prompts)

    def tell(self, context: Context[Settings], kept: tuple[Candidate, ...]) -> Stage | Resample:
        return _to_scoring(self, kept)


@dataclass(frozen=True)
class Demonstrations(_Pool):
    title: ClassVar[str] = gettext_lazy("Choose demonstrations")
    term: ClassVar[str] = gettext_lazy("demonstrations")
    shows: ClassVar[Shown] = "demonstrations"
    about: ClassVar[str] = gettext_lazy(
        "Train examples are drawn into small groups; each group is shown to the optimizer model together."
    )

    def ask(self, context: Context[Settings], sample: int = 0) -> Pick:
        s, train = context.settings, context.task.train
        drawn: list[Demonstration] = []
        for g in range(s.subsamples):
            rows = context.rng(self.round, "demonstrations", g, sample=sample).sample(
                train, min(s.demos, len(train))
            )
            drawn += (Demonstration(row.input, (), None, row.id, row.answer, g) for row in rows)
        taken = {shown.example for shown in drawn}
        rest = [row for row in train if row.id not in taken]
        rest = context.rng(self.round, "spare", sample=sample).sample(rest, min(SPARE, len(rest)))
        spare = (Demonstration(row.input, (), None, row.id, row.answer) for row in rest)
        return Pick((*drawn, *spare), tuple(range(len(drawn))))

    def tell(self, context: Context[Settings], kept: tuple[Demonstration, ...]) -> Induce | Stage | Resample:
        """Keep the drawn groups that are left; an example picked by hand joins the smallest one."""
        groups = grouped(kept)
        if not groups:
            return _to_scoring(self, ())
        return Induce(self.round, self.pool, self.stale, groups)


@dataclass(frozen=True)
class Induce(_Proposing):
    groups: tuple[tuple[Demonstration, ...], ...] = ()

    title: ClassVar[str] = gettext_lazy("Review the candidates")
    term: ClassVar[str] = gettext_lazy("instruction induction")
    shows: ClassVar[Shown] = "candidates"
    example: ClassVar[Worked] = (
        ("echo → ECHO", "nail → lian"),
        gettext_lazy("“Write words that begin with a vowel in upper case, and others backwards.”"),
    )
    about: ClassVar[str] = gettext_lazy(
        "The optimizer model says which instruction each group of demonstrations follows. In reverse mode it fills "
        "a marked blank: through the endpoint's infill where it has one, else in a chat, as is said under Models."
    )
    writes_prompts: ClassVar[bool] = True

    def ask(self, context: Context[Settings], sample: int = 0) -> Generate:
        return Generate(tuple(_induction(i, group, context) for i, group in enumerate(self.groups, 1)))

    def read(self, context: Context[Settings], replies: tuple[tuple[Reply, ...], ...]) -> tuple[Candidate, ...]:
        made = tuple(
            read_from(Candidate(one.text, tuple(shown.example for shown in group), origin="induced"), one, i)
            for group, i, reply in each(self.groups, replies)
            for one in prompts(reply)
        )
        return _checked(made, context, taken=self.prompts)


@dataclass(frozen=True)
class Stage(_Pool):
    """Candidates on fresh rows; on all of them at once when only a few candidates, or no fresh rows, are left."""

    candidates: tuple[Candidate, ...] = ()
    arms: Arms = Arms.unmeasured(0)  # noqa: RUF009, a frozen value
    seen: tuple[str, ...] = ()  # ids of the rows of this round's stages so far

    title: ClassVar[str] = gettext_lazy("Measure the candidates")
    term: ClassVar[str] = gettext_lazy("staged scoring")
    shows: ClassVar[Shown] = "scores"
    about: ClassVar[str] = gettext_lazy(
        "All candidates are measured on a few train examples, the best of them on fresh ones, the last few on the "
        "whole of train: by their answers or, with the setting score, by how likely they make the right ones."
    )
    passes: ClassVar[bool] = True

    def ask(self, context: Context[Settings], sample: int = 0) -> Evaluate:
        s, rows, seen = context.settings, _full(context), frozenset(self.seen)
        texts = tuple(candidate.text for candidate in self.candidates)
        fresh = [id for id in rows if id not in seen]
        if len(self.candidates) <= s.finalists or not fresh:
            return Evaluate(texts, rows, by=s.score)
        rng = context.rng(self.round, "stage", len(self.seen), sample=sample)
        return Evaluate(texts, tuple(rng.sample(fresh, min(s.stage_rows, len(fresh)))), by=s.score)

    def tell(self, context: Context[Settings], kept: tuple[Score, ...]) -> Survivors | Stage | Best:
        by = kept[0].by if kept else self.arms.by
        hits = {score.text: [hit for hit in score.hits if hit is not None] for score in kept}
        pull = {
            arm: (len(hits[candidate.text]), sum(hits[candidate.text]))
            for arm, candidate in enumerate(self.candidates)
            if candidate.text in hits
        }
        if not kept or len(kept[0].about) >= len(_full(context)):
            if any(prompt.score is not None and prompt.by != by for prompt in self.pool):
                return self._measured_anew(context)
            arms = Arms.unmeasured(len(self.candidates)).pulled(pull, by)
            known = tuple(prompt for prompt in self.pool if prompt.score is not None)
            best = best_first((*known, *_measured(self.candidates, arms)))
            return Best(self.round, self.pool, self.stale, best)
        arms, seen = self.arms.pulled(pull, by), (*self.seen, *kept[0].about)
        return Survivors(self.round, self.pool, self.stale, _measured(self.candidates, arms), arms, seen)

    def _measured_anew(self, context: Context[Settings]) -> Stage:
        """Let the pool, whose scores do not compare any more, go through the last stage with the finalists."""
        pool = tuple(_unmeasured(prompt) for prompt in self.pool)
        waiting = tuple(new for old, new in zip(self.pool, pool, strict=True) if old.score is not None)
        candidates = (*waiting, *self.candidates)
        return Stage(self.round, pool, self.stale, candidates, Arms.unmeasured(len(candidates)), _full(context))


@dataclass(frozen=True)
class Survivors(_Pool):
    """The candidates in the order of `arms`, each with its mean over all stages so far."""

    candidates: tuple[Candidate, ...] = ()
    arms: Arms = Arms.unmeasured(0)  # noqa: RUF009, a frozen value
    seen: tuple[str, ...] = ()

    title: ClassVar[str] = gettext_lazy("Choose the survivors")
    term: ClassVar[str] = gettext_lazy("filtering")
    shows: ClassVar[Shown] = "candidates"
    example: ClassVar[Worked] = (
        (
            gettext_lazy("“Write it backwards.” 8 of 15"),
            gettext_lazy("“Upper case for a vowel, else backwards.” 12 of 15"),
        ),
        gettext_lazy("the second, which answers more words"),
    )
    about: ClassVar[str] = gettext_lazy(
        "The candidates with the best mean so far go on to be measured on fresh examples."
    )

    def ask(self, context: Context[Settings], sample: int = 0) -> Pick:
        s, n = context.settings, len(self.candidates)
        fresh = len(_full(context)) > len(self.seen)
        kept = max(s.finalists, round(s.survive * n)) if fresh else s.finalists
        return Pick(best_first(self.candidates), tuple(range(min(kept, len(self.arms.ranked())))))

    def check(self, context: Context[Settings], items: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        """Take the mean away from a candidate whose text was changed: it was not measured."""
        known = (prompt.text for prompt in self.pool if prompt.score is not None)
        return _checked(unflawed(items), context, taken=known, known=self.candidates)

    def tell(self, context: Context[Settings], kept: tuple[Candidate, ...]) -> Stage | Resample:
        """Go on with what is left; where nothing is, the round is over and changed nothing."""
        if not kept:
            return _next_round(self, ())
        place = {candidate.text: arm for arm, candidate in enumerate(self.candidates)}
        known = {
            i: (self.arms.counts[place[prompt.text]], self.arms.sums[place[prompt.text]])
            for i, prompt in enumerate(kept)
            if prompt.text in place
        }
        arms = Arms.unmeasured(len(kept)).pulled(known, self.arms.by)
        return Stage(self.round, self.pool, self.stale, kept, arms, self.seen)


@dataclass(frozen=True)
class Best(_Pool):
    """The pool and the finalists, all measured on the same rows, best first."""

    candidates: tuple[Candidate, ...] = ()

    title: ClassVar[str] = gettext_lazy("Keep the best")
    term: ClassVar[str] = gettext_lazy("top k")
    shows: ClassVar[Shown] = "candidates"
    example: ClassVar[Worked] = (
        (
            gettext_lazy("“Upper case for a vowel, else backwards.” 46 of 60"),
            gettext_lazy("“Write it backwards.” 30 of 60"),
        ),
        gettext_lazy("the first, the best so far"),
    )
    about: ClassVar[str] = gettext_lazy(
        "The best on the whole of train are kept; the first of them is the result so far."
    )

    def ask(self, context: Context[Settings], sample: int = 0) -> Pick:
        measured = sum(candidate.score is not None for candidate in self.candidates)
        return Pick(self.candidates, tuple(range(min(context.settings.finalists, measured))))

    def check(self, context: Context[Settings], items: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        """Take the score away from a candidate whose text was changed: it was not measured."""
        return _checked(unflawed(items), context, known=self.candidates)

    def tell(self, context: Context[Settings], kept: tuple[Candidate, ...]) -> Resample:
        return _next_round(self, kept)


@dataclass(frozen=True)
class Resample(_Proposing):
    title: ClassVar[str] = gettext_lazy("Review paraphrases")
    term: ClassVar[str] = gettext_lazy("Monte-Carlo resampling")
    shows: ClassVar[Shown] = "candidates"
    example: ClassVar[Worked] = (
        (gettext_lazy("“Upper case for a vowel, else backwards.”"),),
        gettext_lazy("“Reverse the word, unless it begins with a vowel: then capitalise all of it.”"),
    )
    about: ClassVar[str] = gettext_lazy("Each of the best prompts is also tried in other words.")
    writes_prompts: ClassVar[bool] = True

    def ask(self, context: Context[Settings], sample: int = 0) -> Generate | Done:
        s = context.settings
        if self.round >= s.rounds or (s.patience and self.stale >= s.patience):
            return Done(self.pool[0].text)
        return Generate(tuple(
            Request(
                fill(
                    "ape_resample",
                    prompt=prompt.text,
                    judged=fitting.judging(context),
                    stays=fitting.stays(context, prompt.text, "the instructions"),
                ),
                n=s.paraphrases,
                temperature=s.temperature,
                about=gettext_lazy("{n} paraphrases of prompt {prompt}", n=s.paraphrases, prompt=i),
            )
            for i, prompt in enumerate(self.pool, 1)
        ))  # fmt: skip

    def read(self, context: Context[Settings], replies: tuple[tuple[Reply, ...], ...]) -> tuple[Candidate, ...]:
        made = tuple(
            read_from(Candidate(one.text, (f"prompt {p + 1}",), None, self.pool[p].text, "paraphrase", p), one, i)
            for p, i, reply in each(range(len(self.pool)), replies)
            for one in prompts(reply, tags=False)
        )
        return _checked(made, context, taken=self.prompts)


PHASES = (Demonstrations, Induce, Stage, Survivors, Best, Resample)


def _induction(number: int, group: tuple[Demonstration, ...], context: Context[Settings]) -> Request:
    s, task = context.settings, context.task
    demos = fitting.demonstrations(context, group)
    slots = {
        "task": fitting.described(context),
        "labels": ", ".join(task.labels) or "any text",
        "start": task.start,
        "judged": fitting.judging(context),
        "induced": fitting.induced(context),
        "stays": fitting.stays(context, task.start, "what it has been told so far"),
    }
    return Request(
        fill(f"ape_{s.mode}", demos=demos, **slots),
        n=s.proposals,
        temperature=s.temperature,
        about=gettext_lazy("{n} candidates from group {group} of demonstrations", n=s.proposals, group=number),
        suffix=f"\n\n{demos}" if s.mode == "reverse" else None,  # as it stands after the gap in ape_reverse.md
        tags=TAGS,
        gap=GAP if s.mode == "reverse" else "",
    )


def _full(context: Context[Settings]) -> tuple[str, ...]:
    """The rows of the last stage, the same in all rounds: scores on them can be compared."""
    ids = tuple(example.id for example in context.task.train)
    n = context.settings.full_rows
    return ids if n >= len(ids) else tuple(context.rng("full").sample(ids, n))


def _measured(candidates: tuple[Candidate, ...], arms: Arms) -> tuple[Candidate, ...]:
    return tuple(
        replace(candidate, score=arms.mean(arm), n_rows=arms.counts[arm], by=arms.by)
        for arm, candidate in enumerate(candidates)
    )


def _unmeasured(prompt: Candidate) -> Candidate:
    return replace(prompt, score=None, n_rows=0, by="answers")


def _checked(
    items: tuple[Candidate, ...],
    context: Context[Settings],
    taken: Iterable[str] = (),
    known: tuple[Candidate, ...] = (),
) -> tuple[Candidate, ...]:
    """Mark what cannot be a candidate; only `known` ones have a score, and were looked at before."""
    estimates = {prompt.text: prompt for prompt in known}

    def find(item: Candidate, seen: Set[str]) -> Flaw | None:
        if item.text in estimates:
            return Flaw("duplicate") if item.text in seen else None
        task = context.task
        return candidate_flaw(item.text, item.parent, seen, context.settings.longest, task.inputs, task.start)

    told = (
        replace(item, score=was.score, n_rows=was.n_rows, by=was.by)
        if (was := estimates.get(item.text))
        else _unmeasured(item)
        for item in items
    )
    return checked(told, find, taken)
