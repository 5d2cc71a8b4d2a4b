"""Recipes: what `pellucid train NAME` runs. One file each, to be read and copied.

A recipe has CLASSES (the names of its classes), INPUTS (what `pellucid predict` takes), `make_model()`, and
`run(folder, ...)`, which trains and returns a Result.
"""

from pellucid.recipes.runner import NAMES, configuration, find, predict, resume, start

__all__ = ["NAMES", "configuration", "find", "predict", "resume", "start"]
