"""Runs to begin with one click, on the practice model: they need no key, no network and no reading."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from lab.views.markup import button, part

# What a demonstration is called: its bundled task, and the optimizer that suits it.
DEMONSTRATIONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "Reviews, with ProTeGi": ("sentiment", "protegi"),
        "A hidden rule, with APE": ("hidden-rule", "ape"),
        "Word problems, with OPRO": ("word-problems", "opro"),
    }
)


def demonstrations() -> str:
    """Draw a button for each."""
    buttons = "".join(
        button(name, "demonstrate", kind="lab-small", data_name=name, title="Begins a run with the practice model.")
        for name in DEMONSTRATIONS
    )
    return part("demos", f'<div class="lab-row"><span class="lab-label">Try a demo</span>{buttons}</div>')
