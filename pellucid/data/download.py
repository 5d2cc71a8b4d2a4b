"""Finding the files of a data set on this machine, or fetching them.

A file is looked for in `$PELLUCID_DATA/NAME`, then in the user's cache folder; if it is in neither, it is
downloaded from the first mirror that answers. Found or fetched, its SHA-256 must be the published one.
"""

import os
from pathlib import Path

from pellucid.errors import DataFileError, DataNotFoundError

TIMEOUT = 30  # seconds without an answer after which a mirror is given up

# Files whose checksum was right: (path, size, time of change). Each is read for its checksum once per process.
CHECKED = set()


def fetch(name, files, mirrors, root=None):
    """The paths of the files (file name -> SHA-256) of the data set `name`, downloaded where necessary.

    `root` takes the place of $PELLUCID_DATA and of the cache. `mirrors` are addresses that end in "/".
    Raises DataNotFoundError if a file is not here and no mirror gives it, DataFileError if a file is
    here but is not the published one.
    """
    return [fetch_file(name, file, files, mirrors, root) for file in files]


def fetch_file(name, file, files, mirrors, root):
    """The path of one of the files."""
    folders = []
    for folder in places(name, root):
        path = folder / file
        if path.exists():
            check(path, files[file])
            return path
        folders.append(folder)
    return download(name, file, files, mirrors, folders)


def places(name, root=None):
    """The folders in which the files of a data set may lie, the preferred one first."""
    if root is not None:
        yield Path(root).expanduser() / name
        return
    if os.environ.get("PELLUCID_DATA"):
        yield Path(os.environ["PELLUCID_DATA"]).expanduser() / name
    import pooch  # only now: files that lie in $PELLUCID_DATA need no pooch

    yield Path(pooch.os_cache("pellucid")) / name


def check(path, sha256):
    """Refuse a file whose SHA-256 is not the published one."""
    if not path.is_file():
        raise DataFileError(f"{path} is not a file but a folder or a device.")
    status = path.stat()
    mark = (str(path), status.st_size, status.st_mtime_ns)
    if mark in CHECKED:
        return
    import hashlib  # only now: it takes 4 ms

    with open(path, "rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        raise DataFileError(
            f"{path} ({status.st_size} bytes) is damaged, truncated or another file: its SHA-256 is {found}, "
            f"the published one {sha256}.",
            remedy="Delete it; it is downloaded again when it is needed. Or put a good copy in its place.",
        )
    CHECKED.add(mark)


def download(name, file, files, mirrors, folders):
    """Fetch one file into the first of the folders, from the first mirror that gives it."""
    import pooch

    target = folders[0]
    failures = []
    for mirror in mirrors:
        try:
            # pooch downloads to a temporary file, compares the checksum, and only then gives the file its name.
            path = pooch.retrieve(
                url=mirror + file,
                known_hash=f"sha256:{files[file]}",
                fname=file,
                path=target,
                downloader=pooch.HTTPDownloader(timeout=TIMEOUT),  # pyright: ignore[reportArgumentType]
            )
        except (OSError, ValueError) as error:  # no network, no such page, no room; or a wrong checksum
            failures.append(f"    {mirror}{file}: {type(error).__name__}: {error}")
        else:
            return Path(path)
    missing = [each for each in files if not any((folder / each).exists() for folder in folders)]
    raise DataNotFoundError(
        f"{name}: {', '.join(missing)} not found in {' or '.join(map(str, folders))}, "
        "and no mirror gave them:\n" + "\n".join(failures),
        remedy=(
            f"Without a network: put {', '.join(missing)} into {target}, or into the folder {name} inside a "
            "folder of your choice, and set the environment variable PELLUCID_DATA to the latter."
        ),
    )
