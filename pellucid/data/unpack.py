"""The bytes of a file, plain or gzip, read strictly: either all of them as promised, or a DataFileError.

Both sources have the same three methods: `read_into` fills a buffer, `expect` compares a promised length with
what the file can hold before memory is set aside for it, `finish` makes sure that nothing is left over.
"""

import os
import zlib

from pellucid.errors import DataFileError

GZIP_MAGIC = b"\x1f\x8b"
CHUNK = 1 << 20
# A deflate stream cannot grow by more than 1032 : 1 (two bits for a copy of 258 bytes).
MOST_GROWTH = 1032
REMEDY = "Nothing was loaded. If the file was downloaded, delete it and fetch it again."


def open_source(path, file):
    """A GzipSource if the open binary file begins like one, otherwise a PlainSource."""
    magic = file.read(2)
    file.seek(0)
    return GzipSource(path, file) if magic == GZIP_MAGIC else PlainSource(path, file)


class PlainSource:
    """An uncompressed file."""

    def __init__(self, path, file):
        self.path = path
        self.file = file
        self.length = os.fstat(file.fileno()).st_size
        self.position = 0

    def expect(self, total):
        """Refuse the file unless it is `total` bytes long."""
        if self.length != total:
            fault = "truncated" if self.length < total else "too long"
            raise DataFileError(
                f"{self.path} is {fault}: its header asks for {total} bytes in all, the file has {self.length}.",
                remedy=REMEDY,
            )

    def read_into(self, buffer):
        """Fill the writable buffer, or refuse the file."""
        view = memoryview(buffer).cast("B")
        while len(view):
            count = self.file.readinto(view)
            if not count:
                raise DataFileError(
                    f"{self.path} ends at byte {self.position}; {len(view)} more were expected there.", remedy=REMEDY
                )
            self.position += count
            view = view[count:]

    def finish(self):
        """Refuse the file if bytes are left."""
        if self.file.read(1):
            raise DataFileError(f"{self.path} goes on at byte {self.position}, where it should end.", remedy=REMEDY)


class GzipSource:
    """A gzip file of one member (RFC 1952), unpacked piece by piece; positions count unpacked bytes.

    Its checksum covers the unpacked bytes, so every change of them is found, at the latest by `finish`. Never
    more is unpacked than was asked for (`finish` asks for one byte more), however much the file would give.
    """

    def __init__(self, path, file):
        self.path = path
        self.file = file
        self.length = os.fstat(file.fileno()).st_size
        self.position = 0
        self.inflater = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)  # | 16: with gzip header and checksum

    def expect(self, total):
        """Refuse the file unless `total` is the unpacked length in its trailer (known modulo 2**32)."""
        here = self.file.tell()
        self.file.seek(max(self.length - 4, 0))
        packed_length = int.from_bytes(self.file.read(4), "little")
        self.file.seek(here)
        if packed_length != total % 2**32 or total > self.length * MOST_GROWTH:
            raise DataFileError(
                f"{self.path} is damaged, truncated or has something appended: its header asks for {total} bytes, "
                f"its gzip trailer (at byte {max(self.length - 4, 0)} of {self.length}) says {packed_length}.",
                remedy=REMEDY,
            )

    def read_into(self, buffer):
        """Fill the writable buffer with unpacked bytes, or refuse the file."""
        view = memoryview(buffer).cast("B")
        while len(view):
            piece = self._unpack(min(len(view), CHUNK))
            if not piece:
                raise DataFileError(
                    f"{self.path}: the packed data end at byte {self.position}; {len(view)} more were expected there.",
                    remedy=REMEDY,
                )
            view[: len(piece)] = piece
            view = view[len(piece) :]
            self.position += len(piece)

    def finish(self):
        """Refuse the file if more can be unpacked, the checksum is wrong, or anything follows the packed data."""
        if self._unpack(1):
            raise DataFileError(
                f"{self.path}: the packed data go on at byte {self.position}, where they should end.", remedy=REMEDY
            )
        if self.inflater.unused_data or self.file.read(1):
            raise DataFileError(f"{self.path} has bytes after the end of its gzip data.", remedy=REMEDY)

    def _unpack(self, most):
        """From 1 to `most` unpacked bytes; none only where the gzip data have ended and their checksum is right."""
        while not self.inflater.eof:
            packed = self.inflater.unconsumed_tail or self.file.read(CHUNK)
            try:
                piece = self.inflater.decompress(packed, most)
            except zlib.error as error:
                raise DataFileError(
                    f"{self.path} is damaged: its gzip data cannot be unpacked beyond byte {self.position} ({error}).",
                    remedy=REMEDY,
                ) from None
            if piece:
                return piece
            if not packed and not self.inflater.eof:
                raise DataFileError(
                    f"{self.path} is truncated: its gzip data break off after {self.position} unpacked bytes "
                    f"(byte {self.length} of the file).",
                    remedy=REMEDY,
                )
        return b""
