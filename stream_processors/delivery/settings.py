"""Settings of an audit of deliveries."""

from pydantic import Field

from runtime.settings import ClickHouseSettings, ProcessSettings


class DeliverySettings(ClickHouseSettings, ProcessSettings):
    """What `python -m stream_processors.delivery` reads from the environment."""

    delivery_hours: int | None = Field(
        default=None, ge=1, description="so many whole hours and the present one"
    )
