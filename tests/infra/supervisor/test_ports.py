"""Ports: an offset moves them all, and a taken one is named with its service."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.errors import StackError
from infra.supervisor.ports import (
    DEFAULT_PORTS,
    authority,
    check_free,
    is_loopback,
    is_wildcard,
    lowest_ephemeral,
    machine_address,
    reachable_host,
    unused,
    with_offset,
)

WILDCARD = "0.0.0.0"  # noqa: S104 - what these tests are about; nothing is bound


@given(st.integers(-100_000, 100_000))
def test_an_offset_moves_every_port_or_is_refused(offset: int) -> None:
    try:
        ports = with_offset(offset)
    except StackError:
        assert any(not 0 < port + offset < 65536 for port in DEFAULT_PORTS.values())
    else:
        assert {name: port - offset for name, port in ports.items()} == DEFAULT_PORTS


def test_a_taken_port_is_named_with_its_service_and_the_way_out() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(StackError, match=rf"Port {port} \(query\) is taken: .*--port-offset"):
            check_free("127.0.0.1", {"gateway": unused(), "query": port})


def test_a_port_that_would_be_shared_is_taken() -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(StackError, match="is taken"):
            check_free("127.0.0.1", {"gateway": other.getsockname()[1]})


def test_an_unused_port_is_none_that_the_kernel_lends_to_outgoing_connections() -> None:
    found = [unused() for _ in range(200)]
    assert all(10_000 <= port < lowest_ephemeral() for port in found)
    assert len(set(found)) > 150


def test_free_ports_pass() -> None:
    check_free("127.0.0.1", {"gateway": unused()})


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host"])
def test_a_host_that_is_not_ours_is_said_to_be_so(host: str) -> None:
    with pytest.raises(StackError, match="no address of this machine"):
        check_free(host, {"gateway": unused()})


def test_a_wildcard_is_reached_on_loopback() -> None:
    assert reachable_host(WILDCARD) == "127.0.0.1"
    assert reachable_host("::") == "::1"
    assert reachable_host("192.0.2.1") == "192.0.2.1"


def test_wildcards_and_loopback_are_told_from_other_addresses() -> None:
    assert [is_wildcard(host) for host in (WILDCARD, "::", "127.0.0.1", "192.0.2.1")] == [True] * 2 + [
        False
    ] * 2
    assert [is_loopback(host) for host in ("127.0.0.1", "localhost", "::1", WILDCARD, "192.0.2.1")] == (
        [True] * 3 + [False] * 2
    )


def test_the_machine_has_an_address_or_at_least_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not is_wildcard(machine_address())
    monkeypatch.setattr("infra.supervisor.ports._ELSEWHERE", ("no such host", 9))
    assert machine_address() == socket.gethostname()


def test_only_ipv6_addresses_need_brackets() -> None:
    assert authority("::1", 80) == "[::1]:80"
    assert authority("host", 80) == "host:80"
