"""The mean over ten seeds with its interval, as the lessons compute it."""

from __future__ import annotations

import numpy as np
import pandas as pd

__all__ = ["over_seeds"]

_T = 2.26  # the 97.5 % point of Student's t with 9 degrees of freedom, as the lessons round it


def over_seeds(differences: pd.Series[float]) -> tuple[float, float, float]:
    """Return the mean of ten differences and the ends of its 95 % interval."""
    values = np.asarray(differences, dtype=float)
    mean, width = float(values.mean()), _T * float(values.std(ddof=1)) / len(values) ** 0.5
    return mean, mean - width, mean + width
