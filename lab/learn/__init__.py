"""The guided course: checks that look at what you made, hints, solutions, and how far you are.

Example:
    >>> lab.learn.check("start.guess", None)
    ○ Open. Nothing is here yet: change the cell above, run it, and run this one again.
    ○○○○○○○ 0 of 7 tasks of 00_start_here; next: Guess before you look (start.guess)
    >>> lab.learn.hint("start.guess").title
    'Hint 1 of 3'
"""

from __future__ import annotations

from lab.learn.course import check, hint, progress, solution, stand_in
from lab.learn.handing_in import Assignment, assignment, hand_in
from lab.learn.recording import recording

__all__ = ["Assignment", "assignment", "check", "hand_in", "hint", "progress", "recording", "solution", "stand_in"]
