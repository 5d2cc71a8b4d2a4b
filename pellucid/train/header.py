"""The header of a safetensors file, checked before memory is set aside for anything that it promises.

A safetensors file is: 8 bytes with the length of the header (little endian); the header, a JSON object of
name -> {"dtype", "shape", "data_offsets": [begin, end]} with, if wanted, "__metadata__" -> {text: text}; then the
numbers, one tensor after the other without gaps. (The format is by Hugging Face, 2022, with no code in the file,
so that reading a stranger's weights runs nothing.)
"""

import json
import math
import sys
from typing import NamedTuple

import numpy as np

from pellucid.errors import DataFileError, FormatError

LONGEST = 100_000_000  # bytes of a header, the limit of the format itself
MOST_AXES = 64  # more than NumPy allows

# bfloat16 is the upper half of a float32, and NumPy has no such dtype: it is read as uint16 and widened.
DTYPES = {
    "BOOL": "bool", "U8": "u1", "I8": "i1", "U16": "<u2", "I16": "<i2", "U32": "<u4", "I32": "<i4",
    "U64": "<u8", "I64": "<i8", "F16": "<f2", "F32": "<f4", "F64": "<f8", "BF16": "<u2",
}  # fmt: skip
REMEDY = "Nothing was loaded. Fetch the file again, or use an older checkpoint."


class Entry(NamedTuple):
    """Where one tensor lies: `begin` and `end` count bytes from the end of the header."""

    name: str
    code: str
    shape: tuple
    begin: int
    end: int


def read_header(path, file, size):
    """Read the header of an open file of `size` bytes, and leave the file where the numbers begin.

    Returns the entries in the order of their bytes, and the metadata. Everything the entries promise is
    then known to be in the file. Raises DataFileError, FormatError.
    """
    if size < 8:
        raise damaged(path, f"it has {size} bytes, and the length of its header alone takes 8")
    length = int.from_bytes(file.read(8), "little")
    if not 2 <= length <= min(size - 8, LONGEST):
        raise damaged(path, f"its header is said to be {length} bytes long, and the file has {size} in all")
    text = file.read(length)
    if len(text) != length:
        raise damaged(path, f"its header breaks off after {len(text)} of {length} bytes")
    header = parse(path, text)
    metadata = check_metadata(path, header.pop("__metadata__", {}))
    entries = [check_entry(path, name, entry) for name, entry in header.items()]
    entries.sort(key=lambda entry: (entry.begin, entry.end))
    position = 0
    for entry in entries:
        if entry.begin != position:
            what = "overlaps the tensor before it" if entry.begin < position else "leaves a gap before it"
            raise damaged(path, f"tensor {entry.name!r} begins at byte {entry.begin} instead of {position}: it {what}")
        position = entry.end
    if position != size - 8 - length:
        raise damaged(path, f"its header promises {position} bytes of numbers, and the file has {size - 8 - length}")
    return entries, metadata


def parse(path, text):
    """The header as a dict. No name may occur twice: which of the two would be meant?"""

    def unique(pairs):
        names = dict(pairs)
        if len(names) != len(pairs):
            raise damaged(path, "a name occurs twice in its header")
        return names

    if not text.startswith(b"{"):
        raise damaged(path, "its header is not a JSON object")
    try:
        return json.loads(text.decode("utf-8"), object_pairs_hook=unique)
    except DataFileError:
        raise
    except (ValueError, RecursionError) as error:
        raise damaged(path, f"its header is not JSON ({error})") from None


def check_metadata(path, metadata):
    """Metadata are texts with names, and nothing else."""
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise damaged(path, "its metadata are not a table of texts")
    return metadata


def check_entry(path, name, entry):
    """One line of the header as an Entry whose numbers agree with each other."""
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise damaged(path, f"the entry of tensor {name!r} has other parts than dtype, shape and data_offsets")
    code, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(code, str) or code not in DTYPES:
        raise FormatError(
            f"{path}: tensor {name!r} has the dtype {str(code)[:20]!r}, which is none of {', '.join(DTYPES)}.",
            remedy="Convert the weights to float32 with the program that wrote them.",
        )
    if not whole_numbers(shape) or len(shape) > MOST_AXES:
        raise damaged(path, f"the shape of tensor {name!r} is not a list of at most {MOST_AXES} lengths")
    if not whole_numbers(offsets) or len(offsets) != 2 or offsets[0] > offsets[1]:
        raise damaged(path, f"the place of tensor {name!r} is not a pair [begin, end]")
    item = np.dtype(DTYPES[code]).itemsize
    if math.prod([max(length, 1) for length in shape]) * item > sys.maxsize:  # NumPy's own limit, even for length 0
        raise damaged(path, f"tensor {name!r} has a shape beyond all memory")
    needed = math.prod(shape) * item
    if needed != offsets[1] - offsets[0]:
        raise damaged(path, f"tensor {name!r} needs {needed} bytes and is given {offsets[1] - offsets[0]}")
    return Entry(name, code, tuple(shape), *offsets)


def whole_numbers(values):
    """A list of integers from 0 up to what an address can be; True and False are none."""
    return isinstance(values, list) and all(type(value) is int and 0 <= value <= sys.maxsize for value in values)


def damaged(path, what):
    return DataFileError(f"{path} is damaged, truncated or no safetensors file: {what}.", remedy=REMEDY)
