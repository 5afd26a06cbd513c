"""A chart that is drawn where it stands: as a picture, without a network or the widget of a chart library."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair

__all__ = ["Chart", "chart_of"]

WIDTH = 440


class Chart(altair.LayerChart):
    """An altair chart that shows itself as a picture, also in a saved notebook or without a network."""

    def _repr_mimebundle_(self, *args: Any, **how: Any) -> dict[str, str]:
        import vl_convert

        return {"image/svg+xml": vl_convert.vegalite_to_svg(self.to_dict()), "text/plain": repr(self)}

    def __repr__(self) -> str:
        return "Chart(dev score against target calls)"


def chart_of(drawing: Mapping[str, Any]) -> Chart:
    """Return a Vega-Lite drawing as a chart that altair can go on with."""
    chart: Chart = Chart.from_dict({**drawing, "width": WIDTH})
    return chart
