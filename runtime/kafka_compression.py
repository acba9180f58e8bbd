"""LZ4 at its fast level for aiokafka's producers, which offer no setting for it.

aiokafka compresses at level 9, the high-compression search (its issue 1028, open in 0.14): 35 to 57 MB/s on
blocks of telemetry and a third smaller, where the fast level does 1,000 MB/s. That was most of the gateway's
work on requests of many events.
"""

import sys

import lz4.frame  # type: ignore[import-untyped] # it has no stubs
from aiokafka.record.default_records import DefaultRecordBatchBuilder

_FAST = 0
# Brokers refuse blocks that depend on one another. Of the frame's sizes this packs as well as larger ones do.
_BLOCK_SIZE = lz4.frame.BLOCKSIZE_MAX256KB


def compress(payload: bytes) -> bytes:
    """An LZ4 frame as Kafka reads it."""
    frame: bytes = lz4.frame.compress(
        payload, compression_level=_FAST, block_size=_BLOCK_SIZE, block_linked=False, store_size=False
    )
    return frame


def use_fast_lz4() -> None:
    """Replace the compressor of aiokafka's record builder in this process; may be repeated."""
    # The compiled builder or, where there is none, the one in Python: each calls its own module's name.
    sys.modules[DefaultRecordBatchBuilder.__module__].lz4_encode = compress  # type: ignore[attr-defined] # as said
