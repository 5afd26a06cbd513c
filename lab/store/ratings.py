"""The ratings of people, who check a judge by grading answers themselves: of an owner, by rubric and answer."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from lab.store.file import BookFile
from lab.store.schema import now, ratings

__all__ = ["Rating", "Ratings"]


@dataclass(frozen=True)
class Rating:
    """What a person gave an answer to an example, a hit in [0, 1], and when (UTC)."""

    example: str
    answer: str
    hit: float
    made: str


class Ratings:
    """The ratings that a book knows of; one that is given anew takes the place of the one before."""

    def __init__(self, file: BookFile) -> None:
        self._file = file

    def put(self, owner: str, metric: str, rubric: str, example: str, answer: str, hit: float) -> None:
        """Keep what a person gave an answer."""
        key = {"owner": owner, "metric": metric, "rubric": rubric, "example": example, "answer": answer}
        given = {"hit": hit, "made": now()}
        with self._file.transaction() as db:
            db.execute(insert(ratings).values({**key, **given}).on_conflict_do_update(tuple(key), set_=given))

    def of(self, owner: str, metric: str, rubric: str) -> tuple[Rating, ...]:
        """Return what a person gave by a rubric, the newest last."""
        r = ratings.c
        query = select(r.example, r.answer, r.hit, r.made).where(
            r.owner == owner, r.metric == metric, r.rubric == rubric
        )
        with self._file.reading() as db:
            return tuple(Rating(*row) for row in db.execute(query.order_by(r.made, r.example, r.answer)))
