"""Small calls of the functions that move, join, pick, multiply, sort and create: see bench/calls.py."""

import numpy as np

from bench.calls import Call, numbers, random

X, Y = numbers(8, 8), numbers(8, 8)
V, W, CUBE, BATCH = numbers(8), numbers(8), numbers(2, 4, 8), numbers(2, 8, 4)
AT, TURN = random.integers(0, 8, 8), random.permutation(8)
PLACES = random.integers(0, 8, (8, 8))
MASK = X > 0
ORDERED = np.sort(numbers(8))

MOVING = [
    Call("reshape", X, (4, 16)),
    Call("flatten", CUBE, 1),
    Call("ravel", X),
    Call("unflatten", X, 1, (2, 4)),
    Call("squeeze", X[None], 0),
    Call("squeeze", X[None], (0, 1)),
    Call("unsqueeze", X, 1),
    Call("permute", CUBE, (2, 0, 1)),
    *[Call(name, X, 0, 1) for name in ("transpose", "swapaxes", "swapdims")],
    *[Call(name, CUBE, 0, 2) for name in ("movedim", "moveaxis")],
    Call("t", X),
    Call("broadcast_to", V, (8, 8)),
    Call("broadcast_tensors", V, X),
    Call("broadcast_shapes", (8, 1), (8,), recorded=False),
    Call("clone", X),
    Call("numel", X, recorded=False),
    Call("tile", X, (2, 1)),
    Call("repeat_interleave", X, 2, 1),
    Call("flip", X, (0, 1)),
    *[Call(name, X) for name in ("fliplr", "flipud", "rot90", "tril", "triu", "diagonal", "diag", "trace")],
    Call("roll", X, 1, 0),
    Call("narrow", X, 1, 2, 3),
    Call("select", X, 1, 2),
    Call("diagonal", X, 1),
    Call("diag", V),
    Call("diag_embed", V),
    Call("diagflat", V),
    *[Call(name, V) for name in ("atleast_1d", "atleast_2d", "atleast_3d")],
]

JOINING = [
    *[Call(name, [X, Y]) for name in (
        "cat", "concat", "concatenate", "stack", "hstack", "vstack", "row_stack", "dstack", "column_stack",
    )],
    Call("cat", [X, Y], 1),
    Call("stack", [V, W], 1),
    Call("block_diag", X, Y),
    Call("split", X, 3),
    Call("split_with_sizes", X, [3, 5], 1),
    Call("tensor_split", X, 3),
    Call("chunk", X, 2, 1),
    *[Call(name, X, 2) for name in ("hsplit", "vsplit")],
    Call("dsplit", CUBE, 2),
    Call("unbind", X),
    Call("meshgrid", V, W, indexing="ij"),
    Call("cartesian_prod", V, W),
    Call("combinations", V),
]  # fmt: skip

PICKING = [
    Call("gather", X, 1, PLACES),
    Call("take_along_dim", X, PLACES, 1),
    Call("take", X, PLACES),
    Call("index_select", X, 0, AT),
    Call("index_select", X, 1, AT),
    Call("masked_select", X, MASK, recorded=False),
    Call("scatter", X, 1, TURN[None] + np.zeros((8, 1), np.int64), Y),
    Call("scatter_add", X, 1, PLACES, Y),
    Call("scatter_reduce", X, 1, PLACES, Y, "amax"),
    Call("scatter_reduce", X, 1, PLACES, Y, "mean"),
    Call("index_add", X, 0, AT, Y),
    Call("index_copy", X, 0, TURN, Y),
    Call("index_fill", X, 0, AT, 1.0),
    Call("index_put", X, (TURN, TURN), V),
    Call("index_put", X, (AT, AT), V, True),
    Call("index_reduce", X, 0, AT, Y, "amin"),
    Call("put", X, TURN, V),
    Call("masked_scatter", X, MASK, Y, recorded=False),
    Call("select_scatter", X, V, 0, 1),
    Call("slice_scatter", X, Y[:4], 0, 0, 4),
    Call("diagonal_scatter", X, V),
    Call("nonzero", X, recorded=False, slopes=False),
    Call("argwhere", X, recorded=False, slopes=False),
    Call("unique", PLACES, recorded=False),
    Call("unique_consecutive", PLACES, recorded=False),
    Call("bincount", AT, recorded=False),
    Call("histc", X, 8, -2.0, 2.0, slopes=False),
    Call("bucketize", X, ORDERED, slopes=False),
    Call("searchsorted", ORDERED, X, slopes=False),
    Call("isin", PLACES, AT[:3]),
]

MULTIPLYING = [
    *[Call(name, X, Y) for name in ("matmul", "mm", "inner")],
    Call("bmm", CUBE, BATCH),
    Call("mv", X, V),
    *[Call(name, V, W) for name in ("dot", "vdot", "outer", "ger")],
    Call("tensordot", X, Y, 1),
    Call("tensordot", CUBE, BATCH, ([1, 2], [2, 1])),
    Call("kron", X[:2, :2], Y[:2, :2]),
    Call("cross", X[:, :3], Y[:, :3]),
    Call("matrix_power", X, 3),
    Call("chain_matmul", X, Y, X, theirs="linalg.multi_dot"),
    Call("linalg.multi_dot", [X, Y, X]),
    Call("linalg.vecdot", X, Y),
    Call("linalg.cross", X[:, :3], Y[:, :3]),
    Call("linalg.diagonal", X),
    Call("linalg.matrix_power", X, 3),
    Call("addmm", X, X, Y),
    Call("addmv", V, X, W),
    Call("addr", X, V, W),
    Call("baddbmm", X[:4, :4], CUBE, BATCH),
    Call("addbmm", X[:4, :4], CUBE, BATCH),
    Call("cdist", X, Y),
    Call("pdist", X, theirs="F.pdist"),
    Call("einsum", "ij,jk->ik", X, Y),
    Call("einsum", "ij,ij->i", X, Y),
    Call("einsum", "bij,bjk->bik", CUBE, BATCH),
    Call("einsum", "ii->i", X),
    Call("vander", V, slopes=False),
]

SORTING = [
    Call("sort", X),
    Call("argsort", X, slopes=False),
    Call("msort", X),
    Call("topk", X, 3),
    Call("kthvalue", X, 3),
    Call("median", X),
    Call("median", X, 1),
    Call("nanmedian", X, 1),
    Call("quantile", X, 0.3, 1),
    Call("nanquantile", X, 0.3, 1),
    Call("mode", PLACES, 1),
]

MAKING = [
    Call("zeros", (8, 8), recorded=False),
    Call("empty", (8, 8), recorded=False),
    Call("ones", (8, 8), recorded=False),
    Call("full", (8, 8), 1.5, recorded=False),
    *[Call(name, X, slopes=False, recorded=False) for name in ("zeros_like", "ones_like", "empty_like")],
    Call("full_like", X, 2.0, slopes=False),
    Call("arange", 8, recorded=False),
    Call("linspace", 0.0, 1.0, 8, recorded=False),
    Call("logspace", 0.0, 1.0, 8, recorded=False),
    Call("eye", 8, recorded=False),
    Call("scalar_tensor", 1.0, recorded=False),
    Call("tril_indices", 8, 8, recorded=False),
    Call("triu_indices", 8, 8, recorded=False),
]

# Each call draws other numbers.
DRAWING = [
    *[Call(name, X, slopes=False, recorded=False) for name in ("rand_like", "randn_like")],
    Call("randint_like", PLACES, 8, recorded=False),
    Call("normal", X, 1.0, slopes=False, recorded=False),
    Call("bernoulli", np.abs(X) * 0.45, slopes=False, recorded=False),
    Call("multinomial", np.abs(X), 2, slopes=False, recorded=False),
    Call("randperm", 8, recorded=False),
    Call("randint", 0, 8, (8, 8), recorded=False),
]

CALLS_MOVING = [*MOVING, *JOINING, *PICKING, *MULTIPLYING, *SORTING, *MAKING, *DRAWING]
