"""What pytest shall not do twice."""

from pathlib import Path


def pytest_collection_modifyitems(config, items):
    """A function that a package hands on has its example run where it is written, with the names that it has there."""
    again = [
        item for item in items
        if type(item).__name__ == "DoctestItem" and Path(item.path).name == "__init__.py" and item.name != item.dtest.globs["__name__"]
    ]  # fmt: skip
    items[:] = [item for item in items if item not in again]
    config.hook.pytest_deselected(items=again)
