"""The gateway's settings, from `PROMETHIOS_…`."""

from pathlib import Path

from pydantic import Field, SecretStr, field_validator

from ingest_gateway.limit_settings import LimitSettings
from runtime.kafka_disk import KafkaDiskSettings
from runtime.settings import ProcessSettings, kafka_url_field
from schemas.networks import Network, parse_networks
from schemas.topics import Service


class GatewaySettings(LimitSettings, KafkaDiskSettings, ProcessSettings):
    """Where to listen, whom to trust, and every limit."""

    kafka_url: SecretStr = kafka_url_field(Service.GATEWAY)
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

    @field_validator("gateway_trusted_proxies")
    @classmethod
    def _check_trusted_proxies(cls, value: str) -> str:
        parse_networks(value)
        return value

    @property
    def trusted_proxies(self) -> tuple[Network, ...]:
        """The networks of PROMETHIOS_GATEWAY_TRUSTED_PROXIES."""
        return parse_networks(self.gateway_trusted_proxies)

    @property
    def key_usage_ms(self) -> int:
        """PROMETHIOS_GATEWAY_KEY_USAGE_SECONDS in milliseconds."""
        return int(self.gateway_key_usage_seconds * 1000)
