-- Scores name the trust model that they were made with, and how far the agent's own claim lies above them.
ALTER TABLE trust_scores
    ADD COLUMN claim_gap Nullable(Float64) AFTER reported_trust,
    ADD COLUMN model_version UInt64 DEFAULT 0 AFTER claim_gap;
