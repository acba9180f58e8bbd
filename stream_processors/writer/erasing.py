"""Leaves out what was erased, wherever the log is read again; pure, and nothing where nothing was erased."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec

from schemas.erasures import ERASED, Erasure, ErasureMode, ErasureState, value_pattern
from schemas.stamps import Stamps

# They name the row, and a moment is no text.
_STAMPS = frozenset(field.encode_name for field in msgspec.structs.fields(Stamps))
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|[+-]\d\d:\d\d)")

_decode = msgspec.json.Decoder(float_hook=Decimal).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode


@dataclass(frozen=True, slots=True)
class _ErasedValue:
    pattern: re.Pattern[str]
    mode: ErasureMode
    up_to: int


@dataclass(frozen=True, slots=True)
class _ErasedAgent:
    """Up to when it is gone, in milliseconds: what it sent, and what was said of it, which is said later."""

    up_to: float
    said_up_to: float

    @classmethod
    def of(cls, erasure: Erasure) -> "_ErasedAgent":
        match erasure.state:
            case ErasureState.REQUESTED:
                return cls(-math.inf, -math.inf)
            case ErasureState.RUNNING:
                # Nobody else has the id before it is done.
                return cls(math.inf, math.inf)
            case ErasureState.DONE:
                return cls(erasure.up_to, max(erasure.up_to, erasure.finished_at or 0))


@dataclass(slots=True)
class _OfTenant:
    """A tenant's erasures by their ids, those of agents by these first."""

    agents: dict[str, dict[str, _ErasedAgent]] = field(default_factory=dict)
    values: dict[str, _ErasedValue] = field(default_factory=dict)

    def is_erased(self, agent_id: str, at: int, *, said: bool) -> bool:
        """Whether all of the agent is gone up to then."""
        erasures = self.agents.get(agent_id)
        return erasures is not None and any(
            at <= (erased.said_up_to if said else erased.up_to) for erased in erasures.values()
        )

    def values_at(self, received_at: int) -> list[_ErasedValue]:
        """The values that must not come back in what was received then."""
        return [value for value in self.values.values() if received_at <= value.up_to]


class Erasures:
    """All erasures that are known, fed with control records in the order of their log."""

    def __init__(self) -> None:
        """Know none."""
        self._tenants: dict[str, _OfTenant] = {}

    def apply(self, _topic: str, _key: str, data: msgspec.Struct) -> None:
        """Take an erasure as it stands from now on."""
        if not isinstance(data, Erasure):
            return
        tenant = self._tenants.setdefault(data.tenant_id, _OfTenant())
        if data.agent_id is not None:
            tenant.agents.setdefault(data.agent_id, {})[data.erasure_id] = _ErasedAgent.of(data)
        elif data.value is not None:
            pattern = re.compile(value_pattern(data.value))
            tenant.values[data.erasure_id] = _ErasedValue(pattern, data.mode, data.up_to)
        else:
            tenant.values.pop(data.erasure_id, None)

    def touch(self, tenant_id: str, agent_id: str, received_at: int, *, said: bool = False) -> bool:
        """Whether anything of that agent, received or said of it then, may have to be left out or altered."""
        tenant = self._tenants.get(tenant_id)
        return tenant is not None and bool(
            tenant.is_erased(agent_id, received_at, said=said) or tenant.values_at(received_at)
        )

    def agents(self) -> Iterator[tuple[str, float]]:
        """The keys of erased agents, each with the time up to which nothing of it counts, in milliseconds."""
        for tenant_id, tenant in self._tenants.items():
            for agent_id, erasures in tenant.agents.items():
                yield f"{tenant_id}/{agent_id}", max(erased.up_to for erased in erasures.values())

    def kept(
        self, tenant_id: str, agent_id: str, received_at: int, lines: bytes, *, said: bool = False
    ) -> bytes:
        """What is left of an agent's NDJSON that was received then: fewer lines, or altered ones."""
        tenant = self._tenants.get(tenant_id)
        if tenant is None:
            return lines
        if tenant.is_erased(agent_id, received_at, said=said):
            return b""
        values = tenant.values_at(received_at)
        if not values:
            return lines
        rows = (_without(line, values) for line in lines.removesuffix(b"\n").split(b"\n"))
        return b"".join(row + b"\n" for row in rows if row is not None)


NOTHING_ERASED = Erasures()


def _without(line: bytes, values: list[_ErasedValue]) -> bytes | None:
    """The row without the values; None where it has to go, the same bytes where it holds none of them."""
    try:
        row = before = _decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        # ClickHouse will refuse it as well, and the dead letters say so.
        return line
    for value in values:
        replaced = {
            name: found if name in _STAMPS else _replaced(found, value.pattern) for name, found in row.items()
        }
        if replaced != row and value.mode is ErasureMode.ERASE:
            return None
        row = replaced
    return line if row == before else _encode(row)


def _replaced(found: Any, pattern: re.Pattern[str]) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(found, str):
        return found if _MOMENT.fullmatch(found) else pattern.sub(ERASED, found)
    if isinstance(found, list):
        return [_replaced(item, pattern) for item in found]
    if isinstance(found, dict):
        return {pattern.sub(ERASED, name): _replaced(item, pattern) for name, item in found.items()}
    return found
