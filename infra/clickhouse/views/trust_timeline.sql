-- Every trust score of an agent, with its reasons; one row an event, whatever copies delivery left.
CREATE OR REPLACE VIEW trust_timeline AS
SELECT
    tenant_id,
    agent_id,
    event_time AS time,
    score,
    level,
    status,
    confidence,
    low,
    high,
    reported_trust,
    claim_gap,
    reasons,
    ceilings,
    as_of,
    model_version,
    event_id
FROM trust_scores FINAL;
