"""What a user hands to `pellucid predict`, brought into the form in which the network has learned.

Pictures are ink on paper: 0 is paper, 1 is ink, as in the data the networks learn from. Photos have their colours.
"""

import struct
import warnings
from pathlib import Path

import numpy as np

from pellucid.errors import ArgumentError, DataFileError

FAINT = 0.15  # with less contrast than this a picture is blank
SOLID = 0.3  # darker than this is ink for sure: the box around it is what the network shall see


class Pictures:
    """Pictures of `size` by `size` pixels in which the ink fills about `ink` pixels in height or width."""

    example = "IMAGE..."

    def __init__(self, size, ink):
        self.size = size
        self.ink = ink

    def read(self, arguments):
        """Files as an array float32 (n, size, size), and their names."""
        paths = [Path(argument) for argument in arguments]
        return np.stack([self.fit(read_picture(path), path) for path in paths]), [str(path) for path in paths]

    def fit(self, grey, path):
        """A grey picture of any size (0 black, 1 white) as ink on paper of our size."""
        edge = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
        light_paper = edge.mean() > 0.5
        ink = 1 - grey if light_paper else grey
        if np.ptp(ink) < FAINT:
            raise blank(path)
        pixels = self.pixels(ink)
        if pixels is not None:
            return pixels
        ink = np.clip(ink - np.median(1 - edge if light_paper else edge), 0, None)
        if ink.max() < FAINT:
            raise blank(path)
        return self.centred(ink / ink.max())

    def pixels(self, ink):
        """The pixels of a picture of our size, perhaps enlarged to squares of one grey each; None for any other.

        Such a picture is one of the data set: it is taken as it is, and nothing is moved.
        """
        height, width = ink.shape
        if height != width or height % self.size:
            return None
        block = height // self.size
        squares = ink.reshape(self.size, block, self.size, block)
        return None if np.ptp(squares, axis=(1, 3)).max() > FAINT else squares.mean(axis=(1, 3), dtype=np.float32)

    def centred(self, ink):
        """Cut the paper away, bring the ink to its size, and put its centre of mass into the middle."""
        rows, columns = np.nonzero(ink.max(axis=1) > SOLID)[0], np.nonzero(ink.max(axis=0) > SOLID)[0]
        ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        scale = self.ink / max(ink.shape)
        ink = resized(ink, [max(1, round(length * scale)) for length in ink.shape])
        picture = np.zeros((self.size, self.size), np.float32)
        corner = []
        for axis, length in enumerate(ink.shape):
            mass = ink.sum(axis=1 - axis)
            middle = (mass * (np.arange(length) + 0.5)).sum() / max(mass.sum(), 1e-6)
            corner.append(int(np.clip(round(self.size / 2 - middle), 0, self.size - length)))
        top, left = corner
        picture[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
        return picture


def blank(path):
    """The error for a picture on which nothing can be told apart."""
    return DataFileError(
        f"{path} is almost of one colour; there is nothing on it to recognise.",
        remedy="Take a picture with more contrast, of one thing on an even ground.",
    )


class Photos:
    """Colour pictures of `size` by `size` pixels: the largest square in the middle of whatever comes."""

    example = "IMAGE..."

    def __init__(self, size):
        self.size = size

    def read(self, arguments):
        """Files as an array float32 (n, 3, size, size) from 0 to 1, and their names."""
        paths = [Path(argument) for argument in arguments]
        return np.stack([self.fit(path) for path in paths]), [str(path) for path in paths]

    def fit(self, path):
        """The middle of a photo at our size: means over squares where it shrinks."""
        from PIL import Image, ImageOps

        photo = read_image(path, lambda image: on_white(image).convert("RGB"))
        square = ImageOps.fit(photo, (self.size, self.size), Image.Resampling.BOX)
        return np.asarray(square, np.float32).transpose(2, 0, 1) / 255


class Numbers:
    """Rows of a table, one number for each of the named features."""

    def __init__(self, features):
        self.features = features
        self.example = " ".join(["NUMBER"] * len(features))

    def read(self, arguments):
        """The numbers as an array float32 (n, features), and how to call each row."""
        count = len(self.features)
        try:
            numbers = [float(argument.replace(",", " ").strip()) for argument in arguments]
        except ValueError:
            raise ArgumentError(
                f"this network takes numbers ({', '.join(self.features)}), and {' '.join(arguments)!r} came.",
                remedy=f"Give {count} numbers, separated by spaces.",
            ) from None
        if len(numbers) % count or not np.isfinite(numbers).all():
            raise ArgumentError(
                f"this network takes {count} finite numbers a row ({', '.join(self.features)}), "
                f"and {len(numbers)} came: {' '.join(arguments)}."
            )
        rows = np.array(numbers, np.float32).reshape(-1, count)
        return rows, [" ".join([f"{number:g}" for number in row]) for row in rows.tolist()]


def read_image(path, take):
    """take(image) of a file, turned upright (phones note how they were held), or an error that names the file."""
    from PIL import Image, ImageOps

    if not path.is_file():
        raise DataFileError(f"there is no image file {path}.", remedy="Give the path of a PNG or JPEG file.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)  # more than 90 million pixels
            with Image.open(path) as image:
                return take(ImageOps.exif_transpose(image))
    except (OSError, ValueError, SyntaxError, EOFError, struct.error, Image.DecompressionBombError, Warning) as error:
        raise DataFileError(
            f"{path} cannot be read as a picture: {type(error).__name__}: {error}.",
            remedy="PNG, JPEG, GIF, BMP and WebP can be read. Open it in a picture viewer and save it again as PNG.",
        ) from None


def read_picture(path):
    """An image file as grey, float32 (height, width) from 0 (black) to 1 (white); transparent becomes white."""
    grey = read_image(path, to_grey)
    if grey.ndim != 2 or min(grey.shape) < 1 or not np.isfinite(grey).all():
        raise DataFileError(f"{path} has no pixels that could be looked at.")
    return grey


def to_grey(image):
    """From 0 to 1, whatever the mode of the file."""
    if not image.mode.startswith(("I", "F")):
        return np.asarray(on_white(image).convert("L"), np.float32) / 255
    grey = np.asarray(image, np.float32)  # 16 bits and more
    return grey / max(65535, grey.max())


def on_white(image):
    """Transparent becomes white."""
    from PIL import Image

    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))


def resized(picture, shape):
    """A picture, float32, brought to another shape: means where it shrinks, straight lines where it grows."""
    from PIL import Image

    image = Image.fromarray(picture.astype(np.float32))
    return np.asarray(image.resize((shape[1], shape[0]), Image.Resampling.BILINEAR), np.float32)


def write_sample(path, picture, enlarge):
    """One picture of a data set as a PNG that a person can look at, each pixel a small square; grey: dark on light."""
    from PIL import Image

    pixels = np.clip(picture, 0, 1)
    pixels = pixels.transpose(1, 2, 0) if picture.ndim == 3 else 1 - pixels
    squares = np.round(255 * pixels).astype(np.uint8).repeat(enlarge, axis=0).repeat(enlarge, axis=1)
    Image.fromarray(squares).save(path, format="PNG")
