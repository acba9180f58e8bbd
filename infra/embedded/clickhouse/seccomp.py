"""A filter of system calls: no new sockets, no programs, no looking into other processes."""

import ctypes
import errno
import os
import platform
import struct

_PR_SET_NO_NEW_PRIVS = 38
_SET_MODE_FILTER = 1
_ALL_THREADS = 1

_LOAD_WORD, _JUMP_IF_EQUAL, _JUMP_IF_LARGER, _RETURN = 0x20, 0x15, 0x25, 0x06
_ALLOW, _FAIL, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_NUMBER_OFFSET, _ARCHITECTURE_OFFSET = 0, 4

# socket, connect, bind, execve, execveat, ptrace, process_vm_readv, process_vm_writev, io_uring_setup (which
# would make sockets past the filter), pidfd_getfd; and the number of seccomp itself.
_X86_64 = (0xC000003E, 317, (41, 42, 49, 59, 322, 101, 310, 311, 425, 438))
_AARCH64 = (0xC00000B7, 277, (198, 203, 200, 221, 281, 117, 270, 271, 425, 438))
_MACHINES = {"x86_64": _X86_64, "aarch64": _AARCH64}
_HIGHEST_NUMBER = 0x3FFFFFFF  # above are the numbers of x32, another set of the same calls

_libc = ctypes.CDLL(None, use_errno=True)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def is_known() -> bool:
    """Whether the numbers of this machine's system calls are known here."""
    return platform.system() == "Linux" and platform.machine() in _MACHINES


def restrict() -> None:
    """Refuse the calls with EACCES in all threads, now and from now on.

    Raises:
        OSError: the kernel refuses.
    """
    architecture, seccomp, calls = _MACHINES[platform.machine()]
    code = _program(architecture, calls)
    program = _Program(len(code) // 8, code)
    if _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0:
        raise _error()
    if _libc.syscall(seccomp, _SET_MODE_FILTER, _ALL_THREADS, ctypes.byref(program)) != 0:
        raise _error()


def _program(architecture: int, calls: tuple[int, ...]) -> bytes:
    """The filter for the kernel's own machine: eight bytes an instruction."""
    last = len(calls) + 1
    return b"".join(
        [
            _instruction(_LOAD_WORD, _ARCHITECTURE_OFFSET),
            _instruction(_JUMP_IF_EQUAL, architecture, 1, 0),
            _instruction(_RETURN, _KILL),
            _instruction(_LOAD_WORD, _NUMBER_OFFSET),
            _instruction(_JUMP_IF_LARGER, _HIGHEST_NUMBER, last, 0),
            *(_instruction(_JUMP_IF_EQUAL, call, last - 1 - place, 0) for place, call in enumerate(calls)),
            _instruction(_RETURN, _ALLOW),
            _instruction(_RETURN, _FAIL | errno.EACCES),
        ]
    )


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _error() -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number))
