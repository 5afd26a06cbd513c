"""`python -m lab bench walk`: how much of the lab one critique passes, from the model's reply to the next ask.

ProTeGi runs on the practice model up to its critiques. From where the last reply is read to where `Edit.ask` is
called with a person's words, every function of the lab that runs is counted, once, and the files they stand in; the
practice model itself and drawing are left out. It says how far a reader has to follow one critique, not how long it
takes.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import CodeType, FrameType, MappingProxyType

from lab.bench.tables import table
from lab.core.asks import n_calls
from lab.models.wire import read_answer
from lab.optimizers import optimizer
from lab.optimizers.protegi import Edit
from lab.session import Session
from lab.session.acts import act
from lab.tasks import bundled

__all__ = ["MEASURES", "WANTED", "measure", "tables"]

WANTED: Mapping[str, int] = MappingProxyType({"files": 18, "functions": 90})
_HOME = f"{Path(__file__).parents[1]}/"
_APART = ("practice/", "bench/")  # the other end of the wire, and who counts
_MINE = {"place": 0, "keep": True, "text": "The prompt does not say that sarcasm means the opposite."}


def measure(only: Iterable[str] = (), times: int = 1) -> dict[str, dict[str, object]]:
    """Walk once; return each file that was passed with its functions, and how many there are beside what is wanted.

    Nothing here depends on chance or on the machine: `only` and `times` are those of every benchmark.
    """
    with TemporaryDirectory() as folder:
        passed = asyncio.run(_walk(Path(folder) / "book.sqlite"))
    by_file: dict[str, list[str]] = {}
    for file, function in sorted(passed):
        by_file.setdefault(file, []).append(function)
    return {
        "files": {"measured": len(by_file), "wanted": WANTED["files"]},
        "functions": {"measured": len(passed), "wanted": WANTED["functions"]},
        "passed": dict(by_file),
    }


MEASURES = MappingProxyType({"critique": measure})


def tables(found: Mapping[str, Mapping[str, object]]) -> str:
    """Write what was passed as a Markdown table, file by file."""
    n_files, n_functions = (found[name]["measured"] for name in ("files", "functions"))
    rows = (
        (file, str(len(names)), ", ".join(names))
        for file, names in found["passed"].items()
        if isinstance(names, list)
    )
    title = f"The walk of one critique: {n_files} files, {n_functions} functions"
    return table(title, ("file", "functions", "which"), rows)


async def _walk(path: Path) -> set[tuple[str, str]]:
    """Bring a run to its critiques, and count from their replies to the ask for edits."""
    session = Session(path)
    branch = session.begin(bundled.load("sentiment"), settings=optimizer("protegi").configure("quick"))
    proposal = await session.advance(branch, stops=["Groups"])
    session.decide(branch, proposal or "")
    n_replies = n_calls(session.state(branch).ask)
    with _counting(read_answer.__code__, n_replies, Edit.ask.__code__) as passed:
        proposal = await session.propose(branch)
        await act(session, branch, {"act": "accept", "proposal": proposal, "marks": [_MINE]})
        await session.jobs.ended(branch)
    session.book.close()
    return passed


@contextmanager
def _counting(first: CodeType, nth: int, last: CodeType) -> Iterator[set[tuple[str, str]]]:
    """Note each (file, function) of the lab called from the `nth` call of `first` up to that of `last`."""
    passed: set[tuple[str, str]] = set()
    left, before = nth, sys.getprofile()

    def note(frame: FrameType, event: str, _: object) -> None:
        nonlocal left
        code = frame.f_code
        left -= event == "call" and code is first
        if code is last:
            sys.setprofile(before)
        elif event == "call" and left <= 0 and code.co_filename.startswith(_HOME):
            file = code.co_filename.removeprefix(_HOME)
            if not file.startswith(_APART) and not code.co_name.startswith("<"):
                passed.add((file, code.co_qualname))

    sys.setprofile(note)
    try:
        yield passed
    finally:
        sys.setprofile(before)
