-- Undoes 0020: the roll-ups are made anew from the table when it is applied again.
DROP VIEW cost_ledger_1d_mv;
DROP VIEW cost_ledger_1h_mv;
DROP VIEW cost_ledger_1m_mv;
DROP TABLE cost_ledger_1d;
DROP TABLE cost_ledger_1h;
DROP TABLE cost_ledger_1m;
