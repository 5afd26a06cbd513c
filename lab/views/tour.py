"""The guided tour: for each kind of step what you see, what you may do, the paper's word, and a tiny example.

It is a fold that stays as a person left it: opened once, it goes along from step to step; folded, it is gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from lab.core.asks import Phase, Shown
from lab.i18n import gettext, gettext_lazy
from lab.optimizers import example, shown
from lab.views.markup import details, esc
from lab.views.prose import in_a_row

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
            gettext_lazy(
                "You see answers that were wrong, in the groups in which the optimizer model will read them."
            ),
            gettext_lazy(
                "Untick one that is only noise, or whose label is wrong; what is left decides what is criticised."
            ),
            (gettext_lazy("“Not bad at all.”"), gettext_lazy("expected positive"), gettext_lazy("got negative")),
            gettext_lazy("an error to learn from"),
        ),
        "critiques": Stop(
            gettext_lazy(
                "You see why the prompt is thought to have failed, each reason beside the errors that it is about."
            ),
            gettext_lazy("Put one into your own words, or drop one that its errors do not bear out."),
            (gettext_lazy("“Not bad at all.” was read as negative"), gettext_lazy("the prompt")),
            gettext_lazy("“It is not said that a negation turns a word round.”"),
        ),
        "candidates": Stop(
            gettext_lazy("You see new prompts, with what they were made of and what was changed."),
            gettext_lazy("Edit the words, add a prompt of your own, or drop one that lost something."),
            (gettext_lazy("“Is it positive or negative?”"), gettext_lazy("“A negation is not named.”")),
            gettext_lazy("“Is it positive or negative? Mind negation.”"),
        ),
        "scores": Stop(
            gettext_lazy("You see how the prompts did, on the same examples."),
            gettext_lazy("Look at how many examples a score stands on; a difference within the interval is none."),
            (gettext_lazy("“Is it positive? Mind negation.”"), gettext_lazy("24 examples")),
            gettext_lazy("17 right: 71 % (51 to 85)"),
        ),
        "demonstrations": Stop(
            gettext_lazy("You see inputs with their right answers, from which an instruction will be guessed."),
            gettext_lazy("Drop what misleads, and keep what shows a part of the rule that the others do not."),
            ("echo → ECHO", "nail → lian"),
            gettext_lazy("“Vowel first: upper case. Else: backwards.”"),
        ),
        "trajectory": Stop(
            gettext_lazy("You see the prompts so far with their scores, as the optimizer model will see them."),
            gettext_lazy("Leave out one that scored well by luck: it would mislead from here on."),
            (gettext_lazy("“Is it positive?” 42"), gettext_lazy("“Is it positive? One word.” 71")),
            gettext_lazy("a prompt that should score higher"),
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
    called = gettext("The paper calls it {term}.", term=f"<em>{esc(phase.term)}</em>") if phase.term else ""
    body = (
        f"<p>{in_a_row(esc(stop.see), esc(stop.do), called)}</p>"
        f'<div class="lab-worked"><div><b>{gettext("Goes in")}</b><ul>{rows}</ul></div>'
        '<span aria-hidden="true">→</span>'
        f"<div><b>{gettext('Comes out')}</b><ul><li>{esc(made)}</li></ul></div></div>"
    )
    return details("tour", gettext("Guided tour: what is this, and what can I do here?"), body)
