"""aiokafka clients, made in one way: address and credentials from the settings, our durability and sizes."""

import ssl
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from runtime.kafka_blocks import BlockProducer
from runtime.kafka_compression import use_fast_lz4
from runtime.settings import KafkaAddress

_MIB = 1024 * 1024
_MAX_REQUEST = 16 * _MIB
_SASL_MECHANISM = "SCRAM-SHA-512"

_PRODUCER: dict[str, Any] = {
    "acks": "all",
    "enable_idempotence": True,
    "compression_type": "lz4",
    "max_request_size": _MAX_REQUEST,
    "request_timeout_ms": 30_000,
    "retry_backoff_ms": 100,
}


def connection(address: KafkaAddress) -> dict[str, Any]:
    """The arguments that every aiokafka client takes to reach the brokers."""
    arguments: dict[str, Any] = {
        "bootstrap_servers": address.bootstrap_servers,
        "security_protocol": address.security_protocol,
    }
    if address.security_protocol.endswith("SSL"):
        arguments["ssl_context"] = ssl.create_default_context()
    if address.security_protocol.startswith("SASL") and address.password is not None:
        arguments["sasl_mechanism"] = _SASL_MECHANISM
        arguments["sasl_plain_username"] = address.username
        arguments["sasl_plain_password"] = address.password.get_secret_value()
    return arguments


def producer(address: KafkaAddress, *, client_id: str, **options: Any) -> AIOKafkaProducer:  # noqa: ANN401 - aiokafka's own
    """A producer that waits for all replicas and never reorders or repeats (not yet started)."""
    use_fast_lz4()
    return AIOKafkaProducer(client_id=client_id, **connection(address), **(_PRODUCER | options))


def block_producer(address: KafkaAddress, *, client_id: str, **options: Any) -> BlockProducer:  # noqa: ANN401 - as above
    """The same for few large records; `max_batch_size` is wanted (not yet started)."""
    return BlockProducer(client_id=client_id, **connection(address), **(_PRODUCER | options))


def consumer(address: KafkaAddress, *topics: str, client_id: str, **options: Any) -> AIOKafkaConsumer:  # noqa: ANN401 - aiokafka's own
    """A consumer that commits nothing by itself and refuses to guess an offset (not yet started)."""
    defaults: dict[str, Any] = {
        "enable_auto_commit": False,
        "auto_offset_reset": "none",
        "max_partition_fetch_bytes": 4 * _MIB,
        "fetch_max_bytes": 16 * _MIB,
    }
    return AIOKafkaConsumer(*topics, client_id=client_id, **connection(address), **(defaults | options))


def admin(address: KafkaAddress, *, client_id: str) -> AIOKafkaAdminClient:
    """An admin client (not yet started)."""
    return AIOKafkaAdminClient(client_id=client_id, **connection(address))
