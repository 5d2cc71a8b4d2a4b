"""Many small pictures on one sheet, with what they are and what the network took them for."""

import numpy as np

from pellucid.errors import ArgumentError, ShapeError
from pellucid.view.canvas import INK, VERMILLION, new_figure, save

MOST = 1000  # pictures on a sheet; more could be neither seen nor drawn in a reasonable time
CELL = 0.8  # inches from one picture to the next
GAP = 0.15  # between two pictures, in widths of a picture
LINE = 0.24  # one line of text, in widths of a picture
LETTER = 0.1  # of the names of rows, in widths of a picture


def image_grid(images, path=None, *, labels=None, predictions=None, columns=10, rows=None, title=None):
    r"""Draw pictures in rows, each with its label; wrong predictions get a thick frame, a cross and both names.

    Grey pictures are drawn as ink on paper: the smallest number of the whole sheet is white, the largest
    black. Colours are taken as they are.

    Args:
        images: at most 1000, grey of shape (n, height, width) or (n, 1, height, width), or red, green, blue
            of shape (n, 3, height, width); the channels may also come last. Colours are floats from 0 to 1
            or uint8 from 0 to 255.
        path: where to save the picture as PNG; None saves nothing.
        labels: n right answers, numbers or names.
        predictions: n answers of the network, of the same kind as the labels.
        columns: pictures per row.
        rows: a name for each row, written to the left of it.
        title: a line above the picture; with labels and predictions the number of right ones is added.

    Returns:
        the matplotlib `Figure`.

    Raises:
        ShapeError: the images have another shape.
        ArgumentError: there is no image or too many, labels, predictions or names of rows are not as
            many, colours lie outside their range, or `columns` is less than 1.

    >>> import numpy as np
    >>> figure = image_grid(np.eye(8)[None], labels=[3], predictions=[5])
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['✗ 5\nis 3']
    """
    images = check_images(images)
    count, height_in_pixels, width_in_pixels = images.shape[:3]
    labels, predictions = check_answers("labels", labels, count), check_answers("predictions", predictions, count)
    captions, wrong = make_captions(labels, predictions, count)
    if not isinstance(columns, int) or columns < 1:
        raise ArgumentError(f"image_grid got columns={columns!r}, and at least one picture per row is needed.")
    columns = min(columns, count)
    row_count = -(-count // columns)
    height = height_in_pixels / width_in_pixels  # of one picture, whose width is 1
    lines = [line for caption in captions for line in caption.split("\n")]
    deep = max(caption.count("\n") + 1 if caption else 0 for caption in captions)  # lines of the deepest caption
    small = 8 * 11 / max(11, *map(len, lines))  # points; at 8 points eleven letters are as wide as a picture
    step = height + GAP + LINE * deep

    names = row_names(rows, row_count)
    margin = LETTER * max(len(name) for name in names)
    figure = new_figure(max(CELL * columns + CELL * margin / (1 + GAP), 3), CELL * row_count * step / (1 + GAP) + 0.4)
    axes = figure.add_subplot()
    # Light to dark, so that a sheet costs little ink and looks the same in print; see the docstring.
    grey = {"cmap": "gray_r", "vmin": images.min(), "vmax": max(images.max(), images.min() + 1e-6)}
    for index, image in enumerate(images):
        row, column = divmod(index, columns)
        x, y = column * (1 + GAP), row * step
        axes.imshow(image, extent=(x, x + 1, y + height, y), **(grey if image.ndim == 2 else {}))
        draw_frame(axes, x, y, height, wrong[index])
        text = axes.text(x + 0.5, y + height + 0.05, captions[index], ha="center", va="top", fontsize=small)
        text.set(color=VERMILLION if wrong[index] else INK, weight="bold" if wrong[index] else "normal")
    for row, name in enumerate(names if margin else ()):
        axes.text(-GAP, row * step + height / 2, name, ha="right", va="center", fontsize=8, color=INK)
    right = columns * (1 + GAP) - GAP + 0.1
    axes.set(xlim=(-0.1 - margin, right), ylim=(row_count * step - 0.05, -0.1), aspect="equal")
    axes.axis("off")
    if labels is not None and predictions is not None:
        score = f"{count - sum(wrong)} of {count} right"
        title = f"{title}: {score}" if title else score
    if title:
        write_title(figure, title)
    if path is not None:
        save(figure, path)
    return figure


def write_title(figure, title):
    """A line above the sheet, in letters small enough for its width."""
    letters = figure.get_figwidth() / 0.1  # at 12 points a letter is about 0.1 inches wide
    figure.suptitle(title, color=INK, fontsize=12 * min(1, letters / len(title)))


def check_images(images):
    """The images as (n, height, width) or (n, height, width, 3), or an error that says what is wrong with them."""
    images = np.asarray(images)
    if images.ndim == 4 and images.shape[1] in (1, 3):
        images = np.moveaxis(images, 1, -1)
    if images.ndim == 4 and images.shape[3] == 1:
        images = images[..., 0]
    if images.ndim != 3 and not (images.ndim == 4 and images.shape[3] == 3):
        raise ShapeError(
            f"image_grid got an array of shape {images.shape}, and images have the shape (n, height, width), "
            "(n, 1, height, width) or (n, 3, height, width).",
            remedy="A single image needs a first axis: image[None]. Flat images need reshape(-1, 28, 28).",
        )
    if images.size == 0 or len(images) > MOST:
        raise ArgumentError(
            f"image_grid got {len(images)} images of {images.shape[1]} x {images.shape[2]} pixels, "
            f"and draws 1 to {MOST} that have at least one pixel.",
            remedy="Take a slice: images[:100].",
        )
    if images.dtype.kind not in "biuf":
        raise ArgumentError(f"image_grid got images of dtype {images.dtype}, and pixels are plain numbers.")
    if images.dtype.kind in "bf":
        images = images.astype(np.float64)
    if not np.isfinite(images).all():
        raise ArgumentError("image_grid got images with NaN or infinite pixels, which have no colour.")
    most = 1 if images.dtype.kind == "f" else 255
    if images.ndim == 4 and (images.min() < 0 or images.max() > most):
        raise ArgumentError(
            f"image_grid got colours from {images.min():g} to {images.max():g}, and needs them between 0 and {most}.",
            remedy="Undo the scaling of the training data first, or divide numbers from 0 to 255 by 255.",
        )
    return images.astype(np.uint8) if images.ndim == 4 and images.dtype.kind != "f" else images


def check_answers(name, answers, count):
    """The answers as a list of strings, one per image, or None where none were given."""
    if answers is None:
        return None
    answers = np.asarray(answers)
    if answers.shape != (count,):
        raise ArgumentError(
            f"image_grid got {count} images and {name} of shape {answers.shape}, and one answer per image is needed.",
            remedy="Scores of shape (n, classes) become answers by .argmax(1).",
        )
    return [str(answer) for answer in answers.tolist()]


def row_names(names, count):
    """What stands to the left of each row, as a list of strings; empty ones where no names were given."""
    if names is None:
        return [""] * count
    names = [str(name) for name in names]
    if len(names) != count:
        raise ArgumentError(f"image_grid draws {count} rows and got {len(names)} names for them.")
    return names


def make_captions(labels, predictions, count):
    """What stands under each image, and which predictions are wrong: two lists as long as the images."""
    if labels is None or predictions is None:
        alone = labels if labels is not None else predictions
        return alone or [""] * count, [False] * count
    pairs = list(zip(labels, predictions, strict=True))
    captions = [label if label == prediction else f"✗ {prediction}\nis {label}" for label, prediction in pairs]
    return captions, [label != prediction for label, prediction in pairs]


def draw_frame(axes, x, y, height, wrong):
    """A thin grey frame, or a thick one around a wrong prediction."""
    from matplotlib.patches import Rectangle

    colour, width = (VERMILLION, 2.5) if wrong else ("#BBBBBB", 0.5)
    axes.add_patch(Rectangle((x, y), 1, height, fill=False, edgecolor=colour, linewidth=width))
