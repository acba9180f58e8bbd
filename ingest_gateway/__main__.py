"""`python -m ingest_gateway`: one worker of the gateway, until SIGTERM."""

import dataclasses
import gc
import signal
import socket
import sys

import uvicorn
import uvloop
from msgspec import Struct
from setproctitle import setproctitle

from ingest_gateway.authentication import Authenticator
from ingest_gateway.disk_guard import DiskGuard
from ingest_gateway.gateway import Gateway
from ingest_gateway.kafka_sink import KafkaSink
from ingest_gateway.listening import ListenError, listen_tcp, listen_unix
from ingest_gateway.metrics import GatewayMetrics
from ingest_gateway.routes import application
from ingest_gateway.settings import GatewaySettings
from runtime import logging
from runtime.allocator import keep_freed_memory
from runtime.connection_limits import ConnectionLimits
from runtime.control_log import ControlReader
from runtime.guarded_protocol import guarded
from runtime.key_usage import KeyUsage
from runtime.key_usage_publisher import KeyUsagePublisher
from runtime.open_files import allow_open_files
from runtime.settings import SettingsError
from schemas.control import CONTROL_TYPES
from schemas.topics import Topic

_log = logging.get_logger(__name__)
_FOLLOWED = (Topic.AGENTS, Topic.API_KEYS, Topic.PRIVACY_POLICIES, Topic.PRICES)
_IN_FLIGHT_SECONDS = 4
# What the process has open beside its clients: brokers, topics, logs, sockets to listen on.
_OTHER_FILES = 200


def main() -> None:
    """Read the environment, listen and serve."""
    try:
        settings = GatewaySettings.from_env()
        sockets = [listen_tcp(settings.gateway_host, settings.gateway_port)]
        if settings.gateway_socket is not None:
            sockets.append(listen_unix(settings.gateway_socket))
    except (SettingsError, ListenError) as error:
        sys.exit(str(error))
    name = f"gateway-{settings.gateway_worker}" if settings.gateway_worker else "gateway"
    setproctitle(f"promethios: {name}")
    logging.configure(name, settings.log_level)
    # uvicorn raises the signal anew once it has stopped; then we still have to send what was accepted.
    signal.signal(signal.SIGTERM, lambda *_: None)
    signal.signal(signal.SIGINT, lambda *_: None)
    uvloop.run(_serve(settings, name, sockets))


async def _serve(settings: GatewaySettings, name: str, sockets: list[socket.socket]) -> None:
    client_id = f"promethios-{name}"
    followed: dict[str, type[Struct]] = {topic: CONTROL_TYPES[topic] for topic in _FOLLOWED}
    usage = KeyUsage(settings.key_usage_ms)
    publisher = KeyUsagePublisher(usage, settings.kafka, client_id=client_id)
    gateway = Gateway(
        KafkaSink(settings.kafka, Topic.TELEMETRY, client_id=client_id),
        lambda: ControlReader(settings.kafka, followed, client_id),
        settings.limits,
        GatewayMetrics(settings.gateway_worker),
        _disk_guard(settings),
        authenticator=Authenticator(settings.trusted_proxies, usage),
    )
    server = uvicorn.Server(
        uvicorn.Config(
            application(gateway, settings.gateway_socket),
            http=guarded(_connection_limits(settings), gateway.metrics.count_rejection),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=_IN_FLIGHT_SECONDS,
        )
    )
    gateway.metrics.connections.set_function(lambda: len(server.server_state.connections))
    gateway.start()
    publisher.start()
    _spare_the_collector()
    keep_freed_memory()
    await server.serve(sockets)
    await gateway.stop()
    await publisher.stop()
    if settings.gateway_socket is not None:
        settings.gateway_socket.unlink(missing_ok=True)


def _connection_limits(settings: GatewaySettings) -> ConnectionLimits:
    """The limits, with no more connections than there can be: without a file left, Kafka is out of reach."""
    limits = settings.connection_limits
    possible = allow_open_files(limits.max_connections + _OTHER_FILES) - _OTHER_FILES
    if possible >= limits.max_connections:
        return limits
    _log.warning(
        "fewer_connections", most=possible, wanted=limits.max_connections, cause="limit of open files"
    )
    return dataclasses.replace(limits, max_connections=max(1, possible))


def _disk_guard(settings: GatewaySettings) -> DiskGuard | None:
    if settings.kafka_log_dir is None:
        return None
    return DiskGuard(settings.kafka_log_dir, settings.kafka_disk_limits)


def _spare_the_collector() -> None:
    """What is imported lives for ever, and events are freed by their counts: collect cycles rarely."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


if __name__ == "__main__":
    main()
