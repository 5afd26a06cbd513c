"""A visitor of the page without a browser: loads it, and sends and reads what its script would."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Any

import httpx2

__all__ = ["Visitor"]

_API = "gradio_api"
_CONFIG = "window.gradio_config = "


class Visitor:
    """One open page: the values of its components by their ids, and how long each request took."""

    def __init__(self, url: str, timeout_s: float = 120.0) -> None:
        self.took_s: list[tuple[str, float]] = []
        self._http = httpx2.AsyncClient(base_url=url, timeout=timeout_s, trust_env=False)
        self._session = secrets.token_hex(8)
        self._config: dict[str, Any] = {}
        self._ids: dict[str, int] = {}
        self._values: dict[int, Any] = {}

    async def __aenter__(self) -> Visitor:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, at: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def open(self, branch: str = "") -> None:
        """Load the page, as its address or that of a branch says."""
        address = f"/?branch={branch}" if branch else "/"
        page = (await self._timed("page", self._http.get(address))).text
        self._config = json.JSONDecoder().raw_decode(page, page.index(_CONFIG) + len(_CONFIG))[0]
        parts = [(one["id"], one["props"]) for one in self._config["components"]]
        self._ids = {props["elem_id"]: id for id, props in parts if props.get("elem_id")}
        self._values = {id: props.get("value") for id, props in parts} | self._kept()
        await self._call(self._listener("load"), query=address.partition("?")[2])

    def html(self, name: str) -> str:
        """Return what a part of the page shows."""
        return str(self._values.get(self._ids[name]) or "")

    @property
    def branch(self) -> str:
        """The branch that is shown; empty in the set-up."""
        return self.html("branch")

    @property
    def proposal(self) -> str:
        """The id of the proposal that waits; empty where none does."""
        found = re.search(r'data-proposal="([^"]+)"', self.html("lab-board"))
        return found[1] if found else ""

    @property
    def is_running(self) -> bool:
        """Whether a step is under way."""
        return "lab-running" in self.html("lab-progress")

    def fill(self, name: str, value: object) -> None:
        """Fill a field."""
        self._values[self._ids[name]] = value

    def labelled(self, label: str) -> str:
        """Return the id that the first field with a label has; it is given one where it has none."""
        id = next(one["id"] for one in self._config["components"] if one["props"].get("label") == label)
        self._ids.setdefault(label, id)
        return label

    async def trigger(self, name: str, event: str, data: object = None) -> None:
        """Let something happen to a part, and take what it changes."""
        await self._call(self._listener(event, self._ids[name]), data, self._ids[name])

    async def act(self, part: str, act: str, **arguments: object) -> None:
        """Do what a person does in a part of the lab view."""
        event = "lab_mark" if act in ("mark", "unmark") else "lab_act"
        await self.trigger(f"lab-{part}", event, {"event": {"act": act, **arguments}})

    async def follow(self) -> bool:
        """Ask whether the branch that is shown has changed, and draw it anew where it has; say whether it had."""
        shown = self._values[self._ids["lab-pulse"]]
        answer = await self._timed("version", self._http.get("/lab/version", params={"branch": shown["branch"]}))
        if answer.text == shown["tag"]:
            return False
        event = "lab_moved" if answer.text.startswith(f"{shown['place']}.") else "lab_changed"
        await self.trigger("lab-pulse", event, {"place": shown["place"], "look": ""})
        return True

    async def upload(self, name: str, file: Path) -> None:
        """Send a file and put it into a field."""
        with file.open("rb") as content:
            sent = await self._timed(
                "upload", self._http.post(f"/{_API}/upload", files={"files": (file.name, content)})
            )
        if sent.is_success:
            self.fill(name, {"path": sent.json()[0], "orig_name": file.name, "meta": {"_type": "gradio.FileData"}})

    # Within

    def _kept(self) -> dict[int, Any]:
        """Return the values that a browser keeps over a reload: whose page it is."""
        owners = [one["id"] for one in self._config["components"] if one["type"] == "browserstate"]
        return {id: self._values[id] for id in owners if self._values.get(id)}

    def _listener(self, event: str, part: int | None = None) -> dict[str, Any]:
        """Return what listens to an event of a part, or where none is named of the page itself."""
        listeners: list[dict[str, Any]] = self._config["dependencies"]
        return next(
            one for one in listeners if any(what == event and part in (None, id) for id, what in one["targets"])
        )

    async def _call(
        self, listener: Mapping[str, Any], event: object = None, part: int | None = None, query: str = ""
    ) -> None:
        asked = {
            "data": [self._values.get(id) for id in listener["inputs"]], "event_data": event,
            "fn_index": listener["id"], "trigger_id": part, "session_hash": self._session,
        }  # fmt: skip
        what = str((listener["targets"] or [("", "")])[0][1])
        if listener["queue"]:
            await self._timed(what, self._queued(listener, asked, query))
        else:
            answer = await self._timed(what, self._http.post(f"/{_API}/run/predict", json=asked))
            self._take(listener, answer.json())

    async def _queued(self, listener: Mapping[str, Any], asked: Mapping[str, object], query: str) -> None:
        joined = await self._http.post(f"/{_API}/queue/join?{query}", json=asked)
        if not joined.is_success:
            return
        async with self._http.stream("GET", f"/{_API}/queue/data", params={"session_hash": self._session}) as lines:
            async for line in lines.aiter_lines():
                message = json.loads(line.removeprefix("data: ")) if line else {}
                if message.get("msg") in ("process_generating", "process_completed"):
                    self._take(listener, message["output"])
                if message.get("msg") == "process_completed":
                    return

    def _take(self, listener: Mapping[str, Any], output: Mapping[str, Any]) -> None:
        for id, value in zip(listener["outputs"], output.get("data") or (), strict=False):
            if not isinstance(value, dict) or value.get("__type__") != "update":
                self._values[id] = value
            elif "value" in value:
                self._values[id] = value["value"]

    async def _timed(self, what: str, request: Any) -> Any:
        began = perf_counter()
        try:
            return await request
        finally:
            self.took_s.append((what, perf_counter() - began))
