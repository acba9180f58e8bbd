"""The check digit of cards."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.luhn import is_luhn_valid


@pytest.mark.parametrize(
    "digits",
    # ISO/IEC 7812-1's own example, and the test numbers of the networks.
    ["79927398713", "4111111111111111", "4222222222222", "378282246310005", "6011000990139424", "0"],
)
def test_known_numbers_are_valid(digits: str) -> None:
    assert is_luhn_valid(digits.encode())


@given(st.from_regex(r"[0-9]{11,18}", fullmatch=True).filter(str.isascii))
def test_one_last_digit_of_ten_fits(digits: str) -> None:
    assert sum(is_luhn_valid(f"{digits}{last}".encode()) for last in range(10)) == 1


@given(st.integers(0, 15), st.integers(1, 9))
def test_a_wrong_digit_is_noticed(place: int, off: int) -> None:
    digits = list(b"4111111111111111")
    digits[place] = ord("0") + (digits[place] - ord("0") + off) % 10
    assert not is_luhn_valid(bytes(digits))
