-- Detected violations name the policy that found them, in its version; reported ones name none.
ALTER TABLE policy_violations
    ADD COLUMN policy_id String DEFAULT '' CODEC(ZSTD(1)),
    ADD COLUMN policy_version UInt64 DEFAULT 0;
