-- Entries that were priced by us say by which version of the price table, so that each sum can be checked.
ALTER TABLE cost_ledger ADD COLUMN price_version Nullable(UInt64) CODEC(ZSTD(1));
