"""The writer as a process of a test's own."""

from pathlib import Path
from urllib.parse import quote

from runtime.settings import KafkaAddress
from schemas.tables import DATABASE
from schemas.topics import Service
from tests.infra.embedded.clickhouse.front import PASSWORD, USER, EmbeddedClickHouse
from tests.integration.stream_process import StreamProcess


def clickhouse_url(port: int) -> str:
    """The URL of an embedded ClickHouse, or of a proxy before one."""
    return f"http://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{port}/{DATABASE}"


class WriterProcess(StreamProcess):
    """`python -m stream_processors.writer`."""

    def __init__(
        self, address: KafkaAddress, clickhouse: EmbeddedClickHouse, folder: Path, instance: str | None
    ) -> None:
        """`instance` is the static membership: a restart need not wait for a session to time out."""
        settings = {
            "clickhouse_url": clickhouse_url(clickhouse.port),
            "writer_checkpoint_seconds": "0.5",
        }
        if instance is not None:
            settings["writer_instance"] = instance
        super().__init__("stream_processors.writer", Service.WRITER, address, folder, settings)

    async def metric(self, name: str) -> float:
        """The sum of a metric over its labels; 0 while the process does not answer."""
        return sum(value for _, value in await self.samples(name))
