"""What the settings of the lab's optimizers are called in a form; one of your own is called by its name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from lab.i18n import Message, gettext_lazy

__all__ = ["LABELS"]

LABELS: Mapping[str, Message] = MappingProxyType(
    {
        "rounds": gettext_lazy("Rounds"),
        "mode": gettext_lazy("Mode"),
        "subsamples": gettext_lazy("Subsamples"),
        "demos": gettext_lazy("Demos"),
        "proposals": gettext_lazy("Proposals"),
        "stage_rows": gettext_lazy("Stage rows"),
        "survive": gettext_lazy("Survive"),
        "finalists": gettext_lazy("Finalists"),
        "full_rows": gettext_lazy("Full rows"),
        "score": gettext_lazy("Score"),
        "paraphrases": gettext_lazy("Paraphrases"),
        "patience": gettext_lazy("Patience"),
        "temperature": gettext_lazy("Temperature"),
        "longest": gettext_lazy("Longest"),
        "wording": gettext_lazy("Wording"),
        "beam": gettext_lazy("Beam"),
        "minibatch": gettext_lazy("Minibatch"),
        "groups": gettext_lazy("Groups"),
        "group_size": gettext_lazy("Group size"),
        "critiques": gettext_lazy("Critiques"),
        "edits": gettext_lazy("Edits"),
        "expansion": gettext_lazy("Expansion"),
        "reject_on_errors": gettext_lazy("Reject on errors"),
        "selection": gettext_lazy("Selection"),
        "selection_rounds": gettext_lazy("Selection rounds"),
        "selection_prompts": gettext_lazy("Selection prompts"),
        "selection_rows": gettext_lazy("Selection rows"),
        "exploration": gettext_lazy("Exploration"),
        "shown": gettext_lazy("Shown"),
        "buckets": gettext_lazy("Buckets"),
        "threshold": gettext_lazy("Threshold"),
        "exemplars": gettext_lazy("Exemplars"),
        "criteria": gettext_lazy("Criteria"),
        "meta_prompt": gettext_lazy("Meta prompt"),
        "position": gettext_lazy("Position"),
        "schedule": gettext_lazy("Schedule"),
        "temperature_end": gettext_lazy("Temperature end"),
        "rows": gettext_lazy("Rows"),
        "expand": gettext_lazy("Expand"),
        "batch": gettext_lazy("Batch"),
        "batching": gettext_lazy("Batching"),
        "backtrack": gettext_lazy("Backtrack"),
        "step_size": gettext_lazy("Step size"),
        "max_words": gettext_lazy("Max words"),
        "history": gettext_lazy("History"),
        "tutorial": gettext_lazy("Tutorial"),
        "init": gettext_lazy("Init"),
        "init_demos": gettext_lazy("Init demos"),
        "init_prompts": gettext_lazy("Init prompts"),
        "init_temperature": gettext_lazy("Init temperature"),
        "reason_temperature": gettext_lazy("Reason temperature"),
    }
)
