-- What agents count of themselves, by agent and hour.
CREATE OR REPLACE VIEW metrics_by_hour AS
SELECT
    tenant_id,
    agent_id,
    bucket AS hour,
    sum(hourly.reports) AS reports,
    sum(hourly.interactions) AS interactions,
    least(sum(response_time_sum) / sum(hourly.reports), max(response_time_max)) AS response_time_avg_ms,
    quantilesTDigestMerge(0.5, 0.95, 0.99)(response_times)[2] AS response_time_p95_ms,
    sum(hourly.violations) AS violations
FROM agent_metrics_1h AS hourly
GROUP BY tenant_id, agent_id, hour;
