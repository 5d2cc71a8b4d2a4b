"""The READMEs and the table of terms: the commands stand there, links lead somewhere, the code runs."""

import csv
import io
import re
from contextlib import redirect_stdout
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).resolve().parent.parent
READMES = ("README.md", "README.zh.md")
PAGES = sorted(
    page.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "docs/**/*.md", "pellucid/**/*.md", "course/**/*.md")
    for page in ROOT.glob(pattern)
)
COMMANDS = (
    "python3 -m venv .venv && .venv/bin/python -m pip install . && .venv/bin/python -m pellucid train digits",
    'python3 -m venv .venv && .venv/bin/python -m pip install ".[test]" && .venv/bin/python -m pytest -n auto',
    "py -m venv .venv",
    r".venv\Scripts\python -m pip install .",
    r".venv\Scripts\python -m pellucid train digits",
    r'.venv\Scripts\python -m pip install ".[test]"',
    r".venv\Scripts\python -m pytest -n auto",
    "uvx --from . pellucid train digits",
    "uv run --extra test pytest -n auto",
)
# Terms that a README of a deep-learning framework cannot do without.
MAIN_TERMS = (
    "tensor", "gradient", "layer", "loss function", "optimizer", "automatic differentiation", "computational graph",
    "forward pass", "backward pass", "activation function", "mini-batch", "data set", "parameter", "neural network",
    "training", "batch normalization", "dropout", "shape", "checkpoint", "recording", "convolution",
)  # fmt: skip


def read(page):
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page, language):
    """The contents of the fenced code blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", read(page), flags=re.MULTILINE | re.DOTALL)


def terms():
    with open(ROOT / "course" / "terms.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def rivals(term):
    """The words that the note of a term tells us not to use: after "not", separated by commas."""
    match = re.search(r"\bnot ([^;]*)", term["note"])
    words = [] if match is None else match[1].split(", ")
    return [word for word in words if re.fullmatch(r"[\u4e00-\u9fff]+", word)]


@pytest.mark.parametrize("page", READMES)
@pytest.mark.parametrize("command", COMMANDS)
def test_each_readme_gives_each_command_on_a_line_of_its_own(page, command):
    lines = [line for language in ("sh", "bat") for block in blocks(page, language) for line in block.splitlines()]
    assert command in lines


@pytest.mark.parametrize("page", READMES)
def test_each_readme_says_what_debian_needs_first(page):
    assert "python3-venv" in read(page)


@pytest.mark.parametrize("page", PAGES)
def test_local_links_and_pictures_lead_to_files(page):
    prose = re.sub(r"^```.*?^```$", "", read(page), flags=re.MULTILINE | re.DOTALL)
    links = re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", prose)
    local = [unquote(link.split("#")[0]) for link in links if not re.match(r"[a-z]+:", link)]
    missing = [link for link in local if link and not (ROOT / page).parent.joinpath(link).exists()]
    assert missing == []


@pytest.mark.parametrize("page", READMES)
def test_the_map_names_only_what_exists(page):
    named = re.findall(r"^\| .*?\|", read(page), flags=re.MULTILINE)
    paths = [path for cell in named for path in re.findall(r"`((?:pellucid|examples|tests|docs|course)/[^`]*)`", cell)]
    assert len(paths) > 10
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_coverage_page_names_only_files_and_tests_that_exist():
    rows = re.findall(r"^\| [A-Z]\d\d .*", read("docs/coverage.md"), flags=re.MULTILINE)
    ids = [row.split()[1] for row in rows]
    assert ids == sorted(set(ids))
    missing = []
    for row in rows:
        named = re.findall(r"`([a-z]+/[^`:]+)(?:::([^`]+))?`", row)
        assert named, f"this row says neither where nor how: {row}"
        for path, test in named:
            if not (ROOT / path).exists() or (test and f"def {test}(" not in read(path)):
                missing.append(f"{path}::{test}" if test else path)
    assert missing == []


def test_every_choice_stands_in_the_index():
    index = read("docs/choices/README.md")
    pages = [page.name for page in (ROOT / "docs" / "choices").glob("*.md") if page.name != "README.md"]
    assert [page for page in pages if f"({page})" not in index] == []


@pytest.mark.parametrize("page", PAGES)
def test_pictures_have_a_text_for_those_who_do_not_see_them(page):
    assert [text for text in re.findall(r"!\[([^\]]*)\]", read(page)) if len(text) < 10] == []


@pytest.mark.parametrize("page", READMES)
def test_the_code_of_each_readme_runs_and_learns(page):
    (program,) = blocks(page, "python")
    assert "range(10)" in program
    output = io.StringIO()
    with redirect_stdout(output):
        exec(compile(program.replace("range(10)", "range(2)"), page, "exec"), {"__name__": "readme"})
    losses = [float(line.split()[1]) for line in output.getvalue().splitlines()]
    assert len(losses) == 2
    assert losses[1] < losses[0] < 2.3  # below log(10), the loss of a guess


def test_both_readmes_show_the_same_code_and_the_same_reading_order():
    english, chinese = ([re.sub(r"#.*", "#", block) for block in blocks(page, "python")] for page in READMES)
    assert english == chinese
    orders = [re.findall(r"^\d\. \[`([^`]+)`\]", read(page), flags=re.MULTILINE) for page in READMES]
    assert orders[0] == orders[1]
    assert len(orders[0]) == 8


def test_the_table_of_terms_is_complete_and_unambiguous():
    rows = terms()
    assert list(rows[0]) == ["en", "zh", "note"]
    assert [row for row in rows if not row["en"].strip() or not row["zh"].strip()] == []
    for column in ("en", "zh"):
        words = [row[column] for row in rows]
        assert len(words) == len(set(words)) >= 60
    assert [row["en"] for row in rows if None in row or None in row.values()] == [], "a comma outside of quotes"


def test_no_term_is_the_rival_of_another():
    rows = terms()
    assert {row["zh"] for row in rows} & {rival for row in rows for rival in rivals(row)} == set()


@pytest.mark.parametrize("name", MAIN_TERMS)
def test_the_chinese_readme_uses_the_main_terms(name):
    (term,) = [row for row in terms() if row["en"] == name]
    assert term["zh"] in read("README.zh.md")


def test_the_chinese_readme_uses_no_rival_of_any_term():
    text = read("README.zh.md")
    found = {rival: term["zh"] for term in terms() for rival in rivals(term) if rival in text}
    assert found == {}, "written there: the term to use instead"
