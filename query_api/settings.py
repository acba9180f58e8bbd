"""Settings of the query API, from `PROMETHIOS_…`."""

from pydantic import Field, SecretStr

from runtime.outgoing import OutgoingSettings
from runtime.settings import ClickHouseSettings, ProcessSettings, kafka_url_field
from schemas.topics import Service


class QuerySettings(OutgoingSettings, ClickHouseSettings, ProcessSettings):
    """One process of the query API: where it listens and how long a query may take."""

    kafka_url: SecretStr = kafka_url_field(Service.QUERY)
    query_host: str = Field(default="127.0.0.1", description="address to listen on")
    query_port: int = Field(default=8090, ge=1, le=65535)
    query_seconds: int = Field(default=5, ge=1, le=300, description="time limit of one query in ClickHouse")
