"""MNIST and Fashion-MNIST: the real files, the places where they are looked for, mirrors, and no network at all."""

import functools
import hashlib
import http.server
import shutil
import socket
import subprocess
import sys
import threading

import numpy as np
import pooch
import pytest

from pellucid.data import download, fashion_mnist, mnist, write_idx
from pellucid.errors import ArgumentError, DataFileError, DataNotFoundError

MNIST_COUNTS = {
    "train": [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949],
    "test": [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009],
}
MEANS = {
    (mnist, "train"): 33.3184,
    (mnist, "test"): 33.7912,
    (fashion_mnist, "train"): 72.9404,
    (fashion_mnist, "test"): 73.1466,
}


@pytest.fixture
def empty_machine(tmp_path, monkeypatch):
    """No data in $PELLUCID_DATA, none in the cache: returns both folders."""
    here, cache = tmp_path / "here", tmp_path / "cache"
    monkeypatch.setenv("PELLUCID_DATA", str(here))
    monkeypatch.setattr(pooch, "os_cache", lambda name: cache / name)
    monkeypatch.setattr(download, "CHECKED", set())
    return here, cache / "pellucid"


@pytest.fixture
def no_network(monkeypatch):
    """Every attempt to reach another machine fails, and is counted."""
    attempts = []

    def refuse(*arguments, **options):
        attempts.append(arguments)
        raise OSError("the network is unreachable")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    return attempts


@pytest.mark.real_data
@pytest.mark.parametrize(("load", "split"), list(MEANS))
def test_real_files(real_data, no_network, load, split):
    images, labels = load(split, root=real_data)
    rows = 60_000 if split == "train" else 10_000
    assert images.shape == (rows, 28, 28)
    assert images.dtype == np.uint8
    assert (images.min(), images.max()) == (0, 255)
    assert abs(images.mean() - MEANS[load, split]) < 1e-4
    assert labels.dtype == np.int64
    assert np.bincount(labels).tolist() == (MNIST_COUNTS[split] if load is mnist else [rows // 10] * 10)
    assert not no_network


@pytest.mark.real_data
def test_environment_variable(real_data, empty_machine, no_network, monkeypatch):
    monkeypatch.setenv("PELLUCID_DATA", str(real_data))
    assert len(mnist("test")[0]) == 10_000
    monkeypatch.delenv("PELLUCID_DATA")
    with pytest.raises(DataNotFoundError):
        mnist("test")
    _, cache = empty_machine
    (cache / "mnist").mkdir(parents=True, exist_ok=True)
    for name in ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"):
        shutil.copyfile(real_data / "mnist" / name, cache / "mnist" / name)
    assert len(mnist("test")[0]) == 10_000


@pytest.mark.real_data
def test_files_on_this_machine_need_no_download_library(real_data):
    program = (
        "import sys; from pellucid.data import mnist; mnist('test', root=sys.argv[1]); "
        "print(sorted({'pooch', 'requests', 'PIL'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}; {program}", str(real_data)]
    result = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60, check=False)
    assert result.stdout.strip() == "[]", result.stderr


@pytest.mark.parametrize(("load", "name"), [(mnist, "mnist"), (fashion_mnist, "fashion-mnist")])
def test_offline(empty_machine, no_network, load, name):
    here, cache = empty_machine
    with pytest.raises(DataNotFoundError) as caught:
        load("train")
    text = str(caught.value)
    assert no_network, "a download must have been tried"
    for part in ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "PELLUCID_DATA", "unreachable"):
        assert part in text
    assert str(here / name) in text
    assert str(cache / name) in text
    assert text.count("://") == 2, "both mirrors are named"
    assert not list(here.rglob("*.gz"))
    with pytest.raises(FileNotFoundError):
        load("test")


def test_root_takes_the_place_of_the_other_folders(empty_machine, no_network, tmp_path):
    with pytest.raises(DataNotFoundError) as caught:
        mnist(root=tmp_path / "mine")
    assert str(tmp_path / "mine" / "mnist") in str(caught.value)
    assert str(empty_machine[1]) not in str(caught.value)


def test_a_damaged_file_is_named(empty_machine, no_network):
    here, _ = empty_machine
    path = here / "mnist" / "train-images-idx3-ubyte.gz"
    path.parent.mkdir(parents=True)
    write_idx(path, np.zeros((60_000, 28, 28), np.uint8))  # a good IDX file, but not MNIST
    with pytest.raises(DataFileError, match="SHA-256") as caught:
        mnist()
    assert str(path) in str(caught.value)
    assert "Delete it" in str(caught.value)
    path.unlink()
    path.mkdir()
    with pytest.raises(DataFileError, match="not a file"):
        mnist()
    assert not no_network


def test_wrong_split():
    with pytest.raises(ArgumentError, match="'validation'"):
        mnist("validation")


def test_checksum_is_computed_once(tmp_path, monkeypatch):
    monkeypatch.setattr(download, "CHECKED", set())
    path = tmp_path / "a"
    path.write_bytes(b"first")
    sha256 = hashlib.sha256(b"first").hexdigest()
    calls = []
    real = hashlib.file_digest
    monkeypatch.setattr(hashlib, "file_digest", lambda *arguments: calls.append(arguments) or real(*arguments))
    download.check(path, sha256)
    download.check(path, sha256)
    assert len(calls) == 1
    path.write_bytes(b"second, and longer")
    with pytest.raises(DataFileError):
        download.check(path, sha256)


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    """A web server on this machine: returns its address and the folder it shows."""
    folder = tmp_path / "web"
    folder.mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", folder
        server.shutdown()
        thread.join()


def test_mirrors_are_tried_in_order(empty_machine, mirror, request):
    here, _ = empty_machine
    address, folder = mirror
    files = {"a.gz": hashlib.sha256(b"right").hexdigest(), "b.gz": hashlib.sha256(b"also right").hexdigest()}
    for name, content in {"bad/a.gz": b"wrong", "good/a.gz": b"right", "good/b.gz": b"also right"}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    mirrors = [address + "absent/", address + "bad/", address + "good/"]

    # Neither good: both reasons are told, nothing is left behind, and the file that did come stays.
    with pytest.raises(DataNotFoundError) as caught:
        download.fetch("set", files, mirrors[:2])
    assert "404" in str(caught.value)
    assert "hash" in str(caught.value)
    assert not [path for path in here.rglob("*") if path.is_file()]

    paths = download.fetch("set", files, mirrors)
    assert paths == [here / "set" / "a.gz", here / "set" / "b.gz"]
    assert [path.read_bytes() for path in paths] == [b"right", b"also right"]
    assert sorted(path.name for path in (here / "set").iterdir()) == ["a.gz", "b.gz"]

    # Once here, they are found without a network.
    attempts = request.getfixturevalue("no_network")
    assert download.fetch("set", files, mirrors) == paths
    assert not attempts
