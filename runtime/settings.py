"""Settings that every process shares, and the one way to read them from the environment."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import SplitResult, unquote, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class SettingsError(ValueError):
    """A setting is missing or wrong; the text names the variable and says what it must be."""


@dataclass(frozen=True)
class KafkaAddress:
    """Where the brokers are and how to speak to them, out of PROMETHIOS_KAFKA_URL."""

    bootstrap_servers: str
    security_protocol: str = "PLAINTEXT"
    username: str | None = None
    password: SecretStr | None = None


@dataclass(frozen=True)
class ClickHouseAddress:
    """Where ClickHouse is, out of PROMETHIOS_CLICKHOUSE_URL."""

    host: str
    port: int
    username: str
    password: SecretStr
    database: str
    secure: bool


_KAFKA_SCHEMES = {
    "kafka": "PLAINTEXT",
    "kafka+ssl": "SSL",
    "kafka+sasl_plaintext": "SASL_PLAINTEXT",
    "kafka+sasl_ssl": "SASL_SSL",
}
_KAFKA_FORM = "kafka[+ssl|+sasl_plaintext|+sasl_ssl]://[user:password@]host:port[,host:port]"
_CLICKHOUSE_FORM = "http[s]://user:password@host:port/database"


def parse_kafka_url(url: str) -> KafkaAddress:
    """Read `kafka[+sasl_ssl]://user:password@host:port,host:port`.

    Raises:
        SettingsError: the URL has another form, or SASL without a user and password.
    """
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in _KAFKA_SCHEMES:
        raise SettingsError(f"PROMETHIOS_KAFKA_URL must look like {_KAFKA_FORM}")
    credentials, _, servers = rest.rpartition("@")
    user, _, password = credentials.partition(":")
    servers = servers.rstrip("/")
    if not all(_is_host_port(server) for server in servers.split(",")):
        raise SettingsError(f"PROMETHIOS_KAFKA_URL must name each broker as host:port, as in {_KAFKA_FORM}")
    if "sasl" in scheme and not (user and password):
        raise SettingsError(f"PROMETHIOS_KAFKA_URL with {scheme} needs user:password@ before the brokers")
    if not credentials:
        return KafkaAddress(servers, _KAFKA_SCHEMES[scheme])
    return KafkaAddress(servers, _KAFKA_SCHEMES[scheme], unquote(user), SecretStr(unquote(password)))


def parse_clickhouse_url(url: str) -> ClickHouseAddress:
    """Read `http[s]://user:password@host:port/database`.

    Raises:
        SettingsError: the URL has another form.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not parts.path.strip("/"):
        raise SettingsError(f"PROMETHIOS_CLICKHOUSE_URL must look like {_CLICKHOUSE_FORM}")
    secure = parts.scheme == "https"
    return ClickHouseAddress(
        host=parts.hostname,
        port=_port_of(parts) or (8443 if secure else 8123),
        username=unquote(parts.username or "default"),
        password=SecretStr(unquote(parts.password or "")),
        database=parts.path.strip("/"),
        secure=secure,
    )


def _port_of(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError as error:
        raise SettingsError(f"PROMETHIOS_CLICKHOUSE_URL must look like {_CLICKHOUSE_FORM}") from error


def _is_host_port(text: str) -> bool:
    host, _, port = text.rpartition(":")
    return bool(host) and port.isascii() and port.isdigit() and 0 < int(port) < 65536


class ProcessSettings(BaseSettings):
    """What every process reads; subclasses add their own variables with the prefix PROMETHIOS_."""

    model_config = SettingsConfigDict(
        env_prefix="PROMETHIOS_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    kafka_url: SecretStr = Field(description=_KAFKA_FORM)
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    run_dir: Path | None = Field(default=None, description="where a process leaves its health address")

    @field_validator("kafka_url")
    @classmethod
    def _check_kafka_url(cls, value: SecretStr) -> SecretStr:
        parse_kafka_url(value.get_secret_value())
        return value

    @property
    def kafka(self) -> KafkaAddress:
        """The parsed PROMETHIOS_KAFKA_URL."""
        return parse_kafka_url(self.kafka_url.get_secret_value())

    @classmethod
    def from_env(cls) -> Self:
        """Read the environment once.

        Raises:
            SettingsError: naming each variable that is missing or wrong.
        """
        try:
            return cls()
        except ValidationError as error:
            lines = [
                f"{'_'.join(['PROMETHIOS', *map(str, e['loc'])]).upper()}: {e['msg']}" for e in error.errors()
            ]
            raise SettingsError("; ".join(lines)) from None


class ClickHouseSettings(BaseSettings):
    """The variables of a process that speaks to ClickHouse; mixed into its settings."""

    clickhouse_url: SecretStr = Field(description=_CLICKHOUSE_FORM)

    @field_validator("clickhouse_url")
    @classmethod
    def _check_clickhouse_url(cls, value: SecretStr) -> SecretStr:
        parse_clickhouse_url(value.get_secret_value())
        return value

    @property
    def clickhouse(self) -> ClickHouseAddress:
        """The parsed PROMETHIOS_CLICKHOUSE_URL."""
        return parse_clickhouse_url(self.clickhouse_url.get_secret_value())
