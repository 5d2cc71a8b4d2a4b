"""The processor: what tells it from others, and how many of its cores this process may use."""

import os
import sys

SAID = {
    "vendor_id", "cpu family", "model", "model name", "stepping", "flags",  # x86
    "features", "cpu implementer", "cpu architecture", "cpu variant", "cpu part",  # ARM
    "isa", "uarch", "cpu", "machine",  # RISC-V, POWER, s390
}  # fmt: skip


def processor():
    """What tells one processor from another, for -march=native."""
    if sys.platform == "linux":
        return linux_processor()
    if sys.platform == "darwin":
        import subprocess

        said = subprocess.run(["/usr/sbin/sysctl", "machdep.cpu"], capture_output=True, check=False)
        return said.stdout.decode("utf-8", errors="replace")
    if sys.platform == "win32":
        return os.environ.get("PROCESSOR_IDENTIFIER", "")  # platform.processor() may take seconds there
    import platform

    return platform.processor()


def linux_processor():
    """The lines about the first core in /proc/cpuinfo that stay the same (clock rates do not)."""
    text = b""
    try:
        with open("/proc/cpuinfo", "rb", buffering=0) as file:
            # Only until the first core is described: the whole of it takes long where there are hundreds of cores.
            while b"\n\n" not in text and len(text) < 65536:
                more = file.read(4096)
                if not more:
                    break
                text += more
    except OSError:
        return ""
    lines = text.decode("utf-8", errors="replace").partition("\n\n")[0].splitlines()
    return "\n".join([line for line in lines if line.partition(":")[0].strip().lower() in SAID])


def cores():
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
