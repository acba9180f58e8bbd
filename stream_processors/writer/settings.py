"""Settings of the writer, from PROMETHIOS_WRITER_… and the variables that all processes share."""

from pydantic import Field, SecretStr

from runtime.kafka_disk import KafkaDiskSettings
from runtime.settings import ClickHouseSettings, kafka_url_field
from schemas.topics import Service
from stream_processors.halting import HaltSettings

_MIB = 1024 * 1024


class WriterSettings(KafkaDiskSettings, ClickHouseSettings, HaltSettings):
    """One writer process. Sizes are bytes, times are seconds.

    Chunk sizes may change between starts: a chunk that was begun is finished by its intent.
    """

    kafka_url: SecretStr = kafka_url_field(Service.WRITER)
    writer_chunk_bytes: int = Field(default=4 * _MIB, ge=1, description="a chunk is cut at this size,")
    writer_chunk_seconds: float = Field(default=0.5, gt=0, description="or when its first record is so old")
    writer_insert_seconds: float = Field(
        default=30, gt=0, description="an insert without an answer for so long is tried again"
    )
    writer_inserts: int = Field(default=4, ge=1, le=64, description="inserts that run at once")
    writer_checkpoint_seconds: float = Field(
        default=5, gt=0, description="between checkpoints of a partition"
    )
    writer_alarm_seconds: float = Field(
        default=900,
        gt=0,
        description="not ready when a record has waited so long; Kafka keeps them for days",
    )
    writer_retention_seconds: float = Field(
        default=3600, gt=0, description="between looks for what tenants want to be gone"
    )
    writer_stall_seconds: float = Field(default=60, gt=0, description="lag without progress ends the process")
    writer_instance: str | None = Field(
        default=None, description="the same at each start of one process: it gets its partitions back at once"
    )
    failpoint: str | None = Field(
        default=None, description="for tests: the step to die at, as name or name:n"
    )
