"""Settings of the query API, from `PROMETHIOS_…`."""

import secrets
from pathlib import Path

from pydantic import Field, SecretStr, field_validator

from query_api.analyst_sql.engine_settings import Limits
from query_api.oidc.settings import OidcSettings
from runtime.outgoing import OutgoingSettings
from runtime.settings import ClickHouseSettings, ProcessSettings, SettingsError, kafka_url_field
from schemas.networks import Network, parse_networks
from schemas.topics import Service

_SECRET_BYTES = 32


class QuerySettings(OidcSettings, OutgoingSettings, ClickHouseSettings, ProcessSettings):
    """One process of the query API: where it listens and how long a query may take."""

    kafka_url: SecretStr = kafka_url_field(Service.QUERY)
    query_host: str = Field(default="127.0.0.1", description="address to listen on")
    query_port: int = Field(default=8090, ge=1, le=65535)
    query_seconds: int = Field(default=5, ge=1, le=300, description="time limit of one query in ClickHouse")
    query_tails: int = Field(default=1000, ge=1, le=20_000, description="live tails that may be open")
    query_downloads: int = Field(default=2, ge=1, le=64, description="downloads that may be under way")
    query_download_rows: int = Field(default=5_000_000, ge=1, description="entries of one download")
    query_download_bytes: int = Field(default=4 * 1024**3, ge=1, description="a download is cut off there")
    query_download_seconds: int = Field(default=600, ge=1, le=86_400, description="and then")
    query_link_seconds: int = Field(default=900, ge=1, le=86_400, description="how long a link is good")
    query_link_secret_file: Path | None = Field(
        default=None, description="the same for all processes, 32 bytes or more; else each makes its own"
    )
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

    def read_link_secret(self) -> bytes:
        """What links are signed with; a new one where no file is named.

        Raises:
            SettingsError: the file cannot be read, or holds too little.
        """
        if self.query_link_secret_file is None:
            return secrets.token_bytes(_SECRET_BYTES)
        try:
            secret = self.query_link_secret_file.read_bytes().strip()
        except OSError as error:
            raise SettingsError(f"PROMETHIOS_QUERY_LINK_SECRET_FILE: {error}") from error
        if len(secret) < _SECRET_BYTES:
            raise SettingsError(f"PROMETHIOS_QUERY_LINK_SECRET_FILE: it needs {_SECRET_BYTES} bytes or more")
        return secret
