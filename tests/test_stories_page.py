"""docs/stories.md: every link leads somewhere, every entry has something to run, and its code runs."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "stories.md").read_text(encoding="utf-8")


def rows(heading):
    """The cells of each row of the table under a heading, without its head."""
    part = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_every_link_exists():
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", PAGE)
    assert len(links) > 40
    missing = sorted({link for link in links if not (ROOT / "docs" / link).is_file()})
    assert missing == []


def test_commands_of_the_page_exist():
    """`pellucid train NAME` needs a recipe of that name, `pellucid explain NAME` something to explain."""
    from pellucid import functional

    for name in re.findall(r"`pellucid train (\w+)`", PAGE):
        assert (ROOT / "pellucid" / "recipes" / f"{name}.py").is_file(), name
    for name in re.findall(r"`F\.(\w+)`", PAGE):
        assert hasattr(functional, name), name


def test_each_use_says_what_runs_and_what_is_missing():
    table = rows("What it is used for")
    assert len(table) >= 19
    for use, near, missing in table:
        assert "](" in near or "`pellucid " in near, use
        assert missing, use
    said = " ".join(use for use, _, _ in table).lower()
    for word in (
        "mail", "cheques", "credit", "fraud", "search", "page ranking", "recommendation", "assistants", "self-driving",
        "robots", "logistics", "biology", "physics", "astronomy", "birds", "skin cancer", "pictures", "videos",
        "language",
    ):  # fmt: skip
        assert word in said, word


def test_each_idea_has_a_year_and_runs():
    """In the order of time, but for the two of descent, which stand before back-propagation, which needs them."""
    table = rows("Where the ideas come from")
    for year, idea, run in table:
        assert re.search(r"\b\d{4}\b", year), idea
        assert re.search(r"\]\(\.\./(examples|course|pellucid)/", run), idea
    years = [int(year[:4]) for year, _, _ in table if "1847" not in year]
    assert years == sorted(years)


def test_the_code_of_the_page_runs():
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    assert len(blocks) == 4
    exec(compile("\n".join(blocks), "docs/stories.md", "exec"), {})
