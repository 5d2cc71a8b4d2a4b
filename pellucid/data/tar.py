"""The files in a packed archive (.tar.gz), one after the other: nothing is written to the disk."""

import zlib
from contextlib import contextmanager

from pellucid.data.unpack import CHUNK, REMEDY
from pellucid.errors import DataFileError


@contextmanager
def open_tar(path):
    """The plain files of the archive: triples (name, size in bytes, a function that reads them).

    The size is what the archive's header says. The function reads no more than that, and raises DataFileError if the
    archive ends before; so does any other damage that shows.
    """
    import gzip  # only now: with tarfile, it takes 5 ms
    import tarfile

    try:
        # gzip on its own, since tarfile's does not compare the checksum, which stands at the very end.
        with gzip.open(path) as unpacked:
            with tarfile.open(fileobj=unpacked, mode="r|") as archive:
                yield members(path, archive)
            while unpacked.read(CHUNK):
                pass
    except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
        raise DataFileError(f"{path} is damaged, or no .tar.gz archive: {error}.", remedy=REMEDY) from None


def members(path, archive):
    """The plain files, in the order of the archive."""
    for member in archive:
        archive.members = []  # the list of all that went by, of which nobody asks
        if not member.isfile():
            continue

        def read(member=member):
            content = archive.extractfile(member).read(member.size)
            if len(content) != member.size:
                raise DataFileError(
                    f"{path} ends in the middle of {member.name}: {len(content)} of {member.size} bytes.", remedy=REMEDY
                )
            return content

        yield member.name, member.size, read
