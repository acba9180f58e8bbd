-- Calls of tools and models by agent and hour: how many, how many failed, and how long they took.
CREATE OR REPLACE VIEW agent_calls_by_hour AS
SELECT
    tenant_id,
    agent_id,
    bucket AS hour,
    event_type,
    tool_name,
    model,
    sum(events) AS calls,
    sum(hourly.failures) AS failures,
    if(sum(timed) = 0, NULL, sum(latency_sum) / sum(timed)) AS latency_avg_ms,
    if(sum(timed) = 0, NULL, quantilesTDigestMerge(0.5, 0.95, 0.99)(latencies)[1]) AS latency_p50_ms,
    if(sum(timed) = 0, NULL, quantilesTDigestMerge(0.5, 0.95, 0.99)(latencies)[2]) AS latency_p95_ms,
    if(sum(timed) = 0, NULL, quantilesTDigestMerge(0.5, 0.95, 0.99)(latencies)[3]) AS latency_p99_ms
FROM agent_events_1h AS hourly
WHERE event_type IN ('ToolCall', 'ModelCall')
GROUP BY tenant_id, agent_id, hour, event_type, tool_name, model;
