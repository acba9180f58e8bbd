-- Every change of an agent's status; one row an event, whatever copies delivery left.
CREATE OR REPLACE VIEW status_changes AS
SELECT
    tenant_id,
    agent_id,
    event_time AS time,
    status,
    reason,
    last_seen_at,
    event_id
FROM agent_status FINAL;
