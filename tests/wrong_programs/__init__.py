"""Wrong programs of the kind beginners write, and what Pellucid must say to each.

A test runs every program and looks for the words. `python -m tests.wrong_programs` writes docs/error-messages.md, the
page on which somebody who did not write the messages reads them all.
"""

import os
import tempfile
import warnings
from contextlib import chdir
from pathlib import Path
from typing import NamedTuple

from pellucid.errors import PellucidError
from pellucid.tensors import default_generator

FILE = "program.py"
PRELUDE = """import numpy as np
import pellucid as pc
import pellucid.functional as F
from pellucid import data, metrics, nn, optim, train
"""


class Wrong(NamedTuple):
    """A wrong program: what its author believed or forgot, its lines, the error, and words that must be in it."""

    mistake: str
    program: str
    error: str
    says: tuple[str, ...]
    remedy: str  # words of the remedy


def message(wrong):
    """Run a program in an empty folder; the error that came, as (class name, whole text)."""
    key = default_generator.key.numpy().copy()
    code = compile(PRELUDE + wrong.program, FILE, "exec")
    target = os.environ.pop("PELLUCID_TARGET", None)
    try:
        with tempfile.TemporaryDirectory() as folder, chdir(folder), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            here = os.getcwd()
            exec(code, {"__name__": "program"})
    except PellucidError as error:
        return type(error).__name__, str(error).replace(here, "the-folder")
    except Exception as error:  # noqa: BLE001, what came instead is shown by the test
        return type(error).__name__, f"(not an error of Pellucid) {error}"
    finally:
        default_generator.key.assign(key)
        if target is not None:
            os.environ["PELLUCID_TARGET"] = target
    return "nothing", "the program ran without an error"


def everything():
    """All wrong programs by chapter: title -> list."""
    from tests.wrong_programs import files, learning, networks, numbers, recorded, types

    return {module.TITLE: module.WRONG for module in (numbers, types, networks, learning, recorded, files)}


PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "error-messages.md"
