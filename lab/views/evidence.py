"""What measurements prove, in a sentence each."""

from __future__ import annotations

from lab.session.evidence import Evidence
from lab.tasks.evidence import GAIN, Paired, Selected
from lab.views.markup import details, esc
from lab.views.numbers import between, count, counted, points, whole_points

__all__ = ["comparison", "fold", "selection", "sentences"]


def fold(found: Evidence | None) -> str:
    """Draw what is known of a gain, folded under a line that says the verdict; nothing where there is no gain."""
    lines = sentences(found)
    if not lines:
        return ""
    verdict = found.paired.outcome if found is not None else ""
    title = {"better": "Better than the start prompt", "worse": "Worse than the start prompt"}.get(
        verdict, "Not distinguishable from the start prompt yet"
    )
    return details("evidence", title, "".join(f"<p>{esc(line)}</p>" for line in lines))


def sentences(found: Evidence | None) -> tuple[str, ...]:
    """Say how the best prompt does against the start prompt, and what choosing it pretends."""
    if found is None:
        return ()
    chosen = (selection(found.selected),) if found.selected is not None and found.selected.n_prompts > 2 else ()
    return (comparison(found.paired), *chosen)


def comparison(found: Paired) -> str:
    """Say whether a second prompt is better than a first one, on which examples, and how sure that is."""
    on = counted(found.n, "example")
    if found.outcome == "too few" or found.change is None or found.interval is None:
        return f"Nothing can be said on {on}."
    change = f"{points(0.0, found.change)} ({between(*found.interval)})"
    flips = (
        f"{count(found.improved)} improved, {count(found.regressed)} regressed, "
        f"{count(found.unchanged)} came out alike"
    )
    told = [f"chosen as the best of {count(found.best_of)}, which interval and test allow for"] * (
        found.best_of > 1
    )
    if found.is_few:
        differ = counted(found.improved + found.regressed, "example differs", "examples differ")
        told.append(f"only {differ}, so that the interval is too narrow: about 90 of 100 such hold the true change")
    flips = "; ".join((flips, *told))
    if found.outcome == "not distinguishable":
        more = f"; about {count(found.needed)} would be needed to see {whole_points(GAIN)}" * (
            found.needed > found.n
        )
        return f"Not distinguishable on {on}{more}: {change}; {flips}."
    return f"{found.outcome.capitalize()} on {on}: {change}; {flips}."


def selection(found: Selected) -> str:
    """Say what choosing the best of many pretends."""
    return (
        f"The best of {counted(found.n_prompts, 'prompt')} on the same {counted(found.n, 'example')} stands "
        f"{whole_points(found.lead)} above their mean; the best of as many equal prompts would stand "
        f"{whole_points(found.by_chance)} above it, by chance alone."
    )
