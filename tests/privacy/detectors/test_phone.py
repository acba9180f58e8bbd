"""Phone numbers."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from privacy.detectors import phone
from privacy.detectors.phone import PHONE
from privacy.engine import compile_bytes
from tests.privacy.samples import found, normal_forms


@pytest.mark.parametrize(
    "number",
    [
        "+49 30 1234567",
        "+4930123456",
        "+1 (555) 123-4567",
        "+1-555-123-4567",
        "+44 20 7946 0958",
        "+33 1 23 45 67 89",
        "+86 138 0013 8000",
        "+91 98765 43210",
        "0049 30 1234567",
        "555-123-4567",
        "555.123.4567",
        "(555) 123-4567",
        "1-555-123-4567",
        "030 1234567",
        "(030) 1234567",
        "030/1234567",
        "0171-1234567",
        "0171 123 45 67",
        "06 12 34 56 78",
        "01.23.45.67.89",
        "020 7946 0958",
    ],
)
def test_numbers(number: str) -> None:
    assert found(PHONE, f"call {number}, please") == [number]


@pytest.mark.parametrize(
    "text",
    [
        "15551234567",
        "5551234567",
        "01711234567",
        "2026-11-21",
        "05-11-2026",
        "05/11/2026 12:30",
        "+00:00",
        "+01:00",
        "07:54:46.123456",
        "1763711686123",
        "512 256 1024",
        "00123456789",
        "001-002",
        "0.123456789",
        "+5",
        "a+1",
        "78255d68-0792-3986-bb96-8a437d5c8dfc",
        "2026-01-02 03-04-05",
        "x-030-1234567",
        "1.030 1234567",
        "+1 555 1234",
    ],
)
def test_no_numbers(text: str) -> None:
    assert found(PHONE, text) == []


def test_a_number_behind_is_not_part_of_it() -> None:
    assert found(PHONE, "+1 555 123 4567 200 ms, 030 1234567 12 times") == ["+1 555 123 4567", "030 1234567"]


def test_the_form_does_not_count() -> None:
    assert set(normal_forms(PHONE, "+49 30 1234567, 0049-30-1234567; +49301234567")) == {b"+49301234567"}


WITH_GROUPS = compile_bytes(phone._FORMS)
PIECES = [*"0123456789+()-./ \n\\nxé", "00", "030", "(030)", "555", "-123-4567", "12 34 56", "+1 (555)"]


@example("+0030 1234567")
@example("+ (030) 1234567")
@example("+555-123-4567")
@example("((555) 123-4567")
@example(r"\n030 1234567")
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_the_form_is_the_one_that_the_search_took(text: str) -> None:
    encoded, start = text.encode(), 0
    while (match := WITH_GROUPS.search(encoded, start)) is not None:
        one = phone._PATTERN.search(encoded, start)
        assert one is not None
        assert one.span() == match.span()
        form = next(number for number in range(1, 5) if match.start(number) >= 0)
        assert phone._formed(encoded, one) == (form, *match.span(form))
        start = match.start() + 1
    assert phone._PATTERN.search(encoded, start) is None
