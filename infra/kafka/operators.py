"""Make sure that the first operator's token is known: its hash is on the control topic."""

import time

import msgspec

from runtime.control_log import ControlReader
from runtime.control_writer import ConflictError, ControlWriter
from runtime.settings import KafkaAddress
from schemas.control import CONTROL_TYPES, CONTROL_VOIDS, control_key, control_topic
from schemas.identity import hash_secret
from schemas.operators import Operator, OperatorToken, Role
from schemas.topics import Topic

ADMIN_ID = "admin"
_FIRST = "first"
_FIRST_NAME = "admin.token of the data folder"
_CLIENT_ID = "promethios-operators"


async def ensure_admin(address: KafkaAddress, token: str) -> bool:
    """Put the admin (every tenant, all rights) with this token onto its topic; False if it is there already.

    A token that differs from the recorded one replaces it; tokens that the admin got otherwise stay.
    """
    types = {Topic.OPERATORS.value: CONTROL_TYPES[Topic.OPERATORS]}
    reader = ControlReader(address, types, _CLIENT_ID, CONTROL_VOIDS)
    writer = ControlWriter(address, reader, _CLIENT_ID)
    try:
        await reader.start()
        entry = reader.state.get(Topic.OPERATORS, ADMIN_ID)
        current = entry.data if entry is not None and isinstance(entry.data, Operator) else None
        wanted = with_token(current, token, _now_ms())
        if wanted == current:
            return False
        await writer.start()
        return await _put(writer, wanted, replaces=entry.version if entry else 0)
    finally:
        await writer.stop()
        await reader.stop()


def with_token(current: Operator | None, token: str, now: int) -> Operator:
    """The admin as it has to be, with this token for ever; as it is, if it is so already."""
    token_hash = hash_secret(token)
    before = current or Operator(ADMIN_ID, Role.ADMIN, now)
    first = next((t for t in before.tokens if t.token_id == _FIRST), None)
    if first is None or first.token_hash != token_hash or not first.in_force(now):
        first = OperatorToken(_FIRST, token_hash, now, name=_FIRST_NAME)
    others = tuple(t for t in before.tokens if t.token_id != _FIRST)
    return msgspec.structs.replace(
        before, role=Role.ADMIN, tenant_id=None, tokens=(first, *others), removed_at=None, removed_by=None
    )


async def _put(writer: ControlWriter, wanted: Operator, *, replaces: int) -> bool:
    try:
        await writer.put(control_topic(wanted), control_key(wanted), wanted, replaces=replaces)
    except ConflictError:
        # Another `up` on the same cluster was first; its record stands until the next start.
        return False
    return True


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
