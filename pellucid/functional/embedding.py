"""Embedding: a table with one vector for each word, class or other thing that is known by a number."""

import numpy as np

from pellucid.errors import ArgumentError, DtypeError, LabelError, ShapeError, UnsupportedError
from pellucid.ops import TakeRows
from pellucid.tensors import as_tensor


def embedding(input, weight, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, sparse=False):
    """The rows of the table `weight` that the numbers in `input` name: y[i] = weight[input[i]].

    The same as one-hot vectors times the table, without the multiplications by 0. A row that is named several
    times gets the sum of the gradients. The row `padding_idx` (negative: counted from the end) gets none: it
    stands for places that are filled up only for all sentences to have one length.

    Shapes: input (...), integers from 0 to V - 1; weight (V, D); the result is (..., D). LabelError for a number
    out of range, DtypeError if they are no integers, ShapeError for another weight, ArgumentError for a
    padding_idx out of range. PyTorch's other arguments are refused: UnsupportedError.

    >>> import pellucid as pc
    >>> embedding(pc.tensor([2, 0, 2]), pc.tensor([[0.0, 0.0], [1.0, 1.0], [2.0, 3.0]]))
    tensor([[2., 3.],
            [0., 0.],
            [2., 3.]])
    """
    refuse_options("embedding", max_norm, scale_grad_by_freq, sparse)
    input = as_tensor(input)
    if input.dtype.kind not in "iu":
        raise DtypeError(f"embedding needs integers, not {input.dtype}.", remedy="Convert them: input.long()")
    if weight.ndim != 2:
        raise ShapeError(f"embedding needs a weight of shape (number of rows, length of a row), not {weight.shape}.")
    padding_idx = padding_row("embedding", padding_idx, weight.shape[0])
    input = input.long()
    try:
        rows = TakeRows()(weight, input)  # (..., D)
    except LabelError as error:
        raise number_error(input, weight.shape[0]) from error
    if padding_idx is None:
        return rows
    return rows.where((input != padding_idx).unsqueeze(-1), rows.detach())


def padding_row(who, padding_idx, rows):
    """The number of the padding row, counted from the front; None if there is none."""
    if padding_idx is None:
        return None
    if not -rows <= padding_idx < rows:
        raise ArgumentError(
            f"{who}: padding_idx lies from {-rows} to {rows - 1} for {rows} rows, but is {padding_idx}."
        )
    return int(padding_idx) % rows


def refuse_options(who, max_norm, scale_grad_by_freq, sparse):
    """What PyTorch has and Pellucid has not."""
    if max_norm is not None:
        raise UnsupportedError(
            f"{who} does not shorten its rows: max_norm is not supported.",
            remedy="Leave it out, and divide rows that are too long by their length after optimizer.step().",
        )
    if scale_grad_by_freq:
        raise UnsupportedError(f"{who}: scale_grad_by_freq is not supported.", remedy="Leave it out.")
    if sparse:
        raise UnsupportedError(
            f"{who}: sparse gradients are not supported; the gradient has the shape of the weight.",
            remedy="Leave sparse out. optim.SparseAdam changes only the rows that have a gradient.",
        )


def number_error(input, rows):
    """The error that names the first number that is out of range."""
    numbers = np.ravel(input.array)
    wrong = numbers[(numbers < 0) | (numbers >= rows)][0]
    return LabelError(
        f"embedding was asked for row {wrong}, but its weight has {rows} rows, which count from 0 to {rows - 1}.",
        remedy="Has the table a row for every word, the unknown and the padding one too?",
    )
