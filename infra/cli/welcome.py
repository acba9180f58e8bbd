"""What `up` says when all is ready: addresses, where the secrets are, and a first event to paste."""

import secrets
import shlex

from infra.kafka.principals import READER
from infra.supervisor.data_folder import DataFolder
from infra.supervisor.environment import CLICKHOUSE_USER, advertised_kafka, http_url
from infra.supervisor.ports import is_loopback
from infra.supervisor.stack_file import StackFile

_HEARTBEAT = "/api/v1/agents/heartbeat"
_JSON = "-H 'Content-Type: application/json'"
_KEY_OF_ANSWER = """sed -E 's/.*"api_key": ?"([^"]+)".*/\\1/'"""


def welcome(folder: DataFolder, stack: StackFile) -> str:
    """The text, in lines that can be pasted into a shell; it holds no secret."""
    gateway, query = http_url(stack, "gateway"), http_url(stack, "query")
    lines = [
        f"Gateway      {gateway}    routes: {gateway}/docs",
        f"Query API    {query}    routes: {query}/docs",
        *_stores(folder, stack),
        f"Admin token  in {folder.admin_token_file}",
        "",
        "Create an agent and send its first heartbeat:",
        "",
        *first_event(folder, stack, agent_id=f"first-agent-{secrets.token_hex(3)}"),
    ]
    return "\n".join(lines)


def first_event(folder: DataFolder, stack: StackFile, agent_id: str) -> list[str]:
    """Shell lines that create an agent with the admin's token and send a heartbeat with its key."""
    token_file = shlex.quote(str(folder.admin_token_file))
    agents, heartbeat = (
        f"{http_url(stack, 'query')}/api/v1/agents",
        f"{http_url(stack, 'gateway')}{_HEARTBEAT}",
    )
    created, sent = f'{{"agent_id": "{agent_id}"}}', f'{{"agentId": "{agent_id}", "status": "active"}}'
    token, key = f'-H "Authorization: Bearer $(cat {token_file})"', '-H "Authorization: Bearer $KEY"'
    create = f"curl -sS {agents} {token} {_JSON} -d '{created}'"
    return [f"KEY=$({create} | {_KEY_OF_ANSWER})", f"curl -sS {heartbeat} {key} {_JSON} -d '{sent}'"]


def _stores(folder: DataFolder, stack: StackFile) -> list[str]:
    kafka, clickhouse = "the one of PROMETHIOS_KAFKA_URL", "the one of PROMETHIOS_CLICKHOUSE_URL"
    if stack.broker is not None:
        consumers = "derived topics can be read without a password"
        if not is_loopback(stack.host):
            consumers = f"SCRAM-SHA-512, user {READER}, password in {folder.kafka_passwords / READER}"
        kafka = f"{advertised_kafka(stack.broker, stack.ports['kafka'])}    {consumers}"
    if "clickhouse" in stack.ports:
        password = f"user {CLICKHOUSE_USER}, password in {folder.clickhouse_password_file}"
        clickhouse = f"{http_url(stack, 'clickhouse')}    {password}"
    return [f"ClickHouse   {clickhouse}", f"Kafka        {kafka}"]
