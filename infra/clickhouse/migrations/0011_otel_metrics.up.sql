-- Points of OpenTelemetry metrics of every type in one table, sorted by metric, because charts ask for one metric.
CREATE TABLE otel_metrics
(
    tenant_id LowCardinality(String),
    agent_id String CODEC(ZSTD(1)),
    received_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    batch_id UUID,
    seq UInt32 CODEC(Delta, ZSTD(1)),
    timestamp DateTime64(6, 'UTC') DEFAULT received_at CODEC(Delta, ZSTD(1)),
    start_timestamp Nullable(DateTime64(6, 'UTC')) CODEC(ZSTD(1)),
    metric_name LowCardinality(String),
    metric_type LowCardinality(String),
    unit LowCardinality(String) DEFAULT '',
    description LowCardinality(String) DEFAULT '',
    temporality LowCardinality(String) DEFAULT '',
    monotonic Bool DEFAULT false,
    value Nullable(Float64) CODEC(ZSTD(1)),
    count Nullable(UInt64) CODEC(ZSTD(1)),
    sum Nullable(Float64) CODEC(ZSTD(1)),
    min Nullable(Float64) CODEC(ZSTD(1)),
    max Nullable(Float64) CODEC(ZSTD(1)),
    bucket_counts Array(UInt64) CODEC(ZSTD(1)),
    explicit_bounds Array(Float64) CODEC(ZSTD(1)),
    scale Nullable(Int32) CODEC(ZSTD(1)),
    zero_count Nullable(UInt64) CODEC(ZSTD(1)),
    zero_threshold Nullable(Float64) CODEC(ZSTD(1)),
    positive_offset Nullable(Int32) CODEC(ZSTD(1)),
    positive_counts Array(UInt64) CODEC(ZSTD(1)),
    negative_offset Nullable(Int32) CODEC(ZSTD(1)),
    negative_counts Array(UInt64) CODEC(ZSTD(1)),
    quantiles Array(Float64) CODEC(ZSTD(1)),
    quantile_values Array(Float64) CODEC(ZSTD(1)),
    flags UInt32 DEFAULT 0 CODEC(ZSTD(1)),
    trace_id String DEFAULT '' CODEC(ZSTD(1)),
    span_id String DEFAULT '' CODEC(ZSTD(1)),
    service_name LowCardinality(String) DEFAULT '',
    scope_name LowCardinality(String) DEFAULT '',
    attributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    resource_attributes Map(LowCardinality(String), String) CODEC(ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toDate(received_at)
ORDER BY (tenant_id, agent_id, metric_name, timestamp, batch_id, seq)
TTL toDateTime(received_at) + INTERVAL 90 DAY
SETTINGS non_replicated_deduplication_window = 10000, ttl_only_drop_parts = 1;
