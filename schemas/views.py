"""Every view of ours for analysts, said once: its name, and what a row of it is."""

from enum import StrEnum


class View(StrEnum):
    """The name of each view; all have a `tenant_id`, and those of derived events one row an event id."""

    FLEET_HEALTH = "fleet_health"
    TRUST_TIMELINE = "trust_timeline"
    VIOLATIONS = "violations"
    ALERT_CHANGES = "alert_changes"
    CURRENT_ALERTS = "current_alerts"
    STATUS_CHANGES = "status_changes"
    AGENT_RUNS = "agent_runs"
    AGENT_CALLS_BY_HOUR = "agent_calls_by_hour"
    AGENT_ERRORS_BY_HOUR = "agent_errors_by_hour"
    LOGS_BY_HOUR = "logs_by_hour"
    METRICS_BY_HOUR = "metrics_by_hour"
    SPEND_BY_AGENT_DAY = "spend_by_agent_day"
    TOKENS_BY_MODEL_DAY = "tokens_by_model_day"
    WEBHOOK_ATTEMPTS = "webhook_attempts"


ROWS: dict[View, str] = {
    View.FLEET_HEALTH: "an agent of the last 30 days: status, trust, open alerts, and its last day",
    View.TRUST_TIMELINE: "a published trust score, with its reasons",
    View.VIOLATIONS: "a violation of policy, reported or detected",
    View.ALERT_CHANGES: "a change in the life of an alert",
    View.CURRENT_ALERTS: "an alert as it stands",
    View.STATUS_CHANGES: "a change of an agent's status",
    View.AGENT_RUNS: "a run: its time, calls, failures, tokens and outcome",
    View.AGENT_CALLS_BY_HOUR: "an agent's calls of one tool or model in an hour: number, failures, latency",
    View.AGENT_ERRORS_BY_HOUR: "an agent's errors of one type in an hour, from events and from logs",
    View.LOGS_BY_HOUR: "an agent's log entries of one level in an hour",
    View.METRICS_BY_HOUR: "an hour of what an agent counts of itself",
    View.SPEND_BY_AGENT_DAY: "money of an agent on a day, by project, cost centre, model and currency",
    View.TOKENS_BY_MODEL_DAY: "tokens and seconds of an agent on a day, by model",
    View.WEBHOOK_ATTEMPTS: "an attempt to deliver a notification to a webhook",
}
