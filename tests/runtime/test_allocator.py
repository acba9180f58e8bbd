"""Freed memory stays with the process where the C library is glibc."""

import ctypes
import platform
import subprocess
import sys

import pytest

from runtime.allocator import keep_freed_memory

# Counts the page faults of taking and freeing large blocks again and again, in a process of its own.
PROGRAM = """
import resource, sys
from runtime.allocator import keep_freed_memory
if sys.argv[1] == "keep":
    assert keep_freed_memory()
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
blocks = lambda: [bytes(600_000) + bytes([turn]) for turn in range(20)]
blocks()
before = faults()
for _ in range(50):
    blocks()
print(faults() - before)
"""


def page_faults(mode: str) -> int:
    run = subprocess.run([sys.executable, "-c", PROGRAM, mode], capture_output=True, text=True, check=True)
    return int(run.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has mallopt")
def test_blocks_that_are_freed_and_taken_again_are_not_mapped_anew() -> None:
    assert page_faults("keep") < page_faults("default") / 10


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: object())
    assert keep_freed_memory() is False
