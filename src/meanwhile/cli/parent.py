"""A child process of ``meanwhile run`` or of the web server ends when its parent is gone, however that ended."""

import ctypes
import os
import signal
import sys

# Holds the process id of the supervisor in the environment of its children.
VARIABLE = "MEANWHILE_PARENT"
_PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Have the kernel send SIGTERM to this process when its parent dies. Linux only; elsewhere it outlives it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def end_with_supervisor() -> None:
    """The same for a process that ``meanwhile run`` started; nothing for one that was started alone."""
    expected = os.environ.pop(VARIABLE, "")
    if expected:
        end_with_parent()
        if os.getppid() != int(expected):  # it died before we asked
            sys.exit(1)
