"""Readiness is what the service itself answers; silence is a no."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from infra.errors import StackError
from infra.kafka.principals import ADMIN
from infra.supervisor.data_folder import DataFolder
from infra.supervisor.readiness import is_ready
from infra.supervisor.services import Service, stack_services
from infra.supervisor.stack_file import OwnBroker
from runtime.health import HealthServer
from runtime.settings import KafkaAddress
from tests.infra.supervisor.stacks import own_stack, stack_file
from tests.ports import unused

SERVICES = {s.name: s for s in stack_services(kafka=True, clickhouse=True, gateway_workers=1)}


@asynccontextmanager
async def answering(status: int, listen: Callable[..., object]) -> AsyncIterator[asyncio.Server]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % status)
        await writer.drain()
        writer.close()

    server: asyncio.Server = await listen(answer)  # type: ignore[misc] # one of asyncio's start functions
    async with server:
        yield server


@pytest.mark.parametrize(("status", "ready"), [(200, True), (503, False), (404, False)])
@pytest.mark.parametrize("name", ["query", "clickhouse"])
async def test_services_with_a_port_are_asked_there(
    tmp_path: Path, name: str, status: int, ready: bool
) -> None:
    async with answering(status, lambda handler: asyncio.start_server(handler, "127.0.0.1", 0)) as server:
        stack = stack_file(ports={name: server.sockets[0].getsockname()[1]})
        folder = DataFolder.at(tmp_path)
        folder.prepare()
        assert await is_ready(SERVICES[name], folder, stack) is ready


@pytest.mark.parametrize("status", [401, 403])
async def test_somebody_elses_clickhouse_is_not_taken_for_ours(tmp_path: Path, status: int) -> None:
    async with answering(status, lambda handler: asyncio.start_server(handler, "127.0.0.1", 0)) as server:
        stack = stack_file(ports={"clickhouse": server.sockets[0].getsockname()[1]})
        folder = DataFolder.at(tmp_path)
        folder.prepare()
        with pytest.raises(StackError, match=r"another one .* --port-offset"):
            await is_ready(SERVICES["clickhouse"], folder, stack)


@pytest.mark.parametrize(("status", "ready"), [(200, True), (503, False)])
async def test_a_gateway_is_asked_at_its_own_socket(tmp_path: Path, status: int, ready: bool) -> None:
    socket = str(tmp_path / "gateway-0.sock")
    async with answering(status, lambda handler: asyncio.start_unix_server(handler, socket)):
        stack = stack_file(sockets=str(tmp_path))
        assert await is_ready(SERVICES["gateway"], DataFolder.at(tmp_path), stack) is ready


@pytest.mark.parametrize("ready", [True, False])
async def test_a_worker_is_asked_where_its_health_file_says(tmp_path: Path, ready: bool) -> None:
    folder = DataFolder.at(tmp_path)
    server = HealthServer("writer", folder.run, lambda: {"kafka": ready}, CollectorRegistry())
    await server.start()
    assert await is_ready(SERVICES["writer"], folder, stack_file()) is ready
    await server.stop()
    assert not await is_ready(SERVICES["writer"], folder, stack_file())


@pytest.mark.parametrize("service", SERVICES.values(), ids=lambda service: service.name)
async def test_nobody_there_is_not_ready(tmp_path: Path, service: Service) -> None:
    broker = OwnBroker(advertised_host="127.0.0.1", internal_port=unused())
    stack = stack_file(ports=dict.fromkeys(SERVICES, unused()), sockets=str(tmp_path), broker=broker)
    folder = DataFolder.at(tmp_path)
    folder.prepare()
    assert not await is_ready(service, folder, stack)


@pytest.mark.integration
async def test_a_broker_is_asked_by_an_admin_client(tmp_path: Path, kafka_address: KafkaAddress) -> None:
    folder = DataFolder.at(tmp_path)
    assert await is_ready(SERVICES["kafka"], folder, own_stack(folder, kafka_address))


@pytest.mark.integration
async def test_a_broker_that_knows_another_password_never_will_be(
    tmp_path: Path, kafka_address: KafkaAddress
) -> None:
    folder = DataFolder.at(tmp_path)
    stack = own_stack(folder, kafka_address)
    (folder.kafka_passwords / ADMIN).write_text("another-password-of-the-admin")
    with pytest.raises(StackError, match=r"does not let promethios-admin in .* restore that file") as refusal:
        await is_ready(SERVICES["kafka"], folder, stack)
    assert "another-password" not in str(refusal.value)
