"""What moves, joins, picks, multiplies and sorts: beside PyTorch, and recorded and compiled beside eager.

PyTorch's own samples run in tests/test_torch_ops.py. Here is what they leave out: every way to index and to assign,
other names and in-place methods, einsum's notations, and for each family a program in C.
"""

import numpy as np
import pytest

import pellucid as pc
from pellucid import errors

random = np.random.default_rng(3)


def numbers(*shape):
    """Numbers of which no two are equal."""
    return (random.permutation(int(np.prod(shape))) / 7.0 - 1.0).reshape(shape)


def whole(*shape, high=3):
    return random.integers(0, high, shape)


A, B, CUBE, VECTOR, SQUARE = numbers(3, 4), numbers(4, 5), numbers(2, 3, 4), numbers(6), numbers(4, 4)
ROWS, COLUMNS, MASK = np.array([2, 0, 2]), np.array([3, 1, 0]), A > 0.0

# Each is written for either library, lib: its arguments are tensors made of the arrays that follow.
PROGRAMS = {
    "flip": (lambda lib, x: lib.flip(x, (0, 2)), CUBE),
    "flip and add": (lambda lib, x: x.flip(1) * x + x.flip(0), SQUARE),
    "fliplr flipud": (lambda lib, x: lib.fliplr(x) - lib.flipud(x), A),
    "roll": (lambda lib, x: lib.roll(x, (1, -2), (0, 1)), A),
    "rot90": (lambda lib, x: lib.rot90(x, 1, (1, 2)) @ x, numbers(2, 4, 4)),
    "repeat": (lambda lib, x: x.repeat(2, 1, 3), A),
    "tile": (lambda lib, x: lib.tile(x, (2,)), A),
    "repeat_interleave": (lambda lib, x: lib.repeat_interleave(x, 2, 1), A),
    "unfold": (lambda lib, x: x.unfold(1, 2, 1), A),
    "diagonal": (lambda lib, x: lib.diagonal(x, 1, 0, 2), CUBE),
    "diag_embed": (lambda lib, x: lib.diag_embed(x, -1), A),
    "diag twice": (lambda lib, x: lib.diag(lib.diag(x)), A),
    "tril triu": (lambda lib, x: lib.tril(x) - lib.triu(x, 1), SQUARE),
    "movedim swapaxes": (lambda lib, x: lib.movedim(x, (0, 1), (2, 0)).swapaxes(0, 1).swapdims(1, 2), CUBE),
    "moveaxis": (lambda lib, x: lib.moveaxis(x, 0, -1), CUBE),
    "cat stack": (lambda lib, x: lib.cat([lib.stack([x, x * 2], 1)[:, 0], lib.hstack([x, x])[:, :4]]), A),
    "block_diag": (lambda lib, x, y: lib.block_diag(x, y), A, VECTOR),
    "split": (lambda lib, x: [y * 2.0 for y in lib.tensor_split(x, 3, 1)], A),
    "meshgrid": (lambda lib, x: lib.meshgrid(x, x, indexing="xy"), VECTOR),
    "cartesian_prod": (lambda lib, x: lib.cartesian_prod(x, x), VECTOR),
    "combinations": (lambda lib, x: lib.combinations(x, 2), VECTOR),
    # look-ups
    "rows and columns": (lambda lib, x, i, j: x[i, j], A, ROWS, COLUMNS),
    "arrays apart": (lambda lib, x, i, j: x[(i > 0).long(), :, j], CUBE, ROWS, COLUMNS),
    "arrays in the middle": (lambda lib, x, i, j: x[:, i, j], CUBE, ROWS, COLUMNS),
    "an index of two axes": (lambda lib, x, i: x[:, i.reshape(3, 1), :2], CUBE, ROWS),
    "negative positions": (lambda lib, x, i: x[i - 3, -1], A, ROWS),
    "a new axis between": (lambda lib, x, i, j: x[i, None, j], A, ROWS, COLUMNS),
    "gather": (lambda lib, x, i: lib.gather(x, 1, i), A, whole(2, 3, high=4)),
    "take": (lambda lib, x, i: lib.take(x, i - 2), A, ROWS),
    "take_along_dim": (lambda lib, x: lib.take_along_dim(x, lib.argsort(x, 1), 1), A),
    "scatter": (lambda lib, x, i, y: lib.scatter(x, 1, i, y), A, np.array([[3, 0], [1, 2]]), numbers(2, 2)),
    "scatter_add": (lambda lib, x, i, y: lib.scatter_add(x, 0, i, y), A, whole(2, 4), numbers(2, 4)),
    "scatter_reduce": (
        lambda lib, x, i, y: [lib.scatter_reduce(x, 0, i, y, how) for how in ("amax", "amin", "prod", "mean", "sum")],
        A,
        whole(5, 3),
        numbers(5, 3),
    ),
    "index_add": (lambda lib, x, i, y: lib.index_add(x, 1, i, y, alpha=2), A, ROWS, numbers(3, 3)),
    "index_copy": (lambda lib, x, i, y: lib.index_copy(x, 0, i, y), A, np.array([2, 0]), numbers(2, 4)),
    "index_fill": (lambda lib, x, i: lib.index_fill(x, 1, i, 7.0), A, ROWS),
    "index_put": (lambda lib, x, i, j, y: lib.index_put(x, (i, j), y, True), A, ROWS, COLUMNS, numbers(3)),
    "put": (lambda lib, x, i, y: x.put(i, y), A, np.array([5, 1, -1]), numbers(3)),
    "parts replaced": (
        lambda lib, x, y: lib.diagonal_scatter(lib.select_scatter(x, y, 0, 1), y[:3], 1)[:, ::2],
        A,
        numbers(4),
    ),
    "slice_scatter": (lambda lib, x, y: lib.slice_scatter(x, y, 1, 0, 4, 2), A, numbers(3, 2)),
    # products
    "addmm": (lambda lib, m, x, y: lib.addmm(m, x, y, beta=0.5, alpha=2.0), numbers(5), A, B),
    "baddbmm": (lambda lib, m, x, y: lib.baddbmm(m, x, y), numbers(2, 3, 5), CUBE, numbers(2, 4, 5)),
    "addbmm addmv addr": (
        lambda lib, m, x, y: lib.addr(lib.addbmm(m, x, y), y[0, :3, 0], lib.mv(x[0], y[0, :, 0]).repeat(2)[:5]),
        numbers(3, 5),
        CUBE,
        numbers(2, 4, 5),
    ),
    "tensordot": (lambda lib, x, y: lib.tensordot(x, y, ([1, 2], [1, 0])), CUBE, numbers(4, 3, 2)),
    "kron": (lambda lib, x, y: lib.kron(x, y), A, numbers(2, 1)),
    "cross": (lambda lib, x, y: lib.cross(x, y, 1), numbers(2, 3, 4), numbers(2, 3, 4)),
    "inner outer dot": (
        lambda lib, x, y: lib.inner(lib.outer(x, y), x) * lib.dot(x, y) + lib.vdot(x, y),
        VECTOR,
        numbers(6),
    ),
    "ger": (lambda lib, x, y: x.ger(y), VECTOR, numbers(2)),
    "trace": (lambda lib, x: lib.trace(x @ x), SQUARE),
    "matrix_power": (lambda lib, x: x.matrix_power(5), SQUARE),
    "multi_dot": (lambda lib, x, y, z: lib.linalg.multi_dot([x, y, z]), A, B, numbers(5, 2)),
    # order
    "sort": (lambda lib, x: lib.sort(x, 0, descending=True), A),
    "topk": (lambda lib, x: lib.topk(x, 2), A),
    "kthvalue": (lambda lib, x: lib.kthvalue(x, 2, 0), A),
    "median": (lambda lib, x: [lib.median(x), *lib.median(x, 1)], A),
    "nanmedian": (lambda lib, x: lib.nanmedian(lib.where(x > 1.0, np.nan, x), 1, True), CUBE),
    "quantile": (lambda lib, x, q: lib.quantile(x, q, 1), A, np.array([0.1, 0.5, 1.0])),
    "mode": (lambda lib, x: lib.mode(x, 1)[0], whole(4, 7)),
    "searchsorted": (lambda lib, x, y: lib.searchsorted(lib.sort(x)[0], y, right=True), A, numbers(3, 2)),
    "bucketize": (lambda lib, x, y: lib.bucketize(x, lib.sort(y)[0]), A, VECTOR),
    "isin": (lambda lib, x, y: lib.isin(x, y), whole(3, 4, high=9), whole(4, high=9)),
    "histc": (lambda lib, x: lib.histc(x, 5, -1.0, 1.0), A),
    # creation
    "like": (lambda lib, x: x * lib.ones_like(x) + lib.full_like(x, 2.0) + x.new_tensor([1.0]) + x.new_ones(3, 4), A),
    "vander": (lambda lib, x: lib.vander(x.detach(), 3), VECTOR),
    "type_as": (lambda lib, x, y: y.type_as(x) * x, A, whole(3, 4)),
}  # fmt: skip
EINSUM = {
    "ij,jk->ik": (A, B), "ij,jk": (A, B), "ij,kj->ik": (A, numbers(5, 4)), "bij,bjk->bik": (CUBE, numbers(2, 4, 2)),
    "ii": (SQUARE,), "ii->i": (SQUARE,), "ij->ji": (A,), "ij->": (A,), "ij->j": (A,), "i,j->ij": (VECTOR, VECTOR),
    "i,i": (VECTOR, VECTOR), "i,i->i": (VECTOR, VECTOR), "...ij,...jk->...ik": (CUBE, B), "...,...": (CUBE, numbers(4)),
    "b...i,b...i->b...": (CUBE, CUBE), "ij,jk,kl->il": (A, B, numbers(5, 2)),
    "bhqd,bhkd->bhqk": (numbers(2, 2, 3, 4),) * 2,
    "iij->j": (numbers(3, 3, 2),), "ij,j->i": (A, numbers(4)), " i j , j -> i ": (A, numbers(4)), "aB,Bc": (A, B),
    "ij,ij,ij->i": (A, A, A), "i,ij,j": (numbers(3), A, numbers(4)), "ij,kl->ijkl": (A, B), "...i->i...": (CUBE,),
    "ij,i->ij": (A, numbers(1)), "bn,anm,bm->ba": (numbers(2, 3), numbers(5, 3, 4), numbers(2, 4)),
}  # fmt: skip
for equation, arrays in EINSUM.items():
    PROGRAMS[f"einsum {equation}"] = (lambda lib, *xs, e=equation: lib.einsum(e, *xs), *arrays)

ALSO_COMPARED = {
    "ArgSort",
    "PutRows",
    "SearchSorted",
    "ger",
    "is_floating_point",
    "matrix_power",
    "moveaxis",
    "new_tensor",
    "swapaxes",
    "swapdims",
    "type_as",
}  # fmt: skip  what is compared with PyTorch here and not in the other files


def flat(y):
    return [part for item in y for part in flat(item)] if isinstance(y, (tuple, list)) else [y]


def run(library, program, arrays, make):
    """The results, and the gradients of a weighted sum of them: numbers only."""
    leaves = [make(x) for x in arrays]
    results = flat(program(library, *leaves))
    for leaf in leaves:
        leaf.grad = None
    weighed = [(y * weights(y)).sum() for y in results if y.requires_grad]
    if weighed:
        sum(weighed[1:], weighed[0]).backward()
    return results, [leaf.grad for leaf in leaves]


def weights(y):
    """A number between 1 and 2, different for each result by its size."""
    return 1.0 + 1.0 / (1 + y.numel() if hasattr(y, "numel") else 1)


def ours(x):
    return pc.tensor(x, requires_grad=x.dtype.kind == "f")


def same(found, expected, rtol=1e-10):
    assert len(found) == len(expected)
    for y, z in zip(found, expected, strict=True):
        if z is None or y is None:
            assert z is None or not np.any(np.asarray(z.detach()))
            continue
        ours, theirs = np.asarray(y.detach().numpy()), np.asarray(z.detach())
        assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape)
        np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=rtol)


@pytest.mark.peers
@pytest.mark.parametrize("name", PROGRAMS)
def test_equals_torch(name):
    torch = pytest.importorskip("torch")
    program, *arrays = PROGRAMS[name]

    def theirs(x):
        return torch.tensor(x, requires_grad=x.dtype.kind == "f")

    found, gradients = run(pc, program, arrays, ours)
    expected, slopes = run(torch, program, arrays, theirs)
    same(found, expected)
    same(gradients, slopes)


@pytest.mark.parametrize("target", ["numpy", "c"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_compiled_equals_eager(name, target):
    """Values and gradients, of States; positions are arguments, and known by their shape only."""
    program, *arrays = PROGRAMS[name]
    expected, slopes = run(pc, program, arrays, ours)
    leaves = [ours(x) for x in arrays]
    places = [x for x in leaves if not x.requires_grad]

    def step(*given):
        given = iter(given)
        inputs = [x if x.requires_grad else next(given) for x in leaves]
        results = flat(program(pc, *inputs))
        weighed = [(y * weights(y)).sum() for y in results if y.requires_grad]
        if weighed:
            sum(weighed[1:], weighed[0]).backward()
        return results

    results = pc.compile(step, target=target)(*places)
    same(flat(results), expected, 1e-12 if target == "c" else 1e-15)
    same([x.grad for x in leaves], slopes, 1e-12)


# ---- indexing and assigning

INDICES = [
    0, -1, slice(1, 3), slice(None, None, 2), slice(5, 2), None, Ellipsis, (), True, False, [0, 2], [[0, 1], [2, 2]],
    np.array([1, -1]), np.array([2, 0], np.int32), (0, 1), (Ellipsis, 1), (None, 0, Ellipsis), (slice(None), [0, 2]),
    ([0, 1], [2, 3]), ([0, 1], slice(None), [1, 2]), (0, slice(None), [1, 2]), (slice(None), 1, [0, 1]),
    ([[0], [1]], [0, 2]), (slice(None), [0, 1], [1, 2]), ([0, 1], None, [1, 2]), (None, [0, 1]), ([], slice(1)),
    (slice(None), slice(None), np.array([True, False, True, True, False])), (Ellipsis, [4, 0], None),
    (slice(None), np.array([True, False, True, True]), [1, 2, 3]), (1, np.array([True, False, True, True])), (True, 0),
    (slice(1, 3), slice(0, 4, 3), slice(2, 2)),
]  # fmt: skip
BIG = numbers(3, 4, 5)
MASKS = [BIG > 0, BIG[:, :, 0] > 0, BIG[:, 0, 0] > 0, np.array(True), np.zeros((3, 4, 5), bool)]


def for_torch(index):
    import torch

    if isinstance(index, tuple):
        return tuple(for_torch(part) for part in index)
    return torch.from_numpy(index) if isinstance(index, np.ndarray) else index


@pytest.mark.peers
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("index", [*INDICES, *MASKS], ids=str)
@pytest.mark.parametrize("state", [False, True])
def test_every_index_reads_and_assigns_as_in_torch(index, state):
    torch = pytest.importorskip("torch")
    x, y = torch.tensor(BIG, requires_grad=True), pc.tensor(BIG, requires_grad=True)
    theirs, found = x[for_torch(index)], y[index]
    same([found], [theirs])
    weigh = np.arange(theirs.numel(), dtype=np.float64).reshape(theirs.shape)
    (theirs * torch.tensor(weigh)).sum().backward()
    (found * pc.tensor(weigh)).sum().backward()
    same([y.grad], [x.grad])
    values = [np.array(7.5), weigh]
    values += [weigh[:1]] if weigh.ndim else []
    for value in values:
        if value.size == 0 and weigh.size:
            continue
        a, b = torch.tensor(BIG), pc.State(BIG) if state else pc.tensor(BIG)
        a[for_torch(index)] = torch.tensor(value)
        b[index] = pc.tensor(value)
        same([b], [a])


@pytest.mark.peers
def test_gradients_of_an_assignment():
    torch = pytest.importorskip("torch")
    index = ([0, 2, 1], slice(None), [1, 1, 3])

    values = numbers(3, 4)

    def of(make):
        x, v = make(BIG), make(values)
        y = x * 1.0
        y[index] = v
        y[0, 1:3] = v[0, 0]
        (y * y * y).sum().backward()
        return [x.grad, v.grad]

    same(of(ours), of(lambda x: torch.tensor(x, requires_grad=True)))


@pytest.mark.parametrize("target", ["numpy", "c"])
def test_assigning_at_recorded_positions(target):
    """Positions that a recording does not know: what was assigned is what is assigned eagerly."""
    state = pc.State(BIG)

    @pc.compile(target=target)
    def step(i, j, mask, value):
        state[i, :, j] = value
        state[mask] = -1.0
        state[:, i] = 0.5
        return state * 1.0

    i, j, value = pc.tensor([0, 2]), pc.tensor([-1, 2]), pc.tensor(numbers(2, 4))
    mask = pc.tensor(BIG[:, :, 0] > 0.5)
    found = step(i, j, mask, value)
    expected = pc.tensor(BIG)
    expected[i, :, j] = value
    expected[mask] = -1.0
    expected[:, i] = 0.5
    same([found, state], [expected, expected])


@pytest.mark.peers
@pytest.mark.parametrize(
    "name",
    ["index_add_", "index_copy_", "index_fill_", "index_put_", "put_", "scatter_", "scatter_add_", "scatter_reduce_"],
)
def test_in_place_methods(name):
    torch = pytest.importorskip("torch")
    index = np.array([2, 0])
    source = numbers(2, 4)
    arguments = {
        "index_fill_": (0, index, 3.0), "index_put_": ((index,), source), "put_": (index, source[0, :2]),
        "scatter_": (0, np.array([[0, 1, 2, 0]]), 5.0), "scatter_add_": (0, np.array([[0, 1, 2, 0]]), source),
        "scatter_reduce_": (0, np.array([[0, 1, 2, 0]]), source, "amax"),
    }.get(name, (0, index, source))  # fmt: skip

    def of(make, y):
        def one(x):
            return tuple(map(one, x)) if isinstance(x, tuple) else make(x) if isinstance(x, np.ndarray) else x

        assert getattr(y, name)(*[one(x) for x in arguments]) is y
        return y

    same([of(pc.tensor, pc.tensor(A))], [of(torch.tensor, torch.tensor(A))])


# ---- the order of equal elements, and random numbers


@pytest.mark.peers
@pytest.mark.parametrize("dtype", ["float32", "int64", "bool", "uint8"])
def test_equal_elements_stay_in_order(dtype):
    torch = pytest.importorskip("torch")
    x = random.integers(0, 3, (5, 40)).astype(dtype)
    for descending in (False, True):
        theirs = torch.sort(torch.tensor(x), dim=1, descending=descending, stable=True)
        same(pc.sort(pc.tensor(x), 1, descending), theirs)


def test_bernoulli_and_multinomial_follow_their_probabilities():
    """Means of 40,000 draws within 4 standard errors."""
    pc.manual_seed(5)
    n = 40_000
    mean = pc.bernoulli(pc.full((n,), 0.3)).mean().item()
    assert abs(mean - 0.3) < 4 * (0.3 * 0.7 / n) ** 0.5
    weights = pc.tensor([1.0, 0.0, 3.0])
    drawn = pc.multinomial(weights, n, replacement=True)
    share = (drawn == 2).float().mean().item()
    assert abs(share - 0.75) < 4 * (0.75 * 0.25 / n) ** 0.5
    assert not (drawn == 1).any()
    rows = pc.multinomial(pc.ones(100, 7), 7)
    same([rows.sort(1)[0]], [pc.arange(7).expand(100, 7)])


def test_randperm_can_be_recorded():
    step = pc.compile(lambda: pc.randperm(9))
    first, second = step(), step()
    assert sorted(first.tolist()) == sorted(second.tolist()) == list(range(9))
    assert first.tolist() != second.tolist()


# ---- what is refused

x = pc.tensor(A)
WRONG = [
    (lambda: x.view(pc.int32), "UnsupportedError", ["x.to(dtype)"]),
    (lambda: x.reshape(1.5, 8), "ArgumentError", ["whole numbers"]),
    (lambda: pc.einsum("ij,jk", x), "ArgumentError", ["2 operands"]),
    (lambda: pc.einsum("ij", pc.tensor(CUBE)), "ShapeError", ["'ij'", "(2, 3, 4)"]),
    (lambda: pc.einsum("ij->ii", x), "ArgumentError", ["'i'", "once"]),
    (lambda: pc.einsum("i1", x), "ArgumentError", ["'i1'"]),
    (lambda: pc.einsum("ij,jk", x, x), "ShapeError", ["'j'", "4 and 3"]),
    (lambda: pc.einsum(x, [0, 1]), "UnsupportedError", ["letters"]),
    (lambda: pc.mm(x, x), "ShapeError", ["a @ b.mT"]),
    (lambda: pc.bmm(x, x), "ShapeError", ["3 axes", "matmul"]),
    (lambda: pc.topk(x, 9), "ArgumentError", ["from 0 to 4"]),
    (lambda: pc.quantile(x, 1.5), "ArgumentError", ["from 0 to 1"]),
    (lambda: pc.scatter(x, 0, pc.tensor([[9]]), 1.0), "LabelError", ["9"]),
    (lambda: pc.index_select(x, 0, pc.tensor([1.0])), "DtypeError", ["index.long()"]),
    (lambda: x[pc.tensor([True, False])], "ShapeError", ["mask of shape (2,)"]),
    (lambda: pc.compile(x.masked_select)(x > 0), "RecordedValueError", ["x[mask]"]),
    (lambda: pc.arange(0, 5, 0), "ArgumentError", ["steps of 0"]),
    (lambda: pc.tensor(1.0).to("cuda"), "UnsupportedError", ["'cuda'", "processor"]),
    (lambda: pc.split(x, [1, 1], 0), "ShapeError", ["add up to 3"]),
    (lambda: pc.stack([x, pc.tensor(B)]), "ShapeError", ["(3, 4)"]),
    (lambda: pc.matrix_power(x, 2), "ShapeError", ["square"]),
    (lambda: pc.multinomial(x[0], 9), "ArgumentError", ["without replacement"]),
]


@pytest.mark.parametrize(("program", "kind", "words"), WRONG, ids=range(len(WRONG)))
def test_what_is_refused(program, kind, words):
    with pytest.raises(errors.PellucidError) as caught:
        program()
    assert type(caught.value).__name__ == kind, str(caught.value)
    for part in words:
        assert part in str(caught.value)
