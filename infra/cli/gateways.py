"""Waits until every gateway process has read control records, each asked on its own Unix socket."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import httpx
import msgspec

from infra.errors import StackError
from schemas.topics import Topic

_DEADLINE_SECONDS = 15.0
_PAUSE_SECONDS = 0.05
_PROBE_SECONDS = 2.0


class _Ready(msgspec.Struct):
    control: dict[str, int] = {}


def wait_for_gateways(
    sockets: Sequence[str],
    offsets: Mapping[str, int],
    *,
    seconds: float = _DEADLINE_SECONDS,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Block until each gateway has read past `offsets`, as far as it follows those topics.

    Raises:
        StackError: some had not after `seconds`; the records are written all the same.
    """
    deadline = time.monotonic() + seconds
    behind = list(sockets)
    while behind := [socket for socket in behind if not has_read(_applied(socket), offsets)]:
        if time.monotonic() > deadline:
            raise StackError(
                f"It is done, but {len(behind)} of {len(sockets)} gateway processes did not know it after "
                f"{seconds:g} s: see `promethios status` and `promethios logs`."
            )
        pause(_PAUSE_SECONDS)


def has_read(applied: Mapping[str, int], offsets: Mapping[str, int]) -> bool:
    """Whether a process that reads next at `applied` has read the records at `offsets`.

    A gateway need not follow every topic, but the one of keys it must name.
    """
    return Topic.API_KEYS in applied and all(
        applied[topic] > offset for topic, offset in offsets.items() if topic in applied
    )


def _applied(socket: str) -> dict[str, int]:
    """The `control` of the gateway's /readyz, whatever its status; empty when it does not answer."""
    # httpx would leave a socket open for a path that is not there.
    if not Path(socket).is_socket():
        return {}
    transport = httpx.HTTPTransport(uds=socket)
    try:
        with httpx.Client(transport=transport, timeout=_PROBE_SECONDS) as client:
            answer = client.get("http://gateway/readyz")
        return msgspec.json.decode(answer.content, type=_Ready).control
    except (httpx.TransportError, msgspec.MsgspecError):
        return {}
