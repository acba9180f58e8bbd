"""What the embedded broker's log may take of the disk, and what it takes."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pydantic import Field
from pydantic_settings import BaseSettings

_MIB = 1024 * 1024
_BLOCK_BYTES = 512  # the unit of st_blocks, whatever the file system's own


class DiskUsage(NamedTuple):
    """Bytes that a folder occupies, and bytes that its file system has left for this user."""

    used: int
    free: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskLimits:
    """The most that the log may take, and the least that must be left to everybody else, in bytes."""

    cap_bytes: int
    min_free_bytes: int


class KafkaDiskSettings(BaseSettings):
    """The variables of a process that minds the embedded broker's log; mixed into its settings.

    The supervisor sets `kafka_log_dir` only where the broker is the stack's own: without it nobody minds.
    """

    kafka_log_dir: Path | None = Field(default=None, description="the embedded broker's log folder")
    kafka_disk_cap_bytes: int = Field(default=20 * 1024 * _MIB, ge=_MIB)
    kafka_min_free_bytes: int = Field(
        default=512 * _MIB, ge=0, description="with less than this left on the disk nothing more is taken"
    )

    @property
    def kafka_disk_limits(self) -> DiskLimits:
        """Both limits in one value."""
        return DiskLimits(cap_bytes=self.kafka_disk_cap_bytes, min_free_bytes=self.kafka_min_free_bytes)


def measure(folder: Path) -> DiskUsage:
    """Look at a folder and its file system; blocking, a few milliseconds for thousands of files.

    Files that come and go meanwhile may be counted or not. A folder that does not exist yet takes nothing.

    Raises:
        OSError: a folder may not be read.
    """
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    return DiskUsage(_occupied(folder), shutil.disk_usage(existing).free)


def _occupied(folder: str | Path) -> int:
    try:
        with os.scandir(folder) as entries:
            return sum(map(_entry_bytes, entries))
    except FileNotFoundError:
        return 0


def _entry_bytes(entry: os.DirEntry[str]) -> int:
    try:
        if entry.is_dir(follow_symlinks=False):
            return _occupied(entry.path)
        # Blocks, not lengths: index files are preallocated and sparse.
        return entry.stat(follow_symlinks=False).st_blocks * _BLOCK_BYTES
    except FileNotFoundError:
        return 0
