-- What was spent by tenant, cost centre and day: cumulative, so of each partition's totals the newest takes the place of those before.
CREATE TABLE spend
(
    event_id String CODEC(ZSTD(1)),
    event_time DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    tenant_id LowCardinality(String),
    cost_center String CODEC(ZSTD(1)),
    day Date,
    log_partition UInt32,
    figures Array(Tuple(
        currency LowCardinality(String),
        amount Decimal(38, 12),
        price_version UInt64,
        entries UInt64,
        unpriced_tokens Decimal(38, 12)))
)
ENGINE = ReplacingMergeTree(event_time)
PARTITION BY toYYYYMM(day)
ORDER BY (tenant_id, day, cost_center, log_partition)
TTL day + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 10000, ttl_only_drop_parts = 1;
