"""Wrong types in the place of each argument of every public name: what comes is an error of Pellucid, or a result.

The valid calls are those that the examples of the reference make. Each is made again with one argument that is wrong.
"""

import ast
import contextlib
import doctest
import functools
import inspect
import io
import sys
import traceback
import warnings

import numpy as np
import pytest

import pellucid as pc
import pellucid.functional as F
from pellucid import blame, data, metrics, models, nn, optim, train, view
from pellucid.errors import ArgumentError, PellucidError
from pellucid.reference.examples import written_example
from pellucid.reference.names import entries, example, methods

WRONG = [None, ["a", "b"], "no", object(), {"a": 1}]
EXAMPLE = "<example>"
SPACE = {
    "pc": pc, "np": np, "F": F, "nn": nn, "optim": optim, "metrics": metrics, "data": data, "models": models,
    "train": train, "view": view,
}  # fmt: skip
FROM_THE_NETWORK = {"data.mnist", "data.fashion_mnist"}
OF_OTHERS = {"pellucid.sklearn"}  # its errors are those that scikit-learn wants of an estimator
# What Python says itself, before the function has begun. It names the function and the argument.
CALLED_WRONGLY = ("required positional argument", "required keyword-only", "unexpected keyword", "multiple values")


def statements(entry):
    """The lines of its example, without what is printed."""
    if ">>>" in entry.text:
        return "".join(part.source for part in doctest.DocTestParser().get_examples(entry.text))
    return example(entry) or written_example(entry) or ""


class Recorded(ast.NodeTransformer):
    """Every call f(...) becomes __call__(f, ...)."""

    def visit_Call(self, node):
        self.generic_visit(node)
        return ast.Call(ast.Name("__call__", ast.Load()), [node.func, *node.args], node.keywords)


def calls_of(entry):
    """The calls of this function, of this class and of its objects' methods that its example makes."""
    found = []
    own = inspect.unwrap(entry.thing)

    def call(function, *arguments, **named):
        owner = getattr(function, "__self__", None)
        of_object = function if owner is None else owner
        plain = inspect.unwrap(getattr(function, "__func__", function))
        if plain is own or (inspect.isclass(entry.thing) and isinstance(of_object, entry.thing)):
            found.append((function, arguments, named))
        return function(*arguments, **named)

    tree = ast.fix_missing_locations(Recorded().visit(ast.parse(statements(entry))))
    of_module = vars(sys.modules[own.__module__]) | {own.__name__: entry.thing, entry.name: entry.thing}
    exec(compile(tree, EXAMPLE, "exec"), of_module | SPACE | {"__call__": call, "__name__": "example"})
    return found


def wrong_calls(entry):
    """Each of those calls, with one argument in turn replaced by each wrong one; and which."""
    for function, arguments, named in calls_of(entry):
        for at in range(len(arguments)):
            for wrong in WRONG:
                yield functools.partial(function, *arguments[:at], wrong, *arguments[at + 1 :], **named), at, wrong
        for name in named:
            for wrong in WRONG:
                yield functools.partial(function, *arguments, **named | {name: wrong}), name, wrong


def bare_error(call):
    """The error that is none of ours, if one comes from our own lines; files that are not there are no matter."""
    try:
        call()
    except (PellucidError, OSError):
        return None
    except Exception as error:  # noqa: BLE001  that is what is looked for
        of_user = any(frame.filename == EXAMPLE for frame in traceback.extract_tb(error.__traceback__))
        if not (of_user or any(words in str(error) for words in CALLED_WRONGLY)):
            return f"{type(error).__name__}: {error}"
    return None


TENSOR = next(entry for entry in entries() if entry.written == "pc.Tensor")
SWEPT = [
    entry for entry in [*entries(), *methods(TENSOR)]
    if callable(entry.thing) and entry.kind != "error" and entry.written not in FROM_THE_NETWORK
    and entry.module not in OF_OTHERS
]  # fmt: skip


@pytest.mark.parametrize("entry", SWEPT, ids=[entry.written for entry in SWEPT])
def test_wrong_types_get_an_error_of_ours(entry, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        bare = [
            f"argument {at} = {wrong!r}: {bare}" for call, at, wrong in wrong_calls(entry) if (bare := bare_error(call))
        ]
    assert bare == []


def test_nearly_every_name_is_tried():
    """Those whose example makes no call of them say nothing here."""
    assert len(SWEPT) > 900


# ---- what the errors say

X, MODEL = pc.ones(2, 3), nn.Linear(3, 2)
ROWS = (np.ones((4, 3), np.float32), np.zeros(4, np.int64))
STATE = {"state": {}, "param_groups": 3}
SGD = optim.SGD(MODEL.parameters(), lr=0.1)
FIT = functools.partial(train.fit, MODEL, ROWS, loss=F.cross_entropy, epochs=1, progress=False)
NUMBER = "without quotation marks"

SAID = [
    (lambda: F.relu([1.0]), "relu: input is a list, and a tensor is needed.", "pc.tensor"),
    (lambda: F.mse_loss(None, X), "mse_loss: input is None, and a tensor is needed.", "`return` forgotten"),
    (lambda: F.dropout(X, "0.5"), "dropout: p is '0.5', and a number is needed.", NUMBER),
    (lambda: F.linear(X, [1.0]), "linear: weight is a list, and a tensor is needed.", "pc.tensor"),
    (lambda: F.pad(X, "a"), "pad: pad is 'a', which does not fit: invalid literal", "pad(input, pad, mode="),
    (lambda: pc.stack(None), "stack: tensors is None, and a list of tensors is needed.", "stack(tensors, dim=0)"),
    (lambda: pc.addmv(X, [1.0], X), "addmv: mat is a list, and a tensor is needed.", "pc.tensor"),
    (lambda: X.narrow(0, "a", 1), "Tensor.narrow: start is 'a', and a number is needed.", NUMBER),
    (lambda: X.type_as(3), "Tensor.type_as: tensor is 3, and a tensor is needed.", "pc.tensor"),
    (lambda: nn.Linear("3", 2), "Linear: in_features is '3', and a whole number is needed.", NUMBER),
    (lambda: MODEL(None), "Linear(3 -> 2): x is None, and a tensor is needed.", "`return` forgotten"),
    (lambda: nn.init.zeros_(MODEL), "zeros_: tensor is a Linear, and a tensor is needed.", "layer.weight"),
    (lambda: nn.utils.clip_grad_norm_(None, 1.0), "parameters is None, and a list of parameters", "max_norm"),
    (lambda: SGD.load_state_dict(STATE), "SGD.load_state_dict: state_dict['param_groups'] is 3", "(state_dict)"),
    (lambda: data.moons(9, noise="a"), "moons: noise is 'a', and a number is needed.", NUMBER),
    (lambda: metrics.accuracy(None, None), "the predictions are None", "metrics.accuracy(scores, labels)"),
    (lambda: data.DataLoader(5), "not 5", "DataLoader((x, y), batch_size=32)"),
    (lambda: X.clone().copy_(None), "dtype object is not supported", ""),
    (lambda: FIT(optimizer="adam"), "fit: optimizer is 'adam', and an optimizer is needed.", "optim.SGD("),
    (lambda: FIT(optimizer=optim.SGD), "fit: optimizer is the class SGD, and an optimizer is needed.", "SGD(...)"),
    (lambda: FIT(optimizer=SGD, metrics=3), "fit: metrics is 3, which does not fit: 'int' object", "metrics=[...]"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "says", "remedy"), SAID, ids=[says[:40] for _, says, _ in SAID])
def test_the_error_names_the_argument_and_what_is_needed(call, says, remedy):
    with pytest.raises(PellucidError) as caught:
        call()
    assert says in caught.value.message
    assert remedy in (caught.value.remedy or "")
    assert "test_wrong_types.py:" in str(caught.value), "the user's line"


def test_the_layer_is_named_in_which_it_happened():
    class Split(nn.Module):
        def forward(self, x):
            return (x, x)

    with pytest.raises(ArgumentError) as caught:
        nn.Sequential(Split(), nn.Linear(3, 2))(X)
    assert "Linear(3 -> 2): x is a tuple, and a tensor is needed." in caught.value.message
    assert "layer 1 of Sequential" in str(caught.value)


def test_errors_of_the_users_own_code_stay_as_they_are():
    def step(x):
        return x.nothing_of_this_name

    with pytest.raises(AttributeError, match="nothing_of_this_name"):
        pc.autograd.jacobian(step, X)

    class Net(nn.Module):
        def forward(self, x):
            return [1, 2][x]

    with pytest.raises(TypeError, match="list indices"):
        Net()("a")


def test_what_python_says_of_a_call_stays():
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'dim'"):
        F.softmax(X)
    with pytest.raises(TypeError, match="unexpected keyword argument 'axis'"):
        F.softmax(X, axis=1)


def test_public_functions_stay_what_they_were():
    """Their name, text and signature; and pickle finds them."""
    import pickle

    for function in (F.softmax, pc.where, data.moons, metrics.f1, nn.init.zeros_):
        assert function.answers
        assert inspect.signature(function) == inspect.signature(function.__wrapped__)
        assert function.__doc__
        assert pickle.loads(pickle.dumps(function)) is function


def test_the_names_of_needs_are_arguments_of_something():
    """The table of blame.py holds no name that no public function has."""
    named = set()
    for entry in entries():
        for thing in (entry.thing, *[method.thing for method in methods(entry)]):
            with contextlib.suppress(TypeError, ValueError):
                named |= set(inspect.signature(thing).parameters)
        if isinstance(entry.thing, type) and issubclass(entry.thing, nn.Module):
            named |= set(inspect.signature(entry.thing.forward).parameters)
    assert set(blame.NEEDED) - named == set()
