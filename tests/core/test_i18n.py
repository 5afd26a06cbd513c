"""What the lab says in other languages: catalogs that are whole, and messages that are read by whoever they are for."""

from __future__ import annotations

import ast
import copy
import io
import json
import pickle
import sqlite3
import string
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.paths import ROOT
from support.pseudo import OPEN, bracketed

from lab import i18n
from lab.core.flaws import CODES, Flaw, sentence
from lab.errors import BudgetError, LabError, MisuseError
from lab.i18n import (
    Message,
    gettext,
    gettext_lazy,
    kept,
    localized,
    negotiated,
    ngettext,
    ngettext_lazy,
    sentences,
    use,
)

pofile = pytest.importorskip("babel.messages.pofile")
mofile = pytest.importorskip("babel.messages.mofile")
LOCALE = ROOT / "lab" / "locale"
OTHERS = tuple(language for language in i18n.LANGUAGES if language != "en")
CALLS = ("gettext", "ngettext", "gettext_lazy", "ngettext_lazy")


def catalog(language: str):
    with (LOCALE / language / "LC_MESSAGES" / "lab.po").open("rb") as file:
        return pofile.read_po(file, locale=language)


def template():
    with (LOCALE / "lab.pot").open("rb") as file:
        return pofile.read_po(file)


def filled(text: str) -> set[str]:
    """The names of the fields of a template."""
    return {name.partition(".")[0] for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def sources() -> list[Path]:
    return [path for path in (ROOT / "lab").rglob("*.py") if path.name != "i18n.py"]


def calls(path: Path) -> list[ast.Call]:
    tree = ast.parse(path.read_text("utf-8"))
    found = (one for one in ast.walk(tree) if isinstance(one, ast.Call) and isinstance(one.func, ast.Name))
    return [one for one in found if one.func.id in CALLS]


def test_the_list_of_texts_is_what_the_code_says(tmp_path) -> None:
    made = tmp_path / "lab.pot"
    asked = [
        "extract",
        "-F",
        "pyproject.toml",
        "-k",
        "gettext_lazy",
        "-k",
        "ngettext_lazy:1,2",
        "-o",
        str(made),
        ".",
    ]
    subprocess.run([sys.executable, "-m", "babel.messages.frontend", "-q", *asked], cwd=ROOT, check=True)
    with made.open("rb") as file:
        said = {one.id for one in pofile.read_po(file) if one.id}
    assert said == {one.id for one in template() if one.id}, (
        "lab.pot is not current: see CONTRIBUTING, “Texts and their translations”"
    )


def test_every_text_that_is_looked_up_stands_in_the_code_as_it_is() -> None:
    for path in sources():
        for call in calls(path):
            n_texts = 2 if "ngettext" in ast.unparse(call.func) else 1
            for given_text in call.args[:n_texts]:
                assert isinstance(given_text, ast.Constant), f"{path}:{call.lineno}: pybabel cannot find this text"


def test_each_field_of_a_text_is_filled_where_it_is_said() -> None:
    for path in sources():
        for call in calls(path):
            if any(one.arg is None for one in call.keywords):
                continue  # what stands behind ** is not seen here
            named = {one.arg for one in call.keywords}
            texts = [one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            is_counted = "ngettext" in ast.unparse(call.func)
            for text in texts:
                if named or is_counted:
                    wanted = filled(text) - ({"n"} if is_counted else set())
                    assert wanted <= named, f"{path}:{call.lineno}: {wanted - named} is not given"


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_has_a_translation_with_the_same_fields(language) -> None:
    known = {one.id: one for one in catalog(language) if one.id}
    missing = [one.id for one in template() if one.id and not (one.id in known and known[one.id].string)]
    assert not missing
    for key, one in known.items():
        assert not one.fuzzy, f"{key!r} is not checked"
        english = key if isinstance(key, tuple) else (key,)
        for text in one.string if isinstance(one.string, tuple) else (one.string,):
            if any(filled(each) for each in english):
                extra = filled(text) - set.union(*map(filled, english))
                assert not extra, f"{text!r} has fields that nothing fills: {extra}"
                left = set.intersection(*map(filled, english)) - filled(text) - {"n"}
                assert not left, f"{text!r} leaves out {left}"


@pytest.mark.parametrize("language", OTHERS)
def test_the_catalog_that_is_read_is_made_of_the_one_that_is_written(language) -> None:
    made = io.BytesIO()
    mofile.write_mo(made, catalog(language))
    read = (LOCALE / language / "LC_MESSAGES" / "lab.mo").read_bytes()
    assert made.getvalue() == read, "lab.mo is not current: see CONTRIBUTING, “Texts and their translations”"


def test_what_is_said_below_is_read_in_the_language_of_the_reader_and_kept_in_english() -> None:
    said = gettext_lazy("The limit of {calls} is reached.", calls=ngettext_lazy("{n} call", "{n} calls", 1200))
    assert said == "The limit of 1,200 calls is reached."
    with bracketed():
        assert str(said) == f"{said}" == "⟦The limit of ⟦1,200 calls⟧ is reached.⟧"
        assert said + "!" == "⟦The limit of ⟦1,200 calls⟧ is reached.⟧!"
        assert "So: " + said == "So: ⟦The limit of ⟦1,200 calls⟧ is reached.⟧"
        assert said == "The limit of 1,200 calls is reached."
        assert json.loads(json.dumps(said)) == "The limit of 1,200 calls is reached."
        assert sqlite3.connect(":memory:").execute("SELECT ?", (said,)).fetchone()[0] == said
        assert str(pickle.loads(pickle.dumps(said))) == str(said)
    assert str(said) == "The limit of 1,200 calls is reached."


def test_an_error_is_read_in_the_language_of_who_meets_it() -> None:
    problem = MisuseError(gettext_lazy("There is no run called {name}.", name="x" * 5000))
    assert len(str(problem)) < 300
    with bracketed():
        assert str(problem).startswith("⟦There is no run called xxx")
        assert str(BudgetError("calls", 3, 3)).startswith("⟦The limit of ⟦3 calls⟧")


@given(st.text(max_size=40), st.integers(0, 10**9))
def test_what_is_put_into_a_text_is_never_read_as_one(given_text, n) -> None:
    assert gettext("About {name}.", name=given_text) == f"About {given_text}."
    assert ngettext("{n} of {name}", "{n} of {name}", n, name=given_text) == f"{n:,} of {given_text}"
    assert gettext_lazy("About {name}.", name=given_text) == f"About {given_text}."


def test_lists_and_mappings_are_put_into_words_and_others_stay_themselves() -> None:
    plain = {"choices": [("a", 1)], "n": 2}
    with bracketed():
        assert localized(plain) is plain
        said = {"choices": [(gettext_lazy("Quick"), "quick")], "label": gettext_lazy("Preset"), "n": 2}
        assert localized(said) == {"choices": [("⟦Quick⟧", "quick")], "label": "⟦Preset⟧", "n": 2}


def test_another_language_ends_where_its_block_ends() -> None:
    with use("zh"):
        assert i18n.current() == "zh"
        assert gettext("Undo") == "撤销"
        with use("en"):
            assert gettext("Undo") == "Undo"
        assert gettext("Undo") == "撤销"
        assert gettext("no text of the lab's") == "no text of the lab's"
    assert i18n.current() == "en"
    assert gettext("Undo") == "Undo"
    with use("xx"):
        assert i18n.current() == "en"


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"), ("zh-TW", "zh"), ("ZH-hans-CN", "zh"), ("fr-CH, fr;q=0.9, zh;q=0.8, en;q=0.7", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"), ("en;q=0.3, zh;q=0.8", "zh"), ("de, fr", "en"), ("zh;q=0, de", "en"),
        ("zh;q=much, en", "en"), ("*", "en"), (",;,;q=,=", "en"), ("zh;q=nan", "en"),
    ],
)  # fmt: skip
def test_the_language_is_the_one_that_a_browser_wants_most(accepted, language) -> None:
    assert negotiated(accepted) == language


@given(st.text(max_size=200))
def test_whatever_a_browser_says_it_is_answered_in_a_language(accepted) -> None:
    assert negotiated(accepted) in i18n.LANGUAGES


def test_a_message_is_made_for_no_one_in_particular() -> None:
    assert isinstance(gettext_lazy("Undo"), Message)
    assert type(str(gettext_lazy("Undo"))) is str


def test_what_an_error_says_is_kept_in_english_and_read_in_any_language() -> None:
    spent = BudgetError("cost_usd", 1.0, 0.9, 0.2)
    for problem in (LabError(gettext_lazy("There is no run called {name}.", name="mine")), spent):
        with bracketed():
            told = problem.told
            again = copy.deepcopy(told)
            assert f"{told}" == f"{again}" == str(problem) != kept(told)
            assert OPEN in str(told)
        assert kept(told) == kept(again) == str(told) == str(problem)


def test_sentences_are_one_text() -> None:
    both = sentences(gettext_lazy("Nothing was sent."), gettext_lazy("Nothing was kept."))
    assert both == "Nothing was sent. Nothing was kept."
    with bracketed():
        assert str(both) == "⟦Nothing was sent.⟧ ⟦Nothing was kept.⟧"
    assert sentences("one.") == "one."


def test_a_message_without_values_is_filled_later() -> None:
    told = gettext_lazy("The table {table} is missing.").filled({"table": "nodes"})
    assert told == "The table nodes is missing."
    with bracketed():
        assert str(told) == "⟦The table nodes is missing.⟧"


def test_each_flaw_is_said_in_the_language_of_who_reads_it() -> None:
    for code in CODES:
        told = sentence(Flaw(code, 7, 5, ("this",)))
        assert isinstance(told, Message) or code == "stored"
        with bracketed():
            assert str(told).startswith(OPEN) or code == "stored"
