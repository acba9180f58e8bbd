"""Decisions of policy that are known: what policies found in reports, and what agents say was decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from policy_engine.findings import DECISIONS, Decision
from query_api.cursors import DecisionCursor
from query_api.queries.query import Conditions, Query, of_tenant
from schemas.derived import ViolationSource
from schemas.messages.event import ALLOWING_WORDS, APPROVAL_WORDS, DENYING_WORDS, EventType
from schemas.tables import Table

WORDS = {
    Decision.ALLOW: ALLOWING_WORDS,
    Decision.NEEDS_APPROVAL: APPROVAL_WORDS,
    Decision.DENY: DENYING_WORDS,
}


class DecisionSource(StrEnum):
    """Whose decision it is: a policy's, run over what was reported, or one that an agent reports."""

    POLICY = "policy"
    AGENT = "agent"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionSearch:
    """What to look for, from `start` to before `end` in milliseconds; None and empty mean any."""

    start: int
    end: int
    source: DecisionSource | None = None
    decisions: Sequence[Decision] = ()
    agent_id: str | None = None
    policy_id: str | None = None


def search(tenant_id: str, wanted: DecisionSearch, after: DecisionCursor | None, limit: int) -> Query:
    """At most `limit` decisions, the newest first: of policies by when they were found."""
    parts: list[str] = []
    parameters: dict[str, Any] = {"limit": limit}
    # An agent names no policy of the tenant's.
    sources = {DecisionSource.POLICY} if wanted.policy_id is not None else set(DecisionSource)
    if wanted.source is not None:
        sources &= {wanted.source}
    for source in sorted(sources):
        conditions = of_tenant(tenant_id)
        if wanted.agent_id is not None:
            conditions.add("agent_id = {agent_id:String}", agent_id=wanted.agent_id)
        selected = _SELECT[source](conditions, wanted)
        if after is not None:
            moment = "fromUnixTimestamp64Micro({after_time:Int64}, 'UTC')"
            conditions.add(
                f"(time, id) < ({moment}, {{after_id:String}})",
                after_time=after.microseconds,
                after_id=after.id,
            )
        parts.append(f"SELECT * FROM ({selected} WHERE {conditions.sql} {_NEWEST})")  # noqa: S608 - as below
        parameters |= conditions.parameters
    # Of no source there is nothing: a policy's decisions that agents reported.
    union = " UNION ALL ".join(parts) or f"{_OF_POLICIES} WHERE false"
    return Query(f"SELECT * FROM ({union}) {_NEWEST}", parameters)  # noqa: S608 - names from here and schemas, values bound


# Copies that at-least-once delivery leaves are equal, and next to each other in this order.
_NEWEST = "ORDER BY time DESC, id DESC LIMIT 1 BY time, id LIMIT {limit:UInt32}"

_OF_POLICIES = (
    "SELECT toDateTime64(event_time, 6, 'UTC') AS time, event_id AS id, "  # noqa: S608 - as above
    f"'{DecisionSource.POLICY}' AS decided_by, agent_id, toString(rule) AS rule, "
    "toString(severity) AS severity, policy_id, policy_version, "
    "description AS explanation, evidence, '' AS word, '' AS tool_name, '' AS action, '' AS run_id "
    f"FROM {Table.POLICY_VIOLATIONS}"
)
_OF_AGENTS = (
    "SELECT timestamp AS time, concat(toString(batch_id), ':', toString(seq)) AS id, "  # noqa: S608 - as above
    f"'{DecisionSource.AGENT}' AS decided_by, agent_id, '' AS rule, '' AS severity, '' AS policy_id, "
    "toUInt64(0) AS policy_version, message AS explanation, [id] AS evidence, toString(decision) AS word, "
    "toString(tool_name) AS tool_name, toString(action) AS action, run_id "
    f"FROM {Table.AGENT_EVENTS}"
)


def _select_of_policies(conditions: Conditions, wanted: DecisionSearch) -> str:
    conditions.add("source = {detected:String}", detected=ViolationSource.DETECTED.value)
    conditions.add_time_range("event_time", wanted.start, wanted.end)
    if wanted.decisions:
        rules = [rule.value for rule, decision in DECISIONS.items() if decision in wanted.decisions]
        conditions.add("rule IN {rules:Array(String)}", rules=rules)
    if wanted.policy_id is not None:
        conditions.add("policy_id = {policy_id:String}", policy_id=wanted.policy_id)
    return _OF_POLICIES


def _select_of_agents(conditions: Conditions, wanted: DecisionSearch) -> str:
    conditions.add(f"event_type = '{EventType.DECISION}'")
    conditions.add_time_range("timestamp", wanted.start, wanted.end)
    if wanted.decisions:
        words = [word for decision in wanted.decisions for word in WORDS[decision]]
        conditions.add("lower(decision) IN {words:Array(String)}", words=words)
    return _OF_AGENTS


_SELECT = {DecisionSource.POLICY: _select_of_policies, DecisionSource.AGENT: _select_of_agents}
