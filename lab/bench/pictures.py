"""`prompt-lab pictures`: a picture of every view of the page, in light, in dark, narrow, and in Chinese.

Every view but the first page is an address, so that a picture needs no clicks. The runs behind them are made on the
practice model, from fixed seeds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

from lab.bench.browser import chromium
from lab.bench.visitors import served
from lab.core.review import Mark
from lab.optimizers import OPTIMIZERS, Optimizer
from lab.session import Session
from lab.store import Book
from lab.tasks import bundled
from lab.views.sections import SECTIONS

__all__ = ["LOOKS", "SHOWN", "Look", "View", "draw", "draw_shown"]


@dataclass(frozen=True)
class Look:
    """How a view is looked at: how wide and high the window is, in pixels, in which colours and which language."""

    name: str
    width: int
    height: int
    scheme: str = "light"
    language: str = "en"


LOOKS = (
    Look("light", 1440, 900),
    Look("dark", 1440, 900, "dark"),
    Look("laptop", 1280, 720),
    Look("narrow", 400, 860),
    Look("chinese", 1440, 900, language="zh"),
)


@dataclass(frozen=True)
class View:
    """What is pictured: its name, and what comes after the address of the page."""

    name: str
    query: str = ""


# Pictures that README shows: of which view, and the name of the file.
SHOWN: Mapping[str, str] = MappingProxyType({"protegi-criticise": "review-board", "protegi-summary": "summary"})
_README = Look("readme", 1280, 800)
_COLOURS = 256
_THERE = ("#begin:not([disabled])", ".lab-frame .lab-actions")  # what shows that the first page, or a run, is there
_STILL_MS = 900  # a view is pictured when nothing has changed for so long
_STILL = """ms => new Promise((done) => {
  let timer = setTimeout(done, ms);
  const again = () => { clearTimeout(timer); timer = setTimeout(done, ms); };
  new MutationObserver(again).observe(document.body, {childList: true, subtree: true});
})"""
_EDIT = "The prompt does not say that the answer is one lower-case word and nothing else."


def draw(folder: Path, only: Collection[str] = (), looks: Collection[Look] = LOOKS) -> list[Path]:
    """Picture every view, or those named, in every look; return the files.

    Raises:
        MisuseError: when there is no Playwright or no Chromium.
    """
    return list(_drawn(folder, only, looks))


def draw_shown(folder: Path) -> list[Path]:
    """Picture the views that README shows, in few colours so that they stay small; return the files.

    Raises:
        MisuseError: when there is no Playwright or no Chromium.
    """
    with TemporaryDirectory() as made:
        shown = []
        for file in _drawn(Path(made), SHOWN, (_README,)):
            shown.append(folder / f"{SHOWN[file.stem]}.png")
            shown[-1].write_bytes(reduced(file.read_bytes()))
    return shown


def reduced(picture: bytes) -> bytes:
    """Return a PNG in few colours."""
    from PIL import Image

    small = BytesIO()
    image = Image.open(BytesIO(picture)).convert("RGB")
    image.quantize(_COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return small.getvalue()


def _drawn(folder: Path, only: Collection[str], looks: Collection[Look]) -> Iterator[Path]:
    with TemporaryDirectory() as held:
        path = Path(held) / "pictures.sqlite"
        views = [one for one in asyncio.run(_made(path, only)) if not only or one.name in only]
        with served(path, host="127.0.0.1") as url, chromium() as browser:
            for look in looks:
                (folder / look.name).mkdir(parents=True, exist_ok=True)
                context = browser.new_context(
                    viewport={"width": look.width, "height": look.height}, color_scheme=look.scheme,
                    locale=look.language,
                )  # fmt: skip
                for view in views:
                    yield _picture(context, f"{url}{view.query}", folder / look.name / f"{view.name}.png")
                context.close()


def _picture(context: Any, address: str, file: Path) -> Path:
    page = context.new_page()
    page.goto(address)
    page.locator(_THERE["?" in address]).wait_for(timeout=60_000)
    page.evaluate(_STILL, _STILL_MS)
    page.screenshot(path=str(file))
    page.close()
    return file


async def _made(path: Path, only: Collection[str]) -> list[View]:
    """Make a book with a run at each phase of each optimizer and one of each at its end; return all views of it.

    Of optimizers none of whose views is wanted there is none.
    """
    book = Book(path)
    session = Session(book)
    views = [View("first")]
    wanted = [kind for kind in OPTIMIZERS.values() if not only or any(one.startswith(kind.name) for one in only)]
    for kind in wanted:
        for phase in kind.phases:
            branch = _begun(session, kind, "main")
            await session.advance(branch, stops=(phase.__name__,))
            if isinstance(session.state(branch).node.phase, phase):
                views.append(View(f"{kind.name}-{phase.__name__.lower()}", f"?branch={branch}"))
        views += await _ended(session, kind)
    book.close()
    return views


def _begun(session: Session, kind: Optimizer, name: str) -> str:
    settings = kind.configure("quick") if "quick" in kind.presets else kind.configure()
    return session.begin(bundled.load("sentiment"), optimizer_name=kind.name, settings=settings, name=name)


async def _ended(session: Session, kind: Optimizer) -> list[View]:
    """Make a run to its end, where it criticises with a critique that a person wrote; return its views."""
    branch = _begun(session, kind, "by hand")
    proposal = await session.advance(branch, stops=("Criticise",)) if kind.name == "protegi" else None
    if proposal is not None:
        session.accept(branch, proposal, ((0, Mark(0, text=_EDIT)),))
    await session.autopilot(branch, rounds=session.state(branch).context.settings.rounds)
    at = f"?branch={branch}"
    tabs = [View(f"{kind.name}-tab-{name}", f"{at}&tab={name}") for name in (*SECTIONS, "settings")]
    place = View(f"{kind.name}-place", f"{at}&node=S3")
    return [View(f"{kind.name}-end", at), View(f"{kind.name}-summary", f"{at}&view=summary"), place, *tabs]
