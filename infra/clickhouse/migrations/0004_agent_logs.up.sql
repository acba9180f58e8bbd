-- Log entries, searched by words within an agent or a tenant: hence the text index on the message.
CREATE TABLE agent_logs
(
    tenant_id LowCardinality(String),
    agent_id String CODEC(ZSTD(1)),
    received_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    batch_id UUID,
    seq UInt32 CODEC(Delta, ZSTD(1)),
    timestamp DateTime64(3, 'UTC') DEFAULT received_at CODEC(Delta, ZSTD(1)),
    level LowCardinality(String),
    message String CODEC(ZSTD(1)),
    context String DEFAULT '' CODEC(ZSTD(1)),
    governance_event Bool DEFAULT false,
    INDEX message_words lower(message) TYPE text(tokenizer = 'splitByNonAlpha')
)
ENGINE = MergeTree
PARTITION BY toDate(received_at)
ORDER BY (tenant_id, agent_id, timestamp, batch_id, seq)
TTL toDateTime(received_at) + INTERVAL 90 DAY
SETTINGS index_granularity = 1024, non_replicated_deduplication_window = 10000, ttl_only_drop_parts = 1;
