"""pc.autograd: derivatives of functions equal PyTorch's, eager and compiled; gradcheck finds planted bugs."""

import numpy as np
import pytest
import samples

import pellucid as pc
from pellucid import nn
from pellucid.errors import (
    ArgumentError,
    DtypeError,
    GradientError,
    RecordedValueError,
    RecordingError,
    ShapeError,
    UnsupportedError,
)

X = np.linspace(-1.0, 1.5, 6).reshape(2, 3)
Y = np.linspace(0.3, 0.9, 12).reshape(3, 4)
V2 = np.array([0.5, -1.25])
WAYS = ["eager", "numpy", "c"]

# name -> (function of tensors of either library, its inputs); results of any shape, one or several
FUNCTIONS = {
    "elementwise": (lambda x: (x * x).exp() * x.sin(), (X,)),
    "product": (lambda x, y: (x @ y).tanh(), (X, Y)),
    "several results": (lambda x, y: ((x @ y).sum(), x * x, y.exp()), (X, Y)),
    "one unused": (lambda x, y: x * x * x, (X, V2)),
    "unused result": (lambda x, y: (x.sum(), x.detach() * 1.0), (X, V2)),
    "linear": (lambda x: x * 3.0, (X,)),
}
SCALARS = {
    "cubes": (lambda x: (x * x * x).sum(), (X,)),
    "two": (lambda x, y: ((x @ y).tanh() ** 2).sum() + (y * y * y).sum(), (X, Y)),
    "linear in one": (lambda x, y: (x * x).sum() + y.sum(), (X, V2)),
}
each_function = pytest.mark.parametrize("name", FUNCTIONS)
each_scalar = pytest.mark.parametrize("name", SCALARS)
each_way = pytest.mark.parametrize("way", WAYS)


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


def run(way, function):
    """What a function without arguments returns, eager or from a compiled step on a target."""
    return function() if way == "eager" else pc.compile(function, target=way)()


def arrays(tree):
    """Tensors of either library in nested tuples as arrays."""
    return tuple([arrays(x) for x in tree]) if isinstance(tree, tuple) else np.asarray(tree.detach().numpy())


def close(ours, theirs):
    """The same nesting, shapes and numbers."""
    assert type(ours) is type(theirs)
    if isinstance(ours, tuple):
        assert len(ours) == len(theirs)
        for a, b in zip(ours, theirs, strict=True):
            close(a, b)
    else:
        assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)


def given(library, inputs):
    """One tensor, or a tuple of several."""
    made = tuple([library.tensor(x) for x in inputs])
    return made if len(made) > 1 else made[0]


def vectors(library, shapes):
    made = tuple([library.tensor(np.linspace(-0.7, 1.1, int(np.prod(s))).reshape(s)) for s in shapes])
    return made if len(made) > 1 else made[0]


def result_shapes(function, inputs):
    results = function(*[pc.tensor(x) for x in inputs])
    return [y.shape for y in (results if isinstance(results, tuple) else (results,))]


@pytest.mark.peers
@each_way
@each_function
@pytest.mark.parametrize("which", ["jvp", "vjp"])
def test_products_with_the_jacobian_equal_pytorch(torch, which, name, way):
    function, inputs = FUNCTIONS[name]
    shapes = result_shapes(function, inputs) if which == "vjp" else [x.shape for x in inputs]
    theirs = getattr(torch.autograd.functional, which)(function, given(torch, inputs), vectors(torch, shapes))
    ours = getattr(pc.autograd, which)
    found = run(way, lambda: ours(function, given(pc, inputs), vectors(pc, shapes)))
    close(arrays(found), arrays(theirs))


@pytest.mark.peers
@each_way
@each_function
@pytest.mark.parametrize("strategy", ["reverse-mode", "forward-mode"])
def test_jacobians_equal_pytorch(torch, strategy, name, way):
    function, inputs = FUNCTIONS[name]
    theirs = torch.autograd.functional.jacobian(function, given(torch, inputs))
    found = run(way, lambda: pc.autograd.jacobian(function, given(pc, inputs), strategy=strategy))
    close(arrays(found), arrays(theirs))


@pytest.mark.peers
@each_way
@each_scalar
def test_hessians_equal_pytorch(torch, name, way):
    function, inputs = SCALARS[name]
    theirs = torch.autograd.functional.hessian(function, given(torch, inputs))
    close(arrays(run(way, lambda: pc.autograd.hessian(function, given(pc, inputs)))), arrays(theirs))


@pytest.mark.peers
@each_way
@each_scalar
@pytest.mark.parametrize("which", ["hvp", "vhp"])
def test_products_with_the_hessian_equal_pytorch(torch, which, name, way):
    function, inputs = SCALARS[name]
    shapes = [x.shape for x in inputs]
    theirs = getattr(torch.autograd.functional, which)(function, given(torch, inputs), vectors(torch, shapes))
    ours = getattr(pc.autograd, which)
    close(arrays(run(way, lambda: ours(function, given(pc, inputs), vectors(pc, shapes)))), arrays(theirs))


@pytest.mark.peers
@pytest.mark.parametrize("which", ["jvp", "vjp", "jacobian", "hessian", "hvp", "vhp"])
def test_results_with_create_graph_have_gradients(torch, which):
    """The gradient of a number made of the result, with respect to the input and to v."""
    scalar = which in ("hessian", "hvp", "vhp")
    found = []
    for library, functional in ((torch, torch.autograd.functional), (pc, pc.autograd)):
        x = library.tensor(X, requires_grad=True)
        v = library.tensor(X * 2 + 1, requires_grad=True)
        function = (lambda z: (z.sin() * z * z).sum()) if scalar else (lambda z: z.sin() * z * z)
        more = () if which in ("jacobian", "hessian") else (v,)
        result = getattr(functional, which)(function, x, *more, create_graph=True)
        result = result[-1] if more else result
        assert result.requires_grad
        found.append(library.autograd.grad((result * result).sum(), (x, *more)))
        plain = getattr(functional, which)(function, x, *more)
        assert not any(y.requires_grad for y in (plain if more else (plain,)))
    close(arrays(found[1]), arrays(tuple(found[0])))


@pytest.mark.parametrize("which", ["jvp", "vjp", "jacobian", "hessian", "hvp", "vhp"])
def test_strict_refuses_what_is_independent(which):
    function = {"jvp": lambda x, y: x * x, "vjp": lambda x, y: x * x}.get(which, lambda x, y: (x * x).sum())
    x, y = pc.tensor(V2), pc.tensor(V2)
    constant = lambda x, y: pc.tensor(1.0)  # noqa: E731
    more = {"jvp": ((x, y),), "hvp": ((x, y),), "vhp": ((x, y),), "vjp": (x,)}.get(which, ())
    with pytest.raises(GradientError, match="input 1"):
        getattr(pc.autograd, which)(function, (x, y), *more, strict=True)
    with pytest.raises(GradientError, match="output 0"):
        getattr(pc.autograd, which)(constant, (x, y), *(more if which != "vjp" else ()), strict=True)


def test_what_is_closed_over_and_the_caller_s_tensors_are_left_alone():
    w = pc.tensor(V2, requires_grad=True)
    x = pc.tensor(V2, requires_grad=True)
    before = w.version, x.version
    for which in (pc.autograd.jacobian, pc.autograd.hessian):
        which(lambda z: (z * w * z).sum(), x)
    with pc.no_grad():
        _, g = pc.autograd.vjp(lambda z: (z * w).sum(), x)
    assert np.asarray(g).tolist() == V2.tolist()
    assert (w.grad, x.grad) == (None, None)
    assert (w.version, x.version) == before


def test_empty_inputs_and_results():
    x = pc.zeros(0, 2, dtype=pc.float64)
    assert pc.autograd.jacobian(lambda x: x * x, x).shape == (0, 2, 0, 2)
    assert pc.autograd.jacobian(lambda x: x.sum(), x, strategy="forward-mode").shape == (0, 2)


def test_wrong_calls_say_what_to_do():
    x, whole = pc.tensor(V2), pc.tensor([1, 2])
    double = lambda x: x * 2.0  # noqa: E731
    functional = pc.autograd
    for make, error, words in [
        (lambda: functional.jvp(double, x), ArgumentError, "needs v"),
        (lambda: functional.vjp(double, x), ArgumentError, "needs v"),
        (lambda: functional.vjp(double, x, pc.ones(3)), ShapeError, r"\(2,\).*\(3,\)"),
        (lambda: functional.jvp(pc.matmul, (x, x), x), ShapeError, "shapes of the inputs"),
        (lambda: functional.jacobian(double, whole), DtypeError, "only floats"),
        (lambda: functional.jacobian(lambda x: 3.0, x), DtypeError, "what the function returns"),
        (lambda: functional.jacobian(double, [1.0]), DtypeError, "inputs must be"),
        (lambda: functional.jacobian(double, ()), ArgumentError, "empty"),
        (lambda: functional.jacobian(double, x, vectorize=True), UnsupportedError, "vectorize"),
        (lambda: functional.jacobian(double, x, strategy="x"), ArgumentError, "strategy"),
        (lambda: functional.hessian(double, x), ShapeError, "one number"),
        (lambda: functional.hvp(double, x, x), ShapeError, "one number"),
        (lambda: functional.grad(x, x), GradientError, "nothing that requires"),
        (lambda: functional.grad(pc.tensor(1.0, requires_grad=True) * x.sum(), x), GradientError, "requires no grad"),
        (lambda: functional.grad(x, x, is_grads_batched=True), UnsupportedError, "is_grads_batched"),
        (lambda: functional.grad(1.0, x), DtypeError, "outputs"),
        (lambda: functional.grad((x, x), x, (x,)), ArgumentError, "grad_outputs has 1"),
    ]:
        with pytest.raises(error, match=words):
            make()


def test_materialize_grads_gives_zeros():
    x, unused = pc.tensor(V2, requires_grad=True), pc.tensor(X, requires_grad=True)
    found = pc.autograd.grad((x * x).sum(), (x, unused), materialize_grads=True)
    assert np.asarray(found[1]).tolist() == np.zeros((2, 3)).tolist()


# ---- in a training step


@pytest.mark.peers
@each_way
def test_a_gradient_penalty_trains_as_in_pytorch(torch, way):
    """The critic of a WGAN-GP (I. Gulrajani et al., 2017): (|dD/dx| - 1)^2 is part of its loss, three steps long."""
    ours = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))
    theirs = torch.nn.Sequential(torch.nn.Linear(3, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1))
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        b.data = torch.tensor(a.numpy().copy())
    random = np.random.default_rng(0)
    batches = [[random.normal(size=(16, 3)).astype("f4") for _ in range(2)] for _ in range(3)]
    mixing = random.uniform(size=(16, 1)).astype("f4")

    def step_of(library, critic, optimizer):
        def step(real, fake):
            optimizer.zero_grad()
            between = (library.tensor(mixing) * real + library.tensor(1 - mixing) * fake).detach().requires_grad_()
            score = critic(between)
            (slope,) = library.autograd.grad(score, between, library.ones_like(score), create_graph=True)
            penalty = (((slope * slope).sum(1) + 1e-12).sqrt() - 1.0).pow(2).mean()
            loss = critic(fake).mean() - critic(real).mean() + 10.0 * penalty
            loss.backward()
            optimizer.step()
            return loss

        return step

    mine = step_of(pc, ours, pc.optim.Adam(ours.parameters(), lr=0.01))
    mine = mine if way == "eager" else pc.compile(mine, target=way)
    reference = step_of(torch, theirs, torch.optim.Adam(theirs.parameters(), lr=0.01))
    for real, fake in batches:
        a = mine(pc.tensor(real), pc.tensor(fake))
        b = reference(torch.tensor(real), torch.tensor(fake))
        np.testing.assert_allclose(a.item(), b.item(), rtol=2e-5)
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        np.testing.assert_allclose(a.numpy(), b.detach().numpy(), rtol=2e-3, atol=2e-5)


@each_way
def test_newton_s_step_inside_a_training_step(way):
    """A step that solves with the Hessian's diagonal comes to the minimum of a quadratic at once."""
    w = pc.tensor([5.0, -3.0], requires_grad=True)
    scale = pc.tensor([2.0, 10.0])

    def loss(w):
        return (scale * (w - 1.0) * (w - 1.0)).sum()

    def step():
        _, slope = pc.autograd.vjp(loss, w)
        _, curve = pc.autograd.hvp(loss, w, pc.ones(2))
        with pc.no_grad():
            w.assign(w - slope / curve)

    run(way, step)
    assert w.numpy().tolist() == [1.0, 1.0]


def test_a_compiled_jvp_holds_no_walk_back():
    """Compiled, J v of a product is two products: that of the numbers and that of the tangents."""
    w = pc.tensor(Y)
    step = pc.compile(lambda x, v: pc.autograd.jvp(lambda x: (x @ w).tanh(), x, v), target="numpy")
    step(pc.tensor(X), pc.tensor(X))
    assert [type(node.op).__name__ for node in step.graph.nodes].count("Matmul") == 2


def test_a_compiled_function_is_compiled_around_and_not_inside():
    inner = pc.compile(lambda x: x * x * x)
    x = pc.tensor(V2)
    with pytest.raises(RecordingError, match="arguments are copied in and get none"):
        pc.autograd.jacobian(inner, x)
    found = pc.compile(lambda x: pc.autograd.jacobian(inner, x))(x)
    np.testing.assert_allclose(found.numpy(), np.diag(3 * V2**2), rtol=1e-14)


# ---- gradcheck


def leaf(array):
    return pc.tensor(np.array(array), requires_grad=True)


class Wrong(pc.autograd.CustomElementwise):
    """a * b, with a gradient that is wrong where a is large."""

    def forward(self, a, b):
        return a * b

    def gradient(self, g, y, a, b):
        return g * b, g * a * pc.where(a > 1.4, 1.01, 1.0).to(a.dtype)


def test_gradcheck_passes_what_is_right():
    assert pc.gradcheck(lambda x, y: ((x @ y).tanh(), x.exp()), (leaf(X), leaf(Y)))
    assert pc.autograd.gradcheck(lambda x: x * 2.0, leaf(V2))
    assert pc.autograd.gradgradcheck(lambda x, y: (x @ y).tanh(), (leaf(X), leaf(Y)))
    assert pc.autograd.gradgradcheck(lambda x: (x * x, x), (leaf(V2),), (leaf(V2), leaf(V2)))
    assert pc.gradcheck(lambda x, n: x * n, (leaf(V2), 3.0)), "what is no tensor is passed on"
    assert pc.gradcheck(lambda x, y: x.sum() + y.sum(), (leaf(np.zeros((0, 3))), leaf(V2)))


def test_gradcheck_names_the_input_and_the_element():
    a, b = leaf(X), leaf(X + 2.0)
    before = a.numpy().copy()
    with pytest.raises(GradientError, match=r"input 1, element \(1, 2\): analytic 1.515, numeric 1.5 ") as caught:
        pc.gradcheck(Wrong(), (a, b))
    assert "of output 0, element (1, 2)" in str(caught.value)
    assert a.numpy().tolist() == before.tolist(), "inputs are put back"
    assert not pc.gradcheck(Wrong(), (a, b), raise_exception=False)
    assert pc.gradcheck(Wrong(), (a, b), rtol=0.02)
    assert pc.gradcheck(Wrong(), (a, b.detach())), "only what requires a gradient is checked"


@pytest.mark.peers
def test_gradcheck_decides_as_pytorch_does(torch):
    """A gradient that is off by a relative 5e-4, 2e-3: accepted and refused by both."""
    for off, wanted in [(5e-4, True), (2e-3, False)]:

        class Ours(pc.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                return x * 3.0

            @staticmethod
            def backward(ctx, g, factor=3.0 * (1 + off)):
                return g * factor

        class Theirs(torch.autograd.Function):
            forward = staticmethod(Ours.forward)
            backward = staticmethod(Ours.backward)

        theirs = torch.autograd.gradcheck(Theirs.apply, torch.tensor(X, requires_grad=True), raise_exception=False)
        assert theirs is pc.gradcheck(Ours.apply, leaf(X), raise_exception=False) is wanted


def test_a_wrong_second_derivative_passes_gradcheck_only():
    class Cut(pc.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return g * 2.0 * x.detach()

    assert pc.gradcheck(Cut.apply, leaf(V2))
    with pytest.raises(GradientError, match=r"input 0, element \(\d,\): analytic 0"):
        pc.autograd.gradgradcheck(Cut.apply, leaf(V2))


def test_gradcheck_of_a_model_s_parameters():
    model = nn.Sequential(nn.Linear(3, 2), nn.Tanh())
    for parameter in model.parameters():
        assert parameter.dtype == np.float32
    weights = [leaf(p.numpy().astype("f8")) for p in model.parameters()]
    x = pc.tensor(X)
    assert pc.gradcheck(lambda *_: (x @ weights[0].mT + weights[1]).tanh(), weights), "closed over, changed in place"


def test_gradcheck_refuses():
    good = leaf(V2)
    for make, error, words in [
        (lambda: pc.gradcheck(lambda x: x * 2.0, pc.tensor([1.0], requires_grad=True)), DtypeError, "float64"),
        (lambda: pc.gradcheck(lambda x: x, pc.tensor(V2)), ArgumentError, "no input requires"),
        (lambda: pc.gradcheck(lambda x: x, good * 1.0), ArgumentError, "input 0 was computed"),
        (lambda: pc.gradcheck(lambda x: x, good, fast_mode=True), UnsupportedError, "fast_mode"),
        (lambda: pc.gradcheck(lambda x: x, good, epsilon=1), ArgumentError, "epsilon"),
        (lambda: pc.gradcheck(lambda x: x * pc.rand(2), good), GradientError, "other numbers when it is called again"),
        (pc.compile(lambda: pc.gradcheck(lambda x: x, good)), RecordedValueError, "gradcheck"),
    ]:
        with pytest.raises(error, match=words):
            make()
    assert pc.gradcheck(lambda x: x * 2.0, good, fast_mode=False, check_undefined_grad=True)


# ---- every op


SAMPLED = [s for s in samples.SAMPLES if s.differentiable and s.op.differentiable and s.smooth]
SAMPLED = [s for s in SAMPLED if s.op.forward(*s.cast("float64")).dtype == np.float64]


@pytest.mark.parametrize("sample", SAMPLED, ids=repr)
def test_jvp_and_vjp_of_every_op_are_adjoint(sample):
    """u (J v) = (u J) v for any u and v: the two ways round the Jacobian give one number."""
    values = [pc.tensor(x) for x in sample.cast("float64")]
    moved = [i for i in sample.differentiable if values[i].dtype == np.float64]

    def function(*xs):
        given = list(values)
        for i, x in zip(moved, xs, strict=True):
            given[i] = x
        return sample.op(*given)

    xs = tuple([values[i] for i in moved])
    v = tuple([pc.tensor(np.linspace(-1, 2, x.numel()).reshape(x.shape)) for x in xs])
    y, forward = pc.autograd.jvp(function, xs, v)
    u = pc.tensor(np.linspace(0.5, 1.5, y.numel()).reshape(y.shape))
    _, backward = pc.autograd.vjp(function, xs, u)
    left = (u * forward).sum().item()
    right = sum((g * w).sum().item() for g, w in zip(backward, v, strict=True))
    assert left == pytest.approx(right, rel=1e-9, abs=1e-12, nan_ok=True)


def test_gradcheck_needs_a_step():
    for eps in (0, -1e-6):
        with pytest.raises(ArgumentError, match="eps"):
            pc.gradcheck(lambda x: x * x, leaf(V2), eps=eps)
