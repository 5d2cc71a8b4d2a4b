"""A thousand damaged IDX files, read in a process with little memory: refused, or exactly what the bytes say.

The oracle below reads the format in its own way. A plain file must be refused if and only if its bytes do not
form a consistent IDX file (a changed pixel cannot be noticed). A gzip file may load only if its contents are
those that were packed: damage to gzip's own notes (time, name) changes nothing that is read.
"""

import gzip
import json
import math
import os
import random
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path

import numpy as np
import pytest

from pellucid.data import read_idx
from pellucid.errors import DataFileError

CASES = 1000
MEMORY = 96 << 20  # bytes beyond what the process needs anyway
BOMB = 400 << 20  # unpacked bytes of a gzip bomb
SECONDS = 120
ITEMS = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
ABSURD = [2**32 - 1, 2**31, 2**31 - 1, 10**9, 10**6, 0]


def test_fuzz(tmp_path):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUTF8": "1"}
    command = [sys.executable, __file__, str(tmp_path)]
    result = subprocess.run(
        command, capture_output=True, encoding="utf-8", timeout=SECONDS, env=environment, check=False
    )
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert report["wrong"] == []
    assert report["slowest"] < 5
    outcomes = report["outcomes"]
    assert sum(outcomes.values()) == CASES
    # Neither side of the oracle is idle: most files are refused, changed pixels load, and gzip has few harmless bits.
    assert outcomes["refused"] > 0.7 * CASES
    assert outcomes["loaded, as the bytes say"] > 0.02 * CASES
    assert outcomes["loaded, unchanged"] < 0.1 * CASES
    assert min(report["kinds"].values()) >= 5


@pytest.mark.real_data
def test_the_damage_of_real_files(tmp_path, real_data):
    """Every bit of a real header, and the file cut at every place in it and at some beyond."""
    packed = (real_data / "mnist" / "t10k-labels-idx1-ubyte.gz").read_bytes()
    plain = gzip.decompress(packed)
    path = tmp_path / "labels"
    for bit in range(8 * 8):
        damaged = flipped(plain, bit)
        path.write_bytes(damaged)
        assert outcome(path, meaning(damaged)) in ("refused", "loaded, as the bytes say")
    for content, ends in [(plain, [*range(10), 5000, len(plain) - 1]), (packed, [*range(40), 2000, len(packed) - 1])]:
        for end in ends:
            path.write_bytes(content[:end])
            assert outcome(path, None) == "refused"


def meaning(content):
    """What a plain IDX file says, as (dtype, shape, bytes of the numbers); None if it is not consistent."""
    if len(content) < 4:
        return None
    zero, code, axes = struct.unpack(">HBB", content[:4])
    if zero or code not in ITEMS or not 1 <= axes <= 64 or len(content) < 4 + 4 * axes:
        return None
    shape = struct.unpack(f">{axes}I", content[4 : 4 + 4 * axes])
    numbers = content[4 + 4 * axes :]
    item = np.dtype(ITEMS[code]).itemsize
    if math.prod(shape) * item != len(numbers) or math.prod(max(size, 1) for size in shape) * item > sys.maxsize:
        return None
    return ITEMS[code], shape, numbers


def outcome(path, expected):
    """Read the file: "refused", "loaded, as the bytes say", or a description of what went wrong."""
    try:
        array = read_idx(path)
    except DataFileError as error:
        if expected is not None:
            return f"wrongly refused: {error.message}"
        return "refused" if path.name in error.message else f"the message does not name the file: {error.message}"
    except BaseException as error:  # noqa: BLE001  anything else, MemoryError included, is a failure of the reader
        return f"{type(error).__name__}: {error}"
    if expected is None:
        return f"silently loaded as {array.dtype} {array.shape}"
    dtype, shape, numbers = expected
    if array.shape != shape or array.dtype != np.dtype(dtype).newbyteorder("="):
        return f"loaded as {array.dtype} {array.shape} instead of {dtype} {shape}"
    same = array.astype(dtype).tobytes() == numbers
    return "loaded, as the bytes say" if same else "loaded with other numbers"


def flipped(content, bit):
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def make_files():
    """Good IDX files as bytes: all dtypes, one to four axes, an empty one, a larger one."""
    numbers = np.random.default_rng(0)
    shapes = [(5, 8, 8), (40,), (3, 4), (2, 3, 2, 2), (0, 28, 28), (100, 28, 28), (7,), (6, 2)]
    codes = [8, 8, 11, 12, 8, 8, 13, 14]
    files = []
    for shape, code in zip(shapes, codes, strict=True):
        content = numbers.integers(0, 256, math.prod(shape) * np.dtype(ITEMS[code]).itemsize, np.uint8).tobytes()
        files.append(bytes([0, 0, code, len(shape)]) + struct.pack(f">{len(shape)}I", *shape) + content)
    return files


def damage_plain(chance, content):
    """A damaged copy of a plain file, and the kind of damage."""
    header = 4 + 4 * content[3]
    kind = chance.choice(["cut", "flip", "flip in the header", "size", "append", "header byte", "noise"])
    if kind == "cut":
        return kind, content[: chance.randrange(len(content))]
    if kind == "flip":
        return kind, flipped(content, chance.randrange(8 * len(content)))
    if kind == "flip in the header":
        return kind, flipped(content, chance.randrange(8 * header))
    if kind == "append":
        return kind, content + chance.randbytes(chance.choice([1, 4, 1000]))
    if kind == "size":
        changed = bytearray(content)
        for axis in range(chance.randint(1, content[3])):
            changed[4 + 4 * axis : 8 + 4 * axis] = chance.choice(ABSURD).to_bytes(4, "big")
        return kind, bytes(changed)
    if kind == "header byte":
        changed = bytearray(content)
        changed[chance.randrange(4)] = chance.choice([0, 1, 8, 13, 14, 64, 65, 127, 128, 255])
        return kind, bytes(changed)
    return kind, bytes([0, 0, chance.choice(list(ITEMS)), chance.randrange(5)]) + chance.randbytes(chance.randrange(60))


def damage_gzip(chance, packed):
    """A damaged copy of a gzip file, and the kind of damage."""
    kind = chance.choice(["gzip cut", "gzip flip", "gzip append", "gzip byte lost", "gzip trailer"])
    at = chance.randrange(len(packed))
    if kind == "gzip cut":
        return kind, packed[:at]
    if kind == "gzip flip":
        return kind, flipped(packed, 8 * at + chance.randrange(8))
    if kind == "gzip append":
        return kind, packed + chance.choice([b"\0", b"\0" * 512, packed, b"x" + packed[-4:]])
    if kind == "gzip byte lost":
        return kind, packed[:at] + packed[at + 1 :]
    changed = bytearray(packed)
    changed[-chance.randint(1, 8)] ^= chance.randint(1, 255)
    return kind, bytes(changed)


def bomb_of(header):
    """The header and then very many zeros, packed."""
    packer = zlib.compressobj(level=1, wbits=31)
    pieces = [packer.compress(header)]
    pieces += [packer.compress(bytes(1 << 20)) for _ in range(BOMB >> 20)]
    return b"".join(pieces) + packer.flush()


def make_bombs(capped):
    """Gzip files that unpack to far more than there is memory for; where memory is not capped, only lying ones."""
    small = bytes([0, 0, 8, 1]) + struct.pack(">I", 10)
    bomb = bomb_of(small)
    large = bomb_of(bytes([0, 0, 8, 1]) + struct.pack(">I", BOMB))
    bombs = [
        bomb,  # the trailer tells the truth, the header does not
        bomb[:-4] + struct.pack("<I", len(small) + 10),  # the trailer lies as well
        large[:-20],
    ]
    return [*bombs, large] if capped else bombs  # `large` is a good file, only there is no memory for it


def limit_memory():
    """Let this process grow by MEMORY at most."""
    import resource

    with open("/proc/self/statm", encoding="ascii") as file:
        now = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + MEMORY, now + MEMORY))


def main(folder):
    chance = random.Random(2)
    files = make_files()
    capped = sys.platform == "linux"  # the other systems do not enforce such a limit
    bombs = make_bombs(capped)
    if capped:
        limit_memory()
    report = {"outcomes": {}, "kinds": {}, "wrong": [], "slowest": 0.0}
    for case in range(CASES):
        path = Path(folder) / f"case{case}"
        original = chance.choice(files)
        family = chance.choice(["plain", "plain", "plain, then packed", "packed, then damaged", "packed, then damaged"])
        if case < 5 * len(bombs):
            kind, content, expected = "bomb", bombs[case % len(bombs)], None
        elif family == "packed, then damaged":
            kind, content = damage_gzip(chance, gzip.compress(original, mtime=0))
            expected = None
        else:
            kind, content = damage_plain(chance, original)
            expected = meaning(content)
            if family == "plain, then packed":
                content = gzip.compress(content, mtime=0)
        path.write_bytes(content)

        start = time.perf_counter()
        result = outcome(path, expected)
        if result.startswith("silently loaded") and kind.startswith("gzip"):
            # Harmless if the contents are untouched.
            result = outcome(path, meaning(original)).replace("as the bytes say", "unchanged")
        report["slowest"] = max(report["slowest"], time.perf_counter() - start)
        path.unlink()

        report["kinds"][kind] = report["kinds"].get(kind, 0) + 1
        if result in ("refused", "loaded, as the bytes say", "loaded, unchanged"):
            report["outcomes"][result] = report["outcomes"].get(result, 0) + 1
        else:
            report["wrong"].append([case, family, kind, result])
    print(json.dumps(report))


if __name__ == "__main__":
    main(sys.argv[1])
