-- Steps of runs by what was called, by minute, hour and day: calls, failures, latency and tokens.
CREATE TABLE agent_events_1m
(
    tenant_id LowCardinality(String),
    agent_id String,
    bucket DateTime('UTC') CODEC(Delta, ZSTD(1)),
    event_type LowCardinality(String),
    tool_name LowCardinality(String),
    model LowCardinality(String),
    error_type LowCardinality(String),
    day Date,
    events SimpleAggregateFunction(sum, UInt64),
    judged SimpleAggregateFunction(sum, UInt64),
    failures SimpleAggregateFunction(sum, UInt64),
    timed SimpleAggregateFunction(sum, UInt64),
    latency_sum SimpleAggregateFunction(sum, Float64),
    latencies AggregateFunction(quantilesTDigest(0.5, 0.95, 0.99), Float64),
    input_tokens SimpleAggregateFunction(sum, UInt64),
    output_tokens SimpleAggregateFunction(sum, UInt64)
)
ENGINE = AggregatingMergeTree
PARTITION BY day
ORDER BY (tenant_id, agent_id, bucket, event_type, tool_name, model, error_type, day)
TTL day + INTERVAL 30 DAY
SETTINGS non_replicated_deduplication_window = 10000, ttl_only_drop_parts = 1, default_compression_codec = 'ZSTD(1)';

CREATE TABLE agent_events_1h
(
    tenant_id LowCardinality(String),
    agent_id String,
    bucket DateTime('UTC') CODEC(Delta, ZSTD(1)),
    event_type LowCardinality(String),
    tool_name LowCardinality(String),
    model LowCardinality(String),
    error_type LowCardinality(String),
    day Date,
    events SimpleAggregateFunction(sum, UInt64),
    judged SimpleAggregateFunction(sum, UInt64),
    failures SimpleAggregateFunction(sum, UInt64),
    timed SimpleAggregateFunction(sum, UInt64),
    latency_sum SimpleAggregateFunction(sum, Float64),
    latencies AggregateFunction(quantilesTDigest(0.5, 0.95, 0.99), Float64),
    input_tokens SimpleAggregateFunction(sum, UInt64),
    output_tokens SimpleAggregateFunction(sum, UInt64)
)
ENGINE = AggregatingMergeTree
PARTITION BY toStartOfMonth(day)
ORDER BY (tenant_id, agent_id, bucket, event_type, tool_name, model, error_type, day)
TTL day + INTERVAL 1 YEAR
SETTINGS non_replicated_deduplication_window = 10000, ttl_only_drop_parts = 1, default_compression_codec = 'ZSTD(1)';

CREATE TABLE agent_events_1d
(
    tenant_id LowCardinality(String),
    agent_id String,
    bucket DateTime('UTC') CODEC(Delta, ZSTD(1)),
    event_type LowCardinality(String),
    tool_name LowCardinality(String),
    model LowCardinality(String),
    error_type LowCardinality(String),
    day Date,
    events SimpleAggregateFunction(sum, UInt64),
    judged SimpleAggregateFunction(sum, UInt64),
    failures SimpleAggregateFunction(sum, UInt64),
    timed SimpleAggregateFunction(sum, UInt64),
    latency_sum SimpleAggregateFunction(sum, Float64),
    latencies AggregateFunction(quantilesTDigest(0.5, 0.95, 0.99), Float64),
    input_tokens SimpleAggregateFunction(sum, UInt64),
    output_tokens SimpleAggregateFunction(sum, UInt64)
)
ENGINE = AggregatingMergeTree
PARTITION BY toStartOfMonth(day)
ORDER BY (tenant_id, agent_id, bucket, event_type, tool_name, model, error_type, day)
TTL day + INTERVAL 1 YEAR
SETTINGS non_replicated_deduplication_window = 10000, ttl_only_drop_parts = 1, default_compression_codec = 'ZSTD(1)';

TRUNCATE TABLE agent_events_1m;
INSERT INTO agent_events_1m
SELECT
    tenant_id,
    agent_id,
    toStartOfMinute(timestamp) AS bucket,
    event_type,
    tool_name,
    model,
    error_type,
    toDate(received_at) AS day,
    count() AS events,
    countIf(success IS NOT NULL) AS judged,
    countIf(success = false) AS failures,
    count(latency_ms) AS timed,
    sum(ifNull(latency_ms, 0)) AS latency_sum,
    quantilesTDigestStateIf(0.5, 0.95, 0.99)(ifNull(latency_ms, 0), latency_ms IS NOT NULL) AS latencies,
    sum(ifNull(fine.input_tokens, 0)) AS input_tokens,
    sum(ifNull(fine.output_tokens, 0)) AS output_tokens
FROM agent_events AS fine
GROUP BY tenant_id, agent_id, bucket, event_type, tool_name, model, error_type, day
SETTINGS insert_deduplicate = 0;

TRUNCATE TABLE agent_events_1h;
INSERT INTO agent_events_1h
SELECT
    tenant_id,
    agent_id,
    toStartOfHour(fine.bucket) AS bucket,
    event_type,
    tool_name,
    model,
    error_type,
    day,
    sum(fine.events) AS events,
    sum(fine.judged) AS judged,
    sum(fine.failures) AS failures,
    sum(fine.timed) AS timed,
    sum(fine.latency_sum) AS latency_sum,
    quantilesTDigestMergeState(0.5, 0.95, 0.99)(fine.latencies) AS latencies,
    sum(fine.input_tokens) AS input_tokens,
    sum(fine.output_tokens) AS output_tokens
FROM agent_events_1m AS fine
GROUP BY tenant_id, agent_id, bucket, event_type, tool_name, model, error_type, day
SETTINGS insert_deduplicate = 0;

TRUNCATE TABLE agent_events_1d;
INSERT INTO agent_events_1d
SELECT
    tenant_id,
    agent_id,
    toStartOfDay(fine.bucket) AS bucket,
    event_type,
    tool_name,
    model,
    error_type,
    day,
    sum(fine.events) AS events,
    sum(fine.judged) AS judged,
    sum(fine.failures) AS failures,
    sum(fine.timed) AS timed,
    sum(fine.latency_sum) AS latency_sum,
    quantilesTDigestMergeState(0.5, 0.95, 0.99)(fine.latencies) AS latencies,
    sum(fine.input_tokens) AS input_tokens,
    sum(fine.output_tokens) AS output_tokens
FROM agent_events_1h AS fine
GROUP BY tenant_id, agent_id, bucket, event_type, tool_name, model, error_type, day
SETTINGS insert_deduplicate = 0;

CREATE MATERIALIZED VIEW agent_events_1m_mv TO agent_events_1m AS
SELECT
    tenant_id,
    agent_id,
    toStartOfMinute(timestamp) AS bucket,
    event_type,
    tool_name,
    model,
    error_type,
    toDate(received_at) AS day,
    count() AS events,
    countIf(success IS NOT NULL) AS judged,
    countIf(success = false) AS failures,
    count(latency_ms) AS timed,
    sum(ifNull(latency_ms, 0)) AS latency_sum,
    quantilesTDigestStateIf(0.5, 0.95, 0.99)(ifNull(latency_ms, 0), latency_ms IS NOT NULL) AS latencies,
    sum(ifNull(fine.input_tokens, 0)) AS input_tokens,
    sum(ifNull(fine.output_tokens, 0)) AS output_tokens
FROM agent_events AS fine
GROUP BY tenant_id, agent_id, bucket, event_type, tool_name, model, error_type, day;

CREATE MATERIALIZED VIEW agent_events_1h_mv TO agent_events_1h AS
SELECT
    tenant_id,
    agent_id,
    toStartOfHour(fine.bucket) AS bucket,
    event_type,
    tool_name,
    model,
    error_type,
    day,
    sum(fine.events) AS events,
    sum(fine.judged) AS judged,
    sum(fine.failures) AS failures,
    sum(fine.timed) AS timed,
    sum(fine.latency_sum) AS latency_sum,
    quantilesTDigestMergeState(0.5, 0.95, 0.99)(fine.latencies) AS latencies,
    sum(fine.input_tokens) AS input_tokens,
    sum(fine.output_tokens) AS output_tokens
FROM agent_events_1m AS fine
GROUP BY tenant_id, agent_id, bucket, event_type, tool_name, model, error_type, day;

CREATE MATERIALIZED VIEW agent_events_1d_mv TO agent_events_1d AS
SELECT
    tenant_id,
    agent_id,
    toStartOfDay(fine.bucket) AS bucket,
    event_type,
    tool_name,
    model,
    error_type,
    day,
    sum(fine.events) AS events,
    sum(fine.judged) AS judged,
    sum(fine.failures) AS failures,
    sum(fine.timed) AS timed,
    sum(fine.latency_sum) AS latency_sum,
    quantilesTDigestMergeState(0.5, 0.95, 0.99)(fine.latencies) AS latencies,
    sum(fine.input_tokens) AS input_tokens,
    sum(fine.output_tokens) AS output_tokens
FROM agent_events_1h AS fine
GROUP BY tenant_id, agent_id, bucket, event_type, tool_name, model, error_type, day;
