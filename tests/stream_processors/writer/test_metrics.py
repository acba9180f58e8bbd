"""Names as Prometheus wants them."""

from prometheus_client.exposition import generate_latest

from stream_processors.writer.metrics import WriterMetrics


def test_every_name_is_ours_and_no_agent_is_a_label() -> None:
    metrics = WriterMetrics()
    metrics.rows.labels("agent_logs").inc(3)

    text = generate_latest(metrics.registry).decode()

    names = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")]
    assert all(name.startswith("promethios_writer_") for name in names)
    assert 'promethios_writer_rows_total{table="agent_logs"} 3.0' in text
    assert "agent_id" not in text


def test_two_writers_in_one_process_do_not_meet() -> None:
    assert WriterMetrics().registry is not WriterMetrics().registry
