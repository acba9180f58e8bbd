-- What went wrong by agent and hour: events that failed, with the type of their error, and log entries of level error.
CREATE OR REPLACE VIEW agent_errors_by_hour AS
SELECT tenant_id, agent_id, hour, source, error_type, sum(wrong) AS errors
FROM
(
    SELECT
        tenant_id,
        agent_id,
        bucket AS hour,
        'event' AS source,
        error_type,
        if(event_type = 'Error', events, failures) AS wrong
    FROM agent_events_1h
    WHERE event_type = 'Error' OR failures > 0
    UNION ALL
    SELECT
        tenant_id,
        agent_id,
        bucket AS hour,
        'log' AS source,
        '' AS error_type,
        entries AS wrong
    FROM agent_logs_1h
    WHERE level = 'error'
)
GROUP BY tenant_id, agent_id, hour, source, error_type;
