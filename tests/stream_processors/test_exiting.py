"""Giving up ends the process at once, with its reason and exit code 1."""

import subprocess
import sys

PROGRAM = """
import atexit, threading, time
from runtime.logging import configure
from stream_processors.exiting import give_up
configure("processors", "INFO")
atexit.register(print, "never")
threading.Thread(target=time.sleep, args=(60,)).start()
give_up("because")
"""


def test_it_ends_without_waiting_for_anything() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 1
    assert '"reason": "because"' in done.stderr
    assert done.stdout == ""
