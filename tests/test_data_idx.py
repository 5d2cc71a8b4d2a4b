"""IDX files: what is written is read again, and every damage has a message of its own."""

import gzip
import os
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from pellucid.data import read_idx, write_idx
from pellucid.errors import ArgumentError, DataFileError, DataNotFoundError

DTYPES = [np.uint8, np.int8, np.int16, np.int32, np.float32, np.float64]


def idx_bytes(code=8, sizes=(2, 3), numbers=b"abcdef"):
    return bytes([0, 0, code, len(sizes)]) + struct.pack(f">{len(sizes)}I", *sizes) + numbers


def read_back(packing, path, content):
    """`read_idx` on a file of the content as it is, or packed with gzip."""
    path.write_bytes(gzip.compress(content) if packing == "gzip" else content)
    return read_idx(path)


@given(
    st.sampled_from(DTYPES).flatmap(
        lambda dtype: arrays(dtype, array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=5))
    ),
    st.sampled_from(["a.idx", "a.idx.gz"]),
)
def test_round_trip(tmp_path_factory, array, name):
    path = tmp_path_factory.mktemp("idx") / name
    write_idx(path, array)
    again = read_idx(path)
    assert again.dtype == array.dtype
    assert again.dtype.isnative
    assert again.shape == array.shape
    assert again.tobytes() == array.tobytes()
    assert os.listdir(path.parent) == [name], "no temporary file may stay"


def test_layout(tmp_path):
    """The bytes are those of the format, not merely something that we can read again."""
    write_idx(tmp_path / "a", np.array([[1, 2, 3], [4, 5, -6]], np.int16))
    expected = bytes([0, 0, 11, 2, 0, 0, 0, 2, 0, 0, 0, 3]) + struct.pack(">6h", 1, 2, 3, 4, 5, -6)
    assert (tmp_path / "a").read_bytes() == expected
    write_idx(tmp_path / "a.gz", np.array([[1, 2, 3], [4, 5, -6]], np.int16))
    assert gzip.decompress((tmp_path / "a.gz").read_bytes()) == expected
    first = (tmp_path / "a.gz").read_bytes()
    write_idx(tmp_path / "a.gz", np.array([[1, 2, 3], [4, 5, -6]], ">i2").T.copy().T)
    assert (tmp_path / "a.gz").read_bytes() == first
    assert first[4:8] == bytes(4), "no time: equal arrays give equal files at any hour"


def test_write_refuses_and_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.idx"
    write_idx(path, np.zeros(3, np.uint8))
    for wrong in (np.zeros(3, np.int64), np.zeros(3, bool), np.float32(1), np.array(["a"])):
        with pytest.raises(ArgumentError):
            write_idx(path, wrong)
    assert read_idx(path).tolist() == [0, 0, 0]


def test_a_write_that_breaks_off_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.idx.gz"
    write_idx(path, np.zeros(3, np.uint8))

    def broken(*arguments):
        raise OSError("no space left")

    monkeypatch.setattr(os, "replace", broken)
    with pytest.raises(OSError, match="no space left"):
        write_idx(path, np.ones(5, np.uint8))
    assert read_idx(path).tolist() == [0, 0, 0]
    assert os.listdir(tmp_path) == ["a.idx.gz"]


@pytest.mark.parametrize("packing", ["plain", "gzip"])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "expected|truncated"),
        (b"\0\0", "ends|end"),
        (b"\0\0\x08\x02\0\0\0\x02", "ends at byte 8|end at byte 8"),
        (b"PK\x03\x04" + bytes(40), "not an IDX file: bytes 0 and 1 are 80 and 75"),
        (idx_bytes(code=10), "byte 2, the dtype code, is 10"),
        (bytes([0, 0, 8, 0, 7]), "byte 3, the number of axes, is 0"),
        (bytes([0, 0, 8, 255]) + bytes(2000), "byte 3, the number of axes, is 255"),
        (idx_bytes(numbers=b"abcde"), "asks for 18 bytes"),
        (idx_bytes(numbers=b"abcdefg"), "asks for 18 bytes"),
        (idx_bytes(sizes=(2**32 - 1, 2**32 - 1)), "no memory can hold"),
        (idx_bytes(sizes=(2**32 - 1, 2**31, 2**31, 0), numbers=b""), "no memory can hold"),
        (idx_bytes(sizes=(2**31, 2**10)), "asks for"),
    ],
    ids=[
        "empty",
        "two bytes",
        "half a header",
        "another kind",
        "unknown dtype",
        "no axes",
        "too many axes",
        "short",
        "long",
        "absurd sizes",
        "absurd sizes but empty",
        "large sizes",
    ],
)
def test_damage(tmp_path, packing, content, message):
    path = tmp_path / "digits.idx"
    with pytest.raises(DataFileError, match=message) as caught:
        read_back(packing, path, content)
    assert "digits.idx" in caught.value.message
    assert len(idx_bytes()) == 18
    np.testing.assert_array_equal(read_back(packing, path, idx_bytes()), [[97, 98, 99], [100, 101, 102]])


def test_damaged_gzip(tmp_path):
    path = tmp_path / "digits.gz"
    good = gzip.compress(idx_bytes(sizes=(60, 100), numbers=os.urandom(6000)))

    def refused(content, message):
        path.write_bytes(content)
        with pytest.raises(DataFileError, match=message):
            read_idx(path)

    for end in (2, 10, 11, 300, len(good) - 9, len(good) - 8, len(good) - 1):
        refused(good[:end], "truncated")
    # The right last four bytes (the unpacked length) with something missing before them: only reading on shows it.
    refused(good[:3000] + good[-4:], "truncated|cannot be unpacked")
    refused(good + b"\0", "appended|after the end")
    refused(good + b"xx" + good[-4:], "after the end")
    refused(good + good, "after the end")
    wrong_checksum = bytearray(good)
    wrong_checksum[-5] ^= 1
    refused(bytes(wrong_checksum), "incorrect data check")
    wrong_length = bytearray(good)
    wrong_length[-1] ^= 1
    refused(bytes(wrong_length), "its gzip trailer")


def test_a_shape_of_4_gib_that_its_trailer_cannot_tell_from_nothing(tmp_path):
    """The trailer knows the length modulo 2**32 only; but so few packed bytes cannot become so many."""
    path = tmp_path / "huge.gz"
    path.write_bytes(gzip.compress(idx_bytes(sizes=(65536, 65536), numbers=b"")))
    with pytest.raises(DataFileError, match="asks for 4294967308 bytes"):
        read_idx(path)


def test_a_gzip_bomb_is_not_unpacked(tmp_path):
    """More is packed than the header says, and the trailer lies about it: unpacking stops one byte later."""
    bomb = bytearray(gzip.compress(idx_bytes() + bytes(5_000_000)))
    bomb[-4:] = len(idx_bytes()).to_bytes(4, "little")
    path = tmp_path / "bomb.gz"
    path.write_bytes(bomb)
    with pytest.raises(DataFileError, match="go on at byte 18"):
        read_idx(path)


def test_not_a_file(tmp_path):
    with pytest.raises(DataNotFoundError, match=r"nothing\.idx"):
        read_idx(tmp_path / "nothing.idx")
    with pytest.raises(FileNotFoundError):
        read_idx(tmp_path / "nothing.idx")
    with pytest.raises(DataFileError, match="not a file"):
        read_idx(tmp_path)
    with pytest.raises(DataNotFoundError, match="no folder"):
        write_idx(tmp_path / "nowhere" / "a.idx", np.zeros(1, np.uint8))


@pytest.mark.real_data
def test_real_files_survive_the_round_trip(tmp_path, real_data):
    source = real_data / "mnist" / "t10k-labels-idx1-ubyte.gz"
    labels = read_idx(source)
    assert labels.dtype == np.uint8
    write_idx(tmp_path / "labels", labels)
    assert (tmp_path / "labels").read_bytes() == gzip.decompress(source.read_bytes())
