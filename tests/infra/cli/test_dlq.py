"""`promethios dlq` on a real broker: what was given up is listed, shown, and sent again once."""

import asyncio
import json
from pathlib import Path

import pytest
from aiokafka import TopicPartition
from typer.testing import CliRunner, Result

from infra.cli.main import app
from infra.kafka.topics import ensure_topics
from infra.supervisor.data_folder import DataFolder
from infra.supervisor.stack_file import write
from runtime import kafka
from runtime.settings import KafkaAddress
from schemas.block import HEADER_READER, HEADER_REPLAY
from schemas.dead_letters import Origin, Stage, dead_letter_headers
from schemas.topics import Topic
from tests.infra.dead_letters.fake_log import block_headers, segment
from tests.infra.supervisor.stacks import own_stack, stack_file

ROWS = b'{"told":"of the cli"}\n'
REASON = "told of the cli"
NOBODY = {"PROMETHIOS_KAFKA_URL": "kafka+sasl_plaintext://u:p@127.0.0.1:1"}


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(app, ["dlq", *arguments], env={"COLUMNS": "250", **environment})


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["list"], "does not answer"),
        (["list", "--since", "yesterday"], "no span of time"),
        (["show", "17"], "is no dead letter"),
        (["replay"], "Say which"),
        (["replay", "--all", "--partition", "1"], "Say which"),
        (["replay", "telemetry.v1:0:1", "--all"], "Say which"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else None,
)
def test_what_cannot_be_done_is_said(arguments: list[str], says: str) -> None:
    done = run(*arguments, **NOBODY)
    assert done.exit_code == 1
    assert says in done.output


def test_a_stack_with_an_external_kafka_needs_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PROMETHIOS_KAFKA_URL", raising=False)
    write(DataFolder.at(tmp_path), stack_file(broker=None))
    done = run("list", "--data-dir", str(tmp_path))
    assert done.exit_code == 1
    assert "PROMETHIOS_KAFKA_URL" in done.output


async def _give_up(address: KafkaAddress) -> None:
    await ensure_topics(address, 4)
    producer = kafka.producer(address, client_id="test")
    await producer.start()
    record = block_headers(segment("cli", 1, ROWS))
    for stage, value in ((Stage.RULES, ROWS), (Stage.DECODE, b"\xff[red]told of the cli")):
        headers = dead_letter_headers(record, Origin(Topic.TELEMETRY, 1, 1 << 40), stage, f"{REASON} [bold]")
        await producer.send_and_wait(Topic.TELEMETRY_DEAD_LETTERS, value, key=b"k", headers=headers)
    await producer.stop()


async def _sent_again(address: KafkaAddress) -> list[dict[str, bytes]]:
    consumer = kafka.consumer(address, client_id="test")
    await consumer.start()
    try:
        place = TopicPartition(Topic.TELEMETRY.value, 1)
        consumer.assign([place])
        await consumer.seek_to_beginning(place)
        end = (await consumer.end_offsets([place]))[place]
        found = []
        while await consumer.position(place) < end:
            for records in (await consumer.getmany(timeout_ms=500)).values():
                found += [dict(record.headers) for record in records if record.value == ROWS]
        return found
    finally:
        await consumer.stop()


@pytest.mark.integration
def test_what_was_given_up_is_listed_shown_and_sent_again_once(
    tmp_path: Path, kafka_address: KafkaAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PROMETHIOS_KAFKA_URL", raising=False)
    folder = DataFolder.at(tmp_path)
    write(folder, own_stack(folder, kafka_address))
    asyncio.run(_give_up(kafka_address))
    there = ("--data-dir", str(tmp_path))

    listed = run("list", "--reason", REASON.upper(), *there)
    assert listed.exit_code == 0, listed.output
    assert f"{REASON} [bold]" in listed.output
    letters = json.loads(run("list", "--reason", REASON, "--json", *there).output)["letters"]
    assert [letter["stage"] for letter in letters] == ["decode", "rules"]
    unreadable, rules = (letter["letter"] for letter in letters)

    raw = tmp_path / "bytes"
    shown = run("show", unreadable, "--raw", str(raw), *there)
    assert raw.read_bytes() == b"\xff[red]told of the cli"
    assert f"reason       {REASON} [bold]" in shown.output
    assert json.loads(run("show", rules, "--json", *there).output)["stage"] == "rules"

    first = run("replay", "--reason", REASON, *there).output
    assert first == "1 sent again\n1 more cannot be sent again: name one to be told why.\n"
    assert run("replay", "--reason", REASON, *there).output.startswith("There is nothing to send again.")
    named = run("replay", rules, unreadable, *there).output
    assert "this release cannot read it either" in named
    assert named.endswith("\n1 sent again before, 1 cannot be sent again\n")
    (record,) = asyncio.run(_sent_again(kafka_address))
    assert record[HEADER_READER] == b"processors"
    assert HEADER_REPLAY in record
    listed_again = json.loads(run("list", "--reason", REASON, "--json", *there).output)["letters"]
    assert [letter["sent_again"] for letter in listed_again] == [False, True]
