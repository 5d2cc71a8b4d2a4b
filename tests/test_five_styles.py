"""docs/five-styles.md: one net in five styles, and the same numbers from all."""

import re
from pathlib import Path

import numpy as np
import pytest

PAGE = Path(__file__).resolve().parent.parent / "docs" / "five-styles.md"
TEXT = PAGE.read_text(encoding="utf-8")
GIVEN, *STYLES = re.findall(r"^```python\n(.*?)^```$", TEXT, flags=re.MULTILINE | re.DOTALL)
NAMES = ["NumPy", "PyTorch", "Keras", "scikit-learn", "compiled"]


def run(names):
    """What the page gives, then the code of these styles, in one program; its names."""
    space = {}
    for code in [GIVEN, *[code for name, code in zip(NAMES, STYLES, strict=True) if name in names]]:
        exec(compile(code, PAGE.name, "exec"), space)
    return space


def same(space, name):
    """Are the weights that this style ended with those of plain NumPy? And did all of them learn?"""
    own = space[name + "_weights"]
    for first, expected, weight in zip(space["first"], space["numpy_weights"], own, strict=True):
        np.testing.assert_allclose(weight, expected, rtol=1e-3, atol=1e-5)
        assert np.abs(weight - first).max() > 0.1


def printed_as_on_the_page(lines):
    """The loss to three digits, and the number of right answers up to two that stand on the edge."""
    shown = re.search(r"^```text\n(.*?)^```$", TEXT, flags=re.MULTILINE | re.DOTALL)[1].splitlines()
    for line in lines:
        style, loss, right = re.fullmatch(r"(.+?) +loss ([\d.]+) +right (\d+) of 1797", line).groups()
        (there,) = [one for one in shown if one.startswith(style)]
        _, its_loss, its_right = re.fullmatch(r"(.+?) +loss ([\d.]+) +right (\d+) of 1797", there).groups()
        assert float(loss) == pytest.approx(float(its_loss), abs=1e-3)
        assert int(right) == pytest.approx(int(its_right), abs=2)
    return len(shown)


def test_four_styles_end_with_the_same_numbers(capsys):
    space = run(["NumPy", "PyTorch", "Keras", "compiled"])
    for name in ("torch", "keras", "compiled"):
        same(space, name)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert printed_as_on_the_page(lines) == 5


@pytest.mark.peers
def test_the_estimator_ends_with_the_same_numbers_too(capsys):
    pytest.importorskip("sklearn")
    same(run(["NumPy", "scikit-learn"]), "sklearn")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    printed_as_on_the_page(lines)


def test_a_wrong_derivative_would_be_seen():
    """The NumPy style without the slope of ReLU ends elsewhere: equal numbers are no accident."""
    wrong = STYLES[0].replace("dh = (dz @ w2.T) * (h > 0)", "dh = dz @ w2.T")
    assert wrong != STYLES[0]
    right, space = run(["NumPy"]), {}
    for code in (GIVEN, wrong):
        exec(compile(code, PAGE.name, "exec"), space)
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(space["w1"], right["w1"], rtol=1e-3, atol=1e-5)


def test_the_page_is_linked():
    assert "(five-styles.md)" in (PAGE.parent / "README.md").read_text(encoding="utf-8")
