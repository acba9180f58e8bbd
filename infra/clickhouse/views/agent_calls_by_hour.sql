-- Calls of tools and models by agent and hour: how many, how many failed, and how long they took.
CREATE OR REPLACE VIEW agent_calls_by_hour AS
SELECT
    tenant_id,
    agent_id,
    toStartOfHour(timestamp) AS hour,
    event_type,
    tool_name,
    model,
    count() AS calls,
    countIf(success = false) AS failures,
    avg(latency_ms) AS latency_avg_ms,
    quantileTDigest(0.5)(latency_ms) AS latency_p50_ms,
    quantileTDigest(0.95)(latency_ms) AS latency_p95_ms,
    quantileTDigest(0.99)(latency_ms) AS latency_p99_ms
FROM agent_events
WHERE event_type IN ('ToolCall', 'ModelCall')
GROUP BY tenant_id, agent_id, hour, event_type, tool_name, model;
