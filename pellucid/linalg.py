"""Linear algebra under the names of `torch.linalg`: what is here of it."""

from pellucid import blame
from pellucid.errors import ShapeError
from pellucid.tensors import matmul, matrix_power, movement, product
from pellucid.tensors.norms import matrix_norm, vector_norm
from pellucid.tensors.product import multi_dot, vecdot
from pellucid.tensors.promote import as_tensor

__all__ = ["cross", "diagonal", "matmul", "matrix_norm", "matrix_power", "multi_dot", "norm", "vecdot", "vector_norm"]


def norm(A, ord=None, dim=None, keepdim=False, *, dtype=None):
    """`vector_norm` along one axis, `matrix_norm` over two; without ord the length sqrt(sum of x^2) of all elements.

    With ord and without dim A is a vector or a matrix: ShapeError for more axes.

    >>> import pellucid as pc
    >>> pc.linalg.norm(pc.tensor([[1.0, -2.0], [3.0, 4.0]]), ord="fro")
    tensor(5.4772)
    """
    x = as_tensor(A)
    if ord is None:
        return vector_norm(x, 2, dim, keepdim, dtype=dtype)
    if dim is None:
        if x.ndim not in (1, 2):
            raise ShapeError(f"linalg.norm with ord and without dim takes a vector or a matrix, not shape {x.shape}.")
        dim = (0, 1) if x.ndim == 2 else 0
    if isinstance(dim, (tuple, list)) and len(dim) == 2:
        return matrix_norm(x, ord, dim, keepdim, dtype=dtype)
    return vector_norm(x, ord, dim, keepdim, dtype=dtype)


def cross(input, other, *, dim=-1):
    """The cross product of vectors of three along `dim`; other axes broadcast.

    >>> import pellucid as pc
    >>> pc.linalg.cross(pc.tensor([1, 0, 0]), pc.tensor([0, 1, 0]))
    tensor([0, 0, 1])
    """
    return product.cross(input, other, dim)


def diagonal(A, *, offset=0, dim1=-2, dim2=-1):
    """The diagonals of matrices, as `Tensor.diagonal` with the last two axes."""
    return movement.diagonal(A, offset, dim1, dim2)


blame.answer_for(globals())
