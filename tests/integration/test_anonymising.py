"""An agent becomes nobody on a whole stack: its figures stay, and it is in no table and no checkpoint."""

import json
import secrets
import uuid
from typing import Any

import clickhouse_connect
import httpx
import pytest
from aiokafka import TopicPartition

from runtime import kafka
from schemas.tables import Resolution, Table, roll_up
from schemas.topics import DEFAULT_PARTITIONS, Topic
from tests.integration.stream_process import until
from tests.stack import RunningStack, promethios

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

TABLES = (
    Table.AGENT_LOGS,
    Table.AGENT_METRICS,
    Table.TRUST_SCORES,
    Table.AGENT_STATUS,
    *(roll_up(table, step) for table in (Table.AGENT_LOGS, Table.AGENT_METRICS) for step in Resolution),
)


class Figures:
    """What the tables have of an agent, or under a pseudonym."""

    def __init__(self, stack: RunningStack) -> None:
        self._client = clickhouse_connect.get_client(**stack.clickhouse)

    def one(self, sql: str, **parameters: object) -> Any:  # noqa: ANN401 - what the query gives
        return self._client.query(sql, parameters=parameters).result_rows[0][0]

    def rows(self, table: str, agent_id: str) -> int:
        sql = f"SELECT count() FROM {table} WHERE agent_id = {{agent:String}}"  # noqa: S608 - ours
        return int(self.one(sql, agent=agent_id))

    def owner_of(self, interactions: int) -> str:
        """Whose a report of so many interactions is by now."""
        sql = "SELECT groupUniqArray(agent_id) FROM agent_metrics WHERE interactions = {many:UInt64}"
        [found] = self.one(sql, many=interactions)
        return str(found)

    def interactions(self, agent_id: str) -> int:
        """As the hourly roll-up has them."""
        sql = "SELECT sum(interactions) FROM agent_metrics_1h WHERE agent_id = {agent:String}"
        return int(self.one(sql, agent=agent_id))

    def texts(self, agent_id: str) -> list[str]:
        sql = "SELECT groupUniqArray(message || context) FROM agent_logs WHERE agent_id = {agent:String}"
        return list(self.one(sql, agent=agent_id))


def report(stack: RunningStack, agent_id: str, key: str, interactions: int) -> None:
    """Logs and metrics, under an Idempotency-Key, which the writer remembers."""
    with httpx.Client(base_url=stack.gateway, timeout=60) as client:
        for path, body in (
            ("agents/logs", {"agentId": agent_id, "level": "info", "message": f"I am {agent_id}"}),
            (
                "governance/metrics",
                {"agentId": agent_id, "metrics": {"interactions": interactions, "responseTime": 5}},
            ),
        ):
            answer = client.post(
                f"/api/v1/{path}",
                json=body,
                headers={"Authorization": f"Bearer {key}", "Idempotency-Key": uuid.uuid4().hex},
            )
            assert answer.status_code == 202, answer.text


def is_known(stack: RunningStack, agent_id: str) -> bool:
    url = f"{stack.query}/api/v1/agents/{agent_id}"
    status = httpx.get(url, headers={"Authorization": f"Bearer {stack.token}"}, timeout=60).status_code
    assert status in (200, 404)
    return status == 200


async def ends_of(stack: RunningStack, topic: Topic, key: str) -> list[bool]:
    """Of each record under a key of a compacted topic: whether it is without a value."""
    consumer = kafka.consumer(stack.kafka, client_id="test")
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, number) for number in range(DEFAULT_PARTITIONS)]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        await consumer.seek_to_beginning(*partitions)
        found = []
        while any([await consumer.position(place) < ends[place] for place in partitions]):
            for records in (await consumer.getmany(timeout_ms=500)).values():
                found += [record.value is None for record in records if record.key == key.encode()]
        return found
    finally:
        await consumer.stop()


async def test_an_agent_becomes_nobody(stack: RunningStack) -> None:
    agent_id, interactions = f"who-{uuid.uuid4().hex[:8]}", secrets.randbits(40)
    report(stack, agent_id, stack.create_agents([agent_id])[agent_id], interactions)
    figures, key = Figures(stack), f"default/{agent_id}"

    async def is_stored() -> bool:
        named = all(figures.rows(table, agent_id) for table in TABLES)
        return named and bool(await ends_of(stack, Topic.WRITER_STATE, key))

    await until("the agent is in all tables and in a checkpoint", is_stored, 120)
    done = promethios(
        *("privacy", "erase", "--agent", agent_id, "--mode", "anonymise", "--yes", "--json"),
        *("--data-dir", str(stack.folder.root)),
        timeout=200,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    found = {table["table"]: table["found"] for table in told["tables"]}

    pseudonym = figures.owner_of(interactions)
    assert pseudonym.startswith("anonymous-")
    assert pseudonym not in done.stdout
    assert {table: figures.rows(table, agent_id) for table in TABLES} == dict.fromkeys(TABLES, 0)
    assert figures.interactions(pseudonym) == interactions
    assert figures.texts(pseudonym) == [""]
    # What is merged meanwhile is less; a status is closed by one row.
    assert 0 < figures.rows(Table.AGENT_LOGS, pseudonym) == found[Table.AGENT_LOGS]
    leftovers = "SELECT count() FROM system.tables WHERE position(name, {erasure:String}) > 0"
    assert figures.one(leftovers, erasure=told["erasure_id"]) == 0
    assert not is_known(stack, agent_id)

    async def is_ended() -> bool:
        return (await ends_of(stack, Topic.WRITER_STATE, key))[-1]

    await until("the writer's checkpoint is ended", is_ended, 120)
    assert (await ends_of(stack, Topic.TRUST_SCORES, key))[-1]
