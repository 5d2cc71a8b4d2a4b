"""The parts of models of text: GELU, layer norm, embedding, attention, SparseAdam. Equal to PyTorch, also recorded."""

import numpy as np
import pytest
from c_compilers import REAL

import pellucid as pc
import pellucid.functional as F
from pellucid import nn, optim
from pellucid.errors import ArgumentError, DtypeError, LabelError, ShapeError, UnsupportedError


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch")


def normal(*shapes, scale=2.0, seed=0):
    random = np.random.default_rng(seed)
    return [random.normal(size=shape) * scale for shape in shapes]


def compare(torch, ours, theirs, arrays):
    """The same values and gradients as PyTorch's, and the same bits when recorded."""
    mine = [pc.tensor(array, requires_grad=True) for array in arrays]
    others = [torch.tensor(array, requires_grad=True) for array in arrays]
    y, z = ours(*mine), theirs(*others)
    weights = np.random.default_rng(1).normal(size=y.shape)
    (y * pc.tensor(weights)).sum().backward()
    (z * torch.tensor(weights)).sum().backward()
    assert y.shape == tuple(z.shape)
    np.testing.assert_allclose(y.detach().numpy(), z.detach().numpy(), rtol=1e-9, atol=1e-12)
    for a, b in zip(mine, others, strict=True):
        np.testing.assert_allclose(a.grad.numpy(), b.grad.numpy(), rtol=1e-8, atol=1e-11)
    for dtype in ("float64", "float32"):
        assert_recorded_equals_eager(ours, [array.astype(dtype) for array in arrays], weights.astype(dtype))


def assert_recorded_equals_eager(function, arrays, weights, calls=2):
    def step_on(leaves):
        y = function(*leaves)
        for leaf in leaves:
            leaf.grad = None
        (y * pc.tensor(weights)).sum().backward()
        return y

    eager, recorded = ([pc.tensor(array, requires_grad=True) for array in arrays] for _ in range(2))
    expected = step_on(eager).detach()
    assert expected.dtype == arrays[0].dtype
    step = pc.compile(lambda: step_on(recorded), target="numpy")
    for _ in range(calls):
        assert step().numpy().tobytes() == expected.numpy().tobytes()
        for a, b in zip(eager, recorded, strict=True):
            assert a.grad.numpy().tobytes() == b.grad.numpy().tobytes()


# ---- gelu


@pytest.mark.peers
@pytest.mark.parametrize("approximate", ["none", "tanh"])
@pytest.mark.parametrize("shape", [(), (7,), (3, 5), (2, 0, 3), (1, 1)])
def test_gelu_equals_pytorch(torch, approximate, shape):
    theirs = torch.nn.functional.gelu
    compare(torch, lambda x: F.gelu(x, approximate), lambda x: theirs(x, approximate=approximate), normal(shape))


@pytest.mark.peers
@pytest.mark.parametrize("approximate", ["none", "tanh"])
def test_gelu_far_out(torch, approximate):
    x = np.array([-1000.0, -40.0, -7.0, -0.0, 0.0, 7.0, 40.0, 1000.0])
    theirs = torch.nn.functional.gelu
    compare(torch, lambda x: F.gelu(x, approximate), lambda x: theirs(x, approximate=approximate), [x])


def test_the_two_forms_of_gelu_are_near_each_other():
    x = pc.linspace(-6.0, 6.0, 2001, dtype=pc.float64)
    distance = (F.gelu(x) - F.gelu(x, "tanh")).abs().max().item()
    assert 1e-4 < distance < 5e-4
    with pytest.raises(ArgumentError, match='"none" or "tanh", not \'sigmoid\''):
        F.gelu(x, "sigmoid")


# ---- layer norm


@pytest.mark.peers
@pytest.mark.parametrize(("shape", "over"), [
    ((5, 3), (3,)), ((2, 5, 7), (7,)), ((2, 3, 4), (3, 4)), ((4,), (4,)), ((2, 3, 4), (2, 3, 4)), ((3, 1), (1,)),
    ((0, 3), (3,)), ((2, 0), (0,)),
])  # fmt: skip
def test_layer_norm_equals_pytorch(torch, shape, over):
    theirs = torch.nn.functional.layer_norm
    x, weight, bias = normal(shape, over, over)
    compare(torch, lambda x: F.layer_norm(x, over, eps=0.1), lambda x: theirs(x, over, eps=0.1), [x])
    compare(torch, lambda x, w: F.layer_norm(x, over, w), lambda x, w: theirs(x, over, w), [x, weight])
    compare(
        torch, lambda *a: F.layer_norm(a[0], over, *a[1:]), lambda *a: theirs(a[0], over, *a[1:]), [x, weight, bias]
    )


def test_layer_norm_gives_each_sample_mean_0_and_variance_1():
    x = pc.tensor(normal((4, 50), scale=30.0)[0] + 100.0)
    y = F.layer_norm(x, 50).numpy()
    np.testing.assert_allclose(y.mean(1), 0.0, atol=1e-12)
    np.testing.assert_allclose(y.var(1), 1.0, rtol=1e-6)
    assert np.array_equal(F.layer_norm(x[1:2], [50]).numpy(), y[1:2]), "other samples play no part"


def test_layer_norm_says_what_does_not_fit():
    x = pc.ones(4, 3)
    with pytest.raises(ShapeError, match=r"over the axes \(4,\) needs them last, but the input has shape \(4, 3\)"):
        F.layer_norm(x, 4)
    with pytest.raises(ShapeError, match=r"over the axes \(2, 4, 3\)"):
        F.layer_norm(x, (2, 4, 3))
    with pytest.raises(ShapeError, match=r"a weight of shape \(3,\), not \(1,\)"):
        F.layer_norm(x, 3, pc.ones(1))
    with pytest.raises(ShapeError, match=r"a bias of shape \(3,\), not \(4, 3\)"):
        F.layer_norm(x, 3, pc.ones(3), pc.ones(4, 3))
    with pytest.raises(ArgumentError, match="normalized_shape is empty"):
        F.layer_norm(x, ())
    with pytest.raises(DtypeError, match="needs floats"):
        F.layer_norm(pc.tensor([[1, 2]]), 2)


@pytest.mark.peers
@pytest.mark.parametrize("options", [{}, {"bias": False}, {"elementwise_affine": False}, {"eps": 0.1}])
@pytest.mark.parametrize("shape", [3, (4, 3)])
def test_layer_norm_modules_are_pytorchs(torch, options, shape):
    ours, theirs = nn.LayerNorm(shape, **options), torch.nn.LayerNorm(shape, **options)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert repr(ours).replace(", bias", "").startswith(repr(theirs).partition(", bias")[0])  # said by newer versions
    for name, value in ours.state_dict().items():
        assert np.array_equal(value.numpy(), theirs.state_dict()[name].numpy())
    random = np.random.default_rng(3)
    state = {name: random.normal(size=value.shape).astype(np.float32) for name, value in ours.state_dict().items()}
    ours.load_state_dict(state)
    theirs.load_state_dict({name: torch.tensor(value) for name, value in state.items()})
    x = random.normal(size=(2, 4, 3)).astype(np.float32)
    expected = theirs(torch.tensor(x)).detach().numpy()
    np.testing.assert_allclose(ours(pc.tensor(x)).detach().numpy(), expected, rtol=1e-5, atol=1e-6)


# ---- embedding


@pytest.mark.peers
@pytest.mark.parametrize("padding_idx", [None, 2, -1])
@pytest.mark.parametrize("shape", [(), (9,), (4, 5), (2, 0), (2, 3, 2)])
def test_embedding_equals_pytorch(torch, padding_idx, shape):
    numbers = np.random.default_rng(4).integers(0, 6, shape)  # some of them more than once
    theirs = torch.nn.functional.embedding
    compare(
        torch,
        lambda w: F.embedding(pc.tensor(numbers), w, padding_idx),
        lambda w: theirs(torch.tensor(numbers), w, padding_idx),
        normal((6, 3)),
    )


def test_embedding_is_one_hot_times_the_table():
    numbers, table = pc.tensor([[3, 0, 3], [1, 1, 2]]), pc.tensor(normal((4, 5))[0])
    assert np.array_equal(F.embedding(numbers, table).numpy(), (F.one_hot(numbers, 4).double() @ table).numpy())
    assert np.array_equal(F.embedding(numbers.int(), table).numpy(), F.embedding(numbers, table).numpy())


def test_the_padding_row_gets_no_gradient_even_from_nan():
    table = pc.tensor(np.ones((3, 2)), requires_grad=True)
    y = F.embedding(pc.tensor([0, 2]), table, padding_idx=2)
    y.backward(pc.tensor(np.array([[1.0, 1.0], [np.nan, np.inf]])))
    assert table.grad.tolist() == [[1.0, 1.0], [0.0, 0.0], [0.0, 0.0]]


def test_what_embedding_refuses():
    table = pc.ones(4, 2)
    with pytest.raises(LabelError, match="row 4, but its weight has 4 rows, which count from 0 to 3") as caught:
        F.embedding(pc.tensor([0, 4, 7]), table)
    assert "the unknown and the padding one" in str(caught.value)
    with pytest.raises(LabelError, match="row -1"):
        F.embedding(pc.tensor([[-1]]), table)
    with pytest.raises(LabelError):
        pc.compile(lambda x: F.embedding(x, table), target="numpy")(pc.tensor([4]))
    with pytest.raises(DtypeError, match=r"integers, not float32.*\n.*\n.*input\.long\(\)"):
        F.embedding(pc.tensor([0.0]), table)
    with pytest.raises(ShapeError, match="weight of shape"):
        F.embedding(pc.tensor([0]), pc.ones(4))
    for wrong in (4, -5):
        with pytest.raises(ArgumentError, match=f"from -4 to 3 for 4 rows, but is {wrong}"):
            F.embedding(pc.tensor([0]), table, padding_idx=wrong)
        with pytest.raises(ArgumentError, match="Embedding: padding_idx"):
            nn.Embedding(4, 2, padding_idx=wrong)
    with pytest.raises(ArgumentError, match="sizes are not negative"):
        nn.Embedding(-1, 2)
    for option in ({"max_norm": 1.0}, {"scale_grad_by_freq": True}, {"sparse": True}):
        with pytest.raises(UnsupportedError, match=next(iter(option)).partition("_grad")[0]):
            F.embedding(pc.tensor([0]), table, **option)
        with pytest.raises(UnsupportedError, match="Embedding"):
            nn.Embedding(4, 2, **option)


@pytest.mark.peers
@pytest.mark.parametrize("padding_idx", [None, 1, -1])
def test_embedding_modules_are_pytorchs(torch, padding_idx):
    ours, theirs = (m.Embedding(5, 3, padding_idx=padding_idx) for m in (nn, torch.nn))
    assert repr(ours) == repr(theirs)
    assert list(ours.state_dict()) == list(theirs.state_dict()) == ["weight"]
    ours.load_state_dict({name: value.numpy() for name, value in theirs.state_dict().items()})
    numbers = np.array([[1, 4, 0], [4, 4, 2]])
    y, z = ours(pc.tensor(numbers)), theirs(torch.tensor(numbers))
    assert np.array_equal(y.detach().numpy(), z.detach().numpy())
    (y * y).sum().backward()
    (z * z).sum().backward()
    np.testing.assert_allclose(ours.weight.grad.numpy(), theirs.weight.grad.numpy(), rtol=1e-6)


def test_an_embedding_begins_as_standard_normal_numbers():
    layer = nn.Embedding(400, 100, padding_idx=7)
    rows = layer.weight.numpy()
    assert not rows[7].any()
    rest = np.delete(rows, 7, axis=0)
    assert abs(rest.mean()) < 4 / 200  # four standard errors
    assert rest.std() == pytest.approx(1.0, abs=4 / 280)
    pc.manual_seed(3)
    first = nn.Embedding(5, 4).weight.numpy()
    pc.manual_seed(3)
    assert np.array_equal(nn.Embedding(5, 4).weight.numpy(), first)


# ---- attention

SIZES = [  # leading axes, L, S, E, D
    ((), 3, 5, 4, 2), ((2,), 7, 7, 3, 3), ((2, 3), 5, 5, 1, 4), ((1, 2), 1, 9, 8, 8), ((2, 3), 9, 4, 5, 5),
    ((2,), 3, 1, 2, 2), ((2,), 3, 0, 2, 2),
]  # fmt: skip


def attention_inputs(sizes):
    leading, long, short, width, depth = sizes
    return normal((*leading, long, width), (*leading, short, width), (*leading, short, depth))


@pytest.mark.peers
@pytest.mark.parametrize("options", [{}, {"is_causal": True}, {"scale": 0.3}, {"scale": 2.0, "is_causal": True}])
@pytest.mark.parametrize("sizes", SIZES)
def test_attention_equals_pytorch(torch, sizes, options):
    theirs = torch.nn.functional.scaled_dot_product_attention
    compare(
        torch,
        lambda q, k, v: F.scaled_dot_product_attention(q, k, v, **options),
        lambda q, k, v: theirs(q, k, v, **options),
        attention_inputs(sizes),
    )


@pytest.mark.peers
@pytest.mark.parametrize("kind", ["bool", "float", "bool of every head", "bool of keys"])
@pytest.mark.parametrize("sizes", SIZES)
def test_attention_with_masks_equals_pytorch(torch, sizes, kind):
    """Also where a query may look at nothing."""
    leading, long, short, *_ = sizes
    random = np.random.default_rng(5)
    mask = random.random((long, short)) < 0.5
    mask[0] = False
    if kind == "float":
        mask = np.where(mask, random.normal(size=mask.shape), -np.inf)
    elif kind == "bool of every head":
        mask = random.random((*leading, long, short)) < 0.5
    elif kind == "bool of keys":
        mask = random.random((1, short)) < 0.7
    theirs = torch.nn.functional.scaled_dot_product_attention

    def ours(q, k, v):
        own = mask.astype(q.dtype) if kind == "float" else mask
        return F.scaled_dot_product_attention(q, k, v, pc.tensor(own))

    compare(torch, ours, lambda q, k, v: theirs(q, k, v, torch.tensor(mask)), attention_inputs(sizes))


@pytest.mark.peers
def test_attention_broadcasts_heads_and_learns_a_mask(torch):
    q, k, v, mask = normal((2, 1, 3, 4), (3, 5, 4), (1, 1, 5, 2), (3, 3, 5))
    theirs = torch.nn.functional.scaled_dot_product_attention
    compare(torch, F.scaled_dot_product_attention, theirs, [q, k, v, mask])


def test_a_causal_query_sees_no_later_key():
    q, k, v = [pc.tensor(array) for array in normal((6, 4), (6, 4), (6, 4))]
    before = F.scaled_dot_product_attention(q, k, v, is_causal=True).numpy()
    later = np.arange(6)[:, None] > 3
    k, v = [x.where(pc.tensor(~later), 1e6) for x in (k, v)]
    after = F.scaled_dot_product_attention(q, k, v, is_causal=True).numpy()
    assert np.array_equal(before[:4], after[:4])
    assert not np.array_equal(before[4:], after[4:])


def test_attention_keeps_its_mask_over_many_recorded_calls():
    arrays = normal((2, 5, 4), (2, 5, 4), (2, 5, 3))
    weights = normal((2, 5, 3))[0]
    assert_recorded_equals_eager(
        lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True), arrays, weights, calls=11
    )


def ops_of_attention(q, k, v, **options):
    """The names of the ops that a recorded call is made of."""
    step = pc.compile(lambda q, k, v: F.scaled_dot_product_attention(q, k, v, **options), target="numpy")
    step(q, k, v)
    return {type(node.op).__name__ for node in step.graph.nodes}


def test_attention_is_one_op_where_it_can_be():
    q, k, v = pc.ones(2, 3, 4), pc.ones(2, 5, 4), pc.ones(2, 5, 6)
    for options in ({}, {"is_causal": True}, {"scale": 2}):
        assert ops_of_attention(q, k, v, **options) == {"Argument", "Attention"}
    for options in ({"attn_mask": pc.ones(3, 5) > 0}, {"dropout_p": 0.5}, {"scale": pc.tensor(2.0)}):
        assert "Matmul" in ops_of_attention(q, k, v, **options)
    assert "Matmul" in ops_of_attention(q[:1], k, v)
    assert "Matmul" in ops_of_attention(q, k[:, :0], v[:, :0])


@pytest.mark.peers
@pytest.mark.compiler
@pytest.mark.skipif(REAL is None, reason="no C compiler")
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("sizes", [((2, 3), 130, 130, 16, 16), ((1,), 600, 300, 8, 20), ((), 5, 520, 33, 1)])
def test_attention_in_c_equals_pytorch(torch, sizes, causal):
    """Several blocks of queries, several tiles of keys, and one head that several threads share."""
    arrays = attention_inputs(sizes)
    theirs = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in arrays]
    y = torch.nn.functional.scaled_dot_product_attention(*theirs, is_causal=causal)
    weights = np.cos(np.arange(y.numel())).reshape(y.shape)
    expected = [y, *torch.autograd.grad(y, theirs, torch.tensor(weights))]

    @pc.compile(target="c")
    def step(weights, *inputs):
        inputs = [x.detach().requires_grad_() for x in inputs]
        y = F.scaled_dot_product_attention(*inputs, is_causal=causal)
        return [y, *pc.autograd.grad(y, inputs, weights)]

    for dtype, tolerance in ((np.float32, 1e-5), (np.float64, 1e-13)):
        found = step(*[pc.tensor(x.astype(dtype)) for x in (weights, *arrays)])
        for a, b in zip(found, [x.detach().numpy() for x in expected], strict=True):
            np.testing.assert_allclose(a.numpy(), b, rtol=0, atol=tolerance * max(1.0, np.abs(b).max()))


def test_attention_drops_weights():
    q, k, v = pc.zeros(1, 4), pc.zeros(1000, 4), pc.ones(1000, 1)
    assert F.scaled_dot_product_attention(q, k, v).item() == pytest.approx(1.0, rel=1e-5)
    kept = F.scaled_dot_product_attention(q, k, v, dropout_p=0.5).item() / 2  # those that stay count twice
    assert 0.4 < kept < 0.6
    assert F.scaled_dot_product_attention(q, k, v, dropout_p=1.0).item() == 0.0
    with pytest.raises(ArgumentError, match="p is a probability"):
        F.scaled_dot_product_attention(q, k, v, dropout_p=1.5)


def test_what_attention_refuses():
    q, k, v = pc.ones(2, 3, 4), pc.ones(2, 5, 4), pc.ones(2, 5, 6)
    attend = F.scaled_dot_product_attention
    with pytest.raises(ShapeError, match=r"query float32\[2, 3, 4\], key float32\[2, 5, 3\]"):
        attend(q, pc.ones(2, 5, 3), v)
    with pytest.raises(ShapeError, match=r"value float32\[2, 4, 6\]"):
        attend(q, k, pc.ones(2, 4, 6))
    with pytest.raises(ShapeError, match="needs query"):
        attend(pc.ones(4), k, v)
    with pytest.raises(ShapeError, match="do not meet"):
        attend(pc.ones(3, 3, 4), k, v)
    for wrong in (pc.ones(5, 3) > 0, pc.ones(1, 2, 3, 5) > 0):
        with pytest.raises(ShapeError, match=r"broadcasts to the scores, \(2, 3, 5\)"):
            attend(q, k, v, wrong)
    for wrong in (pc.ones(3, 5).long(), pc.ones(3, 5).double()):
        with pytest.raises(DtypeError, match="a mask of bool or float32"):
            attend(q, k, v, wrong)
    with pytest.raises(DtypeError, match="floats of one dtype"):
        attend(q, k.double(), v)
    with pytest.raises(DtypeError, match="floats of one dtype"):
        attend(q.long(), k.long(), v.long())
    with pytest.raises(ArgumentError, match="not both"):
        attend(q, k, v, pc.ones(3, 5) > 0, is_causal=True)
    with pytest.raises(ShapeError, match="the heads of the query a multiple"):
        attend(pc.ones(3, 3, 4), k, v, enable_gqa=True)


# ---- SparseAdam

ROWS, WIDTH, STEPS = 23, 5, 50
TABLE, TARGETS = normal((ROWS, WIDTH), (STEPS, 7, WIDTH))
LOOKED_UP = np.random.default_rng(6).integers(0, ROWS - 3, (STEPS, 7))
LOOKED_UP[:, 1] = LOOKED_UP[:, 0]  # one of them twice in every step; the last three rows never


def table_after(make_optimizer, compiled=False, dtype="float64"):
    """50 steps on a table of which each uses a few rows. Returns the table and the optimizer's slots."""
    table = nn.Parameter(TABLE.astype(dtype))
    optimizer = make_optimizer([table])

    def step(numbers, target):
        optimizer.zero_grad()
        ((F.embedding(numbers, table) - target) ** 2).sum().backward()
        optimizer.step()

    if compiled:
        step = pc.compile(step, target="numpy")
    for numbers, target in zip(LOOKED_UP, TARGETS, strict=True):
        step(pc.tensor(numbers), pc.tensor(target.astype(dtype)))
    return [table.numpy(), *[slot.numpy() for slot in optimizer.state[table].values()]]


OPTIONS = [{"lr": 0.05}, {"lr": 0.01, "betas": (0.5, 0.6), "eps": 1e-3}, {"lr": 0.1, "betas": (0.0, 0.9)}]


@pytest.mark.peers
@pytest.mark.parametrize("options", OPTIONS)
def test_sparse_adam_equals_pytorch(torch, options):
    ours = table_after(lambda p: optim.SparseAdam(p, **options))
    layer = torch.nn.Embedding(ROWS, WIDTH, sparse=True, dtype=torch.float64)
    layer.weight.data = torch.tensor(TABLE)
    optimizer = torch.optim.SparseAdam(layer.parameters(), **options)
    for numbers, target in zip(LOOKED_UP, TARGETS, strict=True):
        optimizer.zero_grad()
        ((layer(torch.tensor(numbers)) - torch.tensor(target)) ** 2).sum().backward()
        optimizer.step()
    theirs = optimizer.state[layer.weight]
    assert list(theirs) == ["step", "exp_avg", "exp_avg_sq"]
    for a, b in zip(ours, [layer.weight.detach(), *theirs.values()], strict=True):
        np.testing.assert_allclose(a, np.asarray(b), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("options", OPTIONS)
def test_sparse_adam_recorded_equals_eager(options, dtype):
    def make(parameters):
        return optim.SparseAdam(parameters, **options)

    eager, recorded = table_after(make, dtype=dtype), table_after(make, compiled=True, dtype=dtype)
    assert [x.tobytes() for x in eager] == [x.tobytes() for x in recorded]


def test_rows_without_gradient_rest():
    """Under Adam they would go on moving."""
    first = TABLE[LOOKED_UP[0]]
    table, _, mean, square = table_after(lambda p: optim.SparseAdam(p, lr=0.05))
    assert np.array_equal(table[-3:], TABLE[-3:])
    assert not mean[-3:].any()
    assert not square[-3:].any()
    assert not np.isclose(table[LOOKED_UP[0]], first).all()

    w = nn.Parameter(np.array([[1.0, -0.0], [np.nan, 2.0]]))
    sparse = optim.SparseAdam([w], lr=0.5)
    for gradient in ([[1.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 3.0]]):
        before = w.numpy().copy()
        w.grad = pc.tensor(np.array(gradient))
        sparse.step()
        rests = [not any(row) for row in gradient]
        assert w.numpy()[rests].tobytes() == before[rests].tobytes()
        assert w.numpy()[np.invert(rests)].tobytes() != before[np.invert(rests)].tobytes()
    assert sparse.state[w]["step"].item() == 2


def test_a_row_of_nan_is_not_left_out():
    w = nn.Parameter(np.ones((2, 2)))
    optimizer = optim.SparseAdam([w])
    w.grad = pc.tensor(np.array([[np.nan, 0.0], [0.0, 0.0]]))
    optimizer.step()
    assert np.isnan(w.numpy()[0, 0])
    assert w.numpy()[1].tolist() == [1.0, 1.0]


@pytest.mark.parametrize("shape", [(), (4,), (4, 0), (3, 2, 2)])
def test_sparse_adam_takes_parameters_of_any_shape(shape):
    gradient = np.resize([1.0, 0.0, 0.0, 0.0], shape)
    w = nn.Parameter(np.ones(shape))
    w.grad = pc.tensor(gradient)
    optim.SparseAdam([w], lr=0.25).step()
    np.testing.assert_allclose(w.numpy(), np.where(gradient != 0, 0.75, 1.0), rtol=1e-6)


def test_a_saved_sparse_adam_continues_with_the_same_bits():
    def some_steps(table, optimizer, steps):
        for numbers, target in zip(LOOKED_UP[steps], TARGETS[steps], strict=True):
            optimizer.zero_grad()
            ((F.embedding(pc.tensor(numbers), table) - pc.tensor(target)) ** 2).sum().backward()
            optimizer.step()

    table = nn.Parameter(TABLE)
    optimizer = optim.SparseAdam([table], lr=0.05)
    some_steps(table, optimizer, slice(5))
    other = nn.Parameter(table.numpy())
    other_optimizer = optim.SparseAdam([other])
    other_optimizer.load_state_dict(optimizer.state_dict())
    some_steps(table, optimizer, slice(5, 10))
    some_steps(other, other_optimizer, slice(5, 10))
    assert np.array_equal(table.numpy(), other.numpy())


def test_what_sparse_adam_refuses():
    w = nn.Parameter(pc.ones(2, 2))
    with pytest.raises(ArgumentError, match="betas of SparseAdam must be 2 numbers"):
        optim.SparseAdam([w], betas=(0.9, 1.0))
    with pytest.raises(ArgumentError, match="lr of SparseAdam"):
        optim.SparseAdam([w], lr=-1.0)
    with pytest.raises(ArgumentError, match="no hyper-parameter 'weight_decay'"):
        optim.SparseAdam([{"params": [w], "weight_decay": 0.1}])


# ---- together


@pytest.mark.peers
def test_a_small_gpt_equals_pytorch(torch):
    """One pre-norm block with two heads: the loss and every gradient, and five recorded steps of Adam."""
    words, width, heads, time = 11, 8, 2, 6

    def model_of(m, functional):
        class Block(m.Module):
            def __init__(self):
                super().__init__()
                self.words, self.places = m.Embedding(words, width), m.Embedding(time, width)
                self.norm1, self.norm2, self.norm = m.LayerNorm(width), m.LayerNorm(width), m.LayerNorm(width)
                self.qkv, self.out = m.Linear(width, 3 * width), m.Linear(width, width)
                self.up, self.down = m.Linear(width, 4 * width), m.Linear(4 * width, width)
                self.gelu = m.GELU()

            def forward(self, x, places):
                x = self.words(x) + self.places(places)
                heads_of = self.qkv(self.norm1(x)).reshape(*x.shape[:2], 3, heads, width // heads)
                q, k, v = [heads_of[:, :, i].transpose(1, 2) for i in range(3)]
                y = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
                x = x + self.out(y.transpose(1, 2).reshape(x.shape))
                x = x + self.down(self.gelu(self.up(self.norm2(x))))
                return functional.linear(self.norm(x), self.words.weight)

        return Block()

    ours, theirs = model_of(nn, F), model_of(torch.nn, torch.nn.functional).double()
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for name, value in theirs.state_dict().items():
        path, _, leaf = name.rpartition(".")
        setattr(getattr(ours, path), leaf, nn.Parameter(value.numpy()))
    random = np.random.default_rng(7)
    x, y, places = random.integers(0, words, (3, time)), random.integers(0, words, (3, time)), np.arange(time)
    adam, their_adam = optim.Adam(ours.parameters(), lr=0.01), torch.optim.Adam(theirs.parameters(), lr=0.01)

    def our_step(x, y):
        adam.zero_grad()
        loss = F.cross_entropy(ours(x, pc.tensor(places)).reshape(-1, words), y.reshape(-1))
        loss.backward()
        adam.step()
        return loss

    step = pc.compile(our_step, target="numpy")
    for _ in range(5):
        their_adam.zero_grad()
        scores = theirs(torch.tensor(x), torch.tensor(places)).reshape(-1, words)
        loss = torch.nn.functional.cross_entropy(scores, torch.tensor(y).reshape(-1))
        loss.backward()
        their_adam.step()
        assert step(pc.tensor(x), pc.tensor(y)).item() == pytest.approx(loss.item(), rel=1e-9)
    for (name, mine), other in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        np.testing.assert_allclose(mine.grad.numpy(), other.grad.numpy(), rtol=1e-6, atol=1e-10, err_msg=name)
