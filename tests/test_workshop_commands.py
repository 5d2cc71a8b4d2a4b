"""`pellucid workshop ...` as learners and teachers type it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from workshop_small import small  # noqa: F401  a fixture

from pellucid.cli import command
from pellucid.workshop import table
from pellucid.workshop.folder import LOG
from pellucid.workshop.language import language, painted, plain

pytestmark = pytest.mark.usefixtures("small")
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def folder(small, tmp_path, monkeypatch):  # noqa: F811
    """A workshop, in which we stand."""
    monkeypatch.setenv("PELLUCID_LANG", "en")
    said(0, "start", tmp_path / "mine")
    monkeypatch.chdir(tmp_path / "mine")
    return tmp_path / "mine"


def said(code, *words, answer=None):
    """What a command prints; it must end with this code. Errors of ours are for `main` to show, and are raised."""
    result = CliRunner().invoke(command, ["workshop", *map(str, words)], input=answer, catch_exceptions=False,
                                standalone_mode=False)  # fmt: skip
    given = result.return_value if isinstance(result.return_value, int) else result.exit_code
    assert given == code, result.output
    return result.output


def refused(*words):
    """What `main` shows of an error of ours."""
    done = subprocess.run(
        [sys.executable, "-c", SMALL, "workshop", *map(str, words)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])},
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stderr
    return done.stderr


SMALL = """
from pellucid.workshop import table
table.HOME, table.NAMES = "workshop_pieces", ("double", "soft")
from pellucid.cli import main
main()
"""


def save(folder, text, name="double"):
    (folder / f"{name}.py").write_text(text, encoding="utf-8")


def events(folder, kind):
    lines = (folder / LOG).read_text(encoding="utf-8").splitlines()
    return [event for event in map(json.loads, lines) if event["event"] == kind]


RIGHT = "def double(x):\n    return x * 2\n"
SQUARE = "def double(x):\n    return x ** 2\n"


def test_from_an_empty_folder_to_all_passed(folder):
    assert "Nothing is written yet. Begin with" in said(1, "check")
    assert "not written yet" in said(1, "check", "double")
    save(folder, SQUARE)
    text = said(1, "check")
    assert "double: not right yet." in text
    assert "This is the square." in text
    save(folder, RIGHT)
    text = said(0, "check")
    assert "double: passed." in text
    assert "Twice a number is the number added to itself." in text
    assert "Next: soft (Softmax), in soft.py" in text
    save(folder, table.piece("soft").right[1], "soft")
    assert "All pieces have passed." in said(0, "check", "soft.py")
    assert [event["verdict"] for event in events(folder, "check")] == ["unwritten", "wrong", "passed", "passed"]
    assert events(folder, "check")[1]["wrong"] == "square"


def test_one_that_fails_fails_all(folder):
    save(folder, RIGHT)
    save(folder, "def soft(x):\n    return x", "soft")
    text = said(1, "check", "double", "soft")
    assert "double: passed." in text
    assert "soft: not right yet." in text


def test_it_is_said_that_ours_stand_in(folder):
    save(folder, "def soft(x):\n    return x", "soft")
    assert "ours stand in for double" in said(1, "check", "soft")


def test_check_speaks_chinese(folder):
    save(folder, SQUARE)
    text = said(1, "check", "--lang", "zh")
    assert "double：结果还不对。" in text
    assert "这是平方。" in text


def test_an_unknown_name_gets_the_nearest(folder):
    text = refused("check", "duoble")
    assert "there is no piece 'duoble'" in text
    assert "Did you mean double? Pieces are double, soft." in text


def test_a_missing_file_says_how_to_get_it(folder):
    (folder / "double.py").unlink()
    assert "adds what is missing" in refused("check", "double")


def test_no_folder_says_how_to_make_one(tmp_path, monkeypatch, small):  # noqa: F811
    monkeypatch.chdir(tmp_path)
    assert "pellucid workshop start DIR" in refused("status")


def test_hints_climb_a_ladder_and_are_remembered(folder):
    save(folder, "'''The task.'''\n\n\ndef double(x):\n    return x ** 2\n")
    assert "There was no hint" in said(1, "hint", "double", "--again")
    seen = [said(0, "hint", "double") for _ in range(6)]
    for number, expected in enumerate(["3 and 3", "3 + 3", "added up", "not the square"]):
        assert f"hint {number + 1} of 5" in seen[number]
        assert expected in seen[number]
    for text in seen[4:]:
        assert "hint 5 of 5" in text
        assert "  -    return x ** 2" in text
        assert "  +    return x + x" in text
        assert "The task." not in text
    assert [event["rung"] for event in events(folder, "hint")] == [1, 2, 3, 4, 5, 5]
    assert "hint 5 of 5" in said(0, "hint", "double", "--again")
    assert len(events(folder, "hint")) == 6


def test_the_map(folder):
    save(folder, RIGHT)
    said(0, "check", "double")
    text = said(0, "status")
    assert "[x] double  passed" in text
    assert "[ ] soft    not written yet" in text
    assert "needs double" in text
    assert "1 of 2 pieces passed." in text
    assert "\x1b" not in text
    assert "通过" in said(0, "status", "--lang", "zh")


def test_a_solution_is_shown_when_it_is_asked_for(folder):
    with pytest.raises(click.Abort):  # which `main` turns into an exit code
        said(1, "solution", "double", answer="n\n")
    assert events(folder, "solution") == []
    assert "return x + x" in said(0, "solution", "double", answer="y\n")
    assert "return x + x" in said(0, "solution", "double", "--yes")
    assert len(events(folder, "solution")) == 2
    assert "x + x" not in (folder / "double.py").read_text(encoding="utf-8")


def test_compare_shows_both_and_their_times(folder):
    assert "has not passed as it is now" in refused("compare", "double")
    save(folder, RIGHT)
    said(0, "check", "double")
    text = said(0, "compare", "double")
    assert "return x * 2" in text
    assert "return x + x" in text
    assert "ms, ours" in text


def test_a_program_runs_on_what_has_passed(folder):
    save(folder, table.piece("soft").right[1], "soft")
    said(0, "check", "soft")
    save(folder, "import pellucid as pc\npc.functional.softmax(pc.tensor([1.0]), 0)\n", "program")
    text = said(0, "run", "program.py")
    assert "functional.activations.softmax      1" in text
    assert "since these compute with NumPy: soft." in text


def test_it_is_said_which_studies_a_program_imports(folder):
    save(folder, "from workshop.double import double\nprint(double(4))\n", "program")
    assert "of yours" not in said(0, "run", "program.py")
    save(folder, RIGHT)
    said(0, "check", "double")
    assert "The program itself imports, of yours: double." in said(0, "run", "program.py")


def test_a_wrong_part_that_is_forced_shows_in_training(folder):
    save(folder, "def soft(x):\n    return 0 * x", "soft")
    text = said(0, "run", "digits", "--force", "soft")
    assert "Put in place though it has not passed: soft." in text
    assert "Adam: 10.0% right with your parts" in text


def test_a_program_that_breaks_off_ends_with_code_1(folder):
    save(folder, "raise ValueError('\x1b[2J')", "program")
    text = said(1, "run", "program.py")
    assert r"It broke off: ValueError: \x1b[2J" in text
    assert "None of your parts has passed" in text


def test_the_report_for_teachers(folder, tmp_path):
    save(folder, SQUARE)
    said(1, "check")
    said(0, "hint", "double")
    save(folder, RIGHT)
    said(0, "check")
    text = said(0, "report")
    row = next(line for line in text.splitlines() if line.startswith("  double"))
    assert row.split() == ["double", "passed", "2", "1", "0.0"]
    other = tmp_path / "other"
    said(0, "start", other)
    said(0, "report", folder, other, "--json", tmp_path / "class.json")
    found = json.loads((tmp_path / "class.json").read_text(encoding="utf-8"))
    assert found["format"] == 1
    assert [Path(each["folder"]).name for each in found["folders"]] == ["mine", "other"]
    first = found["folders"][0]["pieces"][0]
    assert first["verdicts"] == ["wrong", "passed"]
    assert first["seconds"] >= 0
    assert [path.name for path in tmp_path.iterdir() if "unfinished" in path.name] == []


def test_a_forged_log_is_found_out(folder):
    from pellucid.workshop.folder import Folder, fingerprint

    save(folder, SQUARE)
    Folder(folder).log("check", piece="double", verdict="passed", sha256=fingerprint(SQUARE))
    assert "passed" in said(0, "report")
    assert "wrong" in said(0, "report", "--check")


def test_watch_tells_within_two_seconds_of_saving(folder):
    """Three times as long is allowed here, for a machine that does other things meanwhile."""
    with subprocess.Popen(
        [sys.executable, "-u", "-c", SMALL, "workshop", "watch"],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])},
        stdout=subprocess.PIPE, encoding="utf-8",
    ) as process:  # fmt: skip
        try:
            assert "Watching" in process.stdout.readline()
            for text, expected in ((SQUARE, "not right yet"), (RIGHT, "passed"), (SQUARE, "not right yet")):
                began = time.monotonic()
                save(folder, text)
                line = "\n"
                while expected not in line:
                    line = process.stdout.readline()
                assert time.monotonic() - began < 6
        finally:
            process.kill()


# ---- language and terminal


@pytest.mark.parametrize(
    ("chosen", "environment", "spoken"),
    [
        ("zh", {}, "zh"),
        (None, {"PELLUCID_LANG": "zh"}, "zh"),
        ("en", {"PELLUCID_LANG": "zh"}, "en"),
        (None, {"LANG": "zh_CN.UTF-8"}, "zh"),
        (None, {"LC_ALL": "de_DE.UTF-8", "LANG": "zh_CN.UTF-8"}, "en"),
        (None, {}, "en"),
    ],
)
def test_the_language(chosen, environment, spoken, monkeypatch):
    for name in ("PELLUCID_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert language(chosen) == spoken


def test_plain_keeps_text_and_lames_commands():
    assert plain("a\tb\n你好 é ½") == "a\tb\n你好 é ½"
    assert plain("\x1b]0;x\x07\r\x9b\u202e\u2028") == r"\x1b]0;x\x07\x0d\x9b\u202e\u2028"


def test_colours_are_for_terminals_that_want_them(monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert painted("x", "red") == "\x1b[31mx\x1b[0m"
    monkeypatch.setenv("NO_COLOR", "1")
    assert painted("x", "red") == "x"


@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
def test_ctrl_c_leaves_no_process_behind(folder):
    psutil = pytest.importorskip("psutil")
    save(folder, "def double(x):\n    while True: pass\n")
    with subprocess.Popen(
        [sys.executable, "-u", "-c", SMALL, "workshop", "check", "double"],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
    ) as process:  # fmt: skip
        assert "still running: double(0)" in process.stdout.readline()
        started = psutil.Process(process.pid).children(recursive=True)
        assert started
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 130
        assert process.stderr.read().strip() == "broken off"
    _, alive = psutil.wait_procs(started, timeout=5)
    assert alive == []
