"""The filter of system calls, in a process of its own each."""

import subprocess
import sys

import pytest

from infra.embedded.clickhouse import seccomp

pytestmark = pytest.mark.skipif(not seccomp.is_known(), reason="another machine")

_BEFORE = """
import os, socket, subprocess, sys, threading
from infra.embedded.clickhouse import seccomp
pair = socket.socketpair()
listener = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(listener.getsockname())
go, done = threading.Event(), threading.Event()
def late():
    go.wait()
    try:
        socket.socket()
    except PermissionError:
        print("refused in the other thread")
    done.set()
threading.Thread(target=late).start()
seccomp.restrict()
go.set()
done.wait()
"""


def said(attempt: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", _BEFORE + attempt], capture_output=True, text=True, timeout=180, check=False
    )
    return [*done.stdout.split("\n"), *done.stderr.strip().splitlines()[-1:]]


@pytest.mark.parametrize(
    "attempt",
    [
        "socket.socket()",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
        "socket.socket(socket.AF_UNIX)",
        "client.connect(('127.0.0.1', 1))",
        "client.bind(('127.0.0.1', 0))",
        "subprocess.run(['true'])",
        "os.execv('/bin/true', ['true'])",
    ],
)
def test_what_is_refused_in_all_threads(attempt: str) -> None:
    lines = said(attempt)
    assert lines[0] == "refused in the other thread"
    assert lines[-1].startswith("PermissionError")


def test_what_is_open_goes_on() -> None:
    accepted = "accepted, _ = listener.accept(); client.send(b'x'); print(accepted.recv(1))"
    threads = "t = threading.Thread(target=print, args=('thread',)); t.start(); t.join()"
    assert said(f"{accepted}\n{threads}")[:3] == ["refused in the other thread", "b'x'", "thread"]
