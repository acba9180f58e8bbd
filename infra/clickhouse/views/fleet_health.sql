-- The fleet as it stands: of each agent of the last 30 days its status, trust and open alerts, and what its last day was like.
CREATE OR REPLACE VIEW fleet_health AS
SELECT
    tenant_id,
    agent_id,
    argMax(new_status, status_at) AS status,
    argMax(new_reason, status_at) AS status_reason,
    max(seen_at) AS last_seen_at,
    if(max(trust_at) = 0, NULL, argMax(score, trust_at)) AS trust,
    argMax(level, trust_at) AS trust_level,
    sum(alert) AS open_alerts,
    sum(violation) AS violations_24h,
    sum(call) AS calls_24h,
    sum(failure) AS failures_24h,
    sum(error) AS log_errors_24h
FROM
(
    SELECT
        tenant_id, agent_id,
        status AS new_status, reason AS new_reason, event_time AS status_at, last_seen_at AS seen_at,
        0 AS score, '' AS level, toDateTime64(0, 3, 'UTC') AS trust_at,
        0 AS alert, 0 AS violation, 0 AS call, 0 AS failure, 0 AS error
    FROM agent_status
    WHERE event_time >= now() - INTERVAL 30 DAY
    UNION ALL
    SELECT
        tenant_id, agent_id,
        '', '', toDateTime64(0, 3, 'UTC'), max(timestamp),
        0, '', toDateTime64(0, 3, 'UTC'),
        0, 0, 0, 0, 0
    FROM heartbeats
    WHERE received_at >= now() - INTERVAL 1 DAY
    GROUP BY tenant_id, agent_id
    UNION ALL
    SELECT
        tenant_id, agent_id,
        '', '', toDateTime64(0, 3, 'UTC'), max(as_of),
        argMax(score, (event_time, as_of)), argMax(level, (event_time, as_of)), max(event_time),
        0, 0, 0, 0, 0
    FROM trust_scores
    WHERE event_time >= now() - INTERVAL 30 DAY
    GROUP BY tenant_id, agent_id
    UNION ALL
    SELECT
        tenant_id, agent_id,
        '', '', toDateTime64(0, 3, 'UTC'), toDateTime64(0, 3, 'UTC'),
        0, '', toDateTime64(0, 3, 'UTC'),
        countIf(newest_state = 'firing'), 0, 0, 0, 0
    FROM
    (
        SELECT
            tenant_id,
            any(agent_id) AS agent_id,
            argMax(state, (event_time, started_at, ended_at IS NOT NULL)) AS newest_state
        FROM alerts
        GROUP BY tenant_id, fingerprint
    )
    GROUP BY tenant_id, agent_id
    UNION ALL
    SELECT
        tenant_id, agent_id,
        '', '', toDateTime64(0, 3, 'UTC'), toDateTime64(0, 3, 'UTC'),
        0, '', toDateTime64(0, 3, 'UTC'),
        0, uniqExact(event_id), 0, 0, 0
    FROM policy_violations
    WHERE event_time >= now() - INTERVAL 1 DAY
    GROUP BY tenant_id, agent_id
    UNION ALL
    SELECT
        tenant_id, agent_id,
        '', '', toDateTime64(0, 3, 'UTC'), max(received_at),
        0, '', toDateTime64(0, 3, 'UTC'),
        0, 0, countIf(event_type IN ('ToolCall', 'ModelCall')), countIf(success = false OR event_type = 'Error'), 0
    FROM agent_events
    WHERE received_at >= now() - INTERVAL 1 DAY
    GROUP BY tenant_id, agent_id
    UNION ALL
    SELECT
        tenant_id, agent_id,
        '', '', toDateTime64(0, 3, 'UTC'), max(received_at),
        0, '', toDateTime64(0, 3, 'UTC'),
        0, 0, 0, 0, countIf(level = 'error')
    FROM agent_logs
    WHERE received_at >= now() - INTERVAL 1 DAY
    GROUP BY tenant_id, agent_id
)
GROUP BY tenant_id, agent_id;
