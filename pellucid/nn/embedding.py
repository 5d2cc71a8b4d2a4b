"""The embedding layer: a table that is learned, with one row for each word."""

from pellucid.engine import no_grad
from pellucid.errors import ArgumentError, ShapeError
from pellucid.functional import embedding
from pellucid.functional.embedding import padding_row, refuse_options
from pellucid.nn import init
from pellucid.nn.module import Module
from pellucid.nn.parameter import Parameter
from pellucid.tensors import as_tensor, zeros
from pellucid.tensors.promote import FLOAT32


class Embedding(Module):
    """y[i] = weight[x[i]]: each number becomes the row of that number, a vector that is learned.

    The weight (num_embeddings, embedding_dim) begins as numbers from the normal distribution. The row
    `padding_idx` (negative: counted from the end) begins as zeros and gets no gradient, so it stays as it is.

    Shapes: x (...), integers from 0 to num_embeddings - 1; y (..., embedding_dim). LabelError for a number out of
    range, DtypeError if they are no integers; ArgumentError for negative sizes or a padding_idx out of range.
    PyTorch's other arguments are refused: UnsupportedError.

    Source: Bengio et al., "A neural probabilistic language model" (2003).

    >>> import pellucid as pc
    >>> Embedding(10, 4)(pc.tensor([[1, 2, 4], [4, 3, 9]])).shape
    (2, 3, 4)
    """

    def __init__(
        self,
        num_embeddings,
        embedding_dim,
        padding_idx=None,
        max_norm=None,
        norm_type=2.0,
        scale_grad_by_freq=False,
        sparse=False,
        dtype=FLOAT32,
    ):
        if num_embeddings < 0 or embedding_dim < 0:
            raise ArgumentError(f"Embedding: sizes are not negative, but ({num_embeddings}, {embedding_dim}) came.")
        refuse_options("Embedding", max_norm, scale_grad_by_freq, sparse)
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_row("Embedding", padding_idx, num_embeddings)
        self.weight = Parameter(zeros(num_embeddings, embedding_dim, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self):
        """Draw the weight anew; the padding row becomes zeros."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            with no_grad():
                self.weight[self.padding_idx] = 0.0

    @classmethod
    def from_pretrained(
        cls,
        embeddings,
        freeze=True,
        padding_idx=None,
        max_norm=None,
        norm_type=2.0,
        scale_grad_by_freq=False,
        sparse=False,
    ):
        """A layer whose weight is a copy of `embeddings` (V, D), and is not learned if it is to `freeze`.

        >>> import pellucid as pc
        >>> Embedding.from_pretrained(pc.tensor([[1.0, 2.0], [3.0, 4.0]]))(pc.tensor([1]))
        tensor([[3., 4.]])
        """
        embeddings = as_tensor(embeddings)
        if embeddings.ndim != 2:
            raise ShapeError(f"Embedding.from_pretrained needs a table (V, D), not {embeddings.shape}.")
        layer = cls.__new__(cls)
        refuse_options("Embedding", max_norm, scale_grad_by_freq, sparse)
        layer.num_embeddings, layer.embedding_dim = embeddings.shape
        layer.padding_idx = padding_row("Embedding", padding_idx, layer.num_embeddings)
        layer.weight = Parameter(embeddings, requires_grad=not freeze)
        return layer

    def forward(self, x):
        return embedding(x, self.weight, self.padding_idx)

    def describe(self):
        return f"Embedding({self.num_embeddings}, {self.embedding_dim})"

    def extra_repr(self):
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return f"{self.num_embeddings}, {self.embedding_dim}{padding}"
