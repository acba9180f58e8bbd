-- Undoes 0014: the columns are rebuilt from the derived topic within its retention.
ALTER TABLE policy_violations
    DROP COLUMN policy_version,
    DROP COLUMN policy_id;
