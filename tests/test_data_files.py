"""Data from the user's own files: tables, NumPy files, memory maps, images. Each fault is named with its place."""

import io
import os
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest

from pellucid.data import ArrayDataset, DataLoader, ImageFolder, iris, read_csv, read_npy, read_npz
from pellucid.errors import ArgumentError, DataFileError, DataNotFoundError


@pytest.fixture
def write(tmp_path):
    """Write a text file, return its path."""

    def writer(text, encoding="utf-8"):
        path = tmp_path / "table.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return writer


# ---- CSV


def test_a_table_with_labels(write):
    table = read_csv(write("\ufeffa,b,kind\r\n1, 2.5 ,rose\r\n\r\n-3e1,4,aster\r\n0,inf,rose\r\n"), labels="kind")
    assert table.x.tolist() == [[1.0, 2.5], [-30.0, 4.0], [0.0, float("inf")]]
    assert table.x.dtype == np.float32
    assert (table.y.tolist(), table.y.dtype) == ([1, 0, 1], np.int64)
    assert (table.columns, table.classes) == (("a", "b"), ("aster", "rose"))


def test_columns_targets_and_other_spellings(write):
    path = write('"a ""x""; y";b;c\n1;2;3\n4;5;6\n')
    table = read_csv(path, delimiter=";", columns=["c", 'a "x"; y'], target="b", dtype=np.int32)
    assert table.x.tolist() == [[3, 1], [6, 4]]
    assert (table.y.tolist(), table.y.dtype) == ([[2], [5]], np.int32)
    table = read_csv(write("1,2,10\n3,4,9\n5,6,10\n"), header=False, labels=2)
    assert table.columns == (0, 1)
    assert table.classes == ("9", "10"), "whole numbers by size"
    assert table.y.tolist() == [1, 0, 1]
    assert read_csv(write("größe\n1\n", "latin-1"), encoding="latin-1").columns == ("größe",)
    table = read_csv(write("a,b\n1,\nNA,2\n?,3\n"), fill=np.nan, missing=("", "NA", "?"))
    np.testing.assert_array_equal(table.x, [[1, np.nan], [np.nan, 2], [np.nan, 3]])


def test_the_bundled_table_is_read_like_the_data_set(write):
    from pellucid.data.bundled import file_bytes

    features, labels = iris()
    table = read_csv(write(file_bytes("iris.csv").decode("ascii")), labels="species")
    assert table.x.tobytes() == features.tobytes()
    assert table.y.tolist() == labels.tolist()


@pytest.mark.parametrize(
    ("text", "arguments", "error", "words"),
    [
        ("a,b\n1,2\n3,x\n", {}, DataFileError, "line 3, column 'b': 'x' is no number"),
        ("a,b\n1,\n", {}, DataFileError, "line 2, column 'b': the number is missing"),
        ("a,b\n1,2\n3\n", {}, DataFileError, "line 3: 1 fields, but 2 columns"),
        ("a,b\n1,2,3\n", {}, DataFileError, "line 2: 3 fields, but 2 columns"),
        ('a,b\n1,"2\n', {}, DataFileError, "line 2: unexpected end of data"),
        ('a,b\n"text\nof two lines",2\n', {}, DataFileError, "line 3, column 'a'"),
        ("a,b\n1,1_0\n", {}, DataFileError, "'1_0' is no number"),
        ("a,b\n1,1e99\n", {}, DataFileError, "does not fit into float32"),
        ("a\n1.5\n", {"dtype": "int64"}, DataFileError, "'1.5' is no whole number"),
        ("a\n300\n", {"dtype": "uint8"}, DataFileError, "300 does not fit into uint8"),
        ("1,2\n3,4\n", {}, DataFileError, "numbers only.*header=False"),
        ("a,a\n3,4\n", {}, DataFileError, "two columns have the name 'a'"),
        ("a,b\n", {}, DataFileError, "has no rows"),
        ("", {}, DataFileError, "has no rows"),
        ("height,b\n1,2\n", {"labels": "heigth"}, ArgumentError, "no column 'heigth'.*Did you mean 'height'"),
        ("1,2\n", {"header": False, "columns": [2]}, ArgumentError, "no column 2; it has 0, 1"),
        ("a,b\n1,\n", {"labels": "b"}, DataFileError, "line 2, column 'b': the label is missing"),
        ("a,b\n1,2\n", {"labels": "b", "target": "a"}, ArgumentError, "one of them"),
        ("a,b\n1,2\n", {"dtype": "S"}, ArgumentError, "dtype"),
        ("a,b\n1,2\n", {"fill": "x"}, ArgumentError, "fill"),
        ("a,b\n1,2\n", {"fill": np.nan, "dtype": "int64"}, ArgumentError, "fill"),
    ],
)
def test_faults_of_a_table_are_named(write, text, arguments, error, words):
    with pytest.raises(error, match=f"(?s){words}") as caught:
        read_csv(write(text), **arguments)
    if error is DataFileError:
        assert "table.csv" in str(caught.value)


def test_a_table_that_is_not_there_or_in_another_encoding(tmp_path, write):
    with pytest.raises(DataNotFoundError, match=r"none\.csv"):
        read_csv(tmp_path / "none.csv")
    with pytest.raises(DataFileError, match="is a folder"):
        read_csv(tmp_path)
    with pytest.raises(DataFileError, match="no text in utf-8-sig: byte 0xf6"):
        read_csv(write("größe\n1\n", "latin-1"))


# ---- NumPy files

ARRAYS = {
    "matrix": np.arange(6.0).reshape(3, 2),
    "fortran": np.asfortranarray(np.arange(24, dtype=np.int16).reshape(2, 3, 4)),
    "number": np.array(3, np.uint8),
    "empty": np.zeros((0, 5), np.float32),
    "big endian": np.arange(4, dtype=">f4"),
    "bool": np.array([True, False]),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_come_back(tmp_path, name):
    array, path = ARRAYS[name], tmp_path / "x.npy"
    np.save(path, array)
    np.savez(tmp_path / "x.npz", x=array, other=np.ones(2))
    np.savez_compressed(tmp_path / "y.npz", x=array)
    mapped = [] if name == "big endian" else [read_npy(path, memory_map=True)]
    zipped = [read_npz(tmp_path / "x.npz")["x"], read_npz(tmp_path / "y.npz")["x"]]
    for found in [read_npy(path), *mapped, *zipped]:
        assert (found.shape, found.dtype) == (array.shape, array.dtype.newbyteorder("="))
        np.testing.assert_array_equal(found, array)
    assert read_npy(path).flags.c_contiguous
    assert zipped[0].flags.writeable


def npy(shape, descr="<f8", body=b"", version=b"\x01\x00"):
    """The bytes of a .npy file, as a forger writes them."""
    header = f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY" + version + struct.pack("<H", len(header)) + header + body


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (npy((10**15,)), "truncated: its header asks for 8000000000000"),
        (npy((2,), body=bytes(15)), "truncated.*asks for 144 bytes in all, it has 143"),
        (npy((2,), body=bytes(17)), "too long"),
        (npy((-1,), body=bytes(8)), "shape"),
        (npy((1,), "|O", bytes(8)), "objects, which are never loaded"),
        (npy((1,), "<U4", bytes(16)), "not numbers"),
        (npy((1,), "<c8", bytes(8)), "not numbers"),
        (npy((1,), "<f7", bytes(8)), "dtype '<f7'"),
        (npy((10,) * 5000), "its header does not say"),
        (npy((1,) * 70, body=bytes(8)), "70 axes"),
        (npy((1,), body=bytes(8), version=b"\x04\x00"), "version"),
        (npy("__import__('os')", body=bytes(8)), "its header does not say"),
        (npy((1,))[:20], "its header does not say"),
        (b"", "does not begin like"),
        (b"PK\x03\x04 something else", "does not begin like"),
    ],
)
def test_faults_of_numpy_files_are_named(tmp_path, data, words):
    path = tmp_path / "bad.npy"
    path.write_bytes(data)
    for memory_map in (False, True):
        with pytest.raises(DataFileError, match=rf"bad\.npy.*{words}"):
            read_npy(path, memory_map=memory_map)
    with zipfile.ZipFile(tmp_path / "bad.npz", "w") as archive:
        archive.writestr("good.npy", npy((1,), body=bytes(8)))
        archive.writestr("inner.npy", data)
    with pytest.raises(DataFileError, match=rf"bad\.npz, array 'inner\.npy'.*{words.split(':')[0].split('.*')[0]}"):
        read_npz(tmp_path / "bad.npz")


def test_faults_of_archives_are_named(tmp_path):
    path = tmp_path / "x.npz"
    stream = io.BytesIO()
    np.savez_compressed(stream, x=np.arange(1000.0))
    whole = stream.getvalue()
    middle = len(whole) // 3
    flipped = whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :]
    for data in (whole[:-30], flipped, b"no archive", b""):
        path.write_bytes(data)
        with pytest.raises(DataFileError, match=r"x\.npz"):
            read_npz(path)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_BZIP2) as archive:  # bzip2 packs zeros far tighter than deflate may
        archive.writestr("x.npy", npy((10_000_000,), "|u1", bytes(10_000_000)))
    path.write_bytes(bomb.getvalue())
    with pytest.raises(DataFileError, match="it says that"):
        read_npz(path)
    with pytest.raises(DataNotFoundError):
        read_npz(tmp_path / "none.npz")
    with pytest.raises(DataFileError, match="folder"):
        read_npy(tmp_path)


@pytest.mark.parametrize("kind", ["npy", "npz", "packed npz", "csv"])
def test_damaged_files_are_refused_or_read_but_never_crash(tmp_path, kind):
    """A few bytes changed, cut out or put in, 300 times: an array comes, or an error of ours with the file."""
    random = np.random.default_rng(0)
    path = tmp_path / "x"
    stream = io.BytesIO()
    array = np.arange(20, dtype=np.int16).reshape(4, 5)
    if kind == "csv":
        stream.write(b"a,b,kind\n1,2.5,x\n3,,y\n" * 3)
    else:
        {"npy": np.save, "npz": np.savez, "packed npz": np.savez_compressed}[kind](stream, array)
    whole = stream.getvalue()
    read = {"npy": read_npy, "csv": lambda path: read_csv(path, labels="kind", fill=0)}.get(kind, read_npz)
    refused = []
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(random.integers(1, 4)):
            at = random.integers(len(data))
            data[at : at + random.integers(0, 3)] = (
                random.integers(0, 256, random.integers(0, 3)).astype("u1").tobytes()
            )
        path.write_bytes(data)
        try:
            read(path)
        except (DataFileError, ArgumentError) as error:
            refused.append(str(error))
    assert len(refused) > 90
    assert all(str(path) in text for text in refused)


def test_numbers_come_back_bit_for_bit(write):
    random = np.random.default_rng(0)
    x = random.normal(size=(50, 3)) * 10.0 ** random.integers(-300, 300, (50, 3))
    text = "a,b,c\n" + "\n".join(",".join(map(repr, row)) for row in x.tolist())
    assert read_csv(write(text), dtype="f8").x.tobytes() == x.tobytes()


def test_every_truncation_is_refused(tmp_path):
    path = tmp_path / "x.npy"
    np.save(path, np.arange(7, dtype=np.int16))
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(DataFileError):
            read_npy(path)


def test_a_data_set_larger_than_memory_is_read_row_by_row(tmp_path):
    """32 GB of zeros that no disk holds (a sparse file), with marks in some rows: batches cost only themselves."""
    if not hasattr(os.stat_result, "st_blocks"):
        pytest.skip("this system has no sparse files")
    path, rows, width = tmp_path / "large.npy", 1_000_000, 8000
    head = npy((rows, width), "<f4")
    with open(path, "wb") as file:
        file.write(head)
        file.truncate(len(head) + rows * width * 4)
        for row in (0, 345_678, rows - 1):
            file.seek(len(head) + row * width * 4)
            file.write(np.full(width, row % 1000 + 1, np.float32).tobytes())
    tracemalloc.start()
    try:
        images = read_npy(path, memory_map=True)
        dataset = ArrayDataset(images, np.arange(rows, dtype=np.int32))
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        loader = DataLoader(dataset, batch_size=100)
        for number, row in [(0, 0), (3_456, 78), (rows // 100 - 1, 99)]:
            x, y = next(loader.batches(0, start=number))
            assert type(x) is np.ndarray
            assert (x.shape, x.flags.writeable) == ((100, width), True)
            assert x[row].tolist() == [y[row] % 1000 + 1] * width
        peak = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    assert peak < 40_000_000, "the order of the rows and a batch, not the data"
    with pytest.raises(ValueError, match="read-only"):
        images[0] = 1


# ---- folders of images


@pytest.fixture
def image_root(tmp_path):
    """Three classes, six images; not in alphabetical order on the disk."""
    image = pytest.importorskip("PIL.Image")
    for folder, name, color in [
        ("dog", "2.png", (0, 255, 0)), ("dog", "10.PNG", (0, 0, 255)), ("cat", "b.jpg", (255, 255, 255)),
        ("cat", "a.bmp", (255, 0, 0)), ("ant", "x/deep.gif", (0, 0, 0)), ("ant", "1.png", (255, 255, 0)),
    ]:  # fmt: skip
        path = tmp_path / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        image.new("RGB", (4, 3), color).save(path)
    (tmp_path / "cat" / "notes.txt").write_text("no image", encoding="utf-8")
    (tmp_path / ".hidden").mkdir()
    return tmp_path


def test_images_in_sorted_order(image_root):
    dataset = ImageFolder(image_root)
    assert dataset.classes == ["ant", "cat", "dog"]
    assert dataset.class_to_idx == {"ant": 0, "cat": 1, "dog": 2}
    names = [path.relative_to(image_root).as_posix() for path, _ in dataset.samples]
    assert names == ["ant/1.png", "ant/x/deep.gif", "cat/a.bmp", "cat/b.jpg", "dog/10.PNG", "dog/2.png"]
    assert dataset.targets.tolist() == [0, 0, 1, 1, 2, 2]
    image, label = dataset[2]
    assert (image.shape, image.dtype, label) == ((3, 3, 4), np.float32, 1)
    assert image[:, 0, 0].tolist() == [1.0, 0.0, 0.0]
    images, labels = dataset[[5, 0]]
    assert (images.shape, labels.tolist()) == ((2, 3, 3, 4), [2, 0])
    assert images[:, :, 1, 1].tolist() == [[0.0, 1.0, 0.0], [1.0, 1.0, 0.0]]
    assert len(dataset[:0][0]) == 0
    assert len(dataset[dataset.targets == 1][0]) == 2
    with pytest.raises(IndexError):
        dataset[6]
    batches = list(DataLoader(dataset, batch_size=4, shuffle=True, prefetch=2))
    assert [x.shape for x, _ in batches] == [(4, 3, 3, 4), (2, 3, 3, 4)]
    assert sorted(np.concatenate([y for _, y in batches]).tolist()) == [0, 0, 1, 1, 2, 2]


def test_images_are_resized_and_made_gray(image_root):
    dataset = ImageFolder(image_root, size=(6, 8), grayscale=True)
    images, _ = dataset[:]
    assert images.shape == (6, 1, 6, 8)
    np.testing.assert_allclose(images[2, 0, 0, 0], 76 / 255)  # 0.299 of red, as ITU-R 601-2 says
    assert ImageFolder(image_root, size=5)[0][0].shape == (3, 5, 5)


def test_faults_of_image_folders_are_named(image_root):
    image = pytest.importorskip("PIL.Image")
    image.new("RGB", (5, 3)).save(image_root / "dog" / "2.png")
    with pytest.raises(DataFileError, match=r"(?s)2\.png has 3 x 5 pixels .*1\.png 3 x 4.*size="):
        ImageFolder(image_root)[:]
    for data in (b"", b"\x89PNG\r\n\x1a\n rubbish", (image_root / "dog" / "10.PNG").read_bytes()[:-30]):
        (image_root / "dog" / "2.png").write_bytes(data)
        with pytest.raises(DataFileError, match=r"2\.png is damaged, or no image"):
            ImageFolder(image_root)[5]
    image.new("I;16", (4, 3)).save(image_root / "dog" / "2.png")
    with pytest.raises(DataFileError, match="I;16, more than 8 bits"):
        ImageFolder(image_root)[5]
    for size in (0, (1, 2, 3), "8"):
        with pytest.raises(ArgumentError, match="size"):
            ImageFolder(image_root, size=size)
    (image_root / "eel").mkdir()
    with pytest.raises(ArgumentError, match="eel has no images"):
        ImageFolder(image_root)
    with pytest.raises(ArgumentError, match="has no folders"):
        ImageFolder(image_root / "eel")
    with pytest.raises(DataNotFoundError, match="not a folder"):
        ImageFolder(image_root / "none")


def test_labels_that_look_like_whole_numbers(write):
    assert read_csv(write("a,k\n1,--1\n2,3\n"), labels="k").classes == ("--1", "3")
    path = write("a,k\n" + "".join(f"1,{text}\n" for text in ["3", "03", "003", "2", "02", "1", "01"]))
    assert read_csv(path, labels="k").classes == ("01", "1", "02", "2", "003", "03", "3")  # the same in every process


@pytest.mark.filterwarnings("error")
def test_fill_must_fit_the_dtype(write):
    path = write("a\n1\nNA\n")
    for dtype, fill in [(np.uint8, 300), (np.uint8, -1), (np.float32, 1e39), (np.int64, 0.5), (np.float32, "0")]:
        with pytest.raises(ArgumentError, match="fill"):
            read_csv(path, dtype=dtype, fill=fill)
    for fill in (np.float32(2), np.int64(2), 2):
        assert read_csv(path, fill=fill).x.tolist() == [[1.0], [2.0]]
    assert np.isnan(read_csv(path, fill=np.nan).x[1, 0])


def test_options_of_a_table_that_cannot_be(write):
    path = write("a\n1\nNA\n")
    assert read_csv(path, missing="NA", fill=0).x.tolist() == [[1.0], [0.0]]  # the text, not its letters
    with pytest.raises(ArgumentError, match="one character"):
        read_csv(path, delimiter=";;")
    with pytest.raises(ArgumentError, match="no encoding"):
        read_csv(path, encoding="utf-99")
    with pytest.raises(DataFileError, match=r"BOM|utf-16"):
        read_csv(path, encoding="utf-16")


def test_a_shape_that_no_array_has(tmp_path):
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (0, 999999999999999999, 999999999999999999), }\n"
    path = tmp_path / "x.npy"
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
    with pytest.raises(DataFileError, match="larger than any array"):
        read_npy(path)


def test_a_folder_with_the_name_of_an_image(tmp_path):
    image = pytest.importorskip("PIL.Image").new("L", (2, 2))
    (tmp_path / "cat" / "old.png").mkdir(parents=True)
    image.save(tmp_path / "cat" / "old.png" / "1.png")
    assert [path.name for path, _ in ImageFolder(tmp_path).samples] == ["1.png"]
