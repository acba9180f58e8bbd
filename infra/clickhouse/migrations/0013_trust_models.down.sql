-- Undoes 0013: the columns are rebuilt from the derived topic within its retention.
ALTER TABLE trust_scores
    DROP COLUMN model_version,
    DROP COLUMN claim_gap;
