"""Names and labels of the metrics."""

from prometheus_client.exposition import generate_latest

from ingest_gateway.metrics import GatewayMetrics


def test_all_names_have_our_prefix_and_each_registry_is_its_own() -> None:
    for worker in (0, 1):
        text = generate_latest(GatewayMetrics(worker).registry).decode()
        names = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")]
        assert all(name.startswith("promethios_gateway_") for name in names)
        assert f'worker_info{{worker="{worker}"}} 1.0' in text
