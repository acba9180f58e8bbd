"""Networks and addresses, in the forms that people and proxies write."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.networks import is_within, parse_address, parse_network


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("203.0.113.0/24", "203.0.113.0/24"),
        (" 203.0.113.7 ", "203.0.113.7/32"),
        ("2001:db8::/32", "2001:db8::/32"),
        ("2001:DB8::1", "2001:db8::1/128"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("10.0.0.0/255.0.0.0", "10.0.0.0/8"),
    ],
)
def test_a_network_has_one_canonical_form(text: str, network: str) -> None:
    assert str(parse_network(text)) == network


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("", "is no network"),
        ("example.com", "is no network"),
        ("10.0.0.0/33", "is no network"),
        ("10.1.2.3/8", r"write 10\.0\.0\.0/8 or 10\.1\.2\.3"),
        ("2001:db8::1/32", "write 2001:db8::/32"),
        ("::ffff:10.0.0.0/104", "write the IPv4 network"),
        ("fe80::1%eth0/64", "write"),
    ],
)
def test_what_is_no_network_gets_advice(text: str, advice: str) -> None:
    with pytest.raises(ValueError, match=advice):
        parse_network(text)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        (" 192.0.2.1:4711", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
    ],
)
def test_an_address_may_have_a_port(text: str, address: str) -> None:
    assert parse_address(text) == ip_address(address)


@given(st.text())
def test_any_text_is_an_address_or_none(text: str) -> None:
    found = parse_address(text)
    assert found is None or found.version in {4, 6}


@given(st.ip_addresses(), st.integers(0, 32))
def test_an_address_is_within_the_networks_around_it(address: object, prefix: int) -> None:
    around = parse_network(str(ip_network(f"{address}/{prefix}", strict=False)))
    other = parse_network("192.0.2.0/32")
    found = parse_address(str(address))
    assert found is not None
    if found.version == around.version:
        assert is_within(found, [other, around])
    assert not is_within(found, [])
