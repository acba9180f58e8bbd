-- Every attempt to deliver a notification; one row an attempt, whatever copies delivery left.
CREATE OR REPLACE VIEW webhook_attempts AS
SELECT
    tenant_id,
    agent_id,
    event_time AS time,
    webhook_id,
    notification_id,
    event_type,
    attempt,
    outcome,
    http_status,
    error,
    duration_ms,
    retry_at,
    event_id
FROM webhook_deliveries FINAL;
