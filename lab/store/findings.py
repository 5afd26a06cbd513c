"""Findings in a lab book: what endpoints were found able to do."""

from __future__ import annotations

import json
from dataclasses import asdict

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from lab.models.capabilities import Capabilities
from lab.store.file import BookFile
from lab.store.schema import findings, now


class Findings:
    """What was found of the models of a book, by their address and name."""

    def __init__(self, file: BookFile) -> None:
        self._file = file

    def capabilities(self, base_url: str, model: str) -> Capabilities | None:
        """Return what was found of a model at an address; None where nothing was."""
        query = select(findings.c.content).where(findings.c.endpoint == base_url, findings.c.model == model)
        with self._file.reading() as db:
            content = db.scalar(query)
        if content is None:
            return None
        found = json.loads(content)
        return Capabilities(**{**found, "notes": tuple(found.get("notes", ()))})

    def keep(self, base_url: str, model: str, found: Capabilities) -> None:
        """Keep what was found in place of what was known before."""
        row = {"endpoint": base_url, "model": model, "content": json.dumps(asdict(found)), "made": now()}
        with self._file.transaction() as db:
            db.execute(insert(findings).values(row).on_conflict_do_update(("endpoint", "model"), set_=row))
