"""The sockets of a worker: the shared port, and the private unix socket."""

import os
import socket
from pathlib import Path

_BACKLOG = 2048


class ListenError(OSError):
    """A socket cannot be opened; the text says which, why and what to do."""


def listen_tcp(host: str, port: int) -> socket.socket:
    """A socket on a port that several workers share: the kernel spreads connections over them.

    Raises:
        ListenError: the port is taken, or the address is not ours.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            listener.bind(address)
            listener.listen(_BACKLOG)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        raise ListenError(
            f"Cannot listen on {host}:{port}: {error.strerror or error}. "
            "Stop what uses it, or set PROMETHIOS_GATEWAY_HOST and PROMETHIOS_GATEWAY_PORT."
        ) from error
    return listener


def listen_unix(path: Path) -> socket.socket:
    """A unix socket for this user only; one that a dead process left is replaced.

    Raises:
        ListenError: the path cannot be used.
    """
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o177)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.unlink(missing_ok=True)
        listener.bind(str(path))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise ListenError(
            f"Cannot listen on {path}: {error.strerror or error}. "
            "Set PROMETHIOS_GATEWAY_SOCKET to another path."
        ) from error
    finally:
        os.umask(mask)
    return listener
