"""Live tails of logs with the filters of the search, over a WebSocket or as server-sent events."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Query, WebSocket, WebSocketDisconnect
from fastapi.requests import HTTPConnection
from fastapi.responses import StreamingResponse

from query_api import errors
from query_api.dependencies import AgentId, ConnectedServices, ReaderOfLogs, find_agent, log_reader_of
from query_api.log_readers import LogReader, text_of
from query_api.openapi import LOG_READ_ERRORS, Responses, problem_responses
from query_api.resources.logs import TailParameters, TenantTailParameters
from query_api.services import Services
from query_api.tail_buffer import Taken
from query_api.tail_feed import FEED_LOST, STOPPING
from query_api.tailing import Wish, socket_messages, stream_events
from schemas.identity import AgentRef

router = APIRouter(tags=["logs"])

_OF_AGENT = "/api/v1/agents/{agent_id}/logs/stream"
_OF_TENANT = "/api/v1/logs/stream"
SUBPROTOCOL = "promethios.logs"

# RFC 6455 and IANA's registry: come again at once, come again later, you may not.
_RESTARTS, _TRY_LATER, _POLICY = 1012, 1013, 1008
_CLOSE_CODES = {STOPPING: _RESTARTS, FEED_LOST: _TRY_LATER, errors.KAFKA_AWAY.tag: _TRY_LATER}

_EXAMPLE = 'event: log\ndata: {"event_id":"…:0","agent_id":"scout-1","level":"info","message":"done",…}\n\n'
_STREAM: Responses = {
    200: {
        "description": "Events `log` (an entry, as the search gives it), `missed` (how many were left out, "
        "because the reader was too slow) and `end` (why it ends); comments as heartbeats",
        "content": {"text/event-stream": {"schema": {"type": "string"}, "example": _EXAMPLE}},
    }
}
_FAILURES = problem_responses(*LOG_READ_ERRORS, errors.NOT_FOUND, errors.TOO_MANY_TAILS)


@router.get(_OF_AGENT, response_class=StreamingResponse, responses={**_STREAM, **_FAILURES})
async def stream_logs(
    agent_id: AgentId,
    parameters: Annotated[TailParameters, Query()],
    reader: ReaderOfLogs,
    services: ConnectedServices,
    connection: HTTPConnection,
) -> StreamingResponse:
    """Stream an agent's log as it comes, as server-sent events.

    The same path takes a WebSocket. Also with a key of the agent itself that has the permission `logs.read`.
    """
    wish = _wish(services, reader, agent_id, parameters)
    await services.tailing.admit(wish)
    return _streaming(services, connection, wish)


@router.get(_OF_TENANT, response_class=StreamingResponse, responses={**_STREAM, **_FAILURES})
async def stream_logs_of_tenant(
    parameters: Annotated[TenantTailParameters, Query()],
    reader: ReaderOfLogs,
    services: ConnectedServices,
    connection: HTTPConnection,
) -> StreamingResponse:
    """Stream the logs of all agents of a tenant as they come, as server-sent events.

    The same path takes a WebSocket.
    """
    wish = _wish(services, reader, parameters.agent, parameters)
    await services.tailing.admit(wish)
    return _streaming(services, connection, wish)


@router.websocket(_OF_AGENT)
async def tail_logs(
    websocket: WebSocket,
    agent_id: AgentId,
    parameters: Annotated[TailParameters, Query()],
    reader: ReaderOfLogs,
    services: ConnectedServices,
) -> None:
    """The same over a WebSocket."""
    await _serve(services, websocket, _wish(services, reader, agent_id, parameters))


@router.websocket(_OF_TENANT)
async def tail_logs_of_tenant(
    websocket: WebSocket,
    parameters: Annotated[TenantTailParameters, Query()],
    reader: ReaderOfLogs,
    services: ConnectedServices,
) -> None:
    """The same over a WebSocket."""
    await _serve(services, websocket, _wish(services, reader, parameters.agent, parameters))


def _wish(services: Services, reader: LogReader, agent_id: str | None, parameters: TailParameters) -> Wish:
    reader.check_agent(agent_id)
    ref = AgentRef(reader.tenant_for(parameters.tenant), agent_id or "")
    if agent_id is not None:
        find_agent(services, ref.tenant_id, agent_id)
    return Wish(reader, ref, parameters.search(), text_of(parameters))


def _check(services: Services, connection: HTTPConnection) -> Callable[[], Awaitable[object]]:
    """Asks again whether the token is in force."""
    return lambda: log_reader_of(connection, services)


def _streaming(services: Services, connection: HTTPConnection, wish: Wish) -> StreamingResponse:
    updates = services.tailing.follow(wish, _check(services, connection))

    async def events() -> AsyncGenerator[bytes, None]:
        async with contextlib.aclosing(updates):
            async for taken in updates:
                yield stream_events(taken)

    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(events(), media_type="text/event-stream", headers=headers)


async def _serve(services: Services, websocket: WebSocket, wish: Wish) -> None:
    await services.tailing.admit(wish)
    offered = websocket.scope.get("subprotocols", [])
    await websocket.accept(SUBPROTOCOL if SUBPROTOCOL in offered else None)
    updates = services.tailing.follow(wish, _check(services, websocket))
    sending = asyncio.create_task(_send(websocket, updates))
    listening = asyncio.create_task(_listen(websocket))
    _, others = await asyncio.wait({sending, listening}, return_when=asyncio.FIRST_COMPLETED)
    for task in others:
        task.cancel()
    results = await asyncio.gather(sending, listening, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, WebSocketDisconnect):
            raise result


async def _send(websocket: WebSocket, updates: AsyncGenerator[Taken, None]) -> None:
    async with contextlib.aclosing(updates):
        async for taken in updates:
            for message in socket_messages(taken):
                await websocket.send_text(message)
            if taken.ended is not None:
                await websocket.close(_CLOSE_CODES.get(taken.ended, _POLICY), taken.ended)


async def _listen(websocket: WebSocket) -> None:
    """Until the client goes; what it says is passed over."""
    while (await websocket.receive())["type"] != "websocket.disconnect":
        continue
