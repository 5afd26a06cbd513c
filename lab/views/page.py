"""The whole page as plain values: what both faces draw, made once and escaped once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lab.session.comparison import standing
from lab.session.jobs import Progress
from lab.session.looking import Look
from lab.session.state import State
from lab.views import human
from lab.views.analysis import analysis
from lab.views.board import BUSY, board
from lab.views.branching import this_branch
from lab.views.chart import chart
from lab.views.constraints import rules
from lab.views.drawer import drawer
from lab.views.header import best, best_prompt, header
from lab.views.lineage import blame_fold
from lab.views.looking import looking, nowhere
from lab.views.markup import part
from lab.views.merging import merge
from lab.views.models import models
from lab.views.progress import progress_line, running_line
from lab.views.rating import rating
from lab.views.recording import connecting
from lab.views.sealed import sealed
from lab.views.sections import section
from lab.views.track import track
from lab.views.transfer import transfer
from lab.views.tree import tree
from lab.views.variations import variations


@dataclass(frozen=True)
class Page:
    """The parts of a page, as HTML; `chart` is a Vega-Lite drawing, `best_prompt` a plain text.

    `place` is that of the history that is looked at; "" where none is.
    """

    branch: str
    header: str
    best: str
    track: str
    board: str
    drawer: str
    tree: str
    place: str
    chart: dict[str, Any] | None
    progress: str
    models: str
    best_prompt: str
    running: bool


def page(state: State, progress: Progress | None = None, look: Look | None = None) -> Page:
    """Draw all that there is to know of a branch right now, and the place of its history that is looked at."""
    running = progress is not None and progress.state == "running"
    off = BUSY if running else ""
    return Page(
        branch=state.branch.id,
        header=part("header", header(state)),
        best=part("best", best(state)),
        track=part("track", track(state)),
        board=board_part(state, running),
        drawer=part(
            "drawer",
            section("talk", drawer(state))
            + section("examples", rating(state, off) + analysis(state, off))
            + section("compare", blame_fold(state) + human.fold(state.deeds, off) + merge(state, off))
            + section("rules", rules(state, off) + this_branch(state, off))
            + section("elsewhere", connecting(state, off) + transfer(state, standing(state), off))
            + section("test", variations(state, off) + sealed(state, off)),
        ),
        tree=part("tree", tree(state, look.id if look else "")),
        place=place_part(state, look, running) if look else "",
        chart=chart(state),
        progress=part("progress", progress_line(state, progress)),
        models=models(state),
        best_prompt=best_prompt(state),
        running=running,
    )


def progress_part(progress: Progress) -> str:
    """Draw the progress of a step under way alone; nothing else of the page changes meanwhile."""
    return part("progress", running_line(progress))


def place_part(state: State, look: Look, running: bool) -> str:
    """Draw the place of the history that is looked at alone: all that a look changes."""
    return part("place", looking(state, look, BUSY if running else ""))


def no_place_part(problem: str) -> str:
    """Say why a place that is asked for cannot be shown."""
    return part("place", nowhere(problem))


def board_part(state: State, running: bool) -> str:
    """Draw the board alone: all that a mark changes."""
    return part("work", board(state, running))
