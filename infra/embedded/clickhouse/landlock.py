"""Landlock, by its three system calls: what this process may reach of files and TCP from now on.

By hand, because what PyPI has is one development release that knows neither the network nor scopes.
"""

import ctypes
import os
import stat
from collections.abc import Iterable
from pathlib import Path

_CREATE_RULESET = 444
_ADD_RULE = 445
_RESTRICT_SELF = 446
_VERSION_FLAG = 1
_RULE_PATH_BENEATH = 1
_PR_SET_NO_NEW_PRIVS = 38

# The versions of the kernel's interface at which it learnt what is asked for here.
NETWORK_SINCE = 4
_SCOPES_SINCE = 6

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_FIRST_FILE_RIGHTS = (1 << 13) - 1
_LATER_FILE_RIGHTS = {
    2: 1 << 13,
    3: 1 << 14,
    5: 1 << 15,
}  # to move between folders, truncate, control devices
_TRUNCATE = 1 << 14
_OF_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
_READING = _READ_FILE | _READ_DIR
_TCP = (1 << 0) | (1 << 1)  # to bind and to connect
_SCOPES = (1 << 0) | (1 << 1)  # abstract Unix sockets and signals of others

_libc = ctypes.CDLL(None, use_errno=True)


class _RulesetAttributes(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """The version of the kernel's interface, 0 if it has none or does not let us use it."""
    try:
        return max(0, int(_libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION_FLAG)))
    except AttributeError:  # no Linux
        return 0


def restrict(writable: Iterable[Path], readable: Iterable[Path]) -> None:
    """Confine this thread, and those that it starts from now on, to these folders, without TCP.

    What is open stays so. The kernel's version must be at least 1; older ones restrict less.

    Raises:
        OSError: the kernel refuses, or a folder is not there.
    """
    kernel = version()
    files = _FIRST_FILE_RIGHTS
    for since, right in _LATER_FILE_RIGHTS.items():
        files |= right if kernel >= since else 0
    ruleset = _create_ruleset(kernel, files)
    try:
        for path in writable:
            _allow(ruleset, path, files)
        for path in readable:
            _allow(ruleset, path, _READING)
        _checked(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        _checked(_libc.syscall(_RESTRICT_SELF, ruleset, 0))
    finally:
        os.close(ruleset)


def _create_ruleset(kernel: int, files: int) -> int:
    network = _TCP if kernel >= NETWORK_SINCE else 0
    scopes = _SCOPES if kernel >= _SCOPES_SINCE else 0
    attributes = _RulesetAttributes(files, network, scopes)
    # Older kernels know the beginning of the structure only.
    known = 24 if scopes else 16 if network else 8
    found = _libc.syscall(_CREATE_RULESET, ctypes.byref(attributes), ctypes.c_size_t(known), 0)
    return _checked(int(found))


def _allow(ruleset: int, path: Path, rights: int) -> None:
    parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(parent).st_mode):
            rights &= _OF_A_FILE
        rule = _PathBeneath(rights, parent)
        _checked(int(_libc.syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, ctypes.byref(rule), 0)))
    finally:
        os.close(parent)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
