"""The page of a report in a real browser: opened from disk, the network cut, used by keyboard, on any screen.

Needs what tests/test_course_browser.py needs.
"""

import re
from itertools import pairwise

import numpy as np
import pytest

from pellucid import nn, report
from tests.runs_made import made
from tests.test_course_browser import Watched, chromium  # noqa: F401  a fixture

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LOOKS = [("light", 1280), ("dark", 360)]


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The page of a run with pictures, and that of a comparison."""
    folder = tmp_path_factory.mktemp("runs")
    run, other = made(folder / "one", lr=0.1), made(folder / "two", lr=0.01)
    random = np.random.default_rng(0)
    images = random.random((90, 8, 8)).astype(np.float32)
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 3))
    labels = np.arange(90) % 3
    report.keep(run, model, training=(images, labels), validation=(images[:30], labels[:30]), test=(images, labels))
    report.compare([run, other], folder / "compare.html")
    return {"report": report.write(run), "compare": folder / "compare.html"}


@pytest.fixture
def opened(chromium, pages):  # noqa: F811  the fixture from there
    """Opens a page with the network cut; at the end it may have asked for nothing and have said nothing."""
    tabs = []

    def open_page(name, **options):
        tab = Watched(chromium, (pages[name].as_uri(),), offline=True, **options)
        tabs.append(tab)
        tab.page.goto(pages[name].as_uri())
        return tab.page

    yield open_page
    for tab in tabs:
        tab.context.close()
        assert tab.refused == []
        assert tab.errors == []
        assert all(url.startswith(("file:", "data:")) for url in tab.asked)


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
@pytest.mark.parametrize("name", ["report", "compare"])
def test_nothing_is_missing_and_nothing_sticks_out(name, scheme, width, opened):
    page = opened(name, viewport={"width": width, "height": 800}, color_scheme=scheme)
    assert page.evaluate("document.images.length") >= 1
    assert page.evaluate("[...document.images].every((image) => image.complete && image.naturalWidth > 0 && image.alt)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("getComputedStyle(document.body).marginTop") == "0px"  # the style has come
    background = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", background)[:3])) < 150) == (scheme == "dark")


def test_the_keyboard_reaches_everything(opened):
    """Each link, each folded part and each table that scrolls gets the focus in turn; Enter opens what is folded."""
    page = opened("report")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.url.endswith("#text")
    page.reload()
    page.evaluate("document.activeElement.blur(); history.replaceState(null, '', location.pathname); scrollTo(0, 0)")
    wanted = page.evaluate(
        "[...document.querySelectorAll('a[href], summary, [tabindex=\"0\"]')].filter((e) => e.checkVisibility()).length"
    )
    seen = []
    for _ in range(wanted + 60):
        page.keyboard.press("Tab")
        tag = page.evaluate("document.activeElement.tagName")
        if tag == "BODY":
            break
        if tag == "SUMMARY":
            page.keyboard.press("Enter")  # now what was folded can be reached too
        seen.append(tag)
    assert page.evaluate("[...document.querySelectorAll('details')].every((each) => each.open)")
    assert len(seen) >= wanted
    assert seen.count("SUMMARY") == page.evaluate("document.querySelectorAll('summary').length") >= 4


def test_motion_is_only_for_those_who_want_it(opened):
    page = opened("report", reduced_motion="reduce")
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    assert page.evaluate("document.getAnimations().length") == 0


def test_headings_and_tables_are_named(opened):
    """What a screen reader goes by: one h1, no level left out, a name for every region and table."""
    page = opened("report")
    levels = page.evaluate(
        "[...document.querySelectorAll('main h1,main h2,main h3,main h4')].map((h) => +h.tagName[1])"
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert page.evaluate("[...document.querySelectorAll('table')].every((t) => t.caption && t.caption.textContent)")
    assert page.evaluate("[...document.querySelectorAll('[role=region]')].every((r) => r.getAttribute('aria-label'))")
