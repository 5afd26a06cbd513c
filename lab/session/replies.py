"""How long the replies of models were, as far as the book tells."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from lab.models.roles import Models

if TYPE_CHECKING:
    from lab.optimizers import Optimizer
    from lab.store import Book

LAST_RUNS = 4


def reply_lengths(book: Book, owner: str, models: Models, kind: Optimizer) -> dict[str, float]:
    """Return the mean tokens of what these models replied, as `lab.session.estimate.rehearse` takes them.

    By the name of a phase of the optimizer, of the owner's last runs with these models; and of the "target". What
    was never asked for is missing.

    Raises:
        MisuseError: when one of the models is none, as `lab.models.endpoint` spells them.
    """
    writes = models["optimizer"].spec
    mine = (one for one in reversed(book.branches(owner)) if one.models["optimizer"].spec == writes)
    runs = dict.fromkeys(one.run for one in mine)
    paid = [
        spend
        for run in tuple(runs)[:LAST_RUNS]
        for _, spend in book.spends(run)
        if (spend.role, spend.what, spend.model) == ("optimizer", "propose", writes) and spend.calls
    ]
    nodes = book.nodes(tuple(dict.fromkeys(spend.node for spend in paid)))
    tokens, calls = Counter[str](), Counter[str]()
    for spend in paid:
        phase = type(nodes[spend.node].phase)
        if phase in kind.phases:
            tokens[phase.__name__] += spend.n_output_tokens
            calls[phase.__name__] += spend.calls
    target = book.mean_reply(models["target"].spec, "target")
    told = {phase: tokens[phase] / calls[phase] for phase in calls}
    return told if target is None else {**told, "target": target}
