"""What `promethios` itself reads from the environment."""

import os
from typing import Self

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from infra.errors import StackError
from runtime.settings import wrong_variables
from schemas.topics import Service

_GIB = 1024**3


class StackSettings(BaseSettings):
    """Settings of a whole stack; the command's options stand in infra/cli."""

    model_config = SettingsConfigDict(
        env_prefix="PROMETHIOS_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    kafka_url: SecretStr | None = Field(default=None, description="An external Kafka; none is started then.")
    gateway_kafka_url: SecretStr | None = Field(default=None, description="The same Kafka, as another user,")
    processors_kafka_url: SecretStr | None = Field(default=None, description="for this service alone;")
    writer_kafka_url: SecretStr | None = Field(default=None, description="what has none")
    query_kafka_url: SecretStr | None = Field(default=None, description="uses `kafka_url`,")
    webhooks_kafka_url: SecretStr | None = Field(default=None, description="this one too.")
    kafka_insecure: bool = Field(
        default=False, description="An external Kafka that asks for no password is accepted."
    )
    clickhouse_url: SecretStr | None = Field(
        default=None, description="An external ClickHouse; none is started then."
    )
    kafka_disk_cap_bytes: int = Field(
        default=20 * _GIB,
        ge=_GIB,
        description="Above this the gateway answers 503; what is not stored yet is never deleted.",
    )
    kafka_advertised_host: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9._:-]+$",
        description="By what clients elsewhere reach the embedded broker, when it listens on all addresses.",
    )
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")

    @classmethod
    def from_env(cls) -> Self:
        """Read the environment.

        Raises:
            StackError: naming each variable that is wrong.
        """
        try:
            return cls()
        except ValidationError as error:
            raise StackError(wrong_variables(error)) from None

    def service_kafka_url(self, service: Service) -> SecretStr | None:
        """The URL for one service alone, where there is one."""
        return {
            Service.GATEWAY: self.gateway_kafka_url,
            Service.PROCESSORS: self.processors_kafka_url,
            Service.WRITER: self.writer_kafka_url,
            Service.QUERY: self.query_kafka_url,
            Service.WEBHOOKS: self.webhooks_kafka_url,
        }[service]


def child_environment(additions: dict[str, str]) -> dict[str, str]:
    """The environment of a child: this process's own, with `additions`."""
    return {**os.environ, **additions}
