"""`pellucid explain`: a page for everything, true because it is made of the source and of examples that are run."""

import inspect
import re

import numpy as np
import pytest

import pellucid as pc
import pellucid.functional as F
from pellucid import errors, explain, nn, ops, optim
from pellucid.errors import ArgumentError
from pellucid.explain.examples import OPS, OTHERS, op_example
from pellucid.explain.page import namespace, ops_of
from pellucid.tensors import default_generator


def classes_of(module):
    return [name for name in module.__all__ if inspect.isclass(getattr(module, name))]


NAMES = [
    *ops.__all__,
    *(f"F.{name}" for name in F.__all__),
    *(f"nn.{name}" for name in classes_of(nn)),
    *(f"optim.{name}" for name in classes_of(optim)),
    *(
        name
        for name, thing in vars(errors).items()
        if inspect.isclass(thing) and issubclass(thing, errors.PellucidError)
    ),
]


@pytest.mark.parametrize("name", NAMES)
def test_everything_has_a_page_with_its_docstring(name):
    (subject,) = [subject for subject in explain.find(name) if subject.name == name]
    text = explain.page(name)
    first_line = (inspect.getdoc(subject.thing) or "").split("\n")[0]
    assert len(first_line) > 3
    assert first_line in text
    assert re.search(rf"^{re.escape(name)}\b", text, flags=re.MULTILINE)


@pytest.mark.parametrize("name", ops.__all__)
def test_the_page_of_an_op_has_the_source_of_its_gradient_and_an_example(name):
    text = explain.page(name)
    op = getattr(ops, name)
    if op.differentiable:
        assert "The gradient, from the source" in text
        assert inspect.getsource(op.gradient).strip().split("\n")[-1].strip() in text
    else:
        assert "It has no gradient" in text
    assert re.search(r"y = tensor\(", text)
    assert re.search(r"(float|int|bool|uint)\d*\[", text), "the shape of the result"


@pytest.mark.parametrize("name", ops.__all__)
def test_the_gradients_in_examples_are_those_of_finite_differences(name):
    space = namespace()
    example = op_example(name)
    exec(example, space)
    y = space["y"]
    if not y.requires_grad:
        assert "requires_grad" not in example
        return
    y.sum().backward()
    text = explain.page(name)
    for letter in ("a", "b", "c", "d"):
        if letter not in space:
            continue
        assert f"{letter}.grad = " in text
        given, step = space[letter].numpy().astype(np.float64), 1e-6
        slopes = np.zeros(given.shape)
        for place in np.ndindex(*given.shape):
            sums = []
            for sign in (1, -1):
                moved = given.copy()
                moved[place] += sign * step
                sums.append(sum_in_float64(example, letter, moved))
            slopes[place] = (sums[0] - sums[1]) / (2 * step)
        np.testing.assert_allclose(space[letter].grad.numpy(), slopes, rtol=1e-5, atol=1e-5)


def sum_in_float64(example, letter, values):
    """The sum of y if one input of an example has other values, everything computed in float64."""
    lines = example.replace("requires_grad=True", "dtype=pc.float64").split("\n")
    space = namespace()
    for line in lines:
        exec(line, space)
        if line.startswith(f"{letter} = "):
            space[letter] = pc.tensor(values)
    return space["y"].sum().item()


def test_every_example_belongs_to_something():
    assert [name for name in OPS if name not in ops.__all__] == []
    assert [name for name in OTHERS if name not in {subject.name for subject in explain.subjects()}] == []


@pytest.mark.parametrize("name", [f"nn.{name}" for name in classes_of(nn) if name != "Module"])
def test_every_layer_and_loss_has_an_example_that_runs(name):
    text = explain.page(name)
    assert "Example, run just now" in text or ">>>" in text


def test_a_function_names_the_operations_that_it_is_made_of():
    assert ops_of("a = pc.tensor([[1.0, 2.0]])\ny = F.softmax(a, dim=1)") == [
        "Max",
        "Broadcast",
        "Subtract",
        "Exp",
        "Sum",
        "Divide",
    ]
    assert "Made of the operations Max, Broadcast, Subtract, Exp" in explain.page("F.softmax")


def test_asking_for_a_page_draws_no_random_numbers_from_the_user():
    key = default_generator.key
    pc.manual_seed(5)
    before = key.tolist()
    for subject in explain.subjects():
        explain.page(subject.name)
    assert key.tolist() == before


@pytest.mark.parametrize(("written", "found"), [
    ("Exp", ["Exp"]), ("exp", ["Exp"]), ("cross_entropy", ["F.cross_entropy"]),
    ("crossentropy", ["F.cross_entropy", "nn.CrossEntropyLoss"]),
    ("CrossEntropyLoss", ["nn.CrossEntropyLoss"]), ("adam", ["optim.Adam"]), ("SHAPEERROR", ["ShapeError"]),
    ("RELU", ["Relu", "F.relu", "nn.ReLU"]), ("mse", ["F.mse_loss", "nn.MSELoss"]), ("F.relu", ["F.relu"]),
    ("torch.nn.Linear", ["nn.Linear"]), ("nn.functional.softmax", ["F.softmax"]),
    ("bce", ["F.binary_cross_entropy", "nn.BCELoss"]),
])  # fmt: skip
def test_names_are_understood_as_they_are_meant(written, found):
    assert [subject.name for subject in explain.find(written)] == found


@pytest.mark.parametrize(("written", "near"), [
    ("sofmax", "softmax"), ("Liner", "Linear"), ("adm", "Adam"), ("shaperror", "ShapeError"),
    ("cros_entropy", "cross_entropy"),
])  # fmt: skip
def test_an_unknown_name_gets_near_ones(written, near):
    with pytest.raises(ArgumentError) as caught:
        explain.find(written)
    assert near in caught.value.remedy


def test_the_nearest_name_comes_first():
    with pytest.raises(ArgumentError) as caught:
        explain.find("sofmax")
    assert caught.value.remedy.startswith("Did you mean softmax")


def test_things_of_the_same_name_point_to_each_other():
    assert "See also: F.relu, nn.ReLU" in explain.page("Relu")
    assert "See also: F.binary_cross_entropy" in explain.page("nn.BCELoss")


def test_only_what_a_layer_does_itself_is_said_of_it():
    assert "Made of" not in explain.page("nn.Module")
    assert "One step, from the source" not in explain.page("optim.Optimizer")
    assert "Made of the operation Reshape, whose page" in explain.page("nn.Flatten")
    assert "y.sum().backward()" not in explain.page("nn.BatchNorm1d"), "its example asks for no gradient"


def test_an_error_says_how_it_can_be_caught():
    assert "ShapeError, PellucidError, ValueError" in explain.page("ShapeError")
    assert "LabelError, PellucidError, IndexError" in explain.page("LabelError")
    assert "with: PellucidError\n" in explain.page("PellucidError") + "\n"
