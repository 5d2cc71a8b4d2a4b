"""Corners of the functions of tensors, beside PyTorch: which axes, which dtype, and what is refused."""

import numpy as np
import pytest

import pellucid as pc
from pellucid import errors

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.peers

CUBE = np.arange(24.0, dtype=np.float32).reshape(2, 3, 4)


def both(program, *arrays):
    """The result of a program with either library: arrays, and their dtypes."""
    ours, theirs = [program(lib, *[lib.tensor(array) for array in arrays]) for lib in (pc, torch)]
    return np.asarray(ours), theirs.numpy()


def check_same(program, *arrays):
    ours, theirs = both(program, *arrays)
    np.testing.assert_array_equal(ours, theirs, strict=True)


INDICES = {
    "number, slice, rows": lambda lib: (lib.tensor(-2), slice(None), lib.tensor([0, 2])),
    "number, ..., column of rows": lambda lib: (lib.tensor(1), ..., lib.tensor([[3], [-2]])),
    "number, new axis, list": lambda lib: (lib.tensor(1), None, [1, -1]),
    "rows, slice, number": lambda lib: (lib.tensor([0, 1]), slice(None), lib.tensor(1)),
    "number, slice, mask": lambda lib: (lib.tensor(0), slice(None), lib.tensor([True, False, False, True])),
    "slice, rows, number": lambda lib: (slice(None), lib.tensor([2, 0]), lib.tensor(3)),
}


@pytest.mark.parametrize("name", INDICES)
def test_a_single_position_as_a_tensor_brings_no_axis(name):
    check_same(lambda lib, x: x[INDICES[name](lib)], CUBE)


def test_a_single_position_in_a_recording_brings_no_axis():
    step = pc.compile(lambda x, i, rows: x[i, :, rows], target="numpy")
    y = step(pc.tensor(CUBE), pc.tensor(1), pc.tensor([3, 0]))
    np.testing.assert_array_equal(y.numpy(), CUBE[1][:, [3, 0]])


@pytest.mark.parametrize("name", ["sum", "mean", "nansum", "nanmean", "amax", "amin", "std", "count_nonzero", "all"])
def test_no_axes_mean_all_of_them_where_pytorch_says_so(name):
    check_same(lambda lib, x: getattr(lib, name)(x, dim=()) * 1, CUBE[:1])


def test_squeeze_of_no_axes_drops_none():
    assert pc.zeros(1, 2).squeeze(()).shape == (1, 2)


DTYPES = {
    "int ** 2.0": lambda lib: lib.tensor([3]) ** 2.0,
    "bool ** 2": lambda lib: lib.tensor([True]) ** 2,
    "bool ** 2.0": lambda lib: lib.tensor([True]) ** 2.0,
    "sign of bool": lambda lib: lib.sign(lib.tensor([True, False])),
    "copysign": lambda lib: lib.copysign(lib.tensor([True]), lib.tensor([-1.0], dtype=lib.float16)),
    "copysign of int and float64": lambda lib: lib.copysign(lib.tensor([3]), lib.tensor([-1.0], dtype=lib.float64)),
    "xlogy": lambda lib: lib.xlogy(lib.tensor([1]), lib.tensor([1.0], dtype=lib.float16)),
    "logaddexp2": lambda lib: lib.logaddexp2(lib.tensor([1.0], dtype=lib.float16), lib.tensor(1.0)),
    "logaddexp2 of bool": lambda lib: lib.logaddexp2(lib.tensor([True]), lib.tensor([1.0], dtype=lib.float64)),
    "kron with a list": lambda lib: pc.kron(pc.tensor([1, 2]), [1, 10]) if lib is pc else torch.tensor([1, 10, 2, 20]),
    "inner with a number": lambda lib: lib.inner(lib.tensor([1, 2]), lib.tensor(3)),
}


@pytest.mark.parametrize("name", DTYPES)
def test_the_dtype_is_pytorchs(name):
    check_same(DTYPES[name])


def test_is_a_number_in_a_tensor():
    x = pc.tensor(CUBE)
    assert 3 in x
    assert pc.tensor(3.0) in x
    assert 99 not in x
    assert None not in x


x, truth = pc.tensor(CUBE), pc.tensor([True, False])
REFUSED = {
    "dim is a text": (lambda: x.sum(dim="rows"), errors.ArgumentError, "whole number"),
    "dim is a float": (lambda: x.softmax(1.0), errors.ArgumentError, "whole number"),
    "dim is a tuple": (lambda: x.argmax((0, 1)), errors.ArgumentError, "whole number"),
    "dim 1 of a number": (lambda: pc.tensor(1.0).sum(1), errors.ShapeError, "outside"),
    "a length is a float": (lambda: pc.zeros(2.5), errors.ArgumentError, "whole numbers"),
    "from_numpy of a number": (lambda: pc.from_numpy(3), errors.DtypeError, "array"),
    "a new axis of length -1": (lambda: x.expand(-1, 2, 3, 4), errors.ShapeError, "lacks"),
    "outer with a number": (lambda: pc.outer(x[0, 0], 3), errors.DtypeError, "tensors"),
    "mm with a list": (lambda: pc.mm(x[0], [[1.0]]), errors.DtypeError, "tensors"),
    "dim is an array": (lambda: x.sum(np.array([0, 1])), errors.ArgumentError, "whole number"),
    "no dtype": (lambda: x.to("flot32"), errors.DtypeError, "flot32"),
    "the dtype of another library": (lambda: x.sum(dtype=torch.float32), errors.DtypeError, "torch.float32"),
    "kron with None": (lambda: pc.kron(x[0], None), errors.UnsupportedError, "object"),
    "a mask of numbers": (lambda: x.masked_scatter(x, x), errors.DtypeError, "bool"),
    "relu of bool": (lambda: pc.relu(truth), errors.DtypeError, "bool"),
    "bool ** bool": (lambda: truth**truth, errors.DtypeError, "bool"),
    "bool << bool": (lambda: truth << truth, errors.DtypeError, "bool"),
    "no probability": (lambda: pc.bernoulli(pc.tensor([0.5, 2.0])), errors.ArgumentError, "2.0"),
    "p is no probability": (lambda: pc.bernoulli(pc.zeros(2), -0.5), errors.ArgumentError, "-0.5"),
    "no weights": (lambda: pc.multinomial(pc.tensor([[0.0, 1.0], [0.0, 0.0]]), 1), errors.ArgumentError, "above 0"),
    "a negative weight": (lambda: pc.multinomial(pc.tensor([-1.0, 2.0]), 1), errors.ArgumentError, "-1.0"),
    "a weight is NaN": (lambda: pc.multinomial(pc.tensor([np.nan, 2.0]), 1), errors.ArgumentError, "nan"),
    "a negative deviation": (lambda: pc.normal(0.0, -1.0, (2,)), errors.ArgumentError, "-1.0"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name):
    program, kind, words = REFUSED[name]
    with pytest.raises(kind, match=words):
        program()


DATA_CHANGES = {
    "add_": lambda lib, w: w.data.add_(1.0),
    "mul_": lambda lib, w: w.data.mul_(2.0),
    "an element": lambda lib, w: w.data.__setitem__(0, 5.0),
    "zero_": lambda lib, w: w.data.zero_(),
    "twice": lambda lib, w: w.data.add_(1.0).mul_(3.0),
    "copy_": lambda lib, w: w.data.copy_(lib.tensor([7.0, 8.0])),
}


@pytest.mark.parametrize("name", DATA_CHANGES)
def test_a_change_of_data_in_place_reaches_the_parameter(name):
    def program(lib, start):
        w = lib.nn.Parameter(start)
        DATA_CHANGES[name](lib, w)
        return w.detach()

    check_same(program, np.array([1.0, 2.0], np.float32))


def test_a_change_of_data_in_place_reaches_compiled_steps():
    w = pc.nn.Parameter(pc.tensor([1.0, 2.0]))
    step = pc.compile(lambda x: x * w, target="numpy")
    step(pc.ones(2))
    w.data.mul_(10.0)
    np.testing.assert_array_equal(step(pc.ones(2)).numpy(), [10.0, 20.0])


def two_layers():
    return pc.nn.Sequential(pc.nn.Linear(2, 3), pc.nn.ReLU(), pc.nn.Linear(3, 1))


WRONG_PARTS = {
    "a plain tensor as weight": lambda: setattr(pc.nn.Linear(2, 3), "weight", pc.ones(3, 2)),
    "a name with a dot": lambda: pc.nn.ModuleDict({"a.b": pc.nn.ReLU()}),
    "a buffer's name with a dot": lambda: pc.nn.ReLU().register_buffer("a.b", pc.ones(1)),
    "no such layer": lambda: two_layers().__delitem__(3),
}


@pytest.mark.parametrize("name", WRONG_PARTS)
def test_what_a_module_refuses(name):
    with pytest.raises(errors.ArgumentError):
        WRONG_PARTS[name]()


@pytest.mark.parametrize("index", [0, -1, slice(0, 2)])
def test_layers_of_a_sequential_are_deleted(index):
    ours, theirs = two_layers(), torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU(), torch.nn.Linear(3, 1))
    del ours[index], theirs[index]
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert repr(ours) == repr(theirs)


@pytest.mark.parametrize("compiled", [False, True])
def test_a_buffer_that_is_set_to_a_tensor_stays_a_buffer(compiled):
    class Counter(pc.nn.Module):
        def __init__(self):
            self.register_buffer("count", pc.zeros(1))

        def forward(self, x):
            self.count = self.count + 1
            return x * self.count

    model = Counter()
    step = pc.compile(model, target="numpy") if compiled else model
    for _ in range(3):
        y = step(pc.ones(1))
    assert model.state_dict()["count"].item() == y.item() == 3.0


@pytest.mark.peers
@pytest.mark.parametrize("part", [slice(1, 3), slice(2, None), slice(None, None, 2), slice(0, 0)], ids=str)
def test_a_slice_of_a_sequential_keeps_the_names(part):
    torch = pytest.importorskip("torch")

    def sliced(m):
        return m.Sequential(m.Linear(2, 2), m.ReLU(), m.Linear(2, 3), m.Tanh())[part]

    ours, theirs = sliced(pc.nn), sliced(torch.nn)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert [name for name, _ in ours.named_children()] == [name for name, _ in theirs.named_children()]


def test_append_to_a_slice_replaces_no_layer():
    net = pc.nn.Sequential(pc.nn.Linear(2, 2), pc.nn.ReLU(), pc.nn.Tanh())[1:].append(pc.nn.Sigmoid())
    assert [(name, type(layer).__name__) for name, layer in net.named_children()] == [
        ("1", "ReLU"), ("2", "Tanh"), ("3", "Sigmoid"),
    ]  # fmt: skip


NAN = float("nan")


@pytest.mark.peers
@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize(
    "bounds",
    [(NAN, None), (None, NAN), (NAN, 1.0), ([NAN, 1.5, 0.0], None), (0.0, [NAN, 2.0, 0.5]), (0.5, 1.5)],
    ids=str,
)
def test_clamp_with_a_bound_of_nan(bounds, compiled):
    torch = pytest.importorskip("torch")
    x = np.array([1.0, NAN, 3.0], np.float32)

    def clamped(library, y):
        low, high = [library.tensor(bound) if isinstance(bound, list) else bound for bound in bounds]
        if library is torch and isinstance(low, float) and high is not None and not isinstance(high, float):
            low = library.tensor(low)
        return y.clamp(low, high)

    def slopes(y):
        z = clamped(pc, y)
        (g,) = pc.autograd.grad(z.sum(), y)
        return z.detach(), g

    function = pc.compile(lambda y: slopes(y.requires_grad_())) if compiled else slopes
    ours, our_slope = function(pc.tensor(x, requires_grad=not compiled))
    y = torch.tensor(x, requires_grad=True)
    z = clamped(torch, y)
    z.sum().backward()
    np.testing.assert_array_equal(ours.numpy(), z.detach().numpy())
    np.testing.assert_array_equal(our_slope.numpy()[[0, 2]], y.grad.numpy()[[0, 2]])
    np.testing.assert_array_equal(clamped(pc, pc.tensor(x)).numpy(), z.detach().numpy())


def test_the_second_gradient_of_index_reduce_prod_where_a_factor_is_0():
    """The product of each place is linear in each factor; gradgradcheck compares with finite differences."""
    index = pc.tensor([0, 0, 1, 2])
    x = pc.tensor([0.0, 2.0, 3.0, 1.0], dtype=pc.float64, requires_grad=True)
    source = pc.tensor([4.0, 0.5, 0.0, 5.0], dtype=pc.float64, requires_grad=True)
    assert pc.autograd.gradgradcheck(lambda x, source: x.index_reduce(0, index, source, "prod"), (x, source))


def test_relu_of_minus_0_is_0_eagerly_and_compiled():
    for dtype in (np.float32, np.float64):
        x = pc.tensor(np.array([-0.0, 0.0, -1.0], dtype))
        for y in (x.relu(), pc.compile(lambda x: x.relu())(x)):
            assert not np.signbit(y.numpy()).any()
