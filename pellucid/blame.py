"""Which argument is to blame? Bare Python errors become errors that name the argument and say what is needed.

A list where a tensor is needed fails somewhere inside a function, as "'list' object has no attribute 'array'". The
`__init__` of each public package ends with `answer_for(globals())`, and so its functions and classes answer for what
they were given. Nothing is asked before a call, which would cost every call time for each argument; only when it has
failed is it found out why. See docs/choices/bad-input.md.
"""

import functools
import inspect
import re
import reprlib
import sys

import numpy as np

from pellucid.errors import PACKAGE, ArgumentError, PellucidError
from pellucid.modes import mode

BARE = (AttributeError, TypeError, ValueError, LookupError, ArithmeticError)  # what Python and NumPy raise at bad input
LIBRARIES = {"numpy", *sys.stdlib_module_names}

# What an argument of this name is, everywhere in the public interface.
NAMES = {
    "a tensor": (
        "input other target tensor self mat1 mat2 mat vec vec1 vec2 batch1 batch2 query key value x x1 x2 anchor "
        "positive negative logits index src source boundaries sorted_sequence condition outputs inputs tensor1 "
        "tensor2 mask input1 input2"
    ),
    "a tensor or array": "labels scores predictions images points array",
    "a list of tensors": "tensors matrices",
    "a module": "model module",
    "a list of parameters (model.parameters())": "params parameters",
    "an optimizer": "optimizer",
    "a dict (as state_dict() gives)": "state_dict",
    "a whole number": (
        "dim dim0 dim1 dim2 n k num_classes num_features in_features out_features groups num_groups num_embeddings "
        "embedding_dim batch_size epochs seed diagonal offset chunks decimals step_size last_epoch bins patience "
        "split_size start_dim end_dim steps_per_epoch total_steps total_iters warmup T_max num_samples num_channels"
    ),
    "a number": (
        "lr eps momentum alpha beta gamma p weight_decay margin noise tau dropout_p max_norm mean gain lambd "
        "negative_slope threshold factor start end step base a b min max low high std fill_value"
    ),
    "a shape, or its lengths one by one": "size shape sizes normalized_shape",
    "a function": "function func loss",
    "the path of a file or folder": "path folder root",
}
NEEDED = {name: what for what, names in NAMES.items() for name in names.split()}
MODULE = {"parameters", "named_parameters", "modules", "named_modules", "children", "eval", "train", "state_dict"}
DICT = {"items", "keys", "values", "get"}


def answer_for(package, calls=False):
    """Let the public functions and classes of a package (its globals) answer for their arguments.

    They are those of its list; of a module without one, all that is written in it. Functions that are methods of
    Tensor, and modules, look after themselves: tensors/free.py, Module.__call__. With `calls`, objects of the classes
    answer too when they are called.
    """
    written_here = [name for name, thing in package.items() if getattr(thing, "__module__", "") == package["__name__"]]
    for name in package.get("__all__", written_here):
        thing = package.get(name)
        if inspect.isfunction(thing) and not hasattr(thing, "answers"):
            package[name] = answering(thing)
            package[name].__module__ = package["__name__"]  # where pickle finds it
        elif inspect.isclass(thing):
            for part in thing.__mro__:
                if part.__module__.startswith("pellucid."):
                    answer_for_class(part)
            if calls and any("__call__" in vars(part) for part in thing.__mro__):
                answer_for_methods(thing, "__call__")


def answer_for_methods(thing, names):
    """The same for these methods of a class (names in a string)."""
    for name in names.split():
        part = next(part for part in thing.__mro__ if name in vars(part))
        setattr(part, name, answering(vars(part)[name], of_class=True))


def answer_for_class(part):
    """The same for the methods of a class: of tensors and modules only those that are called seldom."""
    of_tensors = mode.family is None or issubclass(part, mode.family) or issubclass(mode.family, part)
    for name, method in list(vars(part).items()):
        seldom = name == "__init__" or not (name[0] == "_" or name == "forward" or of_tensors)
        if seldom and inspect.isfunction(method):
            setattr(part, name, answering(method, of_class=True))


def answering(function, of_class=False):
    """The same function; a bare Python error from inside it becomes an ArgumentError that names the argument."""
    if hasattr(function, "answers") or inspect.isgeneratorfunction(function):
        return function

    @functools.wraps(function)
    def public(*arguments, **named):
        try:
            return function(*arguments, **named)
        except Exception as error:
            if is_ours(sys._getframe(1)):
                raise  # the function that the user called answers for it
            who = function.__name__
            if of_class:
                called = {"__init__": "", "__call__": "()"}  # as one writes it: L2(0.1), and L2(0.1)(weight)
                who = type(arguments[0]).__name__ + called.get(who, f".{who}")
            if better := blame(error, who, function, arguments, named):
                raise better from error
            raise

    public.answers = True  # pyright: ignore[reportAttributeAccessIssue]
    return public


def is_ours(frame):
    """Is this frame a line of Pellucid?"""
    return frame.f_code.co_filename.startswith(PACKAGE)


def is_of_libraries(frame):
    """Is it one of NumPy's or of the standard library's?"""
    return str(frame.f_globals.get("__name__")).partition(".")[0] in LIBRARIES


def blame(error, who, function, arguments, named):
    """The error that names the argument; None if this one is none of bad input, or comes from the user's own code."""
    trace = error.__traceback__.tb_next
    if not isinstance(error, BARE) or isinstance(error, (PellucidError, UnicodeError)) or trace is None:
        return None  # without a further frame Python has not even called the function: arguments are missing
    while trace is not None:
        if not (is_ours(trace.tb_frame) or is_of_libraries(trace.tb_frame)):
            return None
        trace = trace.tb_next
    signature = inspect.signature(function)
    try:
        given = given_to(signature, arguments, named)
    except TypeError:
        return None  # the arguments do not even fit the signature, which Python has said
    shown = [p.replace(annotation=p.empty) for name, p in signature.parameters.items() if name != "self"]
    remedy = f"It is called as {who}{inspect.Signature(shown)}."
    name, value = culprit(error, given)
    if name is None:
        came = ", ".join(f"{name}: {said(value)}" for name, value in given.items()) or "nothing"
        return ArgumentError(f"{who} cannot work with what came ({came}): {error}.", remedy)
    need = needed(error, name)
    reason = f"and {need} is needed" if need and not fits(value, need) else f"which does not fit: {error}"
    if "not iterable" in str(error) and name.isidentifier() and need is None and value is not None:
        remedy = f"Several are possible here, so put it into a list: {name}=[...]."
    return ArgumentError(f"{who}: {name} is {said(value)}, {reason}.", remedy_for(value, need) or remedy)


def given_to(signature, arguments, named):
    """What was passed, by the names of the parameters; each of several that share one (*size) by its place."""
    given = {}
    for name, value in signature.bind(*arguments, **named).arguments.items():
        kind = signature.parameters[name].kind
        if kind is inspect.Parameter.VAR_KEYWORD:
            given.update(value)
        elif kind is inspect.Parameter.VAR_POSITIONAL:
            given.update({f"{name}[{at}]" if len(value) > 1 else name: item for at, item in enumerate(value)})
        else:
            given[name] = value
    given.pop("self", None)
    return given


def culprit(error, given):
    """The pair (name, value) of the argument that failed, or of an item of it; (None, None) if nobody can tell."""
    everything = dict(given)
    for name, value in given.items():
        if isinstance(value, (list, tuple)):
            everything.update({f"{name}[{at}]": item for at, item in enumerate(value)})
        elif isinstance(value, dict):
            everything.update({f"{name}[{key!r}]": item for key, item in value.items()})
    if isinstance(error, AttributeError):  # it holds the very object that lacks the attribute
        return next((pair for pair in everything.items() if pair[1] is getattr(error, "obj", error)), (None, None))
    for group in (given, everything):
        named = [pair for pair in group.items() if doubt(*pair) and is_named(pair[1], str(error))]
        if named:
            return max(named, key=lambda pair: doubt(*pair))  # the first, if several are equally doubtful
    for group in (given, everything):
        for least in (3, 2):
            doubtful = [pair for pair in group.items() if doubt(*pair) >= least]
            if len(doubtful) == 1:
                return doubtful[0]
    return None, None


def is_named(value, text):
    """Does the text of an error speak of this value, or of its type?"""
    return bool(re.search(rf"\b{type(value).__name__}\b", text)) or (isinstance(value, str) and repr(value) in text)


def doubt(name, value):
    """How likely is it that this is wrong for an argument of that name? 0, if it is what is needed, to 3."""
    if name in NEEDED:
        return 0 if fits(value, NEEDED[name]) else 3
    return 1 if isinstance(value, (bool, int, float, mode.family, np.ndarray)) or callable(value) else 2


def fits(value, need):
    """Is the value of the kind that these words name?"""
    kinds = {
        "a tensor": (mode.family,),
        "a tensor or array": (mode.family, np.ndarray),
        "a whole number": (int, np.integer),
        "a number": (int, float, np.number, mode.family),
        "a dict (as state_dict() gives)": (dict,),
    }
    having = {"a module": "named_parameters", "an optimizer": "param_groups", "a function": "__call__"}
    if isinstance(value, bool):
        return False
    if need in having:
        return hasattr(value, having[need]) and (need == "a function" or not isinstance(value, type))
    return isinstance(value, kinds.get(need, ()))


def needed(error, name):
    """What is needed in its place, as far as one can tell: by the attribute that was missed, else by its name."""
    attribute = error.name if isinstance(error, AttributeError) else None
    if attribute in MODULE:
        return "a module"
    if attribute in DICT:
        return "a dict"
    return NEEDED.get(name) or ("a tensor" if attribute is not None and hasattr(mode.family, attribute) else None)


def said(value):
    """What came, in few words."""
    if value is None or isinstance(value, (str, bool, int, float)):
        return reprlib.repr(value)
    if isinstance(value, type):
        return f"the class {value.__name__}"
    array = getattr(value, "array", value)
    if isinstance(value, (mode.family, np.ndarray)):
        return f"a {'NumPy array' if array is value else 'tensor'} {array.dtype}{list(array.shape)}"
    return f"the function {value.__name__}" if inspect.isfunction(value) else f"a {type(value).__name__}"


def remedy_for(value, need):
    """What to try, for the usual mistakes; None for others."""
    if need in ("a tensor", "a tensor or array"):
        if isinstance(value, (list, tuple)) and any(isinstance(item, mode.family) for item in value):
            return "Take one of its tensors, as in y[0], or make one of them all: pc.stack(y) or pc.cat(y)."
        if fits(value, "a module"):
            return "Take one of its tensors, such as layer.weight, or what it gives: layer(x)."
        if isinstance(value, (list, tuple, int, float, np.ndarray)):
            return "Make a tensor of it: pc.tensor(...)."
        if inspect.isfunction(value):
            return f"Call it: {value.__name__}(...)."
        if value is None:
            return "Was the `return` forgotten in the function that should give it?"
    if isinstance(value, str) and need in ("a number", "a whole number"):
        return "Write it without quotation marks; a text that was read becomes a number by int(text) or float(text)."
    if isinstance(value, type):
        return f"Make one of it: {value.__name__}(...)."
    return "Make one: optim.SGD(model.parameters(), lr=0.1)." if need == "an optimizer" else None
