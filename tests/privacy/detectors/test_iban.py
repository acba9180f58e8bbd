"""Account numbers."""

import pytest

from privacy.detectors.iban import IBAN
from tests.privacy.samples import found, normal_forms


@pytest.mark.parametrize(
    "iban",
    [
        "DE89370400440532013000",
        "DE89 3704 0044 0532 0130 00",
        "GB29 NWBK 6016 1331 9268 19",
        "NO9386011117947",
        "FR1420041010050500013M02606",
        "MT84MALT011000012345MTLCAST001S",
    ],
)
def test_ibans(iban: str) -> None:
    assert found(IBAN, f"to {iban}.") == [iban]


@pytest.mark.parametrize(
    "text",
    [
        "DE88370400440532013000",
        "DE8937040044053201300",
        "ZZ89370400440532013000",
        "XDE89370400440532013000",
        "DE893704004405320130001",
        "AB12CDEF34567890",
    ],
)
def test_no_ibans(text: str) -> None:
    assert found(IBAN, text) == []


def test_capitals_behind_it_are_not_part_of_it() -> None:
    assert found(IBAN, "DE89 3704 0044 0532 0130 00 BIC COBADEFF") == ["DE89 3704 0044 0532 0130 00"]


def test_spaces_do_not_count() -> None:
    assert normal_forms(IBAN, "DE89 3704 0044 0532 0130 00") == [b"DE89370400440532013000"]
