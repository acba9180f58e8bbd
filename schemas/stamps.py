"""The columns that the gateway puts before each row: who sent it, when it came, and which event it is."""

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
    return join_lines(stamp_lines(prefix, [encode_row(row) for row in rows]))


def stamp_lines(prefix: bytes, rows: list[bytes]) -> list[bytes]:
    """The lines of `encode_rows`, without their ends; `rows` come from `encode_row`.

    Spliced rather than encoded as one struct: the stamps are the same for the whole request, and a row
    always has at least one field of its own.
    """
    numbers = _NUMBERS if len(rows) <= len(_NUMBERS) else _numbers(len(rows))
    return [prefix + number + row[1:] for number, row in zip(numbers, rows, strict=False)]


def join_lines(lines: list[bytes]) -> bytes:
    """NDJSON of the lines."""
    return b"\n".join([*lines, b""])


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

encode_row = msgspec.json.Encoder().encode
