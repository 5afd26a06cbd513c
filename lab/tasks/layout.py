"""How a prompt and an input become messages, for those who look for it beside the tasks."""

from lab.core.layout import messages, placeholders

__all__ = ["messages", "placeholders"]
