"""The tree of all that was done: nodes named by their content, and the JSON that the names are made of.

A node is the optimizer's state after a verdict. Its id is a hash over its parent's id and its own content in
canonical JSON, so that equal histories have equal ids in every process and a changed row is found by `verify`.
Changing the canonical form changes every id; the prefix says which form made an id.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from hashlib import blake2b
from typing import Any

from lab import asks, constraints, review
from lab.asks import Phase
from lab.constraints import FREE, Constraints
from lab.errors import BookError
from lab.optimizers import OPTIMIZERS, bandits
from lab.review import Proposal, Verdict
from lab.tasks.task import Example, Task
from lab.text import whole


@cache
def _types(optimizers: tuple[str, ...]) -> dict[str, type[Any]]:
    """Names the types that JSON may hold, those of these optimizers among them."""
    plain = (
        Example, Task, asks.Item, asks.ErrorSample, asks.Demonstration, asks.TrajectoryRow, asks.Critique,
        asks.Candidate, asks.Score, asks.Request, asks.Generate, asks.Evaluate, asks.Pick, asks.Done, asks.Reply,
        review.Proposal, review.Mark, review.Verdict, constraints.Constraints, constraints.Break, bandits.Arms,
    )  # fmt: skip
    named = {kind.__name__: kind for kind in plain}
    for name in optimizers:
        kinds = (*OPTIMIZERS[name].phases, OPTIMIZERS[name].settings)
        named |= {f"{name}.{kind.__name__}": kind for kind in kinds}
    return named


@cache
def _names(optimizers: tuple[str, ...]) -> dict[type[Any], str]:
    return {kind: name for name, kind in _types(optimizers).items()}


def encode(value: Any) -> Any:
    """Turns a frozen value into plain JSON: a tagged object, lists for tuples, the rest as it is."""
    if is_dataclass(value):
        content = {field.name: encode(getattr(value, field.name)) for field in fields(value)}
        return {"is": _names(tuple(OPTIMIZERS))[type(value)], **content}
    if isinstance(value, (tuple, list)):
        return [encode(item) for item in value]
    return whole(value) if isinstance(value, str) else value


def decode(data: Any) -> Any:
    """Turns what `encode` made back into the value it was.

    Raises:
        BookError: when it names a type or a field that this version does not know.
    """
    if isinstance(data, list):
        return tuple(decode(item) for item in data)
    if isinstance(data, dict):
        kind = _types(tuple(OPTIMIZERS)).get(data.get("is", ""))
        if kind is None:
            raise BookError(
                f"The book holds a “{data.get('is')}”, which this version of the lab does not know. "
                "If it belongs to an optimizer of your own, register that first."
            )
        try:
            return kind(**{name: decode(item) for name, item in data.items() if name != "is"})
        except TypeError as error:
            raise BookError(f"The book was written by another version of the lab: {error}.") from None
    return data


def canonical(data: Any) -> str:
    """Writes JSON in the one form that ids are made of: keys sorted, no spaces, text as it is."""
    return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def content_id(prefix: str, content: Any) -> str:
    """Names content by its hash: `prefix` says what it is, `b2` how it was hashed."""
    digest = blake2b(canonical(content).encode("utf-8", "surrogatepass"), digest_size=16)
    return f"{prefix}-b2-{digest.hexdigest()}"


@dataclass(frozen=True)
class Node:
    """One state in the tree: the phase the optimizer is in, and the proposal and verdict that led to it.

    `run` names task, optimizer, settings and seed; `sample` is the first sample to use here, above 0 after a
    rejection. A root has no parent, proposal or verdict. `constraints` are no part of the optimizer's state.
    """

    run: str
    phase: Phase
    sample: int = 0
    parent: str | None = None
    proposal: str | None = None
    verdict: Verdict | None = None
    constraints: Constraints = FREE

    @property
    def content(self) -> dict[str, Any]:
        """What the id is made of; a node without constraints has no word of them."""
        constrained = {} if self.constraints == FREE else {"constraints": encode(self.constraints)}
        return {
            "parent": self.parent,
            "run": self.run,
            "phase": encode(self.phase),
            "sample": self.sample,
            "proposal": self.proposal,
            "verdict": encode(self.verdict),
            **constrained,
        }

    @property
    def id(self) -> str:
        """The node's name, derived from its content."""
        return content_id("n", self.content)

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Node:
        """Makes a node of its content."""
        verdict = content["verdict"]
        return cls(
            content["run"],
            decode(content["phase"]),
            content["sample"],
            content["parent"],
            content["proposal"],
            verdict and decode(verdict),
            decode(content["constraints"]) if "constraints" in content else FREE,
        )


def proposal_content(node: str, proposal: Proposal) -> dict[str, Any]:
    """What a proposal's id is made of: where it was made, and all of it but what constraints did not do."""
    told = encode(proposal)
    idle = [name for name, nothing in (("chosen", None), ("breaks", [])) if told[name] == nothing]
    return {"node": node, "proposal": {name: value for name, value in told.items() if name not in idle}}


def path(nodes: Mapping[str, Node], id: str) -> tuple[str, ...]:
    """Gives the ids from the root to a node."""
    back = [id]
    while (parent := nodes[back[-1]].parent) is not None:
        back.append(parent)
    return tuple(reversed(back))


def with_ancestors(parents: Mapping[str, str | None], ids: Iterable[str]) -> tuple[str, ...]:
    """Gives the ids and all their ancestors, each once, in the order met."""
    found: dict[str, None] = {}
    for id in ids:
        here: str | None = id
        while here is not None and here not in found:
            found[here] = None
            here = parents[here]
    return tuple(found)
