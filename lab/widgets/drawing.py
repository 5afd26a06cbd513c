"""A chart as a picture: it needs no network and keeps a saved notebook small."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lab.i18n import gettext
from lab.views.markup import part

WIDTH = 440  # a picture has a width of its own; the style sheet lets it shrink


def picture(chart: Mapping[str, Any] | None) -> str:
    """Draw a Vega-Lite chart as SVG, or nothing where there is no chart.

    The usual chart widget puts its whole library into every saved notebook, near a megabyte a chart;
    a picture takes some ten kilobytes.
    """
    if chart is None:
        return ""
    import vl_convert

    drawn = vl_convert.vegalite_to_svg({**chart, "width": WIDTH})
    return part("chart", f"<h3>{gettext('Dev score against target calls')}</h3>{drawn}")
