"""What stands in an export beside the rows."""

from query_api.directory import Directory
from query_api.resources.exports import ExportedAgent
from schemas.control import Agent, ApiKey
from schemas.permissions import Permission


def test_keys_are_told_without_their_hashes() -> None:
    directory, agent = Directory(), Agent("acme", "scout", "gov-1", 1)
    for record in (agent, ApiKey("k1", "acme", "scout", "gov-1", "the-hash", (Permission.LOGS_WRITE,), 5)):
        directory.apply("", "", record)
    told = ExportedAgent.of(agent, directory, 7).model_dump_json()
    assert '"key_id":"k1"' in told
    assert "the-hash" not in told
