"""What is checked before saved values are written into a model."""

from typing import NamedTuple

from pellucid.engine import Spec
from pellucid.errors import StateDictError

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
        remedy = "Build the model as the saved one was." if misfits else "strict=False loads the names that both have."
        raise StateDictError(
            f"the saved values do not fit {model}; {'; '.join(complaints)}. Nothing was loaded.", remedy
        )
    return Outcome(missing, unexpected)


def fits(state, value):
    """The same shape, and no floats for integers."""
    return state.shape == value.shape and (state.dtype.kind == "f" or value.dtype.kind != "f")


def misfit(name, state, value):
    return f"{name} is {Spec(state.shape, state.dtype)}, but {Spec(value.shape, value.dtype)} was saved"


def listed(names):
    """The first few, and how many more."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
