"""The lab book on disk: one SQLite file (WAL) with everything that was asked, answered and decided.

`Book` is the facade. It has a tree, branches, drafts and a ledger, which share the one open `BookFile`.

Rows are only ever added, but for pointers (where a branch stands, what is pending, drafts). Tables:

    tasks, runs        what never changes while an optimizer runs, named by content
    nodes, proposals   the tree and what was proposed in it, named by content
    branches, moves    named pointers with their owner, and every place they have been
    drafts             what a person has marked of a proposal that waits; carried_marks and wordings of the next one
    calls              every reply of a model, named by the whole request, the endpoint and a sample
    missing            the calls of a run that no reply came to, until they are asked anew
    spends, payments   each attempt at a step, with the calls it was saved; each call it paid for, at its price
    prices, findings   what models cost, as a person says; what endpoints were found able to do
    measures           dev scores, apart from the tree, and those of the test split
    openings           each look at a sealed test split: on which branch, for which prompts, when and why
    steps              which step is under way on a branch, in which process, and how far it is

Processes that have one book open hear of each other's writes by `Book.stamp`.

Content is canonical JSON, over which the ids are made. From 1,000 characters on it is compressed by zlib, and so
are requests and answers. To read it without the lab: `zlib.decompress(content)` in Python, or in the sqlite3 shell

    SELECT id, CASE typeof(content) WHEN 'text' THEN content
      ELSE CAST(sqlar_uncompress(content, 100000000) AS TEXT) END FROM nodes;
"""

from lab.models.roles import Models
from lab.store.account import Account
from lab.store.book import Book
from lab.store.names import Named, RunNames
from lab.store.records import (
    OWNER,
    TRANSFER,
    TRIAL,
    VARIANTS,
    Branch,
    Flips,
    Measure,
    Missing,
    Spend,
    best_of,
    costs,
    flips,
)
from lab.store.steps import Progress

__all__ = [
    "OWNER",
    "TRANSFER",
    "TRIAL",
    "VARIANTS",
    "Account",
    "Book",
    "Branch",
    "Flips",
    "Measure",
    "Missing",
    "Models",
    "Named",
    "Progress",
    "RunNames",
    "Spend",
    "best_of",
    "costs",
    "flips",
]
