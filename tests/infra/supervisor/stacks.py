"""A stack file for tests."""

from infra.supervisor.ports import DEFAULT_PORTS
from infra.supervisor.stack_file import OpenBroker, StackFile


def stack_file(
    *,
    host: str = "127.0.0.1",
    ports: dict[str, int] | None = None,
    workers: int = 1,
    sockets: str = "/run",
    open_broker: OpenBroker | None = None,
) -> StackFile:
    """A stack as `up` describes it, with the default ports unless told otherwise."""
    return StackFile(
        host=host,
        ports=dict(DEFAULT_PORTS) if ports is None else ports,
        gateway_sockets=[f"{sockets}/gateway-{worker}.sock" for worker in range(workers)],
        supervisor_socket=f"{sockets}/supervisor.sock",
        kafka_disk_cap_bytes=20 * 1024**3,
        partitions=4,
        open_broker=open_broker,
    )
