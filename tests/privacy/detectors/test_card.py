"""Card numbers."""

import pytest

from privacy.detectors.card import CARD
from tests.privacy.samples import found, normal_forms

# The networks' published test numbers.
NUMBERS = [
    "4111111111111111",
    "4222222222222",
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "5555555555554444",
    "2223003122003222",
    "378282246310005",
    "3782 822463 10005",
    "6011111111111117",
    "3530111333300000",
    "30569309025904",
    "3056 930902 5904",
    "6200000000000005",
]


@pytest.mark.parametrize("number", NUMBERS)
def test_numbers(number: str) -> None:
    assert found(CARD, f"card:{number}, paid") == [number]


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111112",  # the check digit
        "9111111111111111",  # no network
        "41111111111111110",  # no length of the network
        "x4111111111111111",  # part of an id
        "4111111111111111x",
        "0.4111111111111111",  # part of a number
        "4111111111111111.5",
        "4111 11 1111111111",  # not how cards are printed
        "1763711686123456",
    ],
)
def test_no_numbers(text: str) -> None:
    assert found(CARD, text) == []


def test_what_follows_is_not_part_of_it() -> None:
    assert found(CARD, "4111 1111 1111 1111 123") == ["4111 1111 1111 1111"]


def test_what_precedes_is_not_part_of_it() -> None:
    assert found(CARD, "2222 4111 1111 1111 1111") == ["4111 1111 1111 1111"]


def test_separators_do_not_count() -> None:
    assert set(normal_forms(CARD, "4111 1111 1111 1111 4111-1111-1111-1111")) == {b"4111111111111111"}
