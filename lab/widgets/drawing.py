"""A chart as a picture that needs no network and keeps a saved notebook small."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def picture(chart: Mapping[str, Any] | None) -> str:
    """Draws a Vega-Lite chart as SVG, or nothing where there is no chart.

    The usual chart widget puts its whole library into every saved notebook (0.9 MB a chart); a picture takes
    a few kilobytes, and the colours of its axes can follow the theme.
    """
    if chart is None:
        return ""
    import vl_convert

    drawn = vl_convert.vegalite_to_svg(dict(chart))
    return str(drawn["svg"] if isinstance(drawn, dict) else drawn)
