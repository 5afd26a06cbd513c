"""The language of a page: the one that its reader chose, or the one that the browser asks for."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lab import i18n
from lab.views.markup import attributes, esc

__all__ = ["COOKIE", "Language", "chooser", "language_of"]

COOKIE = "prompt-lab-language"


def language_of(headers: Mapping[str, str]) -> str:
    """Return the language to answer a request in, by its headers."""
    chosen = cookie_parser(headers.get("cookie", "")).get(COOKIE, "")
    return chosen if chosen in i18n.LANGUAGES else i18n.negotiated(headers.get("accept-language", ""))


class Language:
    """Middleware that answers each request in the language of who asks."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        language = language_of(MutableHeaders(scope=scope))

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers["Content-Language"] = language
                    headers.add_vary_header("Accept-Language, Cookie")
            await send(message)

        with i18n.use(language):
            await self._app(scope, receive, marked)


def chooser() -> str:
    """Draw the choice of a language; each is called by its own name."""
    options = "".join(
        f"<option{attributes(value=tag, lang=tag, selected=tag == i18n.current())}>{esc(name)}</option>"
        for tag, name in i18n.LANGUAGES.items()
    )
    return (
        '<label class="lab-inline lab-language"><span lang="en">Language</span> · <span lang="zh">语言</span> '
        f"<select{attributes(data_language=COOKIE)}>{options}</select></label>"
    )
