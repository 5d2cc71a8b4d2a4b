"""Writing files so that nothing is ever half written: first beside the file, then in one move."""

import json
import os
from pathlib import Path

from pellucid.errors import DataFileError, DataNotFoundError, FormatError

FORMAT = 1  # the number in every file that a run writes; it rises when older programs could not read the file


def write_bytes(path, content):
    """Give the file `path` this content. Whoever reads it, even after a power cut, finds the old content or the new.

    Raises DataNotFoundError if there is no such folder.
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise DataNotFoundError(
            f"there is no folder {path.parent} to write {path.name} into.",
            remedy=f"Make it first: os.makedirs({str(path.parent)!r})",
        )
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    try:
        with open(unfinished, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # on the disk before it gets its name
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def write_json(path, values):
    """A dict as a JSON file, with the format number in front. NaN and infinities are written as null."""
    text = json.dumps(without_nan({"format": FORMAT, **values}), indent=2, allow_nan=False, ensure_ascii=False)
    write_bytes(path, (text + "\n").encode("utf-8"))


def read_json(path):
    """What `write_json` wrote; a DataFileError if it is damaged, a FormatError if a newer version wrote it."""
    path = Path(path)
    try:
        values = json.loads(path.read_bytes().decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise DataFileError(f"{path} is damaged: it is not JSON ({error}).") from None
    if not isinstance(values, dict):
        raise DataFileError(f"{path} is damaged: it holds a {type(values).__name__} instead of named values.")
    check_format(path, values.pop("format", None))
    return values


def check_format(path, number):
    """Refuse a file whose format number is not one of ours, or is newer than this program."""
    if type(number) is not int or number < 1:
        raise FormatError(f"{path} has the format number {number!r}, so it is not a file that Pellucid wrote.")
    if number > FORMAT:
        raise FormatError(
            f"{path} was written by a newer version of Pellucid: its format is {number}, ours is {FORMAT}.",
            remedy="Bring Pellucid up to date: python -m pip install --upgrade pellucid",
        )


def without_nan(tree):
    """JSON knows no NaN and no infinity, and most readers refuse them: null stands in their place."""
    if isinstance(tree, dict):
        return {name: without_nan(value) for name, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        return [without_nan(value) for value in tree]
    if isinstance(tree, float) and not abs(tree) < float("inf"):
        return None
    return tree
