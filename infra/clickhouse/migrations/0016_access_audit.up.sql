-- Who has read what, asked for by tenant and time; parts by month, because these rows are few and kept long.
CREATE TABLE access_audit
(
    event_id String CODEC(ZSTD(1)),
    event_time DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    tenant_id LowCardinality(String),
    agent_id String CODEC(ZSTD(1)),
    actor_kind LowCardinality(String),
    actor_id String CODEC(ZSTD(1)),
    action LowCardinality(String),
    query String CODEC(ZSTD(1)),
    address String CODEC(ZSTD(1)),
    rows UInt64
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(event_time)
ORDER BY (tenant_id, event_time, event_id)
TTL toDateTime(event_time) + INTERVAL 365 DAY
SETTINGS non_replicated_deduplication_window = 10000, ttl_only_drop_parts = 1;
