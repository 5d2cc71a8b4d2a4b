"""Types for users: py.typed is shipped, the stubs are those of the source, and a checker knows what users write."""

import importlib.machinery
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "tests" / "typing"
WHERE = [(system, version) for system in ("Linux", "Windows", "Darwin") for version in ("3.11", "3.14")]


def maker():
    """scripts/stubs as a module."""
    loader = importlib.machinery.SourceFileLoader("stubs", str(ROOT / "scripts" / "stubs"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("stubs", loader))
    loader.exec_module(module)
    return module


def test_the_mark_that_says_that_types_are_here_is_in_the_package():
    assert (ROOT / "pellucid" / "py.typed").exists()


@pytest.mark.parametrize("part", ["tensors", "functional"])
def test_stubs_have_every_name_with_the_arguments_of_the_source(part):
    """Made by scripts/stubs: run it after adding or changing a public function or a method of Tensor."""
    path = ROOT / "pellucid" / part / "__init__.pyi"
    assert path.read_text(encoding="utf-8") == maker().STUBS[part](), "run: python scripts/stubs"


@pytest.mark.slow
@pytest.mark.parametrize(("system", "version"), WHERE)
def test_pyright_knows_the_types_of_a_users_program_and_finds_its_mistakes(system, version):
    pytest.importorskip("pyright")
    done = subprocess.run(
        [sys.executable, "-m", "pyright", "-p", str(HERE), "--pythonpath", sys.executable, "--outputjson",
         "--pythonplatform", system, "--pythonversion", version],
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    if not done.stdout.startswith("{"):
        pytest.skip(f"pyright does not run here: {done.stderr[-200:]}")
    report = json.loads(done.stdout)
    errors = [each for each in report["generalDiagnostics"] if each["severity"] == "error"]
    found = [f"{Path(each['file']).name}:{each['range']['start']['line'] + 1}: {each['message']}" for each in errors]
    assert found == []
    assert report["summary"]["filesAnalyzed"] == 2
