"""The Faust worker as a process of a test's own."""

from pathlib import Path

from runtime.settings import KafkaAddress
from schemas.topics import Service
from tests.integration.stream_process import StreamProcess, until


class WorkerProcess(StreamProcess):
    """`python -m stream_processors`."""

    def __init__(self, address: KafkaAddress, folder: Path, instance: str | None = None) -> None:
        """`instance` is the static membership: a restart need not wait for a session to time out."""
        settings = {} if instance is None else {"processors_instance": instance}
        super().__init__("stream_processors", Service.PROCESSORS, address, folder, settings)

    async def has_stored(self, offsets: list[tuple[int, int]], *, supervised: bool = False) -> None:
        """Wait until the fences of the partitions have reached these offsets.

        `supervised` starts it again when it has ended, as the supervisor does: after a fault it may.
        """
        wanted: dict[int, int] = {}
        for partition, offset in offsets:
            wanted[partition] = max(offset, wanted.get(partition, 0))

        async def reached() -> bool:
            if supervised and not self.is_running:
                self.start()
            assert self.is_running, self.log
            fences = await self.metric("promethios_processors_stored_offset")
            return all(fences.get(partition, -1) >= offset for partition, offset in wanted.items())

        await until(f"everything is stored up to {wanted}", reached)

    async def metric(self, name: str) -> dict[int, float]:
        """The values of a metric by partition."""
        return {int(labels.split('"')[1]): value for labels, value in await self.samples(name)}
