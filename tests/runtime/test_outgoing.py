"""Where connections may lead: public addresses by TLS, own networks as the operator says."""

from ipaddress import ip_address, ip_network

import pytest
from pydantic import ValidationError

from runtime.outgoing import OutgoingSettings, Reach

PUBLIC = Reach()
OWN = Reach((ip_network("127.0.0.0/8"), ip_network("fd00::/8")))


@pytest.mark.parametrize(
    ("reach", "address", "encrypted", "permitted"),
    [
        (PUBLIC, "1.1.1.1", True, True),
        (PUBLIC, "1.1.1.1", False, False),
        (PUBLIC, "127.0.0.1", True, False),
        (PUBLIC, "::ffff:127.0.0.1", True, False),
        (OWN, "127.0.0.1", True, True),
        (OWN, "127.0.0.1", False, True),
        (OWN, "::ffff:127.0.0.1", False, True),
        (OWN, "fd00::1", False, True),
        (OWN, "10.0.0.1", True, False),
        (OWN, "1.1.1.1", True, True),
        (OWN, "1.1.1.1", False, False),
    ],
)
def test_an_address_is_judged(reach: Reach, address: str, encrypted: bool, permitted: bool) -> None:
    assert reach.permits(ip_address(address), encrypted=encrypted) is permitted


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "https://example.com:8443/a?b=c",
        "https://1.1.1.1/",
        "https://[2606:4700::1111]/x",
    ],
)
def test_what_may_be_public_is_taken(url: str) -> None:
    PUBLIC.check_url(url)
    OWN.check_url(url)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "must be a URL"),
        ("example.com/hook", "must be a URL"),
        ("ftp://example.com", "must be a URL"),
        ("file:///etc/passwd", "must be a URL"),
        ("https://", "must be a URL"),
        ("https://example.com:99999/", "must be a URL"),
        ("https://[::1", "must be a URL"),
        ("https://exa mple.com", "ASCII characters without spaces"),
        ("https://example.com/\r\nx: y", "ASCII characters without spaces"),
        ("https://example.com\\@127.0.0.1/", "ASCII characters without spaces"),
        ("https://exämple.com", "ASCII characters without spaces"),
        ("https://example.com/" + "a" * 2048, "at most 2048"),
        ("https://user:password@example.com", "no user and password"),
        ("https://@example.com", "no user and password"),
        ("https://example.com/#a", "before its #"),
        ("http://example.com", "must be https"),
        ("http://127.0.0.1:80", "must be https"),
        ("https://127.0.0.1/", "not public"),
        ("https://[::1]/", "not public"),
        ("https://[::ffff:10.0.0.1]/", "not public"),
        ("https://169.254.169.254/latest", "not public"),
    ],
)
def test_what_can_never_be_called_is_refused(url: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        PUBLIC.check_url(url)


def test_own_networks_may_be_spoken_to_in_the_clear() -> None:
    OWN.check_url("http://127.0.0.1:8000/hook")
    OWN.check_url("http://receiver.internal/hook")
    with pytest.raises(ValueError, match="not public"):
        OWN.check_url("http://10.0.0.1/hook")
    with pytest.raises(ValueError, match="not public"):
        OWN.check_url("http://1.1.1.1/hook")


def test_the_setting_names_networks() -> None:
    settings = OutgoingSettings(outgoing_networks=" 10.0.0.0/8, fd00::/8 ")
    assert settings.reach == Reach((ip_network("10.0.0.0/8"), ip_network("fd00::/8")))
    assert OutgoingSettings().reach == PUBLIC
    with pytest.raises(ValidationError, match="is no network"):
        OutgoingSettings(outgoing_networks="localhost")
