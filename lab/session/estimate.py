"""What a run would take, rehearsed with stand-ins for both models before the first call is made.

The stand-ins answer with errors enough, so that every phase comes on, and patience is left out of account. Calls
are counted as they are asked for, with usable replies only, so that there will not be more. Tokens are what to
expect: some replies repeat another, calls that were made before cost nothing, and texts that are not known yet are
as long as a reply of the phase may be.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b
from itertools import groupby, pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING
from zlib import crc32

from lab.core.asks import Ask, Context, Done, Evaluate, Generate, Phase, Replies, Reply, Request, Score
from lab.core.flaws import Flaw
from lab.core.review import ACCEPT, Perform, decide, propose
from lab.models.roles import Models
from lab.optimizers import Optimizer
from lab.tasks.rubric import points, rubric_of

if TYPE_CHECKING:
    from lab.store import Book

__all__ = ["MEASURED", "UNKNOWN", "Expense", "Measured", "rehearse"]


@dataclass(frozen=True)
class Measured:
    """The `tokens` of a reply, or by how much a prompt that is written is longer than those held.

    `usable` is the share of replies that may be used: some say what another says.
    """

    tokens: int = 40
    usable: float = 0.9


UNKNOWN = Measured(usable=1.0)
MEASURED: Mapping[tuple[str, str], Measured] = MappingProxyType({
    ("ape", "Induce"): Measured(45),
    ("ape", "Resample"): Measured(0),
    ("protegi", "Criticise"): Measured(28),
    ("protegi", "Edit"): Measured(28),
    ("protegi", "Paraphrase"): Measured(8),
    ("opro", "Propose"): Measured(14, 0.7),
    ("pe2", "Induce"): Measured(45),
    ("pe2", "Reason"): Measured(200),
    ("pe2", "Rewrite"): Measured(30, 0.85),
    ("pe2", "History"): Measured(35),
})  # fmt: skip


LAST_RUNS = 4


def reply_lengths(book: Book, owner: str, models: Models, kind: Optimizer) -> dict[str, float]:
    """Return the mean tokens of what these models replied, as `lab.session.estimate.rehearse` takes them.

    By the name of a phase of the optimizer, of the owner's last runs with these models; and of the "target". What
    was never asked for is missing.

    Raises:
        MisuseError: when one of the models is none, as `lab.models.endpoint` spells them.
    """
    writes = models["optimizer"].spec
    mine = (one for one in reversed(book.branches(owner)) if one.models["optimizer"].spec == writes)
    runs = dict.fromkeys(one.run for one in mine)
    paid = [
        spend
        for run in tuple(runs)[:LAST_RUNS]
        for _, spend in book.spends(run)
        if (spend.role, spend.what, spend.model) == ("optimizer", "propose", writes) and spend.calls
    ]
    nodes = book.nodes(tuple(dict.fromkeys(spend.node for spend in paid)))
    tokens, calls = Counter[str](), Counter[str]()
    for spend in paid:
        phase = type(nodes[spend.node].phase)
        if phase in kind.phases:
            tokens[phase.__name__] += spend.n_output_tokens
            calls[phase.__name__] += spend.calls
    target = book.mean_reply(models["target"].spec, "target")
    told = {phase: tokens[phase] / calls[phase] for phase in calls}
    return told if target is None else {**told, "target": target}


_MOST_STEPS = 120
_TOKEN = re.compile(r"\w{1,6}|[^\w\s]")  # a rough tokenizer, right within a tenth or so for English and JSON
_MESSAGE_TOKENS = 3
_READ = 1000  # examples that are read for their length
_MOST_WORDS, _MOST_CHARACTERS = 10_000, 40_000  # of a prompt, where no setting limits them
_JUDGE_TOKENS, _VERDICT_TOKENS = 230, 45  # of what a judge is told, and says
_WORDS_AROUND = 2  # tokens that an answer has beside the reference answer
_RIGHT, _RIGHT_AT_MOST = 0.5, 0.8  # share of right answers: of an empty prompt, of a long one
_LONG = 150  # tokens: what more a prompt says makes it better up to there, so that prompts grow as they do
_WORDS = ("so", "the", "wording")  # four tokens

Known = dict[tuple[str, str], set[str]]  # {(prompt, what it was measured by): examples}
Sizes = Mapping[str, tuple[int, int]]  # {example: tokens of its input and of its answer}


@dataclass(frozen=True)
class Expense:
    """Calls by role, and tokens roughly; `rounds` is how many rounds they are for.

    `target_calls` are those that the optimizer asks for; `dev_calls` measure the prompts it holds on dev;
    `judge_calls` grade what comes of both, where a model does that.
    """

    rounds: int = 0
    optimizer_calls: int = 0
    target_calls: int = 0
    dev_calls: int = 0
    n_input_tokens: int = 0
    n_output_tokens: int = 0
    judge_calls: int = 0

    def __add__(self, other: Expense) -> Expense:
        return Expense(
            self.rounds + other.rounds,
            self.optimizer_calls + other.optimizer_calls,
            self.target_calls + other.target_calls,
            self.dev_calls + other.dev_calls,
            self.n_input_tokens + other.n_input_tokens,
            self.n_output_tokens + other.n_output_tokens,
            self.judge_calls + other.judge_calls,
        )

    def times(self, n: float) -> Expense:
        """Return the expense of `n` times as much."""
        return Expense(*(round(n * value) for value in (
            self.rounds, self.optimizer_calls, self.target_calls, self.dev_calls, self.n_input_tokens,
            self.n_output_tokens, self.judge_calls,
        )))  # fmt: skip


def rehearse(
    kind: Optimizer,
    context: Context,
    phase: Phase | None = None,
    reply_tokens: Mapping[str, float] = MappingProxyType({}),
    *,
    dev: bool = False,
) -> Expense:
    """Describe what a run takes from a phase (or its start) to its end: calls at most, tokens roughly.

    With `dev`, what it takes to measure on dev each prompt that is held on the way is counted too.

    A long run is rehearsed for its first rounds, and the rest is taken to be like the last of them.
    `reply_tokens` has the mean length of a reply where it is known, by the name of a phase or "target".
    """
    context = replace(context, settings=kind.longest_run(context.settings))
    first = phase or kind.start(context)
    most, likely = (
        _run_now(_rehearse(kind, context, first, reply_tokens, losing, dev)) for losing in (False, True)
    )
    return replace(most, n_input_tokens=likely.n_input_tokens, n_output_tokens=likely.n_output_tokens)


def _run_now(coroutine: Coroutine[None, None, Expense]) -> Expense:
    """Run a coroutine that never waits to its end, also where an event loop is running."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        expense: Expense = end.value
        return expense
    raise AssertionError("a stand-in never waits")


async def _rehearse(
    kind: Optimizer, context: Context, phase: Phase, reply_tokens: Mapping[str, float], losing: bool, dev: bool
) -> Expense:
    first, answer = phase.round, reply_tokens.get("target")
    by_round: dict[int, Expense] = defaultdict(Expense)
    known, sizes = Known(), _sizes(context)
    walk: list[Phase] = []
    for _ in range(_MOST_STEPS):
        walk.append(phase)
        ask = phase.ask(context)
        if isinstance(ask, Done):
            break
        name = type(phase).__name__
        measured = MEASURED.get((kind.name, name), UNKNOWN)
        n = round(reply_tokens.get(name) or _expected(kind, phase, context, measured.tokens))
        by_round[phase.round] += expense(context, ask, n, answer, known, sizes)
        stand_in = _stand_in(context, n, measured.usable if losing else 1.0)
        phase = decide(context, phase, await propose(context, phase, stand_in), ACCEPT).phase
    if dev:
        on_dev = tuple(example.id for example in context.task.dev)
        for made_in, new, most in _measured(context, walk):
            taken = expense(context, Evaluate(new, on_dev, "dev"), answer=answer, known=known, sizes=sizes)
            graded = most * len(on_dev) if taken.judge_calls else 0
            by_round[made_in] += replace(taken, dev_calls=most * len(on_dev), judge_calls=graded)
    if isinstance(ask, Done):
        return _summed(by_round, phase.round - first)
    left = context.settings.rounds - phase.round
    whole = [round for round in by_round if round < phase.round]
    return _summed({round: by_round[round] for round in whole}, phase.round - first) + replace(
        by_round[whole[-1]] if whole else by_round[phase.round], rounds=1
    ).times(left)


def _measured(context: Context, walk: Sequence[Phase]) -> Iterator[tuple[int, tuple[str, ...], int]]:
    """Return what is measured on dev, each (round, the new prompts here, how many there are at most).

    Which prompts of a round beat those before is not known before: at most all that are held at its end are new.
    """
    at_start = tuple(dict.fromkeys((context.task.start, *walk[0].prompts)))
    yield walk[0].round, at_start, len(at_start)
    seen = set(at_start)
    for made_in, steps in groupby(pairwise(walk), key=lambda step: step[0].round):
        come_to = [after for _, after in steps]
        new = tuple(dict.fromkeys(text for phase in come_to for text in phase.prompts if text not in seen))
        seen.update(new)
        yield made_in, new, max(len(new), len(come_to[-1].prompts))


def _expected(kind: Optimizer, phase: Phase, context: Context, more: int) -> float:
    """The tokens of a reply; a prompt that is written adds to those the phase has, within the limits there are."""
    if not getattr(phase, "writes_prompts", False):
        return more
    held = [_n_tokens(prompt) for prompt in phase.prompts]
    most = kind.longest_prompt(context.settings)
    words, characters = most.get("words", _MOST_WORDS), most.get("characters", _MOST_CHARACTERS)
    return min(sum(held) / len(held) + more, words * 4 // 3, characters // 4)


def _summed(by_round: dict[int, Expense], rounds: int) -> Expense:
    total = Expense()
    for one in by_round.values():
        total = total + one
    return replace(total, rounds=rounds)


def expense(
    context: Context,
    ask: Ask,
    reply: int = UNKNOWN.tokens,
    answer: float | None = None,
    known: Known | None = None,
    sizes: Sizes | None = None,
) -> Expense:
    """Describe what one ask takes: calls at most, tokens roughly, none for what is `known`, which it adds to.

    `reply` and `answer` are the tokens that come back from the optimizer and the target model.
    """
    if isinstance(ask, Generate):
        n = sum(request.n for request in ask.requests)
        sent = sum((_n_tokens(request.meta_prompt) + _MESSAGE_TOKENS) * request.n for request in ask.requests)
        return Expense(0, n, n_input_tokens=sent, n_output_tokens=n * reply)
    if not isinstance(ask, Evaluate):
        return Expense()
    known, sizes = {} if known is None else known, sizes or _sizes(context)
    sent, said = 0, 0.0
    graded = ask.by == "answers" and points(context.task.metric) is not None
    about = _n_tokens(rubric_of(context.task)) + _JUDGE_TOKENS if graded else 0
    for prompt in ask.prompts:
        before = known.setdefault((prompt, ask.by), set())
        new = [sizes.get(id, (0, 0)) for id in ask.examples if id not in before]
        before.update(ask.examples)
        given, right = sum(given for given, _ in new), sum(right for _, right in new)
        sent += given + (_n_tokens(prompt) + 2 * _MESSAGE_TOKENS) * len(new)
        if ask.by == "likelihood":  # the reference answer is sent, and next to nothing comes back
            sent, said = sent + right, said + len(new)
        else:
            said += right + _WORDS_AROUND * len(new) if answer is None else answer * len(new)
        if graded:  # the answer goes to the judge, with the input, the right one and the rubric
            sent, said = sent + given + 2 * right + about * len(new), said + _VERDICT_TOKENS * len(new)
    n = len(ask.prompts) * len(ask.examples)
    on_dev = ask.split == "dev"
    return Expense(0, 0, 0 if on_dev else n, n if on_dev else 0, sent, round(said), n if graded else 0)


def _sizes(context: Context) -> Sizes:
    """The tokens of each example, of its input and its answer; many are taken to be like the first."""
    read = {one.id: (_n_tokens(one.input), _n_tokens(one.answer)) for one in context.task.train[:_READ]}
    many = max(1, len(read))
    usual = (sum(given for given, _ in read.values()) // many, sum(right for _, right in read.values()) // many)
    return {**{one.id: usual for one in (*context.task.train, *context.task.dev)}, **read}


def _stand_in(context: Context, n_tokens: int, usable: float) -> Perform:
    async def perform(ask: Ask, sample: str) -> Replies:
        if isinstance(ask, Generate):
            return tuple(
                tuple(_reply(request, n_tokens, usable, sample, i, k) for k in range(request.n))
                for i, request in enumerate(ask.requests)
            )
        assert isinstance(ask, Evaluate)
        answers = {example.id: example.answer for example in context.task.split(ask.split)}
        got = tuple(answers.get(id, "") for id in ask.examples)
        return tuple(Score(prompt, ask.examples, None, _hits(prompt, ask), got, ask.by) for prompt in ask.prompts)

    return perform


def _hits(prompt: str, ask: Evaluate) -> tuple[float, ...]:
    """Draw right and wrong answers; by likelihood those that are certain, and those a nat away from it."""
    share = _RIGHT + (_RIGHT_AT_MOST - _RIGHT) * min(1.0, _n_tokens(prompt) / _LONG)
    start, off, below = crc32(prompt.encode("utf-8", "surrogatepass")), ask.by == "likelihood", share * 2**32
    return tuple(float(crc32(id.encode(), start) < below) - off for id in ask.examples)


def _reply(request: Request, n_tokens: int, usable: float, *at: object) -> Reply:
    """Write a text that there is no other of; one that cannot be used says nothing, and is not asked for again."""
    if usable < 1 and _chance(request.meta_prompt, *at) >= usable:
        return Reply("", Flaw("cut_off"))
    n = n_tokens * len(_WORDS) // (len(_WORDS) + 1)
    text = " ".join((_digest(request.meta_prompt, *at), *(_WORDS[i % len(_WORDS)] for i in range(n - 2))))
    return Reply(text.join(request.tags) if request.tags else text)


@lru_cache(maxsize=4096)
def _n_tokens(text: str) -> int:
    return len(_TOKEN.findall(text))


def _digest(*parts: object) -> str:
    return blake2b("|".join(map(str, parts)).encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def _chance(*parts: object) -> float:
    return int(_digest(*parts), 16) / 16**12
