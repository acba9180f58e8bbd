"""What `status --json` shows."""

from infra.cli.status import describe
from infra.supervisor.control import ServiceState
from tests.infra.supervisor.stacks import stack_file


def test_services_are_shown_with_their_ports() -> None:
    states = [ServiceState("writer", 12, "running"), ServiceState("gateway", 11, "running")]
    states += [ServiceState("kafka", 0, "backoff"), ServiceState("clickhouse", 13, "running")]
    assert describe(states, stack_file()) == {
        "gateway": {"pid": 11, "state": "running", "port": 8080},
        "kafka": {"pid": None, "state": "backoff", "port": 9092},
        "clickhouse": {"pid": 13, "state": "running", "port": 8123},
        "writer": {"pid": 12, "state": "running", "port": None},
    }


def test_gateway_processes_share_their_port() -> None:
    states = [ServiceState(f"gateway-{worker}", 10 + worker, "running") for worker in range(2)]
    found = describe(states, stack_file(workers=2))
    assert [found[name]["port"] for name in ("gateway-0", "gateway-1")] == [8080, 8080]


def test_external_stores_are_named_so() -> None:
    found = describe([], stack_file(ports={"gateway": 1, "query": 2}))
    assert found["kafka"] == found["clickhouse"] == {"pid": None, "state": "external", "port": None}
