"""Decisions of policy that are known.

For those who may read what agents wrote; each page is in the access audit before it is handed over.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from policy_engine.findings import DECISIONS, Decision
from query_api.cursors import DecisionCursor, decode_cursor
from query_api.database import Row
from query_api.dependencies import ConnectedServices, ReaderOnRecord
from query_api.openapi import LOG_READ_ERRORS, problem_responses
from query_api.paging import split_page
from query_api.queries import decisions
from query_api.queries.decisions import WORDS, DecisionSource
from query_api.resources.decisions import DecisionPage, DecisionParameters, PolicyDecision
from query_api.resources.values import from_milliseconds
from schemas.accesses import AccessAction
from schemas.identity import AgentRef
from schemas.policy import PolicyRule

router = APIRouter(tags=["policies"])

_DAY_MS = 24 * 60 * 60 * 1000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DECISION_OF_WORD = {word: decision for decision, words in WORDS.items() for word in words}


@router.get("/api/v1/policy-decisions", responses=problem_responses(*LOG_READ_ERRORS))
async def list_decisions(
    parameters: Annotated[DecisionParameters, Query()], reader: ReaderOnRecord, services: ConnectedServices
) -> DecisionPage:
    """List what policies found in what agents reported, and what agents report that was decided.

    No call is decided on beforehand yet: a policy's decision here stopped nobody.
    """
    cursor = decode_cursor(parameters.cursor, DecisionCursor)
    start, end = _range(parameters)
    wanted = decisions.DecisionSearch(
        start=start,
        end=end,
        source=parameters.source,
        decisions=parameters.decision,
        agent_id=parameters.agent,
        policy_id=parameters.policy,
    )
    ref = AgentRef(reader.tenant_for(parameters.tenant), parameters.agent or "")
    query = decisions.search(ref.tenant_id, wanted, cursor, parameters.limit + 1)
    page, next_cursor = split_page(await services.database.rows(query), parameters.limit, _cursor_of)
    access = reader.access(AccessAction.DECISION_SEARCH, ref, query=parameters, rows=len(page))
    await services.accesses.record(access)
    return DecisionPage(
        start=from_milliseconds(start),
        end=from_milliseconds(end),
        decisions=[_decision(row) for row in page],
        next_cursor=next_cursor,
    )


def _range(parameters: DecisionParameters) -> tuple[int, int]:
    """From when to when, in milliseconds; what an agent dates into the future is asked for by `to`."""
    end = time.time_ns() // 1_000_000 if parameters.end_ms is None else parameters.end_ms
    start = max(0, end - _DAY_MS) if parameters.start_ms is None else parameters.start_ms
    return start, end


def _cursor_of(row: Row) -> DecisionCursor:
    return DecisionCursor((row["time"] - _EPOCH) // _MICROSECOND, row["id"])


def _decision(row: Row) -> PolicyDecision:
    found = {name: value or None for name, value in row.items() if name not in {"evidence", "time"}}
    return PolicyDecision.model_validate(
        {
            **found,
            "source": row["decided_by"],
            "decided_at": row["time"],
            "decision": _judged(row),
            "evidence": row["evidence"],
        }
    )


def _judged(row: Row) -> Decision | None:
    if row["decided_by"] == DecisionSource.POLICY:
        return DECISIONS[PolicyRule(row["rule"])]
    return _DECISION_OF_WORD.get(row["word"].lower())
