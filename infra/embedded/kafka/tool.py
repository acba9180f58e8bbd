"""Become one of Kafka's command line tools: `python -m infra.embedded.kafka.tool CLASS ARGUMENT…`.

The jars that the embedded broker runs on hold them all, so nobody needs a Kafka distribution to use them.
"""

import os
import sys
from collections.abc import Sequence

from infra.embedded.kafka.installation import find
from infra.embedded.kafka.java import tool_command
from infra.embedded.kafka.settings import DownloadSettings


def command(arguments: Sequence[str]) -> list[str]:
    """The command line of a tool by its class and arguments.

    Raises:
        SystemExit: there is no class, or Kafka has not been downloaded.
    """
    if not arguments:
        sys.exit("usage: python -m infra.embedded.kafka.tool CLASS [ARGUMENT ...]")
    installation = find(DownloadSettings())
    if installation is None:
        sys.exit("Kafka is not there yet: `promethios up` downloads it, or `make up`.")
    return tool_command(installation, *arguments)


if __name__ == "__main__":
    found = command(sys.argv[1:])
    os.execv(found[0], found)  # noqa: S606 - what the tool is told and says is the person's
