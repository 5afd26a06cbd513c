"""The guided tour: for each kind of step what you see, what you may do, the paper's word, and a tiny example.

It is a fold that stays as a person left it: opened once, it goes along from step to step; folded, it is gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from lab.core.asks import Phase, Shown
from lab.optimizers import example, shown
from lab.views.markup import details, esc

__all__ = ["STOPS", "Stop", "tour"]


@dataclass(frozen=True)
class Stop:
    """A sentence on what is seen, one on what may be done, and an example: what goes in, and what comes out.

    A phase whose items come of something else has an example of its own.
    """

    see: str
    do: str
    given: tuple[str, ...]
    made: str


STOPS: Mapping[Shown, Stop] = MappingProxyType(
    {
        "errors": Stop(
            "You see answers that were wrong, in the groups in which the optimizer model will read them.",
            "Untick one that is only noise, or whose label is wrong; what is left decides what is criticised.",
            ("“Not bad at all.”", "expected positive", "got negative"),
            "an error to learn from",
        ),
        "critiques": Stop(
            "You see why the prompt is thought to have failed, each reason beside the errors that it is about.",
            "Put one into your own words, or drop one that its errors do not bear out.",
            ("“Not bad at all.” was read as negative", "the prompt"),
            "“It is not said that a negation turns a word round.”",
        ),
        "candidates": Stop(
            "You see new prompts, with what they were made of and what was changed.",
            "Edit the words, add a prompt of your own, or drop one that lost something.",
            ("“Is it positive or negative?”", "“A negation is not named.”"),
            "“Is it positive or negative? Mind negation.”",
        ),
        "scores": Stop(
            "You see how the prompts did, on the same examples.",
            "Look at how many examples a score stands on; a difference within the interval is none.",
            ("“Is it positive? Mind negation.”", "24 examples"),
            "17 right: 71 % (51 to 85)",
        ),
        "demonstrations": Stop(
            "You see inputs with their right answers, from which an instruction will be guessed.",
            "Drop what misleads, and keep what shows a part of the rule that the others do not.",
            ("echo → ECHO", "nail → lian"),
            "“Vowel first: upper case. Else: backwards.”",
        ),
        "trajectory": Stop(
            "You see the prompts so far with their scores, as the optimizer model will see them.",
            "Leave out one that scored well by luck: it would mislead from here on.",
            ("“Is it positive?” 42", "“Is it positive? One word.” 71"),
            "a prompt that should score higher",
        ),
    }
)


def tour(phase: Phase) -> str:
    """Draw the stop of a step, folded until somebody opens it; nothing where a step does not say what it shows."""
    stop = next((one for kind, one in STOPS.items() if kind == shown(type(phase))), None)
    if stop is None:
        return ""
    given, made = example(type(phase)) or (stop.given, stop.made)
    rows = "".join(f"<li>{esc(one)}</li>" for one in given)
    called = f" The paper calls it <em>{esc(phase.term)}</em>." if phase.term else ""
    body = (
        f"<p>{esc(stop.see)} {esc(stop.do)}{called}</p>"
        f'<div class="lab-worked"><div><b>Goes in</b><ul>{rows}</ul></div><span aria-hidden="true">→</span>'
        f"<div><b>Comes out</b><ul><li>{esc(made)}</li></ul></div></div>"
    )
    return details("tour", "Guided tour: what is this, and what can I do here?", body)
