-- Money by agent and day (of the entry's own time, UTC): what tools cost, and what anything else was billed at.
CREATE OR REPLACE VIEW spend_by_agent_day AS
SELECT
    tenant_id,
    agent_id,
    toDate(timestamp) AS day,
    project_id,
    cost_center,
    provider,
    model,
    currency,
    sum(if(metric_type = 'tool_cost', amount, assumeNotNull(cost))) AS spent,
    count() AS entries
FROM cost_ledger
WHERE currency != '' AND (metric_type = 'tool_cost' OR cost IS NOT NULL)
GROUP BY tenant_id, agent_id, day, project_id, cost_center, provider, model, currency;
