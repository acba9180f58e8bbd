"""Faust's settings: those that exactness rests on."""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import faust
import pytest
from faust.types import TP
from faust.types.enums import ProcessingGuarantee
from mode.utils.queues import ThrowableQueue
from pydantic import SecretStr

from runtime.settings import KafkaAddress
from schemas.topics import PROCESSORS_GROUP, Topic
from stream_processors.app import ProcessorApp, build_app
from stream_processors.bundles import BundlingScheduler
from stream_processors.settings import ProcessorSettings
from stream_processors.worker import TelemetryWorker


def make(tmp_path: Path, address: KafkaAddress) -> ProcessorApp:
    settings = ProcessorSettings(kafka_url=SecretStr("kafka+sasl_plaintext://u:p@127.0.0.1:1"))
    return build_app(address, TelemetryWorker(settings, print), tmp_path)


async def test_settings_that_exactness_rests_on(tmp_path: Path) -> None:
    app = make(tmp_path, KafkaAddress("one:9092,two:9093"))
    conf = app.conf
    assert conf.id == PROCESSORS_GROUP
    assert [str(url) for url in conf.broker] == ["kafka://one:9092", "kafka://two:9093"]
    assert conf.broker_session_timeout == 10
    assert conf.broker_heartbeat_interval == 3
    assert conf.broker_commit_interval == 1
    assert conf.stream_wait_empty is False
    assert conf.web_enabled is False
    assert conf.topic_allow_declare is False
    assert str(conf.processing_guarantee) == str(ProcessingGuarantee.AT_LEAST_ONCE)
    (agent,) = app.agents.values()
    assert agent.concurrency == 1
    assert list(cast("faust.Topic", agent.channel).topics) == [Topic.TELEMETRY]


@pytest.mark.parametrize(
    ("protocol", "expected"),
    [("PLAINTEXT", None), ("SSL", "SSL"), ("SASL_PLAINTEXT", "SASL_PLAINTEXT"), ("SASL_SSL", "SASL_SSL")],
)
async def test_credentials_are_those_of_all_our_clients(
    tmp_path: Path, protocol: str, expected: str | None
) -> None:
    user = ("me", SecretStr("secret")) if protocol.startswith("SASL") else (None, None)
    credentials = make(tmp_path, KafkaAddress("host:1", protocol, *user)).conf.broker_credentials
    if expected is None:
        assert credentials is None
        return
    assert credentials is not None
    assert credentials.protocol.value == expected
    if isinstance(credentials, faust.SASLCredentials):
        assert (credentials.username, credentials.password) == ("me", "secret")
        assert credentials.mechanism.value == "SCRAM-SHA-512"


async def test_a_full_queue_blocks_and_never_calls_for_relief(tmp_path: Path) -> None:
    queue: ThrowableQueue[int] = make(tmp_path, KafkaAddress("host:1")).FlowControlQueue(maxsize=4)
    calls: list[str] = []
    for number in range(4):
        queue.put_nowait_enhanced(
            number,
            on_pressure_high=lambda: calls.append("high"),
            on_pressure_drop=lambda: calls.append("drop"),
        )
    assert queue.full()
    assert [queue.get_nowait() for _ in range(4)] == [0, 1, 2, 3]
    assert calls == []


async def test_what_the_worker_holds_is_fetched_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = ProcessorSettings(kafka_url=SecretStr("kafka+sasl_plaintext://u:p@127.0.0.1:1"))
    worker = TelemetryWorker(settings, print)
    paused: list[set[TP]] = []
    consumer = SimpleNamespace(pause_partitions=paused.append)
    monkeypatch.setattr(ProcessorApp, "consumer", consumer)
    build_app(KafkaAddress("one:9092"), worker, tmp_path)
    worker.hold(3)
    assert paused == [{TP(Topic.TELEMETRY, 3)}]


async def test_what_is_polled_next_follows_from_what_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = ProcessorSettings(kafka_url=SecretStr("kafka+sasl_plaintext://u:p@127.0.0.1:1"))
    worker = TelemetryWorker(settings, print)
    monkeypatch.setattr(worker.pulse, "watch", lambda _: None)
    fetching = SimpleNamespace(_max_poll_records=100)
    scheduler = BundlingScheduler()
    consumer = SimpleNamespace(
        _thread=SimpleNamespace(_consumer=fetching), scheduler=scheduler, assignment=lambda: ()
    )
    monkeypatch.setattr(ProcessorApp, "consumer", consumer)
    app = build_app(KafkaAddress("one:9092"), worker, tmp_path)
    await app.on_rebalance_complete.send()
    scheduler.poll(400)
    assert fetching._max_poll_records == 400
