"""Private keys."""

import pytest

from privacy.detectors.private_key import PRIVATE_KEY
from tests.privacy.samples import found


@pytest.mark.parametrize(
    "name", ["PRIVATE KEY", "RSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "PGP PRIVATE KEY BLOCK"]
)
def test_blocks(name: str) -> None:
    block = f"-----BEGIN {name}-----\nMIIE\n-----END {name}-----"
    assert found(PRIVATE_KEY, f"a {block} b {block} c") == [block, block]


def test_a_block_that_was_cut_goes_to_the_end() -> None:
    cut = "-----BEGIN PRIVATE " + "KEY-----\nMIIE"
    assert found(PRIVATE_KEY, f"a {cut}") == [cut]


def test_a_certificate_is_public() -> None:
    assert found(PRIVATE_KEY, "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----") == []
