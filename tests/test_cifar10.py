"""CIFAR-10: the real files in their forms, archives that are broken in many ways, and what is kept of decoded ones."""

import functools
import gzip
import hashlib
import io
import shutil
import tarfile
import time

import numpy as np
import pytest
from PIL import Image

from pellucid.data import cifar10, class_names, decoded
from pellucid.data import cifar10 as load
from pellucid.errors import ArgumentError, DataFileError, DataNotFoundError, UnsupportedError
from tests.test_data_mnist import empty_machine, no_network  # noqa: F401  fixtures

module = __import__("sys").modules["pellucid.data.cifar10"]
NAMES = class_names("cifar10")


# ---- the real files


@pytest.mark.real_data
@pytest.mark.slow
def test_real_jpegs(real_data, no_network, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.setenv("PELLUCID_CACHE", str(tmp_path))
    images, labels = load("test", form="jpeg")
    assert (images.shape, images.dtype, labels.dtype) == ((10_000, 3, 32, 32), np.uint8, np.int64)
    assert np.bincount(labels).tolist() == [1000] * 10
    assert labels[:20].tolist() == 2 * list(range(10))
    assert images.mean() == pytest.approx(121.508, abs=0.01)
    # From the archive itself, by another way:
    with tarfile.open(real_data / "cifar10" / "cifar10-jpeg-test.tar.gz") as archive:
        for place in (0, 7, 9_999):
            name = f"test/{NAMES[place % 10]}/{place // 10:04d}.jpg"
            expected = np.asarray(Image.open(archive.extractfile(name)))
            np.testing.assert_array_equal(images[place], expected.transpose(2, 0, 1))

    kept = list(tmp_path.rglob("*.npy"))
    assert [path.parent.name for path in kept] == ["data"]
    monkeypatch.setattr(module, "read_jpeg", lambda *paths: pytest.fail("decoded twice"))
    begin = time.perf_counter()
    again = load("test", form="jpeg")
    assert time.perf_counter() - begin < 1
    assert all((a == b).all() for a, b in zip((images, labels), again, strict=True))
    assert not no_network


@pytest.mark.real_data
@pytest.mark.slow
def test_jpegs_in_their_official_order_are_near_the_lossless_ones(real_data, tmp_path):
    """The first 4000 of both: each is nearer to its own than to the next picture of its class."""
    images, labels = load("train", root=real_data, form="first4000")
    assert (images.shape, images.dtype) == ((4000, 3, 32, 32), np.uint8)
    assert np.bincount(labels).tolist() == [396, 366, 420, 384, 422, 393, 414, 385, 407, 413]
    assert images.mean() == pytest.approx(120.5311, abs=1e-4)
    assert images[0, 0, 0, :8].tolist() == [59, 43, 50, 68, 98, 119, 139, 145]  # a frog, known from many pages
    assert labels[:5].tolist() == [6, 9, 9, 4, 1]
    digest = hashlib.sha256(images[:10].tobytes()).hexdigest()
    assert digest.startswith("edf8cd1fb8f1734e")

    order = module.read_labels(real_data / "cifar10" / "trainLabels.csv.gz")
    assert len(order) == 50_000
    assert order[:4000] == labels.tolist()
    # Only the first of each class are decoded here: all 50,000 take 20 s.
    wanted, counts = {}, [0] * 10
    for place, label in enumerate(order[:4000]):
        wanted[f"train/{NAMES[label]}/{counts[label]:04d}.jpg"] = place
        counts[label] += 1
    distances = {}
    with tarfile.open(real_data / "cifar10" / "cifar10-jpeg-train.tar.gz", "r|gz") as archive:
        for member in archive:
            if wanted.get(member.name, 4000) < 1000:
                pixels = module.decode(archive.extractfile(member).read(), member.name).reshape(3, 32, 32)
                place = wanted[member.name]
                distances[place] = np.abs(pixels - images[place].astype(int)).mean()
    assert len(distances) == 1000
    assert 4 < np.mean(list(distances.values())) < 7
    assert max(distances.values()) < 14


# ---- archives made here


def jpeg(color, size=(32, 32), mode="RGB"):
    file = io.BytesIO()
    Image.new(mode, size, color).save(file, "JPEG", quality=100)
    return file.getvalue()


def write_tar(path, files):
    with tarfile.open(path, "w:gz") as archive:
        folder = tarfile.TarInfo("train")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def write_labels(path, labels):
    lines = ["id,label", *(f"{number},{label}" for number, label in enumerate(labels, start=1))]
    path.write_bytes(gzip.compress("\n".join(lines).encode("ascii")))
    return path


PICTURES = {
    f"train/{name}/{number:04d}.jpg": jpeg((10 * label, 100 * number, 50))
    for label, name in enumerate(NAMES)
    for number in range(2)
}


def near(record, label, number):
    red, green, blue = record[1:].reshape(3, 1024).astype(int)
    assert record[0] == label
    assert all(np.abs(channel - value).max() < 4 for channel, value in ((red, 10 * label), (green, 100 * number)))
    assert np.abs(blue - 50).max() < 4


def test_jpegs_are_put_in_the_order_of_their_labels(tmp_path):
    archive = write_tar(tmp_path / "a.tar.gz", dict(reversed(PICTURES.items())))
    order = np.random.default_rng(0).permutation(np.repeat(np.arange(10), 2)).tolist()
    labels = write_labels(tmp_path / "labels.csv.gz", [NAMES[label] for label in order])
    records = module.read_jpeg(archive, labels)
    seen = [0] * 10
    for record, label in zip(records, order, strict=True):
        near(record, label, seen[label])
        seen[label] += 1
    for place, record in enumerate(module.read_jpeg(archive)):
        near(record, place % 10, place // 10)


def refused(words, call, *arguments):
    with pytest.raises(DataFileError) as caught:
        call(*arguments)
    for word in words:
        assert word in str(caught.value), str(caught.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"train/cat/0001.jpg": jpeg(0, (33, 32))}, ["train/cat/0001.jpg", "33 x 32", "32 x 32"]),
        ({"train/cat/0001.jpg": jpeg(0, mode="L")}, ["kind L"]),
        ({"train/cat/0001.jpg": jpeg((1, 2, 3))[:300]}, ["train/cat/0001.jpg", "no JPEG"]),
        ({"train/cat/0001.jpg": b"GIF89a" + bytes(20)}, ["train/cat/0001.jpg", "no JPEG"]),
        ({"train/cat/0001.jpg": bytes(70_000)}, ["70000 bytes", "too many"]),
        ({"train/lion/0001.jpg": jpeg(0)}, ["lion", "CLASS/NUMBER.jpg"]),
        ({"train/cat/zz.jpg": jpeg(0)}, ["zz.jpg", "CLASS/NUMBER.jpg"]),
        ({"train/cat/0001.jpg": None}, ["lacks cat/0001.jpg"]),
        ({"train/cat/0000.jpg": None, "train/cat/0007.jpg": jpeg(0)}, ["lacks cat/0000.jpg"]),
        ({"train/cat/0002.jpg": jpeg((1, 2, 3))}, ["21 pictures", "20 have labels"]),
    ],
)
def test_archives_that_hold_something_else_are_refused(tmp_path, change, words):
    files = {name: content for name, content in (PICTURES | change).items() if content is not None}
    archive = write_tar(tmp_path / "a.tar.gz", files)
    labels = write_labels(tmp_path / "labels.csv.gz", 2 * NAMES)
    refused(["a.tar.gz", *words], module.read_jpeg, archive, labels)


def test_damaged_archives_are_refused(tmp_path):
    path = write_tar(tmp_path / "a.tar.gz", PICTURES)
    whole = path.read_bytes()
    for length in (0, 1, 10, len(whole) // 2, len(whole) - 4):
        path.write_bytes(whole[:length])
        refused(["a.tar.gz"], module.read_jpeg, path)
    for place in (5, len(whole) // 3, len(whole) - 6):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 8]) + whole[place + 1 :])
        if place > 9:
            refused(["a.tar.gz"], module.read_jpeg, path)
    path.write_bytes(b"plain text")
    refused(["no .tar.gz archive"], module.read_jpeg, path)
    # An archive that says more than it holds.
    plain = bytearray(gzip.decompress(whole))
    path.write_bytes(gzip.compress(plain[: len(plain) // 2 - 300]))
    refused(["a.tar.gz"], module.read_jpeg, path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"id,label\n1,cat\n3,dog\n", ["line 3", "3,dog", "2,CLASS"]),
        (b"id,label\n1,lion\n", ["line 2", "lion"]),
        (b"1,cat\n", ["does not begin"]),
        (b"", ["does not begin"]),
        (b"id,label\n1,c\xe4t\n", ["plain text"]),
        (None, ["no gzip file"]),
    ],
)
def test_labels_of_another_kind_are_refused(tmp_path, text, words):
    path = tmp_path / "labels.csv.gz"
    path.write_bytes(b"id,label\n" if text is None else gzip.compress(text))
    refused(["labels.csv.gz", *words], module.read_labels, path)


# ---- the official form, made smaller


def records(count, first=0):
    made = np.random.default_rng(first).integers(0, 256, (count, module.RECORD)).astype(np.uint8)
    made[:, 0] = (np.arange(count) + first) % 10
    return made


@pytest.fixture
def small_batches(monkeypatch):
    """Three records in each of the official files: their names and contents."""
    monkeypatch.setattr(module, "PER_FILE", 3)
    files = {f"data_batch_{n}.bin": records(3, n) for n in range(1, 6)} | {"test_batch.bin": records(3, 9)}
    return {f"cifar-10-batches-bin/{name}": content.tobytes() for name, content in files.items()}


def test_the_official_form(tmp_path, small_batches):
    files = {"cifar-10-batches-bin/batches.meta.txt": b"airplane\n"} | dict(reversed(small_batches.items()))
    path = write_tar(tmp_path / "b.tar.gz", files)
    found = module.read_binary(path, "train")
    np.testing.assert_array_equal(found, np.concatenate([records(3, n) for n in range(1, 6)]))
    np.testing.assert_array_equal(module.read_binary(path, "test"), records(3, 9))
    images, labels = module.from_records(found, path)
    assert labels.tolist() == [(n + i) % 10 for n in range(1, 6) for i in range(3)]
    for i in range(15):
        np.testing.assert_array_equal(images[i, 1], found[i, 1025:2049].reshape(32, 32))


def test_the_official_form_is_refused_where_it_is_broken(tmp_path, small_batches):
    path = tmp_path / "b.tar.gz"
    name = "cifar-10-batches-bin/data_batch_3.bin"
    write_tar(path, {key: content for key, content in small_batches.items() if key != name})
    refused(["lacks data_batch_3.bin"], module.read_binary, path, "train")
    write_tar(path, small_batches | {name: small_batches[name][:-1]})
    refused(["data_batch_3.bin", "9218 bytes", "3073"], module.read_binary, path, "train")
    write_tar(path, small_batches | {name: b"\x0a" + small_batches[name][1:]})
    found = module.read_binary(path, "train")
    refused(["record 6", "class 10"], module.from_records, found, path)
    whole = write_tar(path, small_batches).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    refused(["b.tar.gz"], module.read_binary, path, "train")


def test_records_in_one_file(tmp_path):
    path, rows = tmp_path / "r.bin.gz", records(5)
    for content in (gzip.compress(rows.tobytes()), rows.tobytes()):
        path.write_bytes(content)
        np.testing.assert_array_equal(module.read_records(path, 5), rows)
        refused(["r.bin.gz"], module.read_records, path, 4)
        refused(["r.bin.gz"], module.read_records, path, 6)
        path.write_bytes(content[:-9])
        refused(["r.bin.gz"], module.read_records, path, 5)


# ---- which form is taken


@pytest.fixture
def forms(tmp_path, monkeypatch, small_batches, empty_machine, no_network):  # noqa: F811
    """A folder `cifar10` with small files of all forms, and their checksums in the place of the published ones."""
    here = empty_machine[0] / "cifar10"
    here.mkdir(parents=True)
    write_tar(here / module.BINARY, small_batches)
    write_tar(here / "cifar10-jpeg-train.tar.gz", PICTURES)
    write_labels(here / "trainLabels.csv.gz", 2 * NAMES)
    write_tar(here / "cifar10-jpeg-test.tar.gz", {n.replace("train", "test"): c for n, c in PICTURES.items()})
    published = {
        form: {
            split: {file: hashlib.sha256((here / file).read_bytes()).hexdigest() for file in files}
            for split, files in splits.items()
        }
        for form, splits in module.FORMS.items()
        if form != "first4000"
    }
    monkeypatch.setattr(module, "FORMS", published | {"first4000": module.FORMS["first4000"]})
    monkeypatch.setenv("PELLUCID_CACHE", str(tmp_path / "kept"))
    return here


def test_the_best_form_that_is_here_is_taken(forms, tmp_path):
    assert len(load("train")[1]) == 15
    assert len(load("train", form="jpeg")[1]) == 20
    (forms / module.BINARY).unlink()
    assert load("train")[1].tolist() == 2 * list(range(10))
    assert load("test")[1].tolist() == 2 * list(range(10))
    (forms / "trainLabels.csv.gz").unlink()
    with pytest.raises(DataNotFoundError, match=r"cifar-10-binary\.tar\.gz"):
        load("train")
    with pytest.raises(DataNotFoundError, match=r"trainLabels\.csv\.gz"):
        load("train", form="jpeg")
    with pytest.raises(DataNotFoundError, match="first4000"):
        load("train", form="first4000")


@pytest.mark.parametrize("name", ["cifar-10-python.tar.gz", "cifar-10-batches-py"])
def test_pickles_are_refused_with_a_reason(empty_machine, no_network, name):  # noqa: F811
    folder = empty_machine[0] / "cifar10"
    folder.mkdir(parents=True)
    (folder / name).write_bytes(b"")
    with pytest.raises(UnsupportedError) as caught:
        load()
    for word in (str(folder / name), "run any code", "cifar-10-binary.tar.gz", 'form="binary"'):
        assert word in str(caught.value)
    assert not no_network


def test_wrong_arguments(tmp_path):
    for options, words in [
        ({"split": "validation"}, "validation"),
        ({"form": "png"}, "binary, jpeg, first4000"),
        ({"split": "test", "form": "first4000"}, "train"),
    ]:
        with pytest.raises(ArgumentError, match=words):
            load(root=tmp_path, **options)


# ---- what is kept


def test_what_was_decoded_is_kept_and_checked(forms, tmp_path, monkeypatch):
    calls = []
    real = module.read_jpeg
    monkeypatch.setattr(module, "read_jpeg", lambda *paths: calls.append(paths) or real(*paths))
    get = functools.partial(load, "train", form="jpeg")
    images, labels = get()
    assert (get()[0] == images).all()
    assert len(calls) == 1
    (path,) = (tmp_path / "kept" / "data").iterdir()

    whole = path.read_bytes()
    for content in (whole[:-1], whole[:5000], b"", whole[:9000] + b"\xff" + whole[9001:], whole[:-1] + b"\x01"):
        path.write_bytes(content)
        before = len(calls)
        again = get()
        assert (again[0] == images).all()
        assert (again[1] == labels).all()
        assert len(calls) == before + 1
        assert path.read_bytes() == whole

    # Other files: other pictures, and none of the old ones.
    others = PICTURES | {"train/airplane/0000.jpg": jpeg((200, 200, 200))}
    archive = write_tar(forms / "cifar10-jpeg-train.tar.gz", others)
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    monkeypatch.setitem(module.FORMS["jpeg"]["train"], "cifar10-jpeg-train.tar.gz", digest)
    assert get()[0][0, 0, 0, 0] > 190


def test_a_folder_that_cannot_be_written_is_no_error(forms, tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("PELLUCID_CACHE", str(tmp_path / "file"))
    assert len(load("train", form="jpeg")[1]) == 20
    monkeypatch.setattr(decoded, "kept_in", lambda: None)
    assert len(load("train", form="jpeg")[1]) == 20
    monkeypatch.undo()
    shutil.rmtree(forms)


def test_names():
    assert NAMES[6] == "frog"
    assert cifar10 is load
