"""The practice model as an ASGI app, and as a function: the door that the lab itself uses."""

from lab.practice.protocol.app import app
from lab.practice.protocol.chat import complete

__all__ = ["app", "complete"]
