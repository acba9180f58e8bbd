-- What agents count of themselves, by minute, hour and day: charts read these, whatever the span.
CREATE TABLE agent_metrics_1m
(
    tenant_id LowCardinality(String),
    agent_id String,
    bucket DateTime('UTC') CODEC(Delta, ZSTD(1)),
    day Date,
    reports SimpleAggregateFunction(sum, UInt64),
    interactions SimpleAggregateFunction(sum, UInt64),
    violations SimpleAggregateFunction(sum, UInt64),
    response_time_sum SimpleAggregateFunction(sum, Float64),
    response_time_max SimpleAggregateFunction(max, Float64),
    response_times AggregateFunction(quantilesTDigest(0.5, 0.95, 0.99), Float64)
)
ENGINE = AggregatingMergeTree
PARTITION BY day
ORDER BY (tenant_id, agent_id, bucket, day)
TTL day + INTERVAL 30 DAY
SETTINGS non_replicated_deduplication_window = 10000, ttl_only_drop_parts = 1, default_compression_codec = 'ZSTD(1)';

CREATE TABLE agent_metrics_1h
(
    tenant_id LowCardinality(String),
    agent_id String,
    bucket DateTime('UTC') CODEC(Delta, ZSTD(1)),
    day Date,
    reports SimpleAggregateFunction(sum, UInt64),
    interactions SimpleAggregateFunction(sum, UInt64),
    violations SimpleAggregateFunction(sum, UInt64),
    response_time_sum SimpleAggregateFunction(sum, Float64),
    response_time_max SimpleAggregateFunction(max, Float64),
    response_times AggregateFunction(quantilesTDigest(0.5, 0.95, 0.99), Float64)
)
ENGINE = AggregatingMergeTree
PARTITION BY toStartOfMonth(day)
ORDER BY (tenant_id, agent_id, bucket, day)
TTL day + INTERVAL 1 YEAR
SETTINGS non_replicated_deduplication_window = 10000, ttl_only_drop_parts = 1, default_compression_codec = 'ZSTD(1)';

CREATE TABLE agent_metrics_1d
(
    tenant_id LowCardinality(String),
    agent_id String,
    bucket DateTime('UTC') CODEC(Delta, ZSTD(1)),
    day Date,
    reports SimpleAggregateFunction(sum, UInt64),
    interactions SimpleAggregateFunction(sum, UInt64),
    violations SimpleAggregateFunction(sum, UInt64),
    response_time_sum SimpleAggregateFunction(sum, Float64),
    response_time_max SimpleAggregateFunction(max, Float64),
    response_times AggregateFunction(quantilesTDigest(0.5, 0.95, 0.99), Float64)
)
ENGINE = AggregatingMergeTree
PARTITION BY toStartOfMonth(day)
ORDER BY (tenant_id, agent_id, bucket, day)
TTL day + INTERVAL 1 YEAR
SETTINGS non_replicated_deduplication_window = 10000, ttl_only_drop_parts = 1, default_compression_codec = 'ZSTD(1)';

TRUNCATE TABLE agent_metrics_1m;
INSERT INTO agent_metrics_1m
SELECT
    tenant_id,
    agent_id,
    toStartOfMinute(timestamp) AS bucket,
    toDate(received_at) AS day,
    count() AS reports,
    sum(fine.interactions) AS interactions,
    sum(violations_count) AS violations,
    sum(response_time_ms) AS response_time_sum,
    max(response_time_ms) AS response_time_max,
    quantilesTDigestState(0.5, 0.95, 0.99)(response_time_ms) AS response_times
FROM agent_metrics AS fine
GROUP BY tenant_id, agent_id, bucket, day
SETTINGS insert_deduplicate = 0;

TRUNCATE TABLE agent_metrics_1h;
INSERT INTO agent_metrics_1h
SELECT
    tenant_id,
    agent_id,
    toStartOfHour(fine.bucket) AS bucket,
    day,
    sum(fine.reports) AS reports,
    sum(fine.interactions) AS interactions,
    sum(fine.violations) AS violations,
    sum(fine.response_time_sum) AS response_time_sum,
    max(fine.response_time_max) AS response_time_max,
    quantilesTDigestMergeState(0.5, 0.95, 0.99)(fine.response_times) AS response_times
FROM agent_metrics_1m AS fine
GROUP BY tenant_id, agent_id, bucket, day
SETTINGS insert_deduplicate = 0;

TRUNCATE TABLE agent_metrics_1d;
INSERT INTO agent_metrics_1d
SELECT
    tenant_id,
    agent_id,
    toStartOfDay(fine.bucket) AS bucket,
    day,
    sum(fine.reports) AS reports,
    sum(fine.interactions) AS interactions,
    sum(fine.violations) AS violations,
    sum(fine.response_time_sum) AS response_time_sum,
    max(fine.response_time_max) AS response_time_max,
    quantilesTDigestMergeState(0.5, 0.95, 0.99)(fine.response_times) AS response_times
FROM agent_metrics_1h AS fine
GROUP BY tenant_id, agent_id, bucket, day
SETTINGS insert_deduplicate = 0;

CREATE MATERIALIZED VIEW agent_metrics_1m_mv TO agent_metrics_1m AS
SELECT
    tenant_id,
    agent_id,
    toStartOfMinute(timestamp) AS bucket,
    toDate(received_at) AS day,
    count() AS reports,
    sum(fine.interactions) AS interactions,
    sum(violations_count) AS violations,
    sum(response_time_ms) AS response_time_sum,
    max(response_time_ms) AS response_time_max,
    quantilesTDigestState(0.5, 0.95, 0.99)(response_time_ms) AS response_times
FROM agent_metrics AS fine
GROUP BY tenant_id, agent_id, bucket, day;

CREATE MATERIALIZED VIEW agent_metrics_1h_mv TO agent_metrics_1h AS
SELECT
    tenant_id,
    agent_id,
    toStartOfHour(fine.bucket) AS bucket,
    day,
    sum(fine.reports) AS reports,
    sum(fine.interactions) AS interactions,
    sum(fine.violations) AS violations,
    sum(fine.response_time_sum) AS response_time_sum,
    max(fine.response_time_max) AS response_time_max,
    quantilesTDigestMergeState(0.5, 0.95, 0.99)(fine.response_times) AS response_times
FROM agent_metrics_1m AS fine
GROUP BY tenant_id, agent_id, bucket, day;

CREATE MATERIALIZED VIEW agent_metrics_1d_mv TO agent_metrics_1d AS
SELECT
    tenant_id,
    agent_id,
    toStartOfDay(fine.bucket) AS bucket,
    day,
    sum(fine.reports) AS reports,
    sum(fine.interactions) AS interactions,
    sum(fine.violations) AS violations,
    sum(fine.response_time_sum) AS response_time_sum,
    max(fine.response_time_max) AS response_time_max,
    quantilesTDigestMergeState(0.5, 0.95, 0.99)(fine.response_times) AS response_times
FROM agent_metrics_1h AS fine
GROUP BY tenant_id, agent_id, bucket, day;
