"""Bodies that are meant to do harm, made cheaply."""

import gzip
import zlib

import cramjam

_KIB = 1024
_MIB = 1024 * _KIB
_GIB = 1024 * _MIB


def zstd_bomb(size: int) -> bytes:
    """A frame of spaces, written by hand (RFC 8878, 3.1.1): blocks of 128 KiB that take four bytes each.

    10 GiB make 320 KiB.
    """
    head = zstd_head(window_log=17)
    repeated, last = 1 << 1, 1
    block_bytes = 128 * _KIB
    block = (block_bytes << 3 | repeated).to_bytes(3, "little") + b" "
    end = (block_bytes << 3 | repeated | last).to_bytes(3, "little") + b" "
    return head + block * (size // block_bytes - 1) + end


def zstd_head(window_log: int) -> bytes:
    """The head of a frame that wants a window of that size."""
    magic, descriptor = b"\x28\xb5\x2f\xfd", b"\x00"
    return magic + descriptor + bytes([window_log - 10 << 3])


def deflate_bomb(size: int, wbits: int) -> bytes:
    """Spaces at deflate's best, 1032 to 1: a flushed MiB again and again, without the end."""
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    first = packer.compress(b" " * _MIB) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(b" " * _MIB) + packer.flush(zlib.Z_FULL_FLUSH)
    return first + again * (size // _MIB - 1)


def gzipped(body: bytes) -> bytes:
    """The body in gzip."""
    return gzip.compress(body, 1)


def layers(body: bytes, count: int) -> bytes:
    """A gzip file within a gzip file, and so on; none is made smaller, which takes long."""
    for _ in range(count):
        body = gzip.compress(body, 0)
    return body


def wide_object(keys: int) -> bytes:
    """An object of so many thousands of keys, 12 bytes each."""
    thousand = b",".join(b'"k####%03d":0' % number for number in range(1000))
    return (
        b"{" + b",".join(thousand.replace(b"####", b"%04d" % number) for number in range(keys // 1000)) + b"}"
    )


def wide_array(values: int) -> bytes:
    """An array of so many zeros."""
    return b"[" + b"0," * (values - 1) + b"0]"


def deep_arrays(levels: int) -> bytes:
    """Arrays within arrays."""
    return b"[" * levels + b"]" * levels


def deep_objects(levels: int) -> bytes:
    """Objects within objects."""
    return b'{"a":' * levels + b"0" + b"}" * levels


def packed(body: bytes) -> bytes:
    """The body in zstd."""
    return bytes(cramjam.zstd.compress(body))


TEN_GIB = 10 * _GIB
THREE_GIB = 3 * _GIB
