"""The programs in `examples/` do what they say."""

import os
import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def output_of(name, tmp_path, *options):
    """What an example prints, in a folder of its own, with warnings as errors."""
    command = [sys.executable, "-W", "error", str(ROOT / "examples" / name), *options]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def perceptron_in_fractions():
    """Rosenblatt's rule without any rounding: the reference."""
    w, b, rate = [Fraction(0), Fraction(0)], Fraction(0), Fraction(1, 10)
    for _ in range(10):
        for x, y in [((1, 1), 1), ((1, 0), 0), ((0, 1), 0), ((0, 0), 0)]:
            error = y - (w[0] * x[0] + w[1] * x[1] + b > 0)
            w = [w[0] + rate * error * x[0], w[1] + rate * error * x[1]]
            b += rate * error
    return [float(number) for number in w], float(b)


def test_the_perceptron_learns_and(tmp_path):
    weights, bias = perceptron_in_fractions()
    assert (weights, bias) == ([0.1, 0.2], -0.2)
    assert output_of("perceptron.py", tmp_path) == [
        f"weights {weights}",
        f"bias {bias}",
        "1 AND 1 = 1  right",
        "1 AND 0 = 0  right",
        "0 AND 1 = 0  right",
        "0 AND 0 = 0  right",
    ]


def test_the_perceptron_computes_what_it_prints(tmp_path):
    """With other samples the same program finds other weights: nothing in it is written down beforehand."""
    text = (ROOT / "examples" / "perceptron.py").read_text(encoding="utf-8")
    changed = text.replace("[1.0, 0.0, 0.0, 0.0]", "[1.0, 1.0, 1.0, 0.0]").replace(" AND ", " OR ")
    assert changed.count("1.0, 1.0, 1.0, 0.0") == 1
    (tmp_path / "or.py").write_text(changed, encoding="utf-8")
    lines = output_of(tmp_path / "or.py", tmp_path)
    assert [line.split()[4] for line in lines[2:]] == ["1", "1", "1", "0"]
    assert all(line.endswith("right") for line in lines[2:])
    assert lines[0] != "weights [0.1, 0.2]"


def test_the_sheet_of_transforms_is_drawn(tmp_path):
    printed = output_of("transforms.py", tmp_path, "--signs", "--picture", "sheet.png")
    assert printed == ["18 rows of 10 pictures: sheet.png"]
    assert (tmp_path / "sheet.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.compiler
@pytest.mark.slow
def test_learning_rates_are_found_better_than_by_chance(tmp_path):
    """On nets for digits, 40 trainings each, 24 seeds: the Gaussian process wins by more than two standard errors."""
    lines = output_of("search.py", tmp_path, "--fast", "--picture", "trials.png")
    said = {line.split()[0]: re.search(r"([+-][\d.]+) standard errors", line) for line in lines}
    assert list(said) == ["random_search", "grid_search", "genetic_search", "bayesian_search"]
    assert float(said["bayesian_search"][1]) > 2
    assert (tmp_path / "trials.png").read_bytes().startswith(b"\x89PNG")


def test_every_example_is_tested():
    text = Path(__file__).read_text(encoding="utf-8")  # "tutorial.py" has a file of its own, tests/test_tutorial.py
    assert [path.name for path in (ROOT / "examples").glob("*.py") if f'"{path.name}"' not in text] == []


@pytest.mark.compiler
def test_the_listing_in_the_documents_is_what_the_example_prints(tmp_path):
    listing = (ROOT / "docs" / "mnist_step.c").read_text(encoding="utf-8")
    assert output_of("compiled_step.py", tmp_path) == listing.splitlines(), (
        "make it again: python examples/compiled_step.py > docs/mnist_step.c"
    )
    guide = (ROOT / "docs" / "compiled-step.md").read_text(encoding="utf-8")
    for block in guide.split("```c\n")[1:]:
        code = block[: block.index("```")]
        assert nameless(code) in nameless(listing), f"docs/compiled-step.md quotes what is not in the listing:\n{code}"


def nameless(code):
    """Without the eight digits at the end of each kernel's name, which any change of its text changes."""
    return re.sub(r"_[0-9a-f]{8}\b", "", code)


def test_an_edge_kernel_is_learned_from_examples(tmp_path):
    """The nine numbers come back, from random ones; the loss falls by a factor of a million."""
    lines = output_of("edge_kernel.py", tmp_path, "--picture", "edges.png")
    for line in lines[1:4]:
        numbers = [float(number) for number in line.split()]
        assert numbers[:3] == [1.0, 0.0, -1.0]
        assert numbers[3:] == pytest.approx(numbers[:3], abs=0.01)
    before, after = (float(number) for number in re.findall(r"[\d.]+(?:e-\d+)?(?= (?:before|after))", lines[4]))
    assert before > 0.5
    assert after < 1e-6 * before
    assert (tmp_path / "edges.png").stat().st_size > 1000
