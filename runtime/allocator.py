"""What the C library does with freed memory.

glibc gives large blocks and the free end of the heap back to the kernel at once, and takes them anew with the
next request: each page is then cleared and mapped again. Where a process bounds its memory by its own limits,
it is cheaper to keep them.
"""

import ctypes

_MIB = 1024 * 1024

# From glibc's malloc.h: names of mallopt's parameters.
_TRIM_THRESHOLD = -1
_MMAP_THRESHOLD = -3


def keep_freed_memory(*, up_to: int = 64 * _MIB, blocks_below: int = 16 * _MIB) -> bool:
    """Keep up to `up_to` bytes of free heap, from blocks below `blocks_below` bytes (at most 32 MiB).

    Returns False, and changes nothing, where the C library is another one.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    return bool(mallopt(_MMAP_THRESHOLD, blocks_below)) and bool(mallopt(_TRIM_THRESHOLD, up_to))
