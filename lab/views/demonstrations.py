"""Runs to begin with one click, on the practice model: they need no key, no network and no reading."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from lab.i18n import gettext, gettext_lazy
from lab.views.markup import button, part

# Each by its code: its bundled task, and the optimizer that suits it.
DEMONSTRATIONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "reviews": ("sentiment", "protegi"),
        "hidden-rule": ("hidden-rule", "ape"),
        "word-problems": ("word-problems", "opro"),
    }
)
_CALLED: Mapping[str, str] = MappingProxyType(
    {
        "reviews": gettext_lazy("Reviews, with ProTeGi"),
        "hidden-rule": gettext_lazy("A hidden rule, with APE"),
        "word-problems": gettext_lazy("Word problems, with OPRO"),
    }
)


def demonstrations() -> str:
    """Draw a button for each."""
    about = gettext("Begins a run with the practice model.")
    buttons = "".join(
        button(_CALLED[code], "demonstrate", kind="lab-small", data_name=code, title=about)
        for code in DEMONSTRATIONS
    )
    label = f'<span class="lab-label">{gettext("Try a demo")}</span>'
    return part("demos", f'<div class="lab-row">{label}{buttons}</div>')
