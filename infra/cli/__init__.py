"""The `promethios` command, a file for each of its subcommands."""

import sys

# Stands before every other import, so that an old Python says this and not a syntax error.
if sys.version_info < (3, 11):  # noqa: UP036 - pip checks it on installation, not on a start with another Python
    _FOUND = ".".join(map(str, sys.version_info[:2]))
    sys.exit(f"Promethios needs Python 3.11 or newer, and this is {_FOUND}: run it with a newer one.")
