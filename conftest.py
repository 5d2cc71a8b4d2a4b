"""What pytest shall not do twice."""

from importlib.util import find_spec
from pathlib import Path

import pytest

# Without scikit-learn this package refuses to be imported, so its examples cannot run.
collect_ignore = [] if find_spec("sklearn") else ["pellucid/sklearn"]


def pytest_collection_modifyitems(config, items):
    """A function that a package hands on has its example run where it is written, with the names that it has there."""
    again = [item for item in items if isinstance(item, pytest.Item) and is_handed_on(item)]
    twice = {id(item) for item in again}
    items[:] = [item for item in items if id(item) not in twice]
    config.hook.pytest_deselected(items=again)


def is_handed_on(item):
    """Is it an example that an `__init__.py` has from elsewhere? Its own are those of the package itself."""
    if type(item).__name__ != "DoctestItem" or Path(item.path).name != "__init__.py":
        return False
    return item.name != item.dtest.globs["__name__"]
