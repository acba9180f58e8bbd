"""Ports: an offset moves them all, and a taken one is named with its service."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.errors import StackError
from infra.supervisor.ports import DEFAULT_PORTS, check_free, ephemeral, reachable_host, with_offset


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
            check_free("127.0.0.1", {"gateway": ephemeral(), "query": port})


def test_a_port_that_would_be_shared_is_taken() -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(StackError, match="is taken"):
            check_free("127.0.0.1", {"gateway": other.getsockname()[1]})


def test_free_ports_pass() -> None:
    check_free("127.0.0.1", {"gateway": ephemeral()})


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host"])
def test_a_host_that_is_not_ours_is_said_to_be_so(host: str) -> None:
    with pytest.raises(StackError, match="no address of this machine"):
        check_free(host, {"gateway": ephemeral()})


def test_a_wildcard_is_reached_on_loopback() -> None:
    wildcard = "0.0.0.0"  # noqa: S104 - what this test is about; nothing is bound
    assert reachable_host(wildcard) == "127.0.0.1"
    assert reachable_host("::") == "::1"
    assert reachable_host("192.0.2.1") == "192.0.2.1"
