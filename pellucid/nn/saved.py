"""What is checked: saved values before they are written into a model, names before they are followed."""

from typing import NamedTuple

import numpy as np

from pellucid.blame import blame
from pellucid.engine import Spec
from pellucid.errors import ArgumentError, DtypeError, StateDictError, UnsupportedError

SHOWN = 5  # so many names of each kind stand in a message


class Outcome(NamedTuple):
    """What `load_state_dict` returns: names the saved values lack, and names the model does not have."""

    missing_keys: list
    unexpected_keys: list


def check_saved(model, own, saved, strict):
    """Compare names, shapes and kinds; raise StateDictError, or return the Outcome."""
    missing = [name for name in own if name not in saved]
    unexpected = [name for name in saved if name not in own]
    misfits = [
        misfit(name, own[name], saved[name]) for name in own if name in saved and not fits(own[name], saved[name])
    ]
    complaints = []
    if strict and missing:
        complaints.append(f"missing: {listed(missing)}")
    if strict and unexpected:
        complaints.append(f"unexpected: {listed(unexpected)}")
    if misfits:
        complaints.append(f"not fitting: {listed(misfits)}")
    if complaints:
        remedy = "Build the model of the same layers and sizes as the saved one."
        if not misfits:
            remedy += " strict=False loads the names that both have."
        raise StateDictError(
            f"the saved values do not fit {model}; {'; '.join(complaints)}. Nothing was loaded.", remedy
        )
    return Outcome(missing, unexpected)


def require_dict(model, saved):
    """`load_state_dict` takes what `pc.load` gives, not the name of the file."""
    if not hasattr(saved, "items"):
        what = f"{saved!r}, a {type(saved).__name__}" if isinstance(saved, str) else f"a {type(saved).__name__}"
        remedy = "Read the file first: model.load_state_dict(pc.load(path))"
        if hasattr(saved, "state_dict"):
            remedy = "Take its values: model.load_state_dict(other.state_dict())"
        raise ArgumentError(f"load_state_dict of {model} takes a dict of names and tensors, not {what}.", remedy)


def refusal(module, error, inputs, named):
    """The error that says which input of a module was wrong, once it has failed; None if none is to blame."""
    who = module.describe()
    arrays = [value for value in (*inputs, *named.values()) if isinstance(value, np.ndarray)]
    if arrays and isinstance(error, AttributeError):
        came = Spec(arrays[0].shape, arrays[0].dtype)
        better = ArgumentError(
            f"{who} takes tensors, and a NumPy array {came} came.", "Make one of it: pc.tensor(array)"
        )
    else:
        better = blame(error, who, module.forward, inputs, named)
    if better is not None:
        better.modules.append(who)
        better.module = module  # pyright: ignore[reportAttributeAccessIssue]
    return better


def fits(state, value):
    """The same shape, and no floats for integers."""
    return state.shape == value.shape and (state.dtype.kind == "f" or value.dtype.kind != "f")


def misfit(name, state, value):
    return f"{name} is {Spec(state.shape, state.dtype)}, but {Spec(value.shape, value.dtype)} was saved"


def listed(names):
    """The first few, and how many more."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def part_named(model, name, known, kind):
    """The part of that name; an error that says which names there are."""
    if name not in known:
        names = listed([repr(other) for other in known if other]) or "none"
        raise ArgumentError(f"{type(model).__name__} has no {kind} {name!r}.", remedy=f"It has {names}.")
    return known[name]


def float_dtype(dtype):
    """The dtype of floats that a model is to have."""
    try:
        dtype = np.dtype(dtype)
    except TypeError:
        raise UnsupportedError(
            f"a model cannot be moved to {dtype!r}: all is computed by the processor.",
            remedy='Leave it out, or write model.to("cpu").',
        ) from None
    if dtype.kind != "f":
        raise DtypeError(f"parameters are floats: a model has no dtype {dtype}.", remedy="Use float32 or float64.")
    return dtype
