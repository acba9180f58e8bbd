-- What work took, one row an entry; decimals, because sums of money have to be exact. Kept a year: budgets are yearly.
CREATE TABLE cost_ledger
(
    tenant_id LowCardinality(String),
    agent_id String CODEC(ZSTD(1)),
    received_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    batch_id UUID,
    seq UInt32 CODEC(Delta, ZSTD(1)),
    timestamp DateTime64(3, 'UTC') DEFAULT received_at CODEC(Delta, ZSTD(1)),
    metric_type LowCardinality(String),
    amount Decimal(38, 12) CODEC(ZSTD(1)),
    entry_id String DEFAULT '' CODEC(ZSTD(1)),
    currency LowCardinality(String) DEFAULT '',
    cost Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
    provider LowCardinality(String) DEFAULT '',
    model LowCardinality(String) DEFAULT '',
    run_id String DEFAULT '' CODEC(ZSTD(1)),
    project_id LowCardinality(String) DEFAULT '',
    cost_center LowCardinality(String) DEFAULT '',
    cache_read_tokens Nullable(UInt64) CODEC(ZSTD(1)),
    cache_creation_tokens Nullable(UInt64) CODEC(ZSTD(1)),
    reasoning_tokens Nullable(UInt64) CODEC(ZSTD(1)),
    trace_id String DEFAULT '' CODEC(ZSTD(1)),
    span_id String DEFAULT '' CODEC(ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toDate(received_at)
ORDER BY (tenant_id, agent_id, timestamp, batch_id, seq)
TTL toDateTime(received_at) + INTERVAL 365 DAY
SETTINGS non_replicated_deduplication_window = 10000, ttl_only_drop_parts = 1;
