"""What a convolutional layer looks for: its kernels as small pictures."""

import numpy as np

from pellucid.errors import ArgumentError, ShapeError
from pellucid.view.canvas import INK, new_figure, save

MOST = 256  # kernels on a sheet
CELL, GAP = 0.55, 0.15  # inches of a kernel, and the gap in widths of one


def kernels(weight, path=None, *, columns=8, title=None):
    """Draw kernels, each as a picture: orange where a weight is below 0, white at 0, purple where it is above.

    A place of the input under purple raises the result, one under orange lowers it: an edge is orange on one side
    and purple on the other. All share one scale, so that weak kernels look weak.

    Args:
        weight: a layer with such a `weight` (nn.Conv2d), or its numbers, (out_channels, in_channels, height, width).
            A kernel with several input channels is drawn as several pictures, one row for each output channel.
        path: where to save the picture as PNG; None saves nothing.
        columns: pictures per row, where there is one input channel.
        title: a line above the picture.

    Returns:
        the matplotlib `Figure`.

    Raises:
        ShapeError: the weights have another shape.
        ArgumentError: there are none or too many (more than 256 pictures), or they are not finite.

    >>> import numpy as np
    >>> figure = kernels(np.array([[[[-1.0, 0.0, 1.0]] * 3]]), title="vertical edge")
    >>> figure.axes[0].get_title()
    'vertical edge'
    """
    weight = check_weight(weight)
    count, channels = weight.shape[:2]
    columns = channels if channels > 1 else min(columns, count)
    pictures = weight.reshape(count * channels, *weight.shape[2:])
    rows = -(-len(pictures) // columns)
    height = weight.shape[2] / weight.shape[3]  # of one picture, whose width is 1
    largest = float(np.abs(weight).max()) or 1.0

    figure = new_figure(max(3.0, CELL * columns * (1 + GAP) + 1.2), max(1.6, CELL * rows * (height + GAP) + 0.6))
    axes = figure.add_subplot()
    drawn = None
    for index, picture in enumerate(pictures):
        row, column = divmod(index, columns)
        x, y = column * (1 + GAP), row * (height + GAP)
        drawn = axes.imshow(picture, extent=(x, x + 1, y + height, y), cmap="PuOr", vmin=-largest, vmax=largest)
    axes.set(xlim=(-0.1, columns * (1 + GAP)), ylim=(rows * (height + GAP), -0.1), aspect="equal")
    axes.axis("off")
    if drawn is not None:
        bar = figure.colorbar(drawn, ax=axes, shrink=min(1.0, 1.2 / (rows * CELL) + 0.3))
        bar.set_label("weight", fontsize=8, color=INK)
        bar.ax.tick_params(labelsize=7, labelcolor=INK)
    if title:
        axes.set_title(title, color=INK, fontsize=10)
    if path is not None:
        save(figure, path)
    return figure


def check_weight(weight):
    """The weights as an array (out_channels, in_channels, height, width), or an error that says what is wrong."""
    weight = getattr(weight, "weight", weight)
    weight = np.asarray(weight.detach() if hasattr(weight, "detach") else weight)
    if weight.ndim == 3:  # a layer over one axis: kernels of height 1
        weight = weight[:, :, np.newaxis]
    if weight.ndim != 4:
        raise ShapeError(
            f"kernels got weights of shape {weight.shape}, and draws (out_channels, in_channels, height, width).",
            remedy="Pass a convolutional layer, such as model[0].",
        )
    pictures = weight.shape[0] * weight.shape[1]
    if not weight.size or pictures > MOST:
        raise ArgumentError(
            f"kernels got weights of shape {weight.shape}, which are {pictures} pictures, and draws 1 to {MOST}.",
            remedy="Take some of them: layer.weight[:16].",
        )
    if not np.isfinite(weight).all():
        raise ArgumentError("kernels got weights with NaN or infinity, which have no colour.")
    return weight
