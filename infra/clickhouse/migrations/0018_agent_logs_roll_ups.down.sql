-- Undoes 0018: the roll-ups are made anew from the table when it is applied again.
DROP VIEW agent_logs_1d_mv;
DROP VIEW agent_logs_1h_mv;
DROP VIEW agent_logs_1m_mv;
DROP TABLE agent_logs_1d;
DROP TABLE agent_logs_1h;
DROP TABLE agent_logs_1m;
