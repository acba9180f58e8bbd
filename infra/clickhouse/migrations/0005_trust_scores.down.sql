-- Undoes 0005: the rows are rebuilt from the derived topic within its retention.
DROP TABLE trust_scores;
