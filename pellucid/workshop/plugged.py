"""The process in which a program runs on the learner's parts. It is started by hook.py.

What was set in the place of the framework's parts now calls what the learner wrote, and counts. When the program has
ended, a file holds the proof: how often each was called, and how long that took.
"""

import importlib
import importlib.abc
import importlib.util
import json
import os
import runpy
import sys
import traceback
import types
from pathlib import Path

from pellucid.modes import mode
from pellucid.workshop import table
from pellucid.workshop.load import Texts


def main(job, places):
    """Plug in, run, write down what was counted."""
    table.HOME = job["home"]
    os.chdir(job["folder"])
    texts = Texts({name: tuple(given) for name, given in job["texts"].items()})
    finder = WorkshopFinder(texts)
    sys.meta_path.insert(0, finder)
    mode.eager = job["eager"]
    mode.structure += 1  # compiled steps that were called often before must look again, and see that
    result: dict[str, object] = {"figures": None, "error": None}
    try:
        plug_in(places, texts)
        for place in places:
            place.is_recording = is_recording
            place.counting = True
        result["figures"] = run(job["program"], job["arguments"])
    except SystemExit as error:
        if error.code not in (None, 0):
            result["error"] = f"SystemExit: {error.code}"
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  it is shown, and what was counted too
        result["error"] = f"{type(error).__name__}: {getattr(error, 'message', None) or error}"
        result["trace"] = traceback.format_tb(error.__traceback__)
        result["line"] = line_of(error, [given[1] for given in job["texts"].values()])
    result["proof"] = [
        {"piece": p.piece, "lives": p.lives, "calls": p.calls, "seconds": p.seconds, "recordings": p.recordings}
        for p in places
    ]
    result["used"] = finder.used
    Path(job["result"]).write_text(json.dumps(result), encoding="utf-8")


def is_recording():
    """Is a step being recorded now?"""
    return mode.local.recording is not None


def plug_in(places, texts):
    """Let each stand-in call what the learner wrote."""
    for name in dict.fromkeys(place.piece for place in places):
        piece = table.piece(name)
        for place in places:
            if place.original is None:
                importlib.import_module(place.module)
        replacements = piece.plug(texts.ancestor(name))
        own = {place.lives: place for place in places if place.piece == name}
        if replacements.keys() != own.keys():
            raise ValueError(f"{name} plugs in {sorted(replacements)}, but lives in {sorted(own)}.")
        for lives, replacement in replacements.items():
            own[lives].target = replacement


def run(program, arguments):
    """Run a program: a module of ours with `main()`, or a file."""
    if program["module"]:
        return importlib.import_module(program["module"]).main()
    sys.argv = [program["file"], *arguments]
    sys.path.insert(0, str(Path(program["file"]).parent))
    runpy.run_path(program["file"], run_name="__main__")
    return None


def line_of(error, files):
    """The last line of a learner's file that the error passed: "softmax.py, line 7", or None."""
    found = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    found = [f"{Path(name).name}, {number}" for name, number in found if name in files]
    return found[-1] if found else None


class WorkshopFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """`from workshop.value import Value` in the program itself: the learner's where it has passed, else ours."""

    def __init__(self, texts):
        self.texts = texts
        self.used = []

    def find_spec(self, name, path=None, target=None):
        """A spec for `workshop` and for the pieces in it."""
        first, _, rest = name.partition(".")
        if first == "workshop" and (not rest or rest in self.texts.ancestors):
            return importlib.util.spec_from_loader(name, self, is_package=not rest)
        return None

    def create_module(self, spec):
        """The module that is there, or is made now."""
        rest = spec.name.partition(".")[2]
        self.used += [rest] if rest else []
        return self.texts.ancestor(rest) if rest else types.ModuleType("workshop")

    def exec_module(self, module):
        """It has been executed."""
