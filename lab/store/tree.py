"""The tree in a lab book: nodes and proposals, named by content; they are added and never change."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from lab.core.codec import canonical, content_id, decode
from lab.core.history import PROPOSALS, Node, proposal_content, with_ancestors
from lab.core.review import Proposal
from lab.errors import MisuseError
from lab.store.file import BookFile, chunks
from lab.store.kept import Kept
from lab.store.schema import nodes, now, proposals

NODES_AT_HAND = 2_000
PROPOSALS_AT_HAND = 200


class Tree:
    """The nodes and proposals of a book; what was read is kept decoded."""

    def __init__(self, file: BookFile) -> None:
        self._file = file
        self._nodes = Kept[Node](file, NODES_AT_HAND)
        self._proposals = Kept[Proposal](file, PROPOSALS_AT_HAND)
        self._parents = dict[str, str | None]()  # with a node, all its ancestors

    def node(self, id: str) -> Node:
        """Return a node.

        Raises:
            MisuseError: when there is none of that id.
        """
        return self.nodes((id,))[id]

    def nodes(self, ids: Sequence[str]) -> dict[str, Node]:
        """Return the nodes of these ids, in their order.

        Raises:
            MisuseError: when there is none of an id.
        """
        found = self._nodes.get(ids, self._read_nodes)
        if len(found) < len(set(ids)):
            raise MisuseError("There is no such place in this book's history.")
        return found

    def proposal(self, id: str) -> Proposal:
        """Return a proposal.

        Raises:
            MisuseError: when there is none of that id.
        """
        found = self._proposals.get((id,), self._read_proposals)
        if id not in found:
            raise MisuseError("There is no such proposal in this book.")
        return found[id]

    def parents(self, ids: Sequence[str]) -> dict[str, str | None]:
        """Return the parent of each of these nodes and of all their ancestors."""
        known = self._parents
        if missing := [id for id in ids if id not in known]:
            new = {id: parent for some in chunks(missing) for id, parent in self._read_parents(some)}
            known = {**known, **new}
            if not self._file.in_transaction:
                self._parents = known
        return {id: known[id] for id in with_ancestors(known, [id for id in ids if id in known])}

    def add_node(self, node: Node) -> str:
        """Add a node that is not there yet; return its id."""
        row = {"id": node.id, "parent": node.parent, "content": canonical(node.content), "made": now()}
        with self._file.transaction() as db:
            db.execute(insert(nodes).values(row).on_conflict_do_nothing())
        return str(row["id"])

    def add_proposal(self, node: str, proposal: Proposal) -> str:
        """Add a proposal that is not there yet; return its id."""
        content = proposal_content(node, proposal)
        id = content_id(PROPOSALS[0], content)
        row = {"id": id, "node": node, "content": canonical(content), "made": now()}
        with self._file.transaction() as db:
            db.execute(insert(proposals).values(row).on_conflict_do_nothing())
        return id

    def _read_nodes(self, ids: Sequence[str]) -> Iterator[tuple[str, Node]]:
        with self._file.reading() as db:
            for id, content in db.execute(select(nodes.c.id, nodes.c.content).where(nodes.c.id.in_(ids))):
                yield id, Node.of(json.loads(content))

    def _read_proposals(self, ids: Sequence[str]) -> Iterator[tuple[str, Proposal]]:
        with self._file.reading() as db:
            found = db.execute(select(proposals.c.id, proposals.c.content).where(proposals.c.id.in_(ids)))
            for id, content in found:
                yield id, decode(json.loads(content)["proposal"])

    def _read_parents(self, ids: Sequence[str]) -> list[tuple[str, str | None]]:
        with self._file.reading() as db:
            up = select(nodes.c.id, nodes.c.parent).where(nodes.c.id.in_(ids)).cte("up", recursive=True)
            up = up.union(select(nodes.c.id, nodes.c.parent).where(nodes.c.id == up.c.parent))
            return [(row.id, row.parent) for row in db.execute(select(up))]
