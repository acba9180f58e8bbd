"""IP addresses."""

import pytest

from privacy.detectors.ip_address import IPV4, IPV6
from tests.privacy.samples import found, normal_forms


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("1.2.3.4", "1.2.3.4"),
        ("10.0.0.1:8080", "10.0.0.1"),
        ("192.168.0.0/16", "192.168.0.0"),
        ("at 1.2.3.4.", "1.2.3.4"),
        ("http://1.2.3.4/x", "1.2.3.4"),
        ("/hosts/1.2.3.4", "1.2.3.4"),
        ("ip=1.2.3.4", "1.2.3.4"),
        ("1.2.3.4-1.2.3.9", "1.2.3.4"),
    ],
)
def test_version_4(text: str, address: str) -> None:
    assert found(IPV4, text)[0] == address


@pytest.mark.parametrize(
    "text",
    ["1.2.3", "1.2.3.4.5", "v1.2.3.4", "256.1.1.1", "Chrome/120.0.0.0 Safari", "1.3.6.1.4.1.311", "1.2.3.4a"],
)
def test_not_version_4(text: str) -> None:
    assert found(IPV4, text) == []


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("::1", "::1"),
        ("[2001:db8::1]:80", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("at 2001:db8::1.", "2001:db8::1"),
        ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
        ("::ffff:1.2.3.4", "::ffff:1.2.3.4"),
        ("2001:db8:: is", "2001:db8::"),
    ],
)
def test_version_6(text: str, address: str) -> None:
    assert found(IPV6, text) == [address]


@pytest.mark.parametrize(
    "text",
    [
        "07:54:46",
        "00:1a:2b:3c:4d:5e",
        "std::dead",
        "dead::beef",
        "tests::e2e",
        "::",
        "a:b",
        "1::2::3",
        "::1x",
    ],
)
def test_not_version_6(text: str) -> None:
    assert found(IPV6, text) == []


def test_the_form_does_not_count() -> None:
    assert len(set(normal_forms(IPV6, "2001:db8::1 2001:0DB8:0:0:0:0:0:1"))) == 1
