"""The columns that the gateway puts before each row: who sent it, when it came, and which event it is."""

from collections.abc import Sequence
from operator import add, itemgetter

import msgspec

from schemas.timestamps import to_rfc3339


class Stamps(msgspec.Struct):
    """(`batch_id`, `seq`) is the event's identity; `seq` counts a request's rows of one kind from 0."""

    tenant_id: str
    agent_id: str
    received_at: str
    batch_id: str
    seq: int


def row_prefix(tenant_id: str, agent_id: str, received_at: int, batch_id: bytes) -> bytes:
    """The start of every row of one request, up to the value of `seq`.

    Ids match ID_RULE, so they need no escaping; `received_at` is in milliseconds.
    """
    text = (
        f'{{"tenant_id":"{tenant_id}","agent_id":"{agent_id}","received_at":"{to_rfc3339(received_at)}",'
        f'"batch_id":"{batch_id_text(batch_id)}","seq":'
    )
    return text.encode()


def encode_rows(prefix: bytes, rows: list[msgspec.Struct]) -> bytes:
    """Rows of one kind of one request as NDJSON, stamped and numbered."""
    return stamp_rows(prefix, [encode_row(row) for row in rows])


def stamp_rows(prefix: bytes, rows: Sequence[bytes]) -> bytes:
    """`encode_rows` of what `encode_row` made.

    Spliced rather than encoded as one struct: the stamps are the same for the whole request, and a row
    always has at least one field of its own. Each row's bytes are copied as rarely as can be, and no step
    is taken for a row but in C.
    """
    if not rows:
        return b""
    numbers = _NUMBERS if len(rows) <= len(_NUMBERS) else _numbers(len(rows))
    lines = list(map(add, numbers, map(_behind_brace, rows)))
    lines[0] = prefix + lines[0]
    lines[-1] += b"\n"
    return (b"\n" + prefix).join(lines)


def batch_id_text(batch_id: bytes) -> str:
    """The batch id as a UUID is written; spelled out because `uuid.UUID` takes five times as long."""
    digits = batch_id.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def event_id(batch_id: bytes, seq: int) -> str:
    """The event's identity as one text, as evidence and alerts name it."""
    return f"{batch_id_text(batch_id)}:{seq}"


def _numbers(count: int) -> tuple[bytes, ...]:
    """The values of `seq` and what separates them from the row, from 0."""
    return tuple(b"%d," % seq for seq in range(count))


_NUMBERS = _numbers(10_000)

_behind_brace = itemgetter(slice(1, None))

encode_row = msgspec.json.Encoder().encode
