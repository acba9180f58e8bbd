"""Make sure that the first operator's token is known: its hash is on the control topic."""

import time

from runtime.control_log import ControlReader
from runtime.control_writer import ConflictError, ControlWriter
from runtime.settings import KafkaAddress
from schemas.control import CONTROL_TYPES, Operator, Role, control_key, control_topic
from schemas.identity import hash_secret
from schemas.topics import Topic

ADMIN_ID = "admin"
_CLIENT_ID = "promethios-operators"


async def ensure_admin(address: KafkaAddress, token: str) -> bool:
    """Put the admin's record (every tenant, all rights) onto its topic; False if it is there already.

    A token that differs from the recorded one replaces it.
    """
    reader = ControlReader(address, {Topic.OPERATORS: CONTROL_TYPES[Topic.OPERATORS]}, _CLIENT_ID)
    writer = ControlWriter(address, reader, _CLIENT_ID)
    try:
        await reader.start()
        wanted = Operator(
            operator_id=ADMIN_ID, token_hash=hash_secret(token), role=Role.ADMIN, created_at=_now_ms()
        )
        entry = reader.state.get(control_topic(wanted), control_key(wanted))
        if entry is not None and is_in_force(entry.data, wanted):
            return False
        await writer.start()
        return await _put(writer, wanted, replaces=entry.version if entry else 0)
    finally:
        await writer.stop()
        await reader.stop()


def is_in_force(current: object, wanted: Operator) -> bool:
    """Whether a record already lets the wanted operator in; when it was made does not matter."""
    return (
        isinstance(current, Operator)
        and current.token_hash == wanted.token_hash
        and current.role is wanted.role
        and current.tenant_id == wanted.tenant_id
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
