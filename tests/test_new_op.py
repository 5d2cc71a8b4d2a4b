"""A new op is one class and one line of samples: here one is added to a scratch copy, and its promises are checked."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

CLASS = '''

class Softplus(Elementwise):
    """y = log(1 + exp(x)), a smooth form of max(x, 0). Slope 1 - exp(-y), which is the sigmoid of x."""

    reads_inputs = False

    def forward(self, x):
        return np.logaddexp(x, x.dtype.type(0))

    def gradient(self, g, y, x):
        return g * (1.0 - Exp()(-y))
'''
WRONG_GRADIENT = CLASS.replace("g * (1.0 - Exp()(-y))", "g * (1.0 - Exp()(-y)) * 1.001")
SECRET_READING = CLASS.replace("g * (1.0 - Exp()(-y))", "g * Sigmoid()(x)")
SAMPLE = "    Sample(ops.Softplus(), numbers(2, 3)),\n"


def replace(path, old, new):
    """Put `new` in place of `old`, which stands there once."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def scratch(folder, code, sample):
    """A copy of the package and of the promises, with one more op."""
    shutil.copytree(ROOT / "pellucid", folder / "pellucid", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "tests").mkdir()
    tables = ("samples.py", "sample_inputs.py", "window_samples.py", "wrong_samples.py")
    for name in ("alone.py", "conftest.py", *tables, "test_promises.py"):
        shutil.copy(ROOT / "tests" / name, folder / "tests")
    shutil.copy(ROOT / "pyproject.toml", folder)
    family = folder / "pellucid" / "ops" / "elementwise.py"
    family.write_text(family.read_text(encoding="utf-8") + code, encoding="utf-8")
    exports = folder / "pellucid" / "ops" / "__init__.py"
    replace(exports, "    Sin,\n", "    Sin,\n    Softplus,\n")
    replace(exports, '    "Sin",\n', '    "Sin",\n    "Softplus",\n')
    samples = folder / "tests" / "samples.py"
    replace(samples, "SAMPLES = [\n", "SAMPLES = [\n" + sample)


def promises(folder, which):
    """Run the promises of the copy in a process of their own; the exit status and what was printed."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_promises.py", "-k", which],
        cwd=folder, env=os.environ | {"PYTHONPATH": str(folder), "PELLUCID_REQUIRE": ""},
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


@pytest.mark.slow
def test_one_class_and_one_sample_make_an_op(tmp_path):
    scratch(tmp_path, CLASS, SAMPLE)
    status, text = promises(tmp_path, "Softplus or every")
    assert status == 0, text
    passed = int(text.rsplit(" passed", 1)[0].rsplit(maxsplit=1)[-1])
    assert passed > 40, "its special values, empty and single inputs come with the one line"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "sample", "promise"),
    [
        (CLASS, "", "test_every_exported_op_has_a_sample"),
        (WRONG_GRADIENT, SAMPLE, "test_gradient_agrees_with_finite_differences"),
        (SECRET_READING, SAMPLE, "test_gradient_reads_only_what_the_op_declares"),
    ],
    ids=["without a sample", "wrong gradient", "reads what it does not declare"],
)
def test_a_broken_promise_is_found(tmp_path, code, sample, promise):
    scratch(tmp_path, code, sample)
    status, text = promises(tmp_path, f"{promise} and (Softplus or every)")
    assert status == 1, text
    assert f"FAILED tests/test_promises.py::{promise}" in text
