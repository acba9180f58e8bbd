"""Settings of a verification."""

from pydantic import Field

from runtime.settings import ProcessSettings


class VerificationSettings(ProcessSettings):
    """What `python -m stream_processors.verification` reads from the environment."""

    verify_partition: int | None = Field(default=None, ge=0, description="this partition only")
