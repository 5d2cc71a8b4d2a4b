"""The list of examples and their contact sheet name every program, and every picture is there."""

import ast
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LIST = (ROOT / "examples" / "README.md").read_text(encoding="utf-8")
SHEET = (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8")
PROGRAMS = sorted({path.name for path in (ROOT / "examples").glob("*.py")} - {"common.py"})


def test_every_program_is_listed_once():
    assert sorted(re.findall(r"^\| \[`(\w+\.py)`\]\(\1\) \|", LIST, re.MULTILINE)) == PROGRAMS


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_list_says_what_the_program_says_first(name):
    words = ast.get_docstring(ast.parse((ROOT / "examples" / name).read_text(encoding="utf-8"))) or ""
    first = words.split("\n\n")[0].replace("\n", " ").rstrip(".").replace("|", r"\|")
    assert f"| [`{name}`]({name}) | {first} |\n" in LIST


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_that_draws_is_on_the_sheet(name):
    text = (ROOT / "examples" / name).read_text(encoding="utf-8")
    draws = "--picture" in text or "options(" in text
    assert (f"../examples/{name}" in SHEET) == draws


def test_pictures_are_there_and_say_what_is_on_them():
    pictures = re.findall(r'<img src="([^"]+)" alt="([^"]*)">', SHEET)
    assert pictures
    for path, alt in pictures:
        assert (ROOT / "docs" / path).read_bytes().startswith(b"\x89PNG"), path
        assert len(alt.split()) > 3, path


def test_figures_say_when_and_where():
    figures = json.loads((ROOT / "docs" / "pictures" / "examples" / "figures.json").read_text(encoding="utf-8"))
    drawn = re.findall(r'<img src="pictures/examples/(\w+)\.png"', SHEET)
    assert list(figures) == drawn  # in the order of the sheet, and none that is no longer there
    for name, record in figures.items():
        assert record["printed"], name
        assert {"date", "machine", "versions"} <= set(record), name
