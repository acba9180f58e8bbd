"""SQL of analysts."""

import contextlib
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from query_api import errors
from query_api.analyst_queries import Result
from query_api.analyst_sql.compiling import compile_sql
from query_api.analyst_sql.refusal import RefusedSqlError
from query_api.dependencies import ConnectedServices, SqlUser
from query_api.log_readers import OperatorLogReader
from query_api.openapi import LOG_READ_ERRORS, problem_responses
from query_api.resources.sql import SqlParameters, SqlQuery
from query_api.result_formats import DETAILS, ResultFormat, choose_format
from runtime.problems import ProblemError
from schemas.accesses import AccessAction
from schemas.identity import AgentRef

router = APIRouter(tags=["sql"])

_ERRORS = (
    errors.BAD_JSON,
    errors.NOT_ACCEPTABLE,
    errors.TOO_LARGE,
    errors.WRONG_TYPE,
    errors.SQL_REFUSED,
    errors.SQL_FAILED,
    errors.SQL_LIMIT,
    errors.SQL_BUSY,
)
_EXAMPLES: dict[ResultFormat, Any] = {
    ResultFormat.JSON: {
        "meta": [{"name": "agent_id", "type": "String"}, {"name": "errors", "type": "UInt64"}],
        "data": [{"agent_id": "scout-1", "errors": "3"}],
        "rows": 1,
    },
    ResultFormat.NDJSON: '{"agent_id":"scout-1","errors":"3"}\n',
    ResultFormat.CSV: '"agent_id","errors"\n"scout-1",3\n',
}
_RESULT: dict[str, Any] = {
    "description": "The result",
    "content": {
        details.media_type: {"example": _EXAMPLES[name]} if name in _EXAMPLES else {}
        for name, details in DETAILS.items()
    },
}


def _analyst(caller: SqlUser, services: ConnectedServices, request: Request) -> OperatorLogReader:
    return OperatorLogReader(services.addresses.of(request.scope), caller)


@router.post(
    "/api/v1/sql",
    response_class=StreamingResponse,
    responses={200: _RESULT, **problem_responses(*LOG_READ_ERRORS, *_ERRORS)},
)
async def run_sql(
    asked: SqlQuery,
    parameters: Annotated[SqlParameters, Query()],
    analyst: Annotated[OperatorLogReader, Depends(_analyst)],
    services: ConnectedServices,
    accept: Annotated[str | None, Header()] = None,
) -> StreamingResponse:
    """Run one SELECT over the tenant's rows, within limits on time, memory and rows.

    It is written to the access audit.
    """
    details = DETAILS[choose_format(parameters.format, accept)]
    tenant_id = analyst.tenant_for(parameters.tenant)
    queries = services.analyst_queries
    try:
        sql = compile_sql(asked.query, tenant_id, queries.database)
    except RefusedSqlError as refused:
        raise ProblemError(errors.SQL_REFUSED, refused.detail, members={"reason": refused.reason}) from None
    async with contextlib.AsyncExitStack() as stack:
        result = await stack.enter_async_context(queries.run(sql, tenant_id, details.engine_format))
        await services.accesses.record(
            analyst.access(AccessAction.SQL, AgentRef(tenant_id, ""), query=asked.query, rows=result.rows)
        )
        return _Answer(result, stack.pop_all(), details.media_type)


class _Answer(StreamingResponse):
    """Gives its query back at its end, whatever the end is."""

    def __init__(self, result: Result, query: contextlib.AsyncExitStack, media_type: str) -> None:
        super().__init__(result.pieces, media_type=media_type)
        self._query = query

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the pieces."""
        async with self._query:
            await super().__call__(scope, receive, send)
