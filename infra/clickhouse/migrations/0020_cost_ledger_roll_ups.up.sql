-- Tokens, seconds and money by whom they are charged to, by minute, hour and day; exact, as the entries are.
CREATE TABLE cost_ledger_1m
(
    tenant_id LowCardinality(String),
    agent_id String,
    bucket DateTime('UTC') CODEC(Delta, ZSTD(1)),
    metric_type LowCardinality(String),
    currency LowCardinality(String),
    provider LowCardinality(String),
    model LowCardinality(String),
    project_id LowCardinality(String),
    cost_center LowCardinality(String),
    day Date,
    entries SimpleAggregateFunction(sum, UInt64),
    amount SimpleAggregateFunction(sum, Decimal(38, 12)),
    cost SimpleAggregateFunction(sum, Decimal(38, 12)),
    billed SimpleAggregateFunction(sum, UInt64)
)
ENGINE = AggregatingMergeTree
PARTITION BY day
ORDER BY (tenant_id, agent_id, bucket, metric_type, currency, provider, model, project_id, cost_center, day)
TTL day + INTERVAL 30 DAY
SETTINGS non_replicated_deduplication_window = 10000, ttl_only_drop_parts = 1, default_compression_codec = 'ZSTD(1)';

CREATE TABLE cost_ledger_1h
(
    tenant_id LowCardinality(String),
    agent_id String,
    bucket DateTime('UTC') CODEC(Delta, ZSTD(1)),
    metric_type LowCardinality(String),
    currency LowCardinality(String),
    provider LowCardinality(String),
    model LowCardinality(String),
    project_id LowCardinality(String),
    cost_center LowCardinality(String),
    day Date,
    entries SimpleAggregateFunction(sum, UInt64),
    amount SimpleAggregateFunction(sum, Decimal(38, 12)),
    cost SimpleAggregateFunction(sum, Decimal(38, 12)),
    billed SimpleAggregateFunction(sum, UInt64)
)
ENGINE = AggregatingMergeTree
PARTITION BY toStartOfMonth(day)
ORDER BY (tenant_id, agent_id, bucket, metric_type, currency, provider, model, project_id, cost_center, day)
TTL day + INTERVAL 1 YEAR
SETTINGS non_replicated_deduplication_window = 10000, ttl_only_drop_parts = 1, default_compression_codec = 'ZSTD(1)';

CREATE TABLE cost_ledger_1d
(
    tenant_id LowCardinality(String),
    agent_id String,
    bucket DateTime('UTC') CODEC(Delta, ZSTD(1)),
    metric_type LowCardinality(String),
    currency LowCardinality(String),
    provider LowCardinality(String),
    model LowCardinality(String),
    project_id LowCardinality(String),
    cost_center LowCardinality(String),
    day Date,
    entries SimpleAggregateFunction(sum, UInt64),
    amount SimpleAggregateFunction(sum, Decimal(38, 12)),
    cost SimpleAggregateFunction(sum, Decimal(38, 12)),
    billed SimpleAggregateFunction(sum, UInt64)
)
ENGINE = AggregatingMergeTree
PARTITION BY toStartOfMonth(day)
ORDER BY (tenant_id, agent_id, bucket, metric_type, currency, provider, model, project_id, cost_center, day)
TTL day + INTERVAL 1 YEAR
SETTINGS non_replicated_deduplication_window = 10000, ttl_only_drop_parts = 1, default_compression_codec = 'ZSTD(1)';

TRUNCATE TABLE cost_ledger_1m;
INSERT INTO cost_ledger_1m
SELECT
    tenant_id,
    agent_id,
    toStartOfMinute(timestamp) AS bucket,
    metric_type,
    currency,
    provider,
    model,
    project_id,
    cost_center,
    toDate(received_at) AS day,
    count() AS entries,
    sum(fine.amount) AS amount,
    sum(ifNull(fine.cost, toDecimal128(0, 12))) AS cost,
    count(fine.cost) AS billed
FROM cost_ledger AS fine
GROUP BY tenant_id, agent_id, bucket, metric_type, currency, provider, model, project_id, cost_center, day
SETTINGS insert_deduplicate = 0;

TRUNCATE TABLE cost_ledger_1h;
INSERT INTO cost_ledger_1h
SELECT
    tenant_id,
    agent_id,
    toStartOfHour(fine.bucket) AS bucket,
    metric_type,
    currency,
    provider,
    model,
    project_id,
    cost_center,
    day,
    sum(fine.entries) AS entries,
    sum(fine.amount) AS amount,
    sum(fine.cost) AS cost,
    sum(fine.billed) AS billed
FROM cost_ledger_1m AS fine
GROUP BY tenant_id, agent_id, bucket, metric_type, currency, provider, model, project_id, cost_center, day
SETTINGS insert_deduplicate = 0;

TRUNCATE TABLE cost_ledger_1d;
INSERT INTO cost_ledger_1d
SELECT
    tenant_id,
    agent_id,
    toStartOfDay(fine.bucket) AS bucket,
    metric_type,
    currency,
    provider,
    model,
    project_id,
    cost_center,
    day,
    sum(fine.entries) AS entries,
    sum(fine.amount) AS amount,
    sum(fine.cost) AS cost,
    sum(fine.billed) AS billed
FROM cost_ledger_1h AS fine
GROUP BY tenant_id, agent_id, bucket, metric_type, currency, provider, model, project_id, cost_center, day
SETTINGS insert_deduplicate = 0;

CREATE MATERIALIZED VIEW cost_ledger_1m_mv TO cost_ledger_1m AS
SELECT
    tenant_id,
    agent_id,
    toStartOfMinute(timestamp) AS bucket,
    metric_type,
    currency,
    provider,
    model,
    project_id,
    cost_center,
    toDate(received_at) AS day,
    count() AS entries,
    sum(fine.amount) AS amount,
    sum(ifNull(fine.cost, toDecimal128(0, 12))) AS cost,
    count(fine.cost) AS billed
FROM cost_ledger AS fine
GROUP BY tenant_id, agent_id, bucket, metric_type, currency, provider, model, project_id, cost_center, day;

CREATE MATERIALIZED VIEW cost_ledger_1h_mv TO cost_ledger_1h AS
SELECT
    tenant_id,
    agent_id,
    toStartOfHour(fine.bucket) AS bucket,
    metric_type,
    currency,
    provider,
    model,
    project_id,
    cost_center,
    day,
    sum(fine.entries) AS entries,
    sum(fine.amount) AS amount,
    sum(fine.cost) AS cost,
    sum(fine.billed) AS billed
FROM cost_ledger_1m AS fine
GROUP BY tenant_id, agent_id, bucket, metric_type, currency, provider, model, project_id, cost_center, day;

CREATE MATERIALIZED VIEW cost_ledger_1d_mv TO cost_ledger_1d AS
SELECT
    tenant_id,
    agent_id,
    toStartOfDay(fine.bucket) AS bucket,
    metric_type,
    currency,
    provider,
    model,
    project_id,
    cost_center,
    day,
    sum(fine.entries) AS entries,
    sum(fine.amount) AS amount,
    sum(fine.cost) AS cost,
    sum(fine.billed) AS billed
FROM cost_ledger_1h AS fine
GROUP BY tenant_id, agent_id, bucket, metric_type, currency, provider, model, project_id, cost_center, day;
