"""Networks and addresses, in the forms that people and proxies write."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.networks import is_public, is_within, parse_address, parse_network, parse_networks


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


PUBLIC = "93.184.215.14 1.1.1.1 2606:4700::1111 2a00:1450:4001::1 64:ff9b::101:101 ::ffff:1.1.1.1"
NOT_PUBLIC = """
    127.0.0.1 127.255.255.254 0.0.0.0 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254
    169.254.170.2 100.64.0.1 100.100.100.200 192.0.0.192 168.63.129.16 224.0.0.1 239.255.255.250 240.0.0.1
    255.255.255.255 198.18.0.1 192.0.2.1 192.88.99.1 198.51.100.7 203.0.113.7
    :: ::1 fe80::1 fec0::1 fc00::1 fd00:ec2::254 ff02::1 100::1 2001:db8::1 3fff::1 5f00::1 4000::1
    ::ffff:127.0.0.1 ::ffff:169.254.169.254 ::ffff:0:127.0.0.1 ::127.0.0.1 ::7f00:1
    64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 2002:7f00:1:: 2002:a00:1:: 2001:0:7f00:1::
"""


@pytest.mark.parametrize("text", PUBLIC.split())
def test_what_anybody_can_reach_is_public(text: str) -> None:
    assert is_public(ip_address(text))


@pytest.mark.parametrize("text", NOT_PUBLIC.split())
def test_what_is_ours_or_nobodys_is_not_public(text: str) -> None:
    assert not is_public(ip_address(text))


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_in_every_disguise(address: IPv4Address) -> None:
    assert is_public(IPv6Address(b"\0" * 10 + b"\xff\xff" + address.packed)) is is_public(address)
    assert is_public(IPv6Address(bytes.fromhex("0064ff9b") + b"\0" * 8 + address.packed)) is is_public(
        address
    )
    assert not is_public(IPv6Address(b"\x20\x02" + address.packed + b"\0" * 10))
    assert not is_public(IPv6Address(b"\0" * 12 + address.packed))


@pytest.mark.parametrize(
    ("text", "networks"),
    [("", []), (" , ", []), ("10.0.0.0/8, ::1,", ["10.0.0.0/8", "::1/128"])],
)
def test_a_setting_lists_networks(text: str, networks: list[str]) -> None:
    assert [str(network) for network in parse_networks(text)] == networks
