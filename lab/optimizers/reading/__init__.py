"""Reading what an optimizer model wrote as a person would: one reader for all optimizers, which never raises.

A reply goes through the same steps whoever asked for it: what was thought aloud is cut (`thinking`), texts between
tags are found (`tags`), a list without them is taken apart (`lists`), each text is freed of what a chat puts
around it (`cleaning`), and a reply that gives nothing is told from one that does (`refusals`).
"""

from __future__ import annotations

from lab.optimizers.reading.reader import TAGS, Reading, critiques, prompts, prose

__all__ = ["TAGS", "Reading", "critiques", "prompts", "prose"]
