"""Confines the process that holds the engine: to its data folder and without a network, as the kernel can.

Statements come from analysts too, and the engine itself opens whatever file or address they name.
"""

import os
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from infra.embedded.clickhouse import landlock, seccomp

_ROOT = Path(__file__).parents[3]
# Libraries, time zones, and what the engine asks of the machine and of its own process.
_SYSTEM = (
    *("/lib", "/lib64", "/usr/lib", "/usr/local/lib", "/etc/ld.so.cache", "/etc/ssl/openssl.cnf"),
    *("/usr/share/zoneinfo", "/etc/localtime", "/etc/timezone"),
    *("/proc/self", "/proc/meminfo", "/proc/cpuinfo", "/proc/sys/vm/overcommit_memory", "/dev/urandom"),
    *("/sys/devices/system", "/sys/fs/cgroup", "/sys/kernel/mm/transparent_hugepage"),
)
_OWN_PACKAGES = ("infra", "runtime", "schemas")
_TASKS = Path("/proc/self/task")
_SPOOL = "promethios-spool"

# Where the front says it, beside the server's own paths.
CONFINEMENT_PATH = "/promethios/confinement"


class ConfinementMode(StrEnum):
    """What to do: as well as the kernel can, refuse to start if it cannot all, or nothing."""

    AUTO = "auto"
    REQUIRED = "required"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Confinement:
    """What holds: `files` to the data folder, `network` none; `missing` says what the kernel lacks."""

    files: bool
    network: bool
    missing: str = ""

    @property
    def complete(self) -> bool:
        """Whether both hold."""
        return self.files and self.network


def confine(data: Path, mode: ConfinementMode) -> Confinement:
    """Confine this process, which has one thread and has opened what it listens on.

    Temporary files go to the data folder from then on.

    Raises:
        RuntimeError: there are more threads; the kernel confines only those that begin afterwards.
        OSError: the kernel has refused what it says it can.
    """
    if mode is ConfinementMode.OFF:
        return Confinement(files=False, network=False, missing="it is switched off")
    _check_one_thread()
    spool = data / _SPOOL
    spool.mkdir(mode=0o700, exist_ok=True)
    tempfile.tempdir = str(spool)
    os.putenv("TMPDIR", str(spool))  # where the engine makes a folder of its own
    missing = []
    if landlock.version():
        landlock.restrict(writable=[data], readable=_readable())
    else:
        missing.append("the kernel has no Landlock (Linux 5.13, and `landlock` among its security modules)")
    if seccomp.is_known():
        seccomp.restrict()
    else:
        missing.append("system calls of this machine are not known here (Linux on x86-64 or ARM64)")
    return Confinement(bool(landlock.version()), seccomp.is_known(), "; ".join(missing))


def _readable() -> list[Path]:
    """Code that is loaded later and what it needs; none of it is anybody's data."""
    python = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    installed = [Path(path) for path in (*_SYSTEM, *python, f"{sys.base_prefix}/lib")]
    own = [_ROOT / name for name in _OWN_PACKAGES]
    return [path for path in (*installed, *own) if path.exists()]


def _check_one_thread() -> None:
    if _TASKS.is_dir() and len(list(_TASKS.iterdir())) > 1:
        raise RuntimeError("confine before anything starts a thread")
