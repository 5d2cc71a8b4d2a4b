"""Pictures inside the page: figures and single inputs as PNG in data addresses, so that the page is one file."""

import base64
import html
import io
import math

import numpy as np

WIDE = 6  # inches of a figure that would be unreadable at the width of a phone
SMALLEST = 96  # pixels to which the side of a small picture is enlarged


def figure_tag(figure, alt, caption):
    """A matplotlib figure with its caption and a text for those who do not see it; a wide one scrolls on a phone."""
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=110)
    wide = figure.get_figwidth() > WIDE
    size = 'class="wide"' if wide else f'width="{figure.get_figwidth() * 90:.0f}"'
    picture = f'<img alt="{html.escape(alt, quote=True)}" {size} src="{address(file.getvalue())}">'
    if wide:
        name = html.escape(caption, quote=True)
        picture = f'<div class="scroll" tabindex="0" role="region" aria-label="{name}">{picture}</div>'
    return f"<figure>{picture}<figcaption>{html.escape(caption)}</figcaption></figure>"


def address(png):
    """A PNG as an address that holds it."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def as_pictures(x, shape=None):
    """Inputs as uint8 pictures (n, height, width) or (n, height, width, 3); None if they are none.

    Grey ones are ink on paper: the smallest number of all is white, the largest black. Colours between 0 and 1 are
    taken as they are, all others are stretched.
    """
    if not len(x) or x.dtype.kind not in "biuf":
        return None
    if shape is not None:
        x = x.reshape(len(x), *shape)
    if x.ndim == 4 and x.shape[1] in (1, 3):
        x = np.moveaxis(x, 1, -1)
    if x.ndim == 4 and x.shape[3] == 1:
        x = x[..., 0]
    colour = x.ndim == 4 and x.shape[3] == 3
    if not (x.ndim == 3 or colour) or min(x.shape[1:3]) < 4:
        return None
    whole = x.dtype == np.uint8
    x = np.nan_to_num(x.astype(np.float64), posinf=0, neginf=0)
    low, high = (0.0, 255.0) if colour and whole else (0.0, 1.0) if colour else (0.0, 0.0)
    if not colour or x.min() < low or x.max() > high:
        low, high = float(x.min()), max(float(x.max()), float(x.min()) + 1e-6)
    share = (x - low) / (high - low)
    return np.round(255 * (share if colour else 1 - share)).astype(np.uint8)


def small_picture(picture, alt):
    """One input as an enlarged picture, each pixel a square."""
    from PIL import Image

    times = max(1, math.ceil(SMALLEST / max(picture.shape[:2])))
    file = io.BytesIO()
    Image.fromarray(picture).save(file, format="PNG")  # small; the browser enlarges it
    height, width = (times * length for length in picture.shape[:2])
    return (
        f'<img class="sample" alt="{html.escape(alt, quote=True)}" width="{width}" height="{height}" '
        f'src="{address(file.getvalue())}">'
    )
