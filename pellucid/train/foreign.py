"""Files of other programs, refused with what they are and the line that converts them.

Every kind of file begins with bytes of its own. They are looked at only where a file cannot be safetensors, or where
its name says what it is.
"""

import zipfile
from pathlib import Path

from pellucid.errors import FormatError

PICKLE_SUFFIXES = (".pt", ".pth", ".pkl", ".pickle")
LEGACY = b"\x80\x02\x8a\x0a"  # torch.save before 2020: a pickle of its own number first
ZIP, NUMPY, HDF5 = b"PK\x03\x04", b"\x93NUMPY", b"\x89HDF"
PICKLES = tuple(bytes([0x80, protocol]) for protocol in (2, 3, 4, 5))
ANY_CODE = "a pickle: reading one can run any code, so Pellucid never does."


def refuse_foreign(path, file, size):
    """Raise FormatError if the open file, of `size` bytes, is of another program. It is left at its beginning."""
    start = file.read(8)
    file.seek(0)
    suffix = Path(path).suffix.lower()
    could_be_ours = 2 <= int.from_bytes(start, "little") <= size - 8 and len(start) == 8
    if suffix in (".pt", ".pth") or start.startswith(LEGACY):
        raise pytorch(path)
    if start.startswith(ZIP):
        raise archive(path)
    if start.startswith(NUMPY):
        remedy = f"Read it with NumPy, and name it: pc.save({{'x': np.load({str(path)!r})}}, {renamed(path)!r})"
        raise FormatError(f"{path} is one array, as NumPy's np.save writes it, and no safetensors file.", remedy)
    if start.startswith(HDF5):
        raise hdf5(path)
    if suffix in PICKLE_SUFFIXES or (start.startswith(PICKLES) and not could_be_ours):
        remedy = "If you trust its source, unpickle it in a program of your own, and "
        remedy += f"pc.save({{name: array, ...}}, {renamed(path)!r})"
        raise FormatError(f"{path} is {ANY_CODE}", remedy)


def archive(path):
    """The error for a zip: PyTorch's, NumPy's or Keras'."""
    try:
        with zipfile.ZipFile(path) as file:
            names = file.namelist()
    except (zipfile.BadZipFile, OSError):
        names = []
    if names and all(name.endswith(".npy") for name in names):
        remedy = f"Read them with NumPy: pc.save(dict(np.load({str(path)!r})), {renamed(path)!r})"
        return FormatError(f"{path} holds arrays, as NumPy's np.savez writes them, and is no safetensors file.", remedy)
    if "model.weights.h5" in names:
        return FormatError(
            f"{path} is a model of Keras: its layers as JSON, its weights as HDF5.",
            remedy="Build the layers here; unzip it, and pc.load(...) says how to convert its model.weights.h5.",
        )
    return pytorch(path)


def pytorch(path):
    """The error for a file of PyTorch, with the command that converts it."""
    return FormatError(
        f"{path} is a file of PyTorch, as torch.save writes it, and so {ANY_CODE}",
        remedy=f"If you trust its source, convert it where PyTorch is installed: {conversion(path)}",
    )


def conversion(path):
    """The command that turns a state dict of PyTorch, alone or as part of a checkpoint, into a safetensors file.

    Tensors that share memory (tied weights) are cloned, for safetensors refuses them otherwise.
    """
    program = (
        f"import torch, safetensors.torch as s; d = torch.load({spelled(path)}, 'cpu', weights_only=True); "
        "d = d.get('state_dict', d.get('model_state_dict', d.get('model', d))); "
        "d = {k: v.clone().contiguous() for k, v in d.items() if hasattr(v, 'clone')}; "
        f"s.save_file(d, {spelled(renamed(path))})"
    )
    return f'python -c "{program}"'


def hdf5(path):
    """The error for HDF5, with the command that takes the arrays out of it."""
    program = (
        "import h5py, safetensors.numpy as s; w = {}; "
        f"h5py.File({spelled(path)}).visititems("
        "lambda k, v: w.update({k: v[...]}) if hasattr(v, 'dtype') else None); "
        f"s.save_file({{k: v for k, v in w.items() if v.dtype.kind in 'fiu'}}, {spelled(renamed(path))})"
    )
    return FormatError(
        f"{path} is HDF5, as Keras writes weights, and no safetensors file.",
        remedy=f'Where h5py is installed: python -c "{program}"',
    )


def renamed(path):
    """The name of the safetensors file to make of a file."""
    return str(Path(path).with_suffix(".safetensors"))


def spelled(path):
    """A path as a Python literal that may stand inside "..." of a shell: what a shell reads is written as a number."""
    letters = [f"\\x{ord(c):02x}" if c in "'\"$`\\!%" else c for c in Path(path).as_posix()]
    return f"'{''.join(letters)}'"
