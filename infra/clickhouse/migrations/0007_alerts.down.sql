-- Undoes 0007: the rows are rebuilt from the derived topic within its retention.
DROP TABLE alerts;
