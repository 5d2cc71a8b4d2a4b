"""Tensors in files: safetensors, with a checksum of our own. No pickle anywhere, so reading runs no code.

`pc.save` and `pc.load` are here. A checkpoint of a run is such a file too, with what is not a tensor as JSON in
its metadata.
"""

import hashlib
import json
import os
from pathlib import Path

import numpy as np

from pellucid.errors import ArgumentError, DataFileError, DataNotFoundError
from pellucid.tensors import Tensor, tensor
from pellucid.train.files import FORMAT, check_format, write_bytes
from pellucid.train.foreign import PICKLE_SUFFIXES, refuse_foreign
from pellucid.train.header import DTYPES, damaged, read_header

OURS = "pellucid"  # the name of our metadata; files of other programs do not have it


def save(values, path, metadata=None):
    """Write a module's `state_dict()`, the module itself, or any dict of tensors to a safetensors file.

    `metadata` is a dict that JSON can hold; `load_with_metadata` gives it back. The file appears in one move, and
    holds a SHA-256 of everything in it. Raises ArgumentError for what is not a tensor, for metadata that JSON cannot
    hold and for a name that ends like a pickle's, DataNotFoundError if there is no such folder.

    >>> import os, tempfile
    >>> import pellucid as pc
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     pc.save({"w": pc.tensor([1.0, 2.0])}, os.path.join(folder, "w.safetensors"))
    ...     pc.load(os.path.join(folder, "w.safetensors"))
    {'w': tensor([1., 2.])}
    """
    import safetensors.numpy

    if Path(path).suffix.lower() in PICKLE_SUFFIXES:
        raise ArgumentError(
            f"save writes safetensors, and {path} is named like a pickle.", remedy="Name it .safetensors."
        )
    if hasattr(values, "state_dict"):
        values = values.state_dict()
    if not isinstance(values, dict):
        raise ArgumentError(f"save takes a module or a dict of tensors, not {type(values).__name__}.")
    arrays = {name: plain_array(name, value) for name, value in values.items()}
    ours = {"format": FORMAT, "metadata": {} if metadata is None else metadata}
    try:
        ours["sha256"] = checksum(arrays, ours["metadata"])
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"JSON cannot hold the metadata that save was given: {error}.") from None
    write_bytes(path, safetensors.numpy.save(arrays, metadata={OURS: to_text(ours)}))


def load(path):
    """The tensors of a safetensors file: a dict of names and tensors, ready for `load_state_dict`.

    bfloat16, which NumPy lacks, becomes float32. Files of other programs load too; ours are also compared with their
    checksum. Raises DataFileError for a damaged file, DataNotFoundError if there is none, FormatError for a newer
    version and for files of another kind (PyTorch's `.pt`, pickles, NumPy's, HDF5), with the line that converts them.

    >>> import os, tempfile
    >>> import pellucid as pc
    >>> model, other = pc.nn.Linear(2, 1), pc.nn.Linear(2, 1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     pc.save(model, os.path.join(folder, "model.safetensors"))
    ...     missing, unexpected = other.load_state_dict(pc.load(os.path.join(folder, "model.safetensors")))
    >>> bool((other.weight == model.weight).all())
    True
    """
    return load_with_metadata(path)[0]


def load_with_metadata(path):
    """The tensors of a safetensors file, and the metadata that `save` was given (None in other programs' files).

    >>> import os, tempfile
    >>> import pellucid as pc
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     pc.save({"w": pc.ones(1)}, os.path.join(folder, "w.safetensors"), {"epoch": 3})
    ...     load_with_metadata(os.path.join(folder, "w.safetensors"))
    ({'w': tensor([1.])}, {'epoch': 3})
    """
    arrays, texts = read_arrays(path)
    metadata = None
    if OURS in texts:
        metadata = check_ours(path, arrays, texts[OURS])
    return {name: tensor(array) for name, array in arrays.items()}, metadata


def read_arrays(path):
    """The arrays and the metadata texts of a safetensors file, after every check that the format allows."""
    if os.path.isdir(path):
        raise DataFileError(f"{path} is a folder, not a safetensors file.")
    if not os.path.exists(path):
        raise DataNotFoundError(f"there is no file {path}.", remedy=where_to_look(path))
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        refuse_foreign(path, file, size)
        try:
            entries, texts = read_header(path, file, size)
            content = bytearray(size - file.tell())
            if file.readinto(content) != len(content):
                raise damaged(path, "it became shorter while it was read")
        except MemoryError:
            raise DataFileError(f"{path} has {size} bytes, more than fit into the memory of this process.") from None
    return {entry.name: array_of(path, entry, content) for entry in entries}, texts


def array_of(path, entry, content):
    """One tensor of the file as an array that owns its memory."""
    dtype = np.dtype(DTYPES[entry.code])
    raw = np.frombuffer(content, np.uint8, entry.end - entry.begin, entry.begin)
    if entry.code == "BOOL" and raw.size and raw.max() > 1:
        raise damaged(path, f"tensor {entry.name!r} of bools holds a byte that is neither 0 nor 1")
    array = np.frombuffer(raw.tobytes(), dtype).reshape(entry.shape)
    if entry.code == "BF16":
        return (array.astype(np.uint32) << np.uint32(16)).view(np.float32)
    return array.astype(dtype.newbyteorder("="))


def check_ours(path, arrays, text):
    """The metadata of a file that Pellucid wrote, once its format and its checksum are right."""
    try:
        ours = json.loads(text)
        number, promised, metadata = ours["format"], ours["sha256"], ours["metadata"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise damaged(path, "its own notes cannot be read") from None
    check_format(path, number)
    if checksum(arrays, metadata) != promised:
        raise damaged(path, "its numbers, names or notes are not those that were written (the checksum differs)")
    return metadata


def checksum(arrays, metadata):
    """SHA-256 of the metadata and of every tensor: name, dtype, shape and bytes, in the order of the names."""
    digest = hashlib.sha256(to_text(metadata).encode("utf-8"))
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(to_text([name, array.dtype.name, list(array.shape)]).encode("utf-8"))
        digest.update(array.astype(array.dtype.newbyteorder("<")).tobytes())
    return digest.hexdigest()


def to_text(values):
    """JSON that is the same text for the same values."""
    return json.dumps(values, sort_keys=True)


def plain_array(name, value):
    """A contiguous array of a tensor, or an error that says what cannot be saved."""
    if not isinstance(name, str) or name == "__metadata__":
        raise ArgumentError(f"a tensor cannot be saved under the name {name!r}: names are texts.")
    array = np.asarray(value.numpy() if isinstance(value, Tensor) else value)
    if array.dtype.name not in {np.dtype(code).name for code in DTYPES.values()}:
        raise ArgumentError(
            f"{name!r} is a {type(value).__name__} ({array.dtype}), and only tensors can be saved.",
            remedy="What is no tensor goes into metadata={...}, which may hold whatever JSON can.",
        )
    return np.array(array, order="C")


def where_to_look(path):
    """The folder in which a file was looked for, and what like it is there."""
    folder = Path(path).absolute().parent
    if not folder.is_dir():
        return f"There is no folder {folder} either."
    there = sorted(file.name for file in folder.glob("*.safetensors"))[:5]
    return f"The folder is {folder}" + (f"; it has {', '.join(there)}." if there else "; it has no .safetensors file.")
