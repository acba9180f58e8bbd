"""A comparison comes to the worst that was found."""

import msgspec
import pytest

from schemas.verification import Difference, DifferenceKind, Outcome, Verification

ONE = Difference("default/a", DifferenceKind.STATE)


@pytest.mark.parametrize(
    ("found", "outcome"),
    [
        (Verification(partition=0), Outcome.EQUAL),
        (Verification(partition=0, start=7, uncertain=3), Outcome.PART),
        (Verification(partition=0, start=7, differences={ONE.kind: 1}, first=[ONE]), Outcome.DIFFERENT),
        (Verification(partition=0, refused="why"), Outcome.REFUSED),
    ],
    ids=lambda value: value.value if isinstance(value, Outcome) else None,
)
def test_what_it_comes_to(found: Verification, outcome: Outcome) -> None:
    assert found.outcome is outcome
    assert msgspec.json.decode(msgspec.json.encode(found), type=Verification) == found
