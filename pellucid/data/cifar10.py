"""CIFAR-10: 60,000 color pictures of 32 by 32 pixels, in ten classes.

The data set goes round in several forms. All of them become records as in the official binary one: a byte for the
class, then 1024 bytes of red, 1024 of green, 1024 of blue, each row by row.
"""

import zlib

import numpy as np

from pellucid.data.decoded import decoded
from pellucid.data.download import fetch, places
from pellucid.data.names import CLASS_NAMES
from pellucid.data.tar import open_tar
from pellucid.data.unpack import REMEDY, open_source
from pellucid.errors import ArgumentError, DataFileError, UnsupportedError

PIXELS = 3 * 32 * 32
RECORD = 1 + PIXELS
PER_FILE = 10_000  # records in each file of the official form

BINARY = "cifar-10-binary.tar.gz"
PICKLED = ("cifar-10-python.tar.gz", "cifar-10-batches-py")
MIRRORS = ("https://www.cs.toronto.edu/~kriz/",)

# form -> split -> file -> SHA-256
FORMS = {
    "binary": {
        split: {BINARY: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"}
        for split in ("train", "test")
    },
    "jpeg": {
        "train": {
            "cifar10-jpeg-train.tar.gz": "769c10e397babb76d9d5a427da0079440e4436f369920a837193555dac477e0a",
            "trainLabels.csv.gz": "63aecd5075178c7eaaa4927412242ae2411ce19f3c92a1eea12ee517cb6ad6eb",
        },
        "test": {
            "cifar10-jpeg-test.tar.gz": "7c6fab546de02b94602adbe62efac4c0ba061b77d0eb2fe22968fc7cb1b7fc7c",
        },
    },
    "first4000": {
        "train": {
            "cifar10-train-first4000.bin.gz": "0bb145d179ecb2a750190e62493390eeb7162bf39f48bbe8e48630dd27a8a1ba",
        },
    },
}


def cifar10(split="train", root=None, form=None):
    """Small color pictures: images uint8 (n, 3, 32, 32), labels int64 (n,); n is 50,000 for train, 10,000 for test.

    The channels are red, green, blue. `class_names("cifar10")` says what the labels mean; each class has 5,000
    pictures for train and 1,000 for test. Source: Krizhevsky, "Learning multiple layers of features from tiny images"
    (2009).

    The files are looked for in `root`/cifar10 if `root` is given, else in $PELLUCID_DATA/cifar10 and the user's cache
    folder, in this order of forms, unless `form` names one:

    - "binary": cifar-10-binary.tar.gz, the official one. It is downloaded (170 MB) where no form is found.
    - "jpeg": cifar10-jpeg-train.tar.gz (16 MB) with trainLabels.csv.gz, and cifar10-jpeg-test.tar.gz: the same
      pictures as JPEG, with losses (about 6 of 255 on average). Train is in the official order; test takes the
      classes in turn, so that a part of it from the beginning has all of them. Pillow decodes them once; what it made
      is kept in the cache folder and looked up by the SHA-256 of the files.
    - "first4000": cifar10-train-first4000.bin.gz, the first 4,000 of train, without loss. It is only taken by name.

    The official form of pickled Python objects is refused: unpickling can run any code.

    Raises ArgumentError for another split or form, DataNotFoundError if the files are neither here nor to be had,
    DataFileError if one is damaged, UnsupportedError if only pickles are here.
    """
    if split not in ("train", "test"):
        raise ArgumentError(f'split must be "train" or "test", not {split!r}.')
    if form is not None and form not in FORMS:
        raise ArgumentError(f"form must be one of {', '.join(FORMS)}, not {form!r}.")
    form = form or found_form(split, root)
    if split not in FORMS[form]:
        raise ArgumentError(f'The form {form!r} has no {split} pictures, only split="train".')
    files = FORMS[form][split]
    paths = fetch("cifar10", files, MIRRORS if form == "binary" else (), root)
    if form == "binary":
        return from_records(read_binary(paths[0], split), paths[0])
    if form == "first4000":
        return from_records(read_records(paths[0], 4000), paths[0])
    records = decoded(f"cifar10-jpeg-{split}", files.values(), lambda: read_jpeg(*paths), RECORD)
    return from_records(records, paths[0])


def found_form(split, root):
    """The first form whose files are all here; "binary", to be downloaded, if there is none."""
    folders = list(places("cifar10", root))
    for form in ("binary", "jpeg"):
        if all(any((folder / file).exists() for folder in folders) for file in FORMS[form][split]):
            return form
    for folder in folders:
        for name in PICKLED:
            if (folder / name).exists():
                raise UnsupportedError(
                    f"{folder / name} is CIFAR-10 as pickled Python objects. Reading a pickle can run any code that "
                    "somebody put into it, so Pellucid never does.",
                    remedy=f'Take the official {BINARY} with the same pictures: cifar10(form="binary") downloads it.',
                )
    return "binary"


def from_records(records, path):
    """Images and labels of records (n, 3073)."""
    labels = records[:, 0].astype(np.int64)
    if labels.size and labels.max() > 9:
        place = int(np.argmax(labels > 9))
        raise DataFileError(f"{path} is damaged: record {place} has class {labels[place]}, above 9.", remedy=REMEDY)
    return np.ascontiguousarray(records[:, 1:]).reshape(-1, 3, 32, 32), labels


def read_records(path, count):
    """A file of `count` records, plain or gzip: uint8 (count, 3073)."""
    with open(path, "rb") as file:
        source = open_source(path, file)
        source.expect(count * RECORD)
        records = np.empty((count, RECORD), np.uint8)
        source.read_into(records)
        source.finish()
    return records


def read_binary(path, split):
    """The records of the official archive: uint8 (50,000 or 10,000, 3073)."""
    names = [f"data_batch_{n}.bin" for n in range(1, 6)] if split == "train" else ["test_batch.bin"]
    records = np.empty((len(names), PER_FILE * RECORD), np.uint8)
    missing = set(names)
    with open_tar(path) as archive:
        for member, size, read in archive:
            name = member.rpartition("/")[2]
            if name not in missing:
                continue
            if size != PER_FILE * RECORD:
                raise DataFileError(
                    f"{path}, file {name} has {size} bytes; {PER_FILE} records of {RECORD} bytes are needed.",
                    remedy=REMEDY,
                )
            records[names.index(name)] = np.frombuffer(read(), np.uint8)
            missing.remove(name)
    require_none(path, missing)
    return records.reshape(-1, RECORD)


MOST_JPEG = 1 << 16  # bytes; 32 x 32 pixels need some 300


def read_jpeg(path, labels_path=None):
    """The records of an archive of JPEG files SPLIT/CLASS/NUMBER.jpg.

    With the labels of all pictures in their official order, the k-th picture of a class is its number k. Without them
    the classes take turns.
    """
    names = CLASS_NAMES["cifar10"]
    images = [{} for _ in names]  # class -> number -> record
    with open_tar(path) as archive:
        for member, size, read in archive:
            folder, _, name = member.rpartition("/")
            stem, _, ending = name.partition(".")
            label = folder.rpartition("/")[2]
            if label not in names or ending != "jpg" or not (stem.isascii() and stem.isdigit() and len(stem) < 10):
                raise DataFileError(f"{path} holds {member!r}; CLASS/NUMBER.jpg is needed.", remedy=REMEDY)
            if size > MOST_JPEG:
                raise DataFileError(f"{path}, {member} has {size} bytes, too many for 32 x 32 pixels.", remedy=REMEDY)
            images[names.index(label)][int(stem)] = decode(read(), f"{path}, {member}")
    longest = max(map(len, images))
    order = (
        [label for _ in range(longest) for label in range(len(names))]
        if labels_path is None
        else read_labels(labels_path)
    )
    records = np.empty((len(order), RECORD), np.uint8)
    counts = [0] * len(names)
    for place, label in enumerate(order):
        if counts[label] not in images[label]:
            require_none(path, {f"{names[label]}/{counts[label]:04d}.jpg"})
        records[place, 0] = label
        records[place, 1:] = images[label][counts[label]]
        counts[label] += 1
    if counts != [len(each) for each in images]:
        raise DataFileError(f"{path} holds {sum(map(len, images))} pictures, but {len(order)} have labels.")
    return records


def decode(content, where):
    """A JPEG file of 32 x 32 pixels as uint8 (3072,): all red, all green, all blue."""
    from io import BytesIO

    from PIL import Image

    try:
        with Image.open(BytesIO(content), formats=("JPEG",)) as image:  # reads the header only
            if image.size != (32, 32) or image.mode != "RGB":
                width, height = image.size
                raise DataFileError(
                    f"{where} has {width} x {height} pixels of kind {image.mode}; 32 x 32 of RGB are needed.",
                    remedy=REMEDY,
                )
            return np.asarray(image).transpose(2, 0, 1).reshape(PIXELS)
    except DataFileError:
        raise
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise DataFileError(f"{where} is damaged, or no JPEG: {error}.", remedy=REMEDY) from None


MOST_LABELS = 1 << 22  # bytes; 50,000 lines need 700,000


def read_labels(path):
    """The class numbers in a file of lines "id,label", id counting from 1: a list."""
    with open(path, "rb") as file:
        text = file.read(MOST_LABELS)
    try:
        text = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16).decompress(text, MOST_LABELS).decode("ascii")
    except (zlib.error, UnicodeDecodeError) as error:
        raise DataFileError(f"{path} is damaged: it is no gzip file of plain text ({error}).", remedy=REMEDY) from None
    names = CLASS_NAMES["cifar10"]
    lines = text.split()
    if lines[:1] != ["id,label"]:
        raise DataFileError(f'{path} does not begin with the line "id,label".', remedy=REMEDY)
    labels = []
    for number, line in enumerate(lines[1:], start=1):
        place, _, label = line.partition(",")
        if place != str(number) or label not in names:
            raise DataFileError(f"{path}, line {number + 1} is {line[:60]!r}; {number},CLASS is needed.", remedy=REMEDY)
        labels.append(names.index(label))
    return labels


def require_none(path, missing):
    """Refuse an archive that lacks files."""
    if missing:
        raise DataFileError(f"{path} lacks {', '.join(sorted(missing))}.", remedy=REMEDY)
