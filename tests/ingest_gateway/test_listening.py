"""The sockets of a worker."""

import socket
import stat
from pathlib import Path

import pytest

from ingest_gateway.listening import ListenError, listen_tcp, listen_unix


def test_workers_share_a_port() -> None:
    with listen_tcp("127.0.0.1", 0) as first, listen_tcp("127.0.0.1", first.getsockname()[1]) as second:
        assert second.getsockname() == first.getsockname()


def test_a_port_that_somebody_else_has_is_refused_in_words() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(ListenError, match="PROMETHIOS_GATEWAY_PORT"):
            listen_tcp("127.0.0.1", other.getsockname()[1])


def test_an_address_that_is_not_ours_is_refused_in_words() -> None:
    with pytest.raises(ListenError, match=r"192\.0\.2\.1"):
        listen_tcp("192.0.2.1", 0)


def test_the_private_socket_is_private_and_replaces_a_dead_one(tmp_path: Path) -> None:
    path = tmp_path / "run" / "gateway.sock"
    listen_unix(path).close()
    with listen_unix(path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_path_that_cannot_be_used_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(ListenError, match="PROMETHIOS_GATEWAY_SOCKET"):
        listen_unix(tmp_path / ("x" * 200))
