"""The check digits of account numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.mod97 import is_mod97_valid

# From SWIFT's registry of IBANs.
IBANS = [
    "GB29NWBK60161331926819",
    "DE89370400440532013000",
    "NO9386011117947",
    "MT84MALT011000012345MTLCAST001S",
]


@pytest.mark.parametrize("iban", IBANS)
def test_registered_examples_are_valid(iban: str) -> None:
    assert is_mod97_valid(iban.encode())


@given(st.sampled_from(IBANS), st.integers(0, 96))
def test_other_check_digits_are_not(iban: str, digits: int) -> None:
    other = f"{iban[:2]}{digits:02}{iban[4:]}"
    assert is_mod97_valid(other.encode()) == ((digits - int(iban[2:4])) % 97 == 0)
