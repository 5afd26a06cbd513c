"""PE2: prompt engineering a prompt engineer (Ye et al., ACL Findings 2024).

Search as in section 2.1, the three parts of the meta-prompt (two-step description, context, reasoning template)
as in section 3.1, the optimizer-inspired parts (batch size, step size, history and momentum) as in section 3.2:

    with init "induction", before all else:
        Demonstrations   choose examples
        Induce           what instruction do they follow?
    Measure              score the first prompts
    for round in 1..rounds:
        Beam             keep the best, of all rounds when backtracking, else of the newest
        Failures         draw small batches of failures for each, one for each expansion
        Reason           step 1: five questions on each example of a batch
        Rewrite          step 2: a new prompt from the reasoning, within limits
        Measure          score the new prompts
        History          one sentence on what was changed and why; only with history on
    keep the best prompt of all rounds

differs: prompts are selected on a fixed subset of train (the paper selects on dev, which no optimizer reads here),
and failures are sought in the same answers (the authors' code runs each prompt on train again until it has enough);
any hit below 1 is a failure (theirs: 0 only); weighted batches hold no example twice, and weigh by what is missing
of a full hit (theirs draw with replacement from failures that all weigh the same); a batch of fewer examples says
so; a prompt without failures is left as it is (theirs is rewritten against an empty batch); the two steps are two
requests and not one conversation, so the second repeats what it needs; the new prompt stands between tags and is
not the whole reply; the limits are checked on the result; history is of past prompts, their scores on the same
examples and what was changed (theirs cannot run, and would log scores on different examples), and nothing is summed
up in the last round, when nobody reads it; induced prompts compete with the start prompt. As in their code, the
search ends at a perfect score.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from random import Random
from typing import ClassVar, Literal, get_args

from lab.core.asks import (
    Candidate,
    Context,
    Critique,
    Demonstration,
    Done,
    ErrorSample,
    Evaluate,
    Generate,
    Pick,
    Reply,
    Request,
    Score,
    Shown,
    Worked,
)  # fmt: skip
from lab.i18n import gettext_lazy
from lab.optimizers import fitting, limits, shown
from lab.optimizers.fitting import Wording, wording
from lab.optimizers.meta_prompts import fill
from lab.optimizers.replies import TAGS, checked, each, flawed, not_empty, prompts, prose, read_from, unflawed
from lab.optimizers.rows import answered, present, subset
from lab.optimizers.settings import Presets, Switch, choice, in_code, in_paper, longest_text, number
from lab.optimizers.steps import Plain, best_first, grouped

HELD = 4  # prompts worth measuring on dev between rounds: as many as the paper's beam
SPARE = 50  # options offered beside those chosen
REASONING_TOKENS = 1500


Batching = Literal["hard", "random", "hard_weighted"]
Init = Literal["start", "induction"]


@dataclass(frozen=True)
class Settings:
    """Every setting of PE2, with its range and source; "paper" is section 4, "code" the authors' own."""

    rounds: int = number(3, 1, 100, gettext_lazy("rounds of expansion and selection, {range}"), in_paper(3))
    beam: int = number(4, 1, 32, gettext_lazy("prompts expanded in a round, {range}"), in_paper(4))
    expand: int = number(4, 1, 32, gettext_lazy("new prompts for each of these, {range}"), in_paper(4))
    batch: int = number(2, 1, 64, gettext_lazy("examples reasoned over together, {range}"), in_paper(2))
    batching: Batching = choice(
        "hard",
        get_args(Batching),
        gettext_lazy(
            '"hard" draws from failures (paper), "random" from all answers, "hard_weighted" from failures, the '
            "worse the likelier"
        ),
    )
    backtrack: Switch = choice(
        "on", ("on", "off"), gettext_lazy('"on" selects from all rounds (paper), "off" from the newest')
    )
    step_size: int = number(
        0,
        0,
        1000,
        gettext_lazy("words that a rewrite may change, {range}"),
        gettext_lazy("0 is no limit; paper: none, tried 5, 10, 15"),
    )
    max_words: int = number(
        50,
        0,
        10_000,
        gettext_lazy("words that a prompt may have, {range}"),
        gettext_lazy("0 is no limit; paper: 50, and 200 on one task group"),
        limits="words",
    )
    history: Switch = choice(
        "off",
        ("off", "on"),
        gettext_lazy('"on" shows past prompts, scores and changes to whoever rewrites'),
        gettext_lazy("paper: off"),
    )
    tutorial: Switch = choice(
        "off",
        ("off", "on"),
        gettext_lazy('"on" puts a short text on prompt writing first'),
        gettext_lazy("paper: off"),
    )
    init: Init = choice(
        "start",
        get_args(Init),
        gettext_lazy(
            '"start" begins with the task\'s prompt, "induction" with instructions induced from examples too'
        ),
    )
    init_demos: int = number(
        5, 1, 64, gettext_lazy("examples that are induced from, {range}"), gettext_lazy("5, as in APE")
    )
    init_prompts: int = number(30, 1, 100, gettext_lazy("instructions induced, {range}"), in_paper(30))
    init_temperature: float = number(
        0.7, 0, 2, gettext_lazy("of the optimizer model when it induces, {range}"), in_paper(".7")
    )
    reason_temperature: float = number(
        0.0,
        0,
        2,
        gettext_lazy("of the optimizer model when it reasons, {range}"),
        gettext_lazy("paper: 0; code: .5"),
    )
    temperature: float = number(
        0.7, 0, 2, gettext_lazy("of the optimizer model when it rewrites or sums up, {range}"), in_code(".7")
    )
    rows: int = number(
        100, 1, 10_000, gettext_lazy("train examples that every prompt is scored on, {range}"), in_paper(100)
    )
    longest: int = longest_text()
    wording: Wording = wording()


# Settings by the name of a preset, over the defaults, which are the paper's.
PRESETS: Presets = {
    "paper": {},
    "quick": {"rounds": 2, "beam": 2, "expand": 2, "rows": 24},
    "thrifty": {"rounds": 2, "beam": 1, "expand": 2, "rows": 16},
}


def start(context: Context[Settings], handed: tuple[str, ...] = ()) -> Demonstrations | Measure:
    """Begin with the start prompt or those handed over; by induction, with the examples for further ones."""
    nodes = tuple(Candidate(text) for text in handed or (context.task.start,))
    if context.settings.init == "induction" and context.task.train:
        return Demonstrations(0, nodes)
    return Measure(0, nodes)


# Where phases are skipped, and how a round ends


def _after_measure(search: Measure, context: Context[Settings], first: bool) -> Beam | Failures | History:
    """Go back to a beam that waited, else end the round; with history on, what was changed is summed up before.

    A search that has ended is not summed up: nobody would read it.
    """
    if search.beam:
        return _to_failures(search, context, search.beam)
    if first:  # the first prompts: no round has gone by
        return Beam(0, *search.everything())
    nodes, made = search.nodes, search.nodes[search.newest :]
    plain = replace(search, nodes=(*nodes[: search.newest], *(replace(node, about=()) for node in made)))
    after = Beam(search.round + 1, *plain.everything())
    if context.settings.history == "off" or isinstance(after.ask(context), Done):
        return after
    parents = tuple(dict.fromkeys(node.parent for node in made))
    return History(search.round, *plain.everything(), parents, made)


def _to_failures(search: _Search, context: Context[Settings], beam: tuple[str, ...]) -> Failures | Beam:
    """Go on to the batches, or to the next round where no prompt has anything to draw them from."""
    failures = Failures(search.round, *search.everything(), beam)
    if any(failures.pool(context, p) for p in range(len(beam))):
        return failures
    return Beam(search.round + 1, *search.everything())


def _to_measure(search: _Search, made: Sequence[Candidate]) -> Measure | Beam:
    """End the expansion of a round with its new prompts; where there are none, nothing is measured."""
    if not made:
        return Beam(search.round + 1, *search.everything())
    nodes = (*search.nodes, *(replace(node, reply=None) for node in made))
    return Measure(search.round, nodes, search.answers, search.examples, len(search.nodes))


@dataclass(frozen=True)
class _Search(Plain):
    """What every phase knows: all prompts so far in the order made, and how they answered the examples.

    A node's `about` is the sentence on what was changed, where history wrote one. The newest generation begins at
    the node `newest`. `answers` has a Score for each prompt that was measured.
    """

    round: int
    nodes: tuple[Candidate, ...]
    answers: tuple[Score, ...] = ()
    examples: tuple[str, ...] = ()
    newest: int = 0

    @property
    def prompts(self) -> tuple[str, ...]:
        """The best prompts of all rounds; those that were not measured come last."""
        return tuple(node.text for node in best_first(self.nodes)[:HELD])

    def known(self) -> dict[str, Candidate]:
        """The nodes by text."""
        return {node.text: node for node in self.nodes}

    def everything(self) -> tuple[tuple[Candidate, ...], tuple[Score, ...], tuple[str, ...], int]:
        """What is handed to the next phase, beside the round."""
        return self.nodes, self.answers, self.examples, self.newest


@dataclass(frozen=True)
class Demonstrations(_Search):
    title: ClassVar[str] = gettext_lazy("Choose examples")
    term: ClassVar[str] = gettext_lazy("demonstrations")
    shows: ClassVar[Shown] = "demonstrations"
    example: ClassVar[Worked] = (
        (gettext_lazy("3 boxes of 4 pens, 2 are lost → 10"), gettext_lazy("7 sheep, 2 more come → 9")),
        gettext_lazy("the examples that a first prompt is induced from"),
    )
    about: ClassVar[str] = gettext_lazy(
        "Train examples are drawn from which the optimizer model guesses the instruction."
    )

    @staticmethod
    def applies(settings: Settings) -> bool:
        return settings.init == "induction"

    def ask(self, context: Context[Settings], sample: int = 0) -> Pick:
        train, n = context.task.train, context.settings.init_demos
        drawn = context.rng("demonstrations", sample=sample).sample(train, min(n + SPARE, len(train)))
        options = tuple(
            Demonstration(one.input, (), None, one.id, one.answer, 0 if i < n else None)
            for i, one in enumerate(drawn)
        )
        return Pick(options, tuple(range(min(n, len(options)))))

    def tell(self, context: Context[Settings], kept: tuple[Demonstration, ...]) -> Induce | Measure:
        return Induce(0, self.nodes, demonstrations=kept) if kept else Measure(0, self.nodes)


@dataclass(frozen=True)
class Induce(_Search):
    demonstrations: tuple[Demonstration, ...] = ()

    title: ClassVar[str] = gettext_lazy("Review induced prompts")
    term: ClassVar[str] = gettext_lazy("initialization by induction")
    shows: ClassVar[Shown] = "candidates"
    example: ClassVar[Worked] = (
        (gettext_lazy("3 boxes of 4 pens, 2 are lost → 10"), gettext_lazy("7 sheep, 2 more come → 9")),
        gettext_lazy("“Work out the number that is asked for.”"),
    )
    about: ClassVar[str] = gettext_lazy(
        "The optimizer model says what instruction could lead from each input to its answer."
    )
    writes_prompts: ClassVar[bool] = True

    @staticmethod
    def applies(settings: Settings) -> bool:
        return settings.init == "induction"

    def ask(self, context: Context[Settings], sample: int = 0) -> Generate:
        s = context.settings
        demos = fitting.demonstrations(context, self.demonstrations)
        limit = f" Write it in at most {s.max_words} words." if s.max_words else ""
        judged, induced = fitting.judging(context), fitting.induced(context)
        text = fill("pe2_induce", demos=demos, limit=limit, judged=judged, induced=induced)
        about = gettext_lazy(
            "{n_prompts} instructions induced from {n_examples} examples",
            n_prompts=s.init_prompts, n_examples=len(self.demonstrations),
        )  # fmt: skip
        return Generate((Request(text, s.init_prompts, s.init_temperature, about=about, tags=TAGS),))

    def read(self, context: Context[Settings], replies: tuple[tuple[Reply, ...], ...]) -> tuple[Candidate, ...]:
        made = tuple(
            read_from(Candidate(one.text, origin="induced"), one, i)
            for _, i, reply in each(("",), replies)
            for one in prompts(reply)
        )
        return _checked(made, self.known(), context)

    def check(self, context: Context[Settings], items: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        return _checked(unflawed(items), self.known(), context)

    def tell(self, context: Context[Settings], kept: tuple[Candidate, ...]) -> Measure:
        return Measure(0, (*self.nodes, *(replace(node, reply=None) for node in kept)))


@dataclass(frozen=True)
class Measure(_Search):
    """Scores what has no answers yet; `beam` waits where a person put a new prompt into it."""

    beam: tuple[str, ...] = ()

    title: ClassVar[str] = gettext_lazy("Score the prompts")
    term: ClassVar[str] = gettext_lazy("evaluation")
    shows: ClassVar[Shown] = "scores"
    about: ClassVar[str] = gettext_lazy("The target model answers a fixed subset of train with each new prompt.")
    passes: ClassVar[bool] = True

    def ask(self, context: Context[Settings], sample: int = 0) -> Evaluate:
        answered = {score.text for score in self.answers}
        ids = tuple(one.id for one in present(context, self.examples)) if self.examples else subset(context, sample)
        return Evaluate(tuple(node.text for node in self.nodes if node.text not in answered), ids)

    def tell(self, context: Context[Settings], kept: tuple[Score, ...]) -> Beam | Failures | History:
        told = {score.text: score for score in kept}
        nodes = tuple(_scored(node, told[node.text]) if node.text in told else node for node in self.nodes)
        examples = self.examples or (kept[0].about if kept else subset(context))
        here = replace(self, nodes=nodes, answers=(*self.answers, *kept), examples=examples)
        return _after_measure(here, context, first=not self.examples)


@dataclass(frozen=True)
class Beam(_Search):
    title: ClassVar[str] = gettext_lazy("Choose what to improve")
    term: ClassVar[str] = gettext_lazy("beam, backtracking")
    shows: ClassVar[Shown] = "candidates"
    example: ClassVar[Worked] = (
        (gettext_lazy("“Give the number.” 45 %"), gettext_lazy("“Solve it step by step.” 70 %")),
        gettext_lazy("“Solve it step by step.”, which is improved next"),
    )
    about: ClassVar[str] = gettext_lazy(
        "The prompts with the best scores are improved next, older ones too when backtracking."
    )

    def ask(self, context: Context[Settings], sample: int = 0) -> Pick | Done:
        ranked = best_first(self.nodes)
        if self.round >= context.settings.rounds or ranked[0].score == 1:
            return Done(ranked[0].text)
        pool = self.nodes if context.settings.backtrack == "on" else self.nodes[self.newest :]
        measured = [node for node in best_first(pool) if node.score is not None]
        chosen = measured[: context.settings.beam] or [ranked[0]]
        spare = [node for node in ranked if node not in chosen][:SPARE]
        return Pick((*chosen, *spare), tuple(range(len(chosen))))

    def check(self, context: Context[Settings], items: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        """Return a node its own score back; a text that was not scored has none, whatever stood there before."""
        own, seen, told = self.known(), set[str](), []
        for item in items:
            node = own.get(item.text) or _typed(item, context)
            stays = item.text in own and item.text not in seen  # a long start prompt, for one
            told.append(node if stays else flawed(node, limits.flaw(node, seen, context)))
            seen.add(item.text)
        return tuple(told)

    def tell(self, context: Context[Settings], kept: tuple[Candidate, ...]) -> Measure | Failures | Beam:
        """Improve what was kept, or the best where nothing was; what a person wrote is measured before."""
        texts = tuple(dict.fromkeys(node.text for node in kept)) or self.prompts[:1]
        new = {node.text: node for node in kept if node.text not in self.known()}
        if not new:
            return _to_failures(self, context, texts)
        nodes = (*self.nodes, *new.values())
        return Measure(self.round, nodes, self.answers, self.examples, self.newest, texts)


@dataclass(frozen=True)
class _Expansion(_Search):
    """What the phases of an expansion know: the prompts that are improved."""

    beam: tuple[str, ...] = ()

    @property
    def prompts(self) -> tuple[str, ...]:
        """The prompts that are improved, best first."""
        return self.beam


@dataclass(frozen=True)
class Failures(_Expansion):
    """A batch for each expansion of each prompt; a failure that was not drawn waits without a group."""

    title: ClassVar[str] = gettext_lazy("Choose the batches")
    term: ClassVar[str] = gettext_lazy("hard negatives")
    shows: ClassVar[Shown] = "errors"
    example: ClassVar[Worked] = (
        (gettext_lazy("“3 boxes of 4 pens, 2 are lost”"), gettext_lazy("expected 10"), gettext_lazy("got 12")),
        gettext_lazy("a failure to reason about, in a batch with others"),
    )
    about: ClassVar[str] = gettext_lazy(
        "Answers of each prompt are drawn into small batches; each batch is reasoned over together."
    )

    def ask(self, context: Context[Settings], sample: int = 0) -> Pick:
        s, drawn, spare = context.settings, [], []
        for p in range(len(self.beam)):
            pool = self.pool(context, p)
            taken = set()
            for k in range(s.expand):
                rng = context.rng(self.round, "failures", p, k, sample=sample)
                for error, _ in _draw(pool, s.batch, rng):
                    drawn.append(replace(error, group=p * s.expand + k))
                    taken.add(error.example)
            spare += [error for error, _ in pool if error.example not in taken][:SPARE]
        return Pick((*drawn, *spare), tuple(range(len(drawn))))

    def pool(self, context: Context[Settings], p: int) -> tuple[tuple[ErrorSample, float], ...]:
        """What batches of a prompt are drawn from, each with its weight."""
        score = next((score for score in self.answers if score.text == self.beam[p]), Score(""))
        batching = context.settings.batching
        return tuple(
            (error, 1 - hit if batching == "hard_weighted" else 1.0)
            for error, hit in answered(context, score, p)
            if hit < 1 or batching == "random"
        )

    def tell(self, context: Context[Settings], kept: tuple[ErrorSample, ...]) -> Reason | Beam:
        """Keep the batches that are left; a failure picked by hand joins its prompt's smallest one."""
        n = context.settings.expand
        batches = grouped(kept, lambda error: range(error.prompt * n, (error.prompt + 1) * n))
        if not batches:
            return Beam(self.round + 1, *self.everything())
        return Reason(self.round, *self.everything(), self.beam, batches)


@dataclass(frozen=True)
class Reason(_Expansion):
    batches: tuple[tuple[ErrorSample, ...], ...] = ()

    title: ClassVar[str] = gettext_lazy("Review the reasoning")
    term: ClassVar[str] = gettext_lazy("step-by-step reasoning template")
    shows: ClassVar[Shown] = "critiques"
    example: ClassVar[Worked] = (
        (gettext_lazy("“3 boxes of 4 pens, 2 are lost”: 12, not 10"), gettext_lazy("“Give the number.”")),
        gettext_lazy("“The prompt is the reason: it does not ask for every step.”"),
    )
    about: ClassVar[str] = gettext_lazy(
        "The optimizer model answers five questions on each example: must the prompt change, and how?"
    )

    def ask(self, context: Context[Settings], sample: int = 0) -> Generate:
        return Generate(tuple(
            Request(
                fill("pe2_reason", tutorial=_tutorial(context), prompt=self.beam[batch[0].prompt],
                     template=shown.template(self.beam[batch[0].prompt], context.task.inputs),
                     n=_examples(context, len(batch)), judged=fitting.judging(context),
                     errors=fitting.errors(context, batch), agrees=_agrees(context)),
                temperature=context.settings.reason_temperature,
                max_tokens=REASONING_TOKENS,
                about=gettext_lazy(
                    "reasoning on {n} answers of prompt {prompt}", n=len(batch), prompt=batch[0].prompt + 1
                ),
            )
            for batch in self.batches
        ))  # fmt: skip

    def read(self, context: Context[Settings], replies: tuple[tuple[Reply, ...], ...]) -> tuple[Critique, ...]:
        return tuple(
            read_from(
                Critique(one.text, tuple(error.example for error in batch), None, batch[0].prompt, batch), one, i
            )
            for batch, i, reply in each(self.batches, replies)
            for one in (prose(reply),)
        )

    def check(self, context: Context[Settings], items: tuple[Critique, ...]) -> tuple[Critique, ...]:
        return not_empty(items)

    def tell(self, context: Context[Settings], kept: tuple[Critique, ...]) -> Rewrite | Measure | Beam:
        return Rewrite(self.round, *self.everything(), self.beam, kept) if kept else _to_measure(self, ())


@dataclass(frozen=True)
class Rewrite(_Expansion):
    critiques: tuple[Critique, ...] = ()

    title: ClassVar[str] = gettext_lazy("Review new prompts")
    term: ClassVar[str] = gettext_lazy("prompt proposal")
    shows: ClassVar[Shown] = "candidates"
    example: ClassVar[Worked] = (
        (gettext_lazy("“Give the number.”"), gettext_lazy("“It does not ask for every step.”")),
        gettext_lazy("“Work through every step, then give the number.”"),
    )
    about: ClassVar[str] = gettext_lazy(
        "The optimizer model writes a new prompt from each reasoning, within the limits."
    )
    writes_prompts: ClassVar[bool] = True

    def ask(self, context: Context[Settings], sample: int = 0) -> Generate:
        return Generate(tuple(
            Request(
                fill("pe2_rewrite", tutorial=_tutorial(context), prompt=self.beam[critique.prompt],
                     template=shown.template(self.beam[critique.prompt], context.task.inputs),
                     errors=fitting.errors(context, critique.errors), judged=fitting.judging(context),
                     reasoning=critique.text, history=self._history(context, self.beam[critique.prompt]),
                     limits=limits.asked(context, self.beam[critique.prompt])),
                temperature=context.settings.temperature,
                about=gettext_lazy(
                    "a new prompt from prompt {prompt} and reasoning {reasoning}",
                    prompt=critique.prompt + 1, reasoning=i,
                ),
                tags=TAGS,
            )
            for i, critique in enumerate(self.critiques, 1)
        ))  # fmt: skip

    def _history(self, context: Context[Settings], text: str) -> str:
        """Tell the line of a prompt, oldest first, with the score of each and what was changed to make it."""
        if context.settings.history == "off":
            return ""
        known, line = self.known(), list[Candidate]()
        node = known.get(text)
        while node is not None and node not in line:
            line.insert(0, node)
            node = known.get(node.parent)
        told = "\n\n".join(
            f"<TEXT>{node.text}</TEXT>\nScore: {_points(node.score)}"
            + "".join(f"\nChange: {s}" for s in node.about)
            for node in line
        )
        return fill("pe2_past", told=told) + "\n\n"

    def read(self, context: Context[Settings], replies: tuple[tuple[Reply, ...], ...]) -> tuple[Candidate, ...]:
        made = tuple(
            read_from(
                Candidate(one.text, (critique.text,), None, self.beam[critique.prompt], "edit", critique.prompt),
                one,
                i,
            )
            for critique, i, reply in each(self.critiques, replies)
            for one in prompts(reply)
        )
        return _checked(made, self.known(), context)

    def check(self, context: Context[Settings], items: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        return _checked(unflawed(items), self.known(), context)

    def tell(self, context: Context[Settings], kept: tuple[Candidate, ...]) -> Measure | Beam:
        """Has what was kept scored; a prompt keeps its reasoning until history has summed it up."""
        return _to_measure(self, kept)


@dataclass(frozen=True)
class History(_Expansion):
    """A sentence on each of the new prompts `made`, whose parents are the beam."""

    made: tuple[Candidate, ...] = ()

    title: ClassVar[str] = gettext_lazy("Review what was changed")
    term: ClassVar[str] = gettext_lazy("optimization history")
    shows: ClassVar[Shown] = "critiques"
    example: ClassVar[Worked] = (
        (
            gettext_lazy("“Give the number.” 45 %"),
            gettext_lazy("“Work through every step, then give the number.” 70 %"),
        ),
        gettext_lazy("“Every step was asked for; 25 points more.”"),
    )
    about: ClassVar[str] = gettext_lazy(
        "The optimizer model says in a sentence what each change was for; later rewrites see it."
    )

    @staticmethod
    def applies(settings: Settings) -> bool:
        return settings.history == "on"

    def ask(self, context: Context[Settings], sample: int = 0) -> Generate:
        return Generate(tuple(
            Request(
                fill("pe2_history", prompt=node.parent, new=node.text, reasoning="\n".join(node.about)),
                temperature=context.settings.temperature,
                about=gettext_lazy("a sentence on new prompt {prompt}", prompt=i),
            )
            for i, node in enumerate(self.made, 1)
        ))  # fmt: skip

    def read(self, context: Context[Settings], replies: tuple[tuple[Reply, ...], ...]) -> tuple[Critique, ...]:
        return tuple(
            read_from(Critique(one.text, (node.text,), None, self.beam.index(node.parent)), one, i)
            for node, i, reply in each(self.made, replies)
            for one in (prose(reply),)
        )

    def check(self, context: Context[Settings], items: tuple[Critique, ...]) -> tuple[Critique, ...]:
        return not_empty(items)

    def tell(self, context: Context[Settings], kept: tuple[Critique, ...]) -> Beam:
        """Note the sentences with their prompts; a prompt whose sentence was left out has none."""
        said = {node.text: tuple(one.text for one in kept if one.about == (node.text,)) for node in self.made}
        nodes = tuple(replace(node, about=said.get(node.text, node.about)) for node in self.nodes)
        return Beam(self.round + 1, *replace(self, nodes=nodes).everything())


PHASES = (Demonstrations, Induce, Measure, Beam, Failures, Reason, Rewrite, History)


def _draw(pool: Sequence[tuple[ErrorSample, float]], n: int, rng: Random) -> list[tuple[ErrorSample, float]]:
    """Draw up to `n` by weight, none twice."""
    rest, drawn = list(pool), list[tuple[ErrorSample, float]]()
    while rest and len(drawn) < n:
        sums = list(accumulate(weight for _, weight in rest))
        at = rng.random() * sums[-1]
        drawn.append(rest.pop(next((i for i, reached in enumerate(sums) if at < reached), -1)))
    return drawn


def _typed(item: Candidate, context: Context[Settings]) -> Candidate:
    return replace(item, about=(), flaw=None, parent=item.parent or context.task.start, score=None, n_rows=0)


def _scored(node: Candidate, score: Score) -> Candidate:
    return replace(node, score=score.mean, n_rows=sum(hit is not None for hit in score.hits))


def _checked(
    made: tuple[Candidate, ...], known: Iterable[str], context: Context[Settings]
) -> tuple[Candidate, ...]:
    """Mark what cannot be a candidate."""
    return checked(
        made, lambda item, seen: limits.flaw(item, seen, context) or limits.step_flaw(item, context), known
    )


def _examples(context: Context[Settings], n: int) -> str:
    return fitting.many(context, n, "one example", "{n} examples", "{n} example(s)")


def _agrees(context: Context[Settings]) -> str:
    """Ask the first of the five questions, so that a right answer in a wrong form is not taken for a wrong one."""
    if not fitting.is_fitted(context):
        return "Does the given answer agree with the expected one?"
    return (
        "Does the given answer agree with the expected one? If not, say which it is: the right answer in a wrong "
        "form (words around it, other case or punctuation), or a wrong answer."
    )


def _points(score: float | None) -> str:
    return "not measured" if score is None else str(round(100 * score))


def _tutorial(context: Context[Settings]) -> str:
    return fill("pe2_tutorial") + "\n\n" if context.settings.tutorial == "on" else ""
