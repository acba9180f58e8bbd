"""Metrics carry our prefix, and no label that grows with the fleet."""

from prometheus_client.exposition import generate_latest

from stream_processors.metrics import ProcessorMetrics


def test_names_and_labels() -> None:
    metrics = ProcessorMetrics()
    names = {family.name for family in metrics.registry.collect()}
    assert names
    assert all(name.startswith("promethios_processors_") for name in names)
    metrics.records.add(0)
    assert b'promethios_processors_records_total{partition="0"} 1.0' in generate_latest(metrics.registry)


def test_two_workers_in_one_process_do_not_share_counts() -> None:
    first, second = ProcessorMetrics(), ProcessorMetrics()
    first.outputs.inc()
    assert second.registry.get_sample_value("promethios_processors_outputs_total") == 0


def test_records_and_rows_are_counted_by_partition() -> None:
    metrics = ProcessorMetrics()
    for partition, records, rows in ((0, 1, 3), (0, 2, 0), (1, 1, 2)):
        metrics.count_absorbed(partition, records, rows)
    value = metrics.registry.get_sample_value
    assert [value("promethios_processors_records_total", {"partition": p}) for p in "01"] == [3, 1]
    assert [value("promethios_processors_events_total", {"partition": p}) for p in "01"] == [3, 2]
