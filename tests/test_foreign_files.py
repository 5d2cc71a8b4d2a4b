"""Weights in files of other programs: refused with what they are, and with a line that converts them."""

import pickle
import subprocess
import sys
import zipfile

import numpy as np
import pytest

import pellucid as pc
from pellucid.errors import DataNotFoundError, FormatError
from pellucid.train.foreign import conversion

W = np.arange(6, dtype=np.float32).reshape(2, 3)


def refused(path):
    """The FormatError that loading gives."""
    with pytest.raises(FormatError) as caught:
        pc.load(path)
    assert str(path) in caught.value.message
    return caught.value


def run_command(text):
    """Run the `python -c "..."` at the end of a remedy in the shell of this system."""
    command = text[text.index('python -c "') :].replace("python", f'"{sys.executable}"', 1)
    subprocess.run(command, shell=True, check=True)


@pytest.mark.peers
@pytest.mark.parametrize("wrapped", ["alone", "state_dict", "model_state_dict", "model"])
def test_a_state_dict_of_pytorch_is_converted_and_trains_on(tmp_path, wrapped):
    torch = pytest.importorskip("torch")
    theirs = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 2))
    saved = theirs.state_dict() if wrapped == "alone" else {wrapped: theirs.state_dict(), "epoch": 3}
    path = tmp_path / "it's $a model.pt"
    torch.save(saved, path)
    run_command(refused(path).remedy)
    nn = pc.nn
    ours = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.BatchNorm1d(4), nn.Linear(4, 2))
    ours.load_state_dict(pc.load(path.with_suffix(".safetensors")))
    x = np.random.default_rng(0).standard_normal((5, 3)).astype(np.float32)
    with torch.no_grad():
        expected = theirs.eval()(torch.tensor(x)).numpy()
    np.testing.assert_allclose(ours.eval()(pc.tensor(x)).numpy(), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.peers
def test_tied_and_transposed_weights_are_converted_too(tmp_path):
    torch = pytest.importorskip("torch")
    w = torch.arange(6.0).reshape(2, 3)
    torch.save({"a": w, "b": w, "c": w.T}, tmp_path / "tied.pt")
    run_command(conversion(tmp_path / "tied.pt"))
    loaded = pc.load(tmp_path / "tied.safetensors")
    assert loaded["c"].tolist() == w.T.tolist()
    assert loaded["a"].tolist() == loaded["b"].tolist() == w.tolist()


@pytest.mark.peers
def test_the_format_of_torch_before_2020_is_known_too(tmp_path):
    torch = pytest.importorskip("torch")
    torch.save({"w": torch.ones(2)}, tmp_path / "old.bin", _use_new_zipfile_serialization=False)
    error = refused(tmp_path / "old.bin")
    run_command(error.remedy)
    assert pc.load(tmp_path / "old.safetensors")["w"].tolist() == [1.0, 1.0]


@pytest.mark.parametrize("protocol", range(2, 6))
def test_a_pickle_of_any_protocol_is_refused_by_its_first_bytes(tmp_path, protocol):
    path = tmp_path / "weights.bin"
    path.write_bytes(pickle.dumps({"w": W}, protocol))
    assert "pickle" in refused(path).message


def test_arrays_of_numpy_are_refused_with_a_line_that_saves_them(tmp_path):
    path = tmp_path / "weights.npz"
    np.savez(path, w=W, b=W[0])
    remedy = refused(path).remedy
    exec(remedy[remedy.index("pc.save(") :], {"pc": pc, "np": np})
    assert pc.load(tmp_path / "weights.safetensors")["w"].tolist() == W.tolist()

    np.save(tmp_path / "x.npy", W)
    remedy = refused(tmp_path / "x.npy").remedy
    exec(remedy[remedy.index("pc.save(") :], {"pc": pc, "np": np})
    assert pc.load(tmp_path / "x.safetensors")["x"].tolist() == W.tolist()


def test_hdf5_is_refused_with_a_command_that_converts_it(tmp_path):
    h5py = pytest.importorskip("h5py")
    path = tmp_path / "net.weights.h5"
    with h5py.File(path, "w") as file:
        file["layers/dense/vars/0"] = W
        file["note"] = "trained on Monday"
    run_command(refused(path).remedy)
    assert pc.load(tmp_path / "net.weights.safetensors")["layers/dense/vars/0"].tolist() == W.tolist()


def test_a_model_of_keras_is_named(tmp_path):
    path = tmp_path / "net.keras"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("config.json", "{}")
        file.writestr("model.weights.h5", b"")
    error = refused(path)
    assert "Keras" in error.message
    assert "model.weights.h5" in error.remedy


def test_a_missing_file_says_what_is_in_the_folder(tmp_path):
    pc.save({"w": pc.ones(1)}, tmp_path / "best.safetensors")
    with pytest.raises(DataNotFoundError, match=r"best\.safetensors"):
        pc.load(tmp_path / "last.safetensors")
    with pytest.raises(FileNotFoundError, match="no folder"):
        pc.load(tmp_path / "nowhere" / "last.safetensors")


def test_our_files_load_under_any_name(tmp_path):
    """A name is looked at only where it says PyTorch or pickle."""
    pc.save({"w": pc.ones(1)}, tmp_path / "w.npz")
    assert pc.load(tmp_path / "w.npz")["w"].tolist() == [1.0]
