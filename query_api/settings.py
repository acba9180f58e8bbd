"""Settings of the query API, from `PROMETHIOS_…`."""

from pydantic import Field, SecretStr, field_validator

from query_api.oidc.settings import OidcSettings
from runtime.outgoing import OutgoingSettings
from runtime.settings import ClickHouseSettings, ProcessSettings, kafka_url_field
from schemas.networks import Network, parse_networks
from schemas.topics import Service


class QuerySettings(OidcSettings, OutgoingSettings, ClickHouseSettings, ProcessSettings):
    """One process of the query API: where it listens and how long a query may take."""

    kafka_url: SecretStr = kafka_url_field(Service.QUERY)
    query_host: str = Field(default="127.0.0.1", description="address to listen on")
    query_port: int = Field(default=8090, ge=1, le=65535)
    query_seconds: int = Field(default=5, ge=1, le=300, description="time limit of one query in ClickHouse")
    query_trusted_proxies: str = Field(
        default="", description="addresses or networks, comma-separated, whose X-Forwarded-For counts"
    )

    @field_validator("query_trusted_proxies")
    @classmethod
    def _check_trusted_proxies(cls, value: str) -> str:
        parse_networks(value)
        return value

    @property
    def trusted_proxies(self) -> tuple[Network, ...]:
        """The networks of PROMETHIOS_QUERY_TRUSTED_PROXIES."""
        return parse_networks(self.query_trusted_proxies)
