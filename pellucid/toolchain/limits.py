"""Limits that a process sets itself, where the system has them (Linux has all, macOS some, Windows none)."""

import sys
from contextlib import suppress


def limit_memory(more):
    """Let this process take at most `more` bytes more than it has now. Says whether the system sees to it."""
    if sys.platform != "linux":
        return False  # macOS accepts the limit and ignores it
    import resource

    with open("/proc/self/statm", encoding="ascii") as file:
        now = int(file.read().split()[0]) * resource.getpagesize()
    with suppress(ValueError, OSError):  # a lower limit is set already
        resource.setrlimit(resource.RLIMIT_AS, (now + more, resource.getrlimit(resource.RLIMIT_AS)[1]))
        return True
    return False


def leave_no_core():
    """Let a crash of this process write no core file."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def limit_time(seconds):
    """Let the system end this process when it has computed for so long."""
    if sys.platform != "win32":
        import resource

        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        with suppress(ValueError, OSError):  # a lower limit is set already
            resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, hard))
