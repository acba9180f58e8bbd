"""The gateway's settings, from `PROMETHIOS_…`."""

from pathlib import Path

from pydantic import Field, field_validator

from ingest_gateway.limits import Limits
from runtime.kafka_disk import KafkaDiskSettings
from runtime.settings import ProcessSettings
from schemas.networks import Network, parse_network

_MIB = 1024 * 1024


class GatewaySettings(KafkaDiskSettings, ProcessSettings):
    """Where to listen, and every limit with its default."""

    gateway_host: str = "127.0.0.1"
    gateway_port: int = Field(default=8080, ge=0, le=65535)
    gateway_worker: int = Field(default=0, ge=0, description="which of several workers on one port this is")
    gateway_socket: Path | None = Field(default=None, description="private unix socket of this worker")
    gateway_trusted_proxies: str = Field(
        default="", description="addresses or networks, comma-separated, whose X-Forwarded-For counts"
    )
    gateway_key_usage_seconds: float = Field(
        default=60.0, gt=0, description="the use of a key is noted at most once in that time"
    )

    gateway_max_body_bytes: int = Field(default=4 * _MIB, ge=1024, le=64 * _MIB)
    gateway_max_reading_bytes: int = Field(
        default=64 * _MIB, ge=1024, description="bodies that are being received, all requests together"
    )
    gateway_max_events: int = Field(default=10_000, ge=1, description="rows of one request")
    gateway_body_seconds: float = Field(default=30.0, gt=0, description="a body must have arrived by then")
    gateway_block_delay_seconds: float = Field(default=0.005, ge=0, le=1)
    gateway_block_bytes: int = Field(default=512 * 1024, ge=1024, le=4 * _MIB)
    gateway_unacknowledged_bytes: int = Field(default=64 * _MIB, ge=16 * _MIB)
    gateway_ack_seconds: float = Field(default=1.5, gt=0, description="else a request is told to repeat")

    @field_validator("gateway_trusted_proxies")
    @classmethod
    def _check_trusted_proxies(cls, value: str) -> str:
        _networks(value)
        return value

    @property
    def trusted_proxies(self) -> tuple[Network, ...]:
        """The networks of PROMETHIOS_GATEWAY_TRUSTED_PROXIES."""
        return _networks(self.gateway_trusted_proxies)

    @property
    def key_usage_ms(self) -> int:
        """PROMETHIOS_GATEWAY_KEY_USAGE_SECONDS in milliseconds."""
        return int(self.gateway_key_usage_seconds * 1000)

    @property
    def limits(self) -> Limits:
        """The limits in one value."""
        return Limits(
            max_body_bytes=self.gateway_max_body_bytes,
            max_reading_bytes=self.gateway_max_reading_bytes,
            max_events=self.gateway_max_events,
            body_seconds=self.gateway_body_seconds,
            block_delay_seconds=self.gateway_block_delay_seconds,
            block_bytes=self.gateway_block_bytes,
            unacknowledged_bytes=self.gateway_unacknowledged_bytes,
            ack_seconds=self.gateway_ack_seconds,
        )


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(parse_network(item) for item in text.split(",") if item.strip())
