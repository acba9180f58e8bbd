-- Alerts as they stand: of each fingerprint the newest change; of two at one time the later life, and its end.
CREATE OR REPLACE VIEW current_alerts AS
SELECT
    tenant_id,
    argMax(changed_agent, newest) AS agent_id,
    fingerprint,
    max(event_time) AS changed_at,
    argMax(changed_rule, newest) AS rule,
    argMax(changed_state, newest) AS state,
    argMax(changed_severity, newest) AS severity,
    argMax(changed_summary, newest) AS summary,
    argMax(began, newest) AS started_at,
    tupleElement(argMax(tuple(ended), newest), 1) AS ended_at
FROM
(
    SELECT
        tenant_id,
        fingerprint,
        event_time,
        agent_id AS changed_agent,
        rule AS changed_rule,
        state AS changed_state,
        severity AS changed_severity,
        summary AS changed_summary,
        started_at AS began,
        ended_at AS ended,
        (event_time, started_at, ended_at IS NOT NULL) AS newest
    FROM alerts
)
GROUP BY tenant_id, fingerprint;
