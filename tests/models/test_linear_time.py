"""What a server, a model or a file sends is read in time that grows with its length and no faster, up to 1 MB."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.core.layout import messages, placeholders
from lab.core.reasoning import without_reasoning
from lab.core.task import Example
from lab.errors import DataError
from lab.models.endpoint import Endpoint
from lab.models.failures import _message
from lab.models.refused import fields_named
from lab.models.wire import clean
from lab.tasks.loaders import load_task
from lab.tasks.metrics import METRICS, judge
from lab.views.diff import diff

N = 1_000_000
HOSTILE = {
    "opened tags": "<" * N, "closed tags": "<>" * (N // 2), "comments": "<!--" * (N // 4),
    "scripts": "<script>" * (N // 8), "spaces": " " * N, "lines": "\n" * N, "digits": "1" * N,
    "numbers": "1," * (N // 2), "slashes": "1/" * (N // 2), "braces": "{" * N, "slots": "{a}" * (N // 3),
    "quotes": '"' * N, "ats": "a@" * (N // 2), "thinking": "<think>" * (N // 7), "analysis": "analysisx" * (N // 9),
    "brackets": "[" * N, "objects": '{"a":' * (N // 5), "words": "word " * (N // 5), "colons": "seed: " * (N // 6),
    "ends": "<|end|> " * (N // 8), "blank lines": "\n \n" * (N // 3), "accents": "é" * N,
}  # fmt: skip
EXAMPLE = Example.of("x", "1")
READERS: dict[str, Callable[[str], object]] = {
    "an error page": lambda text: _message(f"<html>{text}"),
    "an error": lambda text: clean(_message({"error": {"message": text}})),
    "refused fields": fields_named,
    "thinking": without_reasoning,
    "slots": placeholders,
    "a prompt with slots": lambda text: messages(text, "x"),
    **{f"an answer by {name}": lambda text, name=name: judge(name, (), EXAMPLE, text) for name in METRICS},  # type: ignore[misc]
    "a diff": lambda text: diff(text[: N // 10], text[: N // 10][::-1]),
    "a model's name": lambda text: _refused(Endpoint.of, text),
}
AT_MOST_S = 5.0  # quadratic time would take minutes


def _refused(read: Callable[[str], object], text: str) -> object:
    from lab.errors import MisuseError

    try:
        return read(text)
    except MisuseError:
        return None


@pytest.mark.long
@pytest.mark.parametrize("reader", READERS)
def test_a_million_hostile_characters_are_read_in_linear_time(reader: str) -> None:
    slow = {}
    for name, text in HOSTILE.items():
        begun = time.process_time()
        READERS[reader](text)
        if (took := time.process_time() - begun) > AT_MOST_S:
            slow[name] = took
    assert not slow


@pytest.mark.parametrize(
    "content",
    [
        ",".join(f"c{i}" for i in range(20_000)) + "\n" + ("," * 19_999 + "\n") * 3,
        "\t".join(map(str, range(20_000))) + "\n" + "\t" * 19_999,
        "[" + "{" + ",".join(f'"c{i}":1' for i in range(20_000)) + "}" + "]",
        "[[" + ",".join("1" * 20_000) + "]," + "[" + ",".join("1" * 20_000) + "]]",
    ],
)
def test_a_file_of_twenty_thousand_columns_is_refused_at_once(content: str, tmp_path: Path) -> None:
    file = tmp_path / "wide.csv"
    file.write_text(content, encoding="utf-8")
    begun = time.process_time()
    with pytest.raises(DataError, match="columns; at most 1,000"):
        load_task(file)
    assert time.process_time() - begun < AT_MOST_S


def test_the_words_of_an_error_page_are_found_and_what_a_browser_would_not_show_is_not() -> None:
    page = "<html><script>let a = '<b>'</script><style>p {}</style><!-- no --><h1>502</h1> <p>Bad <b>gateway</b>"
    assert clean(_message(page)) == "502 Bad gateway"
