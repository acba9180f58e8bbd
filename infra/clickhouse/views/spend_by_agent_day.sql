-- Money by agent and day (of the entry's own time, UTC): what tools cost, and what anything else was billed at.
CREATE OR REPLACE VIEW spend_by_agent_day AS
SELECT
    tenant_id,
    agent_id,
    toDate(bucket) AS day,
    project_id,
    cost_center,
    provider,
    model,
    currency,
    sum(if(metric_type = 'tool_cost', amount, cost)) AS spent,
    sum(if(metric_type = 'tool_cost', daily.entries, billed)) AS entries
FROM cost_ledger_1d AS daily
WHERE currency != '' AND (metric_type = 'tool_cost' OR billed > 0)
GROUP BY tenant_id, agent_id, bucket, project_id, cost_center, provider, model, currency;
