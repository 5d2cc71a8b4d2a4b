"""What the machine is, and what it can do at most: products of matrices and copies of memory, measured now."""

# pyright: reportMissingImports=false
# (the other frameworks may be absent)

import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

from bench.frameworks import environment, lacking

ROOT = Path(__file__).resolve().parent.parent


def describe():
    """The processor in words, its cores and the system."""
    return {
        "processor": processor_name(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
    }


def processor_name():
    """What the processor calls itself."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass  # not Linux
    return platform.processor() or platform.machine()


def commit():
    """Which state of the sources was measured; None outside of a repository."""
    try:
        words = ["git", "describe", "--always", "--dirty", "--abbrev=10"]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def peaks(threads, fast, folder):
    """GFLOP/s of a large float32 product and GB/s (read and written) of a large copy, in a process of its own."""
    words = [sys.executable, "-m", "bench.machine", str(threads), "fast" if fast else "full"]
    done = subprocess.run(
        words, cwd=ROOT, env=environment(threads, folder), capture_output=True, encoding="utf-8", check=True
    )
    return json.loads(done.stdout)


def best(function, seconds):
    """The shortest time of one call, over about so many seconds."""
    shortest, end = float("inf"), time.perf_counter() + seconds
    function()
    while time.perf_counter() < end:
        start = time.perf_counter()
        function()
        shortest = min(shortest, time.perf_counter() - start)
    return shortest


def measure_peaks(threads, fast):
    """With PyTorch if it is there, since its copy uses all threads; else with NumPy."""
    import numpy as np

    side, length, seconds = (512, 1 << 22, 0.05) if fast else (2048, 1 << 25, 1.0)
    a, source = np.ones((side, side), np.float32), np.ones(length, np.float32)
    if lacking("torch"):
        target, product = np.empty_like(source), np.empty_like(a)
        seconds_a_product = best(lambda: np.matmul(a, a, out=product), seconds)
        seconds_a_copy = best(lambda: np.copyto(target, source), seconds)
    else:
        import torch

        torch.set_num_threads(threads)
        x, memory = torch.from_numpy(a), torch.from_numpy(source)
        target, product = torch.empty_like(memory), torch.empty_like(x)
        seconds_a_product = best(lambda: torch.matmul(x, x, out=product), seconds)
        seconds_a_copy = best(lambda: target.copy_(memory), seconds)
    return {
        "gflops": round(2 * side**3 / seconds_a_product / 1e9, 1),
        "gb_s": round(2 * source.nbytes / seconds_a_copy / 1e9, 1),
    }


if __name__ == "__main__":
    print(json.dumps(measure_peaks(int(sys.argv[1]), sys.argv[2] == "fast")))
