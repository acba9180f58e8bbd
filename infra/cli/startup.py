"""Bring a stack up: wait for each service, create topics, apply migrations, and say how long each took."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka.errors import KafkaError
from rich.console import Console

from infra.cli.logs import tail
from infra.clickhouse.migrate import migrate
from infra.errors import StackError
from infra.kafka.access import secure_embedded
from infra.kafka.operators import ensure_admin
from infra.kafka.passwords import read_passwords
from infra.kafka.topics import ensure_topics
from infra.supervisor.control import Supervisor
from infra.supervisor.data_folder import DataFolder
from infra.supervisor.deaths import DeathWatch
from infra.supervisor.ports import is_loopback
from infra.supervisor.readiness import is_ready
from infra.supervisor.services import Readiness, Service
from infra.supervisor.stack_file import StackFile
from runtime.settings import ClickHouseAddress, KafkaAddress

_POLL_SECONDS = 0.1
_WATCH_SECONDS = 0.25
_DEADLINE_SECONDS = 240.0
_LOG_LINES = 30


@dataclass(frozen=True, kw_only=True)
class Startup:
    """One start of a stack whose supervisor has been launched at `began` (of `time.monotonic`)."""

    folder: DataFolder
    stack: StackFile
    services: list[Service]
    supervisor: Supervisor
    kafka: KafkaAddress
    clickhouse: ClickHouseAddress
    console: Console
    began: float = field(default_factory=time.monotonic)

    async def run(self) -> None:
        """Return when every service is ready, the topics are there and the tables have their newest form.

        Raises:
            StackError: a service keeps dying, the deadline has passed, or topics or tables cannot be made.
        """
        stores_ready = {kind: asyncio.Event() for kind in (Readiness.KAFKA, Readiness.CLICKHOUSE)}
        for kind in stores_ready.keys() - {service.readiness for service in self.services}:
            stores_ready[kind].set()
        waiting = {service.name for service in self.services} | {"topics", "migrations"}
        steps = [self._service(service, stores_ready, waiting) for service in self.services]
        steps.append(self._step("topics", stores_ready[Readiness.KAFKA], self._make_topics, waiting))
        steps.append(self._step("migrations", stores_ready[Readiness.CLICKHOUSE], self._migrate, waiting))
        watch = asyncio.create_task(self._watch())
        try:
            async with asyncio.timeout(_DEADLINE_SECONDS):
                await _first_failure_or_all(watch, steps)
        except TimeoutError:
            raise StackError(
                f"Not ready after {_DEADLINE_SECONDS:.0f} seconds: {', '.join(sorted(waiting))}. "
                f"Look at the logs in {self.folder.logs}.\n{self._log_tails(waiting)}"
            ) from None

    async def _service(
        self, service: Service, stores_ready: dict[Readiness, asyncio.Event], waiting: set[str]
    ) -> None:
        while not await is_ready(service, self.folder, self.stack):  # noqa: ASYNC110 - another process sets no event
            await asyncio.sleep(_POLL_SECONDS)
        if service.readiness in stores_ready:
            stores_ready[service.readiness].set()
        self._report(service.name, waiting)

    async def _step(
        self, name: str, after: asyncio.Event, work: Callable[[], Awaitable[None]], waiting: set[str]
    ) -> None:
        await after.wait()
        await work()
        self._report(name, waiting)

    async def _make_topics(self) -> None:
        try:
            if self.stack.broker is not None:
                # First, so that who sees a topic may use it.
                passwords = read_passwords(self.folder.kafka_passwords)
                await secure_embedded(self.kafka, passwords, anonymous=is_loopback(self.stack.host))
            await ensure_topics(self.kafka, self.stack.partitions)
            await ensure_admin(self.kafka, self.folder.admin_token_file.read_text(encoding="utf-8").strip())
        except KafkaError as error:
            raise StackError(
                f"Kafka at {self.kafka.bootstrap_servers} does not do what is needed ({error!r}): check that "
                "it runs and that PROMETHIOS_KAFKA_URL is right."
            ) from error

    async def _migrate(self) -> None:
        await asyncio.to_thread(migrate, self.clickhouse)

    async def _watch(self) -> None:
        """Raise when a service keeps dying or the supervisor is gone; never returns."""
        deaths = DeathWatch()
        while True:
            check_alive(self.supervisor, deaths, self.folder)
            await asyncio.sleep(_WATCH_SECONDS)

    def _report(self, name: str, waiting: set[str]) -> None:
        waiting.discard(name)
        self.console.print(
            f"[green]ready[/]  {name:<12} {time.monotonic() - self.began:5.1f} s", highlight=False
        )

    def _log_tails(self, names: set[str]) -> str:
        return "\n".join(log_tail(self.folder, name) for name in sorted(names))


def check_alive(supervisor: Supervisor, deaths: DeathWatch, folder: DataFolder) -> None:
    """Look at the services once.

    Raises:
        StackError: a service keeps dying, with the end of its log; or the supervisor is gone.
    """
    states = supervisor.states()
    if states is None:
        raise SupervisorGoneError(f"The process supervisor has ended; its log is in {folder.logs}.")
    dying = deaths.observe({state.name: state.pid for state in states}, time.monotonic())
    if dying is not None:
        raise StackError(f"The service {dying} keeps dying; the end of its log:\n{log_tail(folder, dying)}")


class SupervisorGoneError(StackError):
    """Nobody answers at the supervisor's socket."""


def log_tail(folder: DataFolder, name: str) -> str:
    """The last lines of a service's log, with its name above them."""
    path = folder.logs / f"{name}.log"
    return "\n".join([f"--- {path}", *tail(path, _LOG_LINES)])


async def _first_failure_or_all(watch: "asyncio.Task[None]", steps: Sequence[Awaitable[None]]) -> None:
    """Wait for all steps; any failure, of the watch too, ends the others and is raised."""
    work = asyncio.gather(*steps)
    both: list[asyncio.Future[Any]] = [watch, work]
    try:
        done, _ = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        watch.cancel()
        work.cancel()
        await asyncio.gather(*both, return_exceptions=True)
