"""Derivatives of functions: `jvp`, `vjp`, `jacobian`, `hessian`, `hvp`, `vhp`, as in torch.autograd.functional.

For y = func(x) with Jacobian J[i, j] = dy_i / dx_j and, if y is one number, Hessian H[i, j] = d2y / dx_i dx_j:

    vjp        v J    one walk back: what backward does
    jvp        J v    two walks back: u J is linear in u, and its gradient along v is J v
    jacobian   J      one walk back for each element of the result, or two for each element of an input
    hessian    H      the Jacobian of the gradient
    hvp        H v    the jvp of the gradient
    vhp        v H    the vjp of the gradient: the same numbers as hvp where H is symmetric, one walk cheaper

All are made of `grad`, so they are recorded inside `pc.compile` like anything else. There, what nobody reads is
dropped: of a compiled jvp nothing remains but the forward pass and the tangents beside it. Compile around them, not
inside: `pc.compile(lambda x: jacobian(func, x))`, since arguments of a compiled step get no gradient.
"""

import numpy as np

from pellucid import engine
from pellucid.errors import ArgumentError, DtypeError, GradientError, ShapeError, UnsupportedError
from pellucid.ops import Reshape
from pellucid.tensors.autograd.gradients import grad, new_leaf, several, spec_of
from pellucid.tensors.create import zeros, zeros_like
from pellucid.tensors.join import stack
from pellucid.tensors.promote import constant


def vjp(func, inputs, v=None, create_graph=False, strict=False):
    """The vector-Jacobian product: (func(*inputs), v J), what `backward` computes.

    `inputs` is a tensor or a tuple of tensors, `v` has the shapes of the results and may be left out if that is one
    number; v J has the shapes of the inputs. With `create_graph` both have gradients themselves. An input that the
    results do not depend on has zeros, or raises GradientError if `strict`.

    >>> import pellucid as pc
    >>> vjp(lambda x: x * x, pc.tensor([1.0, 3.0]), pc.tensor([1.0, 10.0]))
    (tensor([1., 9.]), tensor([ 2., 60.]))
    """
    call = Call("vjp", func, inputs, create_graph)
    v = call.vector(v, call.outputs, "result")
    found = call.gradients(call.outputs, call.inputs, v, create_graph, strict)
    return call.outcome(), call.like_inputs(found)


def jvp(func, inputs, v=None, create_graph=False, strict=False):
    """The Jacobian-vector product: (func(*inputs), J v), how the results change as the inputs move along v.

    `v` has the shapes of the inputs and may be left out if that is one number; J v has the shapes of the results.
    It is made of two walks back (J. Townsend, "A new trick for calculating Jacobian vector products", 2017): u J is
    linear in u, and the gradient of (u J) v with respect to u is J v. That costs about twice a vjp; compiled, no
    more than the forward pass twice. All else is as in `vjp`.

    >>> import pellucid as pc
    >>> jvp(lambda x: x * x, pc.tensor([1.0, 3.0]), pc.tensor([1.0, 10.0]))
    (tensor([1., 9.]), tensor([ 2., 60.]))
    """
    call = Call("jvp", func, inputs, create_graph)
    v = call.vector(v, call.inputs, "input")
    return call.outcome(), call.like_outputs(call.along(call.outputs, v, create_graph, strict))


def jacobian(func, inputs, create_graph=False, strict=False, vectorize=False, strategy="reverse-mode"):
    """The Jacobian of func at `inputs`: for a result of shape R and an input of shape S a tensor of shape (*R, *S).

    Several results give a tuple of them, several inputs a tuple each, as in PyTorch: `jacobian(...)[i][j]` is the
    derivative of result i with respect to input j. With strategy "reverse-mode" each element of the results costs a
    walk back, with "forward-mode" each element of the inputs costs a `jvp`: choose it if there are fewer of them.
    `vectorize` is refused.

    >>> import pellucid as pc
    >>> jacobian(lambda x: pc.stack([x[0] * x[1], x[0] + x[1]]), pc.tensor([2.0, 3.0]))
    tensor([[3., 2.],
            [1., 1.]])
    """
    if vectorize:
        raise UnsupportedError("jacobian knows no vectorize: rows are computed one after the other.")
    if strategy not in ("reverse-mode", "forward-mode"):
        raise ArgumentError(f"strategy must be 'reverse-mode' or 'forward-mode', not {strategy!r}.")
    call = Call("jacobian", func, inputs, create_graph)
    rows_of = by_results if strategy == "reverse-mode" else by_inputs
    tables = rows_of(call, create_graph, strict)
    if strict and create_graph and not all(x.requires_grad for row in tables for x in row):
        raise call.independent("The Jacobian", "an input")
    return call.like_outputs([call.like_inputs(row) for row in tables])


def hessian(func, inputs, create_graph=False, strict=False, vectorize=False, outer_jacobian_strategy="reverse-mode"):
    """The Hessian of func, which gives one number: for inputs of shapes S and T a tensor of shape (*S, *T).

    Several inputs give a tuple of tuples, `hessian(...)[i][j]` being the second derivative with respect to inputs i
    and j. It is the Jacobian of the gradient.

    >>> import pellucid as pc
    >>> hessian(lambda x: (x * x * x).sum(), pc.tensor([1.0, 2.0]))  # 6 x on the diagonal
    tensor([[ 6.,  0.],
            [ 0., 12.]])
    """

    def gradient(*xs):
        call = Call("hessian", func, xs, True)
        call.needs_one_number()
        found = call.gradients(call.outputs, call.inputs, None, True, strict)
        return call.like_inputs(found) if type(inputs) in (tuple, list) else found[0]

    return jacobian(gradient, inputs, create_graph, strict, vectorize, outer_jacobian_strategy)


def vhp(func, inputs, v=None, create_graph=False, strict=False):
    """The product of a vector and the Hessian: (func(*inputs), v H), for func that gives one number.

    `v` and v H have the shapes of the inputs. The Hessian is symmetric (for functions with continuous second
    derivatives), so this is H v as well, at the cost of one more walk back than the gradient.

    >>> import pellucid as pc
    >>> vhp(lambda x: (x * x * x).sum(), pc.tensor([1.0, 2.0]), pc.tensor([1.0, 1.0]))
    (tensor(9.), tensor([ 6., 12.]))
    """
    call = Call("vhp", func, inputs, create_graph)
    call.needs_one_number()
    v = call.vector(v, call.inputs, "input")
    slopes = call.gradients(call.outputs, call.inputs, None, True, strict)
    return call.outcome(), call.like_inputs(call.gradients(slopes, call.inputs, v, create_graph, strict))


def hvp(func, inputs, v=None, create_graph=False, strict=False):
    """The product of the Hessian and a vector: (func(*inputs), H v), for func that gives one number.

    `v` and H v have the shapes of the inputs. It is the `jvp` of the gradient, three walks back in all (B. Pearlmutter,
    "Fast exact multiplication by the Hessian", 1994); `vhp` gives the same with two where the Hessian is symmetric.

    >>> import pellucid as pc
    >>> hvp(lambda x: (x * x * x).sum(), pc.tensor([1.0, 2.0]), pc.tensor([1.0, 1.0]))
    (tensor(9.), tensor([ 6., 12.]))
    """
    call = Call("hvp", func, inputs, create_graph)
    call.needs_one_number()
    v = call.vector(v, call.inputs, "input")
    slopes = call.gradients(call.outputs, call.inputs, None, True, strict)
    return call.outcome(), call.like_inputs(call.along(slopes, v, create_graph, strict))


class Call:
    """One call of a user's function on leaves of our own, so that its gradients lead to these and no further."""

    def __init__(self, who, func, inputs, create_graph):
        if not callable(func):
            raise ArgumentError(
                f"{who} takes a function, not the {type(func).__name__} that it gave.",
                remedy=f"Pass it without calling it: {who}(lambda x: ..., x)",
            )
        self.who = who
        self.create_graph = create_graph
        self.one_input = not isinstance(inputs, (tuple, list))
        given = several(inputs, f"{who}: inputs")
        for i, x in enumerate(given):
            if x.dtype.kind != "f":
                raise DtypeError(f"{who}: input {i} is {spec_of(x)}; only floats have derivatives.", remedy="x.float()")
        with engine.Setting(grad=True):
            self.inputs = [linked(x) if create_graph and x.requires_grad else new_leaf(x) for x in given]
            results = func(*self.inputs)
        self.one_output = not isinstance(results, (tuple, list))
        self.outputs = several(results, f"{who}: what the function returns")

    def vector(self, v, like, what):
        """v as a list of tensors with the shapes of `like`, or None for the one number that needs none."""
        if v is None:
            if len(like) != 1 or like[0].numel() != 1:
                raise ArgumentError(
                    f"{self.who} needs v, of the shape of each {what}; without it there must be one {what} of one "
                    f"number, but there are {len(like)}, the first of shape {tuple(like[0].shape)}."
                )
            with engine.Setting(grad=False):
                return [zeros_like(like[0]) + 1.0]
        v = several(v, f"{self.who}: v")
        have, want = [tuple(x.shape) for x in v], [tuple(x.shape) for x in like]
        if have != want:
            raise ShapeError(f"{self.who}: v must have the shapes of the {what}s, {want}, but has {have}.")
        return [x if self.create_graph else x.detach() for x in v]

    def gradients(self, outputs, inputs, seeds, create_graph, strict):
        """The gradients of the outputs, zeros where there is no dependence (or GradientError, if strict)."""
        seeds = [None] * len(outputs) if seeds is None else seeds
        for i, y in enumerate(outputs):
            if strict and not y.requires_grad:
                raise self.independent(f"output {i} of the function", "all inputs")
        pairs = [(y, seed) for y, seed in zip(outputs, seeds, strict=True) if y.requires_grad]
        found = [None] * len(inputs)
        if pairs:
            found = grad(
                [y for y, _ in pairs], inputs, [seed for _, seed in pairs],
                retain_graph=True, create_graph=create_graph, allow_unused=True,
            )  # fmt: skip
        for i, g in enumerate(found):
            if strict and g is None:
                raise self.independent("what the function returns", f"input {i}")
        return [zeros_like(x) if g is None else g for x, g in zip(inputs, found, strict=True)]

    def along(self, outputs, v, create_graph, strict):
        """J v for `outputs` of the inputs: the gradient of (u J) v with respect to u."""
        with engine.Setting(grad=True):
            u = [new_leaf(zeros_like(y)) for y in outputs]
        products = self.gradients(outputs, self.inputs, u, True, strict)
        return self.gradients(products, u, v, create_graph, False)

    def needs_one_number(self):
        """Refuse a function with more results: it has no Hessian."""
        if len(self.outputs) != 1 or self.outputs[0].numel() != 1:
            shapes = ", ".join(str(spec_of(y)) for y in self.outputs)
            raise ShapeError(
                f"{self.who} needs a function that gives one number; this one gives {shapes}.",
                remedy="Sum it, or take the jacobian of each part's gradient.",
            )

    def independent(self, what, of):
        """The error for `strict`."""
        return GradientError(
            f"{self.who}: {what} is independent of {of}, which strict=True does not allow.",
            remedy="With strict=False its derivative is zeros.",
        )

    def outcome(self):
        """What the function gave, with a history only if that was asked for."""
        return self.like_outputs(self.outputs)

    def finished(self, values):
        """Values cut off from their history unless create_graph."""
        return [x if self.create_graph or isinstance(x, tuple) else x.detach() for x in values]

    def like_inputs(self, values):
        """One value for one input, a tuple for a tuple."""
        return self.finished(values)[0] if self.one_input else tuple(self.finished(values))

    def like_outputs(self, values):
        """One value for one result, a tuple for a tuple."""
        return self.finished(values)[0] if self.one_output else tuple(self.finished(values))


def by_results(call, create_graph, strict):
    """Rows of the Jacobian, each a walk back from one element of a result."""
    tables = []
    for y in call.outputs:
        rows = []
        for i in range(y.numel()):
            one = constant(unit(y, i))
            rows.append(call.gradients([y], call.inputs, [one], create_graph, strict))
        tables.append(
            [put_together(row, y.shape, x, 0) for x, row in zip(call.inputs, turned(rows, call), strict=True)]
        )
    return tables


def by_inputs(call, create_graph, strict):
    """Columns of the Jacobian, each a jvp along one element of an input."""
    tables = [[] for _ in call.outputs]
    for at, x in enumerate(call.inputs):
        columns = []
        for i in range(x.numel()):
            v = [constant(unit(z, i if at == k else None)) for k, z in enumerate(call.inputs)]
            columns.append(call.along(call.outputs, v, create_graph, strict))
        for k, y in enumerate(call.outputs):
            tables[k].append(put_together([column[k] for column in columns], x.shape, y, -1))
    return tables


def turned(rows, call):
    """For each input its derivatives, from rows that hold one for each input."""
    return [[row[k] for row in rows] for k in range(len(call.inputs))]


def put_together(parts, shape, like, axis):
    """One tensor of derivatives: those along `shape` stacked in front of (0) or behind (-1) the shape of `like`."""
    whole = (*shape, *like.shape) if axis == 0 else (*like.shape, *shape)
    return stack(parts, axis).reshape(whole) if parts else zeros(whole, dtype=like.dtype)


def unit(x, at):
    """An array of the shape and dtype of x: 1 at element `at`, else 0."""
    array = np.zeros(x.shape, x.dtype)
    if at is not None:
        array.flat[at] = 1
    return array


def linked(x):
    """The same value as a new one that leads back to x: gradients of the call end there, those of results go on."""
    return Reshape(tuple(x.shape))(x)


__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]
