"""Two clients that ask one question after the other: an agent's log, words in it, a tenant's errors."""

import asyncio
import contextlib
from types import TracebackType
from typing import Any, Self

from clickhouse_connect.driver import AsyncClient, create_async_client

_CLIENTS = 2
_AGENT = "tenant_id = 'default' AND agent_id = 'bench-{n:03d}'"
_NEWEST = "ORDER BY timestamp DESC LIMIT 100"
_WORDS = "hasAllTokens(lower(message), 'upstream mail')"
_QUESTIONS = (
    f"SELECT timestamp, level, message FROM agent_logs WHERE {_AGENT} {_NEWEST}",  # noqa: S608 - constants
    f"SELECT timestamp, message FROM agent_logs WHERE {_AGENT} AND {_WORDS} {_NEWEST}",  # noqa: S608 - constants
    "SELECT hour, sum(entries) FROM logs_by_hour WHERE tenant_id = 'default' AND level = 'error' GROUP BY 1",
)


class QueryLoad:
    """Runs while its context is open; `answered` counts."""

    def __init__(self, connection: dict[str, Any]) -> None:
        self._connection = connection
        self._tasks: list[asyncio.Task[None]] = []
        self._clients: list[AsyncClient] = []
        self.answered = 0

    async def __aenter__(self) -> Self:
        for number in range(_CLIENTS):
            client = await create_async_client(**self._connection)
            self._clients.append(client)
            self._tasks.append(asyncio.create_task(self._ask(client, number)))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        for client in self._clients:
            await client.close()
        print(f"({self.answered} queries were answered meanwhile)")

    async def _ask(self, client: AsyncClient, number: int) -> None:
        while True:
            question = _QUESTIONS[self.answered % len(_QUESTIONS)].format(n=(self.answered + number) % 200)
            await client.query(question)
            self.answered += 1
