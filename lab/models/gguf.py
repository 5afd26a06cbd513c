"""A GGUF file as a model: llama.cpp's server as a child of this process, for as long as the lab runs.

The file is read by xllamacpp (the extra `local`) in a process of its own, which a crash there ends and not the lab.
It listens on a free port of 127.0.0.1, takes a key that only this process knows, and ends when its standard input
closes: with the lab, however that ended.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import subprocess
import sys
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock
from typing import Literal

import httpx2

from lab.errors import MisuseError
from lab.i18n import gettext_lazy

__all__ = ["N_SLOTS", "SLOT_TOKENS", "FileTransport", "Layout", "checked", "server"]

N_SLOTS = 8  # calls at once; more wait their turn in the child
SLOT_TOKENS = 4096  # of a call, its reply included
END_S = 5.0
_MAGIC = b"GGUF"

# `chat`: the file's own chat template. `plain`: the text as it stands, for a model that was never taught to chat.
Layout = Literal["chat", "plain"]


def checked(path: Path) -> Path:
    """Return the file's full path, where it can be served.

    Raises:
        MisuseError: when it is not there or not a GGUF file, or when what serves it is not installed.
    """
    try:
        with path.open("rb") as file:
            is_gguf = file.read(len(_MAGIC)) == _MAGIC
    except OSError as error:
        raise MisuseError(
            gettext_lazy(
                "The model file {path!r} cannot be read ({why}). Check the path.",
                path=str(path),
                why=error.strerror,
            )
        ) from None
    if not is_gguf:
        raise MisuseError(
            gettext_lazy(
                "The file {path!r} is not a GGUF file. Download the model's .gguf file, whole.", path=str(path)
            )
        )
    if find_spec("xllamacpp") is None:
        raise MisuseError(
            gettext_lazy(
                'A GGUF file needs the package xllamacpp: pip install "prompt-lab[local]", or serve the file '
                "yourself (llama-server -m FILE) and name it as MODEL@http://127.0.0.1:8080/v1."
            )
        )
    return path.resolve()


@cache
def server(path: Path, layout: Layout) -> Server:
    """Return the one server of a file in this process; nothing is started yet."""
    return Server(path, layout)


class Server:
    """Starts a file's child process at the first call, and again after it died."""

    def __init__(self, path: Path, layout: Layout) -> None:
        self._path, self._layout = path, layout
        self._key = secrets.token_urlsafe(24)
        self._lock = Lock()
        self._child: subprocess.Popen[str] | None = None
        self._url = httpx2.URL()

    async def address(self) -> httpx2.URL:
        """Return where the child listens; waits until it does.

        Raises:
            MisuseError: when the child cannot read the file.
        """
        if self._child is None or self._child.poll() is not None:
            await asyncio.to_thread(self._start)
        return self._url

    @property
    def authorization(self) -> str:
        """The header that the child wants, and nobody else knows."""
        return f"Bearer {self._key}"

    def stop(self) -> None:
        """End the child; a later call starts another."""
        with self._lock:
            if self._child is not None:
                _end(self._child)
                self._child = None

    def _start(self) -> None:
        with self._lock:
            if self._child is not None and self._child.poll() is None:
                return
            asked = {"path": str(self._path), "layout": self._layout, "key": self._key}
            self._child, url = _begun(json.dumps(asked), self._path)
            self._url = httpx2.URL(url)


def _begun(asked: str, path: Path) -> tuple[subprocess.Popen[str], str]:
    """Start a child, tell it what to serve, and return it with the address that it answers with.

    Raises:
        MisuseError: when it ends without one.
    """
    with TemporaryFile("w+") as complaints:
        child = subprocess.Popen(
            [sys.executable, "-m", "lab.models.gguf_server"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints, text=True,
            env={**os.environ, "OMP_WAIT_POLICY": "passive"},  # idle threads leave the cores to the lab
        )  # fmt: skip
        assert child.stdin is not None
        assert child.stdout is not None
        with suppress(BrokenPipeError):
            child.stdin.write(f"{asked}\n")
            child.stdin.flush()
        if address := child.stdout.readline().strip():
            return child, address
        _end(child)
        complaints.seek(0)
        said = [line.strip() for line in complaints if line.strip()]
    raise MisuseError(_cannot_serve(path.name, said[-1][:200] if said else ""))


def _cannot_serve(file: str, said: str) -> str:
    if not said:
        return gettext_lazy(
            "llama.cpp cannot serve {file}. Check that the file is whole, and that there is memory for it.",
            file=file,
        )
    return gettext_lazy(
        "llama.cpp cannot serve {file} ({said}). Check that the file is whole, and that there is memory for it.",
        file=file, said=said,
    )  # fmt: skip


def _end(child: subprocess.Popen[str]) -> None:
    """Close what a child reads, which ends it, and see that it did."""
    if child.stdin is not None:
        with suppress(BrokenPipeError):
            child.stdin.close()
    try:
        child.wait(END_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    if child.stdout is not None:
        child.stdout.close()


class FileTransport(httpx2.AsyncBaseTransport):
    """Carries requests for a file to its child, which it starts when there is none."""

    def __init__(self, served: Server) -> None:
        self._served = served
        self._inner = httpx2.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request to the child, with the key that it wants."""
        at = await self._served.address()
        request.url = request.url.copy_with(scheme=at.scheme, host=at.host, port=at.port)
        request.headers["host"] = f"{at.host}:{at.port}"
        request.headers["authorization"] = self._served.authorization
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the connections; the child goes on for others."""
        await self._inner.aclose()
