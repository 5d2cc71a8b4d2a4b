"""The first lines of a process of the workshop: it puts something else in the place of parts of the framework.

This file is run as a program, before anything of Pellucid is imported, and so it uses the standard library only. As
soon as a module has been loaded in which a part lives, and before anybody can take a copy of the part (`from module
import part`), a stand-in is set in its place. What the stand-in calls is decided later: at first the part itself; then
what the learner wrote (`plugged.py`), or a refusal (`child.py`). It counts, which is the proof that what the learner
wrote was used.

The job, a JSON object, comes over the standard input: {"main": a module of the workshop, "places": {piece: ["module:
qualname", ...]}, ...}. The module's `main(job, places)` does the rest.
"""

import functools
import gc
import importlib
import importlib.machinery
import inspect
import json
import sys
import time
import typing


class Place:
    """One part of the framework, and what is called instead of it."""

    def __init__(self, piece, lives):
        self.piece = piece
        self.lives = lives  # "module:qualname"
        self.module, _, self.qualname = lives.partition(":")
        self.target: typing.Any = None  # what is called
        self.original: typing.Any = None
        self.is_recording = bool  # says whether a step is being recorded; at first: no
        self.counting = False
        self.calls = 0
        self.recordings = 0  # calls made while a step was recorded
        self.seconds = 0.0
        self.depth = 0

    def put(self):
        """Set the stand-in. Its module has just been loaded."""
        owner = sys.modules[self.module]
        *way, name = self.qualname.split(".")
        for word in way:
            owner = getattr(owner, word)
        found = inspect.getattr_static(owner, name)
        wrapped = found.__func__ if isinstance(found, staticmethod) else found
        if not inspect.isfunction(wrapped):
            raise TypeError(f"{self.lives} is a {type(found).__name__}; only functions and methods can be replaced.")
        self.original = self.target = wrapped
        stand_in = self.stand_in()
        setattr(owner, name, staticmethod(stand_in) if isinstance(found, staticmethod) else stand_in)
        if inspect.isclass(owner) and name == "forward":
            remember(owner)
        for word, module in list(sys.modules.items()):  # copies that were taken before, as by `from x import part`
            if word.partition(".")[0] == "pellucid" and vars(module).get(name) is wrapped:
                setattr(module, name, stand_in)

    def stand_in(self):
        """A function that calls the target and counts."""

        @functools.wraps(self.original)
        def stand_in(*args, **kwargs):
            if not self.counting:
                return self.target(*args, **kwargs)
            self.calls += 1
            self.recordings += self.is_recording()
            self.depth += 1
            began = time.perf_counter()
            try:
                return self.target(*args, **kwargs)
            finally:
                self.depth -= 1
                if self.depth == 0:  # a call inside a call would count its time twice
                    self.seconds += time.perf_counter() - began

        del stand_in.__wrapped__  # it would lead around the stand-in
        return stand_in


def remember(op):
    """An op that was made already has looked up its `forward` (see OpType in engine.py): it looks again."""
    for thing in gc.get_objects():
        if isinstance(thing, op) and "compute" in vars(thing):
            object.__setattr__(thing, "compute", thing.forward)


class Finder:
    """An import hook: it finds modules as usual, and sees to it that the stand-ins are put when they are loaded."""

    def __init__(self, places):
        self.places = places

    def find_spec(self, name, path=None, target=None):
        """The usual spec of a module in which a part lives, with a loader that does one thing more."""
        if not any(place.module == name for place in self.places):
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            load = spec.loader.exec_module

            def exec_module(module):
                load(module)
                for place in self.places:
                    if place.module == name:
                        place.put()

            spec.loader.exec_module = exec_module
        return spec


def install(places):
    """Have stand-ins put for all these places. None of their modules may be loaded already."""
    late = [place.module for place in places if place.module in sys.modules]
    if late:
        raise RuntimeError(f"{', '.join(late)} was imported before its parts could be replaced.")
    sys.meta_path.insert(0, Finder(places))


def main():
    """Read the job, install the hook, and hand over to the module that the job names."""
    job = json.loads(sys.stdin.buffer.read())
    places = [Place(piece, lives) for piece, all_lives in job["places"].items() for lives in all_lives]
    install(places)
    importlib.import_module(job["main"]).main(job, places)


if __name__ == "__main__":
    main()
