"""What a person wants to last: prompts pinned or hidden, passages frozen, a length, examples that must not break.

Constraints are data beside the phase. They act on what is asked and on what is proposed, before a reviewer sees it;
no optimizer knows of them, and one who always accepts keeps to them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from lab.core.asks import Ask, Candidate, Context, Evaluate, Generate, Item, Phase, Pick, Score, Task, TrajectoryRow
from lab.core.codec import stored
from lab.core.flaws import Flaw
from lab.core.handover import held
from lab.errors import MisuseError
from lab.i18n import gettext_lazy, sentences

__all__ = [
    "FREE", "PROMPTS", "Constraints", "Regression", "changed", "chosen", "flaw", "handed",
    "held_to", "lost", "offered", "protected_in", "regressions", "tries", "vetoed", "worded",
]  # fmt: skip

LONGEST = 20_000  # characters of all frozen passages together
MOST_WORDS = 10_000
_MOST_WORDS = gettext_lazy(
    "The most words are a whole number from 1 to {most}, or 0 for no limit.", most=MOST_WORDS
)
PROMPTS = (Candidate, TrajectoryRow)  # the items that are prompts
_FROM_NOTHING = ("induced", "proposal")  # origins of prompts that were not made by rewriting their parent


@stored(renamed={"unbreakable": "protected"})
@dataclass(frozen=True)
class Constraints:
    """What holds from a place in the history on, until a person lifts it.

    Attributes:
        pinned: prompts that stay chosen wherever the optimizer picks among prompts and has them at hand.
        hidden: prompts that are not chosen there.
        frozen: passages that every new prompt must hold word for word; line breaks and spaces may differ.
        longest_words: the most words of a new prompt; 0 is no limit.
        protected: ids of train or dev examples that no prompt may answer wrongly.
        veto: whether a prompt that breaks one cannot be kept; else it is only marked.
    """

    pinned: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    frozen: tuple[str, ...] = ()
    longest_words: int = 0
    protected: tuple[str, ...] = ()
    veto: bool = False


FREE = Constraints()


@stored(was=("Break",))
@dataclass(frozen=True)
class Regression:
    """An item that answers a protected example wrongly, and what was answered."""

    item: int
    example: str
    got: str


# Changing them


def changed(constraints: Constraints, task: Task, **changes: Any) -> Constraints:
    """Return the constraints with some of them other; what is pinned is no longer hidden, and the reverse.

    Raises:
        MisuseError: for a constraint that does not exist, or one that nothing could keep to.
    """
    known = {field.name for field in fields(Constraints)}
    for name in changes:
        if name not in known:
            raise MisuseError(
                gettext_lazy(
                    "There is no constraint “{name}”. There are: {known}.",
                    name=name,
                    known=", ".join(sorted(known)),
                )
            )
    told = {name: _plain(name, value) for name, value in changes.items()}
    if "pinned" in told:
        told["hidden"] = _without(told.get("hidden", constraints.hidden), told["pinned"])
    elif "hidden" in told:
        told["pinned"] = _without(constraints.pinned, told["hidden"])
    after = replace(constraints, **told)
    _check(after, task, _without(after.protected, constraints.protected))
    return after


def _plain(name: str, value: Any) -> Any:
    if name == "veto":
        return bool(value)
    if name == "longest_words":
        try:
            return int(value)
        except (TypeError, ValueError, OverflowError):
            raise MisuseError(sentences(_MOST_WORDS, gettext_lazy("Nothing was changed."))) from None
    value = (value,) if isinstance(value, str) else value
    texts = tuple(dict.fromkeys(str(one).strip() if name == "frozen" else str(one) for one in value))
    return tuple(text for text in texts if text.strip())


def _without(texts: Iterable[str], others: Sequence[str]) -> tuple[str, ...]:
    return tuple(text for text in texts if text not in others)


def _check(constraints: Constraints, task: Task, protected_anew: Sequence[str]) -> None:
    """Refuse what nothing could keep to; a protected example may have been flagged since, and is in no split."""
    if not 0 <= constraints.longest_words <= MOST_WORDS:
        raise MisuseError(_MOST_WORDS)
    if sum(map(len, constraints.frozen)) > LONGEST:
        raise MisuseError(
            gettext_lazy("The frozen passages have more than {most} characters. Freeze less.", most=LONGEST)
        )
    n = sum(len(passage.split()) for passage in constraints.frozen)
    if 0 < constraints.longest_words < n:
        raise MisuseError(
            gettext_lazy(
                "The frozen passages alone have {n_words} words, the limit is {most}. "
                "Raise the limit or freeze less.",
                n_words=n,
                most=constraints.longest_words,
            )
        )
    known = {example.id for example in (*task.train, *task.dev)}
    if any(id not in known for id in protected_anew):
        raise MisuseError(gettext_lazy("There is no such example in train or dev to protect. Nothing was changed."))


# Asking for what is frozen, and looking whether it came


def worded(phase: Phase, ask: Ask, constraints: Constraints) -> Ask:
    """Put what is asked of new prompts before each meta-prompt of a phase that has prompts written."""
    told = _paragraph(constraints)
    if not told or not isinstance(ask, Generate) or not getattr(phase, "writes_prompts", False):
        return ask
    return Generate(tuple(replace(one, meta_prompt=f"{told}\n\n{one.meta_prompt}") for one in ask.requests))


def _paragraph(constraints: Constraints) -> str:
    """Describe what every new text must hold; the words set no task of their own, so the request stays the same."""
    kept = "".join(f"\n<KEEP>\n{passage}\n</KEEP>" for passage in constraints.frozen)
    hold = f"Whatever you write has to hold each text between <KEEP> and </KEEP>, word for word.{kept}"
    limit = f"Write it in at most {constraints.longest_words} words."
    return "\n".join(([hold] if kept else []) + ([limit] if constraints.longest_words else []))


def lost(text: str, frozen: Iterable[str]) -> tuple[str, ...]:
    """Return the passages that a text does not hold."""
    line = _line(text)
    return tuple(passage for passage in frozen if _line(passage) not in line)


def flaw(text: str, constraints: Constraints) -> Flaw | None:
    """Describe why a new prompt may not be kept, or None."""
    for passage in lost(text, constraints.frozen):
        return Flaw("lost_passage", texts=(passage,))
    n, most = len(text.split()), constraints.longest_words
    return Flaw("over_word_limit", n, most) if 0 < most < n else None


def held_to(context: Context, phase: Phase, items: tuple[Item, ...], constraints: Constraints) -> tuple[Item, ...]:
    """Mark new prompts that lost a passage or are too long; one written from nothing gets the passage added.

    Such a prompt had no parent from which it could have the passage. Where the model does not do as it was asked,
    nothing would be left of a step of APE or OPRO, so the passage is put below on lines of its own, and the
    candidate says so. A rewrite of a prompt that held it had the words before it: there it is a flaw.
    """
    if not (constraints.frozen or constraints.longest_words):
        return items
    made = tuple(_completed(item, constraints.frozen) for item in items)
    if made != items:
        good = tuple(i for i, item in enumerate(made) if item.flaw is None)
        checked = dict(zip(good, phase.check(context, tuple(made[i] for i in good)), strict=False))
        made = tuple(checked.get(i, item) for i, item in enumerate(made))
    return tuple(
        replace(item, flaw=found)
        if isinstance(item, Candidate) and item.flaw is None and (found := flaw(item.text, constraints))
        else item
        for item in made
    )


def _completed(item: Item, frozen: tuple[str, ...]) -> Item:
    if not isinstance(item, Candidate) or item.flaw:
        return item
    could = lost("" if item.origin in _FROM_NOTHING else item.parent, frozen)
    added = tuple(passage for passage in lost(item.text, frozen) if passage in could)
    return replace(item, text="\n".join((item.text, *added)), passage_added=True) if added else item


def _line(text: str) -> str:
    return " ".join(text.split())


# Examples that must not break


def protected_in(context: Context, constraints: Constraints, split: str) -> tuple[str, ...]:
    """Return the protected examples of a split; one that was flagged since is in none."""
    ids = {example.id for example in context.task.split(split)}
    return tuple(id for id in constraints.protected if id in ids)


def tries(context: Context, items: Iterable[Item], constraints: Constraints) -> tuple[Evaluate, ...]:
    """Return what the target model must be asked to know which of these prompts break an example."""
    texts = tuple(dict.fromkeys(item.text for item in items if isinstance(item, PROMPTS) and item.flaw is None))
    by_split = ((split, protected_in(context, constraints, split)) for split in ("train", "dev"))
    return tuple(Evaluate(texts, ids, split) for split, ids in by_split if texts and ids)


def regressions(items: Sequence[Item], scores: Iterable[Score]) -> tuple[Regression, ...]:
    """Describe which items answer which examples wrongly; what was not measured breaks nothing."""
    wrong: dict[str, list[tuple[str, str]]] = {}
    for score in scores:
        answered = zip(score.about, score.hits, score.got, strict=True)
        wrong.setdefault(score.text, []).extend(
            (id, got) for id, hit, got in answered if hit is not None and hit < 1
        )
    return tuple(
        Regression(i, id, got)
        for i, item in enumerate(items)
        if isinstance(item, PROMPTS) and item.flaw is None
        for id, got in wrong.get(item.text, ())
    )


def vetoed(items: tuple[Item, ...], found: Iterable[Regression]) -> tuple[Item, ...]:
    """Return the items, those that break an example with a flaw."""
    bad = {one.item for one in found}
    return tuple(replace(item, flaw=Flaw("breaks_example")) if i in bad else item for i, item in enumerate(items))


# Choosing among prompts


def offered(context: Context, phase: Phase, pick: Pick, constraints: Constraints) -> tuple[Item, ...]:
    """Return the options, then the pinned prompts that the phase holds and would not have offered any more."""
    if not constraints.pinned or not pick.options or not isinstance(pick.options[0], PROMPTS):
        return pick.options
    items = {item.text: item for item in pick.options}
    for one in _held(phase, type(pick.options[0])):
        if (
            one.text in constraints.pinned
            and one.text not in items
            and phase.check(context, (one,))[0].flaw is None
        ):
            items[one.text] = one
    return (*pick.options, *(item for item in items.values() if item not in pick.options))


def _held(phase: Any, kind: type[Item]) -> list[Item]:
    values = (getattr(phase, field.name) for field in fields(phase))
    return [one for value in values if isinstance(value, tuple) for one in value if isinstance(one, kind)]


def chosen(pick: Pick, items: tuple[Item, ...], constraints: Constraints) -> tuple[int, ...] | None:
    """Describe which prompts are chosen where that is other than the optimizer's own choice, else None.

    Their number stays that of the choice: a pinned one takes the place of the lowest that is not pinned, and what
    is free is filled with the next best that was measured. More pinned ones than places all come in.
    """
    allowed = {
        i: item
        for i, item in enumerate(items)
        if isinstance(item, PROMPTS) and item.flaw is None and item.text not in constraints.hidden
    }
    if not isinstance(items[0] if items else None, PROMPTS):
        return None
    best = sorted(allowed, key=lambda i: (allowed[i].score is None, -(allowed[i].score or 0.0), i))
    pins = {allowed[i].text: i for i in reversed(allowed) if allowed[i].text in constraints.pinned}
    room = max(0, len(pick.chosen) - len(pins))
    kept = [i for i in best if i in pick.chosen and i not in pins.values()][:room]
    blind = all(getattr(items[i], "score", None) is None for i in pick.chosen)  # nothing here was measured yet
    others = [i for i in best if i not in pick.chosen and (blind or allowed[i].score is not None)]
    spare = [i for i in others if i not in pins.values()][: room - len(kept)]
    picked = tuple(sorted((*pins.values(), *kept, *spare)))
    return None if picked == tuple(sorted(pick.chosen)) else picked


def handed(phase: Phase, constraints: Constraints) -> tuple[str, ...]:
    """Return what another optimizer is handed: what is held, the pinned prompts too, without what is hidden.

    Where all of it is hidden, all of it is handed over: an optimizer has to begin with something.
    """
    texts = tuple(dict.fromkeys((*held(phase), *constraints.pinned)))
    return _without(texts, constraints.hidden) or texts
