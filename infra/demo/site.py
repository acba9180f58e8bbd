"""The stack as the demo reaches it: clients of the gateway, the query API and ClickHouse, and a workshop."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from clickhouse_connect import get_async_client
from clickhouse_connect.driver.asyncclient import AsyncClient
from clickhouse_connect.driver.exceptions import ClickHouseError

from infra.demo.jobs import TargetService
from infra.demo.query_client import QueryClient
from infra.demo.workshop import Workshop, project_files, project_folders
from infra.errors import StackError
from runtime.settings import ClickHouseAddress

_HTTP_SECONDS = 10.0
_CLICKHOUSE_SECONDS = 10
_CLICKHOUSE_CONNECTIONS = 16


@dataclass(frozen=True, slots=True)
class StackAddresses:
    """Where a stack is, and the operator's token."""

    gateway_url: str
    query_url: str
    operator_token: str
    clickhouse: ClickHouseAddress


@dataclass(frozen=True, slots=True)
class Site:
    """Connected clients, and what the agents work with."""

    gateway: httpx.AsyncClient
    query: QueryClient
    clickhouse: AsyncClient
    workshop: Workshop
    files: Sequence[Path]


@asynccontextmanager
async def open_site(addresses: StackAddresses) -> AsyncIterator[Site]:
    """Connect; everything is closed afterwards.

    Raises:
        StackError: ClickHouse does not answer.
    """
    folders = project_folders()
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with AsyncExitStack() as closing:

        async def http(url: str, **headers: str) -> httpx.AsyncClient:
            client = httpx.AsyncClient(base_url=url, headers=headers, timeout=_HTTP_SECONDS, limits=limits)
            return await closing.enter_async_context(client)

        gateway = await http(addresses.gateway_url)
        query = await http(addresses.query_url, Authorization=f"Bearer {addresses.operator_token}")
        clickhouse = await _connect(addresses.clickhouse)
        closing.push_async_callback(clickhouse.close)
        # The agents call routes as anybody would: without the operator's token.
        targets = {TargetService.GATEWAY: gateway, TargetService.QUERY: await http(addresses.query_url)}
        workshop = Workshop(folders, clickhouse, targets)
        yield Site(gateway, QueryClient(query), clickhouse, workshop, project_files(folders))


async def _connect(address: ClickHouseAddress) -> AsyncClient:
    try:
        return await get_async_client(
            host=address.host,
            port=address.port,
            username=address.username,
            password=address.password.get_secret_value(),
            database=address.database,
            secure=address.secure,
            connect_timeout=_CLICKHOUSE_SECONDS,
            send_receive_timeout=_CLICKHOUSE_SECONDS,
            connector_limit=_CLICKHOUSE_CONNECTIONS,
            client_name="promethios-demo",
        )
    except (ClickHouseError, OSError, TimeoutError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise StackError(
            f"ClickHouse at {address.host}:{address.port} does not answer ({reason}): see its log."
        ) from error
