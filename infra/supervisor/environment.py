"""The environment of supervisord and, through it, of every service."""

import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from pydantic import SecretStr

from infra.embedded.kafka.settings import log_dir_of
from infra.kafka.passwords import read_password
from infra.kafka.principals import ADMIN, SERVICE_USERS
from infra.supervisor.data_folder import DataFolder
from infra.supervisor.ports import authority, reachable_host
from infra.supervisor.services import CLICKHOUSE_URL
from infra.supervisor.stack_file import OwnBroker, StackFile
from runtime.settings import KafkaAddress, kafka_url_variable
from schemas.tables import DATABASE
from schemas.topics import Service

CLICKHOUSE_USER = "promethios"
DATA_DIR_VARIABLE = "PROMETHIOS_DATA_DIR"


def kafka_address(folder: DataFolder, broker: OwnBroker, user: str = ADMIN) -> KafkaAddress:
    """Where this machine reaches the stack's own broker, as one of its users.

    Raises:
        StackError: a password cannot be read.
    """
    password = SecretStr(read_password(folder.kafka_passwords, user))
    return KafkaAddress(f"127.0.0.1:{broker.internal_port}", "SASL_PLAINTEXT", user, password)


def service_addresses(folder: DataFolder, broker: OwnBroker) -> dict[Service, KafkaAddress]:
    """Where each service reaches the stack's own broker, as the user that it is there.

    Raises:
        StackError: a password cannot be read.
    """
    return {service: kafka_address(folder, broker, user) for service, user in SERVICE_USERS.items()}


def advertised_kafka(broker: OwnBroker, port: int) -> str:
    """`host:port` by which clients reach the stack's own broker, from wherever it may be reached."""
    return authority(broker.advertised_host, port)


def clickhouse_url(stack: StackFile, password: str) -> str:
    """The address of the stack's own ClickHouse, in the form of PROMETHIOS_CLICKHOUSE_URL."""
    return f"http://{CLICKHOUSE_USER}:{quote(password, safe='')}@{_authority(stack, 'clickhouse')}/{DATABASE}"


def http_url(stack: StackFile, service: str) -> str:
    """Where this machine reaches the gateway or the query API."""
    return f"http://{_authority(stack, service)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connections:
    """Where the services find Kafka and ClickHouse, the stack's own or external: URLs with passwords."""

    kafka_urls: Mapping[Service, str]
    clickhouse_url: str
    controller_port: int


def supervisor_environment(
    folder: DataFolder, stack: StackFile, connections: Connections, log_level: str
) -> dict[str, str]:
    """What is added to the environment that `up` was started in; holds passwords, so that no file need.

    supervisord gets all of it, and hands each service what it needs and no password of another's.
    """
    ports = {name: str(port) for name, port in stack.ports.items()}
    embedded = {
        "kafka": {
            "PROMETHIOS_KAFKA_HOST": stack.host,
            **_broker(stack.broker),
            "PROMETHIOS_KAFKA_CONTROLLER_PORT": str(connections.controller_port),
            "PROMETHIOS_KAFKA_PASSWORDS_DIR": str(folder.kafka_passwords),
            "PROMETHIOS_KAFKA_PATH": str(folder.kafka),
            # What the gateway and the writer mind, since they are on the broker's machine.
            "PROMETHIOS_KAFKA_LOG_DIR": str(log_dir_of(folder.kafka)),
            "PROMETHIOS_KAFKA_DISK_CAP_BYTES": str(stack.kafka_disk_cap_bytes),
            # Names that the groups know again after a crash, so that a restarted process has its partitions
            # at once; on a broker that other stacks use too, a name would have to be unique among them.
            "PROMETHIOS_WRITER_INSTANCE": "writer",
            "PROMETHIOS_PROCESSORS_INSTANCE": "processors",
            "PROMETHIOS_WEBHOOKS_INSTANCE": "webhooks",
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
        **{kafka_url_variable(service): url for service, url in connections.kafka_urls.items()},
        CLICKHOUSE_URL: connections.clickhouse_url,
        "PROMETHIOS_GATEWAY_HOST": stack.host,
        "PROMETHIOS_QUERY_HOST": stack.host,
        "PROMETHIOS_QUERY_LINK_SECRET_FILE": str(folder.link_secret_file),
    }
    for service, port in ports.items():
        environment |= {f"PROMETHIOS_{service.upper()}_PORT": port, **embedded.get(service, {})}
    return environment


def _authority(stack: StackFile, service: str) -> str:
    return authority(reachable_host(stack.host), stack.ports[service])


def _broker(broker: OwnBroker | None) -> dict[str, str]:
    if broker is None:
        return {}
    return {
        "PROMETHIOS_KAFKA_ADVERTISED_HOST": broker.advertised_host,
        "PROMETHIOS_KAFKA_INTERNAL_PORT": str(broker.internal_port),
    }
