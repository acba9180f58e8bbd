-- Undoes 0021: the roll-ups are made anew from the table when it is applied again.
DROP VIEW otel_metrics_1d_mv;
DROP VIEW otel_metrics_1h_mv;
DROP VIEW otel_metrics_1m_mv;
DROP TABLE otel_metrics_1d;
DROP TABLE otel_metrics_1h;
DROP TABLE otel_metrics_1m;
