"""The settings' defaults are the limits' defaults."""

from ingest_gateway.limits import Limits
from ingest_gateway.settings import GatewaySettings


def test_defaults_are_said_once_and_the_same() -> None:
    settings = GatewaySettings.model_validate({"kafka_url": "kafka://localhost:9092"})
    assert settings.limits == Limits()
