"""Texts that are read in the language of the moment, and kept in English."""

from __future__ import annotations

import copy
from gettext import NullTranslations

from lab.core.flaws import CODES, Flaw, sentence
from lab.errors import BudgetError, LabError
from lab.i18n import Message, gettext_lazy, said, sentences, use


class _Marked(NullTranslations):
    """A language in which each text stands between marks."""

    def gettext(self, message: str) -> str:
        return message if message == "{problem}" else f"«{message}»"


MARKED = _Marked()


def _kept(text: str) -> str:
    return str.__str__(text)


def test_what_an_error_says_is_kept_in_english_and_read_in_any_language() -> None:
    spent = BudgetError("cost_usd", 1.0, 0.9, 0.2)
    for problem in (LabError(gettext_lazy("There is no run called {name}.", name="mine")), spent):
        with use("xx", MARKED):
            told = said(problem)
            again = copy.deepcopy(told)
            assert f"{told}" == f"{again}" == str(problem) != _kept(told)
            assert "«" in str(told)
        assert _kept(told) == _kept(again) == str(told) == str(problem)


def test_sentences_are_one_text() -> None:
    both = sentences(gettext_lazy("Nothing was sent."), gettext_lazy("Nothing was kept."))
    assert both == "Nothing was sent. Nothing was kept."
    with use("xx", MARKED):
        assert str(both) == "««Nothing was sent.» «Nothing was kept.»»"
    assert sentences("one.") == "one."


def test_a_message_without_values_is_filled_later() -> None:
    told = gettext_lazy("The table {table} is missing.").filled({"table": "nodes"})
    assert told == "The table nodes is missing."
    with use("xx", MARKED):
        assert str(told) == "«The table nodes is missing.»"


def test_each_flaw_is_said_in_the_language_of_who_reads_it() -> None:
    for code in CODES:
        told = sentence(Flaw(code, 7, 5, ("this",)))
        assert isinstance(told, Message) or code == "stored"
        with use("xx", MARKED):
            assert str(told).startswith("«") or code == "stored"
