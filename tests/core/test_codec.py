"""The codec: what was stored under other names is read by the names of today, which alone are written."""

from __future__ import annotations

from lab.core.asks import Candidate, Pick
from lab.core.codec import decode, encode
from lab.core.constraints import Constraints, Regression
from lab.core.review import Proposal


def test_a_type_is_read_by_the_tag_it_had_and_written_by_its_own() -> None:
    old = {"is": "Break", "item": 1, "example": "e", "got": "no"}
    assert decode(old, old=True) == Regression(1, "e", "no")
    assert encode(decode(old, old=True)) == old | {"is": "Regression"}


def test_a_field_is_read_by_the_name_it_had_and_written_by_its_own() -> None:
    held = Constraints(protected=("e",))
    old = {"unbreakable" if name == "protected" else name: value for name, value in encode(held).items()}
    assert decode(old, old=True) == held
    assert "unbreakable" not in encode(decode(old, old=True))


def test_a_proposal_of_an_old_book_has_its_regressions() -> None:
    items = (Candidate("p"),)
    made = Proposal(Pick(items, (0,)), 0, items, regressions=(Regression(0, "e", "no"),))
    old = {"breaks" if name == "regressions" else name: value for name, value in encode(made).items()}
    old["breaks"] = [old["breaks"][0] | {"is": "Break"}]
    assert decode(old, old=True) == made
