-- Published trust scores; an event may arrive twice with one id, so the id ends the sort key and copies collapse.
CREATE TABLE trust_scores
(
    event_id String CODEC(ZSTD(1)),
    event_time DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    tenant_id LowCardinality(String),
    agent_id String CODEC(ZSTD(1)),
    score Float64,
    level LowCardinality(String),
    status LowCardinality(String),
    confidence Float64,
    low Float64,
    high Float64,
    as_of DateTime64(3, 'UTC'),
    reasons String CODEC(ZSTD(1)),
    ceilings Array(LowCardinality(String)),
    reported_trust Nullable(Float64)
)
ENGINE = ReplacingMergeTree
PARTITION BY toDate(event_time)
ORDER BY (tenant_id, agent_id, event_time, event_id)
TTL toDateTime(event_time) + INTERVAL 365 DAY
SETTINGS non_replicated_deduplication_window = 10000, ttl_only_drop_parts = 1;
