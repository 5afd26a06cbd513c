"""Flaws: codes, the words for them, and the sentences that books of before hold."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from lab.core.asks import Candidate, ErrorSample, Reply, Score
from lab.core.codec import decode, encode
from lab.core.flaws import CODES, Flaw, of_sentence, sentence
from lab.models.calls import Answer

FLAWS = st.builds(
    Flaw, st.sampled_from(CODES), st.integers(0, 9999), st.integers(0, 9999),
    st.lists(st.text(min_size=1), min_size=1, max_size=3).map(tuple),
)  # fmt: skip


@given(FLAWS)
def test_every_code_has_a_sentence(flaw: Flaw) -> None:
    assert sentence(flaw).strip()


def test_no_two_codes_say_the_same() -> None:
    told = [sentence(Flaw(code, 7, 5, ("this",))) for code in CODES]
    assert len(set(told)) == len(CODES)


@given(FLAWS)
def test_a_flaw_is_stored_and_read_back(flaw: Flaw) -> None:
    item = Candidate("p", flaw=flaw, passage_added=True)
    assert decode(encode(item)) == replace(item, flaw=decode(encode(flaw)))
    assert sentence(decode(encode(flaw))) == sentence(decode(encode(flaw)))
    assert Answer.of(Answer("t", flaw).json).flaw == decode(encode(flaw))


@given(st.text(min_size=1))
def test_a_sentence_of_an_old_book_is_shown_unchanged(said: str) -> None:
    (flaw,) = [of_sentence(said)]
    assert flaw is not None
    assert sentence(flaw) == said
    for item in (Candidate("p"), Reply("r")):
        old = {name: value for name, value in encode(item).items() if name != "passage_added"} | {"flaw": said}
        assert sentence(decode(old, old=True).flaw) == sentence(decode(encode(flaw)))


def test_what_an_old_book_says_of_answers_is_read_as_flaws() -> None:
    old = encode(ErrorSample("x")) | {"answer_flaw": ""}
    assert decode(old, old=True).answer_flaw is None
    assert decode(old | {"answer_flaw": "refused: no"}, old=True).answer_flaw == Flaw(
        "stored", texts=("refused: no",)
    )
    scored = encode(Score("p", ("a", "b"), hits=(1.0, None), got=("x", "")))
    cut = decode(scored | {"flaws": ["", "cut off at the token limit"]}, old=True)
    assert cut.flaws == (None, Flaw("cut_off"))
    assert decode(scored | {"flaws": []}, old=True).flaws == ()


def test_a_known_answer_of_an_old_book_is_what_it_was() -> None:
    eaten = "cut off at the token limit, before a first word: a model that reasons needs more tokens"
    assert Answer.of(f'{{"text": "", "flaw": "{eaten}"}}').flaw == Flaw("cut_off_before_text")
    assert Answer.of('{"text": "so", "flaw": "cut off at the token limit"}').flaw == Flaw("cut_off")
    assert Answer.of('{"text": "so"}').flaw is None


def test_a_passage_that_was_added_in_an_old_book_is_still_said_to_be() -> None:
    said = "a frozen passage was added"
    old = {name: value for name, value in encode(Candidate("p", ("e1", said))).items() if name != "passage_added"}
    assert decode(old, old=True) == Candidate("p", ("e1", said), passage_added=True)
    assert not decode(old | {"about": ["e1"]}, old=True).passage_added
    assert not decode(encode(Candidate("p", (said,)))).passage_added, "whoever says so, it is not read from words"
