"""A signal ends a worker at any moment of its start; the collector is spared what lives for ever."""

import asyncio
import gc
import os
import signal
from typing import cast

import pytest
from pydantic import SecretStr

from stream_processors import __main__ as main
from stream_processors.settings import ProcessorSettings
from stream_processors.worker import TelemetryWorker

SETTINGS = ProcessorSettings(kafka_url=SecretStr("kafka+sasl_plaintext://u:p@127.0.0.1:1"))


class Starting:
    """A worker that is told to stop while it starts, and never gets ready."""

    async def start(self) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.Event().wait()


async def there_are_topics(*_: object, **__: object) -> None:
    """Nothing has to be waited for."""


async def test_a_signal_while_the_worker_starts_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(main, "wait_for_topics", there_are_topics)
    async with asyncio.timeout(60):
        assert await main._start(SETTINGS, cast("TelemetryWorker", Starting())) is False


async def test_a_signal_while_topics_are_waited_for_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async def wait(*_: object, **__: object) -> None:
        await Starting().start()

    monkeypatch.setattr(main, "wait_for_topics", wait)
    async with asyncio.timeout(60):
        assert await main._start(SETTINGS, cast("TelemetryWorker", Starting())) is False


def test_the_collector_hardly_ever_looks_at_all_states(monkeypatch: pytest.MonkeyPatch) -> None:
    set_to: list[tuple[int, ...]] = []
    monkeypatch.setattr(gc, "freeze", lambda: set_to.append(()))
    monkeypatch.setattr(gc, "set_threshold", lambda *thresholds: set_to.append(thresholds))
    main._spare_the_collector()
    assert set_to == [(), (50_000, 20, 100)]
