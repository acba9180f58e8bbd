"""Settings of the Faust worker."""

from pydantic import Field, SecretStr

from runtime.settings import kafka_url_field
from schemas.topics import Service
from stream_processors.halting import HaltSettings


class ProcessorSettings(HaltSettings):
    """What `python -m stream_processors` reads from the environment."""

    kafka_url: SecretStr = kafka_url_field(Service.PROCESSORS)
    processors_instance: str | None = Field(
        default=None, description="the same at each start of one process: it gets its partitions back at once"
    )
    failpoint: str | None = Field(default=None, description="for tests: the step at which to be killed")
