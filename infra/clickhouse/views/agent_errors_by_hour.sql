-- What went wrong by agent and hour: events that failed, with the type of their error, and log entries of level error.
CREATE OR REPLACE VIEW agent_errors_by_hour AS
SELECT tenant_id, agent_id, hour, source, error_type, sum(errors_of_part) AS errors
FROM
(
    SELECT
        tenant_id,
        agent_id,
        toStartOfHour(timestamp) AS hour,
        'event' AS source,
        error_type,
        count() AS errors_of_part
    FROM agent_events
    WHERE success = false OR event_type = 'Error'
    GROUP BY tenant_id, agent_id, hour, error_type
    UNION ALL
    SELECT
        tenant_id,
        agent_id,
        toStartOfHour(timestamp) AS hour,
        'log' AS source,
        '' AS error_type,
        count() AS errors_of_part
    FROM agent_logs
    WHERE level = 'error'
    GROUP BY tenant_id, agent_id, hour
)
GROUP BY tenant_id, agent_id, hour, source, error_type;
