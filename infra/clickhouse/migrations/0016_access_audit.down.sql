-- Undoes 0016: the rows are rebuilt from the topic of accesses within its retention.
DROP TABLE access_audit;
