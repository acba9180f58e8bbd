-- The rows of a tenant by table: `{mark}` stands in every text of theirs; the newest are of `{now}`.
-- {stamps} and {event} are columns that all telemetry, or all events, have.

stamps
'{tenant}' AS tenant_id, concat('agent-', toString(number % 5), '{mark}') AS agent_id,
toDateTime64('{now}', 3, 'UTC') - toIntervalMinute(number * 17) AS received_at,
toUUID(UUIDNumToString(toFixedString(MD5(concat('{tenant}', toString(number))), 16))) AS batch_id,
toUInt32(number % 3) AS seq, received_at - toIntervalSecond(number % 7) AS timestamp

event
concat('{tenant}', '{mark}', toString(number)) AS event_id,
toDateTime64('{now}', 3, 'UTC') - toIntervalMinute(number * 17) AS event_time,
'{tenant}' AS tenant_id, concat('agent-', toString(number % 5), '{mark}') AS agent_id

heartbeats
SELECT {stamps}, 'active' AS status, number * 60. AS uptime_seconds, timestamp AS last_activity

agent_metrics
SELECT {stamps}, number % 50 AS interactions, 20 + number % 300 AS response_time_ms,
    if(number % 4 = 0, NULL, 50 + number % 50) AS reported_trust, number % 3 AS violations_count,
    number * 60. AS uptime_seconds, 'linux{mark}' AS platform, '1.' || toString(number % 3) AS version,
    ['Paris', 'Oslo', 'Graz'][1 + number % 3] || '{mark}' AS location

reported_violations
SELECT {stamps}, 'pii{mark}' AS violation_type,
    ['low', 'high'][1 + number % 2] AS severity, 'told {mark}' AS description, '{}' AS context

agent_logs
SELECT {stamps}, ['DEBUG', 'INFO', 'WARN', 'ERROR'][1 + number % 4] AS level,
    if('{mark}' = '', toString(number), '{mark} number ' || toString(number)) AS message,
    '{"user": {"id": ' || toString(number % 9) || ', "name": "{mark}n"}, "tags": ["a", "b"]}' AS context,
    number % 10 = 0 AS governance_event, number % 20 AS severity_number,
    lower(hex(MD5('{mark}' || toString(number % 40)))) AS trace_id, 'svc{mark}' AS service_name,
    map('region', ['eu', 'us'][1 + number % 2], 'host', 'h{mark}' || toString(number % 6)) AS resource_attributes

agent_events
SELECT {stamps}, ['ToolCall', 'ModelCall', 'RunStart', 'RunEnd', 'Error'][1 + number % 5] AS event_type,
    'run{mark}-' || toString(intDiv(number, 10)) AS run_id, ['search', 'fetch', 'mail'][1 + number % 3] || '{mark}' AS tool_name,
    if(number % 6 = 0, NULL, number % 4 != 0) AS success, if(number % 4 = 0, 'timeout{mark}', '') AS error_type,
    if(number % 7 = 0, NULL, 5. + number % 200) AS latency_ms, 'model{mark}-' || toString(number % 2) AS model,
    number * 10 AS input_tokens, number * 3 AS output_tokens,
    map('k' || toString(number % 3), 'v{mark}' || toString(number), 'shared', '{mark}s') AS attributes

cost_ledger
SELECT {stamps}, ['tool_cost', 'tokens_in', 'tokens_out'][1 + number % 3] AS metric_type,
    toDecimal128(number % 100, 12) / 7 AS amount, if(number % 3 = 2, '', 'EUR') AS currency,
    if(number % 3 = 1, toDecimal128(number % 10, 12) / 3, NULL) AS cost, 'p{mark}' AS project_id,
    'centre{mark}' || toString(number % 4) AS cost_center, 'model{mark}' AS model

otel_metrics
SELECT {stamps}, 'latency{mark}' AS metric_name, 'histogram' AS metric_type, toFloat64(number) AS value,
    [number % 5, number % 7, 3]::Array(UInt64) AS bucket_counts, [10., 100.] AS explicit_bounds

trust_scores
SELECT {event}, toFloat64(40 + number % 60) AS score, ['good', 'watch{mark}'][1 + number % 2] AS level,
    'active' AS status, 0.9 AS confidence, score - 5 AS low, score + 5 AS high, event_time AS as_of,
    '[{"code": "late{mark}", "points": ' || toString(number % 9) || '}]' AS reasons, ['cap{mark}'] AS ceilings

policy_violations
SELECT {event}, 'tool{mark}' AS rule, ['low', 'medium', 'high'][1 + number % 3] AS severity,
    'detected' AS source, 'called{mark}' AS description, event_time AS occurred_at, ['e{mark}', 'f'] AS evidence

alerts
SELECT {event}, 'f{mark}' || toString(number % 20) AS fingerprint, 'silence{mark}' AS rule,
    ['firing', 'resolved'][1 + number % 2] AS state, 'high' AS severity, 'silent{mark}' AS summary,
    event_time AS started_at, NULL AS ended_at, ['e{mark}'] AS evidence

agent_status
SELECT {event}, ['online', 'offline'][1 + number % 2] AS status, 'beat{mark}' AS reason,
    event_time AS last_seen_at

access_audit
SELECT {event}, 'operator' AS actor_kind, 'ada{mark}' AS actor_id, 'sql' AS action, 'SELECT {mark}' AS query,
    '127.0.0.1' AS address, number AS rows

webhook_deliveries
SELECT {event}, 'w{mark}' AS webhook_id, 'n{mark}' AS notification_id, 't' AS event_type,
    1 AS attempt, 'delivered' AS outcome, 200 AS http_status, 'e{mark}' AS error, number AS duration_ms,
    NULL AS retry_at
