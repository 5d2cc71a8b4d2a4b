"""Tensor as its user meets it: wrong programs and what they are told, printing, NumPy beside it, iteration."""

import copy
import inspect
import re

import numpy as np
import pytest

import pellucid as pc
from pellucid import errors
from pellucid.ops.elementwise import Elementwise

HERE = "test_tensor.py"


def leaf(*shape):
    return pc.tensor(np.ones(shape), requires_grad=True)


def floats(*shape):
    return pc.tensor(np.ones(shape, np.float32))


def walked_twice():
    loss = leaf(2).sum()
    loss.backward()
    loss.backward()


def stale():
    w = leaf(2)
    loss = (w * w).sum()
    with pc.no_grad():
        w += 1.0
    loss.backward()


def changed_leaf():
    w = leaf(2)
    w *= 2.0


def written(x, index, value):
    x[index] = value


# ---- wrong programs: the line, the class of the error, and words of its message

WRONG = [
    # shapes
    (lambda: floats(3) + floats(4), "ShapeError", ["(3,) and (4,)", "equal or 1"]),
    (lambda: floats(2, 3) @ floats(4, 5), "ShapeError", ["float32[2, 3]", "float32[4, 5]", "(..., i, k)"]),
    (lambda: floats(2, 3) @ floats(4, 3), "ShapeError", ["a @ b.mT"]),
    (lambda: floats(32, 1, 28, 28) @ floats(784, 10), "ShapeError", ["float32[32, 1, 28, 28]", "x.flatten(1)"]),
    (lambda: floats(2) @ pc.tensor(3.0), "ShapeError", ["matmul"]),
    (lambda: floats(6).reshape(4, 2), "ShapeError", ["(4, 2)", "6 elements"]),
    (lambda: floats(6).reshape(-1, 4), "ShapeError", ["(-1, 4)", "6"]),
    (lambda: floats(6).reshape(-1, -1), "ShapeError", ["(-1, -1)"]),
    (lambda: floats(0).reshape(0, -1), "ShapeError", ["(0, -1)"]),
    (lambda: floats(2, 3).sum(2), "ShapeError", ["dim 2", "-2 .. 1", "(2, 3)"]),
    (lambda: floats(2, 3).amax(-3), "ShapeError", ["dim -3"]),
    (lambda: floats(2, 0).amax(1), "ShapeError", ["Max", "no element"]),
    (lambda: floats(2, 0).argmax(1), "ShapeError", ["no element"]),
    (lambda: floats(0).max(), "ShapeError", ["no element"]),
    (lambda: floats(2, 3).permute(0, 0), "ShapeError", ["(0, 0)"]),
    (lambda: floats(2, 3).permute(0), "ShapeError", ["(0,)"]),
    (lambda: floats(2, 3).transpose(0, 2), "ShapeError", ["dim 2"]),
    (lambda: floats(2, 3, 4).t(), "ShapeError", ["3 axes", "x.mT"]),
    (lambda: floats(3).unsqueeze(3), "ShapeError", ["dim 3"]),
    (lambda: floats(3).expand(4), "ShapeError", ["float32[3]", "(4,)"]),
    (lambda: floats(2, 3).expand(3), "ShapeError", ["float32[2, 3]", "(3,)"]),
    (lambda: floats(6).split([1, 2]), "ShapeError", ["[1, 2]", "6"]),
    (lambda: pc.cat([floats(2, 3), floats(2, 4)]), "ShapeError", ["axis 0", "[2, 3]", "[2, 4]"]),
    (lambda: pc.cat([pc.tensor(1.0)]), "ShapeError", ["stack"]),
    (lambda: pc.stack([floats(2), floats(3)]), "ShapeError", ["(2,)", "(3,)"]),
    (lambda: floats(3)[3], "ShapeError", ["index 3", "axis 0", "length 3"]),
    (lambda: floats(3)[0, 0], "ShapeError", ["2 indices", "1 axes"]),
    (lambda: pc.tensor(1.0)[0], "ShapeError", ["1 indices", "0 axes"]),
    (lambda: floats(3).item(), "ShapeError", ["float32[3]", "3", "tolist"]),
    (lambda: float(floats(3)), "ShapeError", ["single element"]),
    (lambda: bool(floats(3) > 0), "ShapeError", ["3 elements", "x.any() or x.all()"]),
    (lambda: 1 if floats(2) == floats(2) else 0, "ShapeError", ["neither true nor false"]),
    (lambda: floats(2) in [floats(2), None], "ShapeError", ["neither true nor false"]),
    (lambda: len(pc.tensor(1.0)), "ShapeError", ["no length"]),
    (lambda: list(pc.tensor(1.0)), "ShapeError", ["no length"]),
    (lambda: floats(3).add_(floats(2, 3)), "ShapeError", ["(3,)", "(2, 3)"]),
    (lambda: written(floats(3), slice(0, 2), floats(3)), "ShapeError", ["3", "2"]),
    (lambda: written(leaf(3) * 1.0, slice(0, 2), floats(3)), "ShapeError", ["3", "2"]),
    (lambda: written(floats(3), 5, 1.0), "ShapeError", ["index 5"]),
    (lambda: written(leaf(3) * 1.0, 5, 1.0), "ShapeError", ["index 5"]),
    # dtypes
    (lambda: pc.tensor([1, 2]).mean(), "DtypeError", ["mean", "int64", "x.float().mean()"]),
    (lambda: pc.tensor([1, 2]).var(), "DtypeError", ["var", "int64"]),
    (lambda: pc.tensor([1, 2], requires_grad=True), "DtypeError", ["only floats", "int64", "1.0"]),
    (lambda: pc.tensor([1, 2]).requires_grad_(), "DtypeError", ["only floats", "int64"]),
    (lambda: pc.tensor([True]) - pc.tensor([True]), "DtypeError", ["bool[1]", "Subtract"]),
    (lambda: -pc.tensor([True]), "DtypeError", ["bool[1]", "Negative"]),
    (lambda: pc.tensor([1]).add_(0.5), "DtypeError", ["float32", "int64", "x = x + y"]),
    (lambda: pc.tensor("seven"), "DtypeError", ["str", "numbers"]),
    (lambda: pc.tensor(["a", "b"]), "DtypeError", ["numbers"]),
    (lambda: pc.tensor([[1, 2], [3]]), "DtypeError", ["one length"]),
    (lambda: pc.tensor(None), "DtypeError", ["NoneType", "numbers"]),
    (lambda: pc.tensor({"a": 1}), "DtypeError", ["dict", "numbers"]),
    (lambda: floats(3)[pc.tensor([0.0, 1.0])], "DtypeError", ["integers or bool", "index.long()"]),
    (lambda: floats(3)[1.0], "DtypeError", ["integers or bool"]),
    (lambda: [1, 2, 3][pc.tensor(1.0)], "DtypeError", ["integer tensor"]),
    (lambda: floats(3).gather(0, floats(1)), "DtypeError", ["int64 indices", "float32[1]"]),
    (lambda: pc.tensor([1], dtype=pc.int8) + 1000, "DtypeError", ["1000", "int8"]),
    (lambda: pc.tensor([1 + 2j]), "UnsupportedError", ["complex"]),
    (lambda: floats(2).to(np.complex64), "UnsupportedError", ["complex64"]),
    # whole numbers
    (lambda: pc.tensor([2]) ** -1, "ArgumentError", ["negative"]),
    # labels and indices
    (lambda: floats(3)[pc.tensor([0, 3])], "LabelError", ["number 3", "from 0 to 2"]),
    (lambda: floats(3)[pc.tensor([-4])], "LabelError", ["number -"]),
    (lambda: floats(3).gather(0, pc.tensor([5])), "LabelError", ["number 5"]),
    (lambda: floats(3).index_select(0, pc.tensor([9])), "LabelError", ["number 9"]),
    (lambda: floats(3).scatter_add(0, pc.tensor([3]), floats(1)), "LabelError", ["number 3"]),
    # gradients
    (lambda: floats(1).backward(), "GradientError", ["float32[1]", "requires_grad=True"]),
    (lambda: leaf(3).exp().backward(None), "GradientError", ["single number", "float64[3]", "loss.mean()"]),
    (lambda: (leaf(3) * 2.0).backward(floats(2)), "ShapeError", ["(2,)", "(3,)"]),
    (walked_twice, "GradientError", ["already run", "retain_graph=True"]),
    (stale, "StaleValueError", ["assigned after", "Run backward before the update"]),
    (changed_leaf, "GradientError", ["changed in place", "pc.no_grad()"]),
    (lambda: (leaf(3) * 2.0).requires_grad_(False), "GradientError", ["leaves only", "x.detach()"]),
    (lambda: pc.autograd.grad(floats(1), leaf(1)), "GradientError", ["nothing that requires a gradient"]),
    (lambda: pc.autograd.grad(leaf(1) * 1.0, leaf(1)), "GradientError", ["input 0 was not used", "allow_unused"]),
    # arguments
    (lambda: floats(3)[::-1], "ArgumentError", ["step -1"]),
    (lambda: floats(3)[..., ...], "ArgumentError", ["one `...`"]),
    (lambda: floats(2, 3).sum((0, 0)), "ArgumentError", ["twice"]),
    (lambda: floats(2, 3).flatten(1, 0), "ArgumentError", ["start_dim <= end_dim"]),
    (lambda: floats(3).split(0), "ArgumentError", ["at least 1"]),
    (lambda: pc.cat([]), "ArgumentError", ["at least one"]),
    # recordings
    (lambda: pc.compile(lambda x: x.item())(floats(1)), "RecordedValueError", [".item()", "Return it"]),
    (lambda: pc.compile(lambda x: x * 2 if x > 0 else x)(floats(1)), "RecordedValueError", ["if, while", "pc.where"]),
    (lambda: pc.compile(lambda x: x[x > 0])(floats(3)), "RecordedValueError", ["x[mask]"]),
    (lambda: pc.compile(lambda x: x.nonzero())(floats(3)), "RecordedValueError", ["nonzero()"]),
    (lambda: pc.compile(lambda x: np.sin(np.asarray(x)))(floats(3)), "RecordedValueError", ["no numbers"]),
    (lambda: pc.compile(lambda x: float(x) + 1)(floats(1)), "RecordedValueError", ["no numbers"]),
    (lambda: pc.compile(lambda x: x.numpy())(floats(1)), "RecordedValueError", [".numpy()"]),
    (lambda: pc.compile(lambda x: x.tolist())(floats(1)), "RecordedValueError", [".tolist()"]),
    (lambda: pc.compile(lambda x: list(range(x)))(pc.tensor(3)), "RecordedValueError", ["no numbers"]),
    (lambda: pc.compile(lambda x: x.unique())(floats(3)), "RecordedValueError", ["unique()"]),
]  # fmt: skip


def lines_of(function):
    """The numbers of the lines on which a wrong program stands."""
    source, start = inspect.getsourcelines(function)
    return range(start, start + len(source))


@pytest.mark.parametrize(("program", "kind", "words"), WRONG, ids=range(len(WRONG)))
def test_wrong_programs_are_told_what_is_wrong(program, kind, words):
    with pytest.raises(errors.PellucidError) as caught:
        program()
    assert type(caught.value).__name__ == kind, str(caught.value)
    text = str(caught.value)
    for part in (*words, f"help: pellucid explain {kind}"):
        assert part in text
    place = re.search(rf"{HERE}:(\d+)", text)
    assert place, f"no line of the user's: {text}"
    assert int(place[1]) in {*lines_of(program), *lines_of(written), *lines_of(floats)}


def methods_named(text):
    """The methods of tensors that a message advises."""
    return set(re.findall(r"\bx\.([a-zA-Z_]+)\(", text)) | set(re.findall(r"\bindex\.([a-z_]+)\(", text))


@pytest.mark.parametrize("program", [program for program, _, _ in WRONG], ids=range(len(WRONG)))
def test_advice_names_methods_that_exist(program):
    with pytest.raises(errors.PellucidError) as caught:
        program()
    for name in methods_named(str(caught.value)):
        assert hasattr(pc.Tensor, name), f"x.{name}() is advised, and does not exist"


def test_every_error_has_a_help_page_and_python_s_kind():
    kinds = [kind for kind in vars(errors).values() if inspect.isclass(kind) and issubclass(kind, errors.PellucidError)]
    assert len(kinds) > 10
    for kind in kinds:
        assert kind.__doc__
        if kind is not errors.PellucidError:
            assert len(kind.__mro__[1:]) > len(errors.PellucidError.__mro__), "also one of Python's own kinds"


def test_errors_are_python_s_kinds_too():
    with pytest.raises(ValueError, match="do not meet"):
        floats(2) + floats(3)
    with pytest.raises(TypeError, match="mean"):
        pc.tensor([1]).mean()
    with pytest.raises(IndexError, match="number 5"):
        floats(2)[pc.tensor([5])]
    with pytest.raises(RuntimeError, match="already run"):
        walked_twice()


def test_an_operand_that_means_nothing_is_python_s_own_error():
    for wrong in ("a", None, object(), [1.0]):
        with pytest.raises(TypeError, match="unsupported operand"):
            floats(1) + wrong
        with pytest.raises(TypeError, match="unsupported operand"):
            wrong - floats(1)


# ---- printing


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (lambda: pc.tensor(1), "tensor(1)"),
        (lambda: pc.tensor(1.5), "tensor(1.5)"),
        (lambda: pc.tensor([1.0, 2.0]), "tensor([1., 2.])"),
        (lambda: pc.tensor([True, False]), "tensor([ True, False])"),
        (lambda: pc.tensor([[1, 2], [3, 4]]), "tensor([[1, 2],\n        [3, 4]])"),
        (lambda: pc.tensor(np.ones(1)), "tensor([1.], dtype=float64)"),
        (lambda: pc.tensor(np.zeros((0, 3), "float32")), "tensor([], shape=(0, 3))"),
        (lambda: pc.tensor([1.0], requires_grad=True), "tensor([1.], requires_grad=True)"),
        (lambda: pc.tensor([1.0], requires_grad=True) * 2.0, "tensor([2.], made by Multiply)"),
        (lambda: pc.tensor([np.nan, np.inf]), "tensor([nan, inf])"),
        (lambda: pc.tensor(np.array([1], np.int8)), "tensor([1], dtype=int8)"),
    ],
)
def test_repr(made, text):
    assert repr(made()) == text
    assert str(made()) == text


def test_repr_of_many_elements_is_short():
    assert len(repr(pc.zeros(1000, 1000))) < 1000


def test_format():
    assert f"{pc.tensor(3.14159):.2f}" == "3.14"
    assert f"{pc.tensor([2.0]):.1f}" == "2.0"
    assert f"{pc.tensor([1.0, 2.0])}" == "tensor([1., 2.])"
    assert f"{pc.tensor(7)}" == "tensor(7)"


def test_repr_while_recording_shows_what_is_known():
    seen = []
    w = leaf(2)

    @pc.compile
    def step(x):
        seen.extend([repr(x), repr(w), (x * w)._repr_html_()])
        return x * w

    step(floats(2).double())
    assert "float64[2]" in seen[0]
    assert "no numbers yet" in seen[0]
    assert "no numbers yet" in seen[1]
    assert "float64[2]" in seen[2]


def test_repr_html():
    text = pc.tensor([[1.0, 2.5], [3.0, 4.0]])._repr_html_()
    assert "float32[2, 2]" in text
    assert text.count("<tr>") == 2
    assert "<td>2.5</td>" in text
    for x in (pc.tensor(1.0), pc.zeros(0, 3), pc.zeros(2, 2, 2), pc.zeros(5), pc.zeros(30, 30), leaf(2), leaf(2) * 2.0):
        html = x._repr_html_()
        assert html.count("<") == html.count(">")
        assert html.startswith("<div>")
        assert html.endswith("</div>")
        for tag in ("div", "table", "tr", "td", "pre", "b"):
            assert html.count(f"<{tag}>") == html.count(f"</{tag}>")
    assert len(pc.zeros(500, 500)._repr_html_()) < 5000
    assert "requires_grad" in leaf(2)._repr_html_()
    assert "Multiply" in (leaf(2) * 2.0)._repr_html_()


def test_repr_html_escapes():
    """A class may be named by its user; nothing of it reaches the page as markup."""
    words = {"forward": lambda self, x: x, "gradient": lambda self, g, y, x: g}
    strange = type("<script>alert(1)</script>", (Elementwise,), words)
    html = strange()(leaf(2))._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


# ---- NumPy beside it


def test_numpy_reads_tensors():
    x = pc.tensor([[1.0, 2.0], [3.0, 4.0]])
    np.testing.assert_array_equal(np.asarray(x), [[1, 2], [3, 4]])
    assert np.asarray(x, dtype=np.int64).dtype == np.int64
    assert np.sin(np.asarray(x)).shape == (2, 2)
    assert np.shares_memory(x.numpy(), x.array)
    assert x.numpy().dtype == np.float32
    assert float(np.mean(np.asarray(x))) == 2.5
    assert np.array(x, copy=True) is not x.array


def test_numpy_arrays_stand_beside_tensors():
    x, a = pc.tensor(np.ones(2)), np.array([1.0, 2.0])
    for y in (x + a, a + x, a * x, x - a, a - x, a / x, x * a):
        assert isinstance(y, pc.Tensor)
    assert (a - x).tolist() == [0.0, 1.0]
    assert (a > x).tolist() == [False, True]
    assert (a == x).tolist() == [True, False]
    assert (np.eye(2) @ pc.tensor(np.ones((2, 1)))).tolist() == [[1.0], [1.0]]
    assert (np.float64(2.0) * x).tolist() == [2.0, 2.0]
    assert isinstance(np.float32(2.0) * x, pc.Tensor)


def test_tensor_copies_and_from_numpy_shares():
    a = np.zeros(2)
    copied, shared = pc.tensor(a), pc.from_numpy(a)
    a[0] = 1.0
    assert copied.tolist() == [0.0, 0.0]
    assert shared.tolist() == [1.0, 0.0]


def test_writing_into_a_tensor_leaves_the_array_alone():
    """An in-place change gives a plain tensor new memory."""
    a = np.zeros(2)
    x = pc.from_numpy(a)
    y = x.reshape(2, 1)
    x += 1.0
    x[0] = 5.0
    assert a.tolist() == [0.0, 0.0]
    assert y.tolist() == [[0.0], [0.0]]
    assert x.tolist() == [5.0, 1.0]


def test_copy_takes_the_numbers_and_not_the_memory():
    source, array = leaf(2), np.zeros(2)
    x, y = pc.zeros(2, dtype=pc.float64), pc.zeros(2, dtype=pc.float64)
    with pc.no_grad():
        x.copy_(source)
    y.copy_(array)
    array[:] = 7.0
    source.data = np.full(2, 7.0)
    assert x.tolist() == [1.0, 1.0]
    assert y.tolist() == [0.0, 0.0]


def test_tensors_of_strange_arrays():
    backwards = np.arange(6.0).reshape(2, 3)[:, ::-1]
    x = pc.tensor(backwards, requires_grad=True)
    (x * x).sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), 2 * backwards)
    read_only = np.arange(3.0)
    read_only.flags.writeable = False
    y = pc.from_numpy(read_only)
    assert (y + 1.0).tolist() == [1.0, 2.0, 3.0]
    swapped = np.arange(3, dtype=">f4")
    assert (pc.tensor(swapped) + 1.0).tolist() == [1.0, 2.0, 3.0]


def test_tensors_as_numbers():
    assert range(5)[pc.tensor(2)] == 2
    assert [10, 20][pc.tensor(1)] == 20
    assert int(pc.tensor([3])) == 3
    assert float(pc.tensor(2.5)) == 2.5
    assert bool(pc.tensor([0.0])) is False
    assert abs(pc.tensor(-2.0)).item() == 2.0
    assert round(float(pc.tensor(2.6))) == 3


def test_tensors_in_dictionaries_and_sets_are_themselves():
    x, y = floats(2), floats(2)
    assert len({x, y, x}) == 2
    assert {x: "x", y: "y"}[y] == "y"


def test_iteration_goes_along_the_first_axis():
    x = leaf(3, 2)
    rows = list(x)
    assert [row.shape for row in rows] == [(2,)] * 3
    a, b, c = x
    (a * 1.0 + b * 2.0 + c * 3.0).sum().backward()
    assert x.grad.tolist() == [[1.0] * 2, [2.0] * 2, [3.0] * 2]
    assert [n.item() for n in pc.tensor([1, 2, 3])] == [1, 2, 3]
    assert list(pc.zeros(0, 2)) == []
    assert sum(pc.tensor([1.0, 2.0, 3.0])).item() == 6.0


def test_copies_of_plain_tensors():
    x = floats(2)
    twin = copy.deepcopy(x)
    x += 1.0
    assert twin.tolist() == [1.0, 1.0]


def test_making_tensors_of_tensors():
    w = leaf(2)
    x = pc.tensor(w)
    assert not x.requires_grad
    with pc.no_grad():
        w += 1.0
    assert x.tolist() == [1.0, 1.0]
    y = pc.tensor([pc.tensor(1.0), pc.tensor(2.0)])
    assert y.tolist() == [1.0, 2.0]


def test_python_numbers_that_look_alike_stay_apart():
    """True == 1 == 1.0 and 0.0 == -0.0 for a cache of constants; not for arithmetic."""
    x = pc.tensor([2])
    assert (x * 1).dtype == np.int64
    assert (x * 1.0).dtype == np.float32
    assert (x * True).dtype == np.int64
    one = pc.tensor([1.0])
    assert (one / 0.0).item() == np.inf
    assert (one / -0.0).item() == -np.inf
    assert np.isnan((one * float("nan")).item())
    assert np.signbit((one * -0.0).numpy()).all()
    assert not np.signbit((one * 0.0).numpy()).any()


def test_a_value_made_under_no_grad_or_detached_has_no_gradient():
    w = leaf(2)
    with pc.no_grad():
        y = w * 2.0
    for value in (y, w.detach(), w.data, (w * 2.0).detach()):
        assert not value.requires_grad
        with pytest.raises(errors.GradientError, match="requires_grad=True"):
            value.sum().backward()
