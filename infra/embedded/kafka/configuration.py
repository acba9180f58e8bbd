"""The broker's `server.properties`: one node that is broker and controller, sized for one machine."""

from dataclasses import dataclass
from pathlib import Path

from infra.embedded.kafka.security import CONTROLLER, INTERNAL, PUBLIC, security_properties

_MIB = 1024 * 1024
_MAX_MESSAGE_BYTES = 16 * _MIB
_NODE_ID = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Listeners:
    """Where a broker listens: for the public on `host:port`, for ourselves and its controller on loopback.

    The ports on loopback may change between starts. A broker tells each client where to come back to, which
    a wildcard cannot be: such a `host` needs an `advertised_host`, by which clients elsewhere reach it.
    `anonymous`: the public needs no password.
    """

    host: str
    port: int
    internal_port: int
    controller_port: int
    anonymous: bool
    advertised_host: str | None = None


def server_properties(listeners: Listeners, log_dir: Path, secret: str) -> dict[str, str]:
    """Build the broker's properties; by `secret` it knows itself.

    No topic is made unasked, and ours bring their own retention: the defaults here serve topics that others
    make.
    """
    return {
        **_listener_properties(listeners),
        **security_properties(anonymous=listeners.anonymous, secret=secret),
        **_ONE_NODE,
        **_SIZES,
        **_RETENTION,
        "log.dirs": str(log_dir),
    }


def render(properties: dict[str, str]) -> str:
    """Write properties in Java's format.

    Backslashes are doubled; a line break in a value would start another property, so it is refused.

    Raises:
        ValueError: a value holds a line break.
    """
    for name, value in properties.items():
        if "\n" in value or "\r" in value:
            msg = f"the broker's setting {name} holds a line break: {value!r}"
            raise ValueError(msg)
    return "".join(f"{name}={value.replace(chr(92), chr(92) * 2)}\n" for name, value in properties.items())


def _listener_properties(wanted: Listeners) -> dict[str, str]:
    controller = f"127.0.0.1:{wanted.controller_port}"
    internal = f"127.0.0.1:{wanted.internal_port}"
    public = _authority(wanted.host, wanted.port)
    advertised = _authority(wanted.advertised_host or wanted.host, wanted.port)
    return {
        "process.roles": "broker,controller",
        "node.id": str(_NODE_ID),
        # A static quorum: its address is read anew at each start, so the controller's port can be ephemeral.
        "controller.quorum.voters": f"{_NODE_ID}@{controller}",
        "listeners": _urls({PUBLIC: public, INTERNAL: internal, CONTROLLER: controller}),
        "advertised.listeners": _urls({PUBLIC: advertised, INTERNAL: internal}),
        "inter.broker.listener.name": INTERNAL,
        "controller.listener.names": CONTROLLER,
    }


def _urls(listeners: dict[str, str]) -> str:
    return ",".join(f"{name}://{authority}" for name, authority in listeners.items())


def _authority(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


_ONE_NODE = {
    "auto.create.topics.enable": "false",
    "num.partitions": "4",
    "default.replication.factor": "1",
    "min.insync.replicas": "1",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    # Groups form at once: a start need not wait for members that may never come.
    "group.initial.rebalance.delay.ms": "0",
    # After a SIGKILL the restarted broker is let in when its former session has ended.
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
    # Twice a second the controller would write down that nothing has happened, for followers to see it live.
    "metadata.max.idle.interval.ms": "0",
}

_SIZES = {
    "message.max.bytes": str(_MAX_MESSAGE_BYTES),
    "replica.fetch.max.bytes": str(_MAX_MESSAGE_BYTES),
    # Blocks are up to 512 KiB each and wait on the heap, so fewer requests may queue than by default.
    "queued.max.requests": "100",
    # Sized by the kernel, to megabytes: with the default of 100 KiB a request comes in many small pieces.
    "socket.receive.buffer.bytes": "-1",
    "socket.send.buffer.bytes": "-1",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "background.threads": "2",
    "num.recovery.threads.per.data.dir": "2",
    # The default of 128 MiB is a quarter of our heap.
    "log.cleaner.dedupe.buffer.size": str(16 * _MIB),
    "log.cleaner.backoff.ms": "5000",
    "log.segment.bytes": str(256 * _MIB),
}

_RETENTION = {
    "log.retention.hours": str(7 * 24),
    # No `log.retention.bytes`: a full disk must refuse new events, not delete what has not been stored yet.
    # What was deleted to make room must go soon, not within the defaults of half a minute and 5 minutes.
    "log.initial.task.delay.ms": "5000",
    "log.retention.check.interval.ms": "5000",
    "offsets.retention.minutes": str(30 * 24 * 60),
}
