"""Free ports, of which no two workers of a run are given the same: it is bound only later."""

import os

from infra.supervisor import ports

_MOST_WORKERS = 16
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _MOST_WORKERS
_given: set[int] = set()


def unused() -> int:
    """A free port of this worker's own share, each once."""
    while (port := ports.unused()) % _MOST_WORKERS != _WORKER or port in _given:
        pass
    _given.add(port)
    return port
