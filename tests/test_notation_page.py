"""docs/notation.md: its code runs, its shapes are those of the layers, its table names each letter."""

import re
from pathlib import Path

import numpy as np

import pellucid as pc
from pellucid import nn

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "notation.md").read_text(encoding="utf-8")


def space():
    """What the code of the page leaves behind."""
    names = {}
    for block in re.findall(r"^```python\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL):
        exec(block, names)
    return names


def test_the_code_runs_and_its_numbers_are_those_of_the_layer_and_of_numpy():
    names = space()
    X, W, B, Z = (names[letter] for letter in "XWBZ")
    layer = nn.Linear(2, 4)
    assert tuple(layer.weight.shape) == tuple(W.shape) == (4, 2)
    assert tuple(layer.bias.shape) == tuple(B.shape) == (4,)
    layer.load_state_dict({"weight": W, "bias": B})
    np.testing.assert_allclose(np.asarray(layer(X).detach()), np.asarray(Z), rtol=1e-6)
    expected = np.einsum("ij,kj->ik", np.asarray(X), np.asarray(W)) + np.asarray(B)
    np.testing.assert_allclose(np.asarray(Z), expected, rtol=1e-6)


def test_the_gradients_of_the_page_are_those_of_backward():
    names = space()
    X, W, B = (pc.tensor(np.asarray(names[letter]), requires_grad=True) for letter in "XWB")
    g = names["G"]
    (g * (X @ W.T + B)).sum().backward()
    for leaf, other in [(W, g.T @ names["X"]), (X, g @ names["W"]), (B, g.sum(0))]:
        np.testing.assert_allclose(np.asarray(leaf.grad), np.asarray(other), rtol=1e-5, atol=1e-5)


def test_each_letter_is_told():
    for letter in "XYWBZAJ":
        assert len(re.findall(rf"^\| {letter}[ (|]", PAGE, flags=re.MULTILINE)) >= 1, letter
