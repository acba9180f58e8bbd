-- Log entries by agent, hour and level.
CREATE OR REPLACE VIEW logs_by_hour AS
SELECT
    tenant_id,
    agent_id,
    bucket AS hour,
    level,
    sum(hourly.entries) AS entries,
    sum(hourly.governance_events) AS governance_events
FROM agent_logs_1h AS hourly
GROUP BY tenant_id, agent_id, hour, level;
