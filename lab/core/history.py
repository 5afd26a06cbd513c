"""The tree of all that was done: nodes named by their content.

A node is the optimizer's state after a verdict. Its id is a hash over its parent's id and its own content in
canonical JSON, so that equal histories have equal ids in every process and a changed row is found by `verify`.
Changing the canonical form changes every id; the prefix says which form made an id. In the first form, of nodes
`n` and proposals `p`, flaws were sentences; what was stored in it keeps its ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lab.core.asks import Phase
from lab.core.codec import content_id, decode, encode
from lab.core.constraints import FREE, Constraints
from lab.core.review import Proposal, Verdict

NODES, PROPOSALS = ("n2", "n"), ("p2", "p")  # prefixes of ids: the one that is given now, then older ones
OLD_IDS = tuple(f"{prefix}-" for prefix in (*NODES[1:], *PROPOSALS[1:]))  # what has one is of an old form


@dataclass(frozen=True)
class Node:
    """One state in the tree: the phase the optimizer is in, and the proposal and verdict that led to it.

    `context` names task, optimizer, settings and seed; `sample` is the first sample to use here, above 0 after a
    rejection. A root has no parent, proposal or verdict. `constraints` are no part of the optimizer's state.
    """

    context: str
    phase: Phase
    sample: int = 0
    parent: str | None = None
    proposal: str | None = None
    verdict: Verdict | None = None
    constraints: Constraints = FREE

    @cached_property
    def prompts(self) -> tuple[str, ...]:
        """The prompts that the optimizer holds here, best first: asked of the phase once, it may have to sort."""
        return self.phase.prompts

    @property
    def content(self) -> dict[str, Any]:
        """What the id is made of; a node without constraints has no word of them."""
        constrained = {} if self.constraints == FREE else {"constraints": encode(self.constraints)}
        return {
            "parent": self.parent,
            "run": self.context,
            "phase": encode(self.phase),
            "sample": self.sample,
            "proposal": self.proposal,
            "verdict": encode(self.verdict),
            **constrained,
        }

    @property
    def id(self) -> str:
        """The node's name, derived from its content."""
        return content_id(NODES[0], self.content)

    @classmethod
    def of(cls, content: Mapping[str, Any], *, old: bool = False) -> Node:
        """Make a node of its content, which may be of an old form."""
        verdict = content["verdict"]
        return cls(
            content["run"],
            decode(content["phase"], old=old),
            content["sample"],
            content["parent"],
            content["proposal"],
            verdict and decode(verdict, old=old),
            decode(content["constraints"], old=old) if "constraints" in content else FREE,
        )


def proposal_content(node: str, proposal: Proposal) -> dict[str, Any]:
    """What a proposal's id is made of: where it was made, and all of it but what constraints did not do."""
    told = encode(proposal)
    idle = [name for name, nothing in (("chosen", None), ("regressions", [])) if told[name] == nothing]
    return {"node": node, "proposal": {name: value for name, value in told.items() if name not in idle}}


def path(nodes: Mapping[str, Node], id: str) -> tuple[str, ...]:
    """Return the ids from the root to a node."""
    back = [id]
    while (parent := nodes[back[-1]].parent) is not None:
        back.append(parent)
    return tuple(reversed(back))


def with_ancestors(parents: Mapping[str, str | None], ids: Iterable[str]) -> tuple[str, ...]:
    """Return the ids and all their ancestors, each once, in the order met."""
    found: dict[str, None] = {}
    for id in ids:
        here: str | None = id
        while here is not None and here not in found:
            found[here] = None
            here = parents[here]
    return tuple(found)
