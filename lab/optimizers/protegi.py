"""ProTeGi: prompt optimization with textual gradients and beam search (Pryzant et al., EMNLP 2023).

Algorithm 1 (beam search) around algorithm 2 (expansion), one phase a line:

    for round in 1..r:                                    Alg. 1, l. 2
        Minibatch    run the beam on a minibatch          Alg. 2, l. 1-2
        Groups       group the errors                     Alg. 2, l. 2
        Criticise    g = why did the prompt fail?         Alg. 2, l. 3   (textual gradient)
        Edit         p' = rewrite p against g             Alg. 2, l. 4
        Paraphrase   p'' = p' in other words              Alg. 2, l. 5   (Monte-Carlo successors)
        Limit        keep at most a few per beam prompt   appendix
        Select       measure candidates with a bandit     Alg. 1, l. 7; section 3.2.2
        NextBeam     the best become the beam             Alg. 1, l. 8
    keep the best prompt of the last beam                 Alg. 1, l. 10

differs: a critique, edit or paraphrase that cannot be read stays as an item with its flaw (the authors' code
drops it); a prompt without errors in the minibatch is paraphrased but not criticised (their code sends an
empty list of errors); a single candidate is measured like any other (their code scores it 1).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, TypeVar

from lab.asks import (
    Candidate,
    Critique,
    Done,
    ErrorSample,
    Evaluate,
    Generate,
    Pick,
    Reply,
    Request,
    Run,
    Score,
)  # fmt: skip
from lab.optimizers.bandits import SELECTIONS, Arms, Budget
from lab.optimizers.meta_prompts import fill
from lab.optimizers.replies import EMPTY, candidate_flaw, flawed, tagged, whole


@dataclass(frozen=True)
class Settings:
    """Every setting of ProTeGi, with its range and source; "paper" is section 4.1, "code" the authors' flags.

    Attributes:
        rounds: rounds of expansion and selection, 1 or more; paper and code: 6.
        beam: prompts kept from round to round, 1 or more; paper and code: 4.
        minibatch: train examples on which errors are sought each round, 1 or more; paper and code: 64.
        groups: error groups, and so critiques asked for, per beam prompt, 1 or more; code: 4.
        group_size: error samples shown together, 1 or more; paper and code: 4.
        critiques: critiques asked for per group, 1 or more; code: 1.
        edits: rewritten prompts asked for per critique, 1 or more; paper and code: 1.
        paraphrases: paraphrases per edited prompt and per beam prompt, 0 or more; paper and code: 2.
        expansion: candidates kept per beam prompt before selection, 1 or more; paper and code: 8.
        selection: "ucb" or "uniform"; paper: UCB.
        selection_rounds: pulls of the bandit per round, 1 or more; code: 8.
        selection_prompts: candidates tried per pull, 1 or more; code: 8.
        selection_rows: train examples per candidate and pull, 1 or more; code: 32.
        exploration: the constant c of UCB, 0 or more; code: 1.
        temperature: of the optimizer model, 0 to 2; paper: 1.
        longest: characters a candidate may have, 1 or more; 4000, this project's own limit.
    """

    rounds: int = 6
    beam: int = 4
    minibatch: int = 64
    groups: int = 4
    group_size: int = 4
    critiques: int = 1
    edits: int = 1
    paraphrases: int = 2
    expansion: int = 8
    selection: Literal["ucb", "uniform"] = "ucb"
    selection_rounds: int = 8
    selection_prompts: int = 8
    selection_rows: int = 32
    exploration: float = 1.0
    temperature: float = 1.0
    longest: int = 4000


# (lowest, highest) of each number in Settings; names of each choice.
RANGES: dict[str, tuple[float, float]] = {
    "rounds": (1, 100), "beam": (1, 32), "minibatch": (1, 10_000), "groups": (1, 32), "group_size": (1, 64),
    "critiques": (1, 16), "edits": (1, 16), "paraphrases": (0, 16), "expansion": (1, 256),
    "selection_rounds": (1, 1000), "selection_prompts": (1, 256), "selection_rows": (1, 10_000),
    "exploration": (0, 100), "temperature": (0, 2), "longest": (1, 200_000),
}  # fmt: skip
CHOICES: dict[str, tuple[str, ...]] = {"selection": tuple(SELECTIONS)}


def start(run: Run) -> Minibatch:
    """Begins with the task's start prompt as the only beam member."""
    return Minibatch(0, (Candidate(run.task.start),))


@dataclass(frozen=True)
class _Beam:
    """What every phase of a round knows."""

    round: int
    beam: tuple[Candidate, ...]

    passes: ClassVar[bool] = False

    @property
    def prompts(self) -> tuple[str, ...]:
        """The beam, best first."""
        return tuple(prompt.text for prompt in self.beam)

    def read(self, run: Run, replies: Any) -> Any:
        """Takes scores as they are; phases that generate read texts."""
        return replies

    def check(self, run: Run, items: Any) -> Any:
        """Finds no flaw; phases whose items can have one say so."""
        return items


@dataclass(frozen=True)
class Minibatch(_Beam):
    title: ClassVar[str] = "Try the prompts"
    term: ClassVar[str] = "minibatch"
    about: ClassVar[str] = "The target model answers a random batch of train examples with each prompt of the beam."
    passes: ClassVar[bool] = True

    def ask(self, run: Run, sample: int = 0) -> Evaluate | Done:
        if self.round >= run.settings.rounds:
            return Done(self.beam[0].text)
        train = run.task.train
        rng = run.rng(self.round, "minibatch", sample=sample)
        rows = rng.sample(range(len(train)), min(run.settings.minibatch, len(train)))
        return Evaluate(self.prompts, tuple(train[row].id for row in rows))

    def tell(self, run: Run, kept: tuple[Score, ...]) -> Groups | Paraphrase | Limit:
        examples = {example.id: example for example in run.task.train}
        errors = tuple(
            ErrorSample(examples[id].input, (score.text,), None, id, examples[id].answer, got, p)
            for p, score in enumerate(kept)
            for id, hit, got in zip(score.about, score.hits, score.got, strict=True)
            if hit is not None and hit < 1
        )
        return Groups(self.round, self.beam, errors) if errors else _paraphrase(self, run, ())


@dataclass(frozen=True)
class Groups(_Beam):
    """The errors of each prompt, drawn into groups; an error that was not drawn waits without a group."""

    errors: tuple[ErrorSample, ...] = ()

    title: ClassVar[str] = "Choose error samples"
    term: ClassVar[str] = "error groups"
    about: ClassVar[str] = "Wrong answers are drawn into small groups; each group is shown to the critic together."

    def ask(self, run: Run, sample: int = 0) -> Pick:
        s, drawn, spare = run.settings, [], []
        for p in range(len(self.beam)):
            mine = [error for error in self.errors if error.prompt == p]
            taken = set()
            for g in range(s.groups if mine else 0):
                rng = run.rng(self.round, "groups", p, g, sample=sample)
                for error in rng.sample(mine, min(len(mine), s.group_size)):
                    drawn.append(replace(error, group=p * s.groups + g))
                    taken.add(error.example)
            spare += [error for error in mine if error.example not in taken]
        return Pick((*drawn, *spare), tuple(range(len(drawn))))

    def tell(self, run: Run, kept: tuple[ErrorSample, ...]) -> Criticise | Paraphrase | Limit:
        """Keeps the drawn groups that are left; an error picked by hand joins its prompt's smallest one."""
        groups: dict[int, list[ErrorSample]] = {}
        for error in kept:
            if error.group is not None:
                groups.setdefault(error.group, []).append(error)
        for error in kept:
            if error.group is None:
                first = error.prompt * run.settings.groups
                mine = [g for g in range(first, first + run.settings.groups) if g in groups] or [first]
                joined = min(mine, key=lambda g: (len(groups.get(g, ())), g))
                groups.setdefault(joined, []).append(replace(error, group=joined))
        if not groups:
            return _paraphrase(self, run, ())
        return Criticise(self.round, self.beam, tuple(tuple(groups[g]) for g in sorted(groups)))


@dataclass(frozen=True)
class Criticise(_Beam):
    groups: tuple[tuple[ErrorSample, ...], ...] = ()

    title: ClassVar[str] = "Review critiques"
    term: ClassVar[str] = "textual gradients"
    about: ClassVar[str] = "The optimizer model says why the prompt may have led to each group of wrong answers."

    def ask(self, run: Run, sample: int = 0) -> Generate:
        n = run.settings.critiques
        return Generate(tuple(
            Request(
                fill("protegi_critique", prompt=self.prompts[group[0].prompt], errors=_shown(group), n=n),
                temperature=run.settings.temperature,
                about=f"a critique of prompt {group[0].prompt + 1} for {len(group)} of its errors",
            )
            for group in self.groups
        ))  # fmt: skip

    def read(self, run: Run, replies: tuple[tuple[Reply, ...], ...]) -> tuple[Critique, ...]:
        return tuple(
            Critique(text, tuple(error.example for error in group), flaw, group[0].prompt, group, reply=i)
            for group, i, reply in _each(self.groups, replies)
            for text, flaw in tagged(reply, run.settings.critiques)
        )

    def check(self, run: Run, items: tuple[Critique, ...]) -> tuple[Critique, ...]:
        return tuple(flawed(item, None if item.text.strip() else EMPTY) for item in items)

    def tell(self, run: Run, kept: tuple[Critique, ...]) -> Edit | Paraphrase | Limit:
        return Edit(self.round, self.beam, kept) if kept else _paraphrase(self, run, ())


@dataclass(frozen=True)
class Edit(_Beam):
    critiques: tuple[Critique, ...] = ()

    title: ClassVar[str] = "Review edits"
    term: ClassVar[str] = "edits against the gradient"
    about: ClassVar[str] = (
        "The optimizer model rewrites the prompt so that it solves the problem each critique names."
    )

    def ask(self, run: Run, sample: int = 0) -> Generate:
        return Generate(tuple(
            Request(
                fill("protegi_edit", prompt=self.prompts[critique.prompt], errors=_shown(critique.errors),
                     critique=critique.text, n=run.settings.edits),
                temperature=run.settings.temperature,
                about=f"an edit of prompt {critique.prompt + 1} against critique {i}",
            )
            for i, critique in enumerate(self.critiques, 1)
        ))  # fmt: skip

    def read(self, run: Run, replies: tuple[tuple[Reply, ...], ...]) -> tuple[Candidate, ...]:
        made = tuple(
            Candidate(text, (critique.text,), flaw, self.prompts[critique.prompt], "edit", critique.prompt, reply=i)
            for critique, i, reply in _each(self.critiques, replies)
            for text, flaw in tagged(reply, run.settings.edits)
        )
        return _checked(made, self.prompts, run)

    def check(self, run: Run, items: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        return _checked(tuple(flawed(item, None) for item in items), self.prompts, run)

    def tell(self, run: Run, kept: tuple[Candidate, ...]) -> Paraphrase | Limit:
        return _paraphrase(self, run, kept)


@dataclass(frozen=True)
class Paraphrase(_Beam):
    edits: tuple[Candidate, ...] = ()

    title: ClassVar[str] = "Review paraphrases"
    term: ClassVar[str] = "Monte-Carlo successors"
    about: ClassVar[str] = "Each new prompt, and each prompt of the beam, is also tried in other words."

    def _sources(self) -> tuple[Candidate, ...]:
        members = tuple(replace(prompt, member=p, origin="start") for p, prompt in enumerate(self.beam))
        return tuple({source.text: source for source in reversed((*members, *self.edits))}.values())[::-1]

    def ask(self, run: Run, sample: int = 0) -> Generate:
        return Generate(tuple(
            Request(
                fill("protegi_paraphrase", prompt=source.text),
                n=run.settings.paraphrases,
                temperature=run.settings.temperature,
                about=f"{run.settings.paraphrases} paraphrases of {_called(source)}",
            )
            for source in self._sources()
        ))  # fmt: skip

    def read(self, run: Run, replies: tuple[tuple[Reply, ...], ...]) -> tuple[Candidate, ...]:
        made = tuple(
            Candidate(text, (_called(source),), flaw, source.text, "paraphrase", source.member, reply=i)
            for source, i, reply in _each(self._sources(), replies)
            for text, flaw in (whole(reply),)
        )
        return _checked(made, self._known(), run)

    def check(self, run: Run, items: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        return _checked(tuple(flawed(item, None) for item in items), self._known(), run)

    def _known(self) -> tuple[str, ...]:
        return (*self.prompts, *(edit.text for edit in self.edits))

    def tell(self, run: Run, kept: tuple[Candidate, ...]) -> Limit:
        return Limit(self.round, self.beam, (*self.edits, *kept))


@dataclass(frozen=True)
class Limit(_Beam):
    candidates: tuple[Candidate, ...] = ()

    title: ClassVar[str] = "Limit the candidates"
    term: ClassVar[str] = "expansion limit"
    about: ClassVar[str] = "Only so many new candidates per prompt of the beam go on; they are drawn at random."

    def ask(self, run: Run, sample: int = 0) -> Pick:
        chosen: list[int] = []
        for p in range(len(self.beam)):
            mine = [i for i, candidate in enumerate(self.candidates) if candidate.member == p]
            rng = run.rng(self.round, "limit", p, sample=sample)
            chosen += rng.sample(mine, min(len(mine), run.settings.expansion))
        return Pick(self.candidates, tuple(sorted(chosen)))

    def check(self, run: Run, items: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        return _checked(tuple(flawed(item, None) for item in items), self.prompts, run)

    def tell(self, run: Run, kept: tuple[Candidate, ...]) -> Select:
        """Lets the beam compete with the new candidates, in an order that favours none of these."""
        new = list({candidate.text: candidate for candidate in reversed(kept)}.values())[::-1]
        run.rng(self.round, "arms").shuffle(new)
        arms = (*self.beam, *(candidate for candidate in new if candidate.text not in self.prompts))
        return Select(self.round, self.beam, arms, Arms.unmeasured(len(arms)))


@dataclass(frozen=True)
class Select(_Beam):
    candidates: tuple[Candidate, ...] = ()
    arms: Arms = Arms.unmeasured(0)  # noqa: RUF009, a frozen value

    title: ClassVar[str] = "Measure the candidates"
    term: ClassVar[str] = "bandit selection"
    about: ClassVar[str] = "A bandit spends the budget of target calls on the candidates that look best so far."
    passes: ClassVar[bool] = True

    def ask(self, run: Run, sample: int = 0) -> Evaluate:
        pull = _pull(self.arms, run)
        if pull is None:  # settings were changed to a budget that is spent already
            return Evaluate((), ())
        train = run.task.train
        rng = run.rng(self.round, "select", self.arms.pulls, sample=sample)
        rows = rng.sample(range(len(train)), min(pull.rows, len(train)))
        texts = tuple(self.candidates[arm].text for arm in pull.arms)
        return Evaluate(texts, tuple(train[row].id for row in rows))

    def tell(self, run: Run, kept: tuple[Score, ...]) -> Select | NextBeam:
        place = {candidate.text: arm for arm, candidate in enumerate(self.candidates)}
        hits = {place[score.text]: [hit for hit in score.hits if hit is not None] for score in kept}
        arms = self.arms.pulled({arm: (len(known), sum(known)) for arm, known in hits.items()})
        if _pull(arms, run):
            return replace(self, arms=arms)
        measured = tuple(
            replace(candidate, score=arms.mean(arm), n_rows=arms.counts[arm])
            for arm, candidate in enumerate(self.candidates)
        )
        return NextBeam(self.round, self.beam, measured, arms.ranked())


@dataclass(frozen=True)
class NextBeam(_Beam):
    candidates: tuple[Candidate, ...] = ()
    ranked: tuple[int, ...] = ()

    title: ClassVar[str] = "Keep the best"
    term: ClassVar[str] = "beam"
    about: ClassVar[str] = "The candidates with the best estimates become the beam of the next round."

    def ask(self, run: Run, sample: int = 0) -> Pick:
        order = (*self.ranked, *(i for i in range(len(self.candidates)) if i not in self.ranked))
        kept = min(run.settings.beam, len(self.ranked))
        return Pick(tuple(self.candidates[i] for i in order), tuple(range(kept)))

    def check(self, run: Run, items: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        """Takes the estimate away from a candidate whose text was changed: it was not measured."""
        estimates = {candidate.text: (candidate.score, candidate.n_rows) for candidate in self.candidates}
        told = []
        for item in items:
            score, n_rows = estimates.get(item.text, (None, 0))
            told.append(replace(item, flaw=None, score=score, n_rows=n_rows))
        return _checked(tuple(told), (), run)

    def tell(self, run: Run, kept: tuple[Candidate, ...]) -> Minibatch:
        """Begins the next round; where nothing was kept, the beam stays as it is."""
        return Minibatch(self.round + 1, kept or self.beam)


PHASES = (Minibatch, Groups, Criticise, Edit, Paraphrase, Limit, Select, NextBeam)


T = TypeVar("T")


def _each(asked_for: Sequence[T], replies: tuple[tuple[Reply, ...], ...]) -> Iterator[tuple[T, int, Reply]]:
    """Pairs each reply, and its number, with what it was asked for."""
    i = 0
    for one, texts in zip(asked_for, replies, strict=True):
        for reply in texts:
            yield one, i, reply
            i += 1


def _paraphrase(phase: _Beam, run: Run, edits: tuple[Candidate, ...]) -> Paraphrase | Limit:
    if run.settings.paraphrases:
        return Paraphrase(phase.round, phase.beam, edits)
    return Limit(phase.round, phase.beam, edits)


def _pull(arms: Arms, run: Run) -> Any:
    s = run.settings
    rows = min(s.selection_rows, len(run.task.train))
    return SELECTIONS[s.selection](arms, Budget(s.selection_rounds, s.selection_prompts, rows, s.exploration))


def _checked(made: tuple[Candidate, ...], known: tuple[str, ...], run: Run) -> tuple[Candidate, ...]:
    """Marks what cannot be a candidate; the first of two equal ones is the one that stays."""
    seen, out = set(known), []
    for item in made:
        flaw = item.flaw or candidate_flaw(item.text, item.parent, seen, run.settings.longest)
        if flaw is None:
            seen.add(item.text)
        out.append(flawed(item, flaw))
    return tuple(out)


def _shown(errors: tuple[ErrorSample, ...]) -> str:
    """Writes error samples as a meta-prompt shows them."""
    return "\n\n".join(
        f"Example {i}\nInput: {error.text}\nExpected answer: {error.answer}\nGiven answer: {error.got}"
        for i, error in enumerate(errors, 1)
    )


def _called(source: Candidate) -> str:
    return f"an edit of prompt {source.member + 1}" if source.origin == "edit" else f"prompt {source.member + 1}"
