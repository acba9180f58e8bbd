"""The ports of a stack: fixed defaults plus one offset, so that stacks run side by side."""

import random
import socket
from ipaddress import ip_address
from pathlib import Path

from infra.errors import StackError

DEFAULT_PORTS = {"gateway": 8080, "query": 8090, "kafka": 9092, "clickhouse": 8123}
_MAX_PORT = 65535
_LOWEST_UNPRIVILEGED = 10_000
_EPHEMERAL_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
# Where systems that do not say so start it (IANA says 49152, Linux 32768).
_LOWEST_EPHEMERAL = 32_768
_TRIES = 1_000
# Of a network that is reserved for examples.
_ELSEWHERE = ("198.51.100.1", 9)


def with_offset(offset: int) -> dict[str, int]:
    """Each service's port at this offset.

    Raises:
        StackError: a port would leave the range of ports.
    """
    ports = {service: port + offset for service, port in DEFAULT_PORTS.items()}
    if not all(0 < port <= _MAX_PORT for port in ports.values()):
        lowest, highest = 1 - min(DEFAULT_PORTS.values()), _MAX_PORT - max(DEFAULT_PORTS.values())
        raise StackError(
            f"--port-offset {offset} leaves the range of ports: choose one between {lowest} and {highest}."
        )
    return ports


def check_free(host: str, ports: dict[str, int]) -> None:
    """Make sure that nobody listens on any of the ports.

    Raises:
        StackError: naming the first port that is taken and its service, or that the host is not ours.
    """
    for service, port in ports.items():
        try:
            _bind(host, port)
        except PermissionError as error:
            raise StackError(
                f"Port {port} ({service}) needs more rights than you have: choose another --port-offset."
            ) from error
        except socket.gaierror as error:
            raise StackError(
                f"--host {host} is no address of this machine: use 127.0.0.1 or 0.0.0.0."
            ) from error
        except OSError as error:
            if not is_local(host):
                raise StackError(
                    f"--host {host} is no address of this machine: use 127.0.0.1 or 0.0.0.0."
                ) from error
            raise StackError(
                f"Port {port} ({service}) is taken: stop what uses it, or add --port-offset N "
                "to move all ports of this stack by N."
            ) from error


def is_local(host: str) -> bool:
    """Whether this machine can listen on the address at all."""
    try:
        _bind(host, 0)
    except OSError:
        return False
    return True


def unused() -> int:
    """A loopback port that was free a moment ago, and that no outgoing connection is given meanwhile.

    Raises:
        StackError: a thousand ports were tried and none was free.
    """
    for _ in range(_TRIES):
        port = random.randrange(_LOWEST_UNPRIVILEGED, lowest_ephemeral())  # noqa: S311 - no secret
        try:
            _bind("127.0.0.1", port)
        except OSError:
            continue
        return port
    raise StackError("No free port was found on 127.0.0.1: stop some of the servers of this machine.")


def lowest_ephemeral() -> int:
    """Where the ports begin that the kernel lends to outgoing connections: no server's port is safe there."""
    try:
        lowest = int(_EPHEMERAL_RANGE.read_text().split()[0])
    except (OSError, ValueError):
        return _LOWEST_EPHEMERAL
    return lowest if lowest > 2 * _LOWEST_UNPRIVILEGED else _LOWEST_EPHEMERAL


def reachable_host(host: str) -> str:
    """The address by which this machine reaches what listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound


def authority(host: str, port: int) -> str:
    """`host:port` as it stands in a URL."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def is_wildcard(host: str) -> bool:
    """Whether listening on `host` means listening on every address of this machine."""
    return reachable_host(host) != host


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens on `host`, an address or a name."""
    addresses = {entry[4][0] for entry in socket.getaddrinfo(host, None)}
    return all(ip_address(address).is_loopback for address in addresses)


def machine_address() -> str:
    """By what other machines reach this one: the address of its default route, else its name."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Sends nothing: the kernel only chooses the address that it would send from.
            probe.connect(_ELSEWHERE)
        except OSError:
            return socket.gethostname()
        return str(probe.getsockname()[0])


def _bind(host: str, port: int) -> None:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        # A port whose last connections are only waiting out their time is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)
        if port:
            probe.listen(1)
