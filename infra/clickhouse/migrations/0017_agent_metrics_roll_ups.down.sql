-- Undoes 0017: the roll-ups are made anew from the table when it is applied again.
DROP VIEW agent_metrics_1d_mv;
DROP VIEW agent_metrics_1h_mv;
DROP VIEW agent_metrics_1m_mv;
DROP TABLE agent_metrics_1d;
DROP TABLE agent_metrics_1h;
DROP TABLE agent_metrics_1m;
