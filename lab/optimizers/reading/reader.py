"""Replies as texts with their flaws: prompts, critiques, and prose that is taken as it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from lab.core.asks import Flaw, Reply
from lab.core.turn_marks import without_last_marks
from lab.optimizers.reading.cleaning import cleaned, names_a_text, without_role
from lab.optimizers.reading.lists import blocks, labelled, only_item, parts, unbolded, untitled, versions
from lab.optimizers.reading.refusals import gives_nothing
from lab.optimizers.reading.structured import CRITIQUE_NAMES, PROMPT_NAMES, structured
from lab.optimizers.reading.tags import Text, texts_between_tags, thinking_cut, without_tags
from lab.text import is_blank, without_empty_block

TAGS = ("<START>", "<END>")
EMPTY, TOO_MANY, ONLY_THOUGHT = Flaw("empty_reply"), Flaw("more_than_asked"), Flaw("only_thought")
_SETS_OFF = frozenset('`~"“„«»「『[><')  # marks around a text that was not asked for in tags
UNREADABLE, UNCLOSED = Flaw("untagged", texts=TAGS), Flaw("unclosed_tag", texts=TAGS)


@dataclass(frozen=True)
class Reading:
    """A text that was read from a reply.

    Attributes:
        text: as a person would copy it out.
        flaw: why it cannot be used, None where it can.
        removed: what stood around it, from the outside in.
        recovered: whether it was found without the tags that were asked for.
    """

    text: str
    flaw: Flaw | None = None
    removed: tuple[str, ...] = ()
    recovered: bool = False


def prompts(reply: Reply, asked: int = 1, *, tags: bool = True) -> tuple[Reading, ...]:
    """Read the prompts of a reply that was asked for so many, between tags or, without `tags`, for one alone.

    Where one was asked for, the last is taken and those before it, drafts or other versions, are more than was
    asked for; where several were, the first so many are taken.
    """
    said, failed = _said(reply)
    if failed:
        return (failed,)
    found = () if reply.infilled else texts_between_tags(said)
    if found and (tags or all(one.opened for one in found)):
        return _between(found, reply, asked)
    if reply.infilled:
        return (_unlisted(said, reply),)
    if listed := structured(said, PROMPT_NAMES):
        return _between(listed, reply, asked)
    return _without_tags(said, reply, asked) if tags else _reworded(said, reply, asked)


def _reworded(said: str, reply: Reply, asked: int) -> tuple[Reading, ...]:
    """Read a reply that was asked for no tags."""
    if listed := untitled(versions(said)):
        return _between(tuple(Text(text) for text in listed), reply, asked)
    return (_unlisted(said, reply),)


def _unlisted(said: str, reply: Reply) -> Reading:
    told = _plain(said)
    return replace(told, flaw=reply.flaw or told.flaw)


def _without_tags(said: str, reply: Reply, asked: int) -> tuple[Reading, ...]:
    """Read a reply that was asked for tags and has none: what is set apart as clearly is recovered."""
    told = _plain(without_tags(said))
    if told.flaw:
        return (replace(told, flaw=reply.flaw or told.flaw),)
    for listed in (untitled(parts(said)), untitled(blocks(said))):
        if 1 < asked == len(listed):
            return _listed(listed, asked)
    if not reply.flaw and asked == 1 and (alone := labelled(said) or only_item(said) or without_role(said)):
        return _listed((alone,), asked)
    if not reply.flaw and _set_off(said, told):
        return (Reading(told.text, None, told.removed, recovered=True),)
    return (Reading(said.strip(), reply.flaw or UNREADABLE),)


def critiques(reply: Reply, asked: int = 1) -> tuple[Reading, ...]:
    """Read the critiques of a reply that was asked for so many; without tags a list, or the whole, is recovered."""
    said, failed = _said(reply)
    if failed:
        return (failed,)
    if found := texts_between_tags(said):
        listed = parts(found[0].text) if len(found) == 1 < asked else ()
        if 1 < len(listed) <= asked:
            return _listed(listed, asked)
        return _between(found, reply, asked)
    if texts := structured(said, CRITIQUE_NAMES):
        cut = _between(texts[-1:], reply, 1) if not texts[-1].finished else ()
        return (*_listed((one.text for one in texts[: len(texts) - len(cut)]), asked), *cut)
    told = _plain(without_tags(said))
    listed = (parts(said) or _as_many(blocks(said), asked)) if asked > 1 else ()
    if told.flaw or reply.flaw or not listed:
        return (Reading(told.text, reply.flaw or told.flaw, told.removed, recovered=True),)
    return _listed(map(unbolded, listed), asked)


def prose(reply: Reply) -> Reading:
    """Read a reply that is asked for as it is: only what was thought aloud is cut."""
    said, failed = _said(reply)
    if failed:
        return failed
    return Reading(said.strip(), reply.flaw or gives_nothing(said))


def _said(reply: Reply) -> tuple[str, Reading | None]:
    """Return what a reply says, or what is read of it where it says nothing."""
    said, thought, ended = thinking_cut(reply.text)
    said = without_last_marks(said)
    if not said.strip() and not ended and not reply.flaw and texts_between_tags(thought):
        said = thought  # the thinking was never closed, and the text stands in it
    if not is_blank(said):
        return (without_empty_block(said) if said.lstrip()[:3] in ("```", "~~~") else said), None
    return said, Reading("", reply.flaw or (ONLY_THOUGHT if thought.strip() else EMPTY))


def _between(found: tuple[Text, ...], reply: Reply, asked: int) -> tuple[Reading, ...]:
    last = len(found) - 1
    told = []
    for i, one in enumerate(found):
        text, removed = cleaned(one.text)
        many = i < last if asked == 1 else i >= asked
        broken = None if one.finished and not (reply.flaw and not one.closed) else UNCLOSED
        if is_blank(text):
            text, broken = "", EMPTY
        flaw = broken or (TOO_MANY if many else gives_nothing(text))
        told.append(Reading(text, flaw, removed, recovered=not (one.closed and one.opened)))
    return tuple(told)


def _listed(texts: Iterable[str], asked: int) -> tuple[Reading, ...]:
    """Read the texts of a list that was written without tags."""
    return tuple(
        Reading(text, TOO_MANY if i >= asked else None, removed, recovered=True)
        for i, (text, removed) in enumerate(map(cleaned, texts))
    )


def _as_many(texts: tuple[str, ...], asked: int) -> tuple[str, ...]:
    return texts if len(texts) == asked else ()


def _plain(said: str) -> Reading:
    """Read a reply that is one text as a whole."""
    if flaw := gives_nothing(said):
        return Reading(said.strip(), flaw)
    text, removed = cleaned(said)
    return Reading("", EMPTY, removed) if is_blank(text) else Reading(text, gives_nothing(text), removed)


def _set_off(said: str, told: Reading) -> bool:
    """Return whether a text without tags is set off from the chat around it: fenced, quoted, behind a preface."""
    if any(off[:1] in _SETS_OFF or names_a_text(off) for off in told.removed):
        return True
    before = said[: said.find(told.text[:80])].rstrip(" \t*_>#")
    return before.endswith("\n") and any(off.rstrip("*_").endswith((":", "：")) for off in told.removed)
