"""A process raises its limit of open files, and not beyond what it may."""

import json
import subprocess
import sys

import pytest

PROGRAM = """
import json, resource, sys
from runtime.open_files import allow_open_files
wanted, hard = map(int, sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
print(json.dumps([allow_open_files(wanted), *resource.getrlimit(resource.RLIMIT_NOFILE)]))
"""


@pytest.mark.parametrize(
    ("wanted", "hard", "given"),
    [(100, 512, (100, 256, 512)), (400, 512, (400, 400, 512)), (9999, 512, (512, 512, 512))],
)
def test_the_limit_is_raised_as_far_as_it_may(wanted: int, hard: int, given: tuple[int, ...]) -> None:
    command = [sys.executable, "-c", PROGRAM, str(wanted), str(hard)]
    printed = subprocess.run(command, check=True, capture_output=True).stdout
    assert tuple(json.loads(printed)) == given
