"""Settings of the dispatcher, from PROMETHIOS_WEBHOOKS_… and the variables that all processes share."""

from pydantic import Field, SecretStr

from runtime.outgoing import OutgoingSettings
from runtime.settings import ProcessSettings, kafka_url_field
from schemas.topics import Service
from webhook_dispatcher.progress import RetryPolicy

_DAY_SECONDS = 24 * 60 * 60


class WebhookSettings(OutgoingSettings, ProcessSettings):
    """One dispatcher process; times are seconds."""

    kafka_url: SecretStr = kafka_url_field(Service.WEBHOOKS)
    webhooks_timeout_seconds: float = Field(
        default=15,
        gt=0,
        le=300,
        description="for a request, from looking up its name on",
    )
    webhooks_first_retry_seconds: float = Field(
        default=2, gt=0, description="the pause after the first failure; doubled with each further one"
    )
    webhooks_longest_retry_seconds: float = Field(default=3600, gt=0, description="the longest pause")
    webhooks_give_up_seconds: float = Field(
        default=3 * _DAY_SECONDS, gt=0, description="so long a notification waits for an endpoint that fails"
    )
    webhooks_queue: int = Field(
        default=100,
        ge=1,
        le=10_000,
        description="in memory for one endpoint; others wait in Kafka",
    )
    webhooks_stall_seconds: float = Field(
        default=60, gt=0, description="a log that goes on without coming here ends the process"
    )
    webhooks_instance: str | None = Field(
        default=None, description="the same at each start of one process: it gets its webhooks back at once"
    )

    @property
    def retry_policy(self) -> RetryPolicy:
        """The three times of retrying."""
        return RetryPolicy(
            first=self.webhooks_first_retry_seconds,
            longest=self.webhooks_longest_retry_seconds,
            give_up=self.webhooks_give_up_seconds,
        )
