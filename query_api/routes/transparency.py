"""What becomes of an agent's data."""

import asyncio
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import cast

from fastapi import APIRouter

from privacy.policy import effective
from query_api import errors
from query_api.database import Row
from query_api.dependencies import AgentToRead, ConnectedServices, ref_of
from query_api.openapi import READ_ERRORS, problem_responses
from query_api.queries import accesses, transparency
from query_api.resources.accesses import AccessSummary
from query_api.resources.retention import report_of
from query_api.resources.transparency import Collected, Kept, Transparency
from query_api.services import Services
from runtime.control_state import Entry
from schemas.retention import Retention
from schemas.topics import Topic

router = APIRouter(tags=["agents"])

_DAY_MS = 24 * 60 * 60 * 1000
_ACCESSES = 20


@router.get(
    "/api/v1/agents/{agent_id}/transparency", responses=problem_responses(*READ_ERRORS, errors.NOT_FOUND)
)
async def show_transparency(agent: AgentToRead, services: ConnectedServices) -> Transparency:
    """Show what is collected of an agent, how it is processed and kept, and who has read it."""
    ref = ref_of(agent)
    now = time.time_ns() // 1_000_000
    yesterday, midnight = now - _DAY_MS, now // _DAY_MS * _DAY_MS
    database = services.database
    collected, [latency], [alerts], oldest, read = await asyncio.gather(
        database.rows(transparency.collection(ref, yesterday, midnight)),
        database.rows(transparency.latency(ref, yesterday)),
        database.rows(transparency.alerts(ref, yesterday)),
        database.rows(transparency.oldest(ref)),
        database.rows(accesses.newest_of_agent(ref, _ACCESSES)),
    )
    kinds = [_collected(row) for row in sorted(collected, key=lambda row: row["kind"])]
    directory = services.control.directory
    policy = effective(directory.privacy_of_tenant(ref.tenant_id), directory.privacy_of_agent(ref))
    p50, p95 = latency["latencies"] if latency["scores"] else (None, None)
    return Transparency(
        tenant_id=ref.tenant_id,
        agent_id=ref.agent_id,
        collected=kinds,
        records_today=sum(kind.rows_today for kind in kinds),
        last_collection_at=max(
            (kind.last_received_at for kind in kinds if kind.last_received_at), default=None
        ),
        min_log_level=policy.min_log_level,
        latency_p50_ms=p50,
        latency_p95_ms=p95,
        alerts_firing=alerts["firing"],
        alerts_24_hours=alerts["begun"],
        kept=_kept(_days(services, ref.tenant_id), oldest),
        accesses=[AccessSummary.of(row) for row in read],
    )


def _collected(row: Row) -> Collected:
    seconds = (row["last"] - row["first"]).total_seconds()
    return Collected(
        kind=row["kind"],
        rows_today=row["today"],
        rows_24_hours=row["rows"],
        interval_seconds=seconds / (row["arrivals"] - 1) if row["arrivals"] > 1 else None,
        last_received_at=row["last"] if row["rows"] else None,
    )


def _days(services: Services, tenant_id: str) -> Mapping[str, int]:
    entry = services.control.reader.state.get(Topic.RETENTIONS, tenant_id)
    return report_of(tenant_id, cast("Entry[Retention] | None", entry)).in_force


def _kept(days: Mapping[str, int], oldest: list[Row]) -> list[Kept]:
    found: dict[str, datetime] = {row["source"]: row["oldest"] for row in oldest if row["rows"]}
    return [
        Kept(
            table=table,
            kept_days=kept,
            oldest_received_at=found.get(table),
            next_cleanup_at=found[table] + timedelta(days=kept) if table in found else None,
        )
        for table, kept in days.items()
    ]
