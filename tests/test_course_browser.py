"""The course in a real browser: the built site opened from disk without a network, and the lessons live.

Needs the package playwright (extra `browser`) and Chromium, which Linux distributions have as a package; another
Chromium can be named in PELLUCID_CHROMIUM.
"""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from pellucid.course import catalogue
from pellucid.course.expression import number
from pellucid.course.play import play

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ROOT = Path(__file__).resolve().parent.parent
LESSONS = ["one_neuron", "back_propagation"]
PAGES = ["index.html", *[f"{lang}/{name}.html" for lang in ("en", "zh") for name in ("index", *LESSONS)]]
TITLES = {"en": "Back-propagation", "zh": "反向传播"}
OPTIONS = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
each_language = pytest.mark.parametrize("lang", ["en", "zh"])


@pytest.fixture(scope="module")
def chromium():
    """A browser without a window."""
    sync_api = pytest.importorskip("playwright.sync_api")
    names = ("chromium", "chromium-browser", "google-chrome")
    path = os.environ.get("PELLUCID_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    sandbox = ["--no-sandbox"] if hasattr(os, "getuid") and os.getuid() == 0 else []
    with sync_api.sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=path, args=OPTIONS + sandbox)
        except sync_api.Error as error:
            pytest.skip(f"no Chromium: {error.message.splitlines()[0]}")
        yield browser
        browser.close()


class Watched:
    """A tab in which nothing but `allowed` addresses can be reached, and which notes what goes wrong."""

    def __init__(self, browser, allowed, **options):
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.refused, self.errors, self.asked = [], [], []
        self.context.route("**/*", lambda route: self.decide(route, allowed))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("requestfailed", self.failed)
        self.page.on(
            "console", lambda said: self.errors.append(said.text) if said.type in ("error", "warning") else None
        )

    def failed(self, request):
        """Something could not be fetched; what the browser itself broke off to leave the page is no loss."""
        if "ERR_ABORTED" not in str(request.failure):
            self.errors.append(f"failed: {request.url} {request.failure}")

    def decide(self, route, allowed):
        if route.request.url.startswith((*allowed, "data:", "blob:")):
            return route.continue_()
        self.refused.append(route.request.url)
        return route.abort()


@pytest.fixture
def opened(chromium, course_site):
    """Opens a page of the site from disk, the network cut; at the end no page may have missed anything."""
    tabs = []

    def open_page(name, **options):
        tab = Watched(chromium, (course_site.as_uri(),), offline=True, **options)
        tabs.append(tab)
        tab.page.goto((course_site / name).as_uri())
        return tab.page

    yield open_page
    for tab in tabs:
        tab.context.close()
        assert tab.refused == []
        assert tab.errors == []
        assert all(url.startswith(("file:", "data:")) for url in tab.asked)


# ---- the site, from disk


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_without_a_network(name, opened):
    page = opened(name)
    assert page.evaluate("[...document.images].every((image) => image.complete && image.naturalWidth > 0)")
    assert page.evaluate("getComputedStyle(document.body).marginTop") == "0px"  # the style sheet has come
    assert page.locator("h1").inner_text()


@pytest.mark.parametrize("name", PAGES)
def test_a_narrow_screen_needs_no_scrolling_sideways(name, opened):
    page = opened(name, viewport={"width": 360, "height": 740}, color_scheme="dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    background = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert sum(map(int, re.findall(r"\d+", background)[:3])) < 150  # dark, as was asked for


@pytest.fixture(scope="module")
def steppers():
    """The steppers of the lesson on back-propagation, as Python knows them."""
    outputs = [cell.output for cell in play(catalogue.lesson("back_propagation").path)]
    return [output for output in outputs if hasattr(output, "recording")]


def shown(stepper, of):
    """{node: number} as it stands in the picture."""
    read = "(all, of) => Object.fromEntries(all.map((box) => [box.dataset.node, box.querySelector(of).textContent]))"
    return stepper.locator("[data-node]").evaluate_all(read, f".{of}")


def expected(steps, of):
    return {name: number(value) for name, value in getattr(steps[-1], of).items()}


@each_language
def test_the_stepper_is_clicked_through_to_the_end(lang, opened, steppers):
    page = opened(f"{lang}/back_propagation.html")
    there = page.locator(".stepper").all()
    assert len(there) == len(steppers)
    for stepper, known in zip(there, steppers, strict=True):
        count = len(known.steps)
        clicks, seen = 0, set()
        while stepper.locator(".next").is_enabled():
            seen.add(stepper.locator(".formula").inner_text())
            stepper.locator(".next").click()
            clicks += 1
        assert clicks == count - 1
        assert len(seen) > 0.9 * (count - 1)  # each step says something of its own
        assert f"{count} / {count}" in stepper.locator(".where").inner_text()
        assert expected(known.steps, "values").items() <= shown(stepper, "value").items()
        assert expected(known.steps, "gradients").items() <= shown(stepper, "gradient").items()


@each_language
def test_the_stepper_is_walked_by_keyboard(lang, opened, steppers):
    page = opened(f"{lang}/back_propagation.html")
    stepper, known = page.locator(".stepper").nth(1), steppers[1]
    stepper.locator("input[type=range]").focus()
    for _ in range(len(known.steps) - 1):
        page.keyboard.press("ArrowRight")
    assert stepper.locator(".next").is_disabled()
    assert expected(known.steps, "gradients").items() <= shown(stepper, "gradient").items()
    page.keyboard.press("ArrowLeft")
    assert f"{len(known.steps) - 1} /" in stepper.locator(".where").inner_text()
    page.keyboard.press("Home")
    assert stepper.locator(".back").is_disabled()
    page.keyboard.press("End")
    assert stepper.locator(".last").is_disabled()


@each_language
def test_sliders_show_each_of_their_pictures(lang, opened):
    page = opened(f"{lang}/one_neuron.html")
    sliders = page.locator(".varied").all()
    assert len(sliders) == 2
    for varied in sliders:
        slider = varied.locator("input")
        slider.focus()
        page.keyboard.press("Home")
        seen = []
        for position in range(int(slider.get_attribute("max")) + 1):
            if position:
                page.keyboard.press("ArrowRight")
            (picture,) = [each for each in varied.locator("img").all() if each.is_visible()]
            assert picture.evaluate("(image) => image.naturalWidth") > 0
            value = varied.locator("output").inner_text()
            assert value == slider.get_attribute("aria-valuetext")
            assert value in picture.get_attribute("alt")
            seen.append(picture.get_attribute("src"))
        assert len(set(seen)) == len(seen) >= 6


@each_language
def test_questions_are_answered_in_the_page(lang, opened):
    page = opened(f"{lang}/one_neuron.html")
    number_question = page.locator(".question").nth(0)
    field, verdict = number_question.locator("input[type=text]"), number_question.locator(".verdict")
    field.fill("7")
    field.press("Enter")
    assert "wrong" in verdict.get_attribute("class")
    assert not number_question.locator(".because").is_visible()
    field.fill("1/2")
    field.press("Enter")
    assert "right" in verdict.get_attribute("class")
    assert number_question.locator(".because").is_visible()

    guess = page.locator(".question").nth(1)
    guess.locator("input").nth(0).check()
    guess.locator("button").click()
    assert guess.locator(".because").is_visible()
    assert guess.locator(".replies > div").nth(0).is_visible()

    formula = page.locator(".question", has=page.locator("input[placeholder*='y, t']"))
    formula.locator("input[type=text]").fill("(y-t)*(y - y^2)")
    formula.locator("button").click()
    assert "right" in formula.locator(".verdict").get_attribute("class")


def test_from_page_to_page_and_the_other_language_at_the_same_part(opened):
    page = opened("index.html")
    page.get_by_role("link", name="English").click()
    page.get_by_role("link", name="One neuron").click()
    page.get_by_role("link", name="Back-propagation").click()
    assert page.locator("h1").inner_text() == TITLES["en"]
    page.locator(".toc a").nth(4).click()
    assert page.url.endswith("#part-5")
    page.locator("#part-5").scroll_into_view_if_needed()
    page.evaluate(
        "document.documentElement.style.scrollBehavior = 'auto'; document.querySelector('#part-5').scrollIntoView()"
    )
    page.evaluate("document.querySelector('.languages a:not([aria-current])').click()")
    page.wait_for_url("**/zh/back_propagation.html#part-5")
    assert page.locator("h1").inner_text() == TITLES["zh"]
    page.locator(".home").click()
    assert page.locator(".cards > li").count() == len(LESSONS)


def test_the_first_tab_leads_past_the_head_of_the_page(opened):
    page = opened("en/one_neuron.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.url.endswith("#text")


def test_motion_is_still_for_those_who_ask_for_it(opened):
    moving = "getComputedStyle(document.documentElement).scrollBehavior"
    assert opened("en/one_neuron.html", reduced_motion="reduce").evaluate(moving) == "auto"
    assert opened("en/one_neuron.html", reduced_motion="no-preference").evaluate(moving) == "smooth"


def test_without_scripts_everything_is_still_to_be_read(opened):
    page = opened("zh/back_propagation.html", java_script_enabled=False)
    assert page.locator("noscript .still").is_visible()
    assert page.locator("math").count() > 20
    assert page.locator(".stepper svg").first.is_visible()


# ---- the lessons, live


def start(name, lang):
    """`pellucid course open`, and the address at which it serves."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    words = ["course", "open", name, "--no-browser", "--port", port, "--lang", lang]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    server = subprocess.Popen(
        [sys.executable, "-m", "pellucid", *words],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    return server, f"127.0.0.1:{port}/"


def stop(server):
    """End a server as Ctrl+C does, and by force if that is of no use."""
    os.killpg(server.pid, signal.SIGINT)
    try:
        server.wait(timeout=10)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


@pytest.fixture(scope="module")
def served(chromium):
    """{lesson: address}: one is served in English at first, the other in Chinese."""
    if os.name == "nt":
        pytest.skip("ends the servers as Ctrl+C does on other systems")
    servers = {name: start(name, lang) for name, lang in zip(LESSONS, ("en", "zh"), strict=True)}
    yield {name: address for name, (_, address) in servers.items()}
    for server, _ in servers.values():
        stop(server)


def harmless(error, refused):
    """May a live page say this?

    Marimo asks the network for things of its own, and gives a picture up half loaded when a newer one takes its
    place. (A file that is not there would be a 404 in the console.)
    """
    asked_of_the_network = any(error.startswith(f"failed: {url} ") for url in refused)
    given_up = error.startswith("failed: http://127.0.0.1:") and error.endswith("net::ERR_ABORTED")
    return asked_of_the_network or given_up or "preload" in error


@pytest.fixture
def live(chromium, served):
    """Opens a lesson live. Whatever lies outside of this computer is refused; at the end nothing may have failed."""
    tabs = []

    def open_lesson(name):
        address = served[name]
        for _ in range(300):
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://{address}health", timeout=5):
                break
            time.sleep(0.1)
        tab = Watched(chromium, (f"http://{address}", f"ws://{address}"))
        tabs.append(tab)
        tab.page.set_default_timeout(40_000)  # the lesson runs anew for every reader
        tab.page.goto(f"http://{address}")
        return tab.page

    yield open_lesson
    for tab in tabs:
        tab.context.close()
        assert [error for error in tab.errors if not harmless(error, tab.refused)] == []


def wait_for_title(page, text):
    page.get_by_role("heading", level=1, name=text, exact=True).wait_for()


def test_one_neuron_live(live):
    page = live("one_neuron")
    wait_for_title(page, "One neuron")
    picture = page.locator("img[alt*='S-shaped curve of steepness']")
    assert picture.get_attribute("alt").endswith("steepness 1.")
    page.get_by_role("slider").first.focus()
    page.keyboard.press("ArrowRight")
    page.locator("img[alt$='steepness 2.']").wait_for()
    page.get_by_text("中文", exact=True).click()
    wait_for_title(page, "一个神经元")
    page.locator("img[alt*='S 形曲线'][alt*='陡度']").wait_for()


def test_back_propagation_live(live, steppers):
    page = live("back_propagation")
    wait_for_title(page, TITLES["zh"])
    step_live(page, steppers[0], "前向")
    page.get_by_text("English", exact=True).click()
    wait_for_title(page, TITLES["en"])
    step_live(page, steppers[0], "Forward")


def step_live(page, known, forward):
    """Click once, then go to the end by keyboard."""
    stepper = page.frame_locator("iframe").first.locator(".stepper")  # the neuron is the first of all
    stepper.locator(".where", has_text=f"{forward} 1 /").wait_for()
    stepper.locator(".next").click()
    assert f"{forward} 2 / " in stepper.locator(".where").inner_text()
    stepper.locator("input[type=range]").focus()
    page.keyboard.press("End")
    assert expected(known.steps, "gradients").items() <= shown(stepper, "gradient").items()
