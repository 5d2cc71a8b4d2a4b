"""Without a network everything but a download works; and nothing tries to reach one.

Each program runs in a process in which any use of a socket raises: an audit hook sees every one, also those of
packages that are written in C.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

BLOCKED = """
import sys

def refuse(event, arguments):
    if event.startswith("socket.") and event != "socket.gethostname":
        raise SystemExit(f"a socket was used: {event} {arguments}")

sys.addaudithook(refuse)
"""
CLI = BLOCKED + "\nfrom pellucid.cli import main\nsys.argv = ['pellucid', *sys.argv[1:]]\nmain()\n"
EXPLAIN = (
    BLOCKED
    + """
from pellucid import explain
for subject in explain.subjects():
    assert len(explain.page(subject.name)) > 80, subject.name
print(len(explain.subjects()))
"""
)


def blocked(program, *arguments, cwd, code=0, **more):
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"} | more
    command = [sys.executable, "-c", program, *map(str, arguments)]
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, encoding="utf-8", timeout=120, check=False
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_block_blocks(tmp_path):
    program = BLOCKED + "import socket\nsocket.create_connection(('127.0.0.1', 9))"
    assert "a socket was used" in blocked(program, cwd=tmp_path, code=1)


def test_train_predict_resume_and_doctor_need_no_network(tmp_path):
    for name in ("digits", "iris", "xor"):
        blocked(CLI, "train", name, "--fast", "--out", name, cwd=tmp_path)
    assert "7 (" in blocked(CLI, "predict", "digits", Path("digits", "samples", "7.png"), cwd=tmp_path)
    assert "setosa" in blocked(CLI, "predict", "iris", 5.1, 3.5, 1.4, 0.2, cwd=tmp_path)
    assert "finished" in blocked(CLI, "resume", "digits", cwd=tmp_path)
    assert "Everything that is needed is here." in blocked(CLI, "doctor", cwd=tmp_path)
    assert "pellucid" in blocked(CLI, "--version", cwd=tmp_path)


def test_every_page_of_explain_needs_no_network(tmp_path):
    assert int(blocked(EXPLAIN, cwd=tmp_path)) > 90


@pytest.mark.real_data
def test_files_that_are_here_are_used_without_a_network(tmp_path, real_data):
    program = (
        BLOCKED + "from pellucid import data\nprint(len(data.mnist('test')[1]), len(data.fashion_mnist('test')[1]))"
    )
    assert blocked(program, cwd=tmp_path).split() == ["10000", "10000"]


def test_a_download_is_what_asks_for_the_network(tmp_path):
    """The other side of it: without files, `train mnist` does try."""
    places = {"PELLUCID_DATA": str(tmp_path / "data"), "XDG_CACHE_HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}
    text = blocked(CLI, "train", "mnist", "--fast", cwd=tmp_path, code=1, HOME=str(tmp_path), **places)
    assert "a socket was used" in text
