"""A client to be killed: scores one prompt on many examples into a lab book, beginning again where a call fails.

`python scoring.py URL BOOK N` prints how many replies are kept after each, as the page would be told, a line for
each failure, and in the end the score and how many times it was begun.
"""

from __future__ import annotations

import asyncio
import json
import sys

from lab.core.asks import Evaluate, Example, Score, Task
from lab.errors import ModelError
from lab.models.endpoint import Endpoint
from lab.models.perform import Performer, Progress
from lab.models.roles import Limits, ModelConfig, Models
from lab.session import Session
from lab.store import Account

START = "Is this review positive or negative?"
LIMITS = Limits(concurrency=64)


def task_of(n: int) -> Task:
    """Makes a task with `n` reviews to score."""
    rows = tuple(
        Example.of(f"The film was {'dull' if i % 2 else 'lovely'}, part {i}.", "Negative") for i in range(n)
    )
    return Task("films", START, rows[:2], rows, labels=("Positive", "Negative"))


async def scored(session: Session, branch: str, task: Task, models: Models) -> Score:
    """Scores the start prompt once through, told to the account of the branch."""
    here = session.branch(branch)
    account = Account(session.book, here.id, here.node, "measure")
    performer = Performer(task, models, account, progress=_tell)
    try:
        (score,) = await performer(Evaluate((task.start,), tuple(one.id for one in task.dev), "dev"))
        return score
    finally:
        await performer.aclose()
        account.close(performer.spent)


def _tell(progress: Progress) -> None:
    print(json.dumps({"kept": progress.done}), flush=True)


def main(url: str, book: str, n: int) -> None:
    session, task, spec = Session(book), task_of(n), f"practice@{url}"
    there = session.branches()
    branch = there[0].id if there else session.begin(task, models=Models.single(spec))
    models = Models.single(ModelConfig(Endpoint.of(spec), limits=LIMITS))
    for begun in range(1, 2000):
        try:
            score = asyncio.run(scored(session, branch, task, models))
        except ModelError as error:
            print(json.dumps({"failed": str(error)}), flush=True)
        else:
            print(json.dumps({"hits": score.hits, "begun": begun}), flush=True)
            return


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
