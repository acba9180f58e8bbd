"""What agents did: their steps, their runs, and a run as a tree.

For those who may read what agents wrote; each answer is in the access audit before it is handed over.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from query_api import errors
from query_api.cursors import RunCursor, StepCursor, decode_cursor
from query_api.database import Row
from query_api.dependencies import AgentId, ConnectedServices, ReaderOnRecord, find_agent, ref_of
from query_api.openapi import LOG_READ_ERRORS, problem_responses
from query_api.paging import split_page
from query_api.queries import runs
from query_api.resources.runs import (
    EventParameters,
    Run,
    RunPage,
    RunParameters,
    RunSummary,
    Step,
    StepNode,
    StepPage,
    step_fields,
)
from query_api.resources.values import Parameters
from query_api.run_tree import tree_of
from runtime.problems import ProblemError
from schemas.accesses import AccessAction
from schemas.identity import AgentRef
from schemas.messages.event import EventType
from schemas.stamps import event_id

router = APIRouter(tags=["runs"])

_DAY_MS = 24 * 60 * 60 * 1000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

RunId = Annotated[str, Path(min_length=1, max_length=256)]


@router.get("/api/v1/events", responses=problem_responses(*LOG_READ_ERRORS))
async def list_events(
    parameters: Annotated[EventParameters, Query()], reader: ReaderOnRecord, services: ConnectedServices
) -> StepPage:
    """List the steps that agents reported, newest first: calls of tools and models, decisions, outcomes."""
    wanted = runs.StepSearch(
        start=parameters.start_ms,
        end=parameters.end_ms,
        agent_id=parameters.agent,
        types=parameters.type,
        run_id=parameters.run,
        tool_name=parameters.tool,
        decision=parameters.decision,
        success=parameters.success,
    )
    cursor = decode_cursor(parameters.cursor, StepCursor)
    ref = AgentRef(reader.tenant_for(parameters.tenant), parameters.agent or "")
    query = runs.steps(ref.tenant_id, wanted, cursor, parameters.limit + 1)
    page, next_cursor = split_page(await services.database.rows(query), parameters.limit, _step_cursor)
    access = reader.access(AccessAction.EVENT_SEARCH, ref, query=parameters, rows=len(page))
    await services.accesses.record(access)
    return StepPage(events=[Step.model_validate(_fields(row)) for row in page], next_cursor=next_cursor)


@router.get("/api/v1/runs", responses=problem_responses(*LOG_READ_ERRORS))
async def list_runs(
    parameters: Annotated[RunParameters, Query()], reader: ReaderOnRecord, services: ConnectedServices
) -> RunPage:
    """List runs, the one that started last first, with what became of them."""
    start = parameters.start_ms
    if start is None:
        start = max(0, (parameters.end_ms or time.time_ns() // 1_000_000) - _DAY_MS)
    wanted = runs.StepSearch(start=start, end=parameters.end_ms, agent_id=parameters.agent)
    cursor = decode_cursor(parameters.cursor, RunCursor)
    ref = AgentRef(reader.tenant_for(parameters.tenant), parameters.agent or "")
    query = runs.runs(ref.tenant_id, wanted, cursor, parameters.limit + 1)
    page, next_cursor = split_page(await services.database.rows(query), parameters.limit, _run_cursor)
    await services.accesses.record(
        reader.access(AccessAction.RUN_SEARCH, ref, query=parameters, rows=len(page))
    )
    return RunPage(runs=[_summary(row) for row in page], next_cursor=next_cursor)


@router.get(
    "/api/v1/agents/{agent_id}/runs/{run_id:path}",
    responses=problem_responses(*LOG_READ_ERRORS, errors.NOT_FOUND),
)
async def show_run(
    agent_id: AgentId,
    run_id: RunId,
    parameters: Annotated[Parameters, Query()],
    reader: ReaderOnRecord,
    services: ConnectedServices,
) -> Run:
    """Show a run as a tree: its start, its calls with those within them, decisions, outcome and end."""
    agent = find_agent(services, reader.tenant_for(parameters.tenant), agent_id)
    rows = await services.database.rows(runs.steps_of_run(ref_of(agent), run_id))
    if not rows:
        raise ProblemError(errors.NOT_FOUND, f"Nothing of the run {run_id!r} was reported by {agent_id}.")
    shown = rows[: runs.MOST_STEPS]
    access = reader.access(AccessAction.RUN_SHOW, ref_of(agent), query=run_id, rows=len(shown))
    await services.accesses.record(access)
    ends = [row for row in shown if row["event_type"] in {EventType.RUN_END, EventType.OUTCOME}]
    judged = [row["success"] for row in ends if row["success"] is not None]
    outcomes = [row["message"] for row in ends if row["event_type"] == EventType.OUTCOME and row["message"]]
    return Run(
        agent_id=agent.agent_id,
        run_id=run_id,
        started_at=shown[0]["timestamp"],
        last_step_at=shown[-1]["timestamp"],
        ended=any(row["event_type"] == EventType.RUN_END for row in ends),
        succeeded=judged[-1] if judged else None,
        outcome=outcomes[-1] if outcomes else None,
        steps=[StepNode.model_validate(node) for node in _tree(shown)],
        truncated=len(rows) > len(shown),
    )


def _tree(rows: list[Row]) -> list[dict[str, Any]]:
    return tree_of([_fields(row) for row in rows])


def _fields(row: Row) -> dict[str, Any]:
    return step_fields(dict(row), event_id(row["batch_id"].bytes, row["seq"]))


def _summary(row: Row) -> RunSummary:
    succeeded = row["succeeded"] if row["judged"] else None
    return RunSummary.model_validate({**row, "succeeded": succeeded, "outcome": row["outcome"] or None})


def _step_cursor(row: Row) -> StepCursor:
    return StepCursor(_microseconds(row["timestamp"]), row["batch_id"], row["seq"])


def _run_cursor(row: Row) -> RunCursor:
    return RunCursor(_microseconds(row["started_at"]), row["agent_id"], row["run_id"])


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND
