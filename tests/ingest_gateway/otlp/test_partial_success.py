"""What a sender is told of the records that were refused."""

from ingest_gateway.otlp.partial_success import PartialSuccess, Refusals
from schemas.errors import InvalidMessageError


def test_nothing_refused_is_nothing_to_say() -> None:
    assert Refusals("spans").partial_success() is None


def test_reasons_are_named_with_their_records() -> None:
    refusals = Refusals("spans")
    refusals.add(3, InvalidMessageError("is bad", field="name"))
    refusals.add(7, InvalidMessageError("are worse"), records=3)
    assert refusals.partial_success() == PartialSuccess(
        4, "refused 4 spans: 3: name: is bad; 7 to 9: are worse"
    )


def test_only_the_first_reasons_are_kept() -> None:
    refusals = Refusals("log records")
    for index in range(1000):
        refusals.add(index, InvalidMessageError("is bad"))
    partial = refusals.partial_success()
    assert partial is not None
    assert partial.rejected == 1000
    assert partial.message == (
        "refused 1000 log records: 0: is bad; 1: is bad; 2: is bad; 3: is bad; 4: is bad; ..."
    )


def test_a_warning_refuses_nothing() -> None:
    refusals = Refusals("spans")
    refusals.warn("mind the gap")
    assert refusals.partial_success() == PartialSuccess(0, "mind the gap")
    refusals.add(0, InvalidMessageError("is bad"))
    assert refusals.partial_success() == PartialSuccess(1, "refused 1 spans: 0: is bad. mind the gap")
