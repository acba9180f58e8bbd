"""The services of a stack, declared: command, own environment, order of stopping, how readiness shows."""

from dataclasses import dataclass, field
from enum import StrEnum

from runtime.settings import KAFKA_URL, kafka_url_variable
from schemas import topics

CLICKHOUSE_URL = "PROMETHIOS_CLICKHOUSE_URL"

# Every variable that holds a password: supervisord has them all, a service has those that it names.
SECRETS = (KAFKA_URL, *map(kafka_url_variable, topics.Service), CLICKHOUSE_URL)


class Readiness(StrEnum):
    """How to see that a service does its work."""

    KAFKA = "the admin client answers"
    CLICKHOUSE = "GET /ping on its port"
    HTTP = "GET /readyz on its port"
    SOCKET = "GET /readyz on its Unix socket"
    HEALTH_FILE = "GET /readyz at the address in its health file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One supervised process.

    `role` is the service it is a process of (`gateway-1` is of `gateway`). What has the lowest `order` is
    stopped last; services of one order stop at the same time. `secrets` are those of SECRETS that it gets.
    """

    name: str
    role: str
    module: str
    order: int
    readiness: Readiness
    environment: dict[str, str] = field(default_factory=dict)
    secrets: frozenset[str] = frozenset()
    stop_seconds: int = 15


# Intake stops first, then what drains it, and the stores last: so nothing waits for a store that is gone.
_KAFKA = Service(
    name="kafka",
    role="kafka",
    module="infra.embedded.kafka",
    order=10,
    readiness=Readiness.KAFKA,
    stop_seconds=30,
)
_CLICKHOUSE = Service(
    name="clickhouse",
    role="clickhouse",
    module="infra.embedded.clickhouse",
    order=20,
    readiness=Readiness.CLICKHOUSE,
    stop_seconds=30,
)
_QUERY = Service(
    name="query",
    role="query",
    module="query_api",
    order=30,
    readiness=Readiness.HTTP,
    secrets=frozenset({kafka_url_variable(topics.Service.QUERY), CLICKHOUSE_URL}),
)
_WRITER = Service(
    name="writer",
    role="writer",
    module="stream_processors.writer",
    order=30,
    readiness=Readiness.HEALTH_FILE,
    secrets=frozenset({kafka_url_variable(topics.Service.WRITER), CLICKHOUSE_URL}),
)
_PROCESSORS = Service(
    name="processors",
    role="processors",
    module="stream_processors",
    order=30,
    readiness=Readiness.HEALTH_FILE,
    secrets=frozenset({kafka_url_variable(topics.Service.PROCESSORS)}),
)
_WEBHOOKS = Service(
    name="webhooks",
    role="webhooks",
    module="webhook_dispatcher",
    order=30,
    readiness=Readiness.HEALTH_FILE,
    secrets=frozenset({kafka_url_variable(topics.Service.WEBHOOKS)}),
)
_GATEWAY_ORDER = 40


def gateway_names(workers: int) -> list[str]:
    """The names of the gateway processes: `gateway`, or `gateway-0` and so on when there are several."""
    return ["gateway"] if workers == 1 else [f"gateway-{worker}" for worker in range(workers)]


def gateway_socket_name(worker: int) -> str:
    """The file name of a gateway process's own Unix socket."""
    return f"gateway-{worker}.sock"


def stack_services(*, kafka: bool, clickhouse: bool, gateway_workers: int) -> list[Service]:
    """The services that a stack runs itself, those stopped last first.

    `kafka` and `clickhouse` are False when that part is external.
    """
    stores = [service for service, wanted in ((_KAFKA, kafka), (_CLICKHOUSE, clickhouse)) if wanted]
    gateways = [_gateway(name, worker) for worker, name in enumerate(gateway_names(gateway_workers))]
    return [*stores, _QUERY, _WRITER, _PROCESSORS, _WEBHOOKS, *gateways]


def _gateway(name: str, worker: int) -> Service:
    return Service(
        name=name,
        role="gateway",
        module="ingest_gateway",
        order=_GATEWAY_ORDER,
        readiness=Readiness.SOCKET,
        secrets=frozenset({kafka_url_variable(topics.Service.GATEWAY)}),
        environment={
            "PROMETHIOS_GATEWAY_WORKER": str(worker),
            "PROMETHIOS_GATEWAY_SOCKET": f"%(ENV_PROMETHIOS_SOCKET_DIR)s/{gateway_socket_name(worker)}",
        },
    )
