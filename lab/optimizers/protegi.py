"""ProTeGi: prompt optimization with textual gradients and beam search (Pryzant et al., EMNLP 2023).

Algorithm 1 (beam search) around algorithm 2 (expansion), one phase a line:

    for round in 1..r:                                    Alg. 1, l. 2
        Minibatch    run the beam on a minibatch          Alg. 2, l. 1-2
        Groups       group the errors                     Alg. 2, l. 2
        Criticise    g = why did the prompt fail?         Alg. 2, l. 3   (textual gradient)
        Edit         p' = rewrite p against g             Alg. 2, l. 4
        Paraphrase   p'' = p' in other words              Alg. 2, l. 5   (Monte-Carlo successors)
        Reject       try these on its errors              the code's reject_on_errors; only with this on
        Limit        keep at most a few per beam prompt   appendix
        Select       measure candidates with a bandit     Alg. 1, l. 7; section 3.2.2
        NextBeam     the best become the beam             Alg. 1, l. 8
    keep the best prompt of the last beam                 Alg. 1, l. 10

differs: a critique, edit or paraphrase that cannot be read stays as an item with its flaw (the authors' code
drops it); a prompt without errors in the minibatch is paraphrased but not criticised (their code sends an
empty list of errors); a single candidate is measured like any other (their code scores it 1); all candidates
of a prompt are tried on its errors (theirs: 16 drawn at random); a marked section is found and replaced by its
position (theirs looks for its text, which it may not find, or find twice). An error is any answer that is not
wholly right, of any task (theirs knows yes and no); it is shown with what was expected and what was given.
Likelihood is of the whole reference answer, a token's mean (theirs: of its last token), and serves to select
only: errors are always sought by answers. Exploration is then in nats, as it is in their code.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field, replace
from typing import ClassVar, get_args

from lab.core.asks import (
    By,
    Candidate,
    Context,
    Critique,
    Done,
    ErrorSample,
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
from lab.i18n import Message, gettext_lazy
from lab.optimizers import fitting
from lab.optimizers.bandits import SELECTIONS, STAGED, Arms, Budget, Pull, Selection
from lab.optimizers.fitting import Wording, wording
from lab.optimizers.meta_prompts import fill
from lab.optimizers.replies import (
    TAGS,
    candidate_flaw,
    checked,
    critiques,
    each,
    flawed,
    not_empty,
    prompts,
    read_from,
    unflawed,
)
from lab.optimizers.rows import answered, present
from lab.optimizers.sections import section_flaw, section_of, with_section
from lab.optimizers.settings import Presets, Switch, choice, in_both, in_code, in_paper, longest_text, number
from lab.optimizers.steps import Plain, grouped

TRIED = 16  # errors at most on which candidates are tried, as in the authors' code


@dataclass(frozen=True)
class Settings:
    """Every setting of ProTeGi, with its range and source; "paper" is section 4.1, "code" the authors' flags."""

    rounds: int = number(6, 1, 100, gettext_lazy("rounds of expansion and selection, {range}"), in_both(6))
    beam: int = number(4, 1, 32, gettext_lazy("prompts kept from round to round, {range}"), in_both(4))
    minibatch: int = number(
        64, 1, 10_000, gettext_lazy("train examples on which errors are sought each round, {range}"), in_both(64)
    )
    groups: int = number(
        4, 1, 32, gettext_lazy("error groups, and so critiques asked for, per beam prompt, {range}"), in_code(4)
    )
    group_size: int = number(4, 1, 64, gettext_lazy("error samples shown together, {range}"), in_both(4))
    critiques: int = number(1, 1, 16, gettext_lazy("critiques asked for per group, {range}"), in_code(1))
    edits: int = number(1, 1, 16, gettext_lazy("rewritten prompts asked for per critique, {range}"), in_both(1))
    paraphrases: int = number(
        2, 0, 16, gettext_lazy("paraphrases per edited prompt and per beam prompt, {range}"), in_both(2)
    )
    expansion: int = number(
        8, 1, 256, gettext_lazy("candidates kept per beam prompt before selection, {range}"), in_both(8)
    )
    reject_on_errors: Switch = choice(
        "off",
        ("off", "on"),
        gettext_lazy(
            '"on" keeps the candidates that do best on the errors of their beam prompt, where they are more than '
            'expansion, "off" draws them at random'
        ),
        gettext_lazy("code: off"),
    )
    selection: Selection = choice(
        "ucb",
        get_args(Selection),
        gettext_lazy('"ucb", "uniform", "ucb_e", "successive_rejects" or "successive_halving"'),
        gettext_lazy("paper: UCB"),
    )
    score: By = choice(
        "answers",
        get_args(By),
        gettext_lazy(
            'what candidates are selected by: "answers" is accuracy (paper), "likelihood" the mean log-probability '
            "of a token of the reference answer, where the endpoint of the target model can tell it"
        ),
        gettext_lazy("code: both"),
    )
    selection_rounds: int = number(
        8,
        1,
        1000,
        gettext_lazy("pulls of the bandit per round, {range}"),
        gettext_lazy("code: 8. The product of this and the next two is the budget of every selection"),
    )
    selection_prompts: int = number(8, 1, 256, gettext_lazy("candidates tried per pull, {range}"), in_code(8))
    selection_rows: int = number(
        32, 1, 10_000, gettext_lazy("train examples per candidate and pull, {range}"), in_code(32)
    )
    exploration: float = number(
        1.0, 0, 100, gettext_lazy("the constant c of UCB and UCB-E, in the unit of the score, {range}"), in_code(1)
    )
    temperature: float = number(1.0, 0, 2, gettext_lazy("of the optimizer model, {range}"), in_paper(1))
    longest: int = longest_text()
    wording: Wording = wording()


# Settings by the name of a preset, over the defaults, which are the paper's.
PRESETS: Presets = {
    "paper": {},
    "quick": {"rounds": 2, "beam": 2, "minibatch": 24, "groups": 2, "group_size": 3, "paraphrases": 1,
              "expansion": 4, "selection_rounds": 4, "selection_prompts": 4, "selection_rows": 16},
    "thrifty": {"rounds": 3, "beam": 2, "minibatch": 16, "groups": 2, "paraphrases": 0, "expansion": 3,
                "selection_rounds": 3, "selection_prompts": 4, "selection_rows": 8},
}  # fmt: skip


def start(context: Context[Settings], handed: tuple[str, ...] = ()) -> Minibatch:
    """Begin with the start prompt as the only beam member, or with as many handed over as the beam holds."""
    return Minibatch(0, tuple(Candidate(text) for text in handed[: context.settings.beam] or (context.task.start,)))


# Where phases are skipped


def _after_edits(
    phase: _Expansion, context: Context[Settings], edits: tuple[Candidate, ...]
) -> Paraphrase | Reject | Limit:
    """Go from the edits, which may be none, to their paraphrases; without these on, further on."""
    if context.settings.paraphrases:
        return Paraphrase(phase.round, phase.beam, edits, wrong=phase.wrong)
    return _after_paraphrases(phase, context, edits)


def _after_paraphrases(
    phase: _Expansion, context: Context[Settings], made: tuple[Candidate, ...], first: int = 0
) -> Reject | Limit:
    """Go to the next beam prompt, from the `first` on, of whose candidates some must go by their errors."""
    for p, wrong in enumerate(phase.wrong[first:], first):
        many = sum(candidate.member == p for candidate in made) > context.settings.expansion
        if many and present(context, wrong):
            return Reject(phase.round, phase.beam, made, p, wrong=phase.wrong)
    return Limit(phase.round, phase.beam, made)


@dataclass(frozen=True)
class _Beam(Plain):
    """What every phase of a round knows."""

    round: int
    beam: tuple[Candidate, ...]

    @property
    def prompts(self) -> tuple[str, ...]:
        """The beam, best first."""
        return tuple(prompt.text for prompt in self.beam)


@dataclass(frozen=True)
class _Expansion(_Beam):
    """What every phase between the errors and the limit knows: the examples that each prompt got `wrong`, by id.

    They are held only where candidates are tried on them.
    """

    wrong: tuple[tuple[str, ...], ...] = field(default=(), kw_only=True)


@dataclass(frozen=True)
class Minibatch(_Beam):
    title: ClassVar[str] = gettext_lazy("Try the prompts")
    term: ClassVar[str] = gettext_lazy("minibatch")
    shows: ClassVar[Shown] = "scores"
    about: ClassVar[str] = gettext_lazy(
        "The target model answers a random batch of train examples with each prompt of the beam."
    )
    passes: ClassVar[bool] = True

    def ask(self, context: Context[Settings], sample: int = 0) -> Evaluate | Done:
        if self.round >= context.settings.rounds:
            return Done(self.beam[0].text)
        train = context.task.train
        rng = context.rng(self.round, "minibatch", sample=sample)
        rows = rng.sample(range(len(train)), min(context.settings.minibatch, len(train)))
        return Evaluate(self.prompts, tuple(train[row].id for row in rows))

    def tell(self, context: Context[Settings], kept: tuple[Score, ...]) -> Groups | Paraphrase | Reject | Limit:
        answers = (one for p, score in enumerate(kept) for one in answered(context, score, p))
        errors = tuple(error for error, hit in answers if hit < 1)
        if not errors:
            return _after_edits(_Expansion(self.round, self.beam), context, ())
        return Groups(self.round, self.beam, errors, wrong=_wrong(errors, len(self.beam), context))


@dataclass(frozen=True)
class Groups(_Expansion):
    """The errors of each prompt, drawn into groups; an error that was not drawn waits without a group."""

    errors: tuple[ErrorSample, ...] = ()

    title: ClassVar[str] = gettext_lazy("Choose error samples")
    term: ClassVar[str] = gettext_lazy("error groups")
    shows: ClassVar[Shown] = "errors"
    about: ClassVar[str] = gettext_lazy(
        "Wrong answers are drawn into small groups; each group is shown to the critic together."
    )

    def ask(self, context: Context[Settings], sample: int = 0) -> Pick:
        s, drawn, spare = context.settings, [], []
        for p in range(len(self.beam)):
            mine = [error for error in self.errors if error.prompt == p]
            taken = set()
            for g in range(s.groups if mine else 0):
                rng = context.rng(self.round, "groups", p, g, sample=sample)
                for error in rng.sample(mine, min(len(mine), s.group_size)):
                    drawn.append(replace(error, group=p * s.groups + g))
                    taken.add(error.example)
            spare += [error for error in mine if error.example not in taken]
        return Pick((*drawn, *spare), tuple(range(len(drawn))))

    def tell(
        self, context: Context[Settings], kept: tuple[ErrorSample, ...]
    ) -> Criticise | Paraphrase | Reject | Limit:
        """Keep the drawn groups that are left; an error picked by hand joins its prompt's smallest one."""
        n = context.settings.groups
        groups = grouped(kept, lambda error: range(error.prompt * n, (error.prompt + 1) * n))
        if not groups:
            return _after_edits(self, context, ())
        return Criticise(self.round, self.beam, groups, wrong=self.wrong)


@dataclass(frozen=True)
class Criticise(_Expansion):
    groups: tuple[tuple[ErrorSample, ...], ...] = ()

    title: ClassVar[str] = gettext_lazy("Review critiques")
    term: ClassVar[str] = gettext_lazy("textual gradients")
    shows: ClassVar[Shown] = "critiques"
    about: ClassVar[str] = gettext_lazy(
        "The optimizer model says why the prompt may have led to each group of wrong answers."
    )

    def ask(self, context: Context[Settings], sample: int = 0) -> Generate:
        n = context.settings.critiques
        return Generate(tuple(
            Request(
                fill("protegi_critique",
                     **fitting.instructions(
                         context, self.prompts[group[0].prompt], "These are the instructions that it was given:"
                     ),
                     judged=fitting.judging(context), errors=fitting.errors(context, group),
                     reasons=fitting.many(
                         context, n, "one reason", "{n} different reasons", "{n} different reason(s)"
                     ),
                     each=fitting.many(context, n, "it", "each one", "each one")),
                temperature=context.settings.temperature,
                about=gettext_lazy(
                    "a critique of prompt {prompt} for {n} of its errors",
                    prompt=group[0].prompt + 1, n=len(group),
                ),
                tags=TAGS,
            )
            for group in self.groups
        ))  # fmt: skip

    def read(self, context: Context[Settings], replies: tuple[tuple[Reply, ...], ...]) -> tuple[Critique, ...]:
        return tuple(
            read_from(
                Critique(one.text, tuple(error.example for error in group), None, group[0].prompt, group), one, i
            )
            for group, i, reply in each(self.groups, replies)
            for one in critiques(reply, context.settings.critiques)
        )

    def check(self, context: Context[Settings], items: tuple[Critique, ...]) -> tuple[Critique, ...]:
        return not_empty(items)

    def tell(self, context: Context[Settings], kept: tuple[Critique, ...]) -> Edit | Paraphrase | Reject | Limit:
        return Edit(self.round, self.beam, kept, wrong=self.wrong) if kept else _after_edits(self, context, ())


@dataclass(frozen=True)
class Edit(_Expansion):
    critiques: tuple[Critique, ...] = ()

    title: ClassVar[str] = gettext_lazy("Review edits")
    term: ClassVar[str] = gettext_lazy("edits against the gradient")
    shows: ClassVar[Shown] = "candidates"
    about: ClassVar[str] = gettext_lazy(
        "The optimizer model rewrites the prompt so that it solves the problem each critique names."
    )
    writes_prompts: ClassVar[bool] = True

    def ask(self, context: Context[Settings], sample: int = 0) -> Generate:
        return Generate(tuple(
            Request(
                fill("protegi_edit",
                     **fitting.instructions(
                         context, self.prompts[critique.prompt], "These are its current instructions:"
                     ),
                     judged=fitting.judging(context), errors=fitting.errors(context, critique.errors),
                     critique=critique.text, versions=_versions(context), each=_each_version(context),
                     stays=fitting.stays(context, self._part(context, critique.prompt))),
                temperature=context.settings.temperature,
                about=gettext_lazy(
                    "an edit of prompt {prompt} against critique {critique}",
                    prompt=critique.prompt + 1, critique=i,
                ),
                tags=TAGS,
            )
            for i, critique in enumerate(self.critiques, 1)
        ))  # fmt: skip

    def read(self, context: Context[Settings], replies: tuple[tuple[Reply, ...], ...]) -> tuple[Candidate, ...]:
        made = tuple(
            read_from(
                Candidate(
                    with_section(parent, one.text, context.task.start),
                    (critique.text,),
                    None,
                    parent,
                    "edit",
                    critique.prompt,
                ),
                one,
                i,
            )
            for critique, i, reply in each(self.critiques, replies)
            for parent in (self.prompts[critique.prompt],)
            for one in prompts(reply, context.settings.edits)
        )
        return _checked(made, self.prompts, context)

    def check(self, context: Context[Settings], items: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        return _checked(unflawed(items), self.prompts, context)

    def tell(self, context: Context[Settings], kept: tuple[Candidate, ...]) -> Paraphrase | Reject | Limit:
        return _after_edits(self, context, kept)

    def _part(self, context: Context[Settings], prompt: int) -> str:
        """Return the part of a beam prompt that may change."""
        return section_of(self.prompts[prompt], context.task.start)[1]


@dataclass(frozen=True)
class Paraphrase(_Expansion):
    edits: tuple[Candidate, ...] = ()

    title: ClassVar[str] = gettext_lazy("Review paraphrases")
    term: ClassVar[str] = gettext_lazy("Monte-Carlo successors")
    shows: ClassVar[Shown] = "candidates"
    example: ClassVar[Worked] = (
        (gettext_lazy("“Is it positive or negative? Mind negation.”"),),
        gettext_lazy("“Say positive or negative, and look out for negation.”"),
    )
    about: ClassVar[str] = gettext_lazy(
        "Each new prompt, and each prompt of the beam, is also tried in other words."
    )
    writes_prompts: ClassVar[bool] = True

    def _sources(self) -> tuple[Candidate, ...]:
        members = tuple(replace(prompt, member=p, origin="start") for p, prompt in enumerate(self.beam))
        return tuple({source.text: source for source in reversed((*members, *self.edits))}.values())[::-1]

    @staticmethod
    def applies(settings: Settings) -> bool:
        return settings.paraphrases > 0

    def ask(self, context: Context[Settings], sample: int = 0) -> Generate:
        return Generate(tuple(
            Request(
                fill("protegi_paraphrase", prompt=(part := section_of(source.text, context.task.start)[1]),
                     judged=fitting.judging(context), stays=fitting.stays(context, part, "the instructions")),
                n=context.settings.paraphrases,
                temperature=context.settings.temperature,
                about=_asked(source, context.settings.paraphrases),
            )
            for source in self._sources()
        ))  # fmt: skip

    def read(self, context: Context[Settings], replies: tuple[tuple[Reply, ...], ...]) -> tuple[Candidate, ...]:
        made = tuple(
            read_from(
                Candidate(
                    with_section(source.text, one.text, context.task.start),
                    (_called(source),),
                    None,
                    source.text,
                    "paraphrase",
                    source.member,
                ),
                one,
                i,
            )
            for source, i, reply in each(self._sources(), replies)
            for one in prompts(reply, tags=False)
        )
        return _checked(made, self._known(), context)

    def check(self, context: Context[Settings], items: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        return _checked(unflawed(items), self._known(), context)

    def _known(self) -> tuple[str, ...]:
        return (*self.prompts, *(edit.text for edit in self.edits))

    def tell(self, context: Context[Settings], kept: tuple[Candidate, ...]) -> Reject | Limit:
        return _after_paraphrases(self, context, (*self.edits, *kept))


@dataclass(frozen=True)
class Reject(_Expansion):
    """The candidates of all prompts; those of the beam prompt `member` are tried, the others were or wait."""

    candidates: tuple[Candidate, ...] = ()
    member: int = 0

    title: ClassVar[str] = gettext_lazy("Try the candidates on the errors")
    term: ClassVar[str] = gettext_lazy("reject on errors")
    shows: ClassVar[Shown] = "scores"
    about: ClassVar[str] = gettext_lazy(
        "Where a prompt of the beam has too many candidates, they answer examples that this prompt got wrong."
    )
    passes: ClassVar[bool] = True

    @staticmethod
    def applies(settings: Settings) -> bool:
        return settings.reject_on_errors == "on"

    def ask(self, context: Context[Settings], sample: int = 0) -> Evaluate:
        ids = [example.id for example in present(context, self.wrong[self.member])]
        rng = context.rng(self.round, "reject", self.member, sample=sample)
        texts = tuple(candidate.text for candidate in self.candidates if candidate.member == self.member)
        return Evaluate(texts, tuple(rng.sample(ids, min(TRIED, len(ids)))))

    def tell(self, context: Context[Settings], kept: tuple[Score, ...]) -> Reject | Limit:
        found = {score.text: score for score in kept}
        tried = tuple(
            replace(one, score=score.mean, n_rows=sum(hit is not None for hit in score.hits))
            if one.member == self.member and (score := found.get(one.text))
            else one
            for one in self.candidates
        )
        return _after_paraphrases(self, context, tried, self.member + 1)


@dataclass(frozen=True)
class Limit(_Beam):
    """The candidates of all prompts, each with its score on the errors where it was tried on them."""

    candidates: tuple[Candidate, ...] = ()

    title: ClassVar[str] = gettext_lazy("Limit the candidates")
    term: ClassVar[str] = gettext_lazy("expansion limit")
    shows: ClassVar[Shown] = "candidates"
    example: ClassVar[Worked] = (
        (gettext_lazy("6 new prompts"), gettext_lazy("room for 4")),
        gettext_lazy("4 that are measured, drawn by chance"),
    )
    about: ClassVar[str] = gettext_lazy(
        "Only so many new candidates per prompt of the beam go on: the best on its errors where they were tried on "
        "these, else some drawn at random."
    )

    def ask(self, context: Context[Settings], sample: int = 0) -> Pick:
        chosen: list[int] = []
        for p in range(len(self.beam)):
            mine = [i for i, candidate in enumerate(self.candidates) if candidate.member == p]
            tried = [i for i in mine if self.candidates[i].score is not None]
            tried.sort(key=lambda i: -(self.candidates[i].score or 0.0))
            rng = context.rng(self.round, "limit", p, sample=sample)
            chosen += tried[: context.settings.expansion] or rng.sample(
                mine, min(len(mine), context.settings.expansion)
            )
        return Pick(self.candidates, tuple(sorted(chosen)))

    def check(self, context: Context[Settings], items: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        return _checked(unflawed(items), self.prompts, context, _texts(self.candidates))

    def tell(self, context: Context[Settings], kept: tuple[Candidate, ...]) -> Select:
        """Let the beam compete with the new candidates, in an order that favours none of these."""
        fresh = [_unmeasured(candidate) for candidate in kept]
        new = list({candidate.text: candidate for candidate in reversed(fresh)}.values())[::-1]
        context.rng(self.round, "arms").shuffle(new)
        arms = (*self.beam, *(candidate for candidate in new if candidate.text not in self.prompts))
        return Select(self.round, self.beam, arms, Arms.unmeasured(len(arms)))


@dataclass(frozen=True)
class Select(_Beam):
    candidates: tuple[Candidate, ...] = ()
    arms: Arms = Arms.unmeasured(0)  # noqa: RUF009, a frozen value

    title: ClassVar[str] = gettext_lazy("Measure the candidates")
    term: ClassVar[str] = gettext_lazy("bandit selection")
    shows: ClassVar[Shown] = "scores"
    about: ClassVar[str] = gettext_lazy(
        "A bandit spends the budget of target calls on the candidates that look best so far: by their answers or, "
        "with the setting score, by how likely they make the right ones."
    )
    passes: ClassVar[bool] = True

    def ask(self, context: Context[Settings], sample: int = 0) -> Evaluate:
        pull = _pull(self.arms, context)
        if pull is None:  # settings were changed to a budget that is spent already
            return Evaluate((), ())
        train = context.task.train
        rng = context.rng(self.round, "select", self.arms.pulls, sample=sample)
        rows = rng.sample(range(len(train)), min(pull.rows, len(train)))
        texts = tuple(self.candidates[arm].text for arm in pull.arms)
        return Evaluate(texts, tuple(train[row].id for row in rows), by=context.settings.score)

    def tell(self, context: Context[Settings], kept: tuple[Score, ...]) -> Select | NextBeam:
        place = {candidate.text: arm for arm, candidate in enumerate(self.candidates)}
        hits = {place[score.text]: [hit for hit in score.hits if hit is not None] for score in kept}
        by = kept[0].by if kept else self.arms.by
        arms = self.arms.pulled({arm: (len(known), sum(known)) for arm, known in hits.items()}, by)
        if _pull(arms, context):
            return replace(self, arms=arms)
        measured = tuple(
            replace(candidate, score=arms.mean(arm), n_rows=arms.counts[arm], by=arms.by)
            for arm, candidate in enumerate(self.candidates)
        )
        # Where nothing is right, nothing speaks for other words: they may be nonsense.
        idle = frozenset(arm for arm, one in enumerate(measured) if one.origin == "paraphrase" and one.score == 0)
        ranked = arms.ranked(context.settings.selection in STAGED, behind=idle if arms.by == "answers" else ())
        return NextBeam(self.round, self.beam, measured, ranked)


@dataclass(frozen=True)
class NextBeam(_Beam):
    candidates: tuple[Candidate, ...] = ()
    ranked: tuple[int, ...] = ()

    title: ClassVar[str] = gettext_lazy("Keep the best")
    term: ClassVar[str] = gettext_lazy("beam")
    shows: ClassVar[Shown] = "candidates"
    example: ClassVar[Worked] = (
        (gettext_lazy("“… Mind negation.” 71 %"), gettext_lazy("“Is it positive or negative?” 54 %")),
        gettext_lazy("“… Mind negation.”, from which the next round begins"),
    )
    about: ClassVar[str] = gettext_lazy("The candidates with the best estimates become the beam of the next round.")

    def ask(self, context: Context[Settings], sample: int = 0) -> Pick:
        order = (*self.ranked, *(i for i in range(len(self.candidates)) if i not in self.ranked))
        kept = min(context.settings.beam, len(self.ranked))
        return Pick(tuple(self.candidates[i] for i in order), tuple(range(kept)))

    def check(self, context: Context[Settings], items: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        """Take the estimate away from a candidate whose text was changed: it was not measured."""
        known = {candidate.text: candidate for candidate in self.candidates}
        told = tuple(
            replace(item, flaw=None, score=was.score, n_rows=was.n_rows, by=was.by)
            if (was := known.get(item.text))
            else _unmeasured(flawed(item, None))
            for item in items
        )
        return _checked(told, (), context, _texts(self.candidates))

    def tell(self, context: Context[Settings], kept: tuple[Candidate, ...]) -> Minibatch:
        """Begin the next round; where nothing was kept, the beam stays as it is."""
        return Minibatch(self.round + 1, kept or self.beam)


PHASES = (Minibatch, Groups, Criticise, Edit, Paraphrase, Reject, Limit, Select, NextBeam)


def _versions(context: Context[Settings]) -> str:
    return fitting.many(
        context, context.settings.edits,
        "one improved version of the instructions that solves this problem and keeps what already works",
        "{n} improved versions of the instructions that solve this problem and keep what already works",
        "{n} improved version(s) of the instructions that solve this problem and keep what already works",
    )  # fmt: skip


def _each_version(context: Context[Settings]) -> str:
    return fitting.many(context, context.settings.edits, "it", "each version", "each version")


def _wrong(errors: tuple[ErrorSample, ...], n: int, context: Context[Settings]) -> tuple[tuple[str, ...], ...]:
    """List the errors of each of the `n` prompts, where candidates are to be tried on them."""
    if context.settings.reject_on_errors == "off":
        return ()
    return tuple(tuple(error.example for error in errors if error.prompt == p) for p in range(n))


def _pull(arms: Arms, context: Context[Settings]) -> Pull | None:
    s = context.settings
    rows = min(s.selection_rows, len(context.task.train))
    budget = Budget(s.selection_rounds, s.selection_prompts, rows, s.exploration, s.beam)
    return SELECTIONS[s.selection](arms, budget)


def _checked(
    made: tuple[Candidate, ...], known: tuple[str, ...], context: Context[Settings], held: tuple[str, ...] = ()
) -> tuple[Candidate, ...]:
    """Mark what cannot be a candidate; the first of two equal ones stays, and what is held was looked at before."""

    def find(item: Candidate, seen: Set[str]) -> Flaw | None:
        if item.text in held:
            return Flaw("duplicate") if item.text in seen else None
        task, longest = context.task, context.settings.longest
        found = candidate_flaw(item.text, item.parent, seen, longest, task.inputs, task.start)
        return found or section_flaw(item.text, item.parent, task.start)

    return checked(made, find, known)


def _unmeasured(candidate: Candidate) -> Candidate:
    return replace(candidate, score=None, n_rows=0, by="answers")


def _texts(candidates: tuple[Candidate, ...]) -> tuple[str, ...]:
    return tuple(candidate.text for candidate in candidates)


def _asked(source: Candidate, n: int) -> Message:
    """Say of which prompt `n` paraphrases are asked for."""
    prompt = source.member + 1
    if source.origin == "edit":
        return gettext_lazy("{n} paraphrases of an edit of prompt {prompt}", n=n, prompt=prompt)
    return gettext_lazy("{n} paraphrases of prompt {prompt}", n=n, prompt=prompt)


def _called(source: Candidate) -> str:
    """Name the prompt that a paraphrase comes from, as it is kept: in English."""
    return f"an edit of prompt {source.member + 1}" if source.origin == "edit" else f"prompt {source.member + 1}"
