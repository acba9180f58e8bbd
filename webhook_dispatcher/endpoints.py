"""The endpoints of this process: one task each, for every webhook whose partition of the state it owns."""

import asyncio
import contextlib
from collections.abc import Collection, Mapping

import msgspec
from aiokafka.errors import KafkaError

from runtime.logging import get_logger
from schemas.identity import partition_of
from schemas.webhooks import Webhook
from webhook_dispatcher.endpoint import Endpoint
from webhook_dispatcher.endpoint_state import EndpointState
from webhook_dispatcher.services import Services

_log = get_logger(__name__)
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0


class _Runner:
    """Runs an endpoint, and a new one after each change and each failure."""

    def __init__(self, webhook: Webhook, state: EndpointState | None, services: Services) -> None:
        self._services = services
        self._changed = asyncio.Event()
        self._endpoint = Endpoint(webhook, state, services)
        self._wanted = webhook
        self._tests: set[asyncio.Task[None]] = set()
        self.task = asyncio.create_task(self._run(), name=f"webhook {webhook.webhook_id}")
        self._test()

    @property
    def condition(self) -> str:
        return self._endpoint.condition

    def change(self, webhook: Webhook) -> None:
        """Go on as the webhook stands now; a wish for a test disturbs nothing."""
        is_same = _without_test(webhook) == _without_test(self._wanted)
        self._wanted = webhook
        if is_same:
            self._endpoint.webhook = webhook
            self._test()
        else:
            self._changed.set()

    async def stop(self) -> None:
        for task in (self.task, *self._tests):
            task.cancel()
        await asyncio.gather(self.task, *self._tests, return_exceptions=True)

    async def _run(self) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while True:
            self._changed.clear()
            if await self._run_until_changed():
                pause = _FIRST_PAUSE_SECONDS
                # Whoever has mended it is not to wait for the end of a long pause.
                state = msgspec.structs.replace(self._endpoint.state, retry_at=0)
            else:
                state = self._endpoint.state
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._changed.wait()
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
            self._endpoint = Endpoint(self._wanted, state, self._services)
            self._test()

    async def _run_until_changed(self) -> bool:
        """False when it failed first."""
        work = asyncio.create_task(self._endpoint.run())
        change = asyncio.create_task(self._changed.wait())
        try:
            await asyncio.wait({work, change}, return_when=asyncio.FIRST_COMPLETED)
            if work.done() and (error := work.exception()) is not None:
                self._report(error)
                return False
            # An endpoint that has ended, being disabled or gone, waits for a change.
            await change
        finally:
            for task in (work, change):
                task.cancel()
            await asyncio.gather(work, change, return_exceptions=True)
        return True

    def _report(self, error: BaseException) -> None:
        webhook_id = self._wanted.webhook_id
        if isinstance(error, KafkaError | TimeoutError):
            _log.warning("webhook_waits_for_kafka", webhook=webhook_id, reason=repr(error))
            return
        # One endpoint's trouble is not to be the others': it alone begins anew, and it is counted.
        self._services.metrics.failures.inc()
        _log.error("webhook_failed", webhook=webhook_id, exc_info=error)

    def _test(self) -> None:
        if self._wanted.test is None or self._wanted.test.event_id == self._endpoint.state.tested:
            return
        task = asyncio.create_task(self._endpoint.test())
        self._tests.add(task)
        task.add_done_callback(self._test_ended)

    def _test_ended(self, task: asyncio.Task[None]) -> None:
        self._tests.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._report(error)


class Endpoints:
    """Follows the webhooks' records and the partitions that this process owns."""

    def __init__(self, services: Services, partitions: int) -> None:
        """`partitions` are those of the state topic; a webhook belongs to that of its id."""
        self._services = services
        self._partitions = partitions
        self._webhooks: dict[str, Webhook] = {}
        self._owned: set[int] = set()
        self._runners: dict[str, _Runner] = {}
        self._ending: set[asyncio.Task[None]] = set()

    def apply(self, webhook: Webhook) -> None:
        """Take a webhook as it stands from now on."""
        self._webhooks[webhook.webhook_id] = webhook
        if self._partition(webhook) not in self._owned:
            return
        runner = self._runners.get(webhook.webhook_id)
        if webhook.deleted_at is not None:
            if runner is not None:
                self._begin_to_end(webhook.webhook_id)
        elif runner is not None:
            runner.change(webhook)
        else:
            self._begin(webhook, None)

    def own(self, partition: int, states: Mapping[str, EndpointState]) -> None:
        """Begin with the webhooks of a partition, where their states say."""
        self._owned.add(partition)
        for webhook in self._webhooks.values():
            if self._partition(webhook) != partition:
                continue
            if webhook.deleted_at is None:
                self._begin(webhook, states.get(webhook.webhook_id))
            elif webhook.webhook_id in states:
                self._begin_to_end(webhook.webhook_id)

    async def disown(self, partitions: Collection[int]) -> None:
        """Stop what belongs to these partitions, and return when it has stopped."""
        self._owned -= set(partitions)
        ending = [
            self._runners.pop(webhook_id)
            for webhook_id in tuple(self._runners)
            if self._partition(self._webhooks[webhook_id]) in partitions
        ]
        await asyncio.gather(*(runner.stop() for runner in ending))
        await asyncio.gather(*self._ending, return_exceptions=True)

    def count(self) -> None:
        """Set the metric of how endpoints are."""
        gauge = self._services.metrics.endpoints
        gauge.clear()
        for runner in self._runners.values():
            gauge.labels(runner.condition).inc()

    def _partition(self, webhook: Webhook) -> int:
        return partition_of(webhook.webhook_id, self._partitions)

    def _begin(self, webhook: Webhook, state: EndpointState | None) -> None:
        self._runners[webhook.webhook_id] = _Runner(webhook, state, self._services)

    def _begin_to_end(self, webhook_id: str) -> None:
        task = asyncio.create_task(self._end(webhook_id, self._runners.pop(webhook_id, None)))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _end(self, webhook_id: str, runner: _Runner | None) -> None:
        if runner is not None:
            await runner.stop()
        await self._services.journal.forget(webhook_id)


def _without_test(webhook: Webhook) -> Webhook:
    return msgspec.structs.replace(webhook, test=None)
