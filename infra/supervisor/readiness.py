"""Ask one service whether it is ready."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from aiokafka.conn import create_conn
from aiokafka.errors import KafkaError, SaslAuthenticationFailed
from aiokafka.protocol.metadata import MetadataRequest

from infra.errors import StackError
from infra.supervisor.data_folder import DataFolder
from infra.supervisor.environment import CLICKHOUSE_USER, http_url, kafka_address
from infra.supervisor.services import Readiness, Service
from infra.supervisor.stack_file import OwnBroker, StackFile
from runtime import kafka

_PROBE_SECONDS = 2.0
_OK = 200
_NOT_LET_IN = (401, 403)


async def is_ready(service: Service, folder: DataFolder, stack: StackFile) -> bool:
    """Whether the service answers that it is ready; False also when it does not answer at all.

    Raises:
        StackError: it never will, until somebody mends what the text says.
    """
    match service.readiness:
        case Readiness.KAFKA:
            return stack.broker is not None and await _broker_answers(folder, stack.broker)
        case Readiness.CLICKHOUSE:
            return await _clickhouse_answers(folder, http_url(stack, service.role))
        case Readiness.HTTP:
            return await _says_ok(f"{http_url(stack, service.role)}/readyz")
        case Readiness.SOCKET:
            socket = stack.gateway_sockets[int(service.environment["PROMETHIOS_GATEWAY_WORKER"])]
            return await _says_ok("http://gateway/readyz", socket=socket)
        case Readiness.HEALTH_FILE:
            address = _text_of(folder.run / f"{service.name}.health")
            return address is not None and await _says_ok(f"{address}/readyz")


async def _broker_answers(folder: DataFolder, broker: OwnBroker) -> bool:
    address = kafka_address(folder, broker)
    arguments = kafka.connection(address)
    del arguments["bootstrap_servers"]
    try:
        # One connection by hand, because aiokafka's clients do not tell why they could not connect.
        connection = await create_conn("127.0.0.1", broker.internal_port, **arguments)
    except SaslAuthenticationFailed as error:
        raise StackError(
            f"Kafka does not let {address.username} in by the password in "
            f"{folder.kafka_passwords / str(address.username)}: restore that file as it was, for the "
            "broker knows no other."
        ) from error
    except (KafkaError, OSError):
        return False
    try:
        answer = await connection.send(MetadataRequest([]))
    except (KafkaError, OSError):
        return False
    finally:
        await connection.close()
    return bool(answer.brokers)


async def _clickhouse_answers(folder: DataFolder, url: str) -> bool:
    password = _text_of(folder.clickhouse_password_file)
    if password is None:
        return False
    credentials = {"X-ClickHouse-User": CLICKHOUSE_USER, "X-ClickHouse-Key": password}
    status = await _status(f"{url}/?query=SELECT%201", headers=credentials)
    if status in _NOT_LET_IN:
        raise StackError(
            f"The ClickHouse at {url} does not take the password in {folder.clickhouse_password_file}: it is "
            "another one that was quicker to take the port (stop it, or choose other ports with "
            "--port-offset), or the file was changed (restore it)."
        )
    return status == _OK


async def _says_ok(url: str, *, socket: str | None = None) -> bool:
    return await _status(url, socket=socket) == _OK


async def _status(
    url: str, *, headers: Mapping[str, str] | None = None, socket: str | None = None
) -> int | None:
    """The status of an answer; None where there is none."""
    # By hand, because it is asked ten times a second of each service, and an HTTP client costs more to make
    # than the services have to spare while they start.
    address = urlsplit(url)
    try:
        async with asyncio.timeout(_PROBE_SECONDS):
            if socket is None:
                reader, writer = await asyncio.open_connection(address.hostname, address.port)
            else:
                reader, writer = await asyncio.open_unix_connection(socket)
            target = address._replace(scheme="", netloc="").geturl()
            fields = {"Host": address.netloc, "Connection": "close", **(headers or {})}
            lines = [f"GET {target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
            try:
                writer.write("\r\n".join([*lines, "", ""]).encode())
                return int((await reader.readline()).split(b" ")[1])
            finally:
                writer.close()
    except (OSError, ValueError, IndexError):
        return None


def _text_of(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError:
        return None
