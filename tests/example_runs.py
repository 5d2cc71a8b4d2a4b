"""Running the programs in `examples/` as a reader would."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def output_of(name, tmp_path, *options):
    """What an example prints, in a folder of its own, with warnings as errors."""
    command = [sys.executable, "-W", "error", str(ROOT / "examples" / name), *options]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def shown(name, tmp_path):
    """What an example prints with `--fast`; its picture must have come out too."""
    lines = output_of(name, tmp_path, "--fast", "--picture", "picture.png")
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")
    return lines


def numbers_in(line):
    """All numbers of a line, as they come."""
    return [float(number) for number in re.findall(r"[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?", line)]
