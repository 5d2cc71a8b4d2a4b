"""What every committed figure comes with: when, with which versions and on what kind of machine it was made."""

import datetime
import os
import platform
from importlib import metadata


def circumstances():
    """When, with which versions and on what kind of machine; nothing that tells one machine from another."""
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": {"system": platform.system(), "processor": platform.machine(), "cores": os.cpu_count()},
        "versions": {name: metadata.version(name) for name in ("numpy", "matplotlib")}
        | {"python": platform.python_version()},
    }


def write(path, content):
    """Write bytes beside `path` and move them there, so that an interrupted run leaves the old file whole."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_bytes(content)
    os.replace(unfinished, path)
