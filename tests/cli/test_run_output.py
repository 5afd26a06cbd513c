"""What `lab run` prints while it runs and however it ends."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from lab.cli.main import main
from lab.cli.output import Live, Totals, print_json, speak_any_encoding
from lab.models.roles import ModelConfig, Models, Sampling

RUN = ("run", "--task", "sentiment", "--preset", "thrifty", "--rounds", "1")


class Lab:
    """The command line in this process, with a folder for temporary books."""

    def __init__(self, tmp: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.tmp, self._capsys = tmp, capsys

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        status = main(arguments)
        return (status, *self._capsys.readouterr())


@pytest.fixture
def lab(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Lab:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return Lab(tmp_path, capsys)


def kept(tmp: Path) -> list[Path]:
    return list(tmp.glob("prompt-lab-*/lab.sqlite"))


@pytest.mark.long
def test_a_run_that_ends_at_the_ceiling_prints_its_best_so_far_and_names_the_book_that_is_kept(lab: Lab) -> None:
    status, out, err = lab(*RUN, "--json", "--max-calls", "120")
    found = json.loads(out)
    assert (status, bool(found["best_prompt"])) == (1, True)
    assert "The limit of 120 calls" in found["error"]
    (book,) = kept(lab.tmp)
    assert f"--book {book}" in err
    status, out, _ = lab(*RUN, "--json", "--book", str(book))
    assert status == 0
    assert json.loads(out)["cached"]["target"] > 0


def test_a_run_that_ends_well_or_never_began_leaves_nothing_behind(lab: Lab) -> None:
    assert lab(*RUN)[0] == 0
    assert lab(*RUN, "--set", "rows=none")[0] == 1
    assert kept(lab.tmp) == []


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_no_console_lacks_a_letter_that_ends_a_run(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
    prompt = "判断评论 😀: é"
    speak_any_encoding()
    print_json({"prompt": prompt})
    print(prompt)
    sys.stdout.flush()
    first, second = raw.getvalue().decode(encoding).splitlines()
    assert json.loads(first) == {"prompt": prompt}
    assert second.startswith(r"\u5224")


def test_the_sealed_test_is_opened_when_asked_for_and_counted(lab: Lab) -> None:
    book = ("--book", str(lab.tmp / "lab.sqlite"), "--json")
    assert "best_test_score" not in json.loads(lab(*RUN, *book)[1])
    opened = json.loads(lab(*RUN, *book, "--test")[1])
    assert 0 <= opened["best_test_score"] <= 1
    assert (opened["n_test"] > 0, opened["n_test_openings"]) == (True, 1)


@pytest.mark.long
def test_what_is_kept_is_said_to_be_and_asked_anew_when_wanted(lab: Lab) -> None:
    book = ("--book", str(lab.tmp / "lab.sqlite"), "--json")
    lab(*RUN, *book)
    _, out, err = lab(*RUN, *book)
    assert json.loads(out)["calls"]["target"] == 0
    assert "All scores come from replies that this book held already" in err
    _, out, err = lab(*RUN, *book, "--fresh")
    assert json.loads(out)["cached"]["target"] < json.loads(out)["calls"]["target"]
    assert "held already" not in err


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def live(stream: Any) -> str:
    now = [0.0]
    told = Live(lambda: Totals(40, 12_000, 0.5), lambda: 120, stream=stream, clock=lambda: now[0])
    for second in range(100):
        now[0] = float(second)
        told("Score on the dev split", second, 100, 0)
    told.close()
    return str(stream.getvalue())


def test_a_run_says_how_it_stands_in_one_line_or_now_and_then_where_nobody_watches() -> None:
    watched = live(Terminal())
    assert "\n" not in watched
    assert "Score on the dev split 60/100 · 40 calls · 12,000 tokens · $0.50 · about 2 min left" in watched
    assert live(io.StringIO()).count("\n") == 3


def test_how_a_model_is_asked_is_part_of_what_its_answers_are_known_by() -> None:
    plain, asked = Models(), Models(target=ModelConfig.of("practice"))
    assert plain.answering == asked.answering == "practice"
    sampling = Sampling(stop=("\n",), draw="/2")
    models = Models(target=ModelConfig(plain["target"].endpoint, sampling))
    assert models.answering == 'practice stop=["\\n"] draw=/2'
    assert Models.of_json(models.json) == models
