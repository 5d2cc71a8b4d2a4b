"""The ten-minute tutorial in its three forms: a script, a marimo notebook, and Jupyter's, in both languages."""

import importlib.machinery
import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_readme import rivals, terms

pytest.importorskip("marimo")
ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "examples" / "tutorial.py"
PARTS = 9


def maker():
    """scripts/notebooks as a module."""
    loader = importlib.machinery.SourceFileLoader("notebooks", str(ROOT / "scripts" / "notebooks"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("notebooks", loader))
    loader.exec_module(module)
    return module


def committed(lang):
    """The notebook that lies in examples/."""
    return json.loads((ROOT / "examples" / maker().NOTEBOOKS[lang]).read_text(encoding="utf-8"))


def printed(book):
    """All that the cells of an executed notebook printed."""
    return "".join(
        "".join(output["text"])
        for cell in book["cells"]
        for output in cell.get("outputs", ())
        if output["output_type"] == "stream"
    )


def check_what_is_seen(text):
    """What the texts promise: the slope 6, more than 97 % right, the same scores, an error with its remedy."""
    assert "tensor(6.)" in text
    before, after = (float(share) for share in re.findall(r"([\d.]+)% right", text))
    assert before < 35
    assert after >= 97
    assert "the same scores: True" in text
    assert "in_features=784" in text
    step, compiled = re.search(r"step by step: (\d+) microseconds; compiled: (\d+)", text).groups()
    assert int(compiled) < 2 * int(step), "on NumPy, where there is no compiler, little is gained"


def test_it_runs_as_a_script(tmp_path):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-W", "error", str(SOURCE)], cwd=tmp_path, env=environment, capture_output=True,
        encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    check_what_is_seen(done.stdout)
    assert list(tmp_path.iterdir()) == [], "it leaves nothing behind"


def test_it_is_a_marimo_notebook_whose_cells_all_run(capsys):
    spec = importlib.util.spec_from_file_location("tutorial", SOURCE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    outputs, _ = module.app.run()
    check_what_is_seen(capsys.readouterr().out)
    figures = [output for output in outputs if hasattr(output, "savefig")]
    assert len(figures) == 2
    assert figures[0]._repr_png_().startswith(b"\x89PNG")


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_it_runs_in_jupyter(lang, tmp_path):
    pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(ROOT)
    try:
        book = maker().executed(lang, tmp_path)
    finally:
        os.environ.pop("PYTHONPATH")
        if before is not None:
            os.environ["PYTHONPATH"] = before
    check_what_is_seen(printed(book))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_notebooks_that_are_kept_are_made_from_the_source(lang):
    """Made by scripts/notebooks, with outputs."""
    from pellucid.course.notebook import notebook

    book = committed(lang)
    wanted = [(cell["cell_type"], cell["source"]) for cell in notebook(SOURCE, lang)["cells"]]
    assert [(cell["cell_type"], "".join(cell["source"])) for cell in book["cells"]] == wanted
    check_what_is_seen(printed(book))
    pictures = [o for cell in book["cells"] for o in cell.get("outputs", ()) if "image/png" in o.get("data", {})]
    assert len(pictures) == 2
    assert str(ROOT) not in json.dumps(book)  # nor the folder in which it was made
    assert str(Path.home()) not in json.dumps(book)


def test_both_languages_say_the_same_parts():
    from pellucid.course.notebook import notebook

    texts = {
        lang: [cell["source"] for cell in notebook(SOURCE, lang)["cells"] if cell["cell_type"] == "markdown"]
        for lang in ("en", "zh")
    }
    for english, chinese in zip(texts["en"], texts["zh"], strict=True):
        assert english.count("\n## ") == chinese.count("\n## ")
        assert re.findall(r"`[a-z.]+\(?\)?`", english)[:1] == re.findall(r"`[a-z.]+\(?\)?`", chinese)[:1]
    assert sum(text.startswith("## ") for text in texts["en"]) == PARTS
    assert all("see" in text for text in texts["en"] if text.startswith("## ")), "every part says what is seen"
    whole = "".join(texts["zh"])
    assert {rival: term["zh"] for term in terms() for rival in rivals(term) if rival in whole} == {}
