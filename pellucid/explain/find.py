"""What can be explained, and how a name is understood."""

import inspect
from difflib import get_close_matches
from typing import NamedTuple

from pellucid import errors, functional, metrics, models, nn, ops, optim
from pellucid.errors import ArgumentError, PellucidError

LOSS_WORDS = ("loss", "entropy")


class Subject(NamedTuple):
    """Something with a name that can be explained."""

    kind: str  # op, function, loss, layer, optimizer, schedule, metric, model, error
    name: str  # as it is written in a program: Relu, F.relu, nn.ReLU
    thing: object


def subjects():
    """Everything that can be explained."""
    found = [Subject("op", name, getattr(ops, name)) for name in ops.__all__]
    found += [
        Subject("loss" if is_loss(name) else "function", f"F.{name}", getattr(functional, name))
        for name in functional.__all__
    ]
    for name in nn.__all__:
        thing = getattr(nn, name)
        if inspect.isclass(thing):
            found.append(Subject("loss" if is_loss(name) else "layer", f"nn.{name}", thing))
    for name in optim.__all__:
        thing = getattr(optim, name)
        if inspect.isclass(thing):
            kind = "schedule" if issubclass(thing, optim.LRScheduler) else "optimizer"
            found.append(Subject(kind, f"optim.{name}", thing))
    found += [Subject("metric", f"metrics.{name}", getattr(metrics, name)) for name in metrics.__all__]
    found += [Subject("model", f"models.{name}", getattr(models, name)) for name in models.__all__]
    found += [Subject("error", name, thing) for name, thing in vars(errors).items() if is_error(thing)]
    return found


def find(name):
    """All subjects of this name: written exactly so, or else without regard to case and underscores.

    Of a longer name (torch.nn.Linear) the last part counts. Raises ArgumentError for an unknown name, with near ones.
    """
    everything = subjects()
    exact = [subject for subject in everything if name in (subject.name, short(subject.name))]
    if exact:
        return exact
    loose = [subject for subject in everything if plain(name) in (plain(subject.name), plain(short(subject.name)))]
    if loose:
        return loose
    if "." in name and any(plain(short(name)) == plain(short(subject.name)) for subject in everything):
        return find(short(name))
    near = get_close_matches(plain(name), {plain(short(subject.name)): None for subject in everything}, n=4)
    guesses = [short(subject.name) for word in near for subject in everything if plain(short(subject.name)) == word]
    raise ArgumentError(
        f"there is nothing called {name!r} that could be explained.",
        remedy=f"Did you mean {', '.join(dict.fromkeys(guesses))}?"
        if guesses
        else "Try softmax, Linear, Adam or ShapeError.",
    )


def short(name):
    """`relu` for `F.relu`."""
    return name.rpartition(".")[2]


def plain(name):
    """`crossentropy` for cross_entropy, CrossEntropyLoss, cross-entropy and `cross entropy`."""
    letters = "".join([letter for letter in name.lower() if letter.isalnum()])
    letters = letters.removesuffix("loss") or letters
    return "binarycrossentropy" + letters.removeprefix("bce") if letters.startswith("bce") else letters


def is_loss(name):
    return any(word in name.lower() for word in LOSS_WORDS)


def is_error(thing):
    return inspect.isclass(thing) and issubclass(thing, PellucidError)
