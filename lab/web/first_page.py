"""The page as it is before anything is shown in it: the same for all who read a language, and so made once for it.

What is shown comes afterwards, in answer to the first question that its script asks. Gradio would write the page
anew for each visitor, a third of a megabyte, and hold up all others whenever somebody opens it.
"""

from __future__ import annotations

from collections import OrderedDict
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lab.web.language import language_of, opens_page

__all__ = ["FirstPage"]

_NAMES = 16  # by which this server is reached, of which the page is kept
_SAYS_WHERE = ("host", "x-forwarded-host", "x-forwarded-proto", "x-gradio-server")
_OTHER = ("deep_link", "page")  # what Gradio takes from an address


class FirstPage:
    """Middleware that answers to who opens the page with what was answered to the one before."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._kept: OrderedDict[tuple[object, ...], list[Message]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if not _is_first(scope):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        asked = (scope.get("scheme"), scope["path"], scope.get("root_path"), *map(headers.get, _SAYS_WHERE))
        asked += ("gzip" in headers.get("accept-encoding", ""), language_of(headers))
        if asked not in self._kept:
            if (answer := await self._answer(scope, receive, send)) is None:
                return
            self._kept[asked] = answer
            while len(self._kept) > _NAMES:
                self._kept.popitem(last=False)
            return
        self._kept.move_to_end(asked)
        for message in self._kept[asked]:
            await send(message)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> list[Message] | None:
        """Let the page be made and sent; return what was sent, if it is whole and went well."""
        sent: list[Message] = []

        async def noted(message: Message) -> None:
            sent.append(message)
            await send(message)

        await self._app(scope, receive, noted)
        went_well = bool(sent) and sent[0].get("status") == 200 and not sent[-1].get("more_body", False)
        return sent if went_well else None


def _is_first(scope: Scope) -> bool:
    if not opens_page(scope):
        return False
    asked = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    return not any(name in asked for name in _OTHER)
