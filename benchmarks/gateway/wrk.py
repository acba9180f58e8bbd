"""wrk, the load generator: runs it over a folder of requests and reads what it says."""

import asyncio
import shutil
from pathlib import Path

import msgspec

_SCRIPT = Path(__file__).with_name("rotation.lua")
_MISSING = (
    "wrk is missing; it makes the load: install it (Debian: apt-get install wrk; macOS: brew install wrk)."
)


class WrkResult(msgspec.Struct, frozen=True):
    """One run: all answers, those above 399, broken and timed-out requests; times in seconds."""

    answers: int
    refused: int
    broken: int
    timeouts: int
    seconds: float
    p50: float
    p99: float

    @property
    def acknowledged(self) -> int:
        """Answers that say that the request was taken."""
        return self.answers - self.refused

    @property
    def failures(self) -> int:
        """Requests that were not answered as they should be."""
        return self.refused + self.broken + self.timeouts


def parse_wrk(output: str) -> WrkResult:
    """What our script has printed at the end of wrk's own report.

    Raises:
        ValueError: there is no such line.
    """
    for line in reversed(output.splitlines()):
        if line.startswith("{"):
            return msgspec.json.decode(line, type=WrkResult)
    raise ValueError(f"wrk printed no result:\n{output}")


def check_installed() -> None:
    """Raise SystemExit, saying how to install it, when there is no wrk."""
    if shutil.which("wrk") is None:
        raise SystemExit(_MISSING)


async def run_wrk(url: str, requests: Path, count: int, *, connections: int, seconds: int) -> WrkResult:
    """Send the folder's requests `0.http` and so on in turn, each connection as fast as it is answered."""
    process = await asyncio.create_subprocess_exec(
        "wrk",
        *("--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s"),
        *("--timeout", "10s", "--script", str(_SCRIPT), url, "--", str(requests), str(count)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return parse_wrk(output.decode())
