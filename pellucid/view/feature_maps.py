"""What the layers of a convolutional network see in one picture: a row of feature maps for each layer."""

import numpy as np

from pellucid.errors import ArgumentError, ShapeError
from pellucid.view.canvas import INK, new_figure, save
from pellucid.view.histograms import activations

CELL = 0.7  # inches of a map


def feature_maps(model, image, path=None, *, layers=None, most=12, title=None):
    """Draw the channels that each layer puts out for one picture, dark where they are large.

    The first layers answer to edges and spots where they are in the picture; the maps of later ones are smaller, and
    answer to larger parts. Each map has its own scale; one that is the same everywhere is drawn white.

    Args:
        model: a network, run as it is (`model.eval()` first where dropout should be off).
        image: what it takes for one sample, (channels, height, width) or with a first axis of 1; a tensor or array.
        path: where to save the picture as PNG; None saves nothing.
        layers: names of layers as `view.activations` gives them; None for all whose output is a picture (their name,
            or its first part, such as "0").
        most: channels shown of each layer.
        title: a line above the picture.

    Returns:
        the matplotlib `Figure`.

    Raises:
        ShapeError: the image is none.
        ArgumentError: no layer (or none of those named) puts out pictures.

    >>> import pellucid as pc
    >>> figure = feature_maps(pc.models.lenet5(), pc.rand(1, 28, 28), layers=["0", "2"])
    >>> len(figure.axes)
    12
    """
    found = maps_of(model, image, layers)
    shown = {name: array[: int(most)] for name, array in found.items()}
    columns = max(len(array) for array in shown.values())
    figure = new_figure(max(3.0, CELL * columns + 1.3), CELL * 1.12 * len(shown) + 0.4)
    grid = figure.subplots(len(shown), columns, squeeze=False)
    for (name, array), cells in zip(shown.items(), grid, strict=True):
        for channel, axes in enumerate(cells):
            if channel >= len(array):
                axes.remove()
                continue
            axes.imshow(array[channel], cmap="gray_r", vmin=array[channel].min(), vmax=array[channel].max() + 1e-9)
            axes.set(xticks=[], yticks=[])
            axes.spines[:].set(color="#BBBBBB", linewidth=0.5)
        more = len(found[name]) - len(array)
        label = f"{name}\n{array.shape[1]} x {array.shape[2]}" + (f"\nand {more} more" if more else "")
        cells[0].set_ylabel(label, rotation=0, ha="right", va="center", fontsize=7, color=INK, labelpad=6)
    if title:
        figure.suptitle(title, color=INK, fontsize=10)
    if path is not None:
        save(figure, path)
    return figure


def maps_of(model, image, layers):
    """For each layer that puts out pictures: name -> array (channels, height, width)."""
    import pellucid as pc

    x = np.asarray(image.detach() if hasattr(image, "detach") else image)
    x = x[np.newaxis] if x.ndim == 3 else x
    if x.ndim != 4 or len(x) != 1:
        raise ShapeError(f"feature_maps takes one image (channels, height, width), not {np.shape(image)}.")
    every = {name: array[0] for name, array in activations(model, pc.tensor(x)).items() if array.ndim == 4}
    chosen = every if layers is None else {n: a for n, a in every.items() if n in layers or n.split()[0] in layers}
    if not chosen:
        named = "" if layers is None else f" among {layers}"
        raise ArgumentError(
            f"{type(model).__name__} has no layer{named} that puts out pictures.",
            remedy=f"There are {', '.join(every) or 'none: it needs convolutions'}.",
        )
    return chosen
