-- Violations of policy, reported and detected; one row an event, whatever copies delivery left.
CREATE OR REPLACE VIEW violations AS
SELECT
    tenant_id,
    agent_id,
    event_time AS time,
    rule,
    severity,
    source,
    description,
    occurred_at,
    evidence,
    policy_id,
    policy_version,
    event_id
FROM policy_violations FINAL;
