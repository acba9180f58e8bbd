"""IP addresses and networks as keys and settings name them; IPv4 in IPv6 counts as IPv4."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def parse_network(text: str) -> Network:
    """A CIDR such as `203.0.113.0/24` or `2001:db8::/32`, or a single address.

    Raises:
        ValueError: it is none; the text says what to write.
    """
    try:
        network = ip_network(text.strip(), strict=False)
    except ValueError as error:
        raise ValueError(f"{text!r} is no network: write 203.0.113.0/24 or 2001:db8::/32") from error
    written, _, prefix = text.strip().partition("/")
    if prefix and ip_address(written) != network.network_address:
        raise ValueError(f"{text!r} has bits beyond its prefix: write {network} or {written}")
    if isinstance(network, IPv6Network) and network.network_address.ipv4_mapped is not None:
        raise ValueError(f"{text!r} is IPv4 within IPv6: write the IPv4 network")
    return network


def parse_networks(text: str) -> tuple[Network, ...]:
    """The networks of a comma-separated list, as settings have it; none of an empty one.

    Raises:
        ValueError: as `parse_network`.
    """
    return tuple(parse_network(item) for item in text.split(",") if item.strip())


def parse_address(text: str) -> Address | None:
    """An address, perhaps with a port or in brackets, as sockets and X-Forwarded-For have it; else None."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def is_within(address: Address, networks: Iterable[Network]) -> bool:
    """Whether one of the networks holds the address."""
    return any(address in network for network in networks)


def is_public(address: Address) -> bool:
    """Whether anybody on the Internet may be meant by it, and nothing on this machine or beside it.

    Refused are private, link-local, shared and reserved addresses, multicast, and addresses of translators
    that lead to such; by IANA's registries of special-purpose addresses, which `ipaddress` follows.
    """
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast and not is_within(address, _SPECIAL)
    if address.ipv4_mapped is not None:
        return is_public(address.ipv4_mapped)
    if address in _NAT64:
        return is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
    return address in _GLOBAL_UNICAST and address.is_global and not is_within(address, _SPECIAL)


_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_SPECIAL: tuple[Network, ...] = (
    # Azure's own services, on each virtual machine; the other clouds' are link-local or private.
    IPv4Network("168.63.129.16/32"),
    # Protocol assignments, of which older versions of `ipaddress` know some; Oracle's metadata is there.
    IPv4Network("192.0.0.0/24"),
    # Relays to IPv4, of which the first is abandoned; documentation, not in every version of `ipaddress`.
    IPv4Network("192.88.99.0/24"),
    IPv6Network("2002::/16"),
    IPv6Network("2001::/32"),
    IPv6Network("3fff::/20"),
)
