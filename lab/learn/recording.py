"""The recording of the course: a run whose optimizer model was a person, and the file that lessons replay.

`recordings/triage.yaml` has the replies that were written for it, `recordings/triage.lab` is the run with them:

    python -c "from lab.learn.recording import record; record('lab/learn/recordings/triage.lab')"

records it anew; a test fails when the file is not what its replies make.
"""

from __future__ import annotations

from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from lab.api.begin import begin
from lab.errors import AwaitedError

__all__ = ["record", "recording"]

NAME = "recorded by hand"
NOTE = (
    "The optimizer model of this run was a person: its critiques and prompts were written for the course, by its "
    "author, in the manner of a real model's and with the faults that these have. What answers the tickets is the "
    "simulated practice model."
)
_HERE = Path(str(files("lab.learn"))) / "recordings"


def recording() -> Path:
    """Return the path of the run that is recorded in the course: ProTeGi on triage, its replies written by hand.

    Example:
        >>> lab.open(lab.learn.recording())
        Run('recorded by hand', protegi on triage, a recording, ended after 2 rounds, best 0.80 (0.69 to 0.92))
    """
    return _HERE / "triage.lab"


def record(path: str | Path) -> Path:
    """Play the run with the replies that were written for it, and write it to a file."""
    replies = yaml.safe_load((_HERE / "triage.yaml").read_text(encoding="utf-8"))
    with TemporaryDirectory() as folder:
        run = begin(
            "triage", "protegi", preset="quick", rounds=2, seed=3, optimizer_model="by-hand", name=NAME,
            settings={"groups": 4, "group_size": 4, "paraphrases": 0}, book=Path(folder) / "recorded.sqlite",
        )  # fmt: skip
        for texts in replies:
            with suppress(AwaitedError):
                run.autopilot(rounds=2)
            run.reply({one.key: text for one, text in zip(run.requests(), texts, strict=True)})
        run.autopilot(rounds=2)
        run.note("", NOTE)
        written = run.export(path)
        run.session.book.close()
    return written
