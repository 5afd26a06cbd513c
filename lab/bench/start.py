"""`prompt-lab bench start`: how soon a person in Python has something to decide.

Each figure is the median over processes of their own: `import lab`, then `lab.begin` to the first proposal on the
practice model, in a process that has loaded nothing yet (cold: imports are most of it) and in one that has begun a
run before (warm, as in a notebook).
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from types import MappingProxyType

from lab.bench.tables import figures

__all__ = ["MEASURES", "REQUIRED", "measure", "tables"]

REQUIRED: Mapping[str, float] = MappingProxyType(
    {"import_ms": 300, "first_proposal_ms": 1000, "cold_first_proposal_ms": 1000}
)
_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "import_ms": "import lab, ms",
        "first_proposal_ms": "lab.begin to the first proposal, ms",
        "cold_first_proposal_ms": "the same in a process that has loaded nothing, ms",
    }
)
_PROGRAM = """
import json, sys
from time import perf_counter

began = perf_counter()
import lab

imported = perf_counter()
lab.begin("sentiment", preset="quick", book=sys.argv[1]).next()
cold = perf_counter()
lab.begin("triage", preset="quick", book=sys.argv[1]).next()
warm = perf_counter()
print(json.dumps([imported - began, warm - cold, cold - imported]))
"""


def measure(only: Iterable[str] = (), times: int = 10) -> dict[str, dict[str, float]]:
    """Measure so many processes; of each figure what was `measured`, and what is `required` where something is."""
    with TemporaryDirectory() as folder:
        taken = [_process(Path(folder) / f"{i}.sqlite") for i in range(times)]
    return {
        name: {"measured": 1e3 * median(some), "required": REQUIRED[name]}
        for name, some in zip(_NAMES, zip(*taken, strict=True), strict=True)
    }


MEASURES = MappingProxyType({"python": measure})


def tables(found: Mapping[str, Mapping[str, float]]) -> str:
    """Write what was measured as a Markdown table, what is required beside it."""
    return figures("From nothing to the first decision, in Python", _NAMES, found)


def _process(book: Path) -> list[float]:
    command = [sys.executable, "-c", _PROGRAM, str(book)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603, a program of ours
    seconds: list[float] = json.loads(output)
    return seconds
