"""What was read of a lab book and never changes, kept decoded by its id."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from threading import Lock
from typing import Generic, TypeVar

from lab.store.file import BookFile, chunks

T = TypeVar("T")


class Kept(Generic[T]):
    """Values by id, at most so many, the first that were read let go first.

    What is read inside a transaction is not kept, because the transaction may be taken back.
    """

    def __init__(self, file: BookFile, most: int) -> None:
        self._file, self._most = file, most
        self._by_id: dict[str, T] = {}
        self._lock = Lock()

    def get(self, ids: Sequence[str], read: Callable[[Sequence[str]], Iterable[tuple[str, T]]]) -> dict[str, T]:
        """Return the values of these ids, in their order, and read those that are not at hand.

        What else was read comes last, and an id of which nothing was read is left out.
        """
        at_hand = self._by_id
        found = {id: at_hand[id] for id in ids if id in at_hand}
        missing = [id for id in ids if id not in found]
        if not missing:
            return found
        new = {id: value for some in chunks(missing) for id, value in read(some)}
        if not self._file.in_transaction:
            self._keep(new)
        found |= new
        return {id: found[id] for id in dict.fromkeys((*ids, *new)) if id in found}

    def _keep(self, new: dict[str, T]) -> None:
        with self._lock:
            kept = {**self._by_id, **new}
            surplus = max(0, len(kept) - self._most)
            self._by_id = dict(islice(kept.items(), surplus, None))
