-- Every change in the life of an alert; one row an event, whatever copies delivery left.
CREATE OR REPLACE VIEW alert_changes AS
SELECT
    tenant_id,
    agent_id,
    event_time AS time,
    fingerprint,
    rule,
    state,
    severity,
    summary,
    started_at,
    ended_at,
    evidence,
    event_id
FROM alerts FINAL;
