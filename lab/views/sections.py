"""The evidence beside a decision, in sections: a face shows them one below the other, or one at a time by tabs."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from lab.i18n import gettext_lazy
from lab.views.markup import attributes, esc

SECTIONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "examples": (
            gettext_lazy("Examples"),
            gettext_lazy("Once prompts are measured on dev, the examples that they get wrong stand here."),
        ),
        "compare": (
            gettext_lazy("Compare"),
            gettext_lazy("Once a new prompt is the best one, it stands here where its words come from."),
        ),
        "talk": (gettext_lazy("Model talk"), gettext_lazy("No model is asked any more.")),
        "rules": (gettext_lazy("Rules"), ""),
        "test": (gettext_lazy("Test and export"), ""),
        "elsewhere": (gettext_lazy("Models"), ""),
    }
)


def section(name: str, body: str) -> str:
    """Wrap the evidence of one kind; where there is none, say when there will be."""
    nothing = f'<p class="lab-muted lab-none">{esc(SECTIONS[name][1])}</p>' if not body else ""
    return f"<div{attributes(class_='lab-section', data_section=name)}>{body}{nothing}</div>"
