"""Whose address counts: the socket's peer, unless a trusted proxy says whom it speaks for."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.client_address import ClientAddresses
from schemas.networks import parse_network

PROXIES = [parse_network("10.0.0.0/8"), parse_network("2001:db8::/32")]


def scope(peer: str | None, *forwarded: str) -> dict[str, Any]:
    headers = [(b"host", b"x"), *((b"x-forwarded-for", value.encode("latin-1")) for value in forwarded)]
    return {"client": None if peer is None else (peer, 4711), "headers": headers}


def seen(peer: str | None, *forwarded: str) -> str:
    return str(ClientAddresses(PROXIES).of(scope(peer, *forwarded)))


def test_without_trusted_proxies_nothing_but_the_socket_counts() -> None:
    assert str(ClientAddresses().of(scope("10.0.0.1", "192.0.2.1"))) == "10.0.0.1"


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("192.0.2.9", ["198.51.100.1"], "192.0.2.9"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["192.0.2.1"], "192.0.2.1"),
        ("2001:db8::1", ["[2001:db9::1]:443"], "2001:db9::1"),
        # What the client wrote itself stands before what the first proxy has seen.
        ("10.0.0.1", ["198.51.100.1, 192.0.2.1"], "192.0.2.1"),
        ("10.0.0.1", ["198.51.100.1, 192.0.2.1, 10.0.0.2:8080"], "192.0.2.1"),
        ("10.0.0.1", ["198.51.100.1", "192.0.2.1", "10.0.0.2"], "192.0.2.1"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", ["192.0.2.1, unknown"], "None"),
        ("10.0.0.1", ["192.0.2.1,"], "None"),
        (None, ["192.0.2.1"], "None"),
        ("not an address", [], "None"),
    ],
)
def test_proxies_are_believed_from_the_last_one_on(
    peer: str | None, forwarded: list[str], address: str
) -> None:
    assert seen(peer, *forwarded) == address


@given(st.lists(st.text(st.characters(max_codepoint=255))))
def test_a_client_cannot_say_where_it_is(forged: list[str]) -> None:
    assert seen("192.0.2.1", *forged) == "192.0.2.1"
    assert seen("10.0.0.1", *forged, "192.0.2.1") == "192.0.2.1"
