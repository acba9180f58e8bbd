"""The environment of supervisord and, through it, of every service."""

import shlex
import sys
from dataclasses import dataclass
from urllib.parse import quote

from infra.embedded.kafka.settings import log_dir_of
from infra.supervisor.data_folder import DataFolder
from infra.supervisor.ports import authority, reachable_host
from infra.supervisor.stack_file import StackFile
from schemas.tables import DATABASE

CLICKHOUSE_USER = "promethios"
DATA_DIR_VARIABLE = "PROMETHIOS_DATA_DIR"


def kafka_url(stack: StackFile) -> str:
    """The address of the stack's own broker, in the form of PROMETHIOS_KAFKA_URL."""
    if stack.open_broker is not None:
        return f"kafka://127.0.0.1:{stack.open_broker.internal_port}"
    return f"kafka://{_authority(stack, 'kafka')}"


def advertised_kafka(stack: StackFile) -> str:
    """`host:port` by which clients reach the stack's own broker, from wherever it may be reached."""
    if stack.open_broker is None:
        return _authority(stack, "kafka")
    return authority(stack.open_broker.advertised_host, stack.ports["kafka"])


def clickhouse_url(stack: StackFile, password: str) -> str:
    """The address of the stack's own ClickHouse, in the form of PROMETHIOS_CLICKHOUSE_URL."""
    return f"http://{CLICKHOUSE_USER}:{quote(password, safe='')}@{_authority(stack, 'clickhouse')}/{DATABASE}"


def http_url(stack: StackFile, service: str) -> str:
    """Where this machine reaches the gateway or the query API."""
    return f"http://{_authority(stack, service)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connections:
    """Where the services find Kafka and ClickHouse, the stack's own or external: URLs with passwords."""

    kafka_url: str
    clickhouse_url: str
    controller_port: int


def supervisor_environment(
    folder: DataFolder, stack: StackFile, connections: Connections, log_level: str
) -> dict[str, str]:
    """What is added to the environment that `up` was started in; holds passwords, so that no file need."""
    ports = {name: str(port) for name, port in stack.ports.items()}
    embedded = {
        "kafka": {
            "PROMETHIOS_KAFKA_HOST": stack.host,
            **_advertised(stack),
            "PROMETHIOS_KAFKA_CONTROLLER_PORT": str(connections.controller_port),
            "PROMETHIOS_KAFKA_PATH": str(folder.kafka),
            # What the gateway and the writer mind, since they are on the broker's machine.
            "PROMETHIOS_KAFKA_LOG_DIR": str(log_dir_of(folder.kafka)),
            "PROMETHIOS_KAFKA_DISK_CAP_BYTES": str(stack.kafka_disk_cap_bytes),
            # Names that the groups know again after a crash, so that a restarted process has its partitions
            # at once; on a broker that other stacks use too, a name would have to be unique among them.
            "PROMETHIOS_WRITER_INSTANCE": "writer",
            "PROMETHIOS_PROCESSORS_INSTANCE": "processors",
        },
        "clickhouse": {
            "PROMETHIOS_CLICKHOUSE_HOST": stack.host,
            "PROMETHIOS_CLICKHOUSE_PATH": str(folder.clickhouse),
            "PROMETHIOS_CLICKHOUSE_PASSWORD_FILE": str(folder.clickhouse_password_file),
        },
    }
    environment = {
        "PYTHONUNBUFFERED": "1",
        "PROMETHIOS_PYTHON": shlex.quote(sys.executable),
        DATA_DIR_VARIABLE: str(folder.root),
        "PROMETHIOS_RUN_DIR": str(folder.run),
        "PROMETHIOS_LOG_DIR": str(folder.logs),
        "PROMETHIOS_SOCKET_DIR": str(folder.sockets),
        "PROMETHIOS_LOG_LEVEL": log_level,
        "PROMETHIOS_KAFKA_URL": connections.kafka_url,
        "PROMETHIOS_CLICKHOUSE_URL": connections.clickhouse_url,
        "PROMETHIOS_GATEWAY_HOST": stack.host,
        "PROMETHIOS_QUERY_HOST": stack.host,
    }
    for service, port in ports.items():
        environment |= {f"PROMETHIOS_{service.upper()}_PORT": port, **embedded.get(service, {})}
    return environment


def _authority(stack: StackFile, service: str) -> str:
    return authority(reachable_host(stack.host), stack.ports[service])


def _advertised(stack: StackFile) -> dict[str, str]:
    if stack.open_broker is None:
        return {"PROMETHIOS_KAFKA_ADVERTISED_HOST": stack.host}
    return {
        "PROMETHIOS_KAFKA_ADVERTISED_HOST": stack.open_broker.advertised_host,
        "PROMETHIOS_KAFKA_INTERNAL_PORT": str(stack.open_broker.internal_port),
    }
