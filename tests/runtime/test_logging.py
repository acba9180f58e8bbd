"""Logs are JSON lines with the service's name, from our code and from libraries alike."""

import subprocess
import sys

import orjson

PROGRAM = """
import logging
from runtime.logging import configure, get_logger
configure("writer", "INFO")
get_logger("ours").info("stored", rows=3)
get_logger("ours").debug("hidden")
logging.getLogger("theirs").warning("lost %s", "it")
try:
    raise ValueError("why")
except ValueError:
    get_logger("ours").exception("failed")
"""

FLOOD = """
import logging
from runtime import repeat_filter
from runtime.logging import configure, get_logger
configure("writer", "INFO")
def say(number):
    logging.getLogger("aiokafka").error("no connection to %s", number)
    get_logger("ours").warning("insert_waits", attempt=number)
repeat_filter._WINDOW_SECONDS = 1e9
for number in range(100):
    say(number)
repeat_filter._WINDOW_SECONDS = 0
say(100)
"""

DEBUG = """
import logging
from runtime.logging import configure, get_logger
configure("writer", "DEBUG")
get_logger("ours").debug("said")
logging.getLogger("aiokafka.producer.producer").debug("Sending (value=%r)", b"rows of an agent")
logging.getLogger("aiokafka.conn").info("connected")
"""


def test_every_line_is_json_with_the_service() -> None:
    ended = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, check=True)
    assert ended.stdout == b""
    stored, lost, failed = (orjson.loads(line) for line in ended.stderr.splitlines())
    assert (stored["event"], stored["rows"], stored["level"], stored["service"]) == (
        "stored",
        3,
        "info",
        "writer",
    )
    assert (lost["event"], lost["service"]) == ("lost it", "writer")
    assert "ValueError: why" in failed["exception"]


def test_a_flood_is_cut_and_counted_for_libraries_and_for_us() -> None:
    ended = subprocess.run([sys.executable, "-c", FLOOD], capture_output=True, check=True)
    lines = [orjson.loads(line) for line in ended.stderr.splitlines()]
    for logger in ("aiokafka", "ours"):
        counts = [line.get("suppressed") for line in lines if line["logger"] == logger]
        assert counts == [None] * 5 + [95]


def test_what_libraries_send_is_not_logged_even_for_debugging() -> None:
    ended = subprocess.run([sys.executable, "-c", DEBUG], capture_output=True, check=True)
    assert [orjson.loads(line)["event"] for line in ended.stderr.splitlines()] == ["said", "connected"]
