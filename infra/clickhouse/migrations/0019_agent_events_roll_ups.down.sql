-- Undoes 0019: the roll-ups are made anew from the table when it is applied again.
DROP VIEW agent_events_1d_mv;
DROP VIEW agent_events_1h_mv;
DROP VIEW agent_events_1m_mv;
DROP TABLE agent_events_1d;
DROP TABLE agent_events_1h;
DROP TABLE agent_events_1m;
