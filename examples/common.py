"""What every program here has in common: its options, and where real data lie.

Each runs by itself (`python examples/xor.py`), draws with `--picture FILE`, and does less with `--fast`.
"""

import argparse
import os
from pathlib import Path

from pellucid import data


def options(description):
    """`--picture FILE` and `--fast`, read from the command line."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--picture", metavar="FILE", help="draw what came out into this file")
    parser.add_argument("--fast", action="store_true", help="less of everything: for a glance, and for tests")
    return parser.parse_args()


def folder_of(name):
    """The folder `name` in $PELLUCID_DATA, or None where there is no such folder."""
    folder = Path(os.environ.get("PELLUCID_DATA", ""), name)
    return folder if os.environ.get("PELLUCID_DATA") and folder.is_dir() else None


def samples(name):
    """Inputs and labels of the ai-edu course, such as `samples("ch04")`, or None where they are not.

    The files (microsoft/ai-edu, "Neural networks: a simple tutorial", folder Data) belong into $PELLUCID_DATA/ai-edu.
    """
    folder = folder_of("ai-edu")
    if folder is None:
        return None
    arrays = data.read_npz(folder / f"{name}.npz")
    return arrays["data"], arrays["label"]
