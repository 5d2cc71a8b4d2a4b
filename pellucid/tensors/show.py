"""Showing tensors: in the terminal as PyTorch does, in notebooks as a small table."""

import html

import numpy as np

from pellucid.engine import Spec, mode

USUAL = (np.dtype("float32"), np.dtype("int64"), np.dtype("bool"))  # dtypes that go without saying


class ShowMixin:
    """The methods of Tensor that print it."""

    def __repr__(self):
        if self.is_recorded():
            return f"tensor(recorded {Spec(self.shape, self.dtype)}: no numbers yet)"
        array = np.asarray(self.array)
        text = np.array2string(
            array, precision=4, separator=", ", suppress_small=True, threshold=1000, prefix="tensor("
        )
        notes = [] if array.dtype in USUAL else [f"dtype={array.dtype}"]
        if array.size == 0:
            notes.insert(0, f"shape={array.shape}")
        if self.grad_fn is not None:
            notes.append(f"made by {type(self.grad_fn).__name__}")
        elif self.requires_grad:
            notes.append("requires_grad=True")
        return f"tensor({', '.join([text, *notes])})"

    def __format__(self, spec):
        return format(self.item(), spec) if spec and self.numel() == 1 else repr(self)

    def is_recorded(self):
        """Is this a value without numbers, because its step is being recorded?"""
        return type(self.array) is Spec or (self.is_state and mode.local.recording is not None)

    def _repr_html_(self):
        """For notebooks: what it is, and the numbers of its first two axes as a table."""
        title = f"<b>{html.escape(str(Spec(self.shape, self.dtype)))}</b>"
        if self.grad_fn is not None:
            title += f" made by {html.escape(type(self.grad_fn).__name__)}"
        elif self.requires_grad:
            title += " requires_grad"
        if self.is_recorded() or self.ndim == 0 or self.numel() == 0 or self.ndim > 2:
            return f"<div>{title}<pre>{html.escape(repr(self))}</pre></div>"
        rows = np.atleast_2d(np.asarray(self.array))
        more_rows, more_columns = rows.shape[0] > 10, rows.shape[1] > 10
        lines = []
        for row in rows[:10]:
            cells = "".join(f"<td>{number_text(number)}</td>" for number in row[:10])
            lines.append(f"<tr>{cells}{'<td>...</td>' if more_columns else ''}</tr>")
        if more_rows:
            lines.append("<tr><td>...</td></tr>")
        return f"<div>{title}<table>{''.join(lines)}</table></div>"


def number_text(number):
    """At most four significant digits for floats."""
    return f"{number:.4g}" if isinstance(number, np.floating) else str(number)
