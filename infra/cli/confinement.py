"""How the embedded ClickHouse is confined, as it says itself."""

import httpx
import msgspec

from infra.embedded.clickhouse.confinement import CONFINEMENT_PATH, Confinement

_PROBE_SECONDS = 2.0


def read_confinement(clickhouse_url: str) -> Confinement | None:
    """What the embedded ClickHouse at this address says; None when it does not answer."""
    try:
        answer = httpx.get(f"{clickhouse_url}{CONFINEMENT_PATH}", timeout=_PROBE_SECONDS)
        return msgspec.json.decode(answer.content, type=Confinement)
    except (httpx.TransportError, msgspec.MsgspecError):
        return None


def sentence(confinement: Confinement) -> str:
    """The same, for people."""
    if confinement.complete:
        return "ClickHouse is confined: it reads and writes its own folder only, and reaches no network."
    held = {"to its own folder": confinement.files, "from the network": confinement.network}
    partly = "".join(f", but only {part}" for part, holds in held.items() if holds) or " by nothing"
    return f"ClickHouse is confined{partly}: {confinement.missing}. SQL for analysts has a wall less."
