"""The style sheet and the script that both faces use."""

from __future__ import annotations

from importlib.resources import files


def style() -> str:
    """Return the style sheet."""
    return files("lab.views").joinpath("lab.css").read_text("utf-8")


def narrow_style() -> str:
    """Return the rules for narrow places."""
    return files("lab.views").joinpath("narrow.css").read_text("utf-8")


def script() -> str:
    """Return the script: one function, `wire(root, send)`."""
    return files("lab.views").joinpath("face.js").read_text("utf-8")
