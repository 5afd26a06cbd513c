"""How a prompt and an input become messages, for those who look for it beside the tasks."""

from lab.core.layout import filled, messages, placeholders

__all__ = ["filled", "messages", "placeholders"]
