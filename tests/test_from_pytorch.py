"""docs/from-pytorch.md: all its code runs, in its order, and both sides of it learn the same."""

import re
from contextlib import chdir
from pathlib import Path

import numpy as np
import pytest

import pellucid as pc
from pellucid import data, nn

PAGE = Path(__file__).resolve().parent.parent / "docs" / "from-pytorch.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def given():
    """What the page takes as given: pictures, labels, and weights to begin with."""
    pictures, labels = data.digits()
    pc.manual_seed(3)
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    beginning = {name: value.numpy() for name, value in model.state_dict().items()}
    scale = np.float32(pictures.max())
    return {"pictures": (pictures / scale).astype(np.float32), "labels": labels, "beginning": beginning}


def run(blocks, space):
    """Run blocks one after the other; the losses that they printed are in the space."""
    for block in blocks:
        exec(compile(block, PAGE.name, "exec"), space)
    return space


def test_our_side_runs(tmp_path, capsys):
    with chdir(tmp_path):
        space = run([block for block in BLOCKS if not block.startswith(("# PyTorch", "# both"))], given())
    said = capsys.readouterr().out.splitlines()
    assert float(said[0]) < 1.0, "it learns"
    assert said[1] == "(1797, 10)"
    assert float(said[2]) < float(said[0])
    assert float(said[3].split()[0]) > 0.9
    assert space["optimizer"].param_groups[0]["lr"] == pytest.approx(0.001 * 0.9**2)
    assert (tmp_path / "history.csv").exists()


@pytest.mark.peers
def test_both_sides_learn_the_same_and_weights_come_along(tmp_path, capsys):
    torch = pytest.importorskip("torch")
    with chdir(tmp_path):
        theirs = run([block for block in BLOCKS if block.startswith("# PyTorch")], given())
        ours = run([BLOCKS[1]], given())
        first, second = (float(line) for line in capsys.readouterr().out.splitlines())
        assert second == pytest.approx(first, rel=1e-4)
        run([block for block in BLOCKS if block.startswith("# both")], ours)
    with torch.no_grad():
        expected = theirs["model"](theirs["x"]).numpy()
    np.testing.assert_allclose(ours["model"](ours["x"]).detach().numpy(), expected, rtol=1e-4, atol=1e-5)


def test_the_page_is_linked_and_every_error_it_names_exists():
    text = PAGE.read_text(encoding="utf-8")
    assert "from-pytorch.md" in (PAGE.parent / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\b[A-Z]\w+Error\b", text))
    assert len(named) >= 6
    assert [name for name in named if not hasattr(pc.errors, name)] == []
    table = text.partition("## What is the same")[2].partition("## A training")[0]
    for name in re.findall(r"`pc\.(\w+)", table):
        assert hasattr(pc, name)
