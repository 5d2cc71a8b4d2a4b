"""The frameworks that are compared: what each needs, how it is told its threads, and where it keeps caches."""

import importlib
import importlib.util
import os
import platform
from importlib import metadata
from typing import NamedTuple


class Framework(NamedTuple):
    """One column of the comparison.

    `family` names the method of a workload that builds it: three columns are PyTorch, and three Pellucid.
    """

    family: str
    packages: tuple = ()  # must be installed; the first one is imported
    disk_cache: bool = False  # compiles to files, so that its first step is cold once and warm from then on
    what: str = ""


FRAMEWORKS = {
    "pellucid": Framework("pellucid", ("pellucid",), True, "Pellucid, pc.compile with its default target"),
    "numpy": Framework("pellucid", ("pellucid",), False, 'Pellucid, pc.compile(target="numpy")'),
    "eager": Framework("pellucid", ("pellucid",), False, "Pellucid, not compiled"),
    "torch": Framework("torch", ("torch",), False, "PyTorch, eager, as its tutorials write it"),
    "torch_tuned": Framework(
        "torch", ("torch",), False, "PyTorch, eager, fused optimizer, inference_mode, channels last"
    ),
    "torch_compile": Framework("torch", ("torch",), True, "PyTorch, torch.compile, fused optimizer, channels last"),
    "jax": Framework("jax", ("jax",), False, "JAX, the whole step in one jax.jit, buffers donated"),
    "onnxruntime": Framework("onnxruntime", ("onnxruntime", "onnx"), False, "ONNX Runtime (inference only)"),
    "keras": Framework("keras", ("keras", "jax"), False, "Keras 3 over JAX, train_on_batch"),
}
OURS = "pellucid"
OUR_FAMILY = [name for name, framework in FRAMEWORKS.items() if framework.family == "pellucid"]


def lacking(name):
    """The first package that this framework needs and that is not installed, or None. Nothing is imported."""
    for package in FRAMEWORKS[name].packages:
        if importlib.util.find_spec(package) is None:
            return package
    return None


def versions():
    """The versions of everything that has a part in the figures; None for what is not installed."""
    found: dict[str, str | None] = {"python": platform.python_version()}
    for package in ("numpy", "torch", "jax", "onnxruntime", "onnx", "keras"):
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = None
    from pellucid import __version__

    return {"pellucid": __version__, **found}


# Every library that a framework may compute with reads one of these when it is loaded.
# NPROC is how XLA is told how many threads to start.
THREAD_VARIABLES = (
    "PELLUCID_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NPROC",
)
# Compiled files go into a folder of this run, so that the first step starts with an empty cache.
CACHE_VARIABLES = ("PELLUCID_CACHE", "XDG_CACHE_HOME", "TORCHINDUCTOR_CACHE_DIR", "TRITON_CACHE_DIR")


def environment(threads, cache):
    """The environment variables of a worker process."""
    own = dict.fromkeys(THREAD_VARIABLES, str(threads))
    own |= {name: str(cache / name.lower()) for name in CACHE_VARIABLES}
    own |= {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu", "CUDA_VISIBLE_DEVICES": "", "PYTHONHASHSEED": "0"}
    return os.environ | own


def load(name, threads):
    """Import the framework, and tell it how many threads to use if it does not read that from the environment."""
    module = importlib.import_module(FRAMEWORKS[name].packages[0])
    if FRAMEWORKS[name].family == "torch":
        module.set_num_threads(threads)
        module.set_num_interop_threads(1)
    return module
