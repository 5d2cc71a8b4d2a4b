"""From an empty folder to a network that trains on one's own parts, with answers written from the contracts alone."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pellucid.workshop import table

ROOT = Path(__file__).resolve().parent.parent
ANSWERS = Path(__file__).parent / "workshop_answers"
PARTS = [piece.name for piece in table.pieces() if piece.lives]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("workshop") / "mine"


def said(folder, code, *words):
    """What `python -m pellucid workshop ...` prints in the folder."""
    done = subprocess.run(
        [sys.executable, "-m", "pellucid", "workshop", *map(str, words)],
        cwd=folder if folder.is_dir() else folder.parent,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PELLUCID_LANG": "en"},
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


def test_the_whole_way(folder):
    assert f"holds {len(table.NAMES) + 1} new files" in said(folder, 0, "start", folder)
    assert "Nothing is written yet" in said(folder, 1, "check")
    assert said(folder, 1, "check", *table.NAMES).count(": not written yet.") == len(table.NAMES)
    for name in table.NAMES:
        answer = (ANSWERS / f"{name}.py").read_text(encoding="utf-8")
        (folder / f"{name}.py").write_text(answer, encoding="utf-8")
    assert said(folder, 0, "check").count(": passed.") == len(table.NAMES)
    assert f"{len(table.NAMES)} of {len(table.NAMES)} pieces passed." in said(folder, 0, "status")

    text = said(folder, 0, "run", "digits")
    assert "Not called by this program" not in text
    for name in PARTS:
        calls = re.findall(rf"^{name} +\S+ +([\d,]+) ", text, re.MULTILINE)
        assert calls, name
        assert all(int(each.replace(",", "")) > 0 for each in calls)
    figures = re.findall(r"([\d.]+)% right with your parts, ([\d.]+)% with ours", text)
    assert len(figures) == 2
    for yours, ours in figures:
        assert float(yours) == pytest.approx(float(ours), abs=1.0)
        assert float(yours) > 94

    said(folder, 0, "report", "--json", "report.json")
    rows = json.loads((folder / "report.json").read_text(encoding="utf-8"))["folders"][0]["pieces"]
    assert [row["state"] for row in rows] == ["passed"] * len(table.NAMES)
    for name in table.NAMES:  # nothing of all this has touched what was written
        answer = (ANSWERS / f"{name}.py").read_bytes()
        assert (folder / f"{name}.py").read_bytes() == answer


def test_a_wrong_answer_that_is_forced_in_shows_what_it_does(folder):
    """SGD that goes up the slope: the loss grows, beside ours, which sinks."""
    (folder / "sgd.py").write_text(
        "def sgd_step(w, g, v, lr, momentum):\n    v = momentum * v + g\n    return w + lr * v, v\n", encoding="utf-8"
    )
    text = said(folder, 0, "run", "digits", "--only", "sgd", "--force", "sgd")
    assert "Put in place though it has not passed: sgd." in text
    yours, ours = re.findall(r"SGD with momentum: ([\d.]+)% right with your parts, ([\d.]+)%", text)[0]
    assert float(yours) < 50 < float(ours)
