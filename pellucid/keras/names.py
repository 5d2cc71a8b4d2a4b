"""Names: layers that were given none are called dense, dense_1, dense_2 ...; texts become functions."""

import difflib
import re

from pellucid.errors import ArgumentError

COUNTS: dict[str, int] = {}  # kind of layer -> how many have been named


def unique(kind):
    """The next free name for a class of this name: "Conv2D" gives conv2d, then conv2d_1."""
    word = snake(kind)
    count = COUNTS[word] = COUNTS.get(word, -1) + 1
    return f"{word}_{count}" if count else word


def snake(kind):
    """The name of a class in small letters: LeakyReLU is leaky_re_lu, as in Keras."""
    word = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", kind)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", word).lower()


def look_up(what, name, known):
    """The entry of this name, in Keras' spelling or as a class is called; ArgumentError with the nearest ones."""
    if name in known:
        return known[name]
    if snake(name) in known:
        return known[snake(name)]
    near = difflib.get_close_matches(snake(name), known, n=3)
    remedy = f"Near it are {', '.join(near)}." if near else f"There are {', '.join(sorted(known))}."
    raise ArgumentError(f"there is no {what} {name!r}.", remedy=remedy)
