"""Ask one service whether it is ready."""

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

from aiokafka.errors import KafkaError

from infra.supervisor.data_folder import DataFolder
from infra.supervisor.environment import http_url, kafka_url
from infra.supervisor.ports import reachable_host
from infra.supervisor.services import Readiness, Service
from infra.supervisor.stack_file import StackFile
from runtime import kafka
from runtime.settings import parse_kafka_url

_PROBE_SECONDS = 2.0


async def is_ready(service: Service, folder: DataFolder, stack: StackFile) -> bool:
    """Whether the service answers that it is ready; False also when it does not answer at all."""
    match service.readiness:
        case Readiness.KAFKA:
            return await _broker_answers(stack)
        case Readiness.CLICKHOUSE:
            return await _says_ok(f"{http_url(stack, service.role)}/ping")
        case Readiness.HTTP:
            return await _says_ok(f"{http_url(stack, service.role)}/readyz")
        case Readiness.SOCKET:
            socket = stack.gateway_sockets[int(service.environment["PROMETHIOS_GATEWAY_WORKER"])]
            return await _says_ok("http://gateway/readyz", socket=socket)
        case Readiness.HEALTH_FILE:
            address = _health_address(folder.run / f"{service.name}.health")
            return address is not None and await _says_ok(f"{address}/readyz")


async def _broker_answers(stack: StackFile) -> bool:
    if not await _accepts_connections(reachable_host(stack.host), stack.ports["kafka"]):
        return False
    admin = kafka.admin(parse_kafka_url(kafka_url(stack)), client_id="promethios-up")
    try:
        await admin.start()
        await admin.list_topics()
    except KafkaError:
        return False
    finally:
        await admin.close()
    return True


async def _accepts_connections(host: str, port: int) -> bool:
    # Asked first, because a Kafka client is slow to say that nobody is there.
    try:
        _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    writer.close()
    return True


async def _says_ok(url: str, *, socket: str | None = None) -> bool:
    # By hand, because it is asked ten times a second of each service, and an HTTP client costs more to make
    # than the services have to spare while they start.
    address = urlsplit(url)
    try:
        async with asyncio.timeout(_PROBE_SECONDS):
            if socket is None:
                reader, writer = await asyncio.open_connection(address.hostname, address.port)
            else:
                reader, writer = await asyncio.open_unix_connection(socket)
            request = f"GET {address.path} HTTP/1.1\r\nHost: {address.netloc}\r\nConnection: close\r\n\r\n"
            try:
                writer.write(request.encode())
                return (await reader.readline()).split(b" ")[1:2] == [b"200"]
            finally:
                writer.close()
    except (OSError, ValueError):
        return False


def _health_address(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError:
        return None
