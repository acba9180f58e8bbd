"""E-mail addresses."""

import pytest

from privacy.detectors.email import EMAIL
from tests.privacy.samples import found, normal_forms


@pytest.mark.parametrize(
    "address",
    [
        "a@b.co",
        "bob.smith+tag@mail.example.com",
        "josé@bücher.example",
        "bob%40example.com",
        "o'neil@x.org",
        "_@x.io",
    ],
)
def test_addresses(address: str) -> None:
    assert found(EMAIL, f"to <{address}>, now") == [address]


@pytest.mark.parametrize("text", ["@mention", "user@localhost", "react@18.2.0", "a @ b.co", "a@b."])
def test_no_addresses(text: str) -> None:
    assert found(EMAIL, text) == []


def test_an_escape_before_it_stays_whole() -> None:
    assert found(EMAIL, r"first\nbob@x.com") == ["bob@x.com"]


def test_case_does_not_count() -> None:
    assert normal_forms(EMAIL, "Bob@X.com bob%40x.COM") == [b"bob@x.com", b"bob@x.com"]
