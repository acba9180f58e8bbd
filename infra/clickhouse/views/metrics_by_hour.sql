-- What agents count of themselves, by agent and hour.
CREATE OR REPLACE VIEW metrics_by_hour AS
SELECT
    tenant_id,
    agent_id,
    toStartOfHour(timestamp) AS hour,
    count() AS reports,
    sum(interactions) AS interactions,
    avg(response_time_ms) AS response_time_avg_ms,
    quantileTDigest(0.95)(response_time_ms) AS response_time_p95_ms,
    sum(violations_count) AS violations
FROM agent_metrics
GROUP BY tenant_id, agent_id, hour;
