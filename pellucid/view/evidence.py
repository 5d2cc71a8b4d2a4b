"""Which part of a picture made the network answer as it did: two ways to ask, and one way to draw the answer."""

import numpy as np

from pellucid.errors import ArgumentError, ShapeError
from pellucid.view.canvas import INK, new_figure, save

CELL = 1.2  # inches of a picture


def class_activation(model, images, target=None, layer=None):
    """How much each place of the last feature maps speaks for a class: arrays (n, height, width) from 0 to 1.

    The map is relu(the sum over channels c of a_c A_c), where A are the layer's feature maps and a_c is the mean over
    all places of d score[target] / d A_c; then it is enlarged to the size of the image, and its largest number made 1.
    For a network that ends with the mean of each channel and a linear layer, a_c is that layer's weight.

    Args:
        model: a network from images to scores (n, classes), run as it is (call `model.eval()` first).
        images: (n, channels, height, width), a tensor or array.
        target: a class, or one for each image; None takes the class that the model answers.
        layer: a module inside the model whose output has places; None takes the last one with more than one place.

    Raises ShapeError for images that are none, ArgumentError for a model without such a layer.

    Sources: Zhou et al., "Learning deep features for discriminative localization" (2016); Selvaraju et al.,
    "Grad-CAM" (2017).

    >>> import pellucid as pc
    >>> maps = class_activation(pc.models.lenet5(), pc.rand(2, 1, 28, 28), target=3)
    >>> maps.shape, bool(maps.min() >= 0), bool(maps.max() <= 1)
    ((2, 28, 28), True, True)
    """
    import pellucid as pc

    x = as_batch("class_activation", images)
    layer = last_with_places(model, x) if layer is None else layer
    kept = []
    handle = layer.register_forward_hook(lambda _module, _inputs, output: kept.append(output))
    try:
        with pc.enable_grad():
            scores = model(pc.tensor(x, requires_grad=True))
            chosen = targets_of(scores.detach().numpy(), target)
            (slope,) = pc.autograd.grad(scores[np.arange(len(x)), chosen].sum(), kept[-1])
    finally:
        handle.remove()
    weights = slope.numpy().mean((2, 3), keepdims=True)
    maps = np.maximum((weights * kept[-1].detach().numpy()).sum(1, keepdims=True), 0)
    size = x.shape[2:]
    maps = pc.functional.interpolate(pc.tensor(maps), size=size, mode="bilinear", align_corners=False).numpy()[:, 0]
    return maps / np.maximum(maps.max((1, 2), keepdims=True), 1e-12)


def occlusion(model, images, target=None, *, size=4, stride=2, value=0.0):
    """How much the probability of the class falls when a square is hidden: arrays (n, height, width).

    A square of `size` pixels, filled with `value`, is moved over the image in steps of `stride`; each pixel gets the
    mean, over the squares that hid it, of p(target) before minus after. Above 0: what was there spoke for the class.

    Args:
        model, images, target: as for `class_activation`.
        size, stride: of the square, in pixels.
        value: what hides it, in the numbers of the images.

    Raises ShapeError for images that are none, ArgumentError for sizes that do not fit.

    Source: Zeiler and Fergus, "Visualizing and understanding convolutional networks" (2013).

    >>> import pellucid as pc
    >>> occlusion(pc.models.lenet5(), pc.rand(1, 1, 28, 28), size=14, stride=14).shape
    (1, 28, 28)
    """
    import pellucid as pc

    x = as_batch("occlusion", images)
    height, width = x.shape[2:]
    if not (isinstance(size, int) and isinstance(stride, int) and 1 <= size <= min(height, width) and stride >= 1):
        raise ArgumentError(
            f"occlusion hides squares of 1 to {min(height, width)} pixels in steps of at least 1, "
            f"not size={size!r}, stride={stride!r}."
        )

    def probability(pictures):
        with pc.no_grad():
            return pc.softmax(model(pc.tensor(pictures)), 1).numpy()

    before = probability(x)
    chosen = targets_of(before, target)
    each = np.arange(len(x))
    fall, times = np.zeros((len(x), height, width)), np.zeros((height, width))
    for top in starts(height, size, stride):
        for left in starts(width, size, stride):
            hidden = x.copy()
            hidden[:, :, top : top + size, left : left + size] = value
            loss = before[each, chosen] - probability(hidden)[each, chosen]
            fall[:, top : top + size, left : left + size] += loss[:, None, None]
            times[top : top + size, left : left + size] += 1
    return (fall / np.maximum(times, 1)).astype(np.float32)


def heat_maps(images, maps, path=None, *, labels=None, title=None):
    """Draw each picture in gray, and beside it the same with its map over it: purple for, orange against.

    Args:
        images: (n, height, width), (n, 1, height, width) or (n, 3, height, width).
        maps: (n, height, width), such as `class_activation` and `occlusion` give.
        path: where to save the picture as PNG; None saves nothing.
        labels: n names to stand above the pictures.
        title: a line above all.

    Returns the matplotlib `Figure`. Raises ShapeError where maps and images do not fit.

    >>> import numpy as np
    >>> len(heat_maps(np.eye(8)[None], np.ones((1, 8, 8)), labels=["diagonal"]).axes)
    2
    """
    images = np.asarray(images.detach() if hasattr(images, "detach") else images, dtype=np.float64)
    gray = images.mean(1) if images.ndim == 4 else images
    maps = np.asarray(maps, dtype=np.float64)
    if gray.ndim != 3 or gray.shape != maps.shape or not gray.size:
        raise ShapeError(f"heat_maps got images of shape {images.shape} and maps of shape {maps.shape}.")
    figure = new_figure(max(3.0, CELL * len(gray)), 2 * CELL + 0.5)
    grid = figure.subplots(2, len(gray), squeeze=False)
    for index, (image, heat) in enumerate(zip(gray, maps, strict=True)):
        most = np.abs(heat).max() or 1.0
        for axes in grid[:, index]:
            axes.imshow(image, cmap="gray_r", vmin=image.min(), vmax=image.max() + 1e-9)
            axes.axis("off")
        grid[1, index].imshow(heat, cmap="PuOr", vmin=-most, vmax=most, alpha=0.65)
        if labels is not None:
            grid[0, index].set_title(str(labels[index]), fontsize=8, color=INK)
    if title:
        figure.suptitle(title, color=INK, fontsize=10)
    if path is not None:
        save(figure, path)
    return figure


def as_batch(who, images):
    """The images as a float array (n, channels, height, width)."""
    x = np.asarray(images.detach() if hasattr(images, "detach") else images)
    if x.ndim != 4 or not x.size or x.dtype.kind != "f":
        raise ShapeError(
            f"{who} takes images (n, channels, height, width) of floats, not {x.dtype}{list(x.shape)}.",
            remedy="One image needs a first axis: image[None]. Bytes become floats by transforms.ToFloat().",
        )
    return x


def targets_of(scores, target):
    """One class for each image."""
    if target is None:
        return scores.argmax(1)
    chosen = np.broadcast_to(np.asarray(target), (len(scores),))
    if chosen.dtype.kind not in "iu" or chosen.min() < 0 or chosen.max() >= scores.shape[1]:
        raise ArgumentError(
            f"target is a class from 0 to {scores.shape[1] - 1}, or one for each image, not {target!r}."
        )
    return chosen


def last_with_places(model, x):
    """The last layer whose output is (n, channels, height, width) with more than one place."""
    import pellucid as pc

    found, handles = [], []

    def watch(layer):
        def keep(_module, _inputs, output):
            if getattr(output, "ndim", 0) == 4 and output.shape[2] * output.shape[3] > 1:
                found.append(layer)

        handles.append(layer.register_forward_hook(keep))

    for layer in model.modules():
        if not list(layer.children()):
            watch(layer)
    try:
        with pc.no_grad():
            model(pc.tensor(x[:1]))
    finally:
        for handle in handles:
            handle.remove()
    found = [layer for layer in found if "Flatten" not in type(layer).__name__]
    if not found:
        raise ArgumentError(
            f"{type(model).__name__} has no layer whose output has places (n, channels, height, width).",
            remedy="It needs a convolution, or name one: layer=model.features.",
        )
    return found[-1]


def starts(length, size, stride):
    """Where squares begin, so that the last one ends at the edge."""
    return sorted({*range(0, length - size + 1, stride), length - size})
