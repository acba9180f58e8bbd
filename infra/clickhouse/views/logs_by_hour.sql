-- Log entries by agent, hour and level.
CREATE OR REPLACE VIEW logs_by_hour AS
SELECT
    tenant_id,
    agent_id,
    toStartOfHour(timestamp) AS hour,
    level,
    count() AS entries,
    countIf(governance_event) AS governance_events
FROM agent_logs
GROUP BY tenant_id, agent_id, hour, level;
