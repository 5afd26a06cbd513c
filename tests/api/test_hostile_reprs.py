"""What Python shows of a run as HTML is inert, whatever texts of people, models and files are in it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import lab
from lab.core.task import Example

HOSTILE = "<img src=x onerror=alert(1)> </pre></style><script>alert(2)</script> \" ' & {{7*7}} ${x}"
ROWS = [{"text": f"{HOSTILE} {i}", "label": f"{('yes', 'no')[i % 2]}<b>"} for i in range(40)]
# What the lab itself draws with.
DRAWN = {"p", "b", "small", "pre", "code", "table", "thead", "tbody", "tr", "th", "td", "span", "div", "style", "br",
         "ins", "del", "mark", "em", "strong", "i", "details", "summary"}  # fmt: skip


class Seen(HTMLParser):
    """Takes down which elements and attributes there are."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.handlers: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on") or name in ("src", "href", "srcdoc")]

    def handle_data(self, data: str) -> None:
        self.text += data


def shown(value: object) -> str:
    html: str = value._repr_html_()  # type: ignore[attr-defined]
    seen = Seen(html)
    assert seen.tags <= DRAWN, seen.tags - DRAWN
    assert seen.handlers == []
    assert not re.search(r"url\(|@import|https?://", html)
    return seen.text


@pytest.fixture
def run(tmp_path: Path) -> lab.Run:
    task = lab.Task.from_records(ROWS, input="text", answer="label", start=f"Say it. {HOSTILE}", name=HOSTILE)
    return lab.begin(task, preset="quick", name=HOSTILE, book=tmp_path / f"{HOSTILE.replace('/', '')[:60]}.sqlite")


def test_a_run_its_task_its_steps_and_its_best_are_inert(run: lab.Run) -> None:
    assert HOSTILE in shown(run)
    assert HOSTILE in shown(run.task)
    for _ in range(4):
        step = run.next()
        if step.done:
            break
        if len(step):
            shown(step[0])
            step[0].drop(HOSTILE)
            shown(step[0])
        shown(step)
        run.accept()
    assert HOSTILE in shown(run.best)
    shown(run.session)
    shown(run.session.book)


def test_values_of_their_own_are_inert() -> None:
    example = Example("1", HOSTILE, HOSTILE)
    assert HOSTILE in shown(lab.ScoredPrompt(HOSTILE, lab.MeasuredScore(0.5, (0.25, 0.75), 4)))
    assert "onerror" in shown(example)
    assert "onerror" in shown(lab.Verdict("reject", why=HOSTILE))


def test_a_comparison_and_a_difference_are_inert(run: lab.Run) -> None:
    compared = lab.compare(run.task, [HOSTILE, f"{HOSTILE} other"], model="practice")
    assert HOSTILE in shown(compared)


def test_a_panel_that_is_saved_is_inert(run: lab.Run) -> None:
    run.next()
    html = run.panel()._repr_mimebundle_()["text/html"]
    seen = Seen(html)
    assert not seen.tags & {"script", "img", "iframe", "object", "embed"}
    assert seen.handlers == []
    assert HOSTILE in seen.text


def test_a_panel_in_another_language_says_so_and_keeps_texts_as_they_are(run: lab.Run) -> None:
    run.next()
    face = run.panel("zh").face
    assert face.language == "zh"
    assert "保留" in face.board
    assert run.panel().face.language == "en"
    with pytest.raises(lab.MisuseError, match="language must be one of 'en', 'zh'"):
        run.panel("fr")
