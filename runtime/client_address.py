"""Where a request comes from: the socket's peer, or what trusted proxies say of it."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from schemas.networks import Address, Network, is_within, parse_address

_FORWARDED_FOR = b"x-forwarded-for"

# Agents come from few addresses; those that rotate push each other out.
_parsed = lru_cache(maxsize=4096)(parse_address)


class ClientAddresses:
    """Believes X-Forwarded-For from trusted proxies only, read from its end.

    Each proxy appends the address that it sees, so that what a client put there itself stands before it.
    """

    def __init__(self, trusted: Sequence[Network] = ()) -> None:
        """`trusted` holds the addresses of proxies; without any, only the socket counts."""
        self._trusted = tuple(trusted)

    def of(self, scope: Mapping[str, Any]) -> Address | None:
        """The client's address; None on a Unix socket, or where what a proxy says is no address."""
        if scope["client"] is None:
            return None
        address = _parsed(scope["client"][0])
        if not self._trusted:
            return address
        hops = _hops(scope)
        while address is not None and is_within(address, self._trusted):
            hop = next(hops, None)
            if hop is None:
                return address
            address = _parsed(hop)
        return address


def _hops(scope: Mapping[str, Any]) -> Iterator[str]:
    for name, value in reversed(scope["headers"]):
        if name == _FORWARDED_FOR:
            yield from reversed(value.decode("latin-1").split(","))
