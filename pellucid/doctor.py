"""What works on this computer: Python, NumPy, compiler, packages, data sets, folders. Nothing is fetched."""

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pellucid import __version__
from pellucid.errors import CompilerError
from pellucid.toolchain import cache
from pellucid.toolchain.compilers import find_compiler
from pellucid.toolchain.machine import cores
from pellucid.train.run import blas

NEEDED = ("matplotlib", "rich", "safetensors", "pooch", "click", "pillow")
OPTIONAL = {
    "pytest": "runs the tests",
    "hypothesis": "runs the tests",
    "torch": "compared with in tests",
    "scikit-learn": "compared with in tests",
    "jax": "compared with in tests",
    "onnxruntime": "compared with in tests",
}
DATA_SETS = {
    "mnist": (
        "train-images-idx3-ubyte.gz",
        "train-labels-idx1-ubyte.gz",
        "t10k-images-idx3-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz",
    ),
}
DATA_SETS["fashion-mnist"] = DATA_SETS["mnist"]


class Finding(NamedTuple):
    """One line of the report. `state` is "ok", "missing" (it is needed) or "absent" (one can do without it)."""

    what: str
    state: str
    text: str


def examine():
    """Look at everything; a list of Findings."""
    return [*python(), *packages(), *machine(), *compiler(), *data_sets(), *folders()]


def as_text(findings):
    """The findings as lines."""
    width = max([len(finding.what) for finding in findings])
    further = "\n" + " " * (width + 11)  # a text of several lines stays in its column
    lines = [
        f"{finding.state:>7}  {finding.what:<{width}}  {finding.text.replace(chr(10), further)}" for finding in findings
    ]
    missing = [finding.what for finding in findings if finding.state == "missing"]
    verdict = f"Missing: {', '.join(missing)}." if missing else "Everything that is needed is here."
    return "\n".join([*lines, "", verdict])


def python():
    """Python itself, and this package."""
    state = "ok" if sys.version_info >= (3, 11) else "missing"
    yield Finding("Pellucid", "ok", f"{__version__} in {Path(__file__).parent}")
    yield Finding("Python", state, f"{platform.python_version()} at {sys.executable}; 3.11 or newer is needed")


def packages():
    """Packages that are needed, and those that are good to have."""
    modern = int(np.__version__.split(".")[0]) >= 2
    yield Finding(
        "numpy", "ok" if modern else "missing", f"{np.__version__}, with BLAS {blas()}; 2.0 or newer is needed"
    )
    for name in NEEDED:
        found = installed(name)
        yield Finding(name, "ok" if found else "missing", found or f"python -m pip install {name}")
    for name, purpose in OPTIONAL.items():
        found = installed(name)
        yield Finding(name, "ok" if found else "absent", found or f"not needed; {purpose}")


def installed(name):
    """The version of a package, or None. It is not imported."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def machine():
    """The processor."""
    yield Finding("processor", "ok", f"{platform.machine()}, {cores()} cores for this process, {platform.system()}")


def compiler():
    """The C compiler, tried out, and where compiled files are kept."""
    try:
        found = find_compiler()
    except CompilerError as error:
        yield Finding("C compiler", "absent", f"{error.message}\n{error.remedy or ''}".strip())
    else:
        yield Finding("C compiler", "ok", f"{' '.join(found.command)}: {found.version}")
        refused = f"; it refuses {' '.join(found.refused)}" if found.refused else ""
        yield Finding("C flags", "ok", " ".join(found.flags) + refused)
    store = cache.current()
    if store.given_up:
        yield Finding("compiled files", "absent", f"not kept: {store.given_up}")
    elif store.folder is not None:
        size = f"{store.size() / 1e6:.1f} MB; it may be deleted at any time"
        yield Finding("compiled files", "ok", f"{store.folder}, {size}")


def data_sets():
    """Data sets: inside the package, or files in the places where they are looked for."""
    yield Finding("digits, iris, xor", "ok", "inside the package")
    for name, files in DATA_SETS.items():
        for place in places():
            if all((place / name / file).is_file() for file in files):
                yield Finding(name, "ok", f"in {place / name}")
                break
        else:
            where = " or ".join([str(place / name) for place in places()])
            yield Finding(name, "absent", f"not in {where}; `train` downloads it")


def places():
    """The folders in which data sets are looked for."""
    if os.environ.get("PELLUCID_DATA"):
        yield Path(os.environ["PELLUCID_DATA"]).expanduser()
    if installed("pooch"):
        import pooch

        yield Path(pooch.os_cache("pellucid"))


def folders():
    """Where things are written."""
    for place in list(places())[-1:]:
        yield Finding("cache folder", "ok", f"{place}{'' if place.exists() else ' (made when it is needed)'}")
    here = Path.cwd()
    writable = os.access(here, os.W_OK)
    yield Finding(
        "run folders",
        "ok" if writable else "missing",
        f"{here / 'runs'}{'' if writable else ': may not be written to'}",
    )
