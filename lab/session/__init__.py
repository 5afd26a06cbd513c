"""A person's runs in a lab book: what the page, the notebook, the command line and scripts call.

setup       what a run begins with, checked; estimate says what it would take
session     every verb, done by one of the parts below
branches    begin, look, go back, fork, undo; where a branch stands
loop        propose, decide, draw again, go on by itself
drafts      what is marked or worded otherwise, and not decided yet
changes     what a person changes for all that comes
measuring   prompts on dev; performers ask the models for it and for the loop
trying      a prompt on an input that a person types
transfer    prompts on other models; comparison sets their scores side by side
limits      limits, prices and the ceiling, changed on the way
state       all there is to know of a branch at one moment; reader reads it from the book
acts        what a person can do on a page or in a notebook: one table
commands    what an event of a face is parsed into
jobs        steps as jobs: started, watched and stopped, one at a time in all processes on the book
following   what a face compares to know whether it shows what is
"""

from lab.session.session import Session, default_book

__all__ = ["Session", "default_book"]
