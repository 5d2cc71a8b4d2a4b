"""Operations of users: their numbers, gradients and C; what is checked, and what docs/custom-ops.md shows."""

import contextlib
import io
import re
from pathlib import Path

import numpy as np
import pytest

import pellucid as pc
from pellucid import targets
from pellucid.errors import (
    AnomalyError,
    ArgumentError,
    CompilerError,
    DtypeError,
    GradientError,
    RecordedValueError,
    RecordingError,
    ShapeError,
    StaleValueError,
    UnsupportedError,
)
from pellucid.tensors.autograd.custom import FUNCTIONS
from pellucid.toolchain.compilers import find_compiler

PAGE = Path(__file__).resolve().parent.parent / "docs" / "custom-ops.md"


def compiled_by_c():
    try:
        find_compiler()
    except CompilerError:
        return False
    return True


needs_c = pytest.mark.skipif(not compiled_by_c(), reason="no C compiler")


class Scaled(pc.autograd.CustomElementwise):
    """y = factor a exp(b)."""

    factor: float
    c_expression = "{factor} * {0} * exp_{f}({1})"

    def forward(self, a, b):
        return self.factor * a * np.exp(b)

    def gradient(self, g, y, a, b):
        return (g * b.exp() * self.factor if a.requires_grad else None), g * y


class Plain(pc.autograd.CustomElementwise):
    """y = x^3, without C."""

    def forward(self, x):
        return x * x * x

    def gradient(self, g, y, x):
        return g * x * x * 3.0


class Roll(pc.autograd.CustomOp):
    """y[i] = x[i - shift] along the first axis."""

    shift: int
    reads_inputs = reads_output = False

    def infer(self, x):
        return pc.autograd.Spec(x.shape, x.dtype)

    def forward(self, x):
        return np.roll(x, self.shift, axis=0)

    def gradient(self, g, y, x):
        return Roll(-self.shift)(g)


def leaf(*numbers, dtype="f8"):
    return pc.tensor(np.array(numbers, dtype), requires_grad=True)


# ---- numbers and gradients


def test_the_page_runs():
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    space, output = {"__name__": "page"}, io.StringIO()
    with contextlib.redirect_stdout(output):
        for block in blocks:
            exec(compile(block, str(PAGE), "exec"), space)
    assert len(blocks) == 6
    assert space["losses"][-1] < 0.01 < 0.3 < space["losses"][0]
    assert "tensor([3., 1., 2.])\n" in output.getvalue()
    assert output.getvalue().endswith("\ntensor([0., 1., 1.])\n")
    if compiled_by_c():
        assert space["step"].target == "c"
        assert "sin_f32(2.0f * " in space["step"].source


def test_inputs_broadcast_and_meet_in_one_dtype():
    a, b = pc.tensor([[1.0], [2.0]]), leaf(0.0, 1.0, -1.0)
    y = Scaled(3.0)(a, b)
    assert y.dtype == np.float64
    np.testing.assert_allclose(y.numpy(), 3.0 * a.numpy() * np.exp(b.numpy()))
    y.sum().backward()
    np.testing.assert_allclose(b.grad.numpy(), 9.0 * np.exp(b.numpy()))
    assert Scaled(2.0)(pc.tensor([1.0]), 0.0).dtype == np.float32
    assert Scaled(2.0)(1.0, np.zeros(2)).numpy().tolist() == [2.0, 2.0]
    assert Plain()(2.0).item() == 8.0


def test_gradients_agree_with_differences_twice():
    x, y = leaf(0.5, -1.0, 2.0), leaf(0.1, 0.2, -0.3)
    for op, inputs in [(Scaled(3.0), (x, y)), (Plain(), (x,)), (Roll(2), (x,))]:
        assert pc.gradcheck(op, inputs)
        assert pc.autograd.gradgradcheck(lambda *xs, op=op: op(*xs) * op(*xs), inputs)


@pytest.mark.parametrize("target", ["numpy", pytest.param("c", marks=needs_c)])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_compiled_equals_eager(dtype, target):
    w = leaf(0.5, -1.0, 2.0, dtype=dtype)
    x = pc.tensor(np.array([[0.1, 0.2, 0.3], [1.0, -1.0, 0.0]], dtype))

    def step(x):
        y = Scaled(2.0)(w, x)
        (g,) = pc.autograd.grad((y * y).sum(), w, create_graph=True)
        (second,) = pc.autograd.grad((g * g).sum(), w)
        return y, g, second

    compiled = pc.compile(step, target=target)
    for ours, theirs in zip(compiled(x), step(x), strict=True):
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-5 if dtype == "f4" else 1e-12)
    if target == "c":
        assert f"2.0{'f' if dtype == 'f4' else ''} * " in compiled.source


@needs_c
@pytest.mark.parametrize("op", [Plain(), Roll(1)], ids=["elementwise", "whole"])
def test_without_c_the_step_runs_on_numpy_and_says_so_once(op, capsys):
    targets.tell_once.cache_clear()
    x = leaf(1.0, 2.0, 3.0)
    steps = [pc.compile(lambda k=k: op(x * float(k)).sum()) for k in (1, 2)]
    assert [step().item() for step in steps] == [op(x).sum().item(), op(x * 2.0).sum().item()]
    assert [step.target for step in steps] == ["numpy", "numpy"]
    said = capsys.readouterr().err
    assert said.count("This step runs on NumPy, slower: the C target") == 1
    assert str(op) in said
    with pytest.raises(UnsupportedError, match=re.escape(str(op))):
        pc.compile(lambda: op(x), target="c")()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("gamma_{f}({0})", r"calls gamma_\{f\}.*There are absolute, cos"),
        ("{0} * {scale}", r"has \{scale\}, which is no field"),
        ("{0} * {", "Braces of C itself are doubled"),
    ],
)
def test_an_expression_that_cannot_be_filled_in_is_named(text, words):
    with pytest.raises(ArgumentError, match=f"(?s)Mine.c_expression.*{words}"):
        type("Mine", (Plain,), {"c_expression": text})


def test_every_function_that_an_expression_may_call_is_there():
    from pellucid.targets.c.expressions import CALLED, EXPRESSIONS

    assert set(FUNCTIONS) <= {name for text in EXPRESSIONS.values() for name in CALLED.findall(text)}


# ---- mistakes


def bad(**methods):
    """A Plain op with some methods replaced."""
    return type("Mine", (Plain,), methods)()


MISTAKES = [
    (bad(forward=lambda self, x: x[:1]), ShapeError, r"Mine\(\).forward returned float64\[1\].*float64\[3\]"),
    (bad(forward=lambda self, x: x.astype("f4")), DtypeError, "float32.*float64.*infer"),
    (bad(forward=lambda self, x: pc.tensor(x)), DtypeError, "returned Tensor"),
    (bad(forward=lambda self, x: 1.0), DtypeError, "returned float; it must return a NumPy array"),
    (bad(forward=lambda self, x: x.exp()), ArgumentError, "forward failed for float64.*no attribute 'exp'"),
    (bad(forward=lambda self, x: x @ np.ones(7)), ArgumentError, "forward failed.*ValueError"),
    (lambda x: bad(gradient=lambda self, g, y, x: (g, g))(x).sum().backward(), GradientError, r"2 gradient\(s\) for 1"),
    (lambda x: bad(gradient=lambda self, g, y, x: g.sum())(x).sum().backward(), ShapeError, r"float64\[\] for input 0"),
    (lambda x: bad(gradient=lambda self, g, y, x: g.float())(x).sum().backward(), DtypeError, "float32.*input 0"),
    (lambda x: bad(gradient=lambda self, g, y, x: g.numpy())(x).sum().backward(), DtypeError, "ndarray for input 0"),
    (lambda x: Scaled([1.0])(x, x), ArgumentError, "an attribute of Scaled is list"),
    (lambda x: Scaled(2.0)(x, pc.zeros(2)), ShapeError, "do not meet"),
    (lambda x: Plain()("text"), UnsupportedError, "dtype"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "error", "words"), MISTAKES)
def test_mistakes_are_named(make, error, words):
    with pytest.raises(error, match=words):
        make(leaf(1.0, 2.0, 3.0))


def test_an_op_without_a_rule_or_without_infer():
    class Sorted(pc.autograd.CustomOp):
        def forward(self, x):
            return np.sort(x)

    x = leaf(3.0, 1.0)
    assert Sorted()(x).detach().numpy().tolist() == [1.0, 3.0]
    with pytest.raises(GradientError, match=r"Sorted\(\) has no gradient rule"):
        Sorted()(x).sum().backward()
    with pytest.raises(RecordingError, match=r"Sorted\(\) has no infer"):
        pc.compile(lambda: Sorted()(x))()

    class Silent(Sorted):
        differentiable = False

    assert not Silent()(x).requires_grad


# ---- Function


class Product(pc.autograd.Function):
    """Two results of two tensors and a number: a b n, a + b."""

    @staticmethod
    def forward(ctx, a, b, n):
        ctx.save_for_backward(a, b)
        ctx.n = n
        return a * b * n, a + b

    @staticmethod
    def backward(ctx, g, h):
        a, b = ctx.saved_tensors
        return g * b * ctx.n + h, g * a * ctx.n + h, None


class Exp(pc.autograd.Function):
    """exp, with its result saved."""

    @staticmethod
    def forward(ctx, x):
        y = x.exp()
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, g):
        (y,) = ctx.saved_tensors
        return g * y


@pytest.mark.peers
def test_functions_equal_pytorch():
    """The very same class bodies under both libraries: results, gradients, second gradients."""
    torch = pytest.importorskip("torch")
    found = []
    for library in (torch, pc):
        product = type("P", (library.autograd.Function,), {k: vars(Product)[k] for k in ("forward", "backward")})
        exp = type("E", (library.autograd.Function,), {k: vars(Exp)[k] for k in ("forward", "backward")})
        a = library.tensor(np.array([1.0, 2.0]), requires_grad=True)
        b = library.tensor(np.array([0.5, -1.0]), requires_grad=True)
        y, z = product.apply(a, b, 3.0)
        out = exp.apply(y * 0.1) * z
        first = library.autograd.grad(out.sum(), (a, b), create_graph=True)
        second = library.autograd.grad((first[0] * first[1]).sum(), (a, b))
        only_one = library.autograd.grad(product.apply(a, b, 2.0)[1].sum(), (a, b))
        found.append([np.asarray(x.detach().numpy()) for x in (y, z, out, *first, *second, *only_one)])
    for theirs, ours in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


@pytest.mark.parametrize("target", ["numpy", pytest.param("c", marks=needs_c)])
def test_a_function_is_recorded(target):
    w = leaf(0.3, -0.2)

    x = pc.tensor(np.array([1.0, 2.0]))

    def step(x):
        y, z = Product.apply(w, x, 2.0)
        y = Exp.apply(y) + z
        (g,) = pc.autograd.grad(y.sum(), w, create_graph=True)
        return y, pc.autograd.grad(g.sum(), w, retain_graph=True), y.sum().backward()

    compiled = pc.compile(step, target=target)
    found = []
    for call in (step, compiled):
        w.grad = None
        y, (second,), _ = call(x)
        found.append([y.detach().numpy(), second.numpy(), w.grad.numpy().copy()])
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    assert compiled.target == target


def test_setup_context_and_the_switches_of_ctx():
    seen = []

    class Split(pc.autograd.Function):
        @staticmethod
        def forward(x, n):
            return x * n, x.sign(), x

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.n = inputs[1]
            ctx.mark_non_differentiable(output[1])
            ctx.set_materialize_grads(False)

        @staticmethod
        def backward(ctx, *grads):
            seen.append([g is None for g in grads])
            return (grads[2] if grads[0] is None else grads[0] * ctx.n), None, None

    x = leaf(2.0, -3.0)
    y, sign, same = Split.apply(x, 5.0)
    assert y.requires_grad
    assert not sign.requires_grad
    assert same is not x
    assert pc.autograd.grad(y.sum(), x)[0].numpy().tolist() == [5.0, 5.0]
    assert pc.autograd.grad(Split.apply(x, 5.0)[2].sum(), x)[0].numpy().tolist() == [1.0, 1.0]
    assert seen == [[False, True, True], [True, True, False]]
    with pc.no_grad():
        assert not Split.apply(x, 5.0)[0].requires_grad


def test_a_nan_in_a_backward_is_blamed_on_its_function():
    class Root(pc.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x.sqrt()

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return g / x.sqrt()

    x = leaf(0.0, 4.0)
    y = Root.apply(x)
    assert "made by Root" in repr(y)
    with pytest.raises(AnomalyError, match="Divide, in the gradient of Root"), pc.detect_anomaly():
        Root.apply(x).sum().backward()


def test_a_saved_parameter_that_was_assigned_is_noticed():
    w = leaf(1.0, 2.0)
    y, _ = Product.apply(w, w, 1.0)
    with pc.no_grad():
        w += 1.0
    with pytest.raises(StaleValueError):
        y.sum().backward()


def function(**methods):
    return type("Mine", (pc.autograd.Function,), {name: staticmethod(method) for name, method in methods.items()})


def test_wrong_functions_say_what_to_do():
    x = leaf(1.0, 2.0)
    double = lambda ctx, x: x * 2.0  # noqa: E731
    for forward, backward, error, words in [
        (double, lambda ctx, g: (g, g), GradientError, r"Mine.backward returned 2 gradient\(s\) for 1 argument"),
        (double, lambda ctx, g: g.sum(), ShapeError, r"Mine.backward returned float64\[\] for input 0"),
        (double, lambda ctx, g: g.float(), DtypeError, "float32"),
        (double, lambda ctx, g: 1.0, DtypeError, "returned float for input 0"),
        (lambda ctx, x: x.numpy(), None, DtypeError, "forward returned ndarray"),
        (lambda ctx, x: ctx.save_for_backward(3), None, DtypeError, "keeps tensors, not int"),
        (lambda ctx, x: ctx.mark_dirty(x), None, UnsupportedError, "mark_dirty"),
        (double, None, GradientError, "without a backward"),
    ]:
        methods = {"forward": forward} | ({} if backward is None else {"backward": backward})
        with pytest.raises(error, match=words):
            function(**methods).apply(x).sum().backward()
    with pytest.raises(RecordedValueError):
        pc.compile(lambda: function(forward=lambda ctx, x: pc.tensor(x.numpy() * 2)).apply(x))()
    anything = function(forward=double, backward=lambda ctx, g: (g, None, None))
    assert pc.autograd.grad(anything.apply(x).sum(), x)[0].numpy().tolist() == [1.0, 1.0], "as PyTorch forgives"
