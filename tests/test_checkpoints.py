"""Saving and loading: exact, compatible with the safetensors package, and safe against damaged and hostile files."""

import json
import os
import random
import struct
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

import pellucid as pc
from pellucid import nn
from pellucid.errors import ArgumentError, DataFileError, DataNotFoundError, FormatError, StateDictError
from pellucid.train.checkpoint import OURS, load, load_with_metadata, save
from pellucid.train.files import read_json, write_json
from pellucid.train.packing import pack, unpack

CASES = 1000
MEMORY = 128 << 20  # bytes beyond what the process needs anyway
SECONDS = 120
ABSURD = [2**63, 2**62, 2**40, 2**32, 10**9, 1, 0, -1]


def some_tensors():
    numbers = np.random.default_rng(0)
    return {
        "weight": numbers.normal(size=(5, 7)).astype(np.float32),
        "bias": numbers.normal(size=7),
        "labels": numbers.integers(-5, 5, (3, 1, 2)),
        "mask": numbers.integers(0, 2, 9).astype(bool),
        "key": np.array([7, 2**32 - 1], np.uint32),
        "empty": np.zeros((0, 4), np.float32),
        "number": np.array(2.5, np.float16),
        "a name with \u6c49\u5b57 and \u00e9": numbers.integers(0, 255, 4).astype(np.uint8),
    }


# what is saved comes back


def test_tensors_come_back_bit_for_bit(tmp_path):
    tensors = some_tensors()
    tensors["strange numbers"] = np.array([np.nan, np.inf, -np.inf, -0.0, 1e-45], np.float32)
    save(tensors, tmp_path / "t.safetensors", {"epoch": 3})
    loaded, metadata = load_with_metadata(tmp_path / "t.safetensors")
    assert metadata == {"epoch": 3}
    assert set(loaded) == set(tensors)
    for name, array in tensors.items():
        assert isinstance(loaded[name], pc.Tensor)
        assert (loaded[name].dtype, loaded[name].shape) == (array.dtype, array.shape)
        assert loaded[name].numpy().tobytes() == array.tobytes()


def test_the_safetensors_package_reads_ours_and_we_read_its(tmp_path):
    tensors = some_tensors()
    save(tensors, tmp_path / "ours.safetensors")
    theirs = safetensors.numpy.load_file(tmp_path / "ours.safetensors")
    safetensors.numpy.save_file(tensors, tmp_path / "theirs.safetensors", metadata={"by": "someone"})
    ours, metadata = load_with_metadata(tmp_path / "theirs.safetensors")
    assert metadata is None
    for name, array in tensors.items():
        assert theirs[name].tobytes() == array.tobytes() == ours[name].numpy().tobytes()


def test_arrays_that_are_not_contiguous_are_saved_as_they_look(tmp_path):
    array = np.arange(12.0).reshape(3, 4)
    save({"turned": array.T, "every second": array[:, ::2]}, tmp_path / "t.safetensors")
    loaded = load(tmp_path / "t.safetensors")
    assert loaded["turned"].tolist() == array.T.tolist()
    assert loaded["every second"].tolist() == array[:, ::2].tolist()


def test_bfloat16_becomes_float32_with_the_same_values(tmp_path):
    torch = pytest.importorskip("torch")
    from safetensors.torch import save_file

    x = torch.randn(50).to(torch.bfloat16)
    save_file({"x": x}, str(tmp_path / "b.safetensors"))
    assert load(tmp_path / "b.safetensors")["x"].tolist() == x.float().tolist()


def test_a_module_is_saved_and_loaded(tmp_path):
    model, twin = nn.Linear(4, 3), nn.Linear(4, 3)
    pc.save(model, tmp_path / "m.safetensors")
    twin.load_state_dict(pc.load(tmp_path / "m.safetensors"))
    assert twin.weight.tolist() == model.weight.tolist()
    assert twin.bias.tolist() == model.bias.tolist()
    with pytest.raises(StateDictError, match="weight"):
        nn.Linear(4, 2).load_state_dict(pc.load(tmp_path / "m.safetensors"))


def test_state_dicts_of_any_nesting_are_packed_and_unpacked():
    tree = {
        0: {"step": pc.tensor(3.0), "on": True},
        "groups": [{"betas": (0.9, 0.999), "lr": 1e-3, "name": None}],
        1.5: [],
    }
    tensors = {}
    text = json.dumps(pack(tree, "optimizer", tensors))
    back = unpack(json.loads(text), tensors)
    assert list(tensors) == ["optimizer.0.step"]
    assert back[0].pop("step") is tree[0].pop("step")
    assert back == tree
    assert type(back["groups"][0]["betas"]) is tuple


def test_what_is_no_tensor_is_refused_by_name(tmp_path):
    with pytest.raises(ArgumentError, match="'layers'"):
        save({"layers": ["a", "b"]}, tmp_path / "t.safetensors")
    with pytest.raises(ArgumentError, match="list"):
        save([np.zeros(3)], tmp_path / "t.safetensors")
    assert list(tmp_path.iterdir()) == []


def test_metadata_that_json_cannot_hold_and_a_missing_folder(tmp_path):
    path = tmp_path / "w.safetensors"
    with pytest.raises(ArgumentError, match="JSON cannot hold the metadata"):
        save({"w": pc.ones(1)}, path, {"model": object()})
    with pytest.raises(DataNotFoundError, match=r"no folder .*missing.* to write w\.safetensors into"):
        save({"w": pc.ones(1)}, tmp_path / "missing" / "w.safetensors")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_save_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "t.safetensors"
    save({"x": np.ones(3)}, path)
    before = path.read_bytes()

    def fails(source, target):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(OSError, match="no space"):
        save({"x": np.zeros(3)}, path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


# what is refused


@pytest.mark.parametrize("name", ["model.pt", "model.pth", "MODEL.PT"])
def test_files_of_pytorch_are_refused_with_the_line_that_converts_them(tmp_path, name):
    torch = pytest.importorskip("torch")
    path = tmp_path / name
    torch.save(torch.nn.Linear(2, 3).state_dict(), path)
    with pytest.raises(FormatError) as caught:
        load(path)
    command = caught.value.remedy[caught.value.remedy.index('python -c "') + 11 : -1]
    subprocess.run([sys.executable, "-c", command], check=True)  # the line does what it says
    converted = load(path.with_suffix(".safetensors"))
    assert converted["weight"].tolist() == torch.load(path, weights_only=True)["weight"].tolist()


def test_a_pickle_is_refused_whatever_its_name(tmp_path):
    torch = pytest.importorskip("torch")
    path = tmp_path / "model.safetensors"
    torch.save({"x": torch.ones(2)}, path)
    with pytest.raises(FormatError, match="pickle"):
        load(path)


def test_newer_formats_are_refused_politely(tmp_path):
    write_json(tmp_path / "config.json", {"recipe": "digits"})
    text = (tmp_path / "config.json").read_text(encoding="utf-8")
    (tmp_path / "config.json").write_text(text.replace('"format": 1', '"format": 2'), encoding="utf-8")
    with pytest.raises(FormatError, match="newer version"):
        read_json(tmp_path / "config.json")
    ours = json.dumps({"format": 2, "sha256": "", "metadata": {}})
    content = safetensors.numpy.save({"x": np.ones(2)}, metadata={OURS: ours})
    (tmp_path / "t.safetensors").write_bytes(content)
    with pytest.raises(FormatError, match="newer version"):
        load(tmp_path / "t.safetensors")


def test_every_flipped_bit_of_our_file_is_noticed_or_harmless(tmp_path):
    tensors = {"w": np.arange(6, dtype=np.float32).reshape(2, 3), "n": np.array([3, 5])}
    path = tmp_path / "t.safetensors"
    save(tensors, path, {"epoch": 3})
    content = path.read_bytes()
    data = 8 + int.from_bytes(content[:8], "little")
    for bit in range(8 * len(content)):
        path.write_bytes(flipped(content, bit))
        try:
            loaded = load(path)
        except (DataFileError, FormatError):
            continue
        assert bit < 8 * data, "a changed number was loaded"
        assert {name: value.tolist() for name, value in loaded.items()} == {k: v.tolist() for k, v in tensors.items()}


A, B = '"a":{"dtype":"F32","shape":', '"b":{"dtype":"F32","shape":'
GOOD = A + '[3],"data_offsets":[0,12]}'
NOTES = '{"__metadata__":{"pellucid":"%s"},' + GOOD + "}"
BYTES = ',"b":{"dtype":"U8","shape":[12],"data_offsets":[0,12]}}'
HOSTILE = {
    "overlap": "{" + A + '[2],"data_offsets":[0,8]},' + B + '[2],"data_offsets":[4,12]}}',
    "gap": "{" + A + '[1],"data_offsets":[0,4]},' + B + '[1],"data_offsets":[8,12]}}',
    "begins late": "{" + A + '[2],"data_offsets":[4,12]}}',
    "twice": "{" + GOOD + "," + GOOD + "}",
    "beyond the end": "{" + A + '[4],"data_offsets":[0,16]}}',
    "not all of it": "{" + A + '[2],"data_offsets":[0,8]}}',
    "size and shape": "{" + A + '[4],"data_offsets":[0,12]}}',
    "huge": "{" + A + '[1099511627776,1099511627776],"data_offsets":[0,12]}}',
    "huge and empty": "{" + A + '[0,4611686018427387904,9],"data_offsets":[0,0]}' + BYTES,
    "wraps around": "{" + A + '[4294967296,4294967296],"data_offsets":[0,0]}' + BYTES,
    "negative": "{" + A + '[-3],"data_offsets":[0,12]}}',
    "backwards": "{" + A + '[3],"data_offsets":[12,0]}}',
    "float shape": "{" + A + '[3.0],"data_offsets":[0,12]}}',
    "true": '{"a":{"dtype":"U8","shape":[12],"data_offsets":[false,12]}}',
    "unknown dtype": '{"a":{"dtype":"F7","shape":[3],"data_offsets":[0,12]}}',
    "dtype of another kind": '{"a":{"dtype":["F32"],"shape":[3],"data_offsets":[0,12]}}',
    "extra part": "{" + A + '[3],"data_offsets":[0,12],"code":"print()"}}',
    "missing part": '{"a":{"dtype":"F32","data_offsets":[0,12]}}',
    "axes": '{"a":{"dtype":"U8","shape":[12' + ",1" * 70 + '],"data_offsets":[0,12]}}',
    "a list": "[" + GOOD.removeprefix('"a":') + "]",
    "deep": '{"a":' + "[" * 90000 + "]" * 90000 + "}",
    "many digits": "{" + A + "[" + "9" * 5000 + '],"data_offsets":[0,12]}}',
    "metadata numbers": '{"__metadata__":{"x":1},' + GOOD + "}",
    "bools": '{"a":{"dtype":"BOOL","shape":[12],"data_offsets":[0,12]}}',
    "NaN": "{" + A + '[NaN],"data_offsets":[0,12]}}',
    "our notes, broken": NOTES % "{",
    "our notes, a list": NOTES % "[1]",
    "our notes, format as text": NOTES % r"{\"format\":\"1\",\"sha256\":\"\",\"metadata\":{}}",
    "not closed": "{" + GOOD,
}


def file_of(header, numbers=b"\x02" * 12):
    text = header.encode("utf-8")
    return struct.pack("<Q", len(text)) + text + numbers


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_headers_are_refused_and_the_file_is_named(tmp_path, name):
    path = tmp_path / "hostile.safetensors"
    path.write_bytes(file_of(HOSTILE[name]))
    with pytest.raises((DataFileError, FormatError), match=r"hostile\.safetensors"):
        load(path)


def test_the_header_that_hostile_ones_differ_from_loads(tmp_path):
    path = tmp_path / "good.safetensors"
    path.write_bytes(file_of('{"a":{"dtype":"U8","shape":[3,4],"data_offsets":[0,12]}}  '))
    assert load(path)["a"].tolist() == [[2] * 4] * 3


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 7, b"\0" * 8, b"\xff" * 8, struct.pack("<Q", 2**63) + b"{}", b"\x01" + b"\0" * 7 + b"{"]
)
def test_files_without_a_header_are_refused(tmp_path, content):
    (tmp_path / "t.safetensors").write_bytes(content)
    with pytest.raises(DataFileError, match=r"t\.safetensors"):
        load(tmp_path / "t.safetensors")


def test_a_folder_and_a_missing_file(tmp_path):
    with pytest.raises(DataFileError, match="folder"):
        load(tmp_path)
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "nothing.safetensors")


# a thousand damaged files


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
    assert sum(report["outcomes"].values()) == CASES
    # Neither side is idle: nearly all are refused, and a few changes (of spaces, say) are harmless.
    assert report["outcomes"]["refused"] > 0.9 * CASES
    assert min(report["kinds"].values()) >= 40


def flipped(content, bit):
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def damage(chance, content):
    """A damaged copy of a file, and the kind of damage."""
    length = 8 + int.from_bytes(content[:8], "little")
    at = chance.randrange(len(content))
    many = content
    for _ in range(chance.randint(2, 40)):
        many = flipped(many, chance.randrange(8 * len(content)))
    return chance.choice(
        [
            ("cut", content[:at]),
            ("flip", flipped(content, chance.randrange(8 * length, 8 * len(content)))),
            ("flip in the header", flipped(content, chance.randrange(8 * length))),
            ("many flips", many),
            ("header length", (chance.choice(ABSURD) % 2**64).to_bytes(8, "little") + content[8:]),
            ("append", content + chance.randbytes(chance.choice([1, 4, 1000]))),
            ("byte lost", content[:at] + content[at + 1 :]),
            ("size", with_absurd_size(chance, content, length)),
            ("noise", chance.choice([b"", content[:8]]) + chance.randbytes(chance.randrange(200))),
        ]
    )


def with_absurd_size(chance, content, length):
    """The file with another number in the shape or the place of one tensor."""
    header = json.loads(content[8:length])
    name = chance.choice([name for name in header if name != "__metadata__"])
    part = header[name][chance.choice(["shape", "data_offsets"])]
    if part:
        part[chance.randrange(len(part))] = chance.choice(ABSURD)
    else:
        part.append(chance.choice(ABSURD[:-3]))
    text = json.dumps(header).encode("utf-8")
    return struct.pack("<Q", len(text)) + text + content[length:]


def limit_memory():
    """Let this process grow by MEMORY at most."""
    import resource

    with open("/proc/self/statm", encoding="ascii") as file:
        now = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + MEMORY, now + MEMORY))


def main(folder):
    chance = random.Random(4)
    path = Path(folder) / "case.safetensors"
    tensors = some_tensors()
    save(tensors, path, {"epoch": 3})
    original = path.read_bytes()
    if sys.platform == "linux":  # the other systems do not enforce such a limit
        limit_memory()
    report = {"outcomes": {"refused": 0, "loaded, unchanged": 0}, "kinds": {}, "wrong": [], "slowest": 0.0}
    for case in range(CASES):
        kind, content = damage(chance, original)
        path.write_bytes(content)
        start = time.perf_counter()
        result = outcome(path, tensors)
        report["slowest"] = max(report["slowest"], time.perf_counter() - start)
        report["kinds"][kind] = report["kinds"].get(kind, 0) + 1
        if result in report["outcomes"]:
            report["outcomes"][result] += 1
        else:
            report["wrong"].append([case, kind, result])
    print(json.dumps(report))


def outcome(path, tensors):
    """Load the file: "refused", "loaded, unchanged", or a description of what went wrong."""
    try:
        loaded = load(path)
    except (DataFileError, FormatError) as error:
        return "refused" if path.name in error.message else f"the message does not name the file: {error.message}"
    except BaseException as error:  # noqa: BLE001  anything else, MemoryError included, is a failure of the reader
        return f"{type(error).__name__}: {error}"
    same = set(loaded) == set(tensors) and all(
        loaded[name].numpy().tobytes() == array.tobytes()
        and loaded[name].shape == array.shape
        and loaded[name].dtype == array.dtype
        for name, array in tensors.items()
    )
    return "loaded, unchanged" if same else "silently loaded with other contents"


if __name__ == "__main__":
    main(sys.argv[1])
