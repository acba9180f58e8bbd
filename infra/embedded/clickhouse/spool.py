"""A request's data as a file that has a path and no name: gone with whoever made it."""

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from infra.embedded.clickhouse.errors import NOT_ENOUGH_SPACE, ClickHouseError

_IN_MEMORY = 16 << 20  # as much as is read before a statement takes its turn; the rest goes to the disk


@contextmanager
def spooled(pieces: Iterable[bytes], folder: Path) -> Iterator[tuple[str, int]]:
    """All pieces as a file, in `folder` if they are many: its path for this process, and its size in bytes.

    Raises:
        ClickHouseError: the disk is full.
        Exception: whatever `pieces` raises.
    """
    rest = iter(pieces)
    head: list[bytes] = []
    size = 0
    while size <= _IN_MEMORY and (piece := next(rest, None)) is not None:
        head.append(piece)
        size += len(piece)
    with _new_file(size, folder) as file:
        try:
            file.writelines(head)
            head.clear()
            file.writelines(rest)
            file.flush()
        except OSError as error:
            raise ClickHouseError.of(
                NOT_ENOUGH_SPACE, f"Cannot keep the data of the insert in {folder}: {error.strerror}"
            ) from error
        yield f"/dev/fd/{file.fileno()}", file.tell()


def _new_file(size: int, folder: Path) -> BinaryIO:
    if size <= _IN_MEMORY and hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("insert"), "wb")
    return tempfile.TemporaryFile("wb", dir=folder)
