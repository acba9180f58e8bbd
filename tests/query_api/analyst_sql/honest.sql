-- What analysts ask: each must give what it gives on a database of the tenant's rows alone.

SELECT count() FROM agent_logs

SELECT agent_id, count() AS errors FROM agent_logs WHERE level = 'ERROR' GROUP BY agent_id ORDER BY errors DESC, agent_id LIMIT 10

SELECT level, count(*) AS n, round(100 * n / sum(n) OVER (), 2) AS share FROM agent_logs GROUP BY level ORDER BY level

SELECT toStartOfHour(timestamp) AS hour, countIf(level = 'ERROR') AS errors, count() AS all
FROM agent_logs WHERE timestamp > now() - INTERVAL 3 DAY GROUP BY hour ORDER BY hour

SELECT toDate(timestamp) AS day, uniqExact(agent_id) AS agents, max(message) FROM agent_logs GROUP BY day ORDER BY day DESC

SELECT timestamp, agent_id, message FROM agent_logs WHERE hasAllTokens(lower(message), '42') ORDER BY timestamp DESC LIMIT 5

SELECT timestamp, message FROM agent_logs WHERE message LIKE '1_' OR message ILIKE '%99' ORDER BY timestamp, message LIMIT 20

SELECT JSONExtractInt(context, 'user', 'id') AS user, count() FROM agent_logs GROUP BY user ORDER BY user

SELECT JSONExtractArrayRaw(context, 'tags') AS tags, JSONHas(context, 'user') AS has_user, count() FROM agent_logs GROUP BY ALL ORDER BY ALL

SELECT resource_attributes['region'] AS region, mapKeys(resource_attributes) AS keys, count() AS n
FROM agent_logs GROUP BY region, keys ORDER BY n DESC, region

SELECT count() FROM agent_logs WHERE mapContains(resource_attributes, 'region') AND resource_attributes['region'] IN ('eu', 'xx')

SELECT event_type, count(), countIf(success), countIf(success = false), countIf(success IS NULL) FROM agent_events GROUP BY event_type ORDER BY event_type

SELECT tool_name, quantile(0.5)(latency_ms) AS p50, quantile(0.95)(latency_ms) AS p95, quantileExact(0.99)(latency_ms) AS p99
FROM agent_events WHERE tool_name != '' GROUP BY tool_name ORDER BY tool_name

SELECT tool_name, quantilesExact(0.5, 0.9, 0.99)(latency_ms) AS latency FROM agent_events GROUP BY tool_name HAVING count() > 10 ORDER BY tool_name

SELECT agent_id, quantileExactIf(0.9)(latency_ms, success = true) AS p90 FROM agent_events GROUP BY agent_id ORDER BY agent_id

SELECT agent_id, avg(latency_ms), stddevPop(latency_ms), min(latency_ms), max(latency_ms) FROM agent_events GROUP BY 1 ORDER BY 1

SELECT run_id, groupArray(event_type) AS steps, length(steps) AS n FROM (SELECT * FROM agent_events ORDER BY timestamp, seq) GROUP BY run_id ORDER BY run_id LIMIT 20

SELECT run_id, arrayStringConcat(arrayMap(x -> substring(x, 1, 1), groupArray(event_type)), '') AS path
FROM (SELECT run_id, event_type FROM agent_events ORDER BY timestamp) GROUP BY run_id ORDER BY run_id LIMIT 20

WITH runs AS (SELECT run_id, count() AS steps, sum(input_tokens) AS tokens FROM agent_events GROUP BY run_id)
SELECT max(steps), avg(tokens), argMax(run_id, tokens) FROM runs

WITH
    busy AS (SELECT agent_id FROM agent_events GROUP BY agent_id HAVING count() >= 100),
    calls AS (SELECT agent_id, count() AS n FROM agent_events WHERE agent_id IN busy GROUP BY agent_id)
SELECT agent_id, n FROM calls ORDER BY agent_id

WITH 0.5 AS threshold, (SELECT avg(latency_ms) FROM agent_events) AS usual
SELECT count() FROM agent_events WHERE latency_ms > usual * (1 + threshold)

SELECT key, value, count() AS n FROM agent_events ARRAY JOIN mapKeys(attributes) AS key, mapValues(attributes) AS value
GROUP BY key, value ORDER BY n DESC, key, value LIMIT 20

SELECT arrayJoin(mapKeys(attributes)) AS key, count() FROM agent_events GROUP BY key ORDER BY key

SELECT agent_id, timestamp, latency_ms, avg(latency_ms) OVER (PARTITION BY agent_id ORDER BY timestamp ROWS BETWEEN 4 PRECEDING AND CURRENT ROW) AS moving
FROM agent_events WHERE latency_ms IS NOT NULL ORDER BY agent_id, timestamp LIMIT 50

SELECT agent_id, timestamp, row_number() OVER w AS place, lagInFrame(timestamp) OVER w AS before
FROM agent_events WINDOW w AS (PARTITION BY agent_id ORDER BY timestamp ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
ORDER BY agent_id, timestamp LIMIT 30

SELECT agent_id, latency_ms, rank() OVER (PARTITION BY agent_id ORDER BY latency_ms DESC) AS place FROM agent_events
WHERE latency_ms > 0 QUALIFY place <= 3 ORDER BY agent_id, place, latency_ms

SELECT agent_id, timestamp, dateDiff('second', lag(timestamp) OVER (PARTITION BY agent_id ORDER BY timestamp), timestamp) AS gap
FROM agent_events ORDER BY agent_id, timestamp LIMIT 20

SELECT currency, sum(amount), sum(cost), sum(ifNull(cost, 0)) / count() FROM cost_ledger GROUP BY currency ORDER BY currency

SELECT toStartOfMonth(timestamp) AS month, cost_center, sum(amount) AS spent FROM cost_ledger
WHERE metric_type = 'tool_cost' GROUP BY month, cost_center WITH ROLLUP ORDER BY month, cost_center

SELECT cost_center, project_id, sum(amount) FROM cost_ledger GROUP BY GROUPING SETS ((cost_center), (project_id), ()) ORDER BY 1, 2, 3

SELECT day, sum(spent) AS spent FROM spend_by_agent_day WHERE currency = 'EUR' GROUP BY day ORDER BY day WITH FILL STEP 1

SELECT day, model, sum(entries) FROM spend_by_agent_day GROUP BY day, model HAVING sum(spent) > 0 ORDER BY day, model

SELECT agent_id, score, level FROM trust_scores FINAL ORDER BY event_time DESC LIMIT 1 BY agent_id

SELECT agent_id, argMax(score, time) AS trust, max(time) AS at FROM trust_timeline GROUP BY agent_id ORDER BY trust, agent_id

SELECT agent_id, score - first_value(score) OVER (PARTITION BY agent_id ORDER BY time) AS change FROM trust_timeline ORDER BY agent_id, time LIMIT 30

SELECT level, count(), bar(count(), 0, 600, 20) FROM trust_timeline GROUP BY level ORDER BY level

SELECT agent_id, JSONExtractString(reason, 'code') AS code, count() FROM trust_timeline ARRAY JOIN JSONExtractArrayRaw(reasons) AS reason
GROUP BY agent_id, code ORDER BY agent_id, code

SELECT h.agent_id, h.status, h.trust, v.n FROM fleet_health AS h
LEFT JOIN (SELECT agent_id, count() AS n FROM violations GROUP BY agent_id) AS v USING (agent_id) ORDER BY h.agent_id

SELECT l.agent_id, count() AS pairs FROM agent_logs AS l INNER JOIN agent_events AS e ON l.agent_id = e.agent_id AND l.timestamp = e.timestamp
WHERE l.level = 'ERROR' GROUP BY l.agent_id ORDER BY l.agent_id

SELECT e.agent_id, e.timestamp, t.score FROM agent_events AS e ASOF LEFT JOIN trust_scores AS t ON e.agent_id = t.agent_id AND e.timestamp >= t.event_time
ORDER BY e.agent_id, e.timestamp LIMIT 20

SELECT agent_id FROM heartbeats LEFT ANTI JOIN (SELECT agent_id FROM agent_events WHERE success = false) AS f USING (agent_id) GROUP BY agent_id ORDER BY agent_id

SELECT severity, countIf(occurred_at > now() - toIntervalDay(1)) AS today, count() AS all FROM violations GROUP BY severity ORDER BY severity

SELECT arraySort(groupUniqArrayArray(evidence)) AS evidence, uniq(agent_id) FROM policy_violations

SELECT * FROM (SELECT state, count() AS n FROM current_alerts GROUP BY state UNION ALL SELECT 'all', count() FROM current_alerts) ORDER BY state

SELECT CASE WHEN latency_ms < 50 THEN 'fast' WHEN latency_ms < 150 THEN 'medium' WHEN latency_ms IS NULL THEN 'none' ELSE 'slow' END AS class, count()
FROM agent_events GROUP BY class ORDER BY class

SELECT multiIf(success, 'yes', success IS NULL, 'open', 'no') AS outcome, if(model = '', 'none', model) AS which, count() FROM agent_events GROUP BY ALL ORDER BY ALL

SELECT formatDateTime(timestamp, '%Y-%m-%d %H:00') AS hour, toDayOfWeek(timestamp) AS weekday, count() FROM agent_logs GROUP BY hour, weekday ORDER BY hour

SELECT toStartOfInterval(timestamp, INTERVAL 15 MINUTE, 'Europe/Vienna') AS slot, count() FROM agent_logs
WHERE timestamp BETWEEN now() - INTERVAL 1 DAY AND now() GROUP BY slot ORDER BY slot

SELECT arraySum(bucket_counts) AS n, arrayZip(arrayPushBack(explicit_bounds, inf), bucket_counts) AS buckets, count() FROM otel_metrics GROUP BY ALL ORDER BY ALL LIMIT 20

SELECT CAST(message AS UInt32) % 7 AS rest, message::String || '!' AS shout, toUInt8OrNull(message) FROM agent_logs ORDER BY toUInt32(message) LIMIT 20

SELECT count() FROM agent_events WHERE (agent_id, event_type) IN (('agent-1', 'ToolCall'), ('agent-2', 'Error')) AND NOT latency_ms > 100

SELECT DISTINCT platform, version FROM agent_metrics WHERE version NOT IN ('1.0') ORDER BY version

SELECT location, sum(interactions) AS n, sumIf(violations_count, reported_trust > 70) FROM agent_metrics GROUP BY location ORDER BY n DESC

SELECT agent_id, retention(level = 'INFO', level = 'ERROR') AS kept, sequenceCount('(?1).*(?2)')(toDateTime(timestamp), level = 'INFO', level = 'ERROR') AS followed
FROM agent_logs GROUP BY agent_id ORDER BY agent_id

SELECT topK(3)(model), anyLast(service_name) = '' AS unnamed, hex(cityHash64(max(run_id))) FROM agent_events

SELECT tuple(agent_id, level) AS pair, pair.1 AS agent, count() FROM agent_logs GROUP BY pair ORDER BY pair LIMIT 6

SELECT [1, 2, 3][2] AS two, map('a', 1)['a'] AS one, 0x1F, 1e3, 'it''s', 'a\tb', '\\d+', DATE '2026-01-31' + INTERVAL 1 MONTH, -(2 + 3) * 4 DIV 3

SELECT COUNT(DISTINCT agent_id, level), SUM(1), AVG(toUInt32(message)) FROM agent_logs WHERE agent_id REGEXP '^agent-[0-2]$'
