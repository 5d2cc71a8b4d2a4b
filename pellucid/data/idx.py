"""IDX, the file format of MNIST: one array, with a header that says its dtype and shape.

    byte 0, 1   zero
    byte 2      dtype code: 8 uint8, 9 int8, 11 int16, 12 int32, 13 float32, 14 float64
    byte 3      number of axes
    then        for each axis its size, 4 bytes, most significant byte first
    then        the numbers, last axis fastest, most significant byte first

Source: Y. LeCun, C. Cortes and C. Burges, "The MNIST database of handwritten digits" (1998). The format has
no checksum, so a changed pixel cannot be noticed in a plain file; in a gzip file every change of the contents is.
"""

import gzip
import math
import os
import sys
from pathlib import Path

import numpy as np

from pellucid.data.unpack import REMEDY, open_source
from pellucid.errors import ArgumentError, DataFileError, DataNotFoundError

DTYPES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
CODES = {np.dtype(dtype).newbyteorder("="): code for code, dtype in DTYPES.items()}
MOST_AXES = 64  # NumPy's own limit


def read_idx(path):
    """Read an IDX file, plain or gzip (told apart by its first bytes), into a new array.

    The header must be consistent and describe exactly the bytes that follow; that is checked before memory
    is set aside for them. Raises DataNotFoundError if there is no such file, DataFileError (file, place,
    what was expected) if it is damaged in any way that can be noticed.
    """
    path = Path(path)
    if not path.exists():
        raise DataNotFoundError(f"There is no file {path}.")
    if not path.is_file():
        raise DataFileError(f"{path} is not a file but a folder or a device.")
    with open(path, "rb") as file:
        source = open_source(path, file)
        dtype, shape, header_length = read_header(source)
        source.expect(header_length + math.prod(shape) * dtype.itemsize)
        try:
            array = np.empty(shape, dtype)
        except MemoryError:
            size = math.prod(shape) * dtype.itemsize
            raise DataFileError(f"{path} holds {size} bytes, more than there is memory for.") from None
        if array.size:
            source.read_into(array.reshape(-1).view(np.uint8))
        source.finish()
    return array.astype(dtype.newbyteorder("="), copy=False)


def read_header(source):
    """The dtype, the shape and the length in bytes of the header at the beginning of the source."""
    start = bytearray(4)
    source.read_into(start)
    if start[:2] != b"\0\0":
        raise DataFileError(
            f"{source.path} is not an IDX file: bytes 0 and 1 are {start[0]} and {start[1]}, both must be 0.",
            remedy=REMEDY,
        )
    code, axes = start[2], start[3]
    if code not in DTYPES:
        known = ", ".join(str(known) for known in DTYPES)
        raise DataFileError(
            f"{source.path} is damaged: byte 2, the dtype code, is {code}; it must be one of {known}.", remedy=REMEDY
        )
    if not 1 <= axes <= MOST_AXES:
        raise DataFileError(
            f"{source.path} is damaged: byte 3, the number of axes, is {axes}; it must be from 1 to {MOST_AXES}.",
            remedy=REMEDY,
        )
    sizes = bytearray(4 * axes)
    source.read_into(sizes)
    shape = tuple(int.from_bytes(sizes[at : at + 4], "big") for at in range(0, len(sizes), 4))
    dtype = np.dtype(DTYPES[code])
    # An axis of size 0 makes the array empty, yet NumPy wants the other axes to multiply to something addressable.
    if math.prod(max(size, 1) for size in shape) * dtype.itemsize > sys.maxsize:
        raise DataFileError(
            f"{source.path} is damaged: the sizes at byte 4 declare the shape {shape}, which no memory can hold.",
            remedy=REMEDY,
        )
    return dtype, shape, len(start) + len(sizes)


def write_idx(path, array):
    """Write an array as an IDX file; a name that ends in `.gz` is packed with gzip.

    The file appears under its name only when it is complete. The same array gives the same bytes every time.
    Raises ArgumentError for dtypes that IDX does not know and arrays without axes, DataNotFoundError if the
    folder does not exist.
    """
    path = Path(path)
    array = np.asarray(array)
    code = CODES.get(array.dtype.newbyteorder("="))
    if code is None:
        known = ", ".join(str(dtype) for dtype in CODES)
        raise ArgumentError(
            f"IDX cannot hold {array.dtype}, only {known}.", remedy="Convert it first: array.astype(np.uint8)"
        )
    if not 1 <= array.ndim <= MOST_AXES or any(size >= 2**32 for size in array.shape):
        raise ArgumentError(f"IDX needs 1 to {MOST_AXES} axes of less than 2**32 each, but the shape is {array.shape}.")
    header = bytes([0, 0, code, array.ndim]) + b"".join(size.to_bytes(4, "big") for size in array.shape)
    numbers = np.ascontiguousarray(array, DTYPES[code]).data

    if not path.parent.is_dir():
        raise DataNotFoundError(f"There is no folder {path.parent} to write {path.name} into.")
    # Written beside the target and renamed: a crash in between leaves the old file or none, never half a file.
    temporary = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    try:
        with open(temporary, "wb") as file:
            if path.suffix == ".gz":
                # Without name and time, equal arrays give equal files.
                with gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed:
                    packed.write(header)
                    packed.write(numbers)
            else:
                file.write(header)
                file.write(numbers)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
