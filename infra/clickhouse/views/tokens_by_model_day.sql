-- Tokens and seconds of computing by agent, model and day (of the entry's own time, UTC).
CREATE OR REPLACE VIEW tokens_by_model_day AS
SELECT
    tenant_id,
    agent_id,
    toDate(bucket) AS day,
    provider,
    model,
    sumIf(amount, metric_type = 'tokens_in') AS tokens_in,
    sumIf(amount, metric_type = 'tokens_out') AS tokens_out,
    sumIf(amount, metric_type = 'compute_seconds') AS compute_seconds
FROM cost_ledger_1d
GROUP BY tenant_id, agent_id, bucket, provider, model;
