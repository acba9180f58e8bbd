"""Every limit of the gateway as a setting; `docs/limits.md` lists them."""

from dataclasses import fields

from pydantic import Field
from pydantic_settings import BaseSettings

from ingest_gateway.limits import Limits
from runtime.connection_limits import ConnectionLimits
from schemas.nesting import MAX_NESTING

_KIB = 1024
_MIB = 1024 * _KIB
_GIB = 1024 * _MIB
_PREFIX = "gateway_"


class LimitSettings(BaseSettings):
    """Mixed into the gateway's settings; each is named as the limit that it sets, with a prefix."""

    gateway_max_body_bytes: int = Field(
        default=4 * _MIB, ge=_KIB, le=64 * _MIB, description="of a body as it is sent"
    )
    gateway_max_decoded_bytes: int = Field(
        default=8 * _MIB, ge=_KIB, le=64 * _MIB, description="of a compressed body when it is unpacked"
    )
    gateway_max_ratio: int = Field(
        default=100, ge=1, description="how many times its size a body may unpack to, beyond the first MiB"
    )
    gateway_max_reading_bytes: int = Field(
        default=64 * _MIB,
        ge=_KIB,
        description="bodies that are being received, all together; and that wait to be worked on",
    )
    gateway_max_events: int = Field(default=10_000, ge=1, description="rows of one request")
    gateway_max_event_bytes: int = Field(
        default=256 * _KIB, ge=_KIB, le=4 * _MIB, description="of one row, as it is stored"
    )
    gateway_max_values: int = Field(
        default=500_000, ge=1000, description="JSON values of one request, counted by their commas"
    )
    gateway_max_keys: int = Field(default=1024, ge=1, description="of one object in free JSON")
    gateway_max_text_length: int = Field(
        default=65_536, ge=1, description="characters of one text in free JSON"
    )
    gateway_max_nesting: int = Field(
        default=MAX_NESTING, ge=1, le=MAX_NESTING, description="objects and arrays around one another"
    )
    gateway_requests_per_second: int = Field(default=100_000, ge=1, description="of one key")
    gateway_events_per_second: int = Field(default=2_000_000, ge=1, description="rows, of one key")
    gateway_bytes_per_second: int = Field(default=_GIB, ge=1, description="unpacked, of one key")
    gateway_remembered_keys: int = Field(
        default=50_000, ge=1, description="Idempotency-Keys whose reuse for another body is noticed, at least"
    )
    gateway_block_delay_seconds: float = Field(
        default=0.005,
        ge=0,
        le=1,
        description="how long a block waits for more rows; a fifth of it while no other is under way",
    )
    gateway_block_bytes: int = Field(
        default=512 * _KIB, ge=_KIB, le=4 * _MIB, description="a block of that size waits no longer"
    )
    gateway_unacknowledged_bytes: int = Field(
        default=64 * _MIB, ge=16 * _MIB, description="rows that wait for Kafka; more are answered 503"
    )
    gateway_ack_seconds: float = Field(
        default=1.5, gt=0, description="Kafka has to answer by then, else a request is told to repeat"
    )
    gateway_max_connections: int = Field(default=20_000, ge=1, description="open at the same time")
    gateway_max_head_bytes: int = Field(
        default=16 * _KIB, ge=_KIB, description="of a request's line and headers"
    )
    gateway_max_headers: int = Field(default=100, ge=10, description="of a request")
    gateway_max_url_bytes: int = Field(default=8 * _KIB, ge=256, description="of a request's target")
    gateway_idle_seconds: float = Field(
        default=75.0, gt=0, description="a connection without a request is closed then"
    )
    gateway_head_seconds: float = Field(
        default=10.0, gt=0, description="a request's headers must have arrived by then"
    )
    gateway_body_seconds: float = Field(default=30.0, gt=0, description="a body must have arrived by then")
    gateway_write_seconds: float = Field(
        default=30.0, gt=0, description="a client that takes none of its answers is cut off then"
    )

    @property
    def limits(self) -> Limits:
        """What requests, keys, blocks and the process may take."""
        return Limits(**{limit.name: getattr(self, _PREFIX + limit.name) for limit in fields(Limits)})

    @property
    def connection_limits(self) -> ConnectionLimits:
        """What a connection may take."""
        return ConnectionLimits(
            **{limit.name: getattr(self, _PREFIX + limit.name) for limit in fields(ConnectionLimits)}
        )
