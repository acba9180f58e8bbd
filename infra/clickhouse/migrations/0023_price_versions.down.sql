-- Undoes 0023.
ALTER TABLE cost_ledger DROP COLUMN price_version;
