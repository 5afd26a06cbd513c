"""Between what a model proposed and what the optimizer is told: a proposal, a verdict, a decision.

Autopilot is a reviewer that always says ACCEPT. The optimizer gets items and cannot tell who wrote them.
"""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from lab.core import arguments
from lab.core.asks import (
    Ask,
    Candidate,
    Context,
    Critique,
    Done,
    Evaluate,
    Generate,
    Item,
    Phase,
    Pick,
    Replies,
    Reply,
    Request,
    Score,
)
from lab.core.codec import stored
from lab.core.constraints import (
    FREE,
    PROMPTS,
    Constraints,
    Regression,
    chosen,
    flaw,
    held_to,
    offered,
    regressions,
    tries,
    vetoed,
    worded,
)  # fmt: skip
from lab.core.flaws import sentence
from lab.errors import BudgetError, MisuseError
from lab.i18n import gettext_lazy
from lab.text import as_code, shortened

LONGEST_TEXT = 20_000  # characters that a person may put into one item
LONGEST_META_PROMPT = 60_000
MOST_ITEMS = 10**6

Perform = Callable[[Ask, str], Awaitable[Replies]]
Texts = tuple[tuple[Reply, ...], ...]  # [request][k]


@stored(renamed={"breaks": "regressions"})
@dataclass(frozen=True)
class Proposal:
    """What was asked, what came back, and the items made of it; `replies` are kept for texts only.

    `reworded` counts from 0 the requests that a person worded otherwise for this once: `ask` holds their words,
    and what the optimizer would have asked is what its phase asks. `chosen` are the items of a choice where
    constraints make it another than the optimizer's own; `regressions` are the items that break an example.
    """

    ask: Ask
    sample: int
    items: tuple[Item, ...]
    replies: tuple[tuple[Reply, ...], ...] = ()
    reworded: tuple[int, ...] = ()
    chosen: tuple[int, ...] | None = None
    regressions: tuple[Regression, ...] = ()

    def default(self, index: int) -> bool:
        """Return whether accepting the proposal keeps this item."""
        if isinstance(self.ask, Pick):
            return index in (self.ask.chosen if self.chosen is None else self.chosen)
        return self.items[index].flaw is None


@stored
@dataclass(frozen=True)
class Mark:
    """What a reviewer made of one item: kept or not, its new text (None: as it is), and why.

    An added item has no `index`; it is `like` the item whose place and evidence it shares.

    Raises:
        MisuseError: for what is not of its kind.

    Example:
        >>> lab.Mark(0, text="Sarcasm is not named.").keep
        True
    """

    index: int | None = None
    keep: bool = True
    text: str | None = None
    why: str = ""
    like: int | None = None

    _repr_html_ = as_code

    def __post_init__(self) -> None:
        for name, place in (("index", self.index), ("like", self.like)):
            if place is not None:
                arguments.whole(name, place, -MOST_ITEMS, MOST_ITEMS)
        arguments.flag("keep", self.keep)
        if self.text is not None:
            arguments.text("text", self.text)
        arguments.text("why", self.why)


@stored
@dataclass(frozen=True)
class Verdict:
    """What a reviewer says of a proposal: accept it, edit it by marks, or reject it with a reason.

    Raises:
        MisuseError: for what is not of its kind.

    Example:
        >>> lab.Verdict("edit", (lab.Mark(0, text="Sarcasm is not named."),)).kind
        'edit'
    """

    kind: Literal["accept", "edit", "reject"] = "accept"
    marks: tuple[Mark, ...] = ()
    why: str = ""

    _repr_html_ = as_code

    def __post_init__(self) -> None:
        arguments.one_of("kind", self.kind, ("accept", "edit", "reject"))
        if not isinstance(self.marks, list | tuple) or not all(isinstance(one, Mark) for one in self.marks):
            raise arguments.wrong("marks", "a list of lab.Mark", self.marks)
        object.__setattr__(self, "marks", tuple(self.marks))
        arguments.text("why", self.why)


ACCEPT = Verdict()


@dataclass(frozen=True)
class Decision:
    """Where a verdict leads: the next phase, the first sample to use in it, and the verdict in its plain form."""

    phase: Phase
    sample: int
    verdict: Verdict


async def propose(
    context: Context,
    phase: Phase,
    perform: Perform,
    sample: int = 0,
    words: Mapping[int, str] | None = None,
    constraints: Constraints = FREE,
) -> Proposal:
    """Let the phase ask, perform the ask, and read the replies; effects happen in `perform` only.

    `words` are other meta-prompts for some requests, by index, for this once: a person's words are sent as they
    are, whatever the constraints. Prompts are tried on the examples that must not break before anyone sees them.

    Raises:
        MisuseError: when the optimizer has ended, or there is no such request to word otherwise.
        ModelError: as `perform` does.
    """
    ask = reworded(worded(phase, phase.ask(context, sample), constraints), words or {})
    if isinstance(ask, Done):
        raise MisuseError(gettext_lazy("The optimizer has ended here; there is nothing left to propose."))
    draw = draw_of(phase, sample)
    items, texts = await _answered(context, phase, ask, perform, draw, constraints)
    broken: tuple[Regression, ...] = ()
    if constraints.protected:
        scores: list[Any] = [one for ask in tries(context, items, constraints) for one in await perform(ask, draw)]
        broken = regressions(items, scores)
        items = vetoed(items, broken) if constraints.veto else items
    picked = chosen(ask, items, constraints) if isinstance(ask, Pick) else None
    return Proposal(ask, sample, items, texts, tuple(sorted(words or {})), picked, broken)


def draw_of(phase: Phase, sample: int) -> str:
    """Name a draw of a phase: the same words asked in a later round are asked anew."""
    return f"{phase.round}.{sample}"


def again(draw: str) -> str:
    """Name the draw in which what could not be read is asked once more."""
    return f"{draw}.again"


async def _answered(
    context: Context, phase: Phase, ask: Ask, perform: Perform, draw: str, constraints: Constraints
) -> tuple[tuple[Item, ...], tuple[tuple[Reply, ...], ...]]:
    """Return the items of an ask, and the replies where they are texts."""
    if isinstance(ask, Pick):
        return offered(context, phase, ask, constraints), ()
    replies: Any = await perform(ask, draw)
    items: tuple[Item, ...] = phase.read(context, replies)
    texts: Texts = ()
    if isinstance(ask, Generate):
        texts = replies
        if more := asked_again(ask, items, texts):
            texts = await _with_more(ask, more, perform, draw, texts)
            items = phase.read(context, texts)
    return items if constraints == FREE else held_to(context, phase, items, constraints), texts


def asked_again(ask: Generate, items: Iterable[Item], replies: Texts) -> dict[int, Request]:
    """Return what is asked once more, by the index of the request: each reply of which nothing could be read."""
    unread = _unread(items, replies)
    return {i: replace(ask.requests[i], n=n) for i, n in enumerate(unread) if n}


async def _with_more(
    ask: Generate, more: Mapping[int, Request], perform: Perform, draw: str, replies: Texts
) -> Texts:
    """Ask once more for what could not be read, as far as the ceiling lets; those that came stay."""
    try:
        answers: Any = await perform(Generate(tuple(more.values())), again(draw))
    except BudgetError:
        return replies
    given = dict(zip(more, answers, strict=True))
    return tuple((*texts, *given.get(i, ())) for i, texts in enumerate(replies))


def _unread(items: Iterable[Item], replies: Texts) -> tuple[int, ...]:
    """Count, for each request, the replies that came whole and of which nothing could be read."""
    flaws: dict[int | None, list[bool]] = {}
    for item in items:
        flaws.setdefault(item.reply, []).append(item.flaw is not None and item.flaw.is_unreadable)
    number = itertools.count()
    return tuple(
        sum(one.flaw is None and all(flaws.get(i, [False])) for one, i in zip(texts, number, strict=False))
        for texts in replies
    )


def reworded(ask: Ask, words: Mapping[int, str]) -> Ask:
    """Put a person's meta-prompts in place of the optimizer's, by the index of the request.

    Raises:
        MisuseError: when there is no such request, or the text is empty or too long.
    """
    if not words:
        return ask
    requests = ask.requests if isinstance(ask, Generate) else ()
    for index, text in words.items():
        if not 0 <= index < len(requests):
            raise MisuseError(
                gettext_lazy("There is no request {number} to word otherwise. Nothing was sent.", number=index + 1)
            )
        if not text.strip() or len(text) > LONGEST_META_PROMPT:
            raise MisuseError(
                gettext_lazy(
                    "A meta-prompt needs 1 to {most} characters. Nothing was sent.", most=LONGEST_META_PROMPT
                )
            )
    return Generate(
        tuple(replace(one, meta_prompt=words.get(i, one.meta_prompt)) for i, one in enumerate(requests))
    )


def decide(
    context: Context, phase: Phase, proposal: Proposal, verdict: Verdict, constraints: Constraints = FREE
) -> Decision:
    """Tell the phase what the reviewer kept. A rejection stays in the phase and draws another sample.

    Raises:
        MisuseError: when a mark does not fit the proposal, or an edited item has a flaw or breaks a constraint.
    """
    verdict = plain(proposal, verdict)
    if verdict.kind == "reject":
        return Decision(phase, proposal.sample + 1, verdict)
    told = kept(context, phase, proposal, verdict, constraints)
    if isinstance(proposal.ask, Evaluate):
        told = on_common_rows(told)
    return Decision(phase.tell(context, told), 0, verdict)


def on_common_rows(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Leave out of scores that stand side by side the examples that were not answered under each of the prompts.

    A prompt is not compared by an easier set than another. One under which nothing was answered is in nobody's way.
    """
    scores = [item for item in items if isinstance(item, Score)]
    missing = {score: _unanswered(score) for score in scores}
    gone = {id for score, ids in missing.items() if len(ids) < len(score.about) for id in ids}
    if not gone:
        return items
    return tuple(
        replace(
            item, hits=tuple(None if id in gone else hit for id, hit in zip(item.about, item.hits, strict=True))
        )
        if isinstance(item, Score)
        else item
        for item in items
    )


def _unanswered(score: Score) -> frozenset[str]:
    pairs = zip(score.about, score.flaws, strict=False)
    return frozenset(id for id, flaw in pairs if flaw and flaw.code == "not_answered")


def plain(proposal: Proposal, verdict: Verdict) -> Verdict:
    """Return the verdict with only the marks that change something, in order; an edit of nothing is ACCEPT."""
    if verdict.kind not in ("accept", "edit", "reject"):
        raise MisuseError(
            gettext_lazy("A verdict is accept, edit or reject, not “{verdict}”.", verdict=verdict.kind)
        )
    if verdict.kind != "edit":
        if verdict.marks:
            raise MisuseError(gettext_lazy("Marks belong to an edit. To change items, make the verdict an edit."))
        return verdict if verdict.kind == "reject" else ACCEPT
    marks = [_checked(proposal, mark) for mark in verdict.marks]
    by_index = {mark.index: mark for mark in marks if mark.index is not None}
    telling = [by_index[i] for i in sorted(by_index) if _changes(proposal, by_index[i])]
    added = [mark for mark in marks if mark.index is None and mark.keep]
    return Verdict("edit", (*telling, *added), verdict.why) if telling or added or verdict.why else ACCEPT


def kept(
    context: Context, phase: Phase, proposal: Proposal, verdict: Verdict, constraints: Constraints = FREE
) -> tuple[Item, ...]:
    """Apply a verdict to the items and return those that the optimizer is told.

    A prompt that a person writes is held to what is frozen and to the length, like one that a model writes; on the
    examples that must not break it is tried at the next choice.

    Raises:
        MisuseError: when an edited, added or expressly kept item has a flaw.
    """
    marks = {mark.index: mark for mark in verdict.marks if mark.index is not None}
    rows: list[tuple[Item, bool]] = []
    for i, item in enumerate(proposal.items):
        mark = marks.get(i, Mark(i, proposal.default(i)))
        if not mark.keep:
            continue
        touched = mark.text is not None and mark.text != item.text
        if item.flaw and not touched and not item.flaw.may_be_overruled:
            raise MisuseError(
                gettext_lazy(
                    "Item {number} cannot be kept as it is: {flaw}. Edit it or leave it out.",
                    number=i + 1,
                    flaw=sentence(item.flaw),
                )
            )
        rows.append((_rewritten(item, mark.text) if touched and mark.text else item, touched))
    for mark in verdict.marks:
        if mark.index is None:
            like = proposal.items[mark.like or 0]
            rows.append((_rewritten(like, mark.text or ""), True))
    found = phase.check(context, tuple(item for item, _ in rows))
    checked = tuple(_overruled(item, written) for item, (_, written) in zip(found, rows, strict=True))
    for item, (_, written) in zip(checked, rows, strict=True):
        ours = flaw(item.text, constraints) if written and isinstance(item, PROMPTS) else None
        if broken := item.flaw or ours:
            raise MisuseError(
                gettext_lazy(
                    "“{text}” cannot be kept: {flaw}. Edit it or leave it out.",
                    text=shortened(item.text, 60),
                    flaw=sentence(broken),
                )
            )
    return checked


def _rewritten(item: Item, text: str) -> Item:
    """Put a person's text into an item; what was found of the text that the model wrote does not hold for it."""
    if isinstance(item, (Candidate, Critique)):
        return replace(item, text=text, flaw=None, removed=(), recovered=False)
    return replace(item, text=text, flaw=None)


def _overruled(item: Item, written: bool) -> Item:
    """Take away a flaw that a person overrules by keeping a text, or by writing it."""
    if item.flaw and (item.flaw.is_doubt if written else item.flaw.may_be_overruled):
        return replace(item, flaw=None)
    return item


def carried(
    marks: Iterable[tuple[int, Mark]], before: Sequence[object], after: Sequence[object]
) -> Iterator[tuple[int, Mark]]:
    """Return the (place, mark) of things that stand among others too, with the places that they have there."""

    def there(i: int) -> int | None:
        one = before[i]
        return i if after[i : i + 1] == before[i : i + 1] else after.index(one) if one in after else None

    for place, mark in marks:
        at = there(place if place >= 0 else mark.like or 0)
        if at is not None:
            yield (at, replace(mark, index=at)) if place >= 0 else (place, replace(mark, like=at))


def check_mark(proposal: Proposal, mark: Mark) -> None:
    """Refuse a mark that this proposal has no place for, whatever is typed in it later.

    Raises:
        MisuseError: when there is no such item, it cannot be edited, or a text is too long.
    """
    if isinstance(proposal.ask, Evaluate):
        raise MisuseError(
            gettext_lazy("Scores are measured and cannot be edited. Accept them, or reject to measure again.")
        )
    place = mark.index if mark.index is not None else mark.like
    if place is None or not 0 <= place < len(proposal.items):
        raise MisuseError(
            gettext_lazy(
                "The proposal has no item {place}; it has {n_items}. Nothing was changed.",
                place=place,
                n_items=len(proposal.items),
            )
        )
    if max(len(mark.text or ""), len(mark.why)) > LONGEST_TEXT:
        raise MisuseError(
            gettext_lazy(
                "A text is longer than {most} characters. Shorten it; nothing was changed.", most=LONGEST_TEXT
            )
        )


def _checked(proposal: Proposal, mark: Mark) -> Mark:
    check_mark(proposal, mark)
    if mark.keep and (mark.index is None or mark.text is not None) and not (mark.text or "").strip():
        raise MisuseError(gettext_lazy("An edited item is empty. Write something or leave it out."))
    return mark if mark.keep else replace(mark, text=None)


def _changes(proposal: Proposal, mark: Mark) -> bool:
    assert mark.index is not None
    retold = mark.keep and mark.text is not None and mark.text != proposal.items[mark.index].text
    return retold or bool(mark.why) or mark.keep != proposal.default(mark.index)
