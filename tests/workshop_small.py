"""What tests of the workshop share: a table of two small pieces, for those who ask for it."""

from pathlib import Path

import pytest

from pellucid.workshop import table

TESTS = Path(__file__).resolve().parent


@pytest.fixture
def small(monkeypatch):
    """The table holds two small pieces, also in the processes that are started."""
    monkeypatch.setattr(table, "HOME", "workshop_pieces")
    monkeypatch.setattr(table, "NAMES", ("double", "soft"))
    monkeypatch.setenv("PYTHONPATH", str(TESTS))
    table.piece.cache_clear()
    yield table
    table.piece.cache_clear()
