"""What all tests share: where the real data lies, a fixed seed, and no silent skips where none are allowed.

What is compiled is kept in a folder of this test run, unless PELLUCID_CACHE names one that stays.
PELLUCID_REQUIRE=peers,real_data,compiler,browser turns skips of tests with these markers into failures (continuous
integration sets it), so a comparison that did not run cannot look like one that passed.
"""

import os
import shutil
import signal
import tempfile
from pathlib import Path

import pytest

from tests import alone

collect_ignore = ["typing"]  # programs for type checkers, which tests/test_typing.py hands to one; they do not run
REQUIRED = set(filter(None, os.environ.get("PELLUCID_REQUIRE", "").split(",")))
BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"


def pytest_configure(config):
    config.addinivalue_line("markers", "peers: compares with another library (PyTorch, scikit-learn, ...)")
    config.addinivalue_line("markers", "real_data: needs the real data sets (PELLUCID_DATA)")
    config.addinivalue_line("markers", "compiler: needs a C compiler")
    config.addinivalue_line("markers", "cross: needs clang, ziglang, a cross compiler or qemu; skipped without")
    config.addinivalue_line("markers", "browser: needs playwright and Chromium")
    config.addinivalue_line("markers", "slow: takes more than a few seconds")
    config.addinivalue_line("markers", "alone: measures time: nothing else runs beside it, even with `pytest -n 2`")
    alone.prepare(config)
    if not os.environ.get("PELLUCID_CACHE"):  # the user's own cache is no business of tests
        os.environ["PELLUCID_CACHE"] = tempfile.mkdtemp(prefix="pellucid-tests-")
        config.add_cleanup(forget_cache)


def forget_cache():
    """Remove what this test run has compiled."""
    shutil.rmtree(os.environ.pop("PELLUCID_CACHE"), ignore_errors=True)


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses by marks
def pytest_collection_modifyitems(items):
    """A test that uses the fixture `real_data` has the mark of that name, even if its author forgot it."""
    for item in items:
        if "real_data" in getattr(item, "fixturenames", ()):
            item.add_marker("real_data")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """With `-n auto` all tests of a file go to one process: what its fixtures prepare is prepared once."""
    from xdist.scheduler import LoadFileScheduling

    return LoadFileScheduling(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    with alone.turn(item.get_closest_marker("alone") is not None):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    needed = REQUIRED & {mark.name for mark in item.iter_markers()}
    if report.skipped and needed and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = (
            f"{item.nodeid} was skipped, but PELLUCID_REQUIRE asks for {', '.join(sorted(needed))}: {report.longrepr}"
        )
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    """A module that skips itself as a whole (importorskip at its top) counts as skipped comparisons too."""
    report = yield
    if report.skipped and REQUIRED:
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} was skipped as a whole, but PELLUCID_REQUIRE is set: {report.longrepr}"
    return report


def data_folder():
    """The folder of real data sets, or None."""
    folder = Path(os.environ.get("PELLUCID_DATA", BESIDE))
    return folder if folder.is_dir() else None


@pytest.fixture
def real_data(monkeypatch):
    """The folder of real data sets; PELLUCID_DATA points to it during the test."""
    folder = data_folder()
    if folder is None:
        pytest.skip("no real data: set PELLUCID_DATA")
    monkeypatch.setenv("PELLUCID_DATA", str(folder))
    return folder


@pytest.fixture(scope="session")
def course_site(tmp_path_factory):
    """The site of all lessons, built once for all tests that look at it."""
    from pellucid.course import site

    folder = tmp_path_factory.mktemp("course") / "site"
    site.build(folder, ["en", "zh"])
    return folder


@pytest.fixture(autouse=True)
def same_seed():
    """Every test draws the same random numbers, alone or among others."""
    import pellucid as pc

    pc.manual_seed(0)


@pytest.fixture
def ctrl_c():
    """A program that was started in the background ignores Ctrl-C, and so would these tests."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
