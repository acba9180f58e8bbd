-- Points of OpenTelemetry metrics by minute, hour and day, over all attributes; sums are for temporality delta.
CREATE TABLE otel_metrics_1m
(
    tenant_id LowCardinality(String),
    agent_id String,
    bucket DateTime('UTC') CODEC(Delta, ZSTD(1)),
    metric_name LowCardinality(String),
    metric_type LowCardinality(String),
    unit LowCardinality(String),
    temporality LowCardinality(String),
    service_name LowCardinality(String),
    day Date,
    points SimpleAggregateFunction(sum, UInt64),
    valued SimpleAggregateFunction(sum, UInt64),
    value_sum SimpleAggregateFunction(sum, Float64),
    value_min SimpleAggregateFunction(min, Nullable(Float64)),
    value_max SimpleAggregateFunction(max, Nullable(Float64)),
    value_last AggregateFunction(argMax, Float64, DateTime64(6, 'UTC')),
    observations SimpleAggregateFunction(sum, UInt64),
    observed_sum SimpleAggregateFunction(sum, Float64)
)
ENGINE = AggregatingMergeTree
PARTITION BY day
ORDER BY (tenant_id, agent_id, metric_name, bucket, metric_type, unit, temporality, service_name, day)
TTL day + INTERVAL 30 DAY
SETTINGS non_replicated_deduplication_window = 10000, ttl_only_drop_parts = 1, default_compression_codec = 'ZSTD(1)';

CREATE TABLE otel_metrics_1h
(
    tenant_id LowCardinality(String),
    agent_id String,
    bucket DateTime('UTC') CODEC(Delta, ZSTD(1)),
    metric_name LowCardinality(String),
    metric_type LowCardinality(String),
    unit LowCardinality(String),
    temporality LowCardinality(String),
    service_name LowCardinality(String),
    day Date,
    points SimpleAggregateFunction(sum, UInt64),
    valued SimpleAggregateFunction(sum, UInt64),
    value_sum SimpleAggregateFunction(sum, Float64),
    value_min SimpleAggregateFunction(min, Nullable(Float64)),
    value_max SimpleAggregateFunction(max, Nullable(Float64)),
    value_last AggregateFunction(argMax, Float64, DateTime64(6, 'UTC')),
    observations SimpleAggregateFunction(sum, UInt64),
    observed_sum SimpleAggregateFunction(sum, Float64)
)
ENGINE = AggregatingMergeTree
PARTITION BY toStartOfMonth(day)
ORDER BY (tenant_id, agent_id, metric_name, bucket, metric_type, unit, temporality, service_name, day)
TTL day + INTERVAL 1 YEAR
SETTINGS non_replicated_deduplication_window = 10000, ttl_only_drop_parts = 1, default_compression_codec = 'ZSTD(1)';

CREATE TABLE otel_metrics_1d
(
    tenant_id LowCardinality(String),
    agent_id String,
    bucket DateTime('UTC') CODEC(Delta, ZSTD(1)),
    metric_name LowCardinality(String),
    metric_type LowCardinality(String),
    unit LowCardinality(String),
    temporality LowCardinality(String),
    service_name LowCardinality(String),
    day Date,
    points SimpleAggregateFunction(sum, UInt64),
    valued SimpleAggregateFunction(sum, UInt64),
    value_sum SimpleAggregateFunction(sum, Float64),
    value_min SimpleAggregateFunction(min, Nullable(Float64)),
    value_max SimpleAggregateFunction(max, Nullable(Float64)),
    value_last AggregateFunction(argMax, Float64, DateTime64(6, 'UTC')),
    observations SimpleAggregateFunction(sum, UInt64),
    observed_sum SimpleAggregateFunction(sum, Float64)
)
ENGINE = AggregatingMergeTree
PARTITION BY toStartOfMonth(day)
ORDER BY (tenant_id, agent_id, metric_name, bucket, metric_type, unit, temporality, service_name, day)
TTL day + INTERVAL 1 YEAR
SETTINGS non_replicated_deduplication_window = 10000, ttl_only_drop_parts = 1, default_compression_codec = 'ZSTD(1)';

TRUNCATE TABLE otel_metrics_1m;
INSERT INTO otel_metrics_1m
SELECT
    tenant_id,
    agent_id,
    toStartOfMinute(timestamp) AS bucket,
    metric_name,
    metric_type,
    unit,
    temporality,
    service_name,
    toDate(received_at) AS day,
    count() AS points,
    count(value) AS valued,
    sum(ifNull(value, 0)) AS value_sum,
    min(value) AS value_min,
    max(value) AS value_max,
    argMaxStateIf(ifNull(value, 0), timestamp, value IS NOT NULL) AS value_last,
    sum(ifNull(count, 0)) AS observations,
    sum(ifNull(sum, 0)) AS observed_sum
FROM otel_metrics AS fine
GROUP BY tenant_id, agent_id, bucket, metric_name, metric_type, unit, temporality, service_name, day
SETTINGS insert_deduplicate = 0;

TRUNCATE TABLE otel_metrics_1h;
INSERT INTO otel_metrics_1h
SELECT
    tenant_id,
    agent_id,
    toStartOfHour(fine.bucket) AS bucket,
    metric_name,
    metric_type,
    unit,
    temporality,
    service_name,
    day,
    sum(fine.points) AS points,
    sum(fine.valued) AS valued,
    sum(fine.value_sum) AS value_sum,
    min(fine.value_min) AS value_min,
    max(fine.value_max) AS value_max,
    argMaxMergeState(fine.value_last) AS value_last,
    sum(fine.observations) AS observations,
    sum(fine.observed_sum) AS observed_sum
FROM otel_metrics_1m AS fine
GROUP BY tenant_id, agent_id, bucket, metric_name, metric_type, unit, temporality, service_name, day
SETTINGS insert_deduplicate = 0;

TRUNCATE TABLE otel_metrics_1d;
INSERT INTO otel_metrics_1d
SELECT
    tenant_id,
    agent_id,
    toStartOfDay(fine.bucket) AS bucket,
    metric_name,
    metric_type,
    unit,
    temporality,
    service_name,
    day,
    sum(fine.points) AS points,
    sum(fine.valued) AS valued,
    sum(fine.value_sum) AS value_sum,
    min(fine.value_min) AS value_min,
    max(fine.value_max) AS value_max,
    argMaxMergeState(fine.value_last) AS value_last,
    sum(fine.observations) AS observations,
    sum(fine.observed_sum) AS observed_sum
FROM otel_metrics_1h AS fine
GROUP BY tenant_id, agent_id, bucket, metric_name, metric_type, unit, temporality, service_name, day
SETTINGS insert_deduplicate = 0;

CREATE MATERIALIZED VIEW otel_metrics_1m_mv TO otel_metrics_1m AS
SELECT
    tenant_id,
    agent_id,
    toStartOfMinute(timestamp) AS bucket,
    metric_name,
    metric_type,
    unit,
    temporality,
    service_name,
    toDate(received_at) AS day,
    count() AS points,
    count(value) AS valued,
    sum(ifNull(value, 0)) AS value_sum,
    min(value) AS value_min,
    max(value) AS value_max,
    argMaxStateIf(ifNull(value, 0), timestamp, value IS NOT NULL) AS value_last,
    sum(ifNull(count, 0)) AS observations,
    sum(ifNull(sum, 0)) AS observed_sum
FROM otel_metrics AS fine
GROUP BY tenant_id, agent_id, bucket, metric_name, metric_type, unit, temporality, service_name, day;

CREATE MATERIALIZED VIEW otel_metrics_1h_mv TO otel_metrics_1h AS
SELECT
    tenant_id,
    agent_id,
    toStartOfHour(fine.bucket) AS bucket,
    metric_name,
    metric_type,
    unit,
    temporality,
    service_name,
    day,
    sum(fine.points) AS points,
    sum(fine.valued) AS valued,
    sum(fine.value_sum) AS value_sum,
    min(fine.value_min) AS value_min,
    max(fine.value_max) AS value_max,
    argMaxMergeState(fine.value_last) AS value_last,
    sum(fine.observations) AS observations,
    sum(fine.observed_sum) AS observed_sum
FROM otel_metrics_1m AS fine
GROUP BY tenant_id, agent_id, bucket, metric_name, metric_type, unit, temporality, service_name, day;

CREATE MATERIALIZED VIEW otel_metrics_1d_mv TO otel_metrics_1d AS
SELECT
    tenant_id,
    agent_id,
    toStartOfDay(fine.bucket) AS bucket,
    metric_name,
    metric_type,
    unit,
    temporality,
    service_name,
    day,
    sum(fine.points) AS points,
    sum(fine.valued) AS valued,
    sum(fine.value_sum) AS value_sum,
    min(fine.value_min) AS value_min,
    max(fine.value_max) AS value_max,
    argMaxMergeState(fine.value_last) AS value_last,
    sum(fine.observations) AS observations,
    sum(fine.observed_sum) AS observed_sum
FROM otel_metrics_1h AS fine
GROUP BY tenant_id, agent_id, bucket, metric_name, metric_type, unit, temporality, service_name, day;
