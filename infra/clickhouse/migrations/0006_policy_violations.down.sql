-- Undoes 0006: the rows are rebuilt from the derived topic within its retention.
DROP TABLE policy_violations;
