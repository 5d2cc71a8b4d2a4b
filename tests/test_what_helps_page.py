"""docs/what-helps.md: its pictures are there, and what it adds up is right."""

import re
import statistics
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "what-helps.md").read_text(encoding="utf-8")


def row(name):
    """The numbers of a row of a table."""
    (cells,) = re.findall(rf"^\| {re.escape(name)} \|(.*)\|$", PAGE, flags=re.MULTILINE)
    return [float(cell.strip(" *")) for cell in cells.split("|")]


def gain(before, after):
    """The mean of five differences and its standard error, rounded as on the page."""
    gains = [b - a for a, b in zip(row(before)[:5], row(after)[:5], strict=True)]
    return round(statistics.mean(gains), 1), round(statistics.stdev(gains) / 5**0.5, 1)


def test_the_pictures_are_there_and_the_page_is_linked():
    names = re.findall(r"\]\(pictures/(\w+\.png)\)", PAGE)
    assert sorted(names) == ["augmentation.png", "batch_norm.png", "residual.png"]
    for name in names:
        path = ROOT / "docs" / "pictures" / name
        assert path.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
        assert path.stat().st_size < 150_000
    assert "(what-helps.md)" in (ROOT / "docs" / "README.md").read_text(encoding="utf-8")


def test_the_gains_that_the_page_states():
    for before, after in (
        ("accuracy, as they are (%)", "accuracy, moved (%)"),
        ("from nothing (%)", "all (%)"),
    ):
        mean, error = gain(before, after)
        assert mean > 2 * error
        assert re.search(rf"gain\s+is\s+{mean} points,\s+with\s+a\s+standard\s+error\s+of\s+{error}\b", PAGE), (
            mean,
            error,
        )
