"""`promethios topics` lists the registry, and says so when Kafka does not answer."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from infra.cli.main import app
from infra.kafka.topics import ensure_topics
from infra.supervisor.data_folder import DataFolder
from infra.supervisor.stack_file import OwnBroker, write
from runtime.settings import KafkaAddress
from schemas.topics import TOPICS
from tests.infra.supervisor.stacks import own_stack, stack_file
from tests.ports import unused


def test_a_broker_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROMETHIOS_KAFKA_URL", raising=False)
    folder = DataFolder.at(tmp_path)
    folder.prepare()
    write(folder, stack_file(broker=OwnBroker(advertised_host="127.0.0.1", internal_port=unused())))
    shown = CliRunner().invoke(app, ["topics", "--data-dir", str(tmp_path)])
    assert shown.exit_code == 1
    assert "does not answer" in shown.output


@pytest.mark.integration
async def test_every_topic_is_listed(tmp_path: Path, kafka_address: KafkaAddress) -> None:
    await ensure_topics(kafka_address, 4)
    folder = DataFolder.at(tmp_path)
    write(folder, own_stack(folder, kafka_address))
    shown = await asyncio.to_thread(
        CliRunner().invoke, app, ["topics", "--data-dir", str(tmp_path)], env={"COLUMNS": "250"}
    )
    assert shown.exit_code == 0
    for topic in TOPICS:
        assert topic in shown.output
    assert "missing" not in shown.output
