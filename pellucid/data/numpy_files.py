"""NumPy's own files, .npy and .npz, read strictly: plain numbers, and exactly as many as their header says.

A header is believed only as far as the file is long, so a small file cannot ask for much memory; objects, which
are pickles and may run code, are refused.
"""

import math
import os
import re
import struct
import sys
import zlib

import numpy as np

from pellucid.data.unpack import MOST_GROWTH
from pellucid.errors import DataFileError, DataNotFoundError

LONGEST_HEADER = 10_000
MOST_AXES = 32
WIDTHS = {b"\x01\x00": 2, b"\x02\x00": 4, b"\x03\x00": 4}  # version -> bytes that hold the length of the header
DESCR = rb"""['"]descr['"] *: *['"]([<>|=]?[biufcmMOSUV]\d*)['"]"""
ORDER = rb"""['"]fortran_order['"] *: *(True|False)"""
SHAPE = rb"""['"]shape['"] *: *\(( *(?:\d{1,18} *(?:, *|(?=\))))*)\)"""
REMEDY = "Nothing was loaded. Write it again with np.save or np.savez."


def read_npy(path, *, memory_map=False):
    """The array in a .npy file.

    With `memory_map` the array stays on the disk and cannot be written: rows are read when somebody looks at them. So a
    data set may be larger than the memory: a DataLoader reads only the rows of each batch.

    Raises DataFileError if the file is damaged, too short or too long for its header, or holds anything but numbers;
    DataNotFoundError if it is not there.

    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "x.npy")
    >>> np.save(path, np.arange(6.0).reshape(3, 2))
    >>> read_npy(path)[1].tolist()
    [2.0, 3.0]
    """
    with opened(path) as file:
        shape, fortran, dtype = header_of(file, path)
        start = file.tell()
        size = math.prod(shape) * dtype.itemsize
        fits(path, start + size, os.fstat(file.fileno()).st_size)
        if not memory_map or size == 0:
            return in_order(np.fromfile(file, dtype, math.prod(shape)), shape, fortran)
    if not dtype.isnative:
        raise DataFileError(
            f"{path} holds {dtype}, in the byte order of another processor.", remedy="Read it without memory_map."
        )
    return np.memmap(path, dtype, "r", start, shape, "F" if fortran else "C")


def read_npz(path):
    """The arrays in a .npz file, compressed or not: a dict of name and array.

    Raises the errors of `read_npy`, which name the array as well.

    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "xy.npz")
    >>> np.savez(path, x=np.zeros((2, 2)), y=np.ones(2))
    >>> {name: array.shape for name, array in read_npz(path).items()}
    {'x': (2, 2), 'y': (2,)}
    """
    import zipfile  # only now: it takes 10 ms, a thirtieth of `import pellucid`

    arrays = {}
    with opened(path) as file:
        try:
            with zipfile.ZipFile(file) as archive:
                members = archive.infolist()
                if sum(member.compress_size for member in members) > os.fstat(file.fileno()).st_size:
                    raise damaged(path, "its members are longer than the file")
                for member in members:
                    arrays[member.filename.removesuffix(".npy")] = read_member(archive, member, path)
        except DataFileError:
            raise
        except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, ValueError) as error:
            raise damaged(path, f"its archive cannot be read ({error})") from None
    return arrays


def read_member(archive, member, path):
    """One array of an archive."""
    where = f"{path}, array {member.filename!r}"
    if member.file_size > member.compress_size * MOST_GROWTH + LONGEST_HEADER:
        raise damaged(where, f"it says that {member.compress_size} bytes become {member.file_size}")
    with archive.open(member) as file:
        shape, fortran, dtype = header_of(file, where)
        size = math.prod(shape) * dtype.itemsize
        fits(where, file.tell() + size, member.file_size)
        text = file.read(size)
        if len(text) != size or file.read(1):  # reading to the very end compares the checksum
            raise damaged(where, "its archive ends early")
    return in_order(np.frombuffer(bytearray(text), dtype), shape, fortran)


def opened(path):
    """The file, open to be read."""
    try:
        return open(path, "rb")
    except FileNotFoundError:
        raise DataNotFoundError(f"{path} is not there.", remedy="Paths are relative to the working folder.") from None
    except IsADirectoryError:
        raise DataFileError(f"{path} is a folder.") from None


def header_of(file, where):
    """Shape, order and dtype from the beginning of a .npy file (NEP 1): a dict, of which three texts count."""
    begin = file.read(8)
    if begin[:6] != b"\x93NUMPY" or begin[6:] not in WIDTHS:
        raise damaged(where, "it does not begin like a .npy file of version 1, 2 or 3")
    width = WIDTHS[begin[6:]]
    length = int.from_bytes(file.read(width), "little")
    text = file.read(min(length, LONGEST_HEADER))
    found = [re.search(pattern, text) for pattern in (DESCR, ORDER, SHAPE)]
    if len(text) != length or None in found:
        raise damaged(where, "its header does not say dtype, order and shape in the usual form")
    descr, order, shape = [match[1].decode("ascii") for match in found if match]
    try:
        dtype = np.dtype(descr)
    except TypeError:
        raise damaged(where, f"its header says dtype {descr!r}") from None
    if dtype.kind not in "biuf":
        words = "objects, which are never loaded: that may run code" if dtype.hasobject else f"{dtype}, not numbers"
        raise DataFileError(f"{where} holds {words}.", remedy="Save plain arrays of numbers.")
    lengths = tuple([int(n) for n in shape.split(",") if n.strip()])
    if len(lengths) > MOST_AXES:
        raise damaged(where, f"its header says {len(lengths)} axes, more than NumPy 1 could write")
    if math.prod([n for n in lengths if n]) * dtype.itemsize > sys.maxsize:  # a 0 among them does not help
        raise damaged(where, f"its header says the shape {lengths}, larger than any array")
    return lengths, order == "True", dtype


def fits(where, wanted, have):
    """Refuse a file that is not as long as its header says, before memory is set aside."""
    if have != wanted:
        fault = "truncated" if have < wanted else "too long"
        raise damaged(where, f"it is {fault}: its header asks for {wanted} bytes in all, it has {have}")


def in_order(array, shape, fortran):
    """The numbers in their shape, row after row, as this processor has them."""
    array = array.reshape(shape[::-1]).T if fortran else array.reshape(shape)
    return np.ascontiguousarray(array, array.dtype.newbyteorder("=")).reshape(shape)


def damaged(where, why):
    return DataFileError(f"{where} is damaged or of another kind: {why}.", remedy=REMEDY)
