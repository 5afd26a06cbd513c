"""The practice model: a simulated model that needs no key, no network and no download.

It is a set of rules behind OpenAI's chat completions protocol, always labelled as simulated. As target
model it answers reviews and support tickets by real, rule-based skills, on unseen inputs too; which skills
are on is decided by what the instruction says. As optimizer model it criticises, edits and rewords
instructions, knowing only the text that it is sent. The same text, seed and temperature give the same
reply in every process.

    reading    what an instruction asks for: the kind of task, the skills it switches on, what harms
    sentiment  judging a review           triage  sorting a support ticket
    target     answering as target model  optimizer  answering as optimizer model
    metaprompt what a meta-prompt asks for and shows
    app        the protocol               explain  why it answered as it did
"""

from __future__ import annotations

from collections.abc import Iterable

from lab.practice.reading import LABELS

__all__ = ["KNOWN", "knows"]

KNOWN = f"reviews ({', '.join(LABELS['sentiment'])}) and support tickets ({', '.join(LABELS['triage'])})"


def knows(labels: Iterable[str]) -> bool:
    """Says whether the practice model can answer a task with these labels: those of one kind it has rules for.

    A task without labels wants free text, which it never writes.
    """
    asked = {label.strip().casefold() for label in labels}
    return bool(asked) and any(asked <= set(known) for known in LABELS.values())
