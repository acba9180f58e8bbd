"""Settings that every process shares, and the one way to read them from the environment."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import SplitResult, quote, unquote, urlsplit

from pydantic import AliasChoices, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

KAFKA_URL = "PROMETHIOS_KAFKA_URL"
KAFKA_INSECURE = "PROMETHIOS_KAFKA_INSECURE"


class SettingsError(ValueError):
    """A setting is missing or wrong; the text names the variable and says what it must be."""


@dataclass(frozen=True)
class KafkaAddress:
    """Where the brokers are and how to speak to them, out of PROMETHIOS_KAFKA_URL."""

    bootstrap_servers: str
    security_protocol: str = "PLAINTEXT"
    username: str | None = None
    password: SecretStr | None = None

    @property
    def url(self) -> str:
        """The address in the form of PROMETHIOS_KAFKA_URL, password included."""
        scheme = next(scheme for scheme, used in _KAFKA_SCHEMES.items() if used == self.security_protocol)
        if self.username is None or self.password is None:
            return f"{scheme}://{self.bootstrap_servers}"
        user, password = quote(self.username, safe=""), quote(self.password.get_secret_value(), safe="")
        return f"{scheme}://{user}:{password}@{self.bootstrap_servers}"


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
        SettingsError: the URL has another form, SASL without a user and password, or these without SASL.
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
    if credentials and "sasl" not in scheme:
        raise SettingsError(f"PROMETHIOS_KAFKA_URL with {scheme} sends no password: use kafka+sasl_ssl://")
    if not credentials:
        return KafkaAddress(servers, _KAFKA_SCHEMES[scheme])
    return KafkaAddress(servers, _KAFKA_SCHEMES[scheme], unquote(user), SecretStr(unquote(password)))


def trusted_kafka(url: str, *, insecure: bool) -> KafkaAddress:
    """Read a Kafka URL as `parse_kafka_url` does, and refuse a cluster that asks nobody who they are.

    Whoever reaches such a cluster can write agents' keys and operators' tokens; `insecure` accepts that.

    Raises:
        SettingsError: see `parse_kafka_url`; or the URL has no user, and that was not accepted.
    """
    address = parse_kafka_url(url)
    if address.username is None and not insecure:
        raise SettingsError(
            f"{KAFKA_URL} names a Kafka without authentication, where whoever reaches it can make keys and "
            "operators: use kafka+sasl_ssl://user:password@..., see docs/kafka-access.md, or accept that by "
            f"{KAFKA_INSECURE}=1"
        )
    return address


def kafka_url_variable(service: str) -> str:
    """The variable that goes before PROMETHIOS_KAFKA_URL for one service, so that it can be a user apart."""
    return f"PROMETHIOS_{service.upper()}_KAFKA_URL"


def kafka_url_field(service: str) -> Any:  # noqa: ANN401 - pydantic's fields have the type of what they stand for
    """The setting `kafka_url` of a service that has a variable of its own for it."""
    return Field(
        validation_alias=AliasChoices(kafka_url_variable(service), KAFKA_URL), description=_KAFKA_FORM
    )


def wrong_variables(error: ValidationError) -> str:
    """What a person must mend in the environment: each variable with what it must be."""
    return "; ".join(f"{_variable(wrong['loc'])}: {wrong['msg']}" for wrong in error.errors())


def _variable(location: tuple[int | str, ...]) -> str:
    name = "_".join(map(str, location)).upper()
    if not name.startswith("PROMETHIOS_"):
        return f"PROMETHIOS_{name}"
    # An alias, of which pydantic names the first, whichever was set.
    return f"{name} or {KAFKA_URL}" if name.endswith("_KAFKA_URL") else name


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
        env_prefix="PROMETHIOS_",
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
        populate_by_name=True,
    )

    kafka_insecure: bool = Field(default=False, description="a Kafka that asks for no password is accepted")
    kafka_url: SecretStr = Field(description=_KAFKA_FORM)
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    run_dir: Path | None = Field(default=None, description="where a process leaves its health address")

    @field_validator("kafka_url")
    @classmethod
    def _check_kafka_url(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        trusted_kafka(value.get_secret_value(), insecure=info.data.get("kafka_insecure", False))
        return value

    @property
    def kafka(self) -> KafkaAddress:
        """The parsed `kafka_url`."""
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
            raise SettingsError(wrong_variables(error)) from None


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
