"""Settings of the query API, from `PROMETHIOS_…`."""

from pydantic import Field, SecretStr, field_validator

from query_api.analyst_sql.engine_settings import Limits
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
    query_tails: int = Field(default=1000, ge=1, le=20_000, description="live tails that may be open")
    query_trusted_proxies: str = Field(
        default="", description="addresses or networks, comma-separated, whose X-Forwarded-For counts"
    )

    sql_seconds: int = Field(default=30, ge=1, le=3600, description="time limit of an analyst's query")
    sql_memory_mib: int = Field(default=1024, ge=16, description="memory of an analyst's query")
    sql_rows: int = Field(default=1_000_000, ge=1, description="rows of the result of an analyst's query")
    sql_result_mib: int = Field(default=512, ge=1, description="size of the result, as ClickHouse holds it")
    sql_at_once: int = Field(
        default=4, ge=1, le=64, description="analysts' queries that run at once, half of them of one tenant"
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

    @property
    def sql_limits(self) -> Limits:
        """What an analyst's query may take."""
        return Limits(
            seconds=self.sql_seconds,
            memory=self.sql_memory_mib << 20,
            rows=self.sql_rows,
            result=self.sql_result_mib << 20,
        )
