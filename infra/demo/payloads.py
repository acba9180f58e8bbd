"""What an agent reports, as the JSON that any client would send; pure."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from infra.demo.jobs import Done, Refused
from schemas.messages.cost import CostMetric
from schemas.messages.event import EventType
from schemas.messages.values import AgentHealth, LogLevel

Payload = dict[str, Any]

HEARTBEAT = "heartbeat"
METRICS = "metrics"
VIOLATION = "violation"
LOG = "log"
EVENT = "event"
COST = "cost"

# So many of an agent's latest jobs decide what it says of its own health.
HEALTH_WINDOW = 5


def heartbeat(agent_id: str, health: AgentHealth, uptime_seconds: float, now: datetime) -> Payload:
    """A sign of life."""
    return {
        "agentId": agent_id,
        "status": health.value,
        "uptime": round(uptime_seconds, 3),
        "timestamp": now.isoformat(),
    }


def metrics(agent_id: str, milliseconds: Sequence[float], uptime_seconds: float, now: datetime) -> Payload:
    """How many jobs were done since the last report, and their mean response time; no claim about trust."""
    mean = sum(milliseconds) / len(milliseconds) if milliseconds else 0.0
    return {
        "agentId": agent_id,
        "metrics": {
            "interactions": len(milliseconds),
            "responseTime": round(mean, 3),
            "uptime": round(uptime_seconds, 3),
        },
        "timestamp": now.isoformat(),
        "environment": {"platform": "promethios-demo"},
    }


def log_of_done(agent_id: str, done: Done, now: datetime) -> Payload:
    """The true result of a job, or its true error."""
    level = LogLevel.INFO if done.succeeded else LogLevel.ERROR
    context = {"job": done.job.trade.value, "subject": done.job.subject, "milliseconds": done.milliseconds}
    return _log(agent_id, level, done.message, context | done.facts, now)


def log_of_refused(agent_id: str, refused: Refused, now: datetime) -> Payload:
    """That a job was not begun, as a governance event."""
    context = {"job": refused.job.trade.value, "subject": refused.job.subject, "rule": refused.rule}
    return _log(agent_id, LogLevel.WARN, f"refused: {refused.description}", context, now) | {
        "governanceEvent": True
    }


def violation(agent_id: str, refused: Refused, now: datetime) -> Payload:
    """The violation that a refused job is."""
    return {
        "agentId": agent_id,
        "violation": {
            "type": refused.rule,
            "severity": refused.severity.value,
            "description": refused.description,
            "context": {"subject": refused.job.subject},
            "timestamp": now.isoformat(),
        },
    }


def run_event(agent_id: str, event_type: EventType, now: datetime) -> Payload:
    """That the agent's one run began or ended."""
    return _event(agent_id, event_type, {"name": "demo"}, now)


def tool_call(agent_id: str, done: Done, now: datetime) -> Payload:
    """A job as the use of a tool, with how it ended and how long it took."""
    facts = {
        "tool_name": done.job.trade.value,
        "success": done.succeeded,
        "message": "" if done.succeeded else done.message,
        "latency_ms": round(done.milliseconds, 3),
        "attributes": {"subject": done.job.subject},
    }
    return _event(agent_id, EventType.TOOL_CALL, facts, now)


def denied_call(agent_id: str, refused: Refused, now: datetime) -> Payload:
    """The agent's decision not to begin a job."""
    facts = {"action": refused.job.trade.value, "decision": "DENY", "message": refused.description}
    return _event(agent_id, EventType.DECISION, facts, now)


def cost(agent_id: str, done: Done, now: datetime) -> Payload:
    """The seconds that a job took of the machine."""
    return {
        "instance_id": agent_id,
        "metric_type": CostMetric.COMPUTE_SECONDS.value,
        "amount": round(done.milliseconds / 1000, 6),
        "run_id": agent_id,
        "attribution": {"project_id": "demo", "cost_center": done.job.trade.value},
        "timestamp": now.isoformat(),
    }


def health_of(latest: Collection[bool]) -> AgentHealth:
    """`error` while most of the latest HEALTH_WINDOW jobs failed (False), else `active`."""
    failed = sum(not succeeded for succeeded in latest)
    return AgentHealth.ERROR if failed * 2 > len(latest) else AgentHealth.ACTIVE


def _event(agent_id: str, event_type: EventType, facts: Payload, now: datetime) -> Payload:
    return {
        "instance_id": agent_id,
        "event_type": event_type.value,
        "timestamp": now.isoformat(),
        # An agent of the demo runs once, and its id is made for that demo alone.
        "payload": {"run_id": agent_id, **facts},
    }


def _log(agent_id: str, level: LogLevel, message: str, context: Payload, now: datetime) -> Payload:
    return {
        "agentId": agent_id,
        "level": level.value,
        "message": message,
        "context": context,
        "timestamp": now.isoformat(),
    }
