"""A person's work in a lab book: what the page, the notebook, the command line and scripts call.

setup       what a run begins with, checked; replies says how long replies were
session     the commands: the loop
branches    what is done with branches beside deciding
changes     what a person changes for all that comes
acts        what a person can do on a page or in a notebook: one table
commands    what an event of a face is parsed into; arguments reads their values
state       all there is to know of a branch at one moment
jobs        steps as jobs: started, watched and stopped
transfer    prompts on other models; comparison sets their scores side by side
limits      limits, prices and ceilings, changed on the way
estimate    what a run would take, before its first call
"""

from lab.session.branches import default_book
from lab.session.session import Session

__all__ = ["Session", "default_book"]
