"""The language of a page: the one that its reader chose, or the one that the browser asks for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lab import i18n
from lab.views.markup import attributes, esc

__all__ = ["COOKIE", "Language", "chooser", "language_of", "opens_page"]

COOKIE = "prompt-lab-language"
_TAGS: Mapping[str, str] = MappingProxyType({"zh": "zh-CN"})  # what Gradio calls its translations


def language_of(headers: Mapping[str, str]) -> str:
    """Return the language to answer a request in, by its headers."""
    chosen = cookie_parser(headers.get("cookie", "")).get(COOKIE, "")
    return chosen if chosen in i18n.LANGUAGES else i18n.negotiated(headers.get("accept-language", ""))


def opens_page(scope: Scope) -> bool:
    """Return whether a request opens the page itself, and no file, which may be a page as well."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return False
    return scope["path"].removeprefix(scope.get("root_path") or "") in ("", "/")


class Language:
    """Middleware that answers each request in the language of who asks, and tells a page which one that is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with i18n.use(language_of(Headers(scope=scope))):
            marked = _marked(send, _script(i18n.current()).encode())
            await self._app(scope, receive, marked if opens_page(scope) else send)


def _marked(send: Send, script: bytes) -> Send:
    """Return what sends an answer on: a page with a script at the beginning of its head, all else as it is."""
    pages: list[Message] = []  # the beginning of an answer that is a page
    body = b""

    async def sent(message: Message) -> None:
        nonlocal body
        if message["type"] == "http.response.start" and _is_page(message):
            pages.append(message)
        elif not pages:
            await send(message)
        else:
            body += message.get("body", b"")
            if not message.get("more_body", False):
                whole = body.replace(b"<head>", b"<head>" + script, 1)
                headers = MutableHeaders(scope=pages[0])
                headers.add_vary_header("Accept-Language, Cookie")
                if "content-length" in headers:
                    headers["content-length"] = str(len(whole))
                await send(pages[0])
                await send({**message, "body": whole})

    return sent


def _is_page(start: Message) -> bool:
    return Headers(raw=start["headers"]).get("content-type", "").startswith("text/html")


def _script(language: str) -> str:
    """Return the script that lets the parts of Gradio's own be in the language of the page: it asks the browser."""
    tag = json.dumps(_TAGS.get(language, language))
    return f"<script>Object.defineProperty(navigator, 'language', {{get: () => {tag}}});</script>"


def chooser() -> str:
    """Draw the choice of a language; each is called by its own name."""
    options = "".join(
        f"<option{attributes(value=tag, lang=tag, selected=tag == i18n.current())}>{esc(name)}</option>"
        for tag, name in i18n.LANGUAGES.items()
    )
    return (
        '<div class="lab"><label class="lab-inline lab-language">'
        '<span class="lab-language-sign" aria-hidden="true">文 A</span>'
        '<span class="lab-language-words"><span lang="en">Language</span> · <span lang="zh">语言</span></span> '
        f"<select{attributes(data_language=COOKIE, aria_label='Language · 语言')}>{options}</select></label></div>"
    )
