"""The part of a lab book that keeps what models answered and what it cost, apart from the tree."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict

from sqlalchemy import func, select
from sqlalchemy.dialects.sqlite import insert

from lab.models.calls import Answer
from lab.models.capabilities import Capabilities
from lab.store.payments import Payments
from lab.store.records import Measure
from lab.store.schema import calls, findings, measures, now


class Ledger(Payments):
    """Replies, what was paid for them, and dev scores; a `lab.models.calls.ReplyCache`.

    Every method is one transaction.
    """

    def find(self, keys: Sequence[str]) -> dict[str, Answer]:
        """Return the kept answers among these keys."""
        found: dict[str, Answer] = {}
        with self._file.reading() as db:
            for some in chunks(keys):
                for row in db.execute(select(calls.c.key, calls.c.answer).where(calls.c.key.in_(some))):
                    found[row.key] = Answer.of(row.answer)
        return found

    def capabilities(self, base_url: str, model: str) -> Capabilities | None:
        """Return what was found of a model at an address; None where nothing was."""
        query = select(findings.c.content).where(findings.c.endpoint == base_url, findings.c.model == model)
        with self._file.reading() as db:
            content = db.scalar(query)
        if content is None:
            return None
        found = json.loads(content)
        return Capabilities(**{**found, "notes": tuple(found.get("notes", ()))})

    def keep_capabilities(self, base_url: str, model: str, found: Capabilities) -> None:
        """Keep what was found in place of what was known before."""
        row = {"endpoint": base_url, "model": model, "content": json.dumps(asdict(found)), "made": now()}
        with self._file.transaction() as db:
            db.execute(insert(findings).values(row).on_conflict_do_update(("endpoint", "model"), set_=row))

    def n_calls(self) -> int:
        """How many replies the book holds."""
        with self._file.reading() as db:
            return db.scalar(select(func.count()).select_from(calls)) or 0

    def measured(self, task: str, target: str, split: str = "dev") -> dict[str, Measure]:
        """Return the scores of all prompts measured on a split under a target model."""
        m = measures.c
        query = select(m.prompt, m.score, m.n_rows, m.hits).where(
            m.task == task, m.target == target, m.split == split
        )
        with self._file.reading() as db:
            return {
                row.prompt: Measure(row.prompt, row.score, row.n_rows, tuple(json.loads(row.hits)))
                for row in db.execute(query)
            }

    def measure(self, task: str, target: str, split: str, scores: Iterable[Measure]) -> None:
        """Keep scores; a prompt that is measured already stays as it is."""
        rows = [
            {"task": task, "target": target, "split": split, **asdict(score), "hits": json.dumps(score.hits)}
            for score in scores
        ]
        if rows:
            with self._file.transaction() as db:
                db.execute(insert(measures).on_conflict_do_nothing(), rows)


def chunks(keys: Sequence[str], size: int = 500) -> Iterator[list[str]]:
    """Cut keys into lists short enough for one query."""
    for i in range(0, len(keys), size):
        yield list(keys[i : i + size])
