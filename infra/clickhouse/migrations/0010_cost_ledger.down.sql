-- Undoes 0010: the rows are rebuilt from Kafka within its retention.
DROP TABLE cost_ledger;
