"""Settings of the Faust worker."""

from pydantic import Field

from runtime.settings import ProcessSettings


class ProcessorSettings(ProcessSettings):
    """What `python -m stream_processors` reads from the environment."""

    processors_instance: str | None = Field(
        default=None, description="the same at each start of one process: it gets its partitions back at once"
    )
    failpoint: str | None = Field(default=None, description="for tests: the step at which to be killed")
