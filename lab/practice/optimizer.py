"""Answering as optimizer model, from the text of the request alone; a set share of replies goes wrong."""

from __future__ import annotations

from collections.abc import Callable

from lab.practice.chance import pick, unit
from lab.practice.critiques import inspection, reasons
from lab.practice.induction import induced, proposal
from lab.practice.metaprompt import Shown, count, look_at, role_of
from lab.practice.rewriting import edits, paraphrase
from lab.practice.target import Draw
from lab.practice.wordings import UNHELPFUL

__all__ = ["MALFORMED_SHARE", "reply"]

MALFORMED_SHARE = 0.06


def _summary(shown: Shown, at: tuple[object, ...]) -> str:
    first = reasons(shown, 1, at) if shown.errors else []
    cause = first[0] if first else "The earlier wording left too much open."
    return f"{cause} The change adds what was missing."


def _list_of(role: str, shown: Shown, at: tuple[object, ...]) -> list[str]:
    n = count(shown.asked)
    return reasons(shown, n, at) if role == "critique" else edits(shown, n, at)


_SINGLE: dict[str, Callable[[Shown, tuple[object, ...]], str]] = {
    "inspect": inspection,
    "induce": induced,
    "propose": proposal,
    "paraphrase": lambda shown, at: paraphrase(shown.prompt, at),
    "summarise": _summary,
}


def _tagged(texts: list[str], at: tuple[object, ...]) -> str:
    """Put each text between its tags, unless the reply goes wrong."""
    whole = "\n".join(f"<START>{text}<END>" for text in texts)
    if unit("malformed", *at) >= MALFORMED_SHARE or not texts:
        return whole
    spoilt = (
        whole[: whole.rfind("<END>")],
        f"Certainly! Here is what I found:\n\n{whole}\n\nI hope that this helps.",
        whole[: int(len(whole) * 0.6)],
        "",
        f"{whole}\n<START>{texts[0]}<END>",
    )
    return pick(spoilt, "how malformed", *at)


def _bare(text: str, shown: Shown, at: tuple[object, ...]) -> str:
    """Return a reply without tags, unless it goes wrong: cut off, empty, chatter around it, or nothing new."""
    if unit("malformed", *at) >= MALFORMED_SHARE:
        return text
    known = shown.prompt or (max(shown.scored, key=lambda row: row[1])[0] if shown.scored else text)
    spoilt = (
        text[: int(len(text) * 0.6)],
        "",
        f"Certainly! Here it is:\n\n{text}\n\nI hope that this helps.",
        known,
    )
    return pick(spoilt, "how malformed", *at)


def reply(message: str, draw: Draw | None = None) -> str:
    """Answer as optimizer model; what cannot be recognised gets an ordinary, unhelpful answer."""
    at = (message, *(draw or Draw()).key())
    role = role_of(message)
    shown = look_at(message)
    if role in ("critique", "edit"):
        return _tagged(_list_of(role, shown, at), at)
    if role not in _SINGLE:
        return pick(UNHELPFUL, "unhelpful", *at)
    text = _SINGLE[role](shown, at)
    return _tagged([text], at) if "<START>" in message else _bare(text, shown, at)
