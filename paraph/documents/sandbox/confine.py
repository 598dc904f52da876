"""What a child may no longer do. Each measure stands alone: one that the system lacks is skipped only if
it is a second line of defence (network, parent's death); the resource limits are never skipped."""

import ctypes
import resource
import signal
from typing import Final

from paraph.documents.limits import Limits

PR_SET_PDEATHSIG: Final = 1
PR_SET_NO_NEW_PRIVS: Final = 38
CLONE_NEWUSER: Final = 0x10000000
CLONE_NEWNET: Final = 0x40000000
WALL_GRACE_SECONDS: Final = 2.0
"""The caller ends a child at its wall clock; the child's own alarm is for a caller that has died."""

_libc = ctypes.CDLL(None, use_errno=True)


def leave_the_network() -> None:
    """Where the kernel allows it, no socket reaches anything from here on."""
    if _libc.unshare(CLONE_NEWNET) != 0:
        _libc.unshare(CLONE_NEWUSER | CLONE_NEWNET)


def confine(limits: Limits) -> None:
    """Resource limits on this process, for good."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    _libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, limits.wall_seconds + WALL_GRACE_SECONDS)
    for kind, soft, hard in (
        (resource.RLIMIT_AS, limits.memory_bytes, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.cpu_seconds, limits.cpu_seconds + 1),
        (resource.RLIMIT_FSIZE, limits.output_bytes, limits.output_bytes),
        (resource.RLIMIT_NOFILE, limits.open_files, limits.open_files),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        resource.setrlimit(kind, (soft, hard))
