"""The learner's folder: only added to, and what follows from its log."""

import json
import os
import threading

import pytest
from workshop_small import small  # noqa: F401  a fixture

from pellucid.errors import ArgumentError, DataFileError, FormatError
from pellucid.workshop import table
from pellucid.workshop.folder import LOG, Folder, fingerprint

pytestmark = pytest.mark.usefixtures("small")


@pytest.fixture
def folder(small, tmp_path):  # noqa: F811
    made = Folder(tmp_path / "mine")
    made.start("en")
    return made


def test_start_lays_out_a_file_for_each_piece(folder):
    names = sorted(path.name for path in folder.path.iterdir())
    assert names == [".workshop", "README.md", "double.py", "soft.py"]
    text = folder.source("soft")
    assert "from workshop.double import double" in text
    assert "Make probabilities of scores." in text
    assert "def soft(x):\n    ...\n" in text
    compile(text, "soft.py", "exec")


def test_start_speaks_chinese(small, tmp_path):  # noqa: F811
    made = Folder(tmp_path)
    made.start("zh")
    assert "把分数变成概率。" in made.source("soft")
    assert "工坊" in (tmp_path / "README.md").read_text(encoding="utf-8")


def test_start_again_adds_only_what_is_missing(folder):
    (folder.path / "double.py").write_text("mine", encoding="utf-8")
    (folder.path / "other.txt").write_text("mine too", encoding="utf-8")
    (folder.path / "soft.py").unlink()
    log = (folder.path / LOG).read_bytes()
    assert folder.start("zh") == ["soft.py"]
    assert folder.source("double") == "mine"
    assert (folder.path / "other.txt").read_text(encoding="utf-8") == "mine too"
    assert (folder.path / LOG).read_bytes().startswith(log)
    assert folder.start("en") == []


@pytest.mark.skipif(not hasattr(os, "symlink") or os.name == "nt", reason="links need rights on Windows")
def test_start_does_not_write_through_a_link(folder, tmp_path):
    (folder.path / "soft.py").unlink()
    (folder.path / "soft.py").symlink_to(tmp_path / "elsewhere.py")
    assert folder.start("en") == []
    assert not (tmp_path / "elsewhere.py").exists()


def test_start_refuses_a_file(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ArgumentError, match="is a file"):
        Folder(tmp_path / "file").start("en")


def test_it_is_found_from_inside(folder, monkeypatch):
    (folder.path / "deep" / "er").mkdir(parents=True)
    monkeypatch.chdir(folder.path / "deep" / "er")
    assert Folder.find().path == folder.path
    assert Folder.find(folder.path).path == folder.path


def test_it_is_missed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ArgumentError, match="no workshop here"):
        Folder.find()
    with pytest.raises(ArgumentError, match="is no workshop"):
        Folder.find(tmp_path)


def test_states_follow_from_log_and_file(folder):
    def state():
        return folder.state("double").state

    def save(text):
        folder.file("double").write_text(text, encoding="utf-8")

    def note(verdict):
        folder.log("check", piece="double", verdict=verdict, sha256=fingerprint(folder.source("double")))

    assert state() == "unwritten"
    save("def double(x):\n    return 7")
    assert state() == "written"
    note("wrong")
    assert state() == "failing"
    save("def double(x):\n    return 2 * x")
    note("passed")
    assert state() == "passed"
    save("def double(x):\n    return 2 * x  # changed")
    assert state() == "changed"
    save("def double(x):\n    return 2 * x")
    assert state() == "passed"  # it is the text that passed
    save("def double(x):\n    return (")
    assert state() == "changed"
    folder.file("double").unlink()
    assert state() == "absent"
    known = folder.state("double")
    assert known.attempts == 2
    assert known.seen == ["wrong", "passed"]
    assert known.seconds is not None


def test_hints_and_solution_are_counted(folder):
    folder.log("hint", piece="double", rung=1)
    folder.log("hint", piece="double", rung=2)
    folder.log("solution", piece="double")
    known = folder.state("double")
    assert (known.hints, known.solution) == (2, True)
    assert folder.state("soft").hints == 0


def test_a_solution_that_was_seen_after_passing_does_not_count(folder):
    folder.log("check", piece="double", verdict="passed", sha256="")
    folder.log("solution", piece="double")
    assert folder.state("double").solution is False


def test_a_torn_line_is_passed_over_and_closed(folder):
    with open(folder.path / LOG, "ab") as file:
        file.write(b'{"format": 1, "event": "hi')
    folder.log("hint", piece="double", rung=3)
    assert folder.state("double").hints == 3
    assert len(folder.events()) == 2


def test_a_log_of_a_newer_version_is_refused(folder):
    with open(folder.path / LOG, "ab") as file:
        file.write(json.dumps({"format": 99, "event": "dance"}).encode() + b"\n")
    with pytest.raises(FormatError, match="format 99"):
        folder.events()


def test_two_at_once_lose_no_line(folder):
    def work():
        for rung in range(50):
            folder.log("hint", piece="double", rung=rung)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([event for event in folder.events() if event["event"] == "hint"]) == 100


def test_a_file_that_is_no_utf8_is_refused(folder):
    folder.file("double").write_bytes(b"\xff\xfe")
    with pytest.raises(DataFileError, match="is not UTF-8"):
        folder.source("double")


def test_windows_line_ends_and_marks_are_no_difference(folder):
    folder.file("double").write_bytes(b"\xef\xbb\xbfdef double(x):\r\n    return 2 * x\r\n")
    assert folder.source("double") == "def double(x):\n    return 2 * x\n"


def test_passing_pieces_are_handed_on(folder):
    text = table.piece("double").right[1]
    folder.file("double").write_text(text, encoding="utf-8")
    assert folder.passing(["double"]) == {}
    folder.log("check", piece="double", verdict="passed", sha256=fingerprint(text))
    assert folder.passing(["double"]) == {"double": (text, str(folder.file("double")))}
