-- Undoes 0025: the columns are rebuilt from the derived topic within its retention.
ALTER TABLE alerts
    DROP COLUMN silenced_by,
    DROP COLUMN last_seen_at,
    DROP COLUMN first_seen_at,
    DROP COLUMN count,
    DROP COLUMN threshold,
    DROP COLUMN value,
    DROP COLUMN metric,
    DROP COLUMN rule_version,
    DROP COLUMN change;
